//! Judging a forest by the rows its trees have not seen: each tree learns from a draw with replacement, which leaves
//! out about 37 % of the rows, and a row is predicted by the trees that it was left out of (Breiman, "Random Forests",
//! Machine Learning 2001, section 3.1).

use super::tree::walk;
use super::{Forest, Target};
use crate::features::Matrix;
use crate::ground::math::{self, Sum};
use crate::ground::rng::Rng;
use crate::ground::{Code, Error, Result};

/// Streams of trees begin here; those below belong to others.
const TREES: u64 = 1 << 32;

/// The generator of a tree, and how often each row was drawn for it (255 stands for more).
pub(super) fn draw(seed: u64, tree: usize, bootstrap: bool, draws: &mut [u8]) -> Rng {
    let mut rng = Rng::new(seed, TREES + tree as u64);
    draws.fill(u8::from(!bootstrap));
    if bootstrap {
        for _ in 0..draws.len() {
            let draw = &mut draws[rng.below(draws.len())];
            *draw = draw.saturating_add(1);
        }
    }
    rng
}

/// How good predictions of rows are that were not learned from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Rows that at least one tree had not seen.
    pub rows: usize,
    /// Root of the mean squared error; of labels, of the Brier score.
    pub rmse: f64,
    /// Share of the targets' variance that is explained, at most 1; 0 where there is none.
    pub r2: f64,
    /// Of labels: the share that is on the right side of one half.
    pub accuracy: Option<f64>,
}

/// Compares (predicted, true).
pub(super) fn score(pairs: impl Iterator<Item = (f64, f64)> + Clone, labels: bool) -> Option<Score> {
    let mean = math::mean(pairs.clone().map(|p| p.1));
    let (mut rows, mut right, mut errors, mut spread) = (0, 0, Sum::default(), Sum::default());
    for (guess, truth) in pairs {
        rows += 1;
        right += usize::from((guess >= 0.5) == (truth >= 0.5));
        errors.add((guess - truth) * (guess - truth));
        spread.add((truth - mean) * (truth - mean));
    }
    let (n, errors, spread) = (rows as f64, errors.value(), spread.value());
    (rows > 0).then(|| Score {
        rows,
        rmse: math::sqrt(errors / n),
        r2: if spread > 0.0 { 1.0 - errors / spread } else { 0.0 },
        accuracy: labels.then_some(right as f64 / n),
    })
}

/// Importance by permutation: how much worse rows are predicted that were not learned from, once a column's values are
/// dealt out anew among them (Breiman 2001, section 10; here of the forest's error rather than the trees'). Column by
/// column, because each costs as much as predicting all rows.
#[derive(Debug)]
pub struct Permuting<'a> {
    forest: &'a Forest,
    x: &'a Matrix,
    target: &'a Target<'a>,
    error: f64,
}

impl<'a> Permuting<'a> {
    /// With the rows and targets the forest has learned from. Refused for others, and without `bootstrap`.
    pub fn new(forest: &'a Forest, x: &'a Matrix, target: &'a Target<'a>) -> Result<Permuting<'a>> {
        if !forest.facts.bootstrap {
            return Err(Error::new(Code::Unsupported, "every tree of this forest has seen every row")
                .at("params.bootstrap")
                .expected("true"));
        }
        let (rows, width) = (forest.facts.rows, forest.columns());
        if (x.rows(), x.columns(), target.len()) != (rows, width, rows) {
            let expected = format!("the {rows} rows of {width} columns the forest has learned from");
            let got = format!("{} of {}, {} targets", x.rows(), x.columns(), target.len());
            return Err(Error::argument("rows", expected, got));
        }
        let mut judge = Permuting { forest, x, target, error: 0.0 };
        judge.error = judge.mean_squared(None);
        Ok(judge)
    }

    /// Mean squared error of rows that were not learned from; of labels, the Brier score.
    pub fn error(&self) -> f64 {
        self.error
    }

    /// By how much it rises without a column. Below 0 by chance, where the column says nothing.
    pub fn column(&self, column: usize, seed: u64) -> f64 {
        let mut from: Vec<u32> = (0..self.x.rows() as u32).collect();
        Rng::new(seed, column as u64).shuffle(&mut from);
        self.mean_squared(Some((column, &from))) - self.error
    }

    fn mean_squared(&self, dealt: Option<(usize, &[u32])>) -> f64 {
        let (facts, rows) = (&self.forest.facts, self.x.rows());
        let (mut sums, mut counts) = (vec![0f64; rows], vec![0u32; rows]);
        let mut draws = vec![0; rows];
        let mut changed = vec![0.0; self.x.columns()];
        for (t, tree) in self.forest.trees.iter().enumerate() {
            draw(facts.seed, t, true, &mut draws);
            for row in (0..rows).filter(|&r| draws[r] == 0) {
                let values = match dealt {
                    None => self.x.row(row),
                    Some((column, from)) => {
                        changed.copy_from_slice(self.x.row(row));
                        changed[column] = self.x.row(from[row] as usize)[column];
                        &changed
                    }
                };
                sums[row] += f64::from(walk(tree, values));
                counts[row] += 1;
            }
        }
        let errors = (0..rows).filter(|&r| counts[r] > 0).map(|r| {
            let error = sums[r] / f64::from(counts[r]) - self.target.of(r);
            error * error
        });
        let mean = math::mean(errors);
        if mean.is_nan() { 0.0 } else { mean }
    }
}
