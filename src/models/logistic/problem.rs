//! What is minimised, and sums over its rows in pieces of any size. Everything happens in standardised columns
//! z = (x − m) / s with z₀ = 1 and θ_j = w_j s_j: the same minimum, but neither a column in millions nor one far from 0
//! costs digits.

use crate::features::Matrix;
use crate::ground::math::{Sum, sqrt};
use std::rc::Rc;

/// Rows between two looks at the budget. Sums never depend on where a pass was interrupted.
const CHUNK: usize = 16;
/// Multiplications and additions that one of budget pays for. 60,000 take 24 ms or less in wasm compiled for size, the
/// first calls included, which run before the browser has optimised them.
pub(super) const OPERATIONS: usize = 128;
/// The same for exponentials and logarithms of a row.
const PER_ROW: usize = 64;

/// What `operations` cost.
pub(super) fn cost(operations: usize) -> usize {
    1 + operations / OPERATIONS
}

/// σ(x), without overflow.
pub fn sigmoid(x: f64) -> f64 {
    let e = libm::exp(-x.abs());
    if x >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
}

/// ln(1 + eˣ), without overflow.
pub(super) fn softplus(x: f64) -> f64 {
    x.max(0.0) + libm::log1p(libm::exp(-x.abs()))
}

/// Σ aᵢ bᵢ as four running sums.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().min(b.len());
    let ((wide_a, rest_a), (wide_b, rest_b)) = (a[..n].as_chunks::<4>(), b[..n].as_chunks::<4>());
    let (mut s, mut t, mut u, mut v) = (0.0, 0.0, 0.0, 0.0);
    for (x, y) in wide_a.iter().zip(wide_b) {
        s += x[0] * y[0];
        t += x[1] * y[1];
        u += x[2] * y[2];
        v += x[3] * y[3];
    }
    let mut sum = (s + t) + (u + v);
    for (x, y) in rest_a.iter().zip(rest_b) {
        sum += x * y;
    }
    sum
}

/// Rows with labels and weights.
#[derive(Debug)]
pub(super) struct Problem {
    pub matrix: Rc<Matrix>,
    pub labels: Vec<bool>,
    /// What each row counts for the caller; 0 takes no part.
    pub given: Vec<f64>,
    /// What each row counts in the present fit: 0 where it is held out.
    pub weights: Vec<f64>,
    /// Σ of these.
    pub total: f64,
    /// m and s by column, once they are known.
    pub means: Vec<f64>,
    pub scales: Vec<f64>,
}

impl Problem {
    /// Sets what rows count: those of `held` not at all. Gives the weights of both classes, the negative one first.
    pub fn weigh(&mut self, balanced: bool, held: &dyn Fn(usize) -> bool) -> [f64; 2] {
        let mut sums = [0.0; 2];
        for (i, weight) in self.weights.iter_mut().enumerate() {
            *weight = if held(i) { 0.0 } else { self.given[i] };
            sums[usize::from(self.labels[i])] += *weight;
        }
        let all = sums[0] + sums[1];
        let classes = if balanced { sums.map(|s| all / (2.0 * s)) } else { [1.0; 2] };
        self.total = sums[0] * classes[0] + sums[1] * classes[1];
        for (weight, &label) in self.weights.iter_mut().zip(&self.labels) {
            *weight *= classes[usize::from(label)];
        }
        classes
    }

    /// Visits rows from `next` on until the budget is spent; true at the end, where `next` is 0 again.
    fn walk(
        &self,
        next: &mut usize,
        per_row: usize,
        left: &mut usize,
        visit: &mut dyn FnMut(core::ops::Range<usize>),
    ) -> bool {
        let rows = self.matrix.rows();
        let price = cost(CHUNK * per_row);
        while *left > 0 && *next < rows {
            let end = (*next + CHUNK).min(rows);
            visit(*next..end);
            *next = end;
            *left = left.saturating_sub(price);
        }
        let done = *next == rows;
        if done {
            *next = 0;
        }
        done
    }
}

/// Means, then deviations from them.
#[derive(Debug, Default)]
pub(super) struct Moments {
    next: usize,
    sums: Vec<f64>,
    low: Vec<f32>,
    high: Vec<f32>,
}

impl Moments {
    /// True when the problem knows its means and scales.
    pub fn advance(&mut self, problem: &mut Problem, left: &mut usize) -> bool {
        let p = problem.matrix.columns();
        let total: f64 = problem.given.iter().sum();
        while problem.scales.is_empty() {
            if self.sums.is_empty() {
                self.sums = vec![0.0; p];
                self.low.resize(p, f32::INFINITY);
                self.high.resize(p, f32::NEG_INFINITY);
            }
            let second = !problem.means.is_empty();
            let Moments { next, sums, low, high } = self;
            let done = problem.walk(next, 10 * p, left, &mut |rows| {
                for i in rows.filter(|&i| problem.given[i] > 0.0) {
                    let (weight, row) = (problem.given[i], problem.matrix.row(i));
                    if second {
                        for ((sum, &x), m) in sums.iter_mut().zip(row).zip(&problem.means) {
                            let d = f64::from(x) - m;
                            *sum += weight * d * d;
                        }
                        continue;
                    }
                    for ((sum, &x), (low, high)) in
                        sums.iter_mut().zip(row).zip(low.iter_mut().zip(high.iter_mut()))
                    {
                        *sum += weight * f64::from(x);
                        *low = if x < *low { x } else { *low };
                        *high = if x > *high { x } else { *high };
                    }
                }
            });
            if !done {
                return false;
            }
            let sums = core::mem::take(&mut self.sums).into_iter().zip(self.low.iter().zip(&self.high));
            // Rounding must not make a column of one value look as if it varied.
            let result = sums.map(|(sum, (&low, &high))| match (second, low == high) {
                (false, true) => f64::from(low),
                (false, false) => sum / total,
                (true, false) if sum > 0.0 => sqrt(sum / total),
                (true, _) => 1.0,
            });
            if second {
                problem.scales = result.collect();
            } else {
                problem.means = result.collect();
            }
        }
        true
    }
}

/// Loss, slope and curvature at a point.
#[derive(Debug, Default)]
pub(super) struct Pass {
    next: usize,
    sum: Sum,
    /// Σ loss.
    pub loss: f64,
    /// Its slope by θ.
    pub gradient: Vec<f64>,
    /// Weight × p (1 − p) by row.
    pub curvature: Vec<f64>,
    centred: Vec<f64>,
    slopes: Vec<f64>,
}

impl Pass {
    /// Rows of the present pass that are done.
    pub fn seen(&self) -> usize {
        self.next
    }

    /// True at the end.
    pub fn advance(&mut self, problem: &Problem, theta: &[f64], left: &mut usize) -> bool {
        let p = problem.matrix.columns();
        if self.next == 0 {
            self.sum = Sum::default();
            self.gradient = vec![0.0; p + 1];
            self.curvature.resize(problem.labels.len(), 0.0);
            self.centred = vec![0.0; p];
            self.slopes = theta[1..].iter().zip(&problem.scales).map(|(t, s)| t / s).collect();
        }
        let Pass { next, sum, gradient, curvature, centred, slopes, .. } = self;
        let done = problem.walk(next, 4 * p + PER_ROW, left, &mut |rows| {
            for i in rows {
                let weight = problem.weights[i];
                if weight == 0.0 {
                    curvature[i] = 0.0;
                    continue;
                }
                for ((c, &x), m) in centred.iter_mut().zip(problem.matrix.row(i)).zip(&problem.means) {
                    *c = f64::from(x) - m;
                }
                let decision = theta[0] + dot(slopes, centred);
                // Both sides by themselves: near 1, one less the other would have no digits left.
                let (chance, rest) = (sigmoid(decision), sigmoid(-decision));
                let (against, residual) =
                    if problem.labels[i] { (-decision, -rest) } else { (decision, chance) };
                let residual = weight * residual;
                sum.add(weight * softplus(against));
                curvature[i] = weight * chance * rest;
                gradient[0] += residual;
                for (g, c) in gradient[1..].iter_mut().zip(centred.iter()) {
                    *g += residual * c;
                }
            }
        });
        if done {
            self.loss = self.sum.value();
            self.gradient[1..].iter_mut().zip(&problem.scales).for_each(|(g, s)| *g /= s);
        }
        done
    }
}

/// Σ κ z zᵀ over some columns (0 is the intercept, j + 1 column j), or its diagonal alone.
#[derive(Debug, Default)]
pub(super) struct Hessian {
    next: usize,
    /// In ascending order.
    pub columns: Vec<u32>,
    /// The lower triangle, in rows of full length; or the diagonal.
    pub values: Vec<f64>,
    diagonal: bool,
    block: [Vec<f64>; 4],
}

impl Hessian {
    /// Rows that are done.
    pub fn seen(&self) -> usize {
        self.next
    }

    /// Nothing summed yet.
    pub fn new(columns: Vec<u32>, diagonal: bool) -> Hessian {
        let m = columns.len();
        let values = vec![0.0; if diagonal { m } else { m * m }];
        Hessian { next: 0, columns, values, diagonal, block: core::array::from_fn(|_| vec![0.0; m]) }
    }

    /// True at the end.
    pub fn advance(&mut self, problem: &Problem, curvature: &[f64], left: &mut usize) -> bool {
        let m = self.columns.len();
        let Hessian { next, columns, values, diagonal, block } = self;
        let per_row = if *diagonal { 16 * m } else { 10 * m + m * (m + 1) / 2 };
        problem.walk(next, per_row, left, &mut |rows| {
            let mut filled = 0;
            let mut kappa = [0.0; 4];
            for i in rows.filter(|&i| curvature[i] > 0.0) {
                standardised(problem, problem.matrix.row(i), columns, &mut block[filled]);
                kappa[filled] = curvature[i];
                filled += 1;
                if filled == 4 {
                    add(values, *diagonal, block, kappa);
                    (filled, kappa) = (0, [0.0; 4]);
                }
            }
            if filled > 0 {
                add(values, *diagonal, block, kappa);
            }
        })
    }
}

/// z of some columns.
fn standardised(problem: &Problem, row: &[f32], columns: &[u32], z: &mut [f64]) {
    for (z, &column) in z.iter_mut().zip(columns) {
        *z = match column.checked_sub(1) {
            None => 1.0,
            Some(j) => (f64::from(row[j as usize]) - problem.means[j as usize]) / problem.scales[j as usize],
        };
    }
}

/// Adds κ z zᵀ of four rows, so that the sum is read and written once for all of them.
fn add(values: &mut [f64], diagonal: bool, block: &[Vec<f64>; 4], kappa: [f64; 4]) {
    let m = block[0].len();
    for i in 0..m {
        let [a, b, c, d] = core::array::from_fn(|r| kappa[r] * block[r][i]);
        if diagonal {
            values[i] += (a * block[0][i] + b * block[1][i]) + (c * block[2][i] + d * block[3][i]);
            continue;
        }
        let [z0, z1, z2, z3] = block.each_ref().map(|z| &z[..=i]);
        let sums = values[i * m..][..=i].iter_mut();
        for ((((sum, x), y), z), w) in sums.zip(z0).zip(z1).zip(z2).zip(z3) {
            *sum += (a * x + b * y) + (c * z + d * w);
        }
    }
}
