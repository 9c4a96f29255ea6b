//! One row solved for, given the factors of the other side.
//!
//! With C the confidences 1 + α w of a row's likings, 1 for everything else, and Y the factors of the other side, the
//! row's factors x minimise Σ c_j (p_j − x·y_j)² + λ |x|², p_j = 1 for a liking and 0 else: (Hu, Koren and Volinsky,
//! "Collaborative Filtering for Implicit Feedback Datasets", ICDM 2008, eq. 4)
//!
//! A x = b,  A = YᵀY + λ I + Σ_liked (c_j − 1) y_j y_jᵀ,  b = Σ_liked c_j y_j
//!
//! YᵀY is the same for all rows, so a row costs what its likings cost. A few steps of conjugate gradient from the last
//! round's solution do (Takács, Pilászy and Tikk, "Applications of the Conjugate Gradient Method for Implicit Feedback
//! Collaborative Filtering", RecSys 2011); each multiplies A with a vector and never makes A.

use crate::ground::dense::{Row, add_four, dot_four};
use crate::ground::math::{self, LANES};
use crate::ground::simd::{F32x4, F32x8};

/// Rows of factors of one side, in blocks of [`LANES`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Side<'a> {
    pub factors: Row<'a>,
    /// Blocks to a row.
    pub blocks: usize,
}

/// What a row likes, and α w of each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Likings<'a> {
    pub columns: &'a [u32],
    pub weights: &'a [f32],
}

/// Vectors that are written anew for each row.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch {
    residual: Vec<[f32; LANES]>,
    direction: Vec<[f32; LANES]>,
    product: Vec<[f32; LANES]>,
}

impl Scratch {
    pub fn new(blocks: usize) -> Scratch {
        let zeros = || vec![[0.0; LANES]; blocks];
        Scratch { residual: zeros(), direction: zeros(), product: zeros() }
    }
}

impl<'a> Side<'a> {
    #[inline(always)]
    fn row(&self, at: u32) -> Row<'a> {
        let from = at as usize * self.blocks;
        &self.factors[from..from + self.blocks]
    }

    /// Adds Σ s_j y_j over a row's likings to `sum`: for the residual of x, s_j = c_j − α w_j (y_j·x); for a product
    /// with x, s_j = α w_j (y_j·x). Gives Σ c_j and Σ c_j (y_j·x).
    fn gather(&self, of: Likings<'_>, x: Row<'_>, sum: &mut [[f32; LANES]], residual: bool) -> (f64, f64) {
        let sign = F32x4::splat(if residual { -1.0 } else { 1.0 });
        let (mut total, mut reached) = (F32x4::splat(0.0), F32x4::splat(0.0));
        let mut four = |columns: &[u32; 4], weights: F32x4, ones: F32x4| {
            let [a, b, c, d] = *columns;
            let rows = [self.row(a), self.row(b), self.row(c), self.row(d)];
            let products = dot_four(rows, x);
            let confidence = ones + weights;
            total = total + confidence;
            reached = reached + confidence * products;
            let steps = sign * (weights * products);
            add_four(sum, rows, if residual { confidence + steps } else { steps });
        };
        let ((columns, rest), (weights, lighter)) =
            (of.columns.as_chunks::<4>(), of.weights.as_chunks::<4>());
        for at in 0..columns.len().min(weights.len()) {
            four(&columns[at], F32x4::load(&weights[at]), F32x4::splat(1.0));
        }
        if !rest.is_empty() {
            // The first row fills up the group, without a weight.
            let (mut last, mut weights, mut ones) = ([0u32; 4], [0f32; 4], [0f32; 4]);
            for l in 0..rest.len().min(lighter.len()) {
                (last[l], weights[l], ones[l]) = (rest[l], lighter[l], 1.0);
            }
            four(&last, F32x4::load(&weights), F32x4::load(&ones));
        }
        (f64::from(total.sum()), f64::from(reached.sum()))
    }
}

/// sum += sign · (G + λ I) x.
fn add_dense(sum: &mut [[f32; LANES]], gram: Row<'_>, prior: f32, x: Row<'_>, sign: f32) {
    let n = sum.len();
    let scale = F32x4::splat(sign);
    for (at, x) in x.as_flattened().as_chunks::<4>().0.iter().enumerate() {
        let rows = &gram[4 * at * n..][..4 * n];
        let rows = [&rows[..n], &rows[n..2 * n], &rows[2 * n..3 * n], &rows[3 * n..]];
        add_four(sum, rows, scale * F32x4::load(x));
    }
    add_scaled(sum, sign * prior, x);
}

/// sum += w x.
fn add_scaled(sum: &mut [[f32; LANES]], w: f32, x: Row<'_>) {
    let w = F32x8::splat(w);
    for l in 0..sum.len().min(x.len()) {
        (F32x8::load(&sum[l]) + w * F32x8::load(&x[l])).store(&mut sum[l]);
    }
}

fn dot(a: Row<'_>, b: Row<'_>) -> f32 {
    math::dot(a.as_flattened(), b.as_flattened())
}

/// Improves `x` by `steps` steps and gives the weighted squared error that is left, penalty included, and what it was
/// for x = 0: Σ c_j.
pub(super) fn improve(
    x: &mut [[f32; LANES]],
    gram: Row<'_>,
    prior: f32,
    side: Side<'_>,
    likings: Likings<'_>,
    steps: usize,
    scratch: &mut Scratch,
) -> (f64, f64) {
    let Scratch { residual, direction, product } = scratch;
    // r = b − A x. On the way: b·x and Σ c.
    residual.fill([0.0; LANES]);
    add_dense(residual, gram, prior, x, -1.0);
    let (total, reached) = side.gather(likings, x, residual, true);
    // The objective is xᵀA x − 2 b·x + Σ c, and xᵀA x = b·x − r·x; a step of length a takes a r·r off it.
    let mut left = total - reached - f64::from(dot(residual, x));
    let mut square = dot(residual, residual);
    direction.copy_from_slice(residual);
    for _ in 0..steps {
        if square < 1e-12 {
            break;
        }
        product.fill([0.0; LANES]);
        add_dense(product, gram, prior, direction, 1.0);
        side.gather(likings, direction, product, false);
        let step = square / dot(direction, product);
        if !step.is_finite() {
            break;
        }
        add_scaled(x, step, direction);
        add_scaled(residual, -step, product);
        left -= f64::from(step) * f64::from(square);
        let before = square;
        square = dot(residual, residual);
        let keep = F32x8::splat(square / before);
        for l in 0..residual.len().min(direction.len()) {
            (F32x8::load(&residual[l]) + keep * F32x8::load(&direction[l])).store(&mut direction[l]);
        }
    }
    (left, total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::dense::add_gram;
    use crate::ground::linalg::Symmetric;
    use crate::ground::rng::Rng;

    const ROWS: usize = 12;

    /// Five factors, and three of padding.
    fn factors() -> Vec<[f32; LANES]> {
        let mut rng = Rng::new(4, 0);
        (0..ROWS).map(|_| core::array::from_fn(|l| if l < 5 { rng.normal() as f32 } else { 0.0 })).collect()
    }

    fn gram(y: Row<'_>) -> Vec<[f32; LANES]> {
        let mut gram = vec![[0.0; LANES]; LANES];
        for four in y.chunks_exact(4) {
            add_gram(&mut gram, [&four[..1], &four[1..2], &four[2..3], &four[3..]]);
        }
        gram
    }

    /// The objective, straight from its definition.
    fn objective(y: Row<'_>, x: &[f32], prior: f64, columns: &[u32], weights: &[f32]) -> f64 {
        let mut sum = prior * x.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>();
        for r in 0..ROWS {
            let dot: f64 = y[r].iter().zip(x).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
            sum += match columns.iter().position(|&c| c as usize == r) {
                Some(at) => f64::from(1.0 + weights[at]) * (1.0 - dot) * (1.0 - dot),
                None => dot * dot,
            };
        }
        sum
    }

    #[test]
    fn as_many_steps_as_factors_solve_the_normal_equations() {
        let (y, columns, weights) = (factors(), [0u32, 2, 3, 7, 10], [3.0f32, 1.0, 2.5, 8.0, 0.5]);
        let side = Side { factors: &y, blocks: 1 };
        let mut x = [[0.0; LANES]];
        let likings = Likings { columns: &columns, weights: &weights };
        let (left, total) = improve(&mut x, &gram(&y), 0.7, side, likings, 8, &mut Scratch::new(1));
        let x = x[0];
        let mut a = Symmetric::zeros(5);
        let mut b = vec![0f64; 5];
        for r in 0..ROWS {
            let row: Vec<f64> = y[r][..5].iter().map(|&x| f64::from(x)).collect();
            let weight = columns.iter().position(|&c| c as usize == r).map(|at| f64::from(weights[at]));
            a.add_outer(&row, 1.0 + weight.unwrap_or(0.0));
            for (cell, y) in b.iter_mut().zip(&row) {
                *cell += weight.map_or(0.0, |w| (1.0 + w) * y);
            }
        }
        a.add_diagonal(0, f64::from(0.7f32));
        a.cholesky().unwrap().solve(&mut b);
        for (got, want) in x.iter().zip(&b) {
            assert!((f64::from(*got) - want).abs() < 1e-4, "{got} {want}");
        }
        assert!(x[5..].iter().all(|&x| x == 0.0), "padding stays zero");
        let direct = objective(&y, &x, f64::from(0.7f32), &columns, &weights);
        assert!((left - direct).abs() < 1e-4 * direct, "{left} {direct}");
        assert_eq!(total, 20.0);
    }

    #[test]
    fn every_step_lowers_the_objective_and_says_by_how_much() {
        let (y, columns, weights) = (factors(), [1u32, 4, 5], [6.0f32; 3]);
        let side = Side { factors: &y, blocks: 1 };
        let mut last = f64::INFINITY;
        for steps in 0..5 {
            let mut x = [[0.1; LANES]];
            x[0][5..].fill(0.0);
            let likings = Likings { columns: &columns, weights: &weights };
            let (left, _) = improve(&mut x, &gram(&y), 0.2, side, likings, steps, &mut Scratch::new(1));
            let direct = objective(&y, &x[0], f64::from(0.2f32), &columns, &weights);
            assert!((left - direct).abs() < 1e-4 * direct, "{steps}: {left} {direct}");
            assert!(left < last + 1e-9);
            last = left;
        }
    }
}
