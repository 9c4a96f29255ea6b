//! The rating scale.

use crate::ground::fields::{Fields, FromFields};
use crate::ground::json::number as shown;
use crate::ground::json::written_as;
use crate::ground::{Code, Error, Result};

/// Lowest and highest rating, and the step between two (0: continuous).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Lowest rating.
    pub min: f64,
    /// Highest rating.
    pub max: f64,
    /// Smallest difference between two ratings; 0 for a continuous scale.
    pub step: f64,
}

written_as!(Scale { min => "min", max => "max", step => "step" });

impl Default for Scale {
    /// Half stars.
    fn default() -> Scale {
        Scale { min: 0.5, max: 5.0, step: 0.5 }
    }
}

impl FromFields for Scale {
    fn read(f: &mut Fields) -> Result<Scale> {
        let (min, max) = (f.needed_number("min")?, f.needed_number("max")?);
        Scale { min, max, step: f.needed_number("step")? }.check(&f.place("")[..f.place("").len() - 1])
    }
}

impl Scale {
    /// Refuses scales that are empty, infinite, or whose step does not lead from end to end.
    pub fn check(self, place: &str) -> Result<Scale> {
        let Scale { min, max, step } = self;
        let steps = (max - min) / step;
        let whole = step == 0.0 || (steps - steps.round()).abs() < 1e-6;
        if min.is_finite() && max.is_finite() && min < max && step >= 0.0 && step <= max - min && whole {
            return Ok(self);
        }
        Err(Error::argument(
            place,
            "min < max, and a step of 0 or one that leads from min to max",
            format!("min {}, max {}, step {}", shown(min), shown(max), shown(step)),
        ))
    }

    /// Refuses a rating off the scale.
    pub fn check_rating(self, place: &str, rating: f64) -> Result<()> {
        let Scale { min, max, step } = self;
        let steps = (rating - min) / step;
        let on_step = step == 0.0 || (steps - steps.round()).abs() < 1e-6;
        if rating.is_finite() && rating >= min && rating <= max && on_step {
            return Ok(());
        }
        let expected = if step == 0.0 {
            format!("{} to {}", shown(min), shown(max))
        } else {
            format!("{} to {} in steps of {}", shown(min), shown(max), shown(step))
        };
        Err(Error::new(Code::RatingOffScale, "this rating is not on the scale")
            .at(place)
            .expected(expected)
            .got(shown(rating))
            .hint("Declare another scale with `open({ scale })` where the site uses one."))
    }

    /// The nearest value between the ends.
    pub fn clip(self, value: f64) -> f64 {
        // `clamp` would bring the printing of floats along, for a panic that cannot happen.
        value.max(self.min).min(self.max)
    }

    /// The smallest usual scale that holds every given value: half stars, whole stars, ten points, else continuous.
    pub fn guess(values: impl Iterator<Item = f32>) -> Scale {
        let (mut lo, mut hi, mut halves, mut wholes) = (f64::INFINITY, f64::NEG_INFINITY, true, true);
        for v in values.map(f64::from) {
            lo = lo.min(v);
            hi = hi.max(v);
            wholes &= v == v.round();
            halves &= v * 2.0 == (v * 2.0).round();
        }
        let usual: &[(f64, f64, f64)] =
            &[(1.0, 5.0, 1.0), (0.5, 5.0, 0.5), (1.0, 10.0, 1.0), (0.5, 10.0, 0.5)];
        for &(min, max, step) in usual {
            if lo >= min && hi <= max && (wholes || (halves && step < 1.0)) {
                return Scale { min, max, step };
            }
        }
        match lo < hi {
            true if wholes => Scale { min: lo, max: hi, step: 1.0 },
            true => Scale { min: lo, max: hi, step: 0.0 },
            false => Scale::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratings_are_checked_at_the_limits() {
        let s = Scale::default();
        for good in [0.5, 1.0, 4.5, 5.0] {
            assert!(s.check_rating("rating", good).is_ok(), "{good}");
        }
        for bad in [0.0, 0.49, 5.01, 5.5, 4.25, f64::NAN, f64::INFINITY] {
            assert_eq!(s.check_rating("rating", bad).unwrap_err().code(), Code::RatingOffScale, "{bad}");
        }
    }

    #[test]
    fn scales_are_checked() {
        for (min, max, step, ok) in [
            (1.0, 5.0, 1.0, true),
            (0.0, 1.0, 0.0, true),
            (5.0, 1.0, 1.0, false),
            (1.0, 1.0, 0.0, false),
            (1.0, 5.0, 3.0, false),
            (1.0, 5.0, -1.0, false),
            (f64::NAN, 5.0, 1.0, false),
        ] {
            assert_eq!(Scale { min, max, step }.check("scale").is_ok(), ok, "{min} {max} {step}");
        }
    }

    #[test]
    fn the_usual_scales_are_recognised() {
        let guess = |v: &[f32]| Scale::guess(v.iter().copied());
        assert_eq!(guess(&[1.0, 3.0, 5.0]), Scale { min: 1.0, max: 5.0, step: 1.0 });
        assert_eq!(guess(&[0.5, 3.0]), Scale::default());
        assert_eq!(guess(&[1.0, 9.0]), Scale { min: 1.0, max: 10.0, step: 1.0 });
        assert_eq!(guess(&[-3.5, 8.25]), Scale { min: -3.5, max: 8.25, step: 0.0 });
        assert_eq!(guess(&[]), Scale { min: 1.0, max: 5.0, step: 1.0 });
    }
}
