//! A person solved for exactly, known to training or not.

use super::ImplicitAls;
use crate::ground::linalg::{Cholesky, Symmetric};
use crate::models::mf::Table;

/// YᵀY of the items in double precision, and how many of them have factors: those that somebody liked.
pub(super) fn gram(items: &Table, factors: usize) -> (Symmetric, usize) {
    let (mut gram, mut alive) = (Symmetric::zeros(factors), 0);
    for i in 0..items.len() {
        let y = &items.row(i)[..factors];
        // Most of the work of reading a model is here, and many rows may be zero.
        if y.iter().any(|&x| x != 0.0) {
            gram.add_outer(&wide(y), 1.0);
            alive += 1;
        }
    }
    (gram, alive)
}

/// In double precision.
pub(super) fn wide(y: &[f32]) -> Vec<f64> {
    y.iter().map(|&x| f64::from(x)).collect()
}

/// The normal equations of a person: see [`super::solve`].
pub(super) struct Equations {
    factor: Cholesky,
    /// The person's factors.
    pub x: Vec<f64>,
}

impl ImplicitAls {
    /// α w of a rating, where it is a liking.
    pub(super) fn liking(&self, rating: f64) -> Option<f64> {
        self.params.confidence(self.known.scale, rating)
    }

    fn y(&self, item: u32) -> Vec<f64> {
        wide(&self.items.row(item as usize)[..self.params.factors])
    }

    /// Solves for a person; `None` where nothing is liked.
    pub(super) fn equations(&self, history: &[(u32, f64)]) -> Option<Equations> {
        let mut a = self.gram.0.clone();
        let mut x = vec![0f64; self.params.factors];
        let mut liked = 0.0;
        for &(item, rating) in history {
            let Some(weight) = self.liking(rating) else { continue };
            let y = self.y(item);
            a.add_outer(&y, weight);
            for (cell, y) in x.iter_mut().zip(&y) {
                *cell += (1.0 + weight) * y;
            }
            liked += weight;
        }
        if liked == 0.0 {
            return None;
        }
        // A floor against rounding, where more factors than items leave the Gram matrix singular.
        let largest = (0..a.order()).map(|l| a.get(l, l)).fold(0.0, f64::max);
        a.add_diagonal(0, self.params.prior(liked, self.gram.1).max(1e-9 * largest + 1e-12));
        let factor = a.cholesky().expect("a Gram matrix with a positive prior is positive definite");
        factor.solve(&mut x);
        Some(Equations { factor, x })
    }

    /// x·y_i.
    pub(super) fn preference(&self, of: &Equations, item: u32) -> f64 {
        self.y(item).iter().zip(&of.x).map(|(y, x)| y * x).sum()
    }

    /// What each rating adds to the preference for `item`: c_j y_iᵀ A⁻¹ y_j for a liking (Hu et al. 2008, eq. 8), nothing
    /// for another.
    pub(super) fn parts(&self, of: &Equations, item: u32, history: &[(u32, f64)]) -> Vec<f64> {
        let mut reach = self.y(item);
        of.factor.solve(&mut reach);
        let part = |&(j, rating): &(u32, f64)| {
            let Some(weight) = self.liking(rating) else { return 0.0 };
            (1.0 + weight) * self.y(j).iter().zip(&reach).map(|(y, x)| y * x).sum::<f64>()
        };
        history.iter().map(part).collect()
    }

    /// The preference for an item of the history, had the person not said anything of it. With s = yᵀ A⁻¹ y, taking the
    /// item out of A and b (Sherman and Morrison) leaves (x·y − c s) / (1 − (c − 1) s).
    pub(super) fn without(&self, of: &Equations, item: u32, rating: f64) -> f64 {
        let preference = self.preference(of, item);
        let Some(weight) = self.liking(rating) else { return preference };
        let s = of.factor.quadratic(&mut self.y(item));
        (preference - (1.0 + weight) * s) / (1.0 - weight * s)
    }
}
