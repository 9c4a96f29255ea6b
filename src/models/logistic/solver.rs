//! Minimising one problem in bounded steps: a direction, a line search, and again.

use super::lasso::{Descent, working_set};
use super::newton::{Memory, downhill, factored};
use super::params::LogisticParams;
use super::problem::{Hessian, Pass, Problem, cost, dot};

/// Columns up to which a whole Hessian is summed and solved for.
const NEWTON: usize = 400;
/// Halvings of a step before it is given up: what is left is rounding.
const HALVINGS: usize = 40;
/// Least share of the promised decrease that a step must bring (Armijo).
const SHARE: f64 = 1e-4;
/// Rounding of a sum of losses, as a share of it.
const ROUNDING: f64 = 1e-12;

/// λ/2 Σ (θ/s)² or λ Σ |θ/s|, the intercept left out.
#[derive(Debug)]
pub(super) struct Penalty {
    pub sparse: bool,
    /// λ/s² or λ/s by θ.
    pub each: Vec<f64>,
}

impl Penalty {
    pub fn new(sparse: bool, lambda: f64, scales: &[f64]) -> Penalty {
        let each = scales.iter().map(|s| if sparse { lambda / s } else { lambda / s / s });
        Penalty { sparse, each: core::iter::once(0.0).chain(each).collect() }
    }

    /// How far coefficient `j` is from its condition of optimality, given the slope of all that bends.
    pub fn violation(&self, theta: &[f64], gradient: &[f64], j: usize) -> f64 {
        match (self.sparse, theta[j]) {
            (false, _) => gradient[j].abs(),
            (true, 0.0) => (gradient[j].abs() - self.each[j]).max(0.0),
            (true, t) => (gradient[j] + self.each[j] * t.signum()).abs(),
        }
    }

    fn value(&self, theta: &[f64]) -> f64 {
        let pairs = theta.iter().zip(&self.each);
        if self.sparse {
            pairs.map(|(t, e)| e * t.abs()).sum()
        } else {
            0.5 * pairs.map(|(t, e)| e * t * t).sum::<f64>()
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    /// Loss and slope at the trial point.
    Look,
    /// The Hessian there, over columns that take part.
    Curve,
    /// The direction that follows.
    Aim,
    Done,
}

/// One minimisation under way.
#[derive(Debug)]
pub(super) struct Solver {
    /// The best point so far.
    pub theta: Vec<f64>,
    /// Steps taken.
    pub iterations: usize,
    /// True where it ended because nothing moves any more.
    pub converged: bool,
    pub memory: Memory,
    penalty: Penalty,
    tolerance: f64,
    most: usize,
    stage: Stage,
    /// True once the objective at `theta` is known.
    begun: bool,
    /// True where no step along the direction brought anything.
    stalled: bool,
    objective: f64,
    gradient: Vec<f64>,
    trial: Vec<f64>,
    step: Vec<f64>,
    length: f64,
    halvings: usize,
    /// Decrease that a whole step promises, by the slope alone.
    promise: f64,
    /// False where columns that should move were left out of the direction.
    whole: bool,
    waited: bool,
    pass: Pass,
    hessian: Hessian,
    descent: Descent,
}

impl Solver {
    /// From a point.
    pub fn new(problem: &Problem, params: &LogisticParams, lambda: f64, theta: Vec<f64>) -> Solver {
        Solver {
            trial: theta.clone(),
            theta,
            iterations: 0,
            converged: false,
            memory: Memory::default(),
            penalty: Penalty::new(params.sparse(), lambda, &problem.scales),
            tolerance: params.tolerance,
            most: params.max_iterations,
            stage: Stage::Look,
            begun: false,
            stalled: false,
            objective: f64::INFINITY,
            gradient: Vec::new(),
            step: Vec::new(),
            length: 0.0,
            halvings: 0,
            promise: 0.0,
            whole: true,
            waited: false,
            pass: Pass::default(),
            hessian: Hessian::default(),
            descent: Descent::default(),
        }
    }

    /// Goes on from a point that was reached before.
    pub fn take_up(&mut self, theta: Vec<f64>, iterations: usize, memory: Memory) {
        self.trial.clone_from(&theta);
        (self.theta, self.iterations, self.memory) = (theta, iterations, memory);
    }

    /// True when there is nothing left to do.
    pub fn done(&self) -> bool {
        self.stage == Stage::Done
    }

    /// What is minimised, per weight of the rows.
    pub fn loss(&self, problem: &Problem) -> f64 {
        self.objective / problem.total
    }

    /// Share of the present iteration that is done, by about what its parts take.
    pub fn within(&self, rows: f64) -> f64 {
        let newton = self.newton();
        match self.stage {
            Stage::Curve => 0.6 * self.hessian.seen() as f64 / rows,
            Stage::Aim => 0.6,
            Stage::Look if newton => 0.7 + 0.3 * self.pass.seen() as f64 / rows,
            Stage::Look => self.pass.seen() as f64 / rows,
            Stage::Done => 1.0,
        }
    }

    /// True where the Hessian is summed: all of it, or that of the columns that move.
    fn newton(&self) -> bool {
        self.penalty.sparse || self.theta.len() <= NEWTON + 1
    }

    /// Works until the budget is spent; true at the end of an iteration.
    pub fn advance(&mut self, problem: &Problem, left: &mut usize) -> bool {
        while *left > 0 {
            match self.stage {
                Stage::Look => {
                    if self.pass.advance(problem, &self.trial, left) && self.judge(problem) {
                        return true;
                    }
                }
                Stage::Curve => {
                    if self.hessian.advance(problem, &self.pass.curvature, left) {
                        self.curved(problem.total);
                    }
                }
                Stage::Aim => {
                    if let Some(step) = self.aim(problem.total, left) {
                        self.search(step);
                    }
                }
                Stage::Done => return true,
            }
        }
        false
    }

    /// Takes the trial point, or halves the step; true where it was taken.
    fn judge(&mut self, problem: &Problem) -> bool {
        let objective = self.pass.loss + self.penalty.value(&self.trial);
        let wanted = self.objective - SHARE * self.length * self.promise + ROUNDING * objective;
        if self.begun && !self.stalled && objective > wanted {
            self.halvings += 1;
            self.length *= 0.5;
            if self.halvings == HALVINGS {
                // Looks at the old point again: the curvature there is wanted.
                (self.stalled, self.length) = (true, 0.0);
            }
            self.place();
            return false;
        }
        let mut gradient = core::mem::take(&mut self.pass.gradient);
        if !self.penalty.sparse {
            for ((g, t), e) in gradient.iter_mut().zip(&self.trial).zip(&self.penalty.each) {
                *g += e * t;
            }
        }
        let changes = self.trial.iter().zip(&self.theta);
        let moved =
            changes.clone().map(|(new, old)| (new - old).abs() / (1.0 + new.abs())).fold(0.0, f64::max);
        let newton = self.newton();
        if self.begun && !newton {
            let turned = gradient.iter().zip(&self.gradient).map(|(new, old)| new - old).collect();
            self.memory.push(changes.map(|(new, old)| new - old).collect(), turned);
        }
        (self.gradient, self.objective) = (gradient, objective);
        self.theta.clone_from(&self.trial);
        let first = !core::mem::replace(&mut self.begun, true);
        let bent = if self.penalty.sparse { 0.0 } else { 1.0 };
        let diagonal = || self.penalty.each.iter().map(|e| 0.25 * problem.total + bent * e);
        self.converged = if newton && self.whole {
            !first && self.halvings == 0 && moved <= self.tolerance
        } else {
            let off = |j: usize| self.penalty.violation(&self.theta, &self.gradient, j);
            diagonal().enumerate().all(|(j, h)| off(j) <= self.tolerance * h)
        };
        if self.stalled {
            // The promise is within what rounding hides.
            self.converged = self.promise <= 1e-8 * self.objective.max(1e-8 * problem.total);
        }
        if !first {
            self.iterations += 1;
        }
        if self.converged || self.stalled || self.iterations >= self.most {
            self.stage = Stage::Done;
        } else if newton {
            let columns = if self.penalty.sparse {
                let (set, whole) = working_set(&self.theta, &self.gradient, &self.penalty, NEWTON);
                self.whole = whole;
                set
            } else {
                (0..self.theta.len() as u32).collect()
            };
            self.hessian = Hessian::new(columns, false);
            self.stage = Stage::Curve;
        } else {
            let diagonal: Vec<f64> = diagonal().collect();
            let step = self.memory.downhill(&self.gradient, &diagonal);
            self.search(step);
        }
        !first || self.done()
    }

    /// The Hessian is summed: adds what the penalty bends.
    fn curved(&mut self, total: f64) {
        let m = self.hessian.columns.len();
        let gradient = self.hessian.columns.iter().map(|&c| self.gradient[c as usize]);
        if self.penalty.sparse {
            self.descent = Descent::new(gradient.collect());
            // Never a division by nothing.
            (0..m).for_each(|i| self.hessian.values[i * m + i] += floor(total));
        } else {
            for (i, each) in self.penalty.each.iter().enumerate() {
                self.hessian.values[i * m + i] += each;
            }
        }
        self.stage = Stage::Aim;
    }

    /// The direction, when it is found.
    fn aim(&mut self, total: f64, left: &mut usize) -> Option<Vec<f64>> {
        let m = self.hessian.columns.len();
        let pick =
            |from: &[f64]| -> Vec<f64> { self.hessian.columns.iter().map(|&c| from[c as usize]).collect() };
        if self.penalty.sparse {
            let (theta, each) = (pick(&self.theta), pick(&self.penalty.each));
            let tolerance = 1e-3 * self.tolerance;
            if !self.descent.advance(&self.hessian.values, &theta, &each, tolerance, left) {
                return None;
            }
            let mut step = vec![0.0; self.theta.len()];
            for (&c, &d) in self.hessian.columns.iter().zip(&self.descent.d) {
                step[c as usize] = d;
            }
            return Some(step);
        }
        // In one piece, so it waits for a call of its own where it is long.
        let price = cost(m * m * m / 5);
        if price > *left && !core::mem::replace(&mut self.waited, true) {
            *left = 0;
            return None;
        }
        self.waited = false;
        *left = left.saturating_sub(price);
        Some(downhill(&factored(&self.hessian.values, m, floor(total)), &self.gradient))
    }

    /// Begins a line search.
    fn search(&mut self, step: Vec<f64>) {
        self.promise = -dot(&step, &self.gradient);
        if self.penalty.sparse {
            let whole: Vec<f64> = self.theta.iter().zip(&step).map(|(t, d)| t + d).collect();
            self.promise += self.penalty.value(&self.theta) - self.penalty.value(&whole);
        }
        (self.step, self.length, self.halvings) = (step, 1.0, 0);
        self.place();
    }

    /// Puts the trial point on the line.
    fn place(&mut self) {
        let length = self.length;
        for ((trial, t), d) in self.trial.iter_mut().zip(&self.theta).zip(&self.step) {
            *trial = t + length * d;
        }
        self.stage = Stage::Look;
    }
}

/// Curvature below this is rounding: a share of the weight of all rows.
pub(super) fn floor(total: f64) -> f64 {
    1e-14 * total
}
