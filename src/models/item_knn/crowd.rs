//! The people a model was trained on, as neighbours: "people like you". They stay in the browser the model was trained
//! in and are never in a pack.
//!
//! Two people are as alike as the cosine of their ratings, each less that person's mean, over all they rated (Herlocker
//! et al., "An Algorithmic Framework for Performing Collaborative Filtering", SIGIR 1999; LensKit's user–user scorer).

use super::neighbours::{misfit, read_rows};
use crate::codec::{Reader, Writer};
use crate::data::ratings::Csr;
use crate::ground::ids::Vocabulary;
use crate::ground::top::top_k;
use crate::ground::{Result, math};

/// Most ratings kept, 16 MB of them: explanations are worth that, not a second copy of everything.
pub const MOST_RATINGS: usize = 2_000_000;

/// People and what they rated.
#[derive(Clone, Debug, Default)]
pub struct Crowd {
    ids: Vocabulary,
    ratings: Csr,
    means: Vec<f64>,
}

/// What the people most like somebody say of an item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Voice {
    /// How many of them have rated it.
    pub people: usize,
    /// Their mean rating, by likeness.
    pub rating: f64,
    /// How far above their own means they rated it, by likeness: Σ s (r − m) / Σ s.
    pub above: f64,
}

fn mean_of(ratings: &[f32]) -> f64 {
    math::mean(ratings.iter().map(|&r| f64::from(r)))
}

impl Crowd {
    /// Everybody in a table of ratings; `None` where that is too much to keep.
    pub fn new(ids: &Vocabulary, ratings: &Csr) -> Option<Crowd> {
        let small = ratings.values().len() <= MOST_RATINGS;
        small.then(|| Crowd::with(ids.clone(), ratings.clone()))
    }

    fn with(ids: Vocabulary, ratings: Csr) -> Crowd {
        let means = (0..ratings.rows() as u32).map(|u| mean_of(ratings.row(u).1)).collect();
        Crowd { ids, ratings, means }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.means.len()
    }

    /// True without anybody.
    pub fn is_empty(&self) -> bool {
        self.means.is_empty()
    }

    /// Who stands in a row.
    pub fn id(&self, row: u32) -> &str {
        self.ids.id(row)
    }

    /// How alike everybody is to a person with these ratings, −1 to 1, by row; 0 where one of the two has rated
    /// everything the same. `items` is how many there are.
    pub fn likeness(&self, history: &[(u32, f64)], items: usize) -> Vec<f32> {
        let mean = math::mean(history.iter().map(|h| h.1));
        let (mut own, mut norm) = (vec![0f64; items], 0.0);
        for &(item, rating) in history {
            own[item as usize] = rating - mean;
            norm += (rating - mean) * (rating - mean);
        }
        let of = |u: usize| {
            let (items, ratings) = self.ratings.row(u as u32);
            let (mut dot, mut length) = (0f64, 0f64);
            for (&item, &rating) in items.iter().zip(ratings) {
                let z = f64::from(rating) - self.means[u];
                dot += z * own[item as usize];
                length += z * z;
            }
            let scale = math::sqrt(norm * length);
            if scale > 1e-9 { (dot / scale) as f32 } else { 0.0 }
        };
        (0..self.len()).map(of).collect()
    }

    /// The `k` most alike of those who have rated an item, best first: (row, likeness). `least` is the least likeness
    /// that counts.
    pub fn raters(&self, likeness: &[f32], item: u32, k: usize, least: f32) -> Vec<(u32, f32)> {
        let alike = likeness.iter().enumerate().map(|(u, &s)| (u as u32, s)).filter(|x| x.1 >= least);
        top_k(alike.filter(|&(u, _)| self.ratings.row(u).0.binary_search(&item).is_ok()), k)
    }

    /// What they say of the item; `None` where there is nobody.
    pub fn voice(&self, raters: &[(u32, f32)], item: u32) -> Option<Voice> {
        let (mut rating, mut above, mut weight) = (0.0, 0.0, 0.0);
        for &(u, s) in raters {
            let (items, ratings) = self.ratings.row(u);
            let given = f64::from(ratings[items.binary_search(&item).ok()?]);
            rating += f64::from(s) * given;
            above += f64::from(s) * (given - self.means[u as usize]);
            weight += f64::from(s);
        }
        (weight > 0.0).then(|| Voice { people: raters.len(), rating: rating / weight, above: above / weight })
    }

    /// Writes everybody.
    pub fn write(&self, w: &mut Writer) {
        let rows = 0..self.len() as u32;
        let items: Vec<u32> = rows.clone().flat_map(|u| self.ratings.row(u).0).copied().collect();
        w.ids("user_ids", self.ids.ids());
        w.u32("user_counts", &rows.map(|u| self.ratings.count(u) as u32).collect::<Vec<_>>());
        w.u32("user_items", &items);
        w.f32("user_values", &[items.len()], self.ratings.values());
    }

    /// Reads what was written.
    pub fn read(r: &mut Reader<'_>, people: usize, items: usize) -> Result<Crowd> {
        let ids = Vocabulary::from_ids("user_ids", r.ids("user_ids", people)?)?;
        let ratings = read_rows(r, "user", people, items)?;
        // Rows are looked up by halving.
        if (0..people as u32).any(|u| ratings.row(u).0.windows(2).any(|w| w[0] >= w[1])) {
            return Err(misfit("user_items"));
        }
        Ok(Crowd::with(ids, ratings))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Interactions, Ratings};

    fn crowd() -> Crowd {
        let mut x = Interactions::default();
        for (u, i, r) in [
            ("a", "0", 5.0),
            ("a", "1", 1.0),
            ("a", "2", 3.0),
            ("b", "0", 4.0),
            ("b", "1", 2.0),
            ("b", "2", 3.0),
            ("c", "0", 1.0),
            ("c", "1", 5.0),
            ("d", "0", 3.0),
            ("d", "2", 3.0),
        ] {
            x.push(u, i, r, 0.0);
        }
        Crowd::new(&x.users, &Ratings::new(&x).by_user).unwrap()
    }

    #[test]
    fn likeness_by_hand() {
        let crowd = crowd();
        // Someone who rates 5 and 3: one above and one below their mean.
        let likeness = crowd.likeness(&[(0, 5.0), (1, 3.0)], 3);
        assert_eq!(likeness, [1.0, 1.0, -1.0, 0.0]);
        let raters = crowd.raters(&likeness, 2, 5, 1e-6);
        assert_eq!(raters, [(0, 1.0), (1, 1.0)]);
        assert_eq!(crowd.voice(&raters, 2), Some(Voice { people: 2, rating: 3.0, above: 0.0 }));
        assert_eq!(crowd.voice(&raters, 0).map(|v| (v.rating, v.above)), Some((4.5, 1.5)));
        assert_eq!(crowd.raters(&likeness, 0, 1, 1e-6), [(0, 1.0)]);
        assert_eq!(crowd.voice(&[], 0), None);
        assert_eq!((crowd.id(2), crowd.len()), ("c", 4));
        assert_eq!(crowd.likeness(&[(0, 3.0)], 3), [0.0; 4], "one rating is not above its own mean");
    }
}
