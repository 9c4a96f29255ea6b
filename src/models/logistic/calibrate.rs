//! Probabilities that mean what they say, learned from decisions about rows that were held out. Few rows: a sigmoid
//! (Platt, "Probabilistic Outputs for Support Vector Machines", 1999, with the Newton method of Lin, Lin and Weng, "A
//! Note on Platt's Probabilistic Outputs", Machine Learning 2007). Many: isotonic regression by pooling adjacent
//! violators (Zadrozny and Elkan, KDD 2002).

use super::problem::{sigmoid, softplus};
use crate::ground::math::{ln, sqrt};
use crate::ground::sort::order;

/// Rows from which on monotony is enough of an assumption.
const MANY: usize = 1000;
/// No sigmoid is flatter: a model that says nothing keeps its order, and still moves with events.
const FLATTEST: f64 = 0.01;
/// Bins of the calibration error, of equal width, as in the examiner.
const BINS: usize = 10;

/// From a decision to a probability.
#[derive(Clone, Debug, PartialEq)]
pub enum Calibration {
    /// σ(slope · decision + offset).
    Platt {
        /// Above 0.
        slope: f64,
        /// In log odds.
        offset: f64,
    },
    /// Straight lines between points, flat beyond them.
    Isotonic {
        /// Decisions, ascending.
        at: Vec<f64>,
        /// Probabilities, never descending, within (0, 1).
        chance: Vec<f64>,
    },
}

/// What calibration did, each figure by calibrations learned without the rows they are judged on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibrated {
    /// True for isotonic regression, false for Platt's sigmoid.
    pub isotonic: bool,
    /// Rows that were held out.
    pub rows: usize,
    /// Expected calibration error without it and with it: the mean distance between what is said and what happens.
    pub error: [f64; 2],
    /// Mean log loss without it and with it.
    pub loss: [f64; 2],
    /// Whether the model keeps it: where it lowers the log loss.
    pub kept: bool,
}

/// A row that was held out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    pub decision: f64,
    pub label: bool,
    pub weight: f64,
    pub fold: u8,
}

impl Calibration {
    /// The probability of a decision.
    pub fn chance(&self, decision: f64) -> f64 {
        match self {
            Calibration::Platt { slope, offset } => sigmoid(slope * decision + offset),
            Calibration::Isotonic { at, chance } => {
                let next = at.partition_point(|&x| x <= decision);
                match (next.checked_sub(1), chance.get(next)) {
                    (Some(before), Some(&high)) => {
                        let (low, width) = (chance[before], at[next] - at[before]);
                        low + (high - low) * ((decision - at[before]) / width)
                    }
                    (None, Some(&first)) => first,
                    (before, None) => before.map_or(0.5, |last| chance[last]),
                }
            }
        }
    }

    /// Learned from rows in ascending order of decisions, those of a fold left out.
    fn of(rows: &[Held], without: u8, isotonic: bool) -> Calibration {
        let rows: Vec<Held> = rows.iter().copied().filter(|r| r.fold != without).collect();
        let mut sums = [0.0; 2];
        rows.iter().for_each(|r| sums[usize::from(r.label)] += r.weight);
        // Platt's targets: one more row of each class is thought of, so nothing is ever certain.
        let targets = [1.0 / (sums[0] + 2.0), (sums[1] + 1.0) / (sums[1] + 2.0)];
        if isotonic { pooled(&rows, targets) } else { platt(&rows, targets) }
    }
}

/// The best calibration, kept where it helps rows it has not seen.
pub(super) fn calibrated(held: Vec<Held>, folds: u8) -> (Option<Calibration>, Calibrated) {
    let by = order(held.len(), &mut |a, b| held[a].decision.total_cmp(&held[b].decision));
    let rows: Vec<Held> = by.into_iter().map(|i| held[i as usize]).collect();
    let isotonic = rows.len() >= MANY;
    let each: Vec<Calibration> = (0..folds).map(|fold| Calibration::of(&rows, fold, isotonic)).collect();
    let (plain, better) = (
        judged(&rows, &|r| sigmoid(r.decision)),
        judged(&rows, &|r| each[usize::from(r.fold)].chance(r.decision)),
    );
    let (error, loss) = ([plain.0, better.0], [plain.1, better.1]);
    let kept = loss[1] < loss[0];
    let report = Calibrated { isotonic, rows: rows.len(), error, loss, kept };
    (kept.then(|| Calibration::of(&rows, u8::MAX, isotonic)), report)
}

/// Expected calibration error and mean log loss.
fn judged(rows: &[Held], chance: &dyn Fn(&Held) -> f64) -> (f64, f64) {
    let (mut gaps, mut loss, mut total) = ([0.0; BINS], 0.0, 0.0);
    for row in rows {
        let p = chance(row);
        let label = f64::from(u8::from(row.label));
        gaps[((p * BINS as f64) as usize).min(BINS - 1)] += row.weight * (label - p);
        loss -= row.weight * ln(if row.label { p } else { 1.0 - p }.max(1e-15));
        total += row.weight;
    }
    (gaps.iter().map(|g: &f64| g.abs()).sum::<f64>() / total, loss / total)
}

/// min Σ w (softplus(f) − t f) over f = slope · decision + offset, slope ≥ [`FLATTEST`].
fn platt(rows: &[Held], targets: [f64; 2]) -> Calibration {
    let target = |row: &Held| targets[usize::from(row.label)];
    // Decisions in their own deviations, so that curvatures are of one size.
    let (mut total, mut squares, mut chance) = (0.0, 0.0, 0.0);
    for row in rows {
        total += row.weight;
        squares += row.weight * row.decision * row.decision;
        chance += row.weight * target(row);
    }
    let unit = sqrt(squares / total).max(1e-100);
    let loss = |slope: f64, offset: f64| -> f64 {
        let one = |row: &Held| {
            let f = slope * (row.decision / unit) + offset;
            row.weight * (softplus(f) - target(row) * f)
        };
        rows.iter().map(one).sum()
    };
    let chance = chance / total;
    let (mut slope, mut offset, mut free) = (0.0, ln(chance / (1.0 - chance)), true);
    let flattest = FLATTEST * unit;
    let mut now = loss(slope, offset);
    let mut iterations = 0;
    while iterations < 100 {
        iterations += 1;
        let (mut g, mut h) = ([0.0; 2], [1e-12 * total, 0.0, 1e-12 * total]);
        for row in rows {
            let x = row.decision / unit;
            let p = sigmoid(slope * x + offset);
            let (error, bent) = (row.weight * (p - target(row)), row.weight * p * (1.0 - p));
            (g[0], g[1]) = (g[0] + error * x, g[1] + error);
            (h[0], h[1], h[2]) = (h[0] + bent * x * x, h[1] + bent * x, h[2] + bent);
        }
        let (ds, d) = if free {
            let det = h[0] * h[2] - h[1] * h[1];
            let det = det.max(1e-14 * h[0] * h[2]);
            ((h[1] * g[1] - h[2] * g[0]) / det, (h[1] * g[0] - h[0] * g[1]) / det)
        } else {
            (0.0, -g[1] / h[2])
        };
        let mut length = 1.0;
        let mut next = loss(slope + ds, offset + d);
        while next > now && length > 1e-10 {
            length *= 0.5;
            next = loss(slope + length * ds, offset + length * d);
        }
        if next <= now {
            (slope, offset, now) = (slope + length * ds, offset + length * d, next);
        }
        if (length * ds).abs() + (length * d).abs() <= 1e-12 * (1.0 + slope.abs() + offset.abs())
            || next > now
        {
            if !free || slope >= flattest {
                break;
            }
            // The best there is lies on the border.
            (slope, free, iterations) = (flattest, false, 0);
            now = loss(slope, offset);
        }
    }
    Calibration::Platt { slope: (slope / unit).max(FLATTEST), offset }
}

/// Means of targets, never descending.
fn pooled(rows: &[Held], targets: [f64; 2]) -> Calibration {
    struct Block {
        weight: f64,
        sum: f64,
        from: f64,
        to: f64,
    }
    let mut blocks: Vec<Block> = Vec::new();
    for row in rows {
        let (weight, x) = (row.weight, row.decision);
        let mut block = Block { weight, sum: weight * targets[usize::from(row.label)], from: x, to: x };
        while let Some(last) = blocks.last() {
            // Equal decisions are one.
            if last.to < block.from && last.sum * block.weight < block.sum * last.weight {
                break;
            }
            block = Block {
                weight: last.weight + block.weight,
                sum: last.sum + block.sum,
                from: last.from,
                to: block.to,
            };
            blocks.pop();
        }
        blocks.push(block);
    }
    let (mut at, mut chance) = (Vec::new(), Vec::new());
    for block in blocks {
        let mean = (block.sum / block.weight).max(targets[0]).min(targets[1]);
        at.push(block.from);
        chance.push(mean);
        if block.to > block.from {
            at.push(block.to);
            chance.push(mean);
        }
    }
    Calibration::Isotonic { at, chance }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::rng::Rng;

    /// Labels drawn with probability σ(slope · decision + offset).
    fn drawn(n: usize, slope: f64, offset: f64) -> Vec<Held> {
        let mut rng = Rng::new(n as u64, 7);
        let one = |i: usize| {
            let decision = 2.0 * rng.normal();
            let label = rng.unit() < sigmoid(slope * decision + offset);
            Held { decision, label, weight: 1.0, fold: (i % 5) as u8 }
        };
        (0..n).map(one).collect()
    }

    #[test]
    fn the_sigmoid_that_labels_were_drawn_from_is_found() {
        let (calibration, report) = calibrated(drawn(999, 0.4, -0.5), 5);
        let Some(Calibration::Platt { slope, offset }) = calibration else { panic!("{report:?}") };
        assert!((slope - 0.4).abs() < 0.1 && (offset + 0.5).abs() < 0.2, "{slope} {offset}");
        assert!(report.kept && report.error[1] < 0.5 * report.error[0] && report.loss[1] < report.loss[0]);
        // At the optimum the mean of what is said is the mean of the targets.
        let rows = drawn(60, 1.0, 0.0);
        let Calibration::Platt { slope, offset } = platt(&rows, [0.1, 0.9]) else { unreachable!() };
        for power in [0, 1] {
            let term = |r: &Held| {
                let x = if power == 0 { 1.0 } else { r.decision };
                x * (sigmoid(slope * r.decision + offset) - if r.label { 0.9 } else { 0.1 })
            };
            assert!(rows.iter().map(term).sum::<f64>().abs() < 1e-7, "moment {power}");
        }
    }

    #[test]
    fn many_rows_are_pooled_and_never_certain() {
        let (calibration, report) = calibrated(drawn(4000, 0.3, 1.0), 5);
        let calibration = calibration.unwrap();
        assert!(report.isotonic && report.error[1] < 0.5 * report.error[0], "{report:?}");
        let mut before = 0.0;
        for step in -400..400 {
            let x = f64::from(step) / 40.0;
            let p = calibration.chance(x);
            assert!(p >= before && p > 0.0 && p < 1.0);
            if x.abs() < 3.0 {
                assert!((p - sigmoid(0.3 * x + 1.0)).abs() < 0.12, "{x} {p}");
            }
            before = p;
        }
    }

    #[test]
    fn violators_are_pooled_as_by_hand() {
        let row = |decision: f64, label: bool| Held { decision, label, weight: 1.0, fold: 0 };
        let rows = [row(0.0, false), row(1.0, true), row(1.0, false), row(2.0, false), row(3.0, true)];
        let Calibration::Isotonic { at, chance } = pooled(&rows, [0.0, 1.0]) else { unreachable!() };
        assert_eq!((at, chance), (vec![0.0, 1.0, 2.0, 3.0], vec![0.0, 1.0 / 3.0, 1.0 / 3.0, 1.0]));
    }

    #[test]
    fn decisions_that_say_the_contrary_are_flattened_and_keep_their_order() {
        let (calibration, report) = calibrated(drawn(400, -0.7, 0.4), 5);
        let Some(Calibration::Platt { slope, offset }) = calibration else { panic!("{report:?}") };
        assert!(slope == FLATTEST && (offset - 0.4).abs() < 0.5, "{slope} {offset}");
    }

    #[test]
    fn what_is_right_already_is_left_alone() {
        let (calibration, report) = calibrated(drawn(200, 1.0, 0.0), 5);
        assert_eq!(calibration.is_some(), report.kept);
        assert!(!report.kept, "two numbers learned from 200 rows only add noise here: {report:?}");
    }
}
