//! Directions to go: Newton's for squares (iteratively reweighted least squares) and quasi-Newton ones where there are
//! too many columns for that (L-BFGS: Liu and Nocedal, "On the Limited Memory BFGS Method for Large Scale
//! Optimization", Mathematical Programming 1989).

use super::problem::dot;
use crate::ground::linalg::{backward, factor, forward};

/// Steps that are remembered.
const MEMORY: usize = 10;

/// The lower Cholesky factor of a symmetric matrix of order `n` that is positive but for rounding: where columns are
/// (nearly) sums of others, as much is added to the diagonal as it takes. A diagonal below `floor` is lifted to it.
/// Line searches and the exact gradient see to it that the answer stays the same.
pub(super) fn factored(h: &[f64], n: usize, floor: f64) -> Vec<f64> {
    let mut share = 0.0;
    loop {
        let mut l = h.to_vec();
        for i in 0..n {
            let d = &mut l[i * n + i];
            *d = d.max(floor) * (1.0 + share);
        }
        if factor(&mut l, n) {
            return l;
        }
        // Beyond n the diagonal outweighs everything else of a positive matrix.
        assert!(share <= 1e3 * n as f64, "a Hessian is finite and positive");
        share = if share == 0.0 { 1e-13 } else { share * 30.0 };
    }
}

/// −H⁻¹ g, given the factor of H.
pub(super) fn downhill(l: &[f64], gradient: &[f64]) -> Vec<f64> {
    let mut d: Vec<f64> = gradient.iter().map(|g| -g).collect();
    forward(l, &mut d);
    backward(l, &mut d);
    d
}

/// Pairs of (change of θ, change of the gradient), oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory(pub Vec<(Vec<f64>, Vec<f64>)>);

impl Memory {
    /// Remembers a step, unless the slope did not grow along it: rounding, then.
    pub fn push(&mut self, moved: Vec<f64>, turned: Vec<f64>) {
        let (across, squared) = (dot(&moved, &turned), dot(&turned, &turned));
        if across > 1e-14 * squared && across > 0.0 {
            if self.0.len() == MEMORY {
                self.0.remove(0);
            }
            self.0.push((moved, turned));
        }
    }

    /// −H⁻¹ g, by what is remembered of H around a first guess of its diagonal.
    pub fn downhill(&self, gradient: &[f64], diagonal: &[f64]) -> Vec<f64> {
        let mut d: Vec<f64> = gradient.iter().map(|g| -g).collect();
        let mut alphas = [0.0; MEMORY];
        for ((s, y), alpha) in self.0.iter().zip(&mut alphas).rev() {
            *alpha = dot(s, &d) / dot(s, y);
            d.iter_mut().zip(y).for_each(|(d, y)| *d -= *alpha * y);
        }
        let last = self.0.last().map(|(s, y)| {
            let scaled: f64 = y.iter().zip(diagonal).map(|(y, h)| y * y / h).sum();
            dot(s, y) / scaled
        });
        let scale = last.unwrap_or(1.0);
        d.iter_mut().zip(diagonal).for_each(|(d, h)| *d *= scale / h);
        for ((s, y), alpha) in self.0.iter().zip(&alphas) {
            let beta = dot(y, &d) / dot(s, y);
            d.iter_mut().zip(s).for_each(|(d, s)| *d += (alpha - beta) * s);
        }
        d
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_singular_matrix_is_damped_and_a_regular_one_is_not() {
        let l = factored(&[4.0, 0.0, 2.0, 2.0], 2, 0.0);
        assert_eq!([l[0], l[2], l[3]], [2.0, 1.0, 1.0]);
        let l = factored(&[1.0, 0.0, 1.0, 1.0], 2, 0.0);
        assert!((l[0] - 1.0).abs() < 1e-6 && l[3] > 0.0 && l[3] < 1e-5, "{l:?}");
        assert_eq!(factored(&[0.0], 1, 1e-4), [1e-2], "the floor");
    }

    #[test]
    fn memory_of_a_quadratic_finds_its_minimum() {
        // H = diag(1, 10, 100) and a guess of 1: exact searches need as many steps as there are dimensions.
        let h = [1.0, 10.0, 100.0];
        let (mut x, mut memory) = (vec![1.0, 1.0, 1.0], Memory::default());
        for _ in 0..3 {
            let g: Vec<f64> = x.iter().zip(&h).map(|(x, h)| x * h).collect();
            let d = memory.downhill(&g, &[1.0; 3]);
            let bent: f64 = d.iter().zip(&h).map(|(d, h)| d * d * h).sum();
            let t = -dot(&g, &d) / bent;
            let moved: Vec<f64> = d.iter().map(|d| t * d).collect();
            let turned = moved.iter().zip(&h).map(|(d, h)| d * h).collect();
            x.iter_mut().zip(&moved).for_each(|(x, d)| *x += d);
            memory.push(moved, turned);
        }
        assert!(x.iter().all(|x| x.abs() < 1e-9), "{x:?}");
    }
}
