//! Parameters of the factorization machine. There is no learning rate and no weight to tune: the sampler draws its
//! regularization along with everything else.

use crate::models::params::{Range, Search, parameters};

parameters! {
    /// How it samples.
    FmParams {
        /// Length of the factor vectors.
        factors: usize = "factors", 16.0, Range::Whole(1.0, 128.0), Search::Linear(6.0, 24.0);
        /// Sweeps over all parameters.
        epochs: usize = "epochs", 160.0, Range::Whole(2.0, 2000.0), Search::Fixed;
        /// Share of the sweeps that come before the first kept one.
        burn_in: f64 = "burnIn", 0.2, Range::Number(0.0, 0.9), Search::Fixed;
        /// Sweeps that are kept, evenly spread; fewer where there are fewer sweeps.
        samples: usize = "samples", 40.0, Range::Whole(1.0, 200.0), Search::Fixed;
        /// Whether a person is also described by what they rated (SVD++), and an item by who rated it ("flipped").
        history: usize = "history", 0.0, Range::Choice(&["none", "people", "both"]), Search::Any;
        /// Whether items are also described by genres and years, where the catalog has them.
        content: bool = "content", 1.0, Range::Flag, Search::Any;
        /// Whether circumstances of ratings (mood, company) have features, where the ratings come with any.
        context: bool = "context", 1.0, Range::Flag, Search::Fixed;
        /// Power η of the likelihood: 1 believes the model of the ratings fully; less keeps a model that is only
        /// roughly right from being too sure (Grünwald and van Ommen, "Inconsistency of Bayesian Inference for
        /// Misspecified Linear Models, and a Proposal for Repairing It", Bayesian Analysis 2017).
        power: f64 = "power", 0.9, Range::Above(0.0, 1.0), Search::Linear(0.75, 1.0);
        /// Standard deviation of the first factors.
        init_scale: f64 = "initScale", 0.1, Range::Number(0.0, 1.0), Search::Fixed;
    }
}
