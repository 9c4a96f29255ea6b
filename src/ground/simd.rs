//! Eight single-precision lanes, and four. In wasm eight are two 128-bit vectors, named explicitly so that the module may be
//! compiled for size and still run its kernels at full speed; elsewhere they are an array that the compiler turns
//! into vectors. Each lane's arithmetic is the same on both, so results are equal to the last bit.

/// Lanes of one [`F32x8`].
pub const LANES: usize = 8;

pub use lanes::{F32x4, F32x8};

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod lanes {
    use core::arch::wasm32::{
        f32x4_add, f32x4_extract_lane, f32x4_mul, f32x4_splat, i32x4_shuffle, v128, v128_load, v128_store,
    };

    /// Four lanes.
    #[derive(Clone, Copy, Debug)]
    pub struct F32x4(v128);

    impl F32x4 {
        /// All lanes alike.
        #[inline(always)]
        pub fn splat(x: f32) -> F32x4 {
            F32x4(f32x4_splat(x))
        }

        /// From memory.
        #[inline(always)]
        #[allow(unsafe_code)]
        pub fn load(from: &[f32; 4]) -> F32x4 {
            // SAFETY: the array holds 16 bytes, and wasm loads need no alignment.
            F32x4(unsafe { v128_load(from.as_ptr().cast::<v128>()) })
        }

        /// (0 + 2) + (1 + 3).
        #[inline(always)]
        pub fn sum(self) -> f32 {
            let (a, b) = (f32x4_extract_lane::<0>(self.0), f32x4_extract_lane::<1>(self.0));
            let (c, d) = (f32x4_extract_lane::<2>(self.0), f32x4_extract_lane::<3>(self.0));
            (a + c) + (b + d)
        }

        /// [`F32x8::sum`] of four.
        #[inline(always)]
        pub fn sums(a: F32x8, b: F32x8, c: F32x8, d: F32x8) -> F32x4 {
            let (a, b) = (f32x4_add(a.0, a.1), f32x4_add(b.0, b.1));
            let (c, d) = (f32x4_add(c.0, c.1), f32x4_add(d.0, d.1));
            let ab = f32x4_add(i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<2, 6, 3, 7>(a, b));
            let cd = f32x4_add(i32x4_shuffle::<0, 4, 1, 5>(c, d), i32x4_shuffle::<2, 6, 3, 7>(c, d));
            F32x4(f32x4_add(i32x4_shuffle::<0, 1, 4, 5>(ab, cd), i32x4_shuffle::<2, 3, 6, 7>(ab, cd)))
        }

        /// Each lane, eight times.
        #[inline(always)]
        pub fn spread(self) -> [F32x8; 4] {
            let (a, b) =
                (i32x4_shuffle::<0, 0, 0, 0>(self.0, self.0), i32x4_shuffle::<1, 1, 1, 1>(self.0, self.0));
            let (c, d) =
                (i32x4_shuffle::<2, 2, 2, 2>(self.0, self.0), i32x4_shuffle::<3, 3, 3, 3>(self.0, self.0));
            [F32x8(a, a), F32x8(b, b), F32x8(c, c), F32x8(d, d)]
        }
    }

    impl core::ops::Add for F32x4 {
        type Output = F32x4;
        /// Lane by lane.
        #[inline(always)]
        fn add(self, o: F32x4) -> F32x4 {
            F32x4(f32x4_add(self.0, o.0))
        }
    }

    impl core::ops::Mul for F32x4 {
        type Output = F32x4;
        /// Lane by lane.
        #[inline(always)]
        fn mul(self, o: F32x4) -> F32x4 {
            F32x4(f32x4_mul(self.0, o.0))
        }
    }

    /// Eight lanes.
    #[derive(Clone, Copy, Debug)]
    pub struct F32x8(v128, v128);

    impl F32x8 {
        /// All lanes alike.
        #[inline(always)]
        pub fn splat(x: f32) -> F32x8 {
            F32x8(f32x4_splat(x), f32x4_splat(x))
        }

        /// From memory.
        #[inline(always)]
        #[allow(unsafe_code)]
        pub fn load(from: &[f32; 8]) -> F32x8 {
            let at = from.as_ptr().cast::<v128>();
            // SAFETY: the array holds 32 bytes, and wasm loads need no alignment.
            unsafe { F32x8(v128_load(at), v128_load(at.add(1))) }
        }

        /// To memory.
        #[inline(always)]
        #[allow(unsafe_code)]
        pub fn store(self, to: &mut [f32; 8]) {
            let at = to.as_mut_ptr().cast::<v128>();
            // SAFETY: as for `load`.
            unsafe {
                v128_store(at, self.0);
                v128_store(at.add(1), self.1);
            }
        }

        /// Lanes l and l + 4 first, then (0 + 2) + (1 + 3).
        #[inline(always)]
        pub fn sum(self) -> f32 {
            let s = f32x4_add(self.0, self.1);
            let (a, b) = (f32x4_extract_lane::<0>(s), f32x4_extract_lane::<1>(s));
            let (c, d) = (f32x4_extract_lane::<2>(s), f32x4_extract_lane::<3>(s));
            (a + c) + (b + d)
        }
    }

    impl core::ops::Add for F32x8 {
        type Output = F32x8;
        /// Lane by lane.
        #[inline(always)]
        fn add(self, o: F32x8) -> F32x8 {
            F32x8(f32x4_add(self.0, o.0), f32x4_add(self.1, o.1))
        }
    }

    impl core::ops::Mul for F32x8 {
        type Output = F32x8;
        /// Lane by lane.
        #[inline(always)]
        fn mul(self, o: F32x8) -> F32x8 {
            F32x8(f32x4_mul(self.0, o.0), f32x4_mul(self.1, o.1))
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod lanes {
    /// Four lanes.
    #[derive(Clone, Copy, Debug)]
    pub struct F32x4([f32; 4]);

    impl F32x4 {
        /// All lanes alike.
        #[inline(always)]
        pub fn splat(x: f32) -> F32x4 {
            F32x4([x; 4])
        }

        /// From memory.
        #[inline(always)]
        pub fn load(from: &[f32; 4]) -> F32x4 {
            F32x4(*from)
        }

        /// (0 + 2) + (1 + 3).
        #[inline(always)]
        pub fn sum(self) -> f32 {
            (self.0[0] + self.0[2]) + (self.0[1] + self.0[3])
        }

        /// [`F32x8::sum`] of four.
        #[inline(always)]
        pub fn sums(a: F32x8, b: F32x8, c: F32x8, d: F32x8) -> F32x4 {
            F32x4([a.sum(), b.sum(), c.sum(), d.sum()])
        }

        /// Each lane, eight times.
        #[inline(always)]
        pub fn spread(self) -> [F32x8; 4] {
            self.0.map(F32x8::splat)
        }
    }

    impl core::ops::Add for F32x4 {
        type Output = F32x4;
        /// Lane by lane.
        #[inline(always)]
        fn add(self, o: F32x4) -> F32x4 {
            F32x4(core::array::from_fn(|l| self.0[l] + o.0[l]))
        }
    }

    impl core::ops::Mul for F32x4 {
        type Output = F32x4;
        /// Lane by lane.
        #[inline(always)]
        fn mul(self, o: F32x4) -> F32x4 {
            F32x4(core::array::from_fn(|l| self.0[l] * o.0[l]))
        }
    }

    /// Eight lanes.
    #[derive(Clone, Copy, Debug)]
    pub struct F32x8([f32; 8]);

    impl F32x8 {
        /// All lanes alike.
        #[inline(always)]
        pub fn splat(x: f32) -> F32x8 {
            F32x8([x; 8])
        }

        /// From memory.
        #[inline(always)]
        pub fn load(from: &[f32; 8]) -> F32x8 {
            F32x8(*from)
        }

        /// To memory.
        #[inline(always)]
        pub fn store(self, to: &mut [f32; 8]) {
            *to = self.0;
        }

        /// Lanes l and l + 4 first, then (0 + 2) + (1 + 3).
        #[inline(always)]
        pub fn sum(self) -> f32 {
            let s: [f32; 4] = core::array::from_fn(|l| self.0[l] + self.0[l + 4]);
            (s[0] + s[2]) + (s[1] + s[3])
        }
    }

    impl core::ops::Add for F32x8 {
        type Output = F32x8;
        /// Lane by lane.
        #[inline(always)]
        fn add(self, o: F32x8) -> F32x8 {
            F32x8(core::array::from_fn(|l| self.0[l] + o.0[l]))
        }
    }

    impl core::ops::Mul for F32x8 {
        type Output = F32x8;
        /// Lane by lane.
        #[inline(always)]
        fn mul(self, o: F32x8) -> F32x8 {
            F32x8(core::array::from_fn(|l| self.0[l] * o.0[l]))
        }
    }
}
