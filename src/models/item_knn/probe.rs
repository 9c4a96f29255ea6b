//! How far expected ratings are off, measured on ratings the model has seen: each is first taken out of all that was
//! made from it, the mean of its item, the leaning of its person and the similarities. Left in, it would speak for
//! itself, loudest where an item has few ratings, and intervals would be a fifth too narrow.

use super::ItemKnn;
use crate::data::Ratings;
use crate::ground::math::{self, Sum};

/// Ratings that are looked at, evenly picked.
const SAMPLE: usize = 2000;

/// A measurement under way.
#[derive(Debug)]
pub struct Probe {
    /// Every so many-th rating.
    stride: usize,
    /// Of all ratings, person after person: where the next one is, and where its person begins.
    next: usize,
    person: u32,
    begin: usize,
    squares: Sum,
    count: u32,
}

impl Probe {
    /// Nothing looked at yet.
    pub fn new(ratings: usize) -> Probe {
        let stride = ratings.div_ceil(SAMPLE).max(1);
        Probe { stride, next: 0, person: 0, begin: 0, squares: Sum::default(), count: 0 }
    }

    /// Looks at one more rating; gives the work that took, `None` where there is none left. `lengths` are √Σ z² of the
    /// items.
    pub fn advance(&mut self, model: &ItemKnn, ratings: &Ratings, lengths: &[[f64; 2]]) -> Option<usize> {
        if self.next >= ratings.len() {
            return None;
        }
        while self.next >= self.begin + ratings.by_user.count(self.person) {
            self.begin += ratings.by_user.count(self.person);
            self.person += 1;
        }
        let (items, values) = ratings.by_user.row(self.person);
        let at = self.next - self.begin;
        self.next += self.stride;
        let history: Vec<(u32, f64)> = items.iter().zip(values).map(|(&i, &r)| (i, f64::from(r))).collect();
        let (item, rating) = history[at];
        let mut own = model.opinions(&history);
        let above = own.centred[item as usize];
        own.leaning = (own.leaning * own.others - above) / (own.others - 1.0);
        let rest = f64::from(model.known.counts[item as usize]) + model.params.damping - 1.0;
        let mean = model.means[item as usize] - if rest > 0.5 { above / rest } else { 0.0 };
        let raters = ratings.by_item.row(item).0;
        let mut work = history.len() + model.means.len() / 8;
        let mut rated = Vec::new();
        for (j, s) in model.rated(item, &own) {
            let theirs = ratings.by_item.row(j).0;
            work += raters.len() + theirs.len();
            let both = common(raters, theirs) as f64;
            let other = own.centred[j as usize];
            let trust = |n: f64| n / (n + model.params.shrinkage);
            let [a, b] = [item, j].map(|i| lengths[i as usize][0]);
            let left = s / trust(both) * a * b - above * other;
            let scale = math::sqrt((a * a - above * above).max(0.0) * (b * b - other * other).max(0.0));
            if both > 1.5 && left > 0.0 && scale > 1e-9 {
                rated.push((j, (left / scale).min(1.0) * trust(both - 1.0)));
            }
        }
        let error = rating - mean - model.lift(rated.into_iter(), &own).0;
        self.squares.add(error * error);
        self.count += 1;
        Some(work)
    }

    /// Mean squared error of what was looked at.
    pub fn error(&self) -> f64 {
        self.squares.value() / f64::from(self.count.max(1))
    }
}

/// How many two ascending lists have in common.
fn common(a: &[u32], b: &[u32]) -> usize {
    let (mut i, mut j, mut both) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        let (x, y) = (a[i], b[j]);
        both += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    both
}
