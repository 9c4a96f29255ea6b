//! What learns from the matrix: a forest of ratings, or a regression of likings.

use super::super::forest::{self, Forest, ForestParams, Growing};
use super::super::logistic::{self, Logistic, LogisticParams, Untrained};
use super::super::params::Settings;
use crate::codec::{Reader, Writer};
use crate::features::Matrix;
use crate::ground::json::{Value, object};
use crate::ground::{Code, Error, Result, math};
use std::rc::Rc;

/// Something trained.
#[derive(Clone, Debug)]
pub enum Learner {
    /// Expects ratings.
    Forest(Forest),
    /// Expects likings; a chance p becomes a rating by the mean ratings of what was not liked and what was.
    Logistic(Logistic, [f64; 2]),
}

/// Something under way.
#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // there is one
pub enum Pupil {
    /// Trees grow.
    Forest(Growing),
    /// A regression converges; iterations so far.
    Logistic(logistic::Learning, [f64; 2], usize),
}

/// What there is to say of a fit.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// Standard deviation of a rating around what is expected, on rows that were not learned from where there are any.
    pub noise: f64,
    /// What is reported as the loss.
    pub loss: f64,
    /// Figures by name.
    pub figures: Value,
}

/// What a rating, or a liking, is learned from.
pub struct Task<'a> {
    /// A row each.
    pub matrix: Rc<Matrix>,
    /// The ratings.
    pub ratings: &'a [f32],
    /// Whether they were liked; for a forest nothing.
    pub liked: &'a [bool],
}

impl Pupil {
    /// Begins; too little to learn from is [`Code::NotEnoughData`].
    pub fn begin(settings: &Settings, task: &Task<'_>, seed: u64) -> Result<Pupil> {
        if settings.find("trees").is_some() {
            let params = ForestParams::of(settings);
            check(settings, task.liked)?;
            let params = suited(params, task.ratings.len());
            let target = forest::Target::Values(task.ratings);
            return Ok(Pupil::Forest(Growing::new(&task.matrix, &target, None, params, seed)?));
        }
        let params = LogisticParams::of(settings);
        check(settings, task.liked)?;
        let begun = logistic::Learning::new(task.matrix.clone(), task.liked, None, params, seed);
        let learning = begun.map_err(|reason| match reason {
            Untrained::TooFew { rows, needed } => too_few(rows, needed),
            Untrained::OneClass { label, rows } => one_class(label, rows),
        })?;
        let mean_of = |wanted: bool| {
            let of = task.ratings.iter().zip(task.liked).filter(|(_, liked)| **liked == wanted);
            math::mean(of.map(|(r, _)| f64::from(*r)))
        };
        Ok(Pupil::Logistic(learning, [mean_of(false), mean_of(true)], 0))
    }

    /// Works on; true when it is done.
    pub fn advance(&mut self, budget: usize) -> bool {
        match self {
            Pupil::Forest(growing) => growing.advance(budget),
            Pupil::Logistic(learning, _, iterations) => {
                *iterations += usize::from(learning.advance(budget).is_some());
                learning.done()
            }
        }
    }

    /// Share that is done, 0 to 1.
    pub fn progress(&self) -> f64 {
        match self {
            Pupil::Forest(growing) => growing.progress(),
            // How many iterations it will take nobody knows: eight are many.
            Pupil::Logistic(_, _, done) => *done as f64 / (*done as f64 + 8.0),
        }
    }

    /// What was learned, and what there is to say of it.
    pub fn finish(self, task: &Task<'_>) -> (Learner, Said) {
        match self {
            Pupil::Forest(growing) => {
                let score = growing.score();
                let forest = growing.finish();
                let rmse = score.map_or_else(|| misses(&Learner::Forest(forest.clone()), task), |s| s.rmse);
                let figures = object([
                    ("rmse", rmse.into()),
                    ("r2", score.map(|s| s.r2).into()),
                    ("rows", task.ratings.len().into()),
                    ("outOfBag", score.is_some().into()),
                ]);
                (Learner::Forest(forest), Said { noise: rmse, loss: rmse, figures })
            }
            Pupil::Logistic(learning, means, _) => {
                let (logistic, summary) = learning.finish();
                let learner = Learner::Logistic(logistic, means);
                let error = |at: usize| summary.calibration.as_ref().map(|c| c.error[at]);
                let figures = object([
                    ("loss", summary.loss.into()),
                    ("rows", summary.rows.into()),
                    ("liked", summary.positives.into()),
                    ("iterations", summary.iterations.into()),
                    ("converged", summary.converged.into()),
                    ("eceBefore", error(0).into()),
                    ("eceAfter", error(1).into()),
                ]);
                let noise = misses(&learner, task);
                (learner, Said { noise, loss: summary.loss, figures })
            }
        }
    }
}

/// What is left to the data: a third of the columns at a split, and leaves that grow with the rows: RMSE on ratings held
/// out of the training part of ml-latest-small (64,500 rows) is .873 with leaves of 1 and all columns, and with a third
/// of them .840 with leaves of 10, .839 with 25.
fn suited(mut params: ForestParams, rows: usize) -> ForestParams {
    if params.min_leaf == 0 {
        params.min_leaf = (0.6 * libm::cbrt(rows as f64)).ceil().max(1.0) as usize;
    }
    if params.max_features == 0.0 {
        params.max_features = 1.0 / 3.0;
    }
    params
}

/// Refuses what nothing can be learned from; what is got says why, as a code.
pub fn check(settings: &Settings, liked: &[bool]) -> Result<()> {
    let needed = settings.find("minSamples").unwrap_or(1.0) as usize;
    match liked.first() {
        _ if liked.len() < needed => Err(too_few(liked.len(), needed)),
        Some(&first) if settings.find("trees").is_none() && liked.iter().all(|l| *l == first) => {
            Err(one_class(first, liked.len()))
        }
        _ => Ok(()),
    }
}

fn too_few(rows: usize, needed: usize) -> Error {
    Error::new(Code::NotEnoughData, format!("{rows} ratings can be learned from, and it takes {needed}"))
        .at("data")
        .got("not-enough-ratings")
        .hint("Rate a few more.")
}

fn one_class(label: bool, rows: usize) -> Error {
    let all = if label { "liked" } else { "not liked" };
    Error::new(Code::NotEnoughData, format!("all {rows} of them are {all}"))
        .at("data")
        .got("one-class")
        .hint("There is nothing to tell apart yet; rate something of the other kind, too.")
}

/// Root of the mean squared error of expected ratings on the rows that were learned from.
fn misses(learner: &Learner, task: &Task<'_>) -> f64 {
    let expected = learner.expect(&task.matrix);
    let squared = expected.iter().zip(task.ratings).map(|(e, r)| (e - f64::from(*r)) * (e - f64::from(*r)));
    math::sqrt(math::mean(squared))
}

impl Learner {
    /// Expected ratings of all rows.
    pub fn expect(&self, rows: &Matrix) -> Vec<f64> {
        match self {
            Learner::Forest(forest) => forest.predict_all(rows),
            Learner::Logistic(logistic, [low, high]) => {
                let expect = |r| low + (high - low) * logistic.probability(rows.row(r));
                (0..rows.rows()).map(expect).collect()
            }
        }
    }

    /// Learns one more row at once, where that can be done: a forest waits to be grown anew.
    pub fn learn(&mut self, row: &[f32], liked: bool) {
        if let Learner::Logistic(logistic, _) = self {
            logistic.update(row, liked, 1.0);
        }
    }

    /// Chance of being liked, where it is what was learned.
    pub fn chance(&self, row: &[f32]) -> Option<f64> {
        match self {
            Learner::Forest(_) => None,
            Learner::Logistic(logistic, _) => Some(logistic.probability(row)),
        }
    }

    /// What each column adds to the expected rating of `row` beyond what another of the kind expects of `base`; they
    /// sum to the difference of both.
    pub fn difference(&self, row: &[f32], other: &Learner, base: &[f32]) -> Vec<f64> {
        match (self, other) {
            (Learner::Logistic(logistic, [low, high]), Learner::Logistic(before, _)) => {
                let (one, other) = (logistic.contributions(row), before.contributions(base));
                let parts: Vec<f64> = one.iter().zip(&other).map(|(a, b)| a - b).collect();
                // Log odds add up, ratings do not: each part gets its share of the difference in ratings.
                let whole = (high - low) * (logistic.probability(row) - before.probability(base));
                let sum: f64 = parts.iter().sum();
                let size: f64 = parts.iter().map(|p| p.abs()).sum();
                if size == 0.0 {
                    // The intercept alone has moved: that is no column's doing.
                    return vec![whole / parts.len().max(1) as f64; parts.len()];
                }
                // Where parts cancel out, a share of their sum would blow up: what is missing is spread by size.
                let slope = (high - low) * 0.25;
                let rest = whole - slope * sum;
                parts.iter().map(|p| slope * p + rest * p.abs() / size).collect()
            }
            (Learner::Forest(forest), _) => {
                let (one, other) = (forest.contributions(row), forest.contributions(base));
                one.parts.iter().zip(&other.parts).map(|(a, b)| a - b).collect()
            }
            _ => Vec::new(),
        }
    }

    /// By column: how much it matters, shares that sum to 1 or are all 0. Of a forest what splits by it took off the
    /// squared error, of a regression |w| times the column's standard deviation.
    pub fn importance(&self, deviations: &[f64]) -> Vec<f64> {
        match self {
            Learner::Forest(forest) => forest.importance().to_vec(),
            Learner::Logistic(logistic, _) => {
                let sizes: Vec<f64> =
                    logistic.coefficients().iter().zip(deviations).map(|(w, d)| w.abs() * d).collect();
                let sum: f64 = sizes.iter().sum();
                sizes.iter().map(|s| if sum > 0.0 { s / sum } else { 0.0 }).collect()
            }
        }
    }

    /// Cost of a row, in units of a forest's node.
    pub fn effort(&self) -> usize {
        match self {
            Learner::Forest(forest) => forest.trees() * 12,
            Learner::Logistic(logistic, _) => logistic.columns(),
        }
    }

    pub(super) fn write(&self, w: &mut Writer) {
        match self {
            Learner::Forest(forest) => forest.write(w),
            Learner::Logistic(logistic, means) => {
                logistic.write(w, "logistic");
                w.f64("class_means", means);
            }
        }
    }

    pub(super) fn read(settings: &Settings, r: &mut Reader<'_>, columns: usize) -> Result<Learner> {
        if settings.find("trees").is_some() {
            return Ok(Learner::Forest(Forest::read(r, columns)?));
        }
        let logistic = Logistic::read(r, "logistic", columns)?;
        let means = r.f64("class_means", 2)?;
        Ok(Learner::Logistic(logistic, [means[0], means[1]]))
    }
}
