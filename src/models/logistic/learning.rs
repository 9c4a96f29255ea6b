//! Learning in bounded steps: moments of the columns, the fit, the same fit without each fifth of the rows for
//! calibration, and the curvature at the solution.

use super::calibrate::{Calibrated, Calibration, Held, calibrated};
use super::online::{COVARIANCES, Precision};
use super::problem::{Hessian, Moments, Pass, Problem, cost, dot};
use super::solver::{Penalty, Solver, floor};
use super::{Logistic, LogisticParams, MOST_WEIGHT};
use crate::features::Matrix;
use crate::ground::math::ln;
use crate::ground::rng::Rng;
use std::rc::Rc;

pub(super) const FOLDS: u8 = 5;
/// Stream of the seed that rows are dealt to folds by.
const STREAM: u64 = 11;
/// Rows held out at most, evenly of both classes: a curve of one variable needs no more, and sorting them fits a step.
const HELD: usize = 20_000;

/// Why there is nothing to learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untrained {
    /// There are fewer rows than `minSamples`; rows of weight 0 are none.
    TooFew {
        /// How many there are.
        rows: usize,
        /// How many it takes.
        needed: usize,
    },
    /// All rows are labelled alike.
    OneClass {
        /// How.
        label: bool,
        /// How many there are.
        rows: usize,
    },
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// Rows that took part.
    pub rows: usize,
    /// Those of them labelled true.
    pub positives: usize,
    /// Iterations of the fit to all rows.
    pub iterations: usize,
    /// False where `maxIterations` ended it.
    pub converged: bool,
    /// What was minimised, penalty included, per weight of a row.
    pub loss: f64,
    /// What calibration did; `None` where it was not asked for or a class has too few rows to be held out in turn.
    pub calibration: Option<Calibrated>,
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Phase {
    /// Means and scales.
    Moments,
    /// To all rows.
    Fit,
    /// To all but those of a fold.
    Fold(u8),
    /// Decisions about those.
    Decide(u8),
    Calibrate,
    /// Curvature of each row at the solution.
    Look,
    /// Its sum.
    Curve,
    Done,
}

/// A fit under way: bounded work per call, abandoned by dropping it. The same rows, parameters and seed give the same
/// model, whatever the budgets were.
#[derive(Debug)]
pub struct Learning {
    pub(super) params: LogisticParams,
    pub(super) problem: Problem,
    pub(super) phase: Phase,
    pub(super) solver: Option<Solver>,
    /// The solution for all rows, once it is there.
    pub(super) main: Vec<f64>,
    pub(super) summary: Summary,
    /// The fold each row is held out in, [`FOLDS`] for none; empty where nothing is calibrated.
    folds: Vec<u8>,
    /// Decisions by models that have not seen the row.
    pub(super) decisions: Vec<f64>,
    next: usize,
    classes: [f64; 2],
    moments: Moments,
    pass: Pass,
    hessian: Hessian,
    calibration: Option<Calibration>,
    precision: Option<Precision>,
}

impl Learning {
    /// Checks whether there is something to learn. `labels` and `weights` (1 each where `None`; from 0 to 1e9, where 0
    /// takes no part) are by row. The matrix is shared, not copied: it may be most of the memory there is.
    pub fn new(
        matrix: Rc<Matrix>,
        labels: &[bool],
        weights: Option<&[f64]>,
        params: LogisticParams,
        seed: u64,
    ) -> Result<Learning, Untrained> {
        let problem = problem(matrix, labels, weights, params.min_samples)?;
        let mut counts = [0; 2];
        taking_part(&problem).for_each(|i| counts[usize::from(labels[i])] += 1);
        let folds = if params.calibrate { dealt(&problem, counts, seed) } else { Vec::new() };
        Ok(Learning {
            decisions: vec![0.0; folds.len()],
            folds,
            phase: Phase::Moments,
            solver: None,
            main: Vec::new(),
            summary: Summary {
                rows: counts[0] + counts[1],
                positives: counts[1],
                iterations: 0,
                converged: false,
                loss: f64::MAX,
                calibration: None,
            },
            next: 0,
            classes: [1.0; 2],
            moments: Moments::default(),
            pass: Pass::default(),
            hessian: Hessian::default(),
            calibration: None,
            precision: None,
            problem,
            params,
        })
    }

    /// Bytes that learning needs beside the matrix, at most.
    pub fn memory(rows: usize, columns: usize) -> usize {
        let wide = (columns + 1).min(COVARIANCES.max(401));
        rows * 34 + wide * wide * 16 + columns * 8 * 40 + HELD * 64
    }

    /// Works until the budget is spent; `Some(loss)` at the end of an iteration. 60,000 of budget take 24 ms or less.
    /// While rows are held out in turn, the loss stays that of the fit to all.
    pub fn advance(&mut self, budget: usize) -> Option<f64> {
        let mut left = budget.max(1);
        while left > 0 {
            match self.phase {
                Phase::Moments => {
                    if self.moments.advance(&mut self.problem, &mut left) {
                        self.enter(Phase::Fit);
                    }
                }
                Phase::Fit | Phase::Fold(_) => {
                    let solver = self.solver.as_mut().expect("a phase of fitting has a solver");
                    if solver.advance(&self.problem, &mut left) {
                        self.stepped();
                        return Some(self.summary.loss);
                    }
                }
                Phase::Decide(fold) => {
                    if self.decide(fold, &mut left) {
                        let more = fold + 1 < FOLDS;
                        self.enter(if more { Phase::Fold(fold + 1) } else { Phase::Calibrate });
                    }
                }
                Phase::Calibrate => {
                    left = 0;
                    self.calibrate();
                    self.enter(Phase::Look);
                }
                Phase::Look => {
                    if self.pass.advance(&self.problem, &self.main, &mut left) {
                        self.phase = Phase::Curve;
                        let taken =
                            |&j: &u32| j == 0 || !self.params.sparse() || self.main[j as usize] != 0.0;
                        let columns: Vec<u32> = (0..self.main.len() as u32).filter(taken).collect();
                        let diagonal = columns.len() > COVARIANCES;
                        self.hessian = Hessian::new(columns, diagonal);
                    }
                }
                Phase::Curve => {
                    if self.hessian.advance(&self.problem, &self.pass.curvature, &mut left) {
                        self.precision = Some(self.precise());
                        self.phase = Phase::Done;
                        // No iteration ends here.
                        return None;
                    }
                }
                Phase::Done => return Some(self.summary.loss),
            }
        }
        None
    }

    /// True when there is nothing left to do.
    pub fn done(&self) -> bool {
        self.phase == Phase::Done
    }

    /// Share of the present iteration that is done, 0 to 1.
    pub fn within_epoch(&self) -> f64 {
        let rows = self.problem.labels.len() as f64;
        match self.phase {
            Phase::Fit | Phase::Fold(_) => self.solver.as_ref().map_or(0.0, |s| s.within(rows)),
            Phase::Decide(_) => self.next as f64 / rows,
            Phase::Done => 1.0,
            _ => 0.0,
        }
    }

    /// Share of the whole that is done, 0 to 1, as far as it can be known: how many iterations it takes shows at the end.
    /// It never falls.
    pub fn progress(&self) -> f64 {
        // Each fit is a part, and so is what comes before and behind.
        let fits = if self.folds.is_empty() { 1 } else { 1 + usize::from(FOLDS) };
        let solved = |before: usize| {
            let iterations = self.solver.as_ref().map_or(0, |s| s.iterations) as f64;
            before as f64 + iterations / (iterations + 4.0)
        };
        let part = match self.phase {
            Phase::Moments => 0.0,
            Phase::Fit => solved(1),
            Phase::Fold(fold) => solved(2 + usize::from(fold)),
            Phase::Decide(fold) => 3.0 + f64::from(fold),
            Phase::Calibrate | Phase::Look | Phase::Curve => 1.0 + fits as f64,
            Phase::Done => 2.0 + fits as f64,
        };
        part / (2.0 + fits as f64)
    }

    /// The model and how it went, with whatever is left to do for it: who has steps to keep to waits for
    /// [`Learning::done`].
    pub fn finish(mut self) -> (Logistic, Summary) {
        while !self.done() {
            self.advance(usize::MAX);
        }
        let moments = [self.problem.means, self.problem.scales];
        let precision = self.precision.expect("the last phase makes it");
        (Logistic::new(&self.main, moments, self.classes, self.calibration, precision), self.summary)
    }

    /// Begins a phase.
    pub(super) fn enter(&mut self, phase: Phase) {
        let (balanced, params) = (self.params.balanced, &self.params);
        self.phase = phase;
        self.next = 0;
        match phase {
            Phase::Fit => {
                self.classes = self.problem.weigh(balanced, &|_| false);
                let mut start = vec![0.0; self.problem.means.len() + 1];
                start[0] = self.problem.log_odds();
                self.solver = Some(Solver::new(&self.problem, params, params.regularization, start));
            }
            Phase::Fold(fold) => {
                let folds = &self.folds;
                self.problem.weigh(balanced, &|i| folds[i] == fold);
                // There is one minimum: where the search begins tells it nothing of the rows held out.
                let start = self.main.clone();
                self.solver = Some(Solver::new(&self.problem, params, params.regularization, start));
            }
            Phase::Look => {
                self.classes = self.problem.weigh(balanced, &|_| false);
            }
            _ => {}
        }
    }

    /// An iteration of a fit has ended.
    fn stepped(&mut self) {
        let Some(solver) = &self.solver else { return };
        if self.phase == Phase::Fit {
            self.summary.loss = solver.loss(&self.problem);
            self.summary.iterations = solver.iterations;
            self.summary.converged = solver.converged;
        }
        if !solver.done() {
            return;
        }
        match self.phase {
            Phase::Fold(fold) => self.enter(Phase::Decide(fold)),
            _ => {
                self.main.clone_from(&solver.theta);
                self.enter(if self.folds.is_empty() { Phase::Look } else { Phase::Fold(0) });
            }
        }
    }

    /// Decisions about the rows of a fold; true at the end.
    fn decide(&mut self, fold: u8, left: &mut usize) -> bool {
        let Some(solver) = &self.solver else { return true };
        let problem = &self.problem;
        let slopes: Vec<f64> = solver.theta[1..].iter().zip(&problem.scales).map(|(t, s)| t / s).collect();
        let price = cost(10 * slopes.len());
        while *left > 0 && self.next < self.folds.len() {
            let i = self.next;
            self.next += 1;
            if self.folds[i] != fold {
                continue;
            }
            let row = problem.matrix.row(i).iter().zip(&problem.means);
            let centred: Vec<f64> = row.map(|(&x, m)| f64::from(x) - m).collect();
            self.decisions[i] = solver.theta[0] + dot(&slopes, &centred);
            *left = left.saturating_sub(price);
        }
        self.next == self.folds.len()
    }

    fn calibrate(&mut self) {
        let one = |(i, &fold): (usize, &u8)| Held {
            decision: self.decisions[i],
            label: self.problem.labels[i],
            weight: self.problem.given[i],
            fold,
        };
        let held = self.folds.iter().enumerate().filter(|(_, fold)| **fold < FOLDS).map(one).collect();
        let (calibration, report) = calibrated(held, FOLDS);
        self.calibration = calibration;
        self.summary.calibration = Some(report);
    }

    /// What is known of the solution.
    fn precise(&mut self) -> Precision {
        let Hessian { columns, mut values, .. } = core::mem::take(&mut self.hessian);
        let m = columns.len();
        if !self.params.sparse() {
            let penalty = Penalty::new(false, self.params.regularization, &self.problem.scales);
            let stride = if values.len() > m { m + 1 } else { 1 };
            values.iter_mut().step_by(stride).zip(&penalty.each).for_each(|(h, each)| *h += each);
        }
        Precision::new(columns, values, floor(self.problem.total))
    }
}

/// Rows that take part.
fn taking_part(problem: &Problem) -> impl Iterator<Item = usize> + '_ {
    (0..problem.labels.len()).filter(|&i| problem.given[i] > 0.0)
}

/// A problem that has something to say.
pub(super) fn problem(
    matrix: Rc<Matrix>,
    labels: &[bool],
    weights: Option<&[f64]>,
    needed: usize,
) -> Result<Problem, Untrained> {
    let n = matrix.rows();
    let given = weights.map_or_else(|| vec![1.0; n], <[f64]>::to_vec);
    assert!(labels.len() == n && given.len() == n, "each row has a label and a weight");
    assert!(given.iter().all(|w| (0.0..=MOST_WEIGHT).contains(w)), "a weight is a number from 0 to 1e9");
    let problem = Problem {
        matrix,
        labels: labels.to_vec(),
        weights: given.clone(),
        given,
        total: 0.0,
        means: Vec::new(),
        scales: Vec::new(),
    };
    let rows = taking_part(&problem).count();
    let positives = taking_part(&problem).filter(|&i| labels[i]).count();
    if rows < needed.max(1) {
        return Err(Untrained::TooFew { rows, needed });
    }
    if positives == 0 || positives == rows {
        return Err(Untrained::OneClass { label: positives > 0, rows });
    }
    Ok(problem)
}

/// Deals the rows of each class to the folds; empty where a class has fewer rows than there are folds.
fn dealt(problem: &Problem, counts: [usize; 2], seed: u64) -> Vec<u8> {
    if counts.iter().any(|&n| n < usize::from(FOLDS)) {
        return Vec::new();
    }
    let mut folds = vec![FOLDS; problem.labels.len()];
    let mut rng = Rng::new(seed, STREAM);
    for label in [false, true] {
        let mut rows: Vec<u32> =
            taking_part(problem).filter(|&i| problem.labels[i] == label).map(|i| i as u32).collect();
        rng.shuffle(&mut rows);
        let all = counts[0] + counts[1];
        let most = if all > HELD { HELD * rows.len() / all } else { rows.len() };
        for (at, &row) in rows[..most.max(usize::from(FOLDS))].iter().enumerate() {
            folds[row as usize] = (at % usize::from(FOLDS)) as u8;
        }
    }
    folds
}

impl Problem {
    /// Log odds of the classes as they count now: the best decision that knows nothing else.
    pub(super) fn log_odds(&self) -> f64 {
        let mut sums = [0.0; 2];
        self.weights.iter().zip(&self.labels).for_each(|(w, &l)| sums[usize::from(l)] += w);
        ln(sums[1] / sums[0])
    }
}
