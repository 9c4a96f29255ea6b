//! Half precision (IEEE 754 binary16): 1 sign, 5 exponent and 10 fraction bits, so about three decimals and magnitudes
//! up to 65,504. A pack in halves weighs half as much; what is read is single precision again.

/// The nearest half, ties to the one whose last bit is 0; `None` beyond what halves can hold. Tiny numbers become
/// subnormal halves (steps of 2⁻²⁴), then zero.
pub fn to_half(x: f32) -> Option<u16> {
    let bits = x.to_bits();
    let sign = (bits >> 16) as u16 & 0x8000;
    let magnitude = bits & 0x7fff_ffff;
    // 65,520 lies halfway to what would be the next half, and rounds away from the largest.
    if magnitude >= 65_520f32.to_bits() {
        return None;
    }
    let exponent = (magnitude >> 23) as i32 - 127;
    if exponent < -25 {
        return Some(sign);
    }
    // The fraction with its leading one, and how many of its bits a half has no room for.
    let fraction = (magnitude & 0x007f_ffff) | 0x0080_0000;
    let (base, drop) = if exponent < -14 { (0, -1 - exponent) } else { ((exponent + 14) as u32, 13) };
    let kept = fraction >> drop;
    let (rest, tie) = (fraction & ((1 << drop) - 1), 1u32 << (drop - 1));
    let up = u32::from(rest > tie || (rest == tie && kept & 1 == 1));
    // A normal half's leading one raises the exponent by one, and so does a fraction that is rounded up over its end.
    Some(sign | ((base << 10) + kept + up) as u16)
}

/// The number a half stands for; infinities and NaN stay what they are.
pub fn from_half(half: u16) -> f32 {
    let sign = u32::from(half & 0x8000) << 16;
    let (exponent, fraction) = (u32::from(half >> 10) & 31, u32::from(half) & 0x3ff);
    let magnitude = match exponent {
        // Subnormal: fraction · 2⁻²⁴, exact in single precision.
        0 => (fraction as f32 / 16_777_216.0).to_bits(),
        31 => 0x7f80_0000 | (fraction << 13),
        e => ((e + 112) << 23) | (fraction << 13),
    };
    f32::from_bits(sign | magnitude)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of the format as its tables have them.
    #[test]
    fn known_values() {
        for (x, half) in [
            (0.0f32, 0x0000u16),
            (-0.0, 0x8000),
            (1.0, 0x3c00),
            (-2.0, 0xc000),
            (0.5, 0x3800),
            (65_504.0, 0x7bff),
            (65_519.996, 0x7bff),
            (1.0 / 3.0, 0x3555),
            (std::f32::consts::PI, 0x4248),
            (0.1, 0x2e66),
            (1.000_976_6, 0x3c01),
            (6.103_515_6e-5, 0x0400),
            (6.097_555e-5, 0x03ff),
            (5.960_464_5e-8, 0x0001),
            (2.980_232_2e-8, 0x0000),
            (2.980_232_6e-8, 0x0001),
            (8.940_697e-8, 0x0002),
            (1e-30, 0x0000),
            (f32::from_bits(1), 0x0000),
        ] {
            assert_eq!(to_half(x), Some(half), "{x}");
        }
        for x in [65_520.0, -65_520.0, 1e30, f32::INFINITY, f32::NAN] {
            assert_eq!(to_half(x), None, "{x}");
        }
        assert_eq!([from_half(0x7c00), from_half(0xfc00)], [f32::INFINITY, f32::NEG_INFINITY]);
        assert!(from_half(0x7e00).is_nan());
    }

    /// Every half there is: read and written it is the same, and every number between two goes to the nearer one, from
    /// the middle to the even one. The formula (−1)^s · 2^(e−15) · (1 + f/1024) is the reference.
    #[test]
    fn all_halves_and_all_between_them() {
        let formula = |half: u16| {
            let (e, f) = (i32::from(half >> 10) & 31, f64::from(half & 0x3ff));
            let power = |n: i32| (0..n.abs()).fold(1.0f64, |p, _| if n > 0 { p * 2.0 } else { p / 2.0 });
            if e == 0 { f * power(-24) } else { power(e - 15) * (1.0 + f / 1024.0) }
        };
        for half in 0..0x7c00u16 {
            let x = from_half(half);
            assert_eq!(f64::from(x), formula(half), "{half:#x}");
            assert_eq!((to_half(x), to_half(-x)), (Some(half), Some(half | 0x8000)), "{half:#x}");
            if half == 0x7bff {
                continue;
            }
            // Both ends and the middle are exact in single precision.
            let middle = ((f64::from(x) + f64::from(from_half(half + 1))) / 2.0) as f32;
            let below = f32::from_bits(middle.to_bits() - 1);
            let above = f32::from_bits(middle.to_bits() + 1);
            let even = if half & 1 == 0 { half } else { half + 1 };
            assert_eq!(to_half(below), Some(half), "{half:#x}");
            assert_eq!(to_half(middle), Some(even), "{half:#x}");
            assert_eq!(to_half(above), Some(half + 1), "{half:#x}");
        }
    }
}
