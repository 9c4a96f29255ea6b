//! Small symmetric systems, in f64: the normal equations of fold-in. Sizes are the number of factors (tens), so
//! plain loops in a fixed order are both fast enough (k = 64: under 0.1 ms) and the same everywhere.

/// A symmetric matrix of order `n`, stored in full, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Symmetric {
    n: usize,
    data: Vec<f64>,
}

impl Symmetric {
    /// Zeros.
    pub fn zeros(n: usize) -> Symmetric {
        Symmetric { n, data: vec![0.0; n * n] }
    }

    /// Order.
    pub fn order(&self) -> usize {
        self.n
    }

    /// The value at row `i`, column `j`.
    pub fn get(&self, i: usize, j: usize) -> f64 {
        self.data[i * self.n + j]
    }

    /// Adds to the values at (i, j) and (j, i), which are one value where i = j.
    pub fn add(&mut self, i: usize, j: usize, weight: f64) {
        self.data[i * self.n + j] += weight;
        if i != j {
            self.data[j * self.n + i] += weight;
        }
    }

    /// Adds `weight` to the diagonal.
    pub fn add_diagonal(&mut self, from: usize, weight: f64) {
        for i in from..self.n {
            self.data[i * self.n + i] += weight;
        }
    }

    /// Adds `weight · z zᵀ`: a rank-one update, or with a negative weight a downdate.
    pub fn add_outer(&mut self, z: &[f64], weight: f64) {
        debug_assert_eq!(z.len(), self.n);
        for (i, row) in self.data.chunks_exact_mut(self.n).enumerate() {
            let w = weight * z[i];
            for (cell, &x) in row.iter_mut().zip(z) {
                *cell += w * x;
            }
        }
    }

    /// The lower Cholesky factor; `None` unless positive definite.
    pub fn cholesky(&self) -> Option<Cholesky> {
        let mut l = self.data.clone();
        factor(&mut l, self.n).then_some(Cholesky { n: self.n, l })
    }
}

/// Turns a symmetric matrix of order `n` into its lower Cholesky factor, in place; what stands above the diagonal is
/// left as it was. False unless positive definite.
pub fn factor(l: &mut [f64], n: usize) -> bool {
    for j in 0..n {
        let (above, below) = l.split_at_mut((j + 1) * n);
        let row_j = &mut above[j * n..];
        let mut d = row_j[j];
        for &x in &row_j[..j] {
            d -= x * x;
        }
        if !d.is_finite() || d <= 0.0 {
            return false;
        }
        let d = super::math::sqrt(d);
        row_j[j] = d;
        for row_i in below.chunks_exact_mut(n) {
            let mut s = row_i[j];
            for (a, b) in row_i[..j].iter().zip(&row_j[..j]) {
                s -= a * b;
            }
            row_i[j] = s / d;
        }
    }
    true
}

/// L y = b in place.
pub fn forward(l: &[f64], b: &mut [f64]) {
    let n = b.len();
    for i in 0..n {
        let (done, rest) = b.split_at_mut(i);
        let row = &l[i * n..][..=i];
        let mut s = rest[0];
        for (a, x) in row.iter().zip(done) {
            s -= a * *x;
        }
        rest[0] = s / row[i];
    }
}

/// Lᵀ x = y in place.
pub fn backward(l: &[f64], b: &mut [f64]) {
    let n = b.len();
    for i in (0..n).rev() {
        let row = &l[i * n..][..=i];
        let x = b[i] / row[i];
        b[i] = x;
        for (cell, a) in b[..i].iter_mut().zip(row) {
            *cell -= a * x;
        }
    }
}

/// A = L Lᵀ.
#[derive(Clone, Debug)]
pub struct Cholesky {
    n: usize,
    l: Vec<f64>,
}

impl Cholesky {
    /// A x = b in place.
    pub fn solve(&self, b: &mut [f64]) {
        debug_assert_eq!(b.len(), self.n);
        forward(&self.l, b);
        backward(&self.l, b);
    }

    /// zᵀ A⁻¹ z, the variance of a prediction up to the noise. `z` is overwritten.
    pub fn quadratic(&self, z: &mut [f64]) -> f64 {
        forward(&self.l, z);
        z.iter().map(|x| x * x).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::rng::Rng;

    fn random(n: usize, seed: u64) -> (Symmetric, Vec<f64>) {
        let mut rng = Rng::new(seed, 0);
        let mut a = Symmetric::zeros(n);
        for _ in 0..2 * n {
            let z: Vec<f64> = (0..n).map(|_| rng.normal()).collect();
            a.add_outer(&z, 1.0);
        }
        a.add_diagonal(0, 0.1);
        (a, (0..n).map(|_| rng.normal()).collect())
    }

    #[test]
    fn solutions_solve_the_system() {
        for n in [1, 2, 7, 33] {
            let (a, b) = random(n, n as u64);
            let mut x = b.clone();
            a.cholesky().unwrap().solve(&mut x);
            for i in 0..n {
                let ax: f64 = (0..n).map(|j| a.get(i, j) * x[j]).sum();
                assert!((ax - b[i]).abs() < 1e-9, "order {n}, row {i}: {ax} {}", b[i]);
            }
            let mut z = b.clone();
            let q = a.cholesky().unwrap().quadratic(&mut z);
            let direct: f64 = b.iter().zip(&x).map(|(p, q)| p * q).sum();
            assert!((q - direct).abs() < 1e-9 * q.max(1.0));
        }
    }

    #[test]
    fn a_downdate_takes_an_update_back() {
        let (a, b) = random(9, 1);
        let mut c = a.clone();
        c.add_outer(&b, 1.0);
        c.add_outer(&b, -1.0);
        for (x, y) in a.data.iter().zip(&c.data) {
            assert!((x - y).abs() < 1e-12);
        }
    }

    #[test]
    fn what_is_not_positive_definite_is_refused() {
        let mut a = Symmetric::zeros(2);
        assert!(a.cholesky().is_none());
        a.add_outer(&[1.0, 1.0], 1.0);
        assert!(a.cholesky().is_none(), "singular");
        a.add_diagonal(0, f64::NAN);
        assert!(a.cholesky().is_none(), "not a number");
    }
}
