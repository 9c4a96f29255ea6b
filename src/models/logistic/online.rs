//! What is known of the coefficients: a normal distribution around the solution whose precision is the Hessian there
//! (Laplace's approximation). It tells standard errors and intervals, and one event at a time moves it.

use super::newton::factored;
use super::problem::sigmoid;
use crate::ground::linalg::{backward, forward};
use crate::ground::math::{ln, sqrt};

/// Coefficients, the intercept among them, up to which covariances are kept; beyond, variances alone.
pub(super) const COVARIANCES: usize = 129;
/// No variance is greater, so that nothing becomes infinite.
const VAGUE: f64 = 1e300;

/// Precision of θ, in standardised columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Precision {
    /// Coefficients it is about, ascending: 0 is the intercept, j + 1 column j. Columns an absolute penalty left out
    /// are not among them: they stay at 0.
    pub(super) columns: Vec<u32>,
    /// The lower Cholesky factor of the precision, in rows of full length and zeros above; or its diagonal.
    pub(super) values: Vec<f64>,
}

impl Precision {
    /// From a Hessian as [`super::problem::Hessian`] sums it.
    pub(super) fn new(columns: Vec<u32>, mut hessian: Vec<f64>, floor: f64) -> Precision {
        let n = columns.len();
        if hessian.len() == n * n && n > 1 {
            hessian = factored(&hessian, n, floor);
            (0..n).for_each(|i| hessian[i * n + i + 1..(i + 1) * n].fill(0.0));
        } else {
            hessian.iter_mut().for_each(|h| *h = h.max(floor));
        }
        Precision { columns, values: hessian }
    }

    /// True where covariances are kept.
    pub fn full(&self) -> bool {
        // Of one coefficient the diagonal is all there is.
        self.columns.len() > 1 && self.values.len() > self.columns.len()
    }

    /// L⁻¹ z in place, where L Lᵀ is the precision.
    fn halve(&self, z: &mut [f64]) {
        if self.full() {
            forward(&self.values, z);
        } else {
            z.iter_mut().zip(&self.values).for_each(|(z, h)| *z /= sqrt(*h));
        }
    }

    /// Variance of zᵀθ. `z` is overwritten.
    pub(super) fn variance(&self, z: &mut [f64]) -> f64 {
        self.halve(z);
        z.iter().map(|x| x * x).sum::<f64>().min(VAGUE)
    }

    /// How θ moves with an event: the point nearest to it, as the precision measures distance, that takes the event's
    /// loss in. Both together are least along the line θ + u / v · Λ⁻¹z with v = zᵀΛ⁻¹z, so u, the change of the decision,
    /// solves u = v c (y − σ(decision + u)). The precision then takes in the event's curvature there.
    pub(super) fn learn(&mut self, z: &[f64], decision: f64, label: bool, weight: f64) -> Vec<f64> {
        let mut step = z.to_vec();
        self.halve(&mut step);
        let variance = step.iter().map(|x| x * x).sum::<f64>().min(VAGUE);
        let sign = if label { 1.0 } else { -1.0 };
        let moved = sign * change(sign * decision, variance * weight);
        if self.full() {
            backward(&self.values, &mut step);
        } else {
            step.iter_mut().zip(&self.values).for_each(|(s, h)| *s /= sqrt(*h));
        }
        step.iter_mut().for_each(|s| *s *= moved / variance);
        let after = decision + moved;
        let kappa = weight * sigmoid(after) * sigmoid(-after);
        if self.full() {
            update(&mut self.values, z.iter().map(|x| sqrt(kappa) * x).collect());
        } else {
            self.values.iter_mut().zip(z).for_each(|(h, x)| *h += kappa * x * x);
        }
        step
    }

    /// Variance of each coefficient it is about.
    pub(super) fn variances(&self) -> Vec<f64> {
        let n = self.columns.len();
        let one = |i: usize| {
            let mut unit = vec![0.0; n];
            unit[i] = 1.0;
            self.variance(&mut unit)
        };
        (0..n).map(one).collect()
    }
}

/// u ≥ 0 with u = s σ(−margin − u): halved between bounds, then by Newton's steps, which alone would creep where s is
/// huge.
fn change(margin: f64, s: f64) -> f64 {
    // The right side falls with u, and where u ≥ 1, u eᵘ ≤ s e^−margin bounds it.
    let mut high = (s * sigmoid(-margin)).min((ln(s.max(1e-300)) - margin).max(1.0));
    let mut low = 0.0;
    for _ in 0..48 {
        let middle = 0.5 * (low + high);
        if middle > s * sigmoid(-margin - middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    let mut u = 0.5 * (low + high);
    for _ in 0..3 {
        let p = sigmoid(-margin - u);
        u -= (u - s * p) / (1.0 + s * p * sigmoid(margin + u));
    }
    u.max(0.0)
}

/// Turns the factor of A into that of A + x xᵀ (Golub and Van Loan, Matrix Computations, §6.5.4).
fn update(l: &mut [f64], mut x: Vec<f64>) {
    let n = x.len();
    for k in 0..n {
        let (d, y) = (l[k * n + k], x[k]);
        let r = libm::hypot(d, y);
        let (c, s) = (r / d, y / d);
        l[k * n + k] = r;
        for i in k + 1..n {
            let cell = &mut l[i * n + k];
            *cell = (*cell + s * x[i]) / c;
            x[i] = c * x[i] - s * *cell;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::rng::Rng;

    #[test]
    fn the_change_solves_its_equation() {
        for s in [1e-12, 0.3, 1.0, 40.0, 1e6, 1e200] {
            for margin in [-800.0, -5.0, 0.0, 0.2, 9.0, 500.0] {
                let u = change(margin, s);
                let residual = u - s * sigmoid(-margin - u);
                // As far as neighbouring numbers let it: s σ' of them.
                let slope = 1.0 + s * sigmoid(-margin - u) * sigmoid(margin + u);
                let scale = slope * (1.0 + u + margin.abs());
                assert!(u >= 0.0 && residual.abs() <= 1e-13 * scale, "{s} {margin}: {u} {residual}");
            }
        }
    }

    #[test]
    fn an_updated_factor_is_that_of_the_sum() {
        let (n, mut rng) = (6, Rng::new(4, 0));
        let mut h = vec![0.0; n * n];
        (0..n).for_each(|i| h[i * n + i] = 2.0);
        let mut precision = Precision::new((0..n as u32).collect(), h.clone(), 0.0);
        for _ in 0..9 {
            let x: Vec<f64> = (0..n).map(|_| rng.normal()).collect();
            update(&mut precision.values, x.clone());
            (0..n * n).for_each(|at| h[at] += x[at / n] * x[at % n]);
        }
        let again = Precision::new(precision.columns.clone(), h, 0.0);
        for (a, b) in precision.values.iter().zip(&again.values) {
            assert!((a - b).abs() < 1e-12, "{a} {b}");
        }
    }
}
