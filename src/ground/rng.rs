//! Seeded random numbers: xoshiro256++ (Blackman and Vigna, "Scrambled linear pseudorandom number generators",
//! 2021), seeded through SplitMix64. The sequence is part of the promise that a seed means the same model
//! everywhere, so the generator stands here in twenty lines rather than in a dependency that may change it: the frozen
//! values below may only change together with the major version of the model format.

use super::math;

/// A seeded generator.
#[derive(Clone, Debug)]
pub struct Rng([u64; 4]);

impl Rng {
    /// The generator of a seed. `stream` separates uses of one seed (initial factors, order of ratings, splits).
    pub fn new(seed: u64, stream: u64) -> Rng {
        let mut z = seed ^ stream.wrapping_mul(0xd1b5_4a32_d192_ed03);
        Rng(core::array::from_fn(|_| {
            z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut x = z;
            x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            x ^ (x >> 31)
        }))
    }

    /// Where it stands.
    pub fn state(&self) -> [u64; 4] {
        self.0
    }

    /// A generator that goes on from there.
    pub fn resume(state: [u64; 4]) -> Rng {
        Rng(state)
    }

    /// 64 random bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        let s = &mut self.0;
        let out = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        out
    }

    /// Uniform in `0..n`, `n` > 0. Multiply-shift; the bias is below n / 2^64.
    #[inline]
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next_u64()) * n as u128) >> 64) as usize
    }

    /// Uniform in [0, 1), 53 bits.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Standard normal (Marsaglia's polar method; one of each pair is dropped: no state between calls).
    pub fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let s = x * x + y * y;
            if s > 0.0 && s < 1.0 {
                return x * math::sqrt(-2.0 * math::ln(s) / s);
            }
        }
    }

    /// Fisher–Yates.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_frozen() {
        let mut rng = Rng::new(897, 0);
        let first: Vec<u64> = (0..3).map(|_| rng.next_u64()).collect();
        let normals: Vec<u64> = (0..2).map(|_| rng.normal().to_bits()).collect();
        assert_eq!(
            (first, normals),
            (
                vec![8808154456474974487, 4906709770180300434, 13155979884017752484],
                vec![13817210987299241923, 4603382499709717569]
            )
        );
    }

    #[test]
    fn streams_differ_and_shuffles_keep_everything() {
        assert_ne!(Rng::new(1, 0).next_u64(), Rng::new(1, 1).next_u64());
        let mut items: Vec<u32> = (0..100).collect();
        Rng::new(5, 0).shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn normals_have_mean_0_and_variance_1() {
        let mut rng = Rng::new(3, 0);
        let n = 20_000;
        let xs: Vec<f64> = (0..n).map(|_| rng.normal()).collect();
        let mean = xs.iter().sum::<f64>() / f64::from(n);
        let var = xs.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / f64::from(n);
        assert!(mean.abs() < 0.02 && (var - 1.0).abs() < 0.03, "{mean} {var}");
    }
}
