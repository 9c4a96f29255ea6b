//! The figures of one model, as they are reported.

use super::beyond;
use super::calibration::Reliability;
use super::people::{Figure, People};
use crate::ground::json::written_as;
use crate::ground::math;

/// The figures. Those of lists are means over people with a relevant item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metrics {
    /// [`super::rating::rmse`] of the held-out ratings.
    pub rmse: f64,
    /// [`super::rating::mae`] of the held-out ratings.
    pub mae: f64,
    /// [`super::ranking::precision_at`].
    pub precision: f64,
    /// [`super::ranking::recall_at`].
    pub recall: f64,
    /// [`super::ranking::ndcg_at`].
    pub ndcg: f64,
    /// [`super::ranking::average_precision_at`].
    pub map: f64,
    /// [`super::ranking::reciprocal_rank_at`].
    pub mrr: f64,
    /// [`super::ranking::hit_at`].
    pub hit_rate: f64,
    /// [`super::calibration::auc`] of relevant held-out items against all other unseen ones.
    pub auc: f64,
    /// [`super::ranking::rated_precision_recall_at`], mean over people with a held-out rating.
    pub rated_precision: f64,
    /// The other half of it.
    pub rated_recall: f64,
    /// [`super::beyond::coverage`].
    pub coverage: f64,
    /// [`super::beyond::gini`]; `None` where nobody was shown anything, or there is one item.
    pub gini: Option<f64>,
    /// [`super::beyond::tail_share`]; `None` where nobody was shown anything.
    pub tail_share: Option<f64>,
    /// [`super::beyond::self_information`], mean over a list, then over people.
    pub novelty: Option<f64>,
    /// [`super::beyond::diversity`]; `None` for lists of one.
    pub diversity: Option<f64>,
    /// [`super::calibration::log_loss`] of "this rating is relevant"; `None` where the model gives no spread.
    pub log_loss: Option<f64>,
    /// [`Reliability::error`] of the same.
    pub ece: Option<f64>,
    /// Share of the held-out ratings inside their 90 % interval ([`super::calibration::within_90`]).
    pub coverage90: Option<f64>,
    /// Length of the lists.
    pub k: usize,
    /// Held-out ratings.
    pub ratings: usize,
    /// People with at least one relevant item.
    pub users: usize,
}

written_as!(Metrics { rmse => "rmse", mae => "mae", precision => "precision", recall => "recall", ndcg => "ndcg", map => "map", mrr => "mrr", hit_rate => "hitRate", auc => "auc", rated_precision => "ratedPrecision", rated_recall => "ratedRecall", coverage => "coverage", gini => "gini", tail_share => "tailShare", novelty => "novelty", diversity => "diversity", log_loss => "logLoss", ece => "ece", coverage90 => "coverage90", k => "k", ratings => "ratings", users => "users" });

impl Metrics {
    /// From what people contributed and how often each item was shown. Where nobody had a relevant item, `users` is 0
    /// and the ranking figures are 0 and mean nothing.
    pub(super) fn new(
        people: &People,
        reliability: &Reliability,
        shown: &[u32],
        popular: &[bool],
        k: usize,
    ) -> Metrics {
        let number = |x: f64| (!x.is_nan()).then_some(x);
        let maybe = |figure| people.figure(figure);
        let or_zero = |figure| people.figure(figure).unwrap_or(0.0);
        Metrics {
            rmse: or_zero(Figure::Rmse),
            mae: or_zero(Figure::Mae),
            precision: or_zero(Figure::Precision),
            recall: or_zero(Figure::Recall),
            ndcg: or_zero(Figure::Ndcg),
            map: or_zero(Figure::Map),
            mrr: or_zero(Figure::Mrr),
            hit_rate: or_zero(Figure::HitRate),
            auc: or_zero(Figure::Auc),
            rated_precision: or_zero(Figure::RatedPrecision),
            rated_recall: or_zero(Figure::RatedRecall),
            coverage: beyond::coverage(shown),
            gini: number(beyond::gini(shown)),
            tail_share: number(beyond::tail_share(shown, popular)),
            novelty: maybe(Figure::Novelty),
            diversity: maybe(Figure::Diversity),
            log_loss: maybe(Figure::LogLoss),
            ece: number(reliability.error()),
            coverage90: maybe(Figure::Coverage90),
            k,
            ratings: people.weight(Figure::Rmse) as usize,
            users: people.weight(Figure::Ndcg) as usize,
        }
    }

    /// The mean of several folds' figures, `None` where a fold has none; counts are summed.
    pub fn mean(folds: &[Metrics]) -> Metrics {
        let mean = |of: fn(&Metrics) -> f64| math::mean(folds.iter().map(of));
        let all = |of: fn(&Metrics) -> Option<f64>| {
            let mean = math::mean(folds.iter().map(|m| of(m).unwrap_or(f64::NAN)));
            (!mean.is_nan()).then_some(mean)
        };
        Metrics {
            rmse: mean(|m| m.rmse),
            mae: mean(|m| m.mae),
            precision: mean(|m| m.precision),
            recall: mean(|m| m.recall),
            ndcg: mean(|m| m.ndcg),
            map: mean(|m| m.map),
            mrr: mean(|m| m.mrr),
            hit_rate: mean(|m| m.hit_rate),
            auc: mean(|m| m.auc),
            rated_precision: mean(|m| m.rated_precision),
            rated_recall: mean(|m| m.rated_recall),
            coverage: mean(|m| m.coverage),
            gini: all(|m| m.gini),
            tail_share: all(|m| m.tail_share),
            novelty: all(|m| m.novelty),
            diversity: all(|m| m.diversity),
            log_loss: all(|m| m.log_loss),
            ece: all(|m| m.ece),
            coverage90: all(|m| m.coverage90),
            k: folds.first().map_or(0, |m| m.k),
            ratings: folds.iter().map(|m| m.ratings).sum(),
            users: folds.iter().map(|m| m.users).sum(),
        }
    }
}
