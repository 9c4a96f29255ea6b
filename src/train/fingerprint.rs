//! What tells one data set from another: 128 bits, many times faster than SHA-256, because a training asks for it
//! between two epochs. It guards against mistakes, not against an enemy.

use crate::data::{Catalog, Interactions};

/// Two running sums of products, each a multiplication by an odd constant and a fold of the high half onto the low one
/// (the step of Steele, Lea and Flood's SplitMix, OOPSLA 2014, and of its kin).
#[derive(Clone, Debug)]
pub struct Fingerprint([u64; 2]);

impl Default for Fingerprint {
    fn default() -> Fingerprint {
        Fingerprint([0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344])
    }
}

impl Fingerprint {
    #[inline]
    fn word(&mut self, x: u64) {
        for (sum, odd) in self.0.iter_mut().zip([0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9]) {
            let product = (*sum ^ x).wrapping_mul(odd);
            *sum = product ^ (product >> 32);
        }
    }

    /// Length first, so that neighbours cannot lend each other letters.
    fn text(&mut self, text: &str) {
        self.word(text.len() as u64);
        for part in text.as_bytes().chunks(8) {
            self.word(part.iter().fold(0, |word, &b| word << 8 | u64::from(b)));
        }
    }

    fn texts(&mut self, texts: &[String]) {
        self.word(texts.len() as u64);
        texts.iter().for_each(|text| self.text(text));
    }

    /// Ratings, row by row, and whose and of what they are.
    pub fn ratings(mut self, x: &Interactions) -> Fingerprint {
        [x.scale.min, x.scale.max, x.scale.step].into_iter().for_each(|end| self.word(end.to_bits()));
        self.texts(x.users.ids());
        self.texts(x.items.ids());
        self.word(x.len() as u64);
        for r in 0..x.len() {
            self.word(u64::from(x.user[r]) << 32 | u64::from(x.item[r]));
            self.word(x.at[r].to_bits() ^ u64::from(x.rating[r].to_bits()).rotate_left(32));
        }
        for r in 0..x.len() {
            let fact = x.facts.of(r);
            let completion = fact.completion.map_or(0, |c| u64::from(c.to_bits()) + 1);
            let again = fact.again.map_or(0, |a| u64::from(a) + 1);
            if completion | again > 0 {
                self.word((r as u64) << 36 ^ completion << 2 ^ again);
            }
        }
        for kind in &x.context.kinds {
            self.text(&kind.name);
            self.texts(kind.words.ids());
            (0..x.len()).for_each(|r| self.word(u64::from(kind.at(r))));
        }
        self
    }

    /// What models may learn of the items besides.
    pub fn catalog(mut self, catalog: Option<&Catalog>) -> Fingerprint {
        for item in catalog.map_or(&[][..], Catalog::items) {
            self.text(&item.id);
            for list in [&item.genres, &item.tags, &item.people] {
                self.texts(list);
            }
            for text in [&item.kind, &item.description] {
                self.text(text.as_deref().unwrap_or_default());
            }
            for number in [item.year, item.duration, item.popularity, item.added_at] {
                self.word(number.unwrap_or(f64::NAN).to_bits());
            }
        }
        self
    }

    /// 32 hex digits.
    pub fn hex(self) -> String {
        format!("{:016x}{:016x}", self.0[0], self.0[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_shows() {
        let mut x = Interactions::default();
        for (u, i, r, at) in [("u", "a", 5.0, 1.0), ("u", "b", 1.0, 2.0), ("v", "a", 4.0, 3.0)] {
            x.push(u, i, r, at);
        }
        let of = |x: &Interactions| Fingerprint::default().ratings(x).hex();
        let mut seen = vec![of(&x)];
        assert_eq!((seen[0].len(), of(&x.clone())), (32, seen[0].clone()));
        for change in [
            (|x: &mut Interactions| x.rating[0] = 4.5) as fn(&mut Interactions),
            (|x| x.at[1] = 7.0),
            (|x| x.item[2] = 1),
            (|x| x.user.swap(0, 2)),
            (|x| x.scale.max = 6.0),
            (|x| *x = x.rows(&[0, 2, 1])),
            (|x| *x = x.rows(&[0, 1])),
            (|x| {
                x.users.intern("w");
            }),
            (|x| x.context.say(0, "mood", "funny")),
            (|x| x.context.say(1, "mood", "funny")),
        ] {
            let mut y = x.clone();
            change(&mut y);
            seen.push(of(&y));
        }
        let item = |id: &str, year| crate::data::Item { id: id.into(), year, ..Default::default() };
        for items in [vec![item("a", None)], vec![item("a", Some(1990.0))], vec![item("b", None)]] {
            let catalog = Catalog::new(items).unwrap();
            seen.push(Fingerprint::default().ratings(&x).catalog(Some(&catalog)).hex());
        }
        seen.sort();
        let all = seen.len();
        seen.dedup();
        assert_eq!((seen.len(), all), (14, 14));
    }
}
