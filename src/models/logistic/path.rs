//! Which columns have a coefficient at which penalty: the path of solutions from the λ that leaves none of them, each
//! solution begun where the one before ended. For the choice of features.

use super::LogisticParams;
use super::learning::{Untrained, problem};
use super::problem::{Moments, Pass, Problem};
use super::solver::Solver;
use crate::features::Matrix;
use crate::ground::math::ln;
use std::rc::Rc;

/// The last λ as a share of the first; where columns outnumber rows, its square root does.
const END: f64 = 1e-4;

/// One solution.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The penalty.
    pub lambda: f64,
    /// Columns that have a coefficient, ascending.
    pub columns: Vec<u32>,
    /// Their coefficients.
    pub coefficients: Vec<f64>,
    /// What was minimised, penalty included, per weight of a row.
    pub loss: f64,
}

/// A path under way.
#[derive(Debug)]
pub struct Path {
    params: LogisticParams,
    problem: Problem,
    steps: usize,
    moments: Moments,
    pass: Pass,
    theta: Vec<f64>,
    first: f64,
    solver: Option<Solver>,
    points: Vec<Point>,
}

impl Path {
    /// Of `steps` values of λ, evenly in the logarithm; of the parameters, `penalty`, `regularization` and `calibrate`
    /// say nothing here. Labels and weights are as in [`super::Learning::new`].
    pub fn new(
        matrix: Rc<Matrix>,
        labels: &[bool],
        weights: Option<&[f64]>,
        params: LogisticParams,
        steps: usize,
    ) -> Result<Path, Untrained> {
        Ok(Path {
            problem: problem(matrix, labels, weights, params.min_samples)?,
            params: LogisticParams { penalty: 1, ..params },
            steps,
            moments: Moments::default(),
            pass: Pass::default(),
            theta: Vec::new(),
            first: 0.0,
            solver: None,
            points: Vec::with_capacity(steps),
        })
    }

    /// Works until the budget is spent; true when the path is whole. 60,000 of budget take 24 ms or less.
    pub fn advance(&mut self, budget: usize) -> bool {
        let mut left = budget.max(1);
        while left > 0 && self.points.len() < self.steps {
            if self.problem.scales.is_empty() {
                if self.moments.advance(&mut self.problem, &mut left) {
                    self.problem.weigh(self.params.balanced, &|_| false);
                    self.theta = vec![0.0; self.problem.means.len() + 1];
                    self.theta[0] = self.problem.log_odds();
                }
            } else if let Some(solver) = &mut self.solver {
                if solver.advance(&self.problem, &mut left) && solver.done() {
                    self.arrive();
                }
            } else if self.pass.advance(&self.problem, &self.theta, &mut left) {
                let slopes = self.pass.gradient[1..].iter().zip(&self.problem.scales);
                // A hair above, or rounding would let the first column in at once.
                self.first = (1.0 + 1e-9) * slopes.map(|(g, s)| g.abs() * s).fold(0.0, f64::max);
                self.depart();
            }
        }
        self.points.len() == self.steps
    }

    /// What there is of the path so far.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// The whole path, from the greatest λ to the smallest.
    pub fn finish(mut self) -> Vec<Point> {
        while !self.advance(usize::MAX) {}
        self.points
    }

    /// The λ that is next.
    fn lambda(&self) -> f64 {
        let wide = self.problem.means.len() > self.problem.labels.len();
        let end = if wide { 0.5 * ln(END) } else { ln(END) };
        let at = self.points.len() as f64 / (self.steps.max(2) - 1) as f64;
        // Columns that say nothing at all need no penalty; a hair above 0 keeps the problem what it is.
        (self.first * libm::exp(end * at)).max(f64::MIN_POSITIVE)
    }

    fn depart(&mut self) {
        let theta = self.theta.clone();
        self.solver = Some(Solver::new(&self.problem, &self.params, self.lambda(), theta));
    }

    fn arrive(&mut self) {
        let Some(solver) = self.solver.take() else { return };
        let lambda = self.lambda();
        let columns: Vec<u32> =
            (0..self.problem.means.len() as u32).filter(|&j| solver.theta[j as usize + 1] != 0.0).collect();
        let one = |&j: &u32| solver.theta[j as usize + 1] / self.problem.scales[j as usize];
        let coefficients = columns.iter().map(one).collect();
        let loss = solver.loss(&self.problem);
        self.points.push(Point { lambda, columns, coefficients, loss });
        self.theta = solver.theta;
        self.depart();
    }
}
