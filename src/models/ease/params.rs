//! Parameters of EASE. The defaults were chosen on a validation split of the training folds (docs/model-selection.md),
//! never on a test fold.

use crate::data::Scale;
use crate::models::params::{Range, Search, parameters};

parameters! {
    /// How it learns.
    EaseParams {
        /// λ / √people. What people have in common adds up with their number and chance with its square root: λ holds
        /// chance down.
        regularization: f64 = "regularization", 10.0, Range::Above(0.0, 1000.0), Search::Log(2.0, 32.0);
        /// The lowest rating that says "liked", as a share of the scale: 0.75 is 4 of 5 stars, 0 takes all ratings.
        liked_from: f64 = "likedFrom", 0.75, Range::Number(0.0, 1.0), Search::Fixed;
        /// What a rating just below a liking counts, where a liking counts 1 and the lowest rating 0: to have chosen
        /// something says something, even if it was not liked much.
        seen_weight: f64 = "seenWeight", 0.5, Range::Number(0.0, 1.0), Search::Linear(0.0, 1.0);
        /// Somebody who likes n items counts n^−s: at 0 who likes much decides, at 1 all have one vote.
        history_scaling: f64 = "historyScaling", 0.5, Range::Number(0.0, 1.0), Search::Linear(0.0, 1.0);
        /// Items that take part, most liked first. Learning needs 2 n² bytes (8,000: 128 MB) and n³ operations; the
        /// rest has no preference of its own.
        max_items: usize = "maxItems", 8000.0, Range::Whole(2.0, 20_000.0), Search::Fixed;
        /// Weights kept for each item, the largest first.
        neighbours: usize = "neighbours", 512.0, Range::Whole(1.0, 20_000.0), Search::Fixed;
    }
}

impl EaseParams {
    /// What a rating on a scale says of an item, and whether that is a liking: 1 for a liking, for another the share of
    /// `seenWeight` that its place between the lowest rating and a liking is.
    pub fn says(&self, scale: Scale, rating: f64) -> (f32, bool) {
        let place = (rating - scale.min) / (scale.max - scale.min);
        // Ratings come as f32 and thresholds are fractions: a hair of difference is none.
        if place >= self.liked_from - 1e-6 {
            return (1.0, true);
        }
        ((self.seen_weight * place / self.liked_from) as f32, false)
    }
}
