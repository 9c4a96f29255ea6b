//! Parameters of matrix factorization. The defaults were chosen on a validation split of the training folds
//! (docs/model-selection.md), never on a test fold.

use crate::models::params::{Range, Search, parameters};

parameters! {
    /// How it learns.
    MfParams {
        /// Length of the factor vectors.
        factors: usize = "factors", 64.0, Range::Whole(1.0, 512.0), Search::Log(8.0, 128.0);
        /// Passes over the ratings.
        epochs: usize = "epochs", 60.0, Range::Whole(1.0, 1000.0), Search::Fixed;
        /// Step of gradient descent.
        learning_rate: f64 = "learningRate", 0.02, Range::Above(0.0, 1.0), Search::Log(0.005, 0.05);
        /// Weight of the squared norm of the factors of a row with 100 ratings; a row with n ratings is given this
        /// times √(100 / n) per rating.
        regularization: f64 = "regularization", 0.11, Range::Number(0.0, 10.0), Search::Log(0.02, 0.3);
        /// Weight of the squared norm of biases.
        bias_regularization: f64 = "biasRegularization", 0.02, Range::Number(0.0, 10.0), Search::Log(0.002, 0.1);
        /// Factor on the learning rate after each epoch.
        learning_rate_decay: f64 = "learningRateDecay", 0.95, Range::Above(0.0, 1.0), Search::Linear(0.9, 1.0);
        /// Whether a person is also described by what they rated, whatever the ratings were (SVD++).
        history: usize = "history", 0.0, Range::Choice(&["none", "people"]), Search::Any;
        /// Standard deviation of the first factors.
        init_scale: f64 = "initScale", 0.2, Range::Number(0.0, 1.0), Search::Fixed;
    }
}
