//! Models in containers, and learning on tapes.

use super::Logistic;
use super::calibrate::Calibration;
use super::learning::{FOLDS, Learning, Phase};
use super::newton::Memory;
use super::online::{COVARIANCES, Precision};
use crate::codec::{Reader, Tape, Writer};
use crate::ground::{Code, Error, Result};

/// No number of a model is larger; so nothing made of them is infinite.
const LIMIT: f64 = 1e100;

fn damaged(name: &str, what: &str) -> Error {
    Error::new(Code::ModelFormat, "a regression does not hold together").at(name).expected(what)
}

/// `ok`, or a refusal.
fn check(ok: bool, name: &str, what: &str) -> Result<()> {
    if ok { Ok(()) } else { Err(damaged(name, what)) }
}

impl Logistic {
    /// Writes its tensors, whose names begin with `name`.
    pub fn write(&self, w: &mut Writer, name: &str) {
        let at = |part: &str| [name, part].join("_");
        let calibration = match &self.calibration {
            Some(Calibration::Platt { slope, offset }) => [*slope, *offset],
            _ => [0.0; 2],
        };
        let head = [self.base, self.classes[0], self.classes[1], calibration[0], calibration[1]];
        w.f64(&at("head"), &head);
        w.f64(&at("coefficients"), &self.coefficients);
        w.f64(&at("means"), &self.means);
        w.f64(&at("scales"), &self.scales);
        w.u32(&at("columns"), &self.precision.columns);
        let (n, values) = (self.precision.columns.len(), &self.precision.values);
        if self.precision.full() {
            let triangle: Vec<f64> = (0..n).flat_map(|i| values[i * n..=i * n + i].iter().copied()).collect();
            w.f64(&at("precision"), &triangle);
        } else {
            w.f64(&at("precision"), values);
        }
        if let Some(Calibration::Isotonic { at: decisions, chance }) = &self.calibration {
            w.f64(&at("decisions"), decisions);
            w.f64(&at("chances"), chance);
        }
    }

    /// Reads what [`Logistic::write`] wrote about rows of `columns` numbers.
    pub fn read(r: &mut Reader<'_>, name: &str, columns: usize) -> Result<Logistic> {
        let at = |part: &str| [name, part].join("_");
        let small = |values: &[f64]| values.iter().all(|x| x.abs() <= LIMIT);
        let positive = |values: &[f64]| values.iter().all(|x| (1.0 / LIMIT..=LIMIT).contains(x));
        let head = r.f64(&at("head"), 5)?;
        let (classes, [slope, offset]) = ([head[1], head[2]], [head[3], head[4]]);
        check(small(&head) && positive(&classes) && slope >= 0.0, &at("head"), "numbers of their kind")?;
        let coefficients = r.f64(&at("coefficients"), columns)?;
        check(small(&coefficients), &at("coefficients"), "log odds per unit")?;
        let means = r.f64(&at("means"), columns)?;
        check(
            means.iter().all(|m| m.abs() <= f64::from(f32::MAX)),
            &at("means"),
            "means of single precision",
        )?;
        let scales = r.f64(&at("scales"), columns)?;
        check(positive(&scales), &at("scales"), "positive numbers")?;
        let n = r.len_of(&at("columns"));
        let kept = r.u32(&at("columns"), n)?;
        let rising =
            kept.windows(2).all(|w| w[0] < w[1]) && kept.last().is_none_or(|&j| j as usize <= columns);
        check(rising && kept.first() == Some(&0), &at("columns"), "0 and columns in order")?;
        let precision = precision(r, &at("precision"), kept)?;
        let points = r.len_of(&at("decisions"));
        let decisions = r.f64(&at("decisions"), points)?;
        let chance = r.f64(&at("chances"), points)?;
        let ascending = decisions.windows(2).all(|w| w[0] < w[1]) && small(&decisions);
        let curve = chance.windows(2).all(|w| w[0] <= w[1]) && chance.iter().all(|p| (0.0..=1.0).contains(p));
        check(ascending && curve, &at("decisions"), "a curve that never falls")?;
        let calibration = match (points, slope > 0.0) {
            (0, false) => None,
            (0, true) => Some(Calibration::Platt { slope, offset }),
            (_, false) => Some(Calibration::Isotonic { at: decisions, chance }),
            (_, true) => return Err(damaged(&at("decisions"), "one calibration")),
        };
        Ok(Logistic { base: head[0], coefficients, means, scales, classes, calibration, precision })
    }
}

/// Reads a precision about some columns.
fn precision(r: &mut Reader<'_>, name: &str, columns: Vec<u32>) -> Result<Precision> {
    let n = columns.len();
    let most = n <= COVARIANCES;
    let packed = r.f64(name, if most { n * (n + 1) / 2 } else { n })?;
    let positive = |x: f64| (1.0 / LIMIT..=LIMIT).contains(&x);
    if !most || n == 1 {
        check(packed.iter().all(|&h| positive(h)), name, "positive numbers")?;
        return Ok(Precision { columns, values: packed });
    }
    let (mut values, mut rest) = (vec![0.0; n * n], packed.as_slice());
    for i in 0..n {
        let (row, after) = rest.split_at(i + 1);
        check(
            row.iter().all(|x| x.abs() <= LIMIT) && positive(row[i]),
            name,
            "a factor with a positive diagonal",
        )?;
        values[i * n..=i * n + i].copy_from_slice(row);
        rest = after;
    }
    Ok(Precision { columns, values })
}

impl Phase {
    /// As a number. What comes after calibration costs less than writing it down.
    fn number(self) -> usize {
        match self {
            Phase::Moments => 0,
            Phase::Fit => 1,
            Phase::Fold(k) => 2 + 2 * usize::from(k),
            Phase::Decide(k) => 3 + 2 * usize::from(k),
            Phase::Calibrate => 12,
            Phase::Look | Phase::Curve | Phase::Done => 13,
        }
    }

    fn of(number: usize) -> Option<Phase> {
        Some(match number {
            0 => Phase::Moments,
            1 => Phase::Fit,
            n @ 2..12 if n / 2 <= usize::from(FOLDS) => {
                let fold = (n / 2 - 1) as u8;
                if n % 2 == 0 { Phase::Fold(fold) } else { Phase::Decide(fold) }
            }
            12 => Phase::Calibrate,
            13 => Phase::Look,
            _ => return None,
        })
    }
}

impl Learning {
    /// Everything that changes while it learns, written to or read from a tape between two iterations. The learning that
    /// reads is a new one of the same rows, labels, weights, parameters and seed. On an error nothing has changed.
    pub fn state(&mut self, tape: &mut Tape<'_>) -> Result<()> {
        let calibrates = !self.decisions.is_empty();
        let mut number = self.phase.number();
        if number == 13 && calibrates {
            number = Phase::Calibrate.number();
        }
        let mut solver = self.solver.as_ref().map_or((Vec::new(), 0, Vec::new()), |s| {
            let pairs = s.memory.0.iter().flat_map(|(s, y)| s.iter().chain(y).copied()).collect();
            (s.theta.clone(), s.iterations, pairs)
        });
        let (mut means, mut scales) = (self.problem.means.clone(), self.problem.scales.clone());
        let (mut main, mut decisions, mut summary) =
            (self.main.clone(), self.decisions.clone(), self.summary);
        let mut converged = usize::from(summary.converged);
        tape.count("phase", &mut number)?;
        tape.f64("means", &mut means)?;
        tape.f64("scales", &mut scales)?;
        tape.f64("theta", &mut solver.0)?;
        tape.count("taken", &mut solver.1)?;
        tape.f64("memory", &mut solver.2)?;
        tape.f64("solution", &mut main)?;
        tape.f64("decisions", &mut decisions)?;
        tape.number("loss", &mut summary.loss)?;
        tape.count("iterations", &mut summary.iterations)?;
        tape.count("converged", &mut converged)?;
        if !tape.reads() {
            return Ok(());
        }
        summary.converged = converged != 0;
        let phase = Phase::of(number).ok_or_else(|| damaged("phase", "a phase of learning"))?;
        let n = self.problem.matrix.columns() + 1;
        let known = if phase == Phase::Moments { 0 } else { n - 1 };
        let fitting = matches!(phase, Phase::Fit | Phase::Fold(_) | Phase::Decide(_));
        let solved = !matches!(phase, Phase::Moments | Phase::Fit);
        let tame = |values: &[f64]| values.iter().all(|x| x.abs() <= 1e50);
        check(means.len() == known && tame(&means), "means", "a mean of each column")?;
        check(
            scales.len() == known && scales.iter().all(|s| (1.0 / LIMIT..=LIMIT).contains(s)),
            "scales",
            "a deviation of each column",
        )?;
        check((!fitting || solver.0.len() == n) && tame(&solver.0), "theta", "a number for each column")?;
        check(solver.2.len().is_multiple_of(2 * n) && tame(&solver.2), "memory", "pairs of steps")?;
        check((!solved || main.len() == n) && tame(&main), "solution", "a number for each column")?;
        check(decisions.len() == self.decisions.len() && tame(&decisions), "decisions", "one for each row")?;
        let folds = matches!(phase, Phase::Fold(_) | Phase::Decide(_) | Phase::Calibrate);
        check(calibrates || !folds, "phase", "no calibration")?;
        (self.problem.means, self.problem.scales) = (means, scales);
        (self.main, self.decisions, self.summary) = (main, decisions, summary);
        let mut memory = Memory::default();
        for pair in solver.2.chunks_exact(2 * n) {
            memory.push(pair[..n].to_vec(), pair[n..].to_vec());
        }
        match phase {
            Phase::Moments => {}
            // Decisions are made by the solver of the fold.
            Phase::Decide(fold) => self.enter(Phase::Fold(fold)),
            _ => self.enter(phase),
        }
        if let Some(s) = self.solver.as_mut().filter(|_| fitting) {
            s.take_up(solver.0, solver.1, memory);
        }
        if matches!(phase, Phase::Decide(_)) {
            self.enter(phase);
        }
        Ok(())
    }
}
