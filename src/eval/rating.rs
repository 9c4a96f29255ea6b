//! Errors of predicted ratings.

use crate::ground::math::{self, Sum};

/// Root mean squared error: √(1/n Σ (p − r)²). NaN for nothing. (Herlocker et al., "Evaluating Collaborative Filtering
/// Recommender Systems", ACM TOIS 2004, §4.1.)
pub fn rmse(pairs: impl IntoIterator<Item = (f64, f64)>) -> f64 {
    math::sqrt(average(pairs, |e| e * e))
}

/// Mean absolute error: 1/n Σ |p − r|. NaN for nothing. (Herlocker et al. 2004, eq. 1.)
pub fn mae(pairs: impl IntoIterator<Item = (f64, f64)>) -> f64 {
    average(pairs, f64::abs)
}

fn average(pairs: impl IntoIterator<Item = (f64, f64)>, of: impl Fn(f64) -> f64) -> f64 {
    let (mut sum, mut n) = (Sum::default(), 0.0);
    for (predicted, actual) in pairs {
        sum.add(of(predicted - actual));
        n += 1.0;
    }
    sum.value() / n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let pairs = [(3.0, 4.0), (5.0, 3.0), (2.0, 2.0)];
        assert!((rmse(pairs) - (5.0f64 / 3.0).sqrt()).abs() < 1e-12);
        assert!((mae(pairs) - 1.0).abs() < 1e-12);
        assert!(rmse([]).is_nan() && mae([]).is_nan());
        assert_eq!(rmse([(1.0, 1.0)]), 0.0);
    }
}
