//! Arithmetic with the same bits on every machine: `libm` for transcendental functions, and vector kernels whose
//! order of summation is fixed. Rust never fuses a multiplication with an addition, so native and wasm agree.

use super::simd::F32x8;
pub use super::simd::LANES;

/// Natural logarithm.
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// Square root: IEEE 754 demands the exact rounding, so the machine's own will do.
pub fn sqrt(x: f64) -> f64 {
    x.sqrt()
}

/// Φ: the share of a standard normal distribution below `z`.
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / core::f64::consts::SQRT_2)
}

/// The next multiple of [`LANES`]: rows padded with zeros need no remainder loop.
pub fn padded(n: usize) -> usize {
    n.div_ceil(LANES) * LANES
}

/// Σ aᵢ·bᵢ in a fixed order: eight running sums, added pairwise, then the remainder.
#[inline]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let n = a.len().min(b.len());
    let (a, b) = (&a[..n], &b[..n]);
    let ((wide_a, rest_a), (wide_b, rest_b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut acc = F32x8::splat(0.0);
    for (x, y) in wide_a.iter().zip(wide_b) {
        acc = acc + F32x8::load(x) * F32x8::load(y);
    }
    let mut tail = 0f32;
    for (x, y) in rest_a.iter().zip(rest_b) {
        tail += x * y;
    }
    acc.sum() + tail
}

/// Running sum that keeps what rounding loses (Neumaier 1974), for means over millions of values.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum {
    total: f64,
    lost: f64,
}

impl Sum {
    /// Adds one value.
    pub fn add(&mut self, x: f64) {
        let t = self.total + x;
        self.lost += if self.total.abs() >= x.abs() { (self.total - t) + x } else { (x - t) + self.total };
        self.total = t;
    }

    /// The sum so far.
    pub fn value(self) -> f64 {
        self.total + self.lost
    }
}

/// Arithmetic mean; NaN for nothing.
pub fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut sum, mut n) = (Sum::default(), 0u32);
    for v in values {
        sum.add(v);
        n += 1;
    }
    sum.value() / f64::from(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_is_right_at_every_length() {
        for n in 0..40 {
            let a: Vec<f32> = (0..n).map(|i| i as f32).collect();
            let b: Vec<f32> = (0..n).map(|i| (i % 3) as f32).collect();
            let want: f32 = a.iter().zip(&b).map(|(x, y)| x * y).sum();
            assert_eq!(dot(&a, &b), want, "length {n}");
        }
    }

    #[test]
    fn sums_keep_what_rounding_loses() {
        let mut s = Sum::default();
        for x in [1e16, 1.0, -1e16] {
            s.add(x);
        }
        assert_eq!(s.value(), 1.0);
        assert!(mean([]).is_nan());
    }
}
