//! Parameters of neural collaborative filtering. The defaults were chosen on a validation split of the training folds
//! (docs/model-selection.md), never on a test fold.

use crate::data::Scale;
use crate::ground::math;
use crate::models::params::{Range, Search, parameters};

parameters! {
    /// How it learns.
    NcfParams {
        /// Length of the factors whose products are weighed (the "generalized matrix factorization").
        factors: usize = "factors", 32.0, Range::Whole(1.0, 128.0), Search::Log(16.0, 64.0);
        /// Length of the factors that go through the layers.
        layer_factors: usize = "layerFactors", 16.0, Range::Whole(1.0, 128.0), Search::Fixed;
        /// Width of the first layer; each next one is half as wide, and 4 at least.
        hidden: usize = "hidden", 16.0, Range::Whole(1.0, 256.0), Search::Fixed;
        /// Number of layers; without any, products are all there is.
        layers: usize = "layers", 2.0, Range::Whole(0.0, 4.0), Search::Fixed;
        /// Passes over the people.
        epochs: usize = "epochs", 24.0, Range::Whole(1.0, 500.0), Search::Fixed;
        /// Adam's step at the beginning; it falls to three tenths of it, evenly.
        learning_rate: f64 = "learningRate", 0.003, Range::Above(0.0, 1.0), Search::Log(0.001, 0.01);
        /// λ_u: see [`NcfParams::person_prior`].
        regularization: f64 = "regularization", 2.9, Range::Above(0.0, 1000.0), Search::Log(1.0, 8.0);
        /// λ_i: see [`NcfParams::item_prior`].
        item_regularization: f64 = "itemRegularization", 6.0, Range::Number(0.0, 1000.0), Search::Log(2.0, 16.0);
        /// Share of the learning rate that weights of layers shrink by in a step.
        decay: f64 = "decay", 0.1, Range::Number(0.0, 10.0), Search::Fixed;
        /// Draws of items nobody spoke of, for each step.
        negatives: usize = "negatives", 256.0, Range::Whole(8.0, 4096.0), Search::Fixed;
        /// The lowest rating that says "liked", as a share of the scale: 0.75 is 4 of 5 stars, 0 takes all ratings.
        liked_from: f64 = "likedFrom", 0.75, Range::Number(0.0, 1.0), Search::Fixed;
    }
}

impl NcfParams {
    /// True for a liking.
    pub fn likes(&self, scale: Scale, rating: f64) -> bool {
        // Ratings come as f32 and thresholds are fractions: a hair of difference is none.
        (rating - scale.min) / (scale.max - scale.min) >= self.liked_from - 1e-6
    }

    /// Weight of half the squared norm of the factors of a person with n likings: λ_u √n.
    pub fn person_prior(&self, likings: usize) -> f64 {
        self.regularization * math::sqrt(likings as f64)
    }

    /// The same of an item.
    pub fn item_prior(&self, likings: u32) -> f64 {
        self.item_regularization * math::sqrt(f64::from(likings) + 1.0)
    }
}
