//! Parameters of implicit ALS. The defaults were chosen on a validation split of the training folds
//! (docs/model-selection.md), never on a test fold.

use crate::data::Scale;
use crate::ground::math;
use crate::models::params::{Range, Search, parameters};

parameters! {
    /// How it learns.
    AlsParams {
        /// Length of the factor vectors.
        factors: usize = "factors", 64.0, Range::Whole(1.0, 512.0), Search::Log(16.0, 128.0);
        /// Rounds; in each of them all people are solved for and then all items.
        epochs: usize = "epochs", 15.0, Range::Whole(1.0, 200.0), Search::Fixed;
        /// λ, the weight of the squared norm of a row's factors.
        regularization: f64 = "regularization", 1.2, Range::Above(0.0, 1000.0), Search::Log(0.4, 4.0);
        /// α: a liking of weight w counts 1 + α w times what its absence counts.
        alpha: f64 = "alpha", 8.0, Range::Above(0.0, 1000.0), Search::Log(1.0, 32.0);
        /// ν: λ is multiplied by f^ν, where f is the weight of everything that is said of a row, liked or not.
        frequency_scaling: f64 = "frequencyScaling", 0.5, Range::Number(0.0, 1.0), Search::Linear(0.0, 1.0);
        /// What a liking weighs: 1, the place of the rating on the scale (0 to 1), or ln(1 + rating) for counts.
        weighting: usize = "weighting", 0.0, Range::Choice(&["binary", "linear", "log"]), Search::Any;
        /// The lowest rating that says "liked", as a share of the scale: 0.75 is 4 of 5 stars, 0 takes all ratings.
        liked_from: f64 = "likedFrom", 0.75, Range::Number(0.0, 1.0), Search::Fixed;
        /// Steps of conjugate gradient for each row and round. As many as there are factors solve exactly; with two, nDCG
        /// differs in the fourth digit.
        steps: usize = "steps", 2.0, Range::Whole(1.0, 512.0), Search::Fixed;
    }
}

impl AlsParams {
    /// α w of a rating on a scale, above 0; `None` for one that is no liking.
    pub fn confidence(&self, scale: Scale, rating: f64) -> Option<f64> {
        let place = (rating - scale.min) / (scale.max - scale.min);
        // Ratings come as f32 and thresholds are fractions: a hair of difference is none.
        let weight = match self.weighting {
            0 => 1.0,
            1 => place,
            _ => math::ln(1.0 + rating.max(0.0)),
        };
        (place >= self.liked_from - 1e-6 && weight > 0.0).then_some(self.alpha * weight)
    }

    /// λ of a row whose likings weigh `liked` (Σ α w), where `others` of the other side have a liking at all.
    pub fn prior(&self, liked: f64, others: usize) -> f64 {
        let said = (liked + others as f64).max(1.0);
        self.regularization * libm::exp(self.frequency_scaling * math::ln(said))
    }
}
