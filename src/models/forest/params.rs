//! Parameters of a random forest.

use crate::models::params::{Range, Search, parameters};

/// Deepest tree there is: explanations cost the square of the depth.
pub const DEEPEST: usize = 64;

parameters! {
    /// How a forest grows.
    ForestParams {
        /// Trees.
        trees: usize = "trees", 100.0, Range::Whole(1.0, 1000.0), Search::Fixed;
        /// Most splits between a root and a leaf; 0 for as many as it takes, up to [`DEEPEST`].
        max_depth: usize = "maxDepth", 0.0, Range::Whole(0.0, DEEPEST as f64), Search::Fixed;
        /// Fewest different rows in a leaf; 0 leaves it to whoever asks: 1 for tables, for films more where there are many
        /// ratings.
        min_leaf: usize = "minLeaf", 0.0, Range::Whole(0.0, 10_000.0), Search::Log(1.0, 50.0);
        /// Fewest rows to learn from at all. The kernel learns from any number: whoever asks it looks at this first.
        min_samples: usize = "minSamples", 10.0, Range::Whole(2.0, 100_000.0), Search::Fixed;
        /// Share of the columns that are tried at a split, rounded down, at least one.
        /// 0 leaves it to whoever asks: all for tables, a third for films.
        max_features: f64 = "maxFeatures", 0.0, Range::Number(0.0, 1.0), Search::Linear(0.2, 1.0);
        /// Whether each tree learns from as many rows as there are, drawn with replacement; else from all of them.
        bootstrap: bool = "bootstrap", 1.0, Range::Flag, Search::Fixed;
    }
}

impl ForestParams {
    /// Most splits on a way.
    pub(super) fn depth(&self) -> usize {
        if self.max_depth == 0 { DEEPEST } else { self.max_depth }
    }

    /// Columns tried at a split, of so many.
    pub(super) fn tried(&self, columns: usize) -> usize {
        let share = if self.max_features == 0.0 { 1.0 } else { self.max_features };
        ((share * columns as f64) as usize).clamp(1, columns)
    }

    /// Fewest different rows in a leaf.
    pub(super) fn leaf(&self) -> usize {
        self.min_leaf.max(1)
    }
}
