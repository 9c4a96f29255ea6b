//! A person's factors, given the network and the items: those x = (p, m) under which what the person liked is most
//! likely, each liking drawn from the catalog with the softmax of the scores, under a normal prior:
//!
//! −Σ_{i liked} ln (e^{s_i} / Σ_j w_j e^{s_j}) + λ/2 |x|²
//!
//! where j goes over the likings and a sample of the rest, w_j being how many items j stands for. The same problem is
//! solved for people in training and for people who come later, so nobody fares worse for having come later.
//!
//! Steps are those of Fisher scoring: with J_j = ∂s_j/∂x and chances π_j, (n Σ π_j (J_j − J̄)(J_j − J̄)ᵀ + λ) δ = −gradient.
//! For products alone that is Newton's method; the layers are taken as straight around x.

use super::gemm::{Left, multiply_add};
use super::net::{Net, Passage, Rows};
use crate::ground::linalg::{Cholesky, Symmetric};
use crate::ground::math::{self, LANES};

/// Most likings a person is known by; of more, evenly spread ones are taken.
pub const MOST_LIKINGS: usize = 1024;

/// What a person is solved for on.
#[derive(Clone, Debug, Default)]
pub struct Problem {
    /// Rows: what is liked, then what is not.
    pub index: Vec<u32>,
    /// ln w_j.
    pub log_weight: Vec<f32>,
    /// How many are liked.
    pub liked: usize,
}

impl Problem {
    /// With these likings.
    pub fn of(liked: impl Iterator<Item = u32>) -> Problem {
        let index: Vec<u32> = liked.collect();
        Problem { log_weight: vec![0.0; index.len()], liked: index.len(), index }
    }

    /// Takes a row for one that is not liked and stands for e^`log_weight` of them.
    pub fn add(&mut self, row: u32, log_weight: f32) {
        self.index.push(row);
        self.log_weight.push(log_weight);
    }
}

/// Evenly spread positions, `most` of `n` or all of them.
pub fn spread(n: usize, most: usize) -> impl Iterator<Item = usize> {
    let count = n.min(most);
    (0..count).map(move |k| k * n / count)
}

/// The state of a solution: everything about the last x that was looked at.
#[derive(Clone, Debug, Default)]
pub struct Solver {
    scores: Vec<f32>,
    /// π_j.
    chances: Vec<f32>,
    /// n π_j, less 1 for a liking: minus the gradient of the likelihood by the scores.
    pub pull: Vec<f32>,
    /// The way through the layers.
    pub way: Passage,
    slopes: Vec<f32>,
    /// J̄.
    mean: Vec<f32>,
    weighted: Vec<f32>,
}

/// The curvature at a solution.
#[derive(Clone, Debug)]
pub struct Curvature {
    /// Of the matrix above.
    pub factor: Cholesky,
    gradient: Vec<f64>,
}

impl Curvature {
    /// Of the loss and the prior.
    #[cfg(test)]
    pub fn gradient(&self) -> &[f64] {
        &self.gradient
    }
}

impl Solver {
    /// Works out scores, chances and pulls; gives minus the logarithm of the likelihood.
    pub fn look(&mut self, net: &Net, rows: &Rows, problem: &Problem, x: &[f32]) -> f64 {
        net.scores(rows, &problem.index, x, &mut self.way, &mut self.scores);
        let weighted = || self.scores.iter().zip(&problem.log_weight).map(|(s, w)| s + w);
        let most = weighted().fold(f32::NEG_INFINITY, f32::max);
        self.chances.clear();
        let mut total = 0f32;
        for s in weighted() {
            let e = libm::expf(s - most);
            self.chances.push(e);
            total += e;
        }
        let (n, scale) = (problem.liked as f32, 1.0 / total);
        self.pull.clear();
        for (j, chance) in self.chances.iter_mut().enumerate() {
            *chance *= scale;
            self.pull.push(n * *chance - if j < problem.liked { 1.0 } else { 0.0 });
        }
        let log_total = f64::from(most) + math::ln(f64::from(total));
        self.scores[..problem.liked].iter().map(|&s| log_total - f64::from(s)).sum()
    }

    /// Curvature and gradient at the x last looked at.
    pub fn curvature(
        &mut self,
        net: &Net,
        rows: &Rows,
        problem: &Problem,
        prior: f64,
        x: &[f32],
    ) -> Option<Curvature> {
        let (width, count, n) = (net.shape.factors(), problem.index.len(), problem.liked as f64);
        net.slopes(rows, &problem.index, &mut self.way, &mut self.slopes);
        self.mean.clear();
        self.mean.resize(width, 0.0);
        let of_slopes = (&self.slopes[..], width);
        multiply_add(
            (&mut self.mean, width),
            Left::plain(&self.chances, count),
            of_slopes,
            (1, count, width),
        );
        let mut gradient = vec![0f32; width];
        multiply_add((&mut gradient, width), Left::plain(&self.pull, count), of_slopes, (1, count, width));
        self.weighted.clear();
        for (row, chance) in self.slopes.chunks_exact(width).zip(&self.chances) {
            let weight = problem.liked as f32 * chance;
            self.weighted.extend(row.iter().map(|x| weight * x));
        }
        // The lower triangle, eight rows at a time.
        let mut gram = vec![0f32; width * width];
        for i in (0..width).step_by(LANES) {
            let left = Left { of: &self.slopes[i..], row: 1, step: width };
            multiply_add(
                (&mut gram[i * width..], width),
                left,
                (&self.weighted, width),
                (LANES, count, i + LANES),
            );
        }
        let mut matrix = Symmetric::zeros(width);
        for i in 0..width {
            for j in 0..=i {
                let spread =
                    f64::from(gram[i * width + j]) - n * f64::from(self.mean[i]) * f64::from(self.mean[j]);
                matrix.add(i, j, spread);
            }
        }
        // A floor against rounding, where the prior is next to nothing.
        let largest = (0..width).map(|i| matrix.get(i, i)).fold(0.0, f64::max);
        matrix.add_diagonal(0, prior.max(1e-5 * largest + 1e-9));
        let gradient = gradient.iter().zip(x).map(|(&g, &x)| f64::from(g) + prior * f64::from(x)).collect();
        Some(Curvature { factor: matrix.cholesky()?, gradient })
    }

    /// Takes up to `steps` steps from `x`, none of which makes it worse, and leaves the solver at the `x` it gives; also
    /// gives minus the logarithm of the likelihood there.
    pub fn solve(
        &mut self,
        net: &Net,
        rows: &Rows,
        problem: &Problem,
        prior: f64,
        x: &mut Vec<f32>,
        steps: usize,
    ) -> f64 {
        let penalty = |x: &[f32]| 0.5 * prior * f64::from(math::dot(x, x));
        let mut loss = self.look(net, rows, problem, x);
        for _ in 0..steps {
            let Some(mut at) = self.curvature(net, rows, problem, prior, x) else { break };
            at.factor.solve(&mut at.gradient);
            let value = loss + penalty(x);
            // A whole step, else a quarter of it; where neither helps, this is the place.
            let found = [1.0, 0.25].into_iter().find_map(|share| {
                let next: Vec<f32> =
                    x.iter().zip(&at.gradient).map(|(&x, d)| (f64::from(x) - share * d) as f32).collect();
                let loss = self.look(net, rows, problem, &next);
                (loss + penalty(&next) <= value + 1e-5 * value.abs()).then_some((next, loss))
            });
            let Some((next, less)) = found else {
                self.look(net, rows, problem, x);
                break;
            };
            (*x, loss) = (next, less);
        }
        loss
    }

    /// J_j of a row of the problem less J̄, after [`Solver::curvature`].
    pub fn lean(&self, row: usize) -> Vec<f64> {
        let width = self.mean.len();
        let slopes = &self.slopes[row * width..][..width];
        slopes.iter().zip(&self.mean).map(|(&j, &mean)| f64::from(j) - f64::from(mean)).collect()
    }

    /// J_j of a row of the problem.
    pub fn slope(&self, row: usize) -> Vec<f64> {
        let width = self.mean.len();
        self.slopes[row * width..][..width].iter().map(|&j| f64::from(j)).collect()
    }

    /// The score of a row of the problem.
    pub fn score(&self, row: usize) -> f32 {
        self.scores[row]
    }
}
