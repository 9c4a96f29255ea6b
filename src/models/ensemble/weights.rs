//! Weights of members: w ≥ 0, Σ w = 1, such that the weighted mean of what they predict misses the ratings least,
//!
//! ```text
//! minimise  wᵀ E w + λ s |w − 1/m|²,   E = Σ e eᵀ,  e = what each member misses of a rating,  s = mean of E's diagonal per rating
//! ```
//!
//! so that λ is the number of ratings by which weights are drawn to equal ones (Breiman, "Stacked Regressions", Machine
//! Learning 1996, has the non-negative weights; that they sum to one keeps the mean within the members' bounds).

/// Rounds of projected gradient descent; with a few members it has converged long before.
const ROUNDS: usize = 2000;

/// Sums over ratings that were held out.
#[derive(Clone, Debug, Default)]
pub struct Misses {
    members: usize,
    /// Σ e eᵀ, row by row.
    pub sums: Vec<f64>,
    /// How many ratings.
    pub count: usize,
}

impl Misses {
    /// Of so many members.
    pub fn new(members: usize) -> Misses {
        Misses { members, sums: vec![0.0; members * members], count: 0 }
    }

    /// Adds what each member misses of one rating.
    pub fn add(&mut self, errors: &[f64]) {
        for (row, a) in self.sums.chunks_exact_mut(self.members).zip(errors) {
            row.iter_mut().zip(errors).for_each(|(cell, b)| *cell += a * b);
        }
        self.count += 1;
    }

    /// Mean squared error of a weighted mean.
    pub fn squared(&self, weights: &[f64]) -> f64 {
        let product = |row: &[f64]| row.iter().zip(weights).map(|(e, w)| e * w).sum::<f64>();
        let whole: f64 =
            self.sums.chunks_exact(self.members.max(1)).zip(weights).map(|(row, w)| w * product(row)).sum();
        whole / self.count.max(1) as f64
    }

    /// The weights; equal ones where there is nothing to go by.
    pub fn weights(&self, shrinkage: f64) -> Vec<f64> {
        let m = self.members;
        let equal = 1.0 / m as f64;
        let mut w = vec![equal; m];
        let trace: f64 = (0..m).map(|j| self.sums[j * m + j]).sum();
        let scale = trace / (m * self.count.max(1)) as f64;
        if self.count == 0 || scale <= 0.0 {
            return w;
        }
        let drawn = shrinkage * scale;
        // The gradient's slope is at most the trace and the pull together.
        let step = 0.5 / (trace + drawn);
        for _ in 0..ROUNDS {
            let gradient: Vec<f64> = (0..m)
                .map(|j| {
                    let row = &self.sums[j * m..(j + 1) * m];
                    let slope: f64 = row.iter().zip(&w).map(|(e, w)| e * w).sum();
                    2.0 * (slope + drawn * (w[j] - equal))
                })
                .collect();
            w.iter_mut().zip(&gradient).for_each(|(w, g)| *w -= step * g);
            project(&mut w);
        }
        w
    }
}

/// The nearest point with no part below 0 and a sum of 1 (Duchi et al., "Efficient Projections onto the ℓ1-Ball", ICML
/// 2008).
fn project(w: &mut [f64]) {
    let mut sorted = w.to_vec();
    crate::ground::sort::sort_by(&mut sorted, |a, b| b.total_cmp(a));
    let (mut sum, mut shift) = (0.0, 0.0);
    for (at, x) in sorted.iter().enumerate() {
        sum += x;
        let candidate = (sum - 1.0) / (at + 1) as f64;
        if x - candidate > 0.0 {
            shift = candidate;
        }
    }
    w.iter_mut().for_each(|x| *x = (*x - shift).max(0.0));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::rng::Rng;
    use proptest::prelude::*;

    /// Two members with independent errors of size 1 and 2: the best weights are 4 : 1.
    fn two(n: usize) -> Misses {
        let (mut misses, mut rng) = (Misses::new(2), Rng::new(1, 0));
        (0..n).for_each(|_| misses.add(&[rng.normal(), 2.0 * rng.normal()]));
        misses
    }

    #[test]
    fn weights_are_those_of_the_textbook_and_equal_ones_where_little_is_known() {
        let w = two(100_000).weights(0.0);
        assert!((w[0] - 0.8).abs() < 0.01 && (w[0] + w[1] - 1.0).abs() < 1e-9, "{w:?}");
        let drawn = two(10).weights(1e6);
        assert!((drawn[0] - 0.5).abs() < 0.01, "{drawn:?}");
        assert_eq!(Misses::new(3).weights(50.0), [1.0 / 3.0; 3]);
    }

    #[test]
    fn whoever_only_repeats_another_s_mistakes_gets_nothing() {
        let (mut misses, mut rng) = (Misses::new(2), Rng::new(2, 0));
        for _ in 0..1000 {
            let e = rng.normal();
            misses.add(&[e, 2.0 * e + 0.1 * rng.normal()]);
        }
        assert_eq!(misses.weights(0.0), [1.0, 0.0]);
    }

    proptest! {
        #[test]
        fn no_single_member_is_better_than_the_mean(seed in any::<u64>(), members in 1usize..6) {
            let (mut misses, mut rng) = (Misses::new(members), Rng::new(seed, 0));
            for _ in 0..50 {
                let common = rng.normal();
                let errors: Vec<f64> = (0..members).map(|j| common + j as f64 * 0.3 * rng.normal()).collect();
                misses.add(&errors);
            }
            let w = misses.weights(0.0);
            prop_assert!(w.iter().all(|w| *w >= 0.0) && (w.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            for j in 0..members {
                let alone: Vec<f64> = (0..members).map(|k| f64::from(u8::from(k == j))).collect();
                prop_assert!(misses.squared(&w) <= misses.squared(&alone) + 1e-6);
            }
        }
    }
}
