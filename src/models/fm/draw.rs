//! Draws from the conditional posteriors.
//!
//! A feature's parameters θ = (w, v) are normal a priori, each component with the mean μ and the precision λ of its
//! group; given everything else their posterior is normal with precision A = α Σ z zᵀ + Λ and mean
//! A⁻¹ (α Σ z (e + zᵀθ) + Λ μ), and they are drawn together: a sweep of joint draws mixes faster than one of single
//! coordinates (Salakhutdinov and Mnih, "Bayesian Probabilistic Matrix Factorization using MCMC", ICML 2008, eq. 11).
//! Groups, their μ and λ and the hyperpriors are those of Freudenthaler, Schmidt-Thieme and Rendle, "Bayesian
//! Factorization Machines", 2011, eq. 9 to 12.

use super::gram::Layout;
use crate::codec::Tape;
use crate::ground::linalg::{backward, factor, forward};
use crate::ground::rng::Rng;
use crate::ground::{Result, math};

/// Mean and precision of a group's parameters: of the weights first, then of each factor.
#[derive(Clone, Debug, PartialEq)]
pub struct Prior {
    /// μ.
    pub mean: Vec<f64>,
    /// λ.
    pub precision: Vec<f64>,
}

impl Prior {
    /// Where a chain starts.
    pub fn new(factors: usize) -> Prior {
        Prior { mean: vec![0.0; factors + 1], precision: vec![10.0; factors + 1] }
    }

    /// Draws λ, then μ, of component `at` given the values of the group: λ ~ Γ((2 + n) / 2, (1 + Σ (θ − μ)² + μ²) / 2),
    /// μ ~ N(Σ θ / (n + 1), 1 / ((n + 1) λ)).
    pub fn draw(&mut self, at: usize, values: impl Iterator<Item = f32> + Clone, dice: &mut Dice) {
        let mu = self.mean[at];
        let (mut n, mut sum, mut squared) = (0.0, 0f64, mu * mu);
        for v in values {
            let v = f64::from(v);
            n += 1.0;
            sum += v;
            squared += (v - mu) * (v - mu);
        }
        let lambda = dice.gamma(1.0 + 0.5 * n) / (0.5 + 0.5 * squared);
        self.precision[at] = lambda;
        self.mean[at] = sum / (n + 1.0) + dice.normal() / math::sqrt((n + 1.0) * lambda);
    }

    /// Writes or takes it up.
    pub fn state(&mut self, tape: &mut Tape<'_>, name: &str) -> Result<()> {
        tape.f64(&format!("{name}_mean"), &mut self.mean)?;
        tape.f64(&format!("{name}_precision"), &mut self.precision)
    }
}

/// Random numbers of a chain.
#[derive(Clone, Debug)]
pub struct Dice {
    /// Where they come from.
    pub rng: Rng,
    /// Draws come in pairs; the second one waits here between draws.
    spare: Option<f64>,
}

impl Dice {
    /// Seeded.
    pub fn new(seed: u64) -> Dice {
        Dice { rng: Rng::new(seed, 6), spare: None }
    }

    /// Standard normal (Marsaglia's polar method).
    pub fn normal(&mut self) -> f64 {
        if let Some(x) = self.spare.take() {
            return x;
        }
        loop {
            let (x, y) = (2.0 * self.rng.unit() - 1.0, 2.0 * self.rng.unit() - 1.0);
            let s = x * x + y * y;
            if s > 0.0 && s < 1.0 {
                let scale = math::sqrt(-2.0 * math::ln(s) / s);
                self.spare = Some(y * scale);
                return x * scale;
            }
        }
    }

    /// Γ(shape, 1) for a shape of at least 1 (Marsaglia and Tsang, "A simple method for generating gamma variables",
    /// ACM TOMS 2000).
    pub fn gamma(&mut self, shape: f64) -> f64 {
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / math::sqrt(9.0 * d);
        loop {
            let x = self.normal();
            let v = 1.0 + c * x;
            let v = v * v * v;
            if v > 0.0 && math::ln(1.0 - self.rng.unit()) < 0.5 * x * x + d - d * v + d * math::ln(v) {
                return d * v;
            }
        }
    }

    /// Drops the spare draw, so that the generator alone says where the chain stands.
    pub fn settle(&mut self) {
        self.spare = None;
    }
}

/// Scratch of a draw.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    a: Vec<f64>,
    /// The right side, then the solution: the weight first, then the factors.
    pub x: Vec<f64>,
}

impl Draft {
    /// A and its right side from a record (see [`super::gram`]), the parameters now, and the prior.
    pub fn set(&mut self, record: &[f32], width: usize, alpha: f64, prior: &Prior, bias: f32, theta: &[f32]) {
        let n = prior.mean.len();
        let at = Layout { width };
        let count = f64::from(record[at.scalars()]);
        self.a.resize(n * n, 0.0);
        self.x.resize(n, 0.0);
        let sum = &record[at.sum()..][..width];
        let error = &record[at.error()..][..width];
        let own = f64::from(bias);
        self.a[0] = alpha * count + prior.precision[0];
        let reach = f64::from(math::dot(sum, theta));
        self.x[0] = alpha * (f64::from(record[at.scalars() + 1]) + count * own + reach)
            + prior.precision[0] * prior.mean[0];
        for i in 1..n {
            let row = &record[(i - 1) * width..][..width];
            let cells = &mut self.a[i * n..(i + 1) * n];
            cells[0] = alpha * f64::from(sum[i - 1]);
            for (cell, &g) in cells[1..=i].iter_mut().zip(row) {
                *cell = alpha * f64::from(g);
            }
            cells[i] += prior.precision[i];
            let reach = f64::from(math::dot(row, theta)) + f64::from(sum[i - 1]) * own;
            self.x[i] = alpha * (f64::from(error[i - 1]) + reach) + prior.precision[i] * prior.mean[i];
        }
    }

    /// Solves for the mean, and with dice draws around it. The prior keeps A positive definite.
    pub fn solve(&mut self, dice: Option<&mut Dice>) {
        let n = self.x.len();
        assert!(factor(&mut self.a, n), "a Gram matrix with a positive prior is positive definite");
        forward(&self.a, &mut self.x);
        if let Some(dice) = dice {
            for x in &mut self.x {
                *x += dice.normal();
            }
        }
        backward(&self.a, &mut self.x);
    }

    /// The lower Cholesky factor of A, once solved.
    pub fn factor(&self) -> &[f64] {
        &self.a
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let values: Vec<f64> = (0..40_000).map(|_| draw()).collect();
        let mean = math::mean(values.iter().copied());
        (mean, math::mean(values.iter().map(|v| (v - mean) * (v - mean))))
    }

    #[test]
    fn draws_have_the_moments_of_their_distributions() {
        let mut dice = Dice::new(1);
        let (mean, variance) = moments(|| dice.normal());
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.03);
        for shape in [1.0, 2.5, 40.0] {
            let (mean, variance) = moments(|| dice.gamma(shape));
            assert!((mean - shape).abs() < 0.03 * shape.max(1.0), "{shape}: {mean}");
            assert!((variance - shape).abs() < 0.06 * shape, "{shape}: {variance}");
        }
    }

    #[test]
    fn a_prior_learns_where_its_group_lies() {
        let mut dice = Dice::new(2);
        let values: Vec<f32> = (0..500).map(|_| (3.0 + 0.5 * dice.normal()) as f32).collect();
        let mut prior = Prior::new(1);
        let mut drawn = Vec::new();
        for _ in 0..200 {
            prior.draw(1, values.iter().copied(), &mut dice);
            drawn.push((prior.mean[1], prior.precision[1]));
        }
        let mean = math::mean(drawn[50..].iter().map(|d| d.0));
        let precision = math::mean(drawn[50..].iter().map(|d| d.1));
        assert!((mean - 3.0).abs() < 0.1, "{mean}");
        assert!((precision - 4.0).abs() < 0.5, "{precision}");
        assert_eq!(prior.mean[0], 0.0, "other components are left alone");
    }

    /// One feature seen twice: the mean of many draws is the ridge solution by hand.
    #[test]
    fn draws_lie_around_the_solution() {
        let width = 8;
        let at = Layout { width };
        let mut record = vec![0f32; super::super::gram::size(width)];
        // z = (1, 2) twice, errors 1 and 2 with θ = 0: n = 2, Σ q = 4, Σ q² = 8, Σ e = 3, Σ q e = 6.
        record[0] = 8.0;
        record[at.sum()] = 4.0;
        record[at.error()] = 6.0;
        record[at.scalars()] = 2.0;
        record[at.scalars() + 1] = 3.0;
        let prior = Prior { mean: vec![0.0, 0.0], precision: vec![1.0, 1.0] };
        let mut draft = Draft::default();
        draft.set(&record, width, 1.0, &prior, 0.0, &[0.0; 8]);
        draft.solve(None);
        // (3 4; 4 9) x = (3, 6): x = (3, 6) / 11.
        assert!((draft.x[0] - 3.0 / 11.0).abs() < 1e-9 && (draft.x[1] - 6.0 / 11.0).abs() < 1e-9);
        let mut dice = Dice::new(3);
        let (mean, variance) = moments(|| {
            draft.set(&record, width, 1.0, &prior, 0.0, &[0.0; 8]);
            draft.solve(Some(&mut dice));
            draft.x[1]
        });
        assert!((mean - 6.0 / 11.0).abs() < 0.01 && (variance - 3.0 / 11.0).abs() < 0.01);
    }
}
