//! A random forest over rows of features: the mean of trees that each learn from another draw of the rows (Breiman,
//! "Random Forests", Machine Learning 2001). It knows nothing of people and films.
//!
//! Values are binned once (`bins.rs`); nodes of many rows are split by sums over bins (`large.rs`), those of few by rows
//! kept in order (`small.rs`).
//!
//! Why our own, rather than the crate `smartcore` (0.4.10): 1,000 rows of 20 columns (Friedman's first function), 100
//! trees grown to the end, every column tried at every split, compiled for size to wasm with `+simd128`, Node 20: it
//! learns in 6.9 to 12 s and predicts 1,000 rows in 84 to 560 ms, all in one call that nobody can stop, for 25 kB of
//! wasm (gzip); ours in 0.14 to 0.24 s and 5 to 11 ms, for 15 kB. Its forests differ between native and wasm for the
//! same seed; ours are the same bytes. It takes no weights of rows and gives no contributions. scikit-learn 1.9.1
//! on the same machine with one thread: 0.94 to 1.03 s and 14 to 36 ms.
//!
//! Against scikit-learn's `RandomForestRegressor` (100 trees, the same five folds, mean of three seeds), RMSE ours /
//! theirs: its diabetes set 58.2 / 58.1, Friedman's first function 2.130 / 2.133, houses by place and income 0.489 /
//! 0.490, two-valued columns with years 0.635 / 0.638; with a third of the columns tried 57.5 / 57.0, 2.252 / 2.265,
//! 0.512 / 0.512, 0.634 / 0.632. A third is better on noisy data and worse where few columns say most, so all are
//! tried unless a search says otherwise.

mod bins;
mod container;
mod grow;
mod judge;
mod large;
pub mod params;
mod shap;
mod small;
mod split;
#[cfg(test)]
mod tests;
mod tree;

pub use grow::Growing;
pub use judge::{Permuting, Score};
pub use params::ForestParams;
pub use shap::Contributions;

use crate::features::Matrix;
use crate::ground::math;

/// Rows that go through all trees before the next ones do: they stay in the nearest caches.
const BLOCK: usize = 512;

/// What is learned, one for each row.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// Numbers.
    Values(&'a [f32]),
    /// Yes or no; predicted is the chance of yes: the mean over the trees of the share in the leaf.
    Labels(&'a [bool]),
}

impl Target<'_> {
    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Target::Values(values) => values.len(),
            Target::Labels(labels) => labels.len(),
        }
    }

    /// True without any.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Of a row; 1 for yes.
    fn of(&self, row: usize) -> f64 {
        match self {
            Target::Values(values) => f64::from(values[row]),
            Target::Labels(labels) => f64::from(u8::from(labels[row])),
        }
    }
}

/// What a forest remembers of its making.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Facts {
    rows: usize,
    labels: bool,
    bootstrap: bool,
    seed: u64,
}

/// Grown trees.
#[derive(Clone, Debug, PartialEq)]
pub struct Forest {
    trees: tree::Trees,
    /// Cuts of each column, among which all thresholds are.
    cuts: Vec<Vec<f32>>,
    importance: Vec<f64>,
    score: Option<Score>,
    facts: Facts,
}

impl Forest {
    /// Numbers in a row.
    pub fn columns(&self) -> usize {
        self.cuts.len()
    }

    /// Trees.
    pub fn trees(&self) -> usize {
        self.trees.len()
    }

    /// Nodes of all trees.
    pub fn nodes(&self) -> usize {
        self.trees.iter().map(|t| t.len()).sum()
    }

    /// Whether it was made of labels, so that predictions are chances.
    pub fn labels(&self) -> bool {
        self.facts.labels
    }

    /// How good it is with rows that were not learned from; `None` where every tree has seen every row.
    pub fn score(&self) -> Option<Score> {
        self.score
    }

    /// By column: what splits by it took off the squared error, as a share of what all did. They sum to 1, or are all 0
    /// where nothing was split. Columns of many different values are favoured; [`Permuting`] does not favour them.
    pub fn importance(&self) -> &[f64] {
        &self.importance
    }

    /// What is expected of a row.
    pub fn predict(&self, row: &[f32]) -> f64 {
        let sum = self.trees.iter().fold(0.0, |sum, t| sum + f64::from(tree::walk(t, row)));
        sum / self.trees.len() as f64
    }

    /// What is expected of a row, and the standard deviation of what single trees say of it.
    pub fn predict_with_spread(&self, row: &[f32]) -> (f64, f64) {
        let (mean, mut squares) = (self.predict(row), 0.0);
        for t in &self.trees {
            let off = f64::from(tree::walk(t, row)) - mean;
            squares += off * off;
        }
        (mean, math::sqrt(squares / self.trees.len() as f64))
    }

    /// What is expected of each row; the same bits as of one alone.
    pub fn predict_into(&self, x: &Matrix, out: &mut [f64]) {
        assert_eq!((x.columns(), x.rows()), (self.columns(), out.len()), "rows are those of the forest");
        let width = self.columns();
        out.fill(0.0);
        for (rows, sums) in x.values().chunks(BLOCK * width).zip(out.chunks_mut(BLOCK)) {
            self.trees.iter().for_each(|t| tree::walk_all(t, rows, width, sums));
            sums.iter_mut().for_each(|sum| *sum /= self.trees.len() as f64);
        }
    }

    /// What is expected of each row.
    pub fn predict_all(&self, x: &Matrix) -> Vec<f64> {
        let mut out = vec![0.0; x.rows()];
        self.predict_into(x, &mut out);
        out
    }
}
