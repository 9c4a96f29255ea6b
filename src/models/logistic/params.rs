//! Parameters of logistic regression.

use crate::models::params::{Range, Search, parameters};

parameters! {
    /// How it learns.
    LogisticParams {
        /// λ, the 1 / C of scikit-learn: the sum of all rows' losses is added to λ/2 |w|² or λ |w|₁. The intercept is
        /// free.
        regularization: f64 = "regularization", 1.0, Range::Above(0.0, 1e6), Search::Log(0.01, 100.0);
        /// Squares shrink all coefficients; absolute values leave few of them.
        penalty: usize = "penalty", 0.0, Range::Choice(&["l2", "l1"]), Search::Any;
        /// Whether a row of class c counts n / (2 n_c), so that both classes count the same. Not unless asked for: it
        /// moves the intercept by the logarithm of the odds of the classes, and probabilities are no longer those of
        /// the world; the order of lists hardly changes.
        balanced: bool = "balanced", 0.0, Range::Flag, Search::Any;
        /// Iterations at most. Newton's need about 8, quasi-Newton ones (many columns) some hundreds.
        max_iterations: usize = "maxIterations", 500.0, Range::Whole(1.0, 10_000.0), Search::Fixed;
        /// It has converged when no coefficient, in standard deviations of its column, moves more than this share of
        /// itself or of 1. Of many columns: when no slope over its curvature is greater.
        tolerance: f64 = "tolerance", 1e-8, Range::Above(0.0, 0.1), Search::Fixed;
        /// Whether probabilities are calibrated on rows that were held out in turn, which costs five more fits. On
        /// made-up rows of 25 columns, 21 of them noise, and λ = 1 it took the log loss of new rows from 0.82 to 0.69
        /// (30 rows) and from 0.59 to 0.54 (120), and was hardly ever kept from 1,000 on; where it did harm, with few
        /// columns or a λ that fits, it was by about 0.02 at most.
        calibrate: bool = "calibrate", 1.0, Range::Flag, Search::Fixed;
        /// Rows it takes at least to learn anything.
        min_samples: usize = "minSamples", 10.0, Range::Whole(2.0, 100_000.0), Search::Fixed;
    }
}

impl LogisticParams {
    /// True where absolute values are penalised.
    pub fn sparse(&self) -> bool {
        self.penalty == 1
    }
}
