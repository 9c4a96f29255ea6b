//! Logistic regression over rows of features: P(label | x) = σ(b + Σ w_j x_j), where Σ c_i · loss_i + λ/2 |w|² or λ |w|₁
//! is least. It knows nothing of people and items.
//!
//! Squares are minimised by Newton's method, or L-BFGS where there are more than 400 columns; absolute values by
//! coordinate descent on Newton's quadratic. Both go on until nothing moves, so coefficients are scikit-learn's to 1e-4
//! where the objective is the same (`tests/known/logistic.py`). Around the solution the model keeps how sure it is
//! (Laplace's approximation): errors of coefficients, intervals of probabilities, and updates by single events follow
//! from that. Probabilities are calibrated on rows held out in turn, where that helps.

mod calibrate;
mod container;
mod lasso;
pub mod learning;
mod newton;
mod online;
pub mod params;
pub mod path;
mod problem;
mod solver;

pub use calibrate::{Calibrated, Calibration};
pub use learning::{Learning, Summary, Untrained};
pub use online::Precision;
pub use params::LogisticParams;
pub use path::{Path, Point};
pub use problem::sigmoid;

use crate::ground::math::sqrt;

/// A trained model.
#[derive(Clone, Debug, PartialEq)]
pub struct Logistic {
    /// The decision at the means.
    base: f64,
    /// w by column.
    coefficients: Vec<f64>,
    /// m: mean of each column of the training rows.
    means: Vec<f64>,
    /// s: its standard deviation, 1 for a column that does not vary.
    scales: Vec<f64>,
    /// What a row of each class counts, the negative one first.
    classes: [f64; 2],
    calibration: Option<Calibration>,
    precision: Precision,
}

impl Logistic {
    /// From θ in standardised columns, the intercept first.
    fn new(
        theta: &[f64],
        [means, scales]: [Vec<f64>; 2],
        classes: [f64; 2],
        calibration: Option<Calibration>,
        precision: Precision,
    ) -> Logistic {
        let coefficients = theta[1..].iter().zip(&scales).map(|(t, s)| t / s).collect();
        Logistic { base: theta[0], coefficients, means, scales, classes, calibration, precision }
    }

    /// Numbers it expects in a row.
    pub fn columns(&self) -> usize {
        self.coefficients.len()
    }

    /// w by column, in log odds per unit of the column.
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// b: the decision where all columns are 0.
    pub fn intercept(&self) -> f64 {
        self.base - self.coefficients.iter().zip(&self.means).map(|(w, m)| w * m).sum::<f64>()
    }

    /// The decision at the means of all columns: what [`Logistic::contributions`] are added to.
    pub fn base(&self) -> f64 {
        self.base
    }

    /// Means of the training rows by column.
    pub fn means(&self) -> &[f64] {
        &self.means
    }

    /// Standard deviations of the training rows by column, 1 for a column that does not vary.
    pub fn scales(&self) -> &[f64] {
        &self.scales
    }

    /// From decisions to probabilities; `None` where σ does.
    pub fn calibration(&self) -> Option<&Calibration> {
        self.calibration.as_ref()
    }

    /// What column `j` adds to the decision about a row.
    fn part(&self, j: usize, x: f32) -> f64 {
        self.coefficients[j] * (f64::from(x) - self.means[j])
    }

    /// Log odds of a row as the regression says, before calibration.
    pub fn decision(&self, row: &[f32]) -> f64 {
        self.check(row);
        row.iter().enumerate().fold(self.base, |sum, (j, &x)| sum + self.part(j, x))
    }

    /// What each column adds to the decision, against a row of means. Added to the base from the first on, they are the
    /// decision to the last bit.
    pub fn contributions(&self, row: &[f32]) -> Vec<f64> {
        self.check(row);
        row.iter().enumerate().map(|(j, &x)| self.part(j, x)).collect()
    }

    /// The probability that goes with a decision.
    pub fn chance(&self, decision: f64) -> f64 {
        self.calibration.as_ref().map_or_else(|| sigmoid(decision), |c| c.chance(decision))
    }

    /// P(label | row).
    pub fn probability(&self, row: &[f32]) -> f64 {
        self.chance(self.decision(row))
    }

    /// Variance of the decision about a row: zᵀΛ⁻¹z.
    pub fn variance(&self, row: &[f32]) -> f64 {
        self.check(row);
        self.precision.variance(&mut self.standardised(row))
    }

    /// The probabilities at `z` standard deviations below and above the decision: 1.645 for 90 of 100.
    pub fn interval(&self, row: &[f32], z: f64) -> (f64, f64) {
        let (middle, half) = (self.decision(row), z * sqrt(self.variance(row)));
        (self.chance(middle - half), self.chance(middle + half))
    }

    /// Standard error of each coefficient; `None` where an absolute penalty left the column out. Where columns are too
    /// many for covariances, as if they were independent.
    pub fn standard_errors(&self) -> Vec<Option<f64>> {
        let mut errors = vec![None; self.columns()];
        for (&column, variance) in self.precision.columns.iter().zip(self.precision.variances()) {
            if let Some(j) = (column as usize).checked_sub(1) {
                errors[j] = Some(sqrt(variance) / self.scales[j]);
            }
        }
        errors
    }

    /// Standard error of the intercept.
    pub fn intercept_error(&self) -> f64 {
        sqrt(self.variance(&vec![0.0; self.columns()]))
    }

    /// How sure it is.
    pub fn precision(&self) -> &Precision {
        &self.precision
    }

    /// Learns from one more row, which counts `weight` (0 or more) as in training; `label` becomes likelier there. The
    /// calibration and the columns an absolute penalty left out stay as they are until it is trained anew.
    pub fn update(&mut self, row: &[f32], label: bool, weight: f64) {
        assert!((0.0..=MOST_WEIGHT).contains(&weight), "a weight is a number from 0 to 1e9");
        let weight = weight * self.classes[usize::from(label)];
        if weight == 0.0 {
            return;
        }
        let (decision, z) = (self.decision(row), self.standardised(row));
        let step = self.precision.learn(&z, decision, label, weight);
        for (&column, step) in self.precision.columns.iter().zip(step) {
            match (column as usize).checked_sub(1) {
                None => self.base += step,
                Some(j) => self.coefficients[j] += step / self.scales[j],
            }
        }
    }

    /// z of the columns that the precision is about.
    fn standardised(&self, row: &[f32]) -> Vec<f64> {
        let one = |&column: &u32| match (column as usize).checked_sub(1) {
            None => 1.0,
            Some(j) => (f64::from(row[j]) - self.means[j]) / self.scales[j],
        };
        self.precision.columns.iter().map(one).collect()
    }

    fn check(&self, row: &[f32]) {
        assert_eq!(row.len(), self.columns(), "a row has a number for each column");
    }
}

/// No row counts more.
const MOST_WEIGHT: f64 = 1e9;

#[cfg(test)]
mod tests;
