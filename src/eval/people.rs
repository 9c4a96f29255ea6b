//! Figures person by person, collected once: means, intervals, segments and paired comparisons all come from here.

use crate::ground::math::{self, Sum};
use crate::ground::sort::order;

macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident => $key:literal),* $(,)?) => {
        /// What is measured of a person.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Figure { $($(#[$doc])* $name),* }

        impl Figure {
            /// All of them, in order.
            pub const ALL: &[Figure] = &[$(Figure::$name),*];

            /// Its key in reports.
            pub fn key(self) -> &'static str {
                match self { $(Figure::$name => $key),* }
            }
        }
    };
}

figures! {
    /// Root mean squared error over held-out ratings; summed as squares.
    Rmse => "rmse",
    /// The same over ratings of popular items.
    RmsePopular => "rmsePopular",
    /// The same over ratings of the long tail.
    RmseTail => "rmseTail",
    /// Mean absolute error over held-out ratings.
    Mae => "mae",
    /// Share of the held-out ratings inside their 90 % interval.
    Coverage90 => "coverage90",
    /// Mean log loss of "this rating is relevant".
    LogLoss => "logLoss",
    /// Precision at k.
    Precision => "precision",
    /// Recall at k.
    Recall => "recall",
    /// Normalised discounted cumulative gain at k.
    Ndcg => "ndcg",
    /// Average precision at k.
    Map => "map",
    /// Reciprocal rank of the first relevant item.
    Mrr => "mrr",
    /// Whether anything relevant is in the list.
    HitRate => "hitRate",
    /// Relevant items above the others, over the whole ranking.
    Auc => "auc",
    /// Mean self-information of the list, in bits.
    Novelty => "novelty",
    /// Intra-list diversity.
    Diversity => "diversity",
    /// Precision over rated items only.
    RatedPrecision => "ratedPrecision",
    /// Recall over rated items only.
    RatedRecall => "ratedRecall",
    /// Recall at k of relevant items that are popular.
    RecallPopular => "recallPopular",
    /// Recall at k of relevant items in the long tail.
    RecallTail => "recallTail",
    /// nDCG at k where only popular items count as relevant.
    NdcgPopular => "ndcgPopular",
    /// nDCG at k where only the long tail counts as relevant.
    NdcgTail => "ndcgTail",
}

/// Cells of a row: a sum for each figure, padded, and then a weight for each figure, padded.
pub(super) const HALF: usize = math::LANES * Figure::ALL.len().div_ceil(math::LANES);
pub(super) const WIDTH: usize = 2 * HALF;

impl Figure {
    /// From a sum and its weight; `None` without any.
    pub(super) fn value(self, sum: f64, weight: f64) -> Option<f64> {
        let root = matches!(self, Figure::Rmse | Figure::RmsePopular | Figure::RmseTail);
        let mean = sum / weight;
        (weight > 0.0).then(|| if root { math::sqrt(mean) } else { mean })
    }
}

/// A row per person.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct People {
    who: Vec<u32>,
    history: Vec<u32>,
    cells: Vec<f32>,
}

impl People {
    /// Begins the row of a person who has `history` training ratings.
    pub fn begin(&mut self, who: u32, history: usize) {
        self.who.push(who);
        self.history.push(history as u32);
        self.cells.resize(self.cells.len() + WIDTH, 0.0);
    }

    /// Adds to a figure of the person begun last. Without weight (NaN, too) nothing is added.
    pub fn add(&mut self, figure: Figure, sum: f64, weight: f64) {
        let from = self.cells.len() - WIDTH;
        if weight > 0.0 && !sum.is_nan() {
            self.cells[from + figure as usize] += sum as f32;
            self.cells[from + HALF + figure as usize] += weight as f32;
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.who.len()
    }

    /// True without anybody.
    pub fn is_empty(&self) -> bool {
        self.who.is_empty()
    }

    /// Training ratings of each.
    pub fn history(&self) -> &[u32] {
        &self.history
    }

    /// Who they are.
    pub fn who(&self) -> &[u32] {
        &self.who
    }

    /// Sums and weights of a person.
    pub(super) fn row(&self, at: usize) -> &[f32] {
        &self.cells[at * WIDTH..][..WIDTH]
    }

    /// A figure over all; `None` where nobody has it.
    pub fn figure(&self, figure: Figure) -> Option<f64> {
        let (mut sum, mut weight) = (Sum::default(), Sum::default());
        for at in 0..self.len() {
            sum.add(f64::from(self.row(at)[figure as usize]));
            weight.add(f64::from(self.row(at)[HALF + figure as usize]));
        }
        figure.value(sum.value(), weight.value())
    }

    /// How much stands behind a figure: held-out ratings, or people.
    pub fn weight(&self, figure: Figure) -> f64 {
        let mut weight = Sum::default();
        (0..self.len()).for_each(|at| weight.add(f64::from(self.row(at)[HALF + figure as usize])));
        weight.value()
    }

    /// The people whose number of training ratings is asked for.
    pub fn filtered(&self, keep: &dyn Fn(u32) -> bool) -> People {
        let mut some = People::default();
        for at in (0..self.len()).filter(|&at| keep(self.history[at])) {
            some.who.push(self.who[at]);
            some.history.push(self.history[at]);
            some.cells.extend_from_slice(self.row(at));
        }
        some
    }

    /// Several folds as one: a person's rows are added up, so that they stay one person wherever people are drawn. The
    /// number of training ratings is that of the first fold.
    pub fn merged(folds: &[People]) -> People {
        let mut all = People::default();
        let rows: Vec<(usize, usize)> =
            folds.iter().enumerate().flat_map(|(f, p)| (0..p.len()).map(move |at| (f, at))).collect();
        let who = |r: usize| folds[rows[r].0].who[rows[r].1];
        for r in order(rows.len(), &mut |a, b| who(a).cmp(&who(b))) {
            let (fold, at) = rows[r as usize];
            let person = folds[fold].who[at];
            if all.who.last() != Some(&person) {
                all.begin(person, folds[fold].history[at] as usize);
            }
            let from = all.cells.len() - WIDTH;
            for (cell, x) in all.cells[from..].iter_mut().zip(folds[fold].row(at)) {
                *cell += x;
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> People {
        let mut p = People::default();
        for (who, history, squared, ndcg) in [(4, 20, 8.0, 0.5), (1, 5, 1.0, f64::NAN), (2, 30, 3.0, 0.25)] {
            p.begin(who, history);
            p.add(Figure::Rmse, squared, 2.0);
            p.add(Figure::Ndcg, ndcg, 1.0);
        }
        p
    }

    #[test]
    fn figures_by_hand() {
        let p = three();
        assert_eq!(p.figure(Figure::Rmse), Some(2f64.sqrt()));
        assert_eq!((p.figure(Figure::Ndcg), p.weight(Figure::Ndcg)), (Some(0.375), 2.0));
        assert_eq!(p.figure(Figure::Map), None);
        let known = p.filtered(&|n| n >= 10);
        assert_eq!(
            (known.who(), known.history(), known.figure(Figure::Ndcg)),
            (&[4, 2][..], &[20, 30][..], Some(0.375))
        );
        assert_eq!(Figure::ALL.iter().position(|&f| f == Figure::HitRate), Some(Figure::HitRate as usize));
    }

    #[test]
    fn a_person_of_two_folds_is_one_person() {
        let mut second = People::default();
        second.begin(1, 7);
        second.add(Figure::Rmse, 5.0, 1.0);
        let all = People::merged(&[three(), second]);
        assert_eq!((all.who(), all.history()), (&[1, 2, 4][..], &[5, 30, 20][..]));
        assert_eq!(all.figure(Figure::Rmse), Some((17.0f64 / 7.0).sqrt()));
        assert_eq!(all.filtered(&|n| n == 5).figure(Figure::Rmse), Some(2f64.sqrt()));
        assert!(People::merged(&[]).is_empty());
    }
}
