//! Which columns matter, found out by trying: without which of them a forest errs more (permutation), and in which order
//! they come into a regression whose penalty on absolute values is let off little by little (its path). For the report,
//! and for the choice of columns.

use crate::features::Matrix;
use crate::ground::json::Value;
use crate::ground::sort::{order, sort_by};
use crate::models::forest::{Forest, ForestParams, Growing, Permuting, Target};
use crate::models::logistic::{LogisticParams, Path};
use std::rc::Rc;

/// Most rows that are looked at where columns are chosen: of more, an even sample.
pub const MOST_CHOSEN_BY: usize = 5_000;
/// The same for a report, which must not take longer than learning.
pub const MOST_REPORTED_BY: usize = 500;
/// Fewest: of fewer rows chance would be reported.
pub const LEAST_REPORTED_BY: usize = 30;
/// Penalties along a path, and those of them that are looked at: to a hundredth of the first. What comes in later matters
/// little, and takes longest.
const STEPS: usize = 19;
const LOOKED_AT: usize = 10;
/// Budget of one look at a path.
const MOST_AT_ONCE: usize = 60_000;
/// Trees of a forest that is grown for the choice of columns.
const TREES: usize = 50;

/// A judgement under way.
#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // there is one
pub enum Judge {
    /// Along the path; columns in all.
    Path(Path, usize),
    /// A forest to be asked grows first.
    Grow(Growing, Rc<Matrix>, Vec<f32>),
    /// Column by column.
    Deal(Dealing),
    /// Done.
    Said(Verdict),
}

/// A forest that is asked about rows it has learned from.
#[derive(Debug)]
pub struct Dealing {
    forest: Forest,
    matrix: Rc<Matrix>,
    target: Vec<f32>,
    rises: Vec<f64>,
}

/// What came out, by column.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Where along the path it came in, 1 for the first of all penalties; 0 for never.
    Entered(Vec<u32>),
    /// By how much the mean squared error of unseen rows rises when its values are dealt out anew.
    Rise(Vec<f64>),
}

impl Judge {
    /// Along the path of labels; `None` where nothing can be told apart.
    pub fn path(matrix: Rc<Matrix>, labels: &[bool], params: LogisticParams) -> Option<Judge> {
        let columns = matrix.columns();
        // Which columns come in, and in which order, needs no digits of their coefficients.
        let params = LogisticParams { tolerance: 1e-3, max_iterations: 20, ..params };
        Some(Judge::Path(Path::new(matrix, labels, None, params, STEPS).ok()?, columns))
    }

    /// By a forest of these rows; `None` where there is nothing to grow it from.
    pub fn grow(matrix: Rc<Matrix>, target: Vec<f32>, seed: u64) -> Option<Judge> {
        let params =
            ForestParams { trees: TREES, min_leaf: 5, max_features: 1.0 / 3.0, ..ForestParams::default() };
        let growing = Growing::new(&matrix, &Target::Values(&target), None, params, seed).ok()?;
        Some(Judge::Grow(growing, matrix, target))
    }

    /// Works on about as long as `budget` allows.
    pub fn advance(self, budget: usize, seed: u64) -> Judge {
        match self {
            Judge::Path(mut path, columns) => {
                // Of an unbounded budget a path would walk on to its end.
                path.advance(budget.min(MOST_AT_ONCE));
                if path.points().len() < LOOKED_AT {
                    return Judge::Path(path, columns);
                }
                let mut entered = vec![0; columns];
                for (at, point) in path.points()[..LOOKED_AT].iter().enumerate() {
                    for &c in &point.columns {
                        if entered[c as usize] == 0 {
                            entered[c as usize] = at as u32 + 1;
                        }
                    }
                }
                Judge::Said(Verdict::Entered(entered))
            }
            Judge::Grow(mut growing, matrix, target) => {
                if growing.advance(budget) {
                    let forest = growing.finish();
                    return Judge::Deal(Dealing { forest, matrix, target, rises: Vec::new() });
                }
                Judge::Grow(growing, matrix, target)
            }
            Judge::Deal(mut dealing) => {
                let (at, columns) = (dealing.rises.len(), dealing.matrix.columns());
                if at == columns {
                    return Judge::Said(Verdict::Rise(dealing.rises));
                }
                // What no tree splits by makes no difference.
                let used = dealing.forest.importance()[at] > 0.0;
                let rise = if used { dealing.rise(at, seed) } else { 0.0 };
                dealing.rises.push(rise);
                Judge::Deal(dealing)
            }
            said => said,
        }
    }
}

impl Dealing {
    fn rise(&self, column: usize, seed: u64) -> f64 {
        let target = Target::Values(&self.target);
        Permuting::new(&self.forest, &self.matrix, &target).map_or(0.0, |p| p.column(column, seed))
    }
}

impl Verdict {
    /// What a report says of a column: a name and a figure.
    pub fn of(&self, column: usize) -> (String, Value) {
        match self {
            Verdict::Entered(at) => ("entered".to_owned(), at[column].into()),
            Verdict::Rise(by) => ("permutation".to_owned(), by[column].into()),
        }
    }

    /// The so many columns that matter most, ascending; of equals the first.
    pub fn best(&self, most: usize) -> Vec<u32> {
        let mut best: Vec<u32> = match self {
            Verdict::Entered(at) => {
                let late = |c: usize| if at[c] == 0 { u32::MAX } else { at[c] };
                order(at.len(), &mut |a, b| late(a).cmp(&late(b)))
            }
            Verdict::Rise(by) => order(by.len(), &mut |a, b| by[b].total_cmp(&by[a])),
        };
        best.truncate(most.max(1));
        sort_by(&mut best, u32::cmp);
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::rng::Rng;

    /// Of five columns the third says almost everything, the first a little, the others nothing.
    fn world() -> (Rc<Matrix>, Vec<f32>) {
        let (mut m, mut y, mut rng) = (Matrix::zeros(300, 5), Vec::new(), Rng::new(5, 0));
        for r in 0..300 {
            m.row_mut(r).iter_mut().for_each(|x| *x = rng.normal() as f32);
            y.push(m.row(r)[2] * 2.0 + m.row(r)[0] * 0.7 + 0.3 * rng.normal() as f32);
        }
        (Rc::new(m), y)
    }

    fn verdict(mut judge: Judge, budget: usize) -> Verdict {
        loop {
            match judge.advance(budget, 1) {
                Judge::Said(verdict) => return verdict,
                more => judge = more,
            }
        }
    }

    #[test]
    fn what_matters_is_found_by_dealing_and_along_the_path_in_steps_of_any_size() {
        let (matrix, y) = world();
        let labels: Vec<bool> = y.iter().map(|y| *y > 0.0).collect();
        for budget in [500, usize::MAX] {
            let rise = verdict(Judge::grow(matrix.clone(), y.clone(), 1).unwrap(), budget);
            assert_eq!((rise.best(1), rise.best(2)), (vec![2], vec![0, 2]), "{rise:?}");
            let path = Judge::path(matrix.clone(), &labels, LogisticParams::default()).unwrap();
            let entered = verdict(path, budget);
            assert_eq!((entered.best(1), entered.best(2)), (vec![2], vec![0, 2]), "{entered:?}");
        }
        let same = vec![true; 300];
        assert!(Judge::path(matrix, &same, LogisticParams::default()).is_none(), "nothing to tell apart");
    }
}
