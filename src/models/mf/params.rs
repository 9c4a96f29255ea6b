//! Parameters of matrix factorization: anything may be asked for, only what passes [`MfParams::check`] trains.

use crate::ground::fields::{Fields, FromFields};
use crate::ground::json::number as shown;
use crate::ground::json::written_as;
use crate::ground::{Error, Result};

/// What a caller asks for; what is left out takes its default. The defaults were chosen on a validation split of the
/// training folds (docs/model-selection.md), never on a test fold.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MfParams {
    /// Length of the factor vectors. Default 64, range 1 to 512.
    pub factors: Option<f64>,
    /// Passes over the ratings. Default 60, range 1 to 1,000.
    pub epochs: Option<f64>,
    /// Step of gradient descent. Default 0.02, above 0, up to 1.
    pub learning_rate: Option<f64>,
    /// Weight of the squared norm of the factors of a row with 100 ratings; a row with n ratings is given this times
    /// √(100 / n) per rating. Default 0.11, range 0 to 10.
    pub regularization: Option<f64>,
    /// Weight of the squared norm of biases. Default 0.02, range 0 to 10.
    pub bias_regularization: Option<f64>,
    /// Factor on the learning rate after each epoch. Default 0.95, above 0, up to 1.
    pub learning_rate_decay: Option<f64>,
    /// Standard deviation of the first factors. Default 0.2, range 0 to 1.
    pub init_scale: Option<f64>,
}

impl FromFields for MfParams {
    fn read(f: &mut Fields) -> Result<MfParams> {
        Ok(MfParams {
            factors: f.number("factors")?,
            epochs: f.number("epochs")?,
            learning_rate: f.number("learningRate")?,
            regularization: f.number("regularization")?,
            bias_regularization: f.number("biasRegularization")?,
            learning_rate_decay: f.number("learningRateDecay")?,
            init_scale: f.number("initScale")?,
        })
    }
}

/// Checked parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MfValid {
    /// See [`MfParams::factors`].
    pub factors: usize,
    /// See [`MfParams::epochs`].
    pub epochs: usize,
    /// See [`MfParams::learning_rate`].
    pub learning_rate: f64,
    /// See [`MfParams::regularization`].
    pub regularization: f64,
    /// See [`MfParams::bias_regularization`].
    pub bias_regularization: f64,
    /// See [`MfParams::learning_rate_decay`].
    pub learning_rate_decay: f64,
    /// See [`MfParams::init_scale`].
    pub init_scale: f64,
}

written_as!(MfValid { factors => "factors", epochs => "epochs", learning_rate => "learningRate", regularization => "regularization", bias_regularization => "biasRegularization", learning_rate_decay => "learningRateDecay", init_scale => "initScale" });

impl MfParams {
    /// Checks every value against its range.
    pub fn check(self) -> Result<MfValid> {
        let number = |name: &str, value: Option<f64>, default: f64, low: f64, high: f64, open: bool| {
            let v = value.unwrap_or(default);
            if v.is_finite() && v <= high && (v > low || (!open && v == low)) {
                return Ok(v);
            }
            let expected = if open {
                format!("above {}, up to {}", shown(low), shown(high))
            } else {
                format!("{} to {}", shown(low), shown(high))
            };
            Err(Error::argument(format!("params.{name}"), expected, shown(v))
                .hint(format!("The default is {}.", shown(default))))
        };
        let whole = |name: &str, value: Option<f64>, default: f64, low: f64, high: f64| {
            let v = number(name, value, default, low, high, false)?;
            if v.fract() != 0.0 {
                return Err(Error::argument(format!("params.{name}"), "a whole number", shown(v)));
            }
            Ok(v as usize)
        };
        Ok(MfValid {
            factors: whole("factors", self.factors, 64.0, 1.0, 512.0)?,
            epochs: whole("epochs", self.epochs, 60.0, 1.0, 1000.0)?,
            learning_rate: number("learningRate", self.learning_rate, 0.02, 0.0, 1.0, true)?,
            regularization: number("regularization", self.regularization, 0.11, 0.0, 10.0, false)?,
            bias_regularization: number(
                "biasRegularization",
                self.bias_regularization,
                0.02,
                0.0,
                10.0,
                false,
            )?,
            learning_rate_decay: number("learningRateDecay", self.learning_rate_decay, 0.95, 0.0, 1.0, true)?,
            init_scale: number("initScale", self.init_scale, 0.2, 0.0, 1.0, false)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_part_of_the_range_and_what_lies_beyond_is_named() {
        let with = |f: f64| MfParams { factors: Some(f), ..MfParams::default() };
        assert_eq!(with(1.0).check().unwrap().factors, 1);
        assert_eq!(with(512.0).check().unwrap().factors, 512);
        for bad in [0.0, 513.0, 1.5, -1.0, f64::NAN] {
            assert_eq!(with(bad).check().unwrap_err().place(), "params.factors", "{bad}");
        }
        let rate = |r: f64| MfParams { learning_rate: Some(r), ..MfParams::default() };
        assert!(rate(1.0).check().is_ok());
        assert!(rate(0.0).check().is_err());
        let reg = |r: f64| MfParams { regularization: Some(r), ..MfParams::default() };
        assert!(reg(0.0).check().is_ok());
        assert!(reg(10.1).check().is_err());
    }

    #[test]
    fn what_is_written_into_a_version_reads_back() {
        let valid = MfParams { factors: Some(7.0), ..MfParams::default() }.check().unwrap();
        let json = crate::ground::json::Value::from(valid);
        assert_eq!(MfParams::decode("params", json).unwrap().check().unwrap(), valid);
    }
}
