//! Few coefficients: absolute values are penalised, and Newton's quadratic is minimised by one coordinate after the
//! other (Friedman, Hastie and Tibshirani, "Regularization Paths for Generalized Linear Models via Coordinate Descent",
//! Journal of Statistical Software 2010; with the line search of Yuan, Ho and Lin, "An Improved GLMNET for
//! L1-regularized Logistic Regression", JMLR 2012). Only columns that may move take part, 400 at a time; where more keep
//! a coefficient in the end, it takes hundreds of iterations.

use super::problem::cost;
use super::solver::Penalty;
use crate::ground::sort::order;

/// Sweeps over the coordinates of one quadratic at most; what is left to do, the next quadratic does.
const SWEEPS: usize = 2000;

/// Columns that take part in the next quadratic: those that have a coefficient and those whose slope exceeds their
/// penalty; where they are more than `most`, those furthest from their optimum. False where some were left out.
pub(super) fn working_set(
    theta: &[f64],
    gradient: &[f64],
    penalty: &Penalty,
    most: usize,
) -> (Vec<u32>, bool) {
    let far = |j: u32| penalty.violation(theta, gradient, j as usize);
    let mut set: Vec<u32> = (1..theta.len())
        .filter(|&j| theta[j] != 0.0 || gradient[j].abs() > penalty.each[j])
        .map(|j| j as u32)
        .collect();
    let all = set.len() <= most;
    if !all {
        let worst = order(set.len(), &mut |a, b| far(set[b]).total_cmp(&far(set[a])));
        let mut taken = vec![false; theta.len()];
        worst[..most].iter().for_each(|&at| taken[set[at as usize] as usize] = true);
        set.retain(|&j| taken[j as usize]);
    }
    set.insert(0, 0);
    (set, all)
}

/// min over d of gᵀd + ½ dᵀHd + Σ each |θ + d|, under way.
#[derive(Debug, Default)]
pub(super) struct Descent {
    /// Where it is.
    pub d: Vec<f64>,
    /// g + H d.
    slope: Vec<f64>,
    sweeps: usize,
}

impl Descent {
    /// Begins at d = 0.
    pub fn new(gradient: Vec<f64>) -> Descent {
        Descent { d: vec![0.0; gradient.len()], slope: gradient, sweeps: 0 }
    }

    /// Sweeps until the budget is spent; true when no coordinate moves by `tolerance` of itself or of 1. `h` is the
    /// lower triangle of H in rows of full length.
    pub fn advance(
        &mut self,
        h: &[f64],
        theta: &[f64],
        each: &[f64],
        tolerance: f64,
        left: &mut usize,
    ) -> bool {
        let n = self.d.len();
        while *left > 0 && self.sweeps < SWEEPS {
            self.sweeps += 1;
            *left = left.saturating_sub(cost(3 * n * n));
            let mut most = 0f64;
            for j in 0..n {
                let curvature = h[j * n + j];
                if curvature <= 0.0 {
                    continue;
                }
                let now = theta[j] + self.d[j];
                let aim = now - self.slope[j] / curvature;
                let next = aim.signum() * (aim.abs() - each[j] / curvature).max(0.0);
                let moved = next - now;
                if moved == 0.0 || !moved.is_finite() {
                    continue;
                }
                // Not d + moved: what is to be 0 must be 0 to the last bit.
                self.d[j] = next - theta[j];
                most = most.max(moved.abs() / (1.0 + next.abs()));
                let (row, below) = (&h[j * n..][..=j], &h[(j + 1) * n..]);
                self.slope.iter_mut().zip(row).for_each(|(s, h)| *s += moved * h);
                for (s, row) in self.slope[j + 1..].iter_mut().zip(below.chunks_exact(n)) {
                    *s += moved * row[j];
                }
            }
            if most <= tolerance {
                return true;
            }
        }
        self.sweeps == SWEEPS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_find_the_minimum_and_stop_at_zero() {
        // The conditions of optimality are the definition: slope + each · sign = 0, or |slope| ≤ each at 0.
        let (h, gradient, each) =
            ([2.0, 0.0, 0.0, 0.5, 1.0, 0.0, 0.3, 0.2, 1.5], [-3.0, 0.1, 2.0], [0.0, 0.5, 3.0]);
        let theta = [0.5, 0.2, 0.0];
        let mut descent = Descent::new(gradient.to_vec());
        while !descent.advance(&h, &theta, &each, 1e-14, &mut 1) {}
        let at: Vec<f64> = theta.iter().zip(&descent.d).map(|(t, d)| t + d).collect();
        for i in 0..3 {
            let hd: f64 = (0..3).map(|j| h[i.max(j) * 3 + i.min(j)] * descent.d[j]).sum();
            let slope = gradient[i] + hd;
            let off =
                if at[i] == 0.0 { slope.abs() - each[i] } else { (slope + each[i] * at[i].signum()).abs() };
            assert!(off < 1e-12, "coordinate {i} at {at:?}: {off}");
        }
        assert!(at.contains(&0.0) && at[0] > 1.0);
    }

    #[test]
    fn the_working_set_holds_what_may_move() {
        let (theta, gradient) = ([0.0, 0.0, 3.0, 0.0, -1.0], [0.0, 2.0, 0.0, 0.5, 1.1]);
        let penalty = Penalty::new(true, 1.0, &[1.0; 4]);
        assert_eq!(working_set(&theta, &gradient, &penalty, 9), (vec![0, 1, 2, 4], true));
        assert_eq!(
            working_set(&theta, &gradient, &penalty, 2),
            (vec![0, 1, 2], false),
            "by what is left to gain"
        );
    }
}
