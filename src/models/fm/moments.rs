//! Circumstances as a third side of the ratings.
//!
//! A moment is a distinct set of words said of ratings ("funny, with friends"); its total is the sum of its words'
//! weights and factors, m = Σ (w, v). A rating is then w₀ + the three sides' weights + p·q + p·m + q·m. Seen from one
//! side, the other two are a pair: its weight is the sum of theirs and the product of their factors, and its factors
//! are the sum of theirs. So people, items and moments are drawn by the same code, each meeting pairs of the others.

use super::side::{Own, Side};
use crate::data::ratings::Csr;
use crate::data::{Contexts, Interactions};
use crate::ground::ids::Vocabulary;
use crate::ground::math::dot;
use crate::ground::sort::order;
use crate::models::fm::side::Group;
use crate::models::mf::Table;

/// Two sides as one: the pairs that occur.
#[derive(Clone, Debug, Default)]
pub struct Pairs {
    of: Vec<[u32; 2]>,
    /// Weights and factors of the pairs, as their sides were last seen.
    pub table: Table,
}

impl Pairs {
    /// The distinct pairs of two columns, and which one each row is.
    fn new(a: &[u32], b: &[u32], factors: usize) -> (Pairs, Vec<u32>) {
        let key = |r: usize| [a[r], b[r]];
        let (mut of, mut which): (Vec<[u32; 2]>, Vec<u32>) = (Vec::new(), vec![0; a.len()]);
        for r in order(a.len(), &mut |x, y| key(x).cmp(&key(y))) {
            let pair = key(r as usize);
            if of.last() != Some(&pair) {
                of.push(pair);
            }
            which[r as usize] = of.len() as u32 - 1;
        }
        (Pairs { table: Table::zeros(of.len(), factors), of }, which)
    }

    /// Looks at both sides anew.
    pub fn refresh(&mut self, a: &Table, b: &Table) {
        for (at, &[x, y]) in self.of.iter().enumerate() {
            let (x, y) = (x as usize, y as usize);
            self.table.bias[at] = a.bias[x] + b.bias[y] + dot(a.row(x), b.row(y));
            let sum = self.table.row_mut(at).iter_mut().zip(a.row(x)).zip(b.row(y));
            sum.for_each(|((cell, p), q)| *cell = p + q);
        }
    }
}

/// What the ratings of the three sides look like, each from its own.
pub struct Views {
    /// Rows of people, items and moments: pairs of the others, and ratings less the mean of all.
    pub rows: [Csr; 3],
    /// The pairs each side meets.
    pub pairs: [Pairs; 3],
    /// Words of the moments, kind by kind: a row per word, the moments with it.
    pub words: Vec<Csr>,
}

impl Views {
    /// Of ratings whose circumstances are known.
    pub fn new(data: &Interactions, mean: f32, factors: usize) -> Views {
        let context = &data.context;
        let (mut moments, mut of): (Vec<u32>, Vec<u32>) = (Vec::new(), vec![0; data.len()]);
        let same = |a: usize, b: usize| context.key(a).cmp(context.key(b));
        for r in order(data.len(), &mut |a, b| same(a, b)) {
            if moments.last().is_none_or(|&last| same(last as usize, r as usize).is_ne()) {
                moments.push(r);
            }
            of[r as usize] = moments.len() as u32 - 1;
        }
        let view = |own: &[u32], rows: usize, a: &[u32], b: &[u32]| {
            let (pairs, which) = Pairs::new(a, b, factors);
            let triples = own.iter().zip(&which).zip(&data.rating);
            (Csr::new(rows, triples.map(|((&o, &p), &r)| (o, p, r - mean))), pairs)
        };
        let (users, met_by_users) = view(&data.user, data.users.len(), &data.item, &of);
        let (items, met_by_items) = view(&data.item, data.items.len(), &data.user, &of);
        let (times, met_in_moments) = view(&of, moments.len(), &data.user, &data.item);
        let words = context.kinds.iter().map(|kind| {
            let said = moments.iter().enumerate().map(|(at, &r)| (kind.at(r as usize), at as u32, 1f32));
            Csr::new(kind.words.len(), said.filter(|(word, ..)| (*word as usize) < kind.words.len()))
        });
        Views {
            rows: [users, items, times],
            pairs: [met_by_users, met_by_items, met_in_moments],
            words: words.collect(),
        }
    }
}

/// The side of the moments: nothing of their own, a group per kind of circumstance.
pub fn side(ratings: Csr, groups: Vec<Group>, factors: usize, rng: &mut crate::ground::rng::Rng) -> Side {
    Side::new(ratings, groups, Own::Nothing, (factors, 0.0), rng)
}

/// Kinds and words a model knows; a word's row in [`super::Sample::moments`] is its place among all words.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// Names of the kinds and their words.
    pub kinds: Vec<(String, Vocabulary)>,
}

impl Words {
    /// Those of a table of ratings.
    pub fn of(context: &Contexts) -> Words {
        Words { kinds: context.kinds.iter().map(|k| (k.name.clone(), k.words.clone())).collect() }
    }

    /// How many words there are.
    pub fn len(&self) -> usize {
        self.kinds.iter().map(|k| k.1.len()).sum()
    }

    /// Rows of what is known of a moment: names and words.
    pub fn rows<'a>(&self, mut said: impl FnMut(&str) -> Option<&'a str>) -> Vec<u32> {
        let (mut rows, mut start) = (Vec::new(), 0);
        for (name, words) in &self.kinds {
            rows.extend(said(name).and_then(|word| words.get(word)).map(|at| start + at));
            start += words.len() as u32;
        }
        rows
    }
}
