//! Whether a model knows what it knows: probabilities that come true as often as they say, intervals that hold what
//! they should, and relevant items above the others.

use crate::ground::math::{self, Sum};
use crate::ground::sort::sort_by;

/// Bins of a [`Reliability`].
pub const BINS: usize = 10;

/// Half the width of a 90 % interval in standard deviations: Φ(1.6448…) = 0.95.
pub const Z90: f64 = 1.644_853_626_951_472_2;

/// Area under the ROC curve: the probability that a relevant item scores higher than one that is not, ties counting
/// half; the Mann–Whitney statistic over the number of pairs (Hanley and McNeil, "The Meaning and Use of the Area
/// under a ROC Curve", Radiology 1982). NaN scores stand below all others; NaN for nothing on either side.
pub fn auc(relevant: &[f32], others: &[f32]) -> f64 {
    let number = |x: f32| if x.is_nan() { f32::NEG_INFINITY } else { x };
    let mut sorted: Vec<f32> = relevant.iter().map(|&x| number(x)).collect();
    sort_by(&mut sorted, f32::total_cmp);
    // Twice the pairs won, so that a tie is a whole number.
    let mut won = 0u64;
    for &other in others {
        let other = number(other);
        let not_above = sorted.partition_point(|&x| x <= other);
        let below = sorted.partition_point(|&x| x < other);
        won += (2 * (sorted.len() - not_above) + (not_above - below)) as u64;
    }
    won as f64 / (2.0 * relevant.len() as f64 * others.len() as f64)
}

/// The part one event has in the log loss: −ln p of what happened, p being at least 2⁻⁵². Log loss is the mean
/// of this over events (Good, "Rational Decisions", JRSS B 1952); 0 is perfect, ln 2 is a coin.
pub fn log_loss(probability: f64, happened: bool) -> f64 {
    -math::ln(if happened { probability } else { 1.0 - probability }.max(f64::EPSILON))
}

/// The probability that a rating lies above `boundary`, where it is normally distributed around `expected`.
pub fn probability_above(boundary: f64, expected: f64, deviation: f64) -> f64 {
    math::normal_cdf((expected - boundary) / deviation)
}

/// Whether a rating lies within the 90 % interval around what was expected.
pub fn within_90(rating: f64, expected: f64, deviation: f64) -> bool {
    (rating - expected).abs() <= Z90 * deviation
}

/// A reliability diagram under way: probabilities in ten bins of equal width, and what came of them.
#[derive(Clone, Debug, Default)]
pub struct Reliability {
    bins: [Bin; BINS],
}

/// One bin of the diagram.
#[derive(Clone, Copy, Debug, Default)]
struct Bin {
    events: u32,
    /// Σ of what was said.
    said: Sum,
    happened: u32,
}

impl Reliability {
    /// Adds one event.
    pub fn add(&mut self, probability: f64, happened: bool) {
        let at = ((probability * BINS as f64) as usize).min(BINS - 1);
        let bin = &mut self.bins[at];
        bin.events += 1;
        bin.said.add(probability);
        bin.happened += u32::from(happened);
    }

    /// Expected calibration error: Σ over bins of n_b/n · |share that happened − mean probability said| (Naeini, Cooper
    /// and Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian Binning", AAAI 2015). NaN for nothing.
    pub fn error(&self) -> f64 {
        let events: u32 = self.bins.iter().map(|b| b.events).sum();
        let gap = |b: &Bin| (f64::from(b.happened) - b.said.value()).abs();
        self.bins.iter().map(gap).sum::<f64>() / f64::from(events)
    }

    /// The diagram, ready to plot: of each bin that has events their number, the mean probability that was said and
    /// the share that happened.
    pub fn points(&self) -> Vec<(u32, f64, f64)> {
        let point = |b: &Bin| {
            let n = f64::from(b.events);
            (b.events, b.said.value() / n, f64::from(b.happened) / n)
        };
        self.bins.iter().filter(|b| b.events > 0).map(point).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn by_hand() {
        // Of four pairs two are won and one is tied.
        assert_eq!(auc(&[3.0, 1.0], &[2.0, 1.0]), 2.5 / 4.0);
        assert_eq!(auc(&[1.0], &[f32::NAN]), 1.0);
        assert!(auc(&[], &[1.0]).is_nan() && auc(&[1.0], &[]).is_nan());
        assert!((log_loss(0.25, true) - math::ln(4.0)).abs() < 1e-12);
        assert!((log_loss(0.25, false) - math::ln(4.0 / 3.0)).abs() < 1e-12);
        assert!(log_loss(0.0, true) > 36.0 && log_loss(0.0, true).is_finite());
        assert!((probability_above(4.0, 4.0, 0.7) - 0.5).abs() < 1e-12);
        assert!((probability_above(4.0, 4.0 + Z90, 1.0) - 0.95).abs() < 1e-12);
        assert!(within_90(5.0, 4.0, 0.61) && !within_90(5.0, 4.0, 0.6));
    }

    #[test]
    fn what_is_said_is_compared_with_what_happens() {
        let mut r = Reliability::default();
        assert!(r.error().is_nan());
        // Four events at 0.75 of which three happened: right. One at 1 that did not: wrong by 1.
        for happened in [true, true, false, true] {
            r.add(0.75, happened);
        }
        assert_eq!(r.error(), 0.0);
        r.add(1.0, false);
        assert!((r.error() - 0.2).abs() < 1e-12);
        assert_eq!(r.points(), [(4, 0.75, 0.75), (1, 1.0, 0.0)]);
    }

    proptest! {
        #[test]
        fn auc_is_the_share_of_pairs(a in proptest::collection::vec(0u8..9, 1..20), b in proptest::collection::vec(0u8..9, 1..20)) {
            let float = |x: &[u8]| x.iter().map(|&x| f32::from(x)).collect::<Vec<_>>();
            let won = |x: u8, y: u8| if x > y { 1.0 } else if x == y { 0.5 } else { 0.0 };
            let pairs: f64 = a.iter().flat_map(|&x| b.iter().map(move |&y| won(x, y))).sum();
            let got = auc(&float(&a), &float(&b));
            prop_assert!((got - pairs / (a.len() * b.len()) as f64).abs() < 1e-12);
            prop_assert!((got + auc(&float(&b), &float(&a)) - 1.0).abs() < 1e-12);
        }
    }
}
