//! Parameters of neighbourhoods of items. The defaults were chosen on a validation split of the training folds
//! (docs/model-selection.md), never on a test fold.

use crate::models::params::{Range, Search, parameters};

parameters! {
    /// How it counts.
    ItemKnnParams {
        /// k: most rated neighbours that an expected rating is made of.
        neighbours: usize = "neighbours", 20.0, Range::Whole(1.0, 1000.0), Search::Log(10.0, 80.0);
        /// Less alike than this is not alike.
        min_similarity: f64 = "minSimilarity", 1e-6, Range::Number(0.0, 1.0), Search::Fixed;
        /// A similarity over n people who know both items counts n / (n + this).
        shrinkage: f64 = "shrinkage", 10.0, Range::Number(0.0, 1000.0), Search::Log(2.0, 50.0);
        /// Average ratings given to each item in advance, for its mean.
        damping: f64 = "damping", 5.0, Range::Number(0.0, 1000.0), Search::Log(1.0, 20.0);
        /// A person's own leaning counts like neighbours of this similarity in all.
        leaning: f64 = "leaning", 0.25, Range::Number(0.0, 100.0), Search::Linear(0.0, 1.0);
        /// Most neighbours kept of each item: what is not among them is forgotten.
        kept: usize = "kept", 100.0, Range::Whole(1.0, 100_000.0), Search::Fixed;
    }
}
