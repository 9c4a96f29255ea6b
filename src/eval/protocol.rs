//! The protocol: held-out ratings are predicted, and all items a person has not rated before are ranked.

use super::{ranking, rating};
use crate::ground::json::written_as;
use crate::ground::math;
use crate::ground::top::top_k;

/// One person's held-out ratings, and what must not be ranked for them.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// Held-out (item, rating).
    pub test: Vec<(u32, f64)>,
    /// Items learned from: left out of the ranking, in ascending order.
    pub seen: Vec<u32>,
}

/// The figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metrics {
    /// [`rating::rmse`] of the held-out ratings.
    pub rmse: f64,
    /// [`rating::mae`] of the held-out ratings.
    pub mae: f64,
    /// Mean [`ranking::precision_at`] over people with a relevant item.
    pub precision: f64,
    /// Mean [`ranking::recall_at`] over the same people.
    pub recall: f64,
    /// Mean [`ranking::ndcg_at`] over the same people.
    pub ndcg: f64,
    /// Share of the items that stand in at least one person's list (Herlocker et al. 2004, §4.3: catalog coverage).
    pub coverage: f64,
    /// Length of the lists.
    pub k: usize,
    /// Held-out ratings.
    pub ratings: usize,
    /// People with at least one relevant item.
    pub users: usize,
}

written_as!(Metrics { rmse => "rmse", mae => "mae", precision => "precision", recall => "recall", ndcg => "ndcg", coverage => "coverage", k => "k", ratings => "ratings", users => "users" });

/// What a model says for one person.
#[derive(Clone, Debug)]
pub struct Scores {
    /// Predicted ratings of the held-out items, in their order, clipped to the scale.
    pub predicted: Vec<f64>,
    /// What every item is ranked by.
    pub ranked: Vec<f32>,
}

/// The lowest rating that counts as relevant: three quarters up the scale (4 of 5 stars, 8 of 10 points).
pub fn relevant_from(min: f64, max: f64) -> f64 {
    min + 0.75 * (max - min)
}

/// A measurement under way: people are added one by one, so that the caller can pause.
#[derive(Clone, Debug)]
pub struct Measure {
    k: usize,
    relevant_from: f64,
    pairs: Vec<(f64, f64)>,
    precision: Vec<f64>,
    recall: Vec<f64>,
    ndcg: Vec<f64>,
    shown: Vec<bool>,
}

impl Measure {
    /// Lists of `k` over `items` items; ratings from `relevant_from` up are relevant.
    pub fn new(items: usize, k: usize, relevant_from: f64) -> Measure {
        let (pairs, precision, recall, ndcg) = Default::default();
        Measure { k, relevant_from, pairs, precision, recall, ndcg, shown: vec![false; items] }
    }

    /// Adds one person. Nobody without held-out ratings needs to be asked for.
    pub fn add(&mut self, held: &Held, scores: &Scores) {
        self.pairs.extend(scores.predicted.iter().copied().zip(held.test.iter().map(|t| t.1)));
        let relevant: Vec<u32> =
            held.test.iter().filter(|t| t.1 >= self.relevant_from).map(|t| t.0).collect();
        if relevant.is_empty() {
            return;
        }
        let unseen = scores
            .ranked
            .iter()
            .enumerate()
            .map(|(i, &s)| (i as u32, s))
            .filter(|(i, _)| held.seen.binary_search(i).is_err());
        let list = top_k(unseen, self.k);
        let hits: Vec<bool> = list.iter().map(|(i, _)| relevant.contains(i)).collect();
        self.precision.push(ranking::precision_at(&hits, self.k));
        self.recall.push(ranking::recall_at(&hits, relevant.len(), self.k));
        self.ndcg.push(ranking::ndcg_at(&hits, relevant.len(), self.k));
        for (i, _) in list {
            self.shown[i as usize] = true;
        }
    }

    /// The figures. Where nobody had a relevant item, `users` is 0 and the ranking figures are 0 and mean nothing.
    pub fn finish(self) -> Metrics {
        let or_zero = |x: f64| if x.is_nan() { 0.0 } else { x };
        Metrics {
            rmse: or_zero(rating::rmse(self.pairs.iter().copied())),
            mae: or_zero(rating::mae(self.pairs.iter().copied())),
            users: self.ndcg.len(),
            precision: or_zero(math::mean(self.precision)),
            recall: or_zero(math::mean(self.recall)),
            ndcg: or_zero(math::mean(self.ndcg)),
            coverage: self.shown.iter().filter(|&&s| s).count() as f64 / self.shown.len().max(1) as f64,
            k: self.k,
            ratings: self.pairs.len(),
        }
    }
}

impl Metrics {
    /// The mean of several folds' figures; counts are summed.
    pub fn mean(folds: &[Metrics]) -> Metrics {
        let mean = |of: fn(&Metrics) -> f64| math::mean(folds.iter().map(of));
        Metrics {
            rmse: mean(|m| m.rmse),
            mae: mean(|m| m.mae),
            precision: mean(|m| m.precision),
            recall: mean(|m| m.recall),
            ndcg: mean(|m| m.ndcg),
            coverage: mean(|m| m.coverage),
            k: folds.first().map_or(0, |m| m.k),
            ratings: folds.iter().map(|m| m.ratings).sum(),
            users: folds.iter().map(|m| m.users).sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two people, four items, lists of two, worked by hand.
    #[test]
    fn by_hand() {
        let people = [
            Held { test: vec![(1, 5.0), (2, 2.0)], seen: vec![0] },
            Held { test: vec![(0, 4.0), (3, 4.0)], seen: vec![] },
            Held { test: vec![(2, 1.0)], seen: vec![] },
            Held::default(),
        ];
        let mut measure = Measure::new(4, 2, relevant_from(1.0, 5.0));
        for (person, held) in people.iter().enumerate() {
            let predicted = held.test.iter().map(|t| t.1 - 1.0).collect();
            let ranked = if person == 0 { vec![9.0, 3.0, 2.0, 1.0] } else { vec![4.0, 3.0, f32::NAN, 1.0] };
            measure.add(held, &Scores { predicted, ranked });
        }
        let m = measure.finish();
        // Person 0: list 1, 2 → one hit of one. Person 1: list 0, 1 → one hit of two. Person 2 has nothing relevant.
        assert_eq!((m.ratings, m.users, m.k), (5, 2, 2));
        assert_eq!((m.rmse, m.mae), (1.0, 1.0));
        assert_eq!(m.precision, 0.5);
        assert_eq!(m.recall, 0.75);
        let second = 1.0 / (1.0 + math::ln(2.0) / math::ln(3.0));
        assert!((m.ndcg - (1.0 + second) / 2.0).abs() < 1e-12);
        assert_eq!(m.coverage, 0.75);
        assert_eq!(Metrics::mean(&[m, m]).ratings, 10);
        assert_eq!(Measure::new(4, 2, 4.0).finish().ndcg, 0.0, "nobody: zeros, and users says so");
    }
}
