use super::*;
use crate::codec::{Reader, Tape, Writer};
use crate::features::Matrix;
use crate::ground::json::Value;
use crate::ground::math::ln;
use crate::ground::rng::Rng;
use proptest::prelude::*;
use std::rc::Rc;

/// Rows of normal numbers and labels that follow the first columns.
fn drawn(n: usize, p: usize, seed: u64) -> (Rc<Matrix>, Vec<bool>) {
    let mut rng = Rng::new(seed, 0);
    let values: Vec<f32> = (0..n * p).map(|_| rng.normal() as f32).collect();
    let matrix = Matrix::new("x", p, values).unwrap();
    let label = |i: usize| {
        let row = matrix.row(i);
        let says: f32 = row.iter().take(4).enumerate().map(|(j, x)| x * (1.5 - j as f32)).sum();
        rng.unit() < sigmoid(0.4 + f64::from(says))
    };
    let labels = (0..n).map(label).collect();
    (Rc::new(matrix), labels)
}

fn plain() -> LogisticParams {
    LogisticParams { calibrate: false, ..LogisticParams::default() }
}

fn learned(data: &(Rc<Matrix>, Vec<bool>), params: LogisticParams) -> (Logistic, Summary) {
    Learning::new(data.0.clone(), &data.1, None, params, 3).unwrap().finish()
}

fn log_loss(model: &Logistic, (matrix, labels): &(Rc<Matrix>, Vec<bool>)) -> f64 {
    let one = |(i, &label): (usize, &bool)| {
        let p = model.probability(matrix.row(i));
        -ln(if label { p } else { 1.0 - p })
    };
    labels.iter().enumerate().map(one).sum::<f64>() / labels.len() as f64
}

/// Largest violation of the conditions of optimality, in slopes of standardised columns per row.
fn off(model: &Logistic, (matrix, labels): &(Rc<Matrix>, Vec<bool>), lambda: f64, sparse: bool) -> f64 {
    let n = labels.len() as f64;
    let errors: Vec<f64> = (0..labels.len())
        .map(|i| sigmoid(model.decision(matrix.row(i))) - f64::from(u8::from(labels[i])))
        .collect();
    let mut most = errors.iter().sum::<f64>().abs();
    for (j, &w) in model.coefficients().iter().enumerate() {
        let centred = matrix.column(j).map(|x| f64::from(x) - model.means[j]);
        let slope: f64 = centred.zip(&errors).map(|(x, e)| x * e).sum();
        let wrong = match (sparse, w) {
            (false, w) => (slope + lambda * w).abs(),
            (true, 0.0) => (slope.abs() - lambda).max(0.0),
            (true, w) => (slope + lambda * w.signum()).abs(),
        };
        most = most.max(wrong / model.scales[j]);
    }
    most / n
}

#[test]
fn the_solution_meets_the_conditions_of_optimality() {
    for (n, p, sparse) in
        [(300, 6, false), (300, 6, true), (90, 30, false), (60, 130, true), (60, 130, false)]
    {
        for lambda in [1e-3, 1.0, 30.0] {
            let data = drawn(n, p, 5);
            let params = LogisticParams { regularization: lambda, penalty: usize::from(sparse), ..plain() };
            let (model, summary) = learned(&data, params);
            let off = off(&model, &data, lambda, sparse);
            assert!(summary.converged && off < 1e-9, "{n} × {p}, λ {lambda}, {sparse}: {off} {summary:?}");
        }
    }
}

#[test]
fn many_columns_go_by_quasi_newton_steps_and_end_in_the_same_place() {
    let data = drawn(80, 401, 2);
    for lambda in [0.1, 2.0] {
        let (model, summary) = learned(&data, LogisticParams { regularization: lambda, ..plain() });
        let off = off(&model, &data, lambda, false);
        assert!(summary.converged && off < 1e-7, "{off} {summary:?}");
        assert!(!model.precision().full());
    }
    let params = LogisticParams { penalty: 1, regularization: 0.02, ..plain() };
    let (model, summary) = learned(&data, params);
    assert!(summary.converged && off(&model, &data, 0.02, true) < 1e-9);
    let left = model.coefficients().iter().filter(|w| **w != 0.0).count();
    assert!((5..80).contains(&left), "{left} columns of 80 rows");
}

#[test]
fn budgets_and_tapes_change_nothing() {
    for (n, p, penalty) in [(200, 5, 0), (200, 5, 1), (60, 405, 0)] {
        let data = drawn(n, p, 8);
        let params = LogisticParams { penalty, ..LogisticParams::default() };
        let start = || Learning::new(data.0.clone(), &data.1, None, params, 3).unwrap();
        let whole = start().finish();
        let mut steps = start();
        let mut losses = Vec::new();
        while !steps.done() {
            // A new learning takes the place of the old one after each iteration.
            if let Some(loss) = steps.advance(7) {
                losses.push(loss);
                let mut tape = Tape::Write(Writer::new("test", &Value::Null));
                steps.state(&mut tape).unwrap();
                let Tape::Write(w) = tape else { unreachable!() };
                let bytes = w.finish().unwrap();
                steps = start();
                steps.state(&mut Tape::Read(Reader::open(&bytes, "test").unwrap())).unwrap();
            }
            assert!((0.0..=1.0).contains(&steps.within_epoch()));
        }
        assert!(losses.windows(2).all(|w| w[1] <= w[0] * (1.0 + 1e-11)), "{losses:?}");
        assert!(losses.len() >= whole.1.iterations + 5, "folds are iterations too");
        assert_eq!(steps.finish(), whole, "{n} × {p}");
    }
}

#[test]
fn a_tape_of_something_else_is_refused_and_changes_nothing() {
    let (data, other) = (drawn(40, 3, 1), drawn(40, 4, 1));
    let mut from = Learning::new(other.0, &other.1, None, plain(), 0).unwrap();
    while from.advance(50).is_none() {}
    let mut tape = Tape::Write(Writer::new("test", &Value::Null));
    from.state(&mut tape).unwrap();
    let Tape::Write(w) = tape else { unreachable!() };
    let bytes = w.finish().unwrap();
    let mut to = Learning::new(data.0.clone(), &data.1, None, plain(), 0).unwrap();
    assert!(to.state(&mut Tape::Read(Reader::open(&bytes, "test").unwrap())).is_err());
    assert_eq!(to.finish(), Learning::new(data.0, &data.1, None, plain(), 0).unwrap().finish());
}

#[test]
fn weights_are_repetitions_and_balance_is_a_weight() {
    let (matrix, labels) = drawn(60, 3, 4);
    let weights: Vec<f64> = (0..60).map(|i| f64::from(i % 3)).collect();
    let rows: Vec<u32> = (0..60).flat_map(|i| core::iter::repeat_n(i, i as usize % 3)).collect();
    let again: Vec<bool> = rows.iter().map(|&i| labels[i as usize]).collect();
    let weighted = Learning::new(matrix.clone(), &labels, Some(&weights), plain(), 0).unwrap().finish().0;
    let repeated = Learning::new(Rc::new(matrix.pick(&rows)), &again, None, plain(), 0).unwrap().finish().0;
    let close = |a: &Logistic, b: &Logistic| {
        a.coefficients().iter().zip(b.coefficients()).all(|(x, y)| (x - y).abs() < 1e-9)
            && (a.intercept() - b.intercept()).abs() < 1e-9
    };
    assert!(close(&weighted, &repeated));
    let positives = labels.iter().filter(|l| **l).count() as f64;
    let by_hand: Vec<f64> =
        labels.iter().map(|&l| 30.0 / if l { positives } else { 60.0 - positives }).collect();
    let balanced = LogisticParams { balanced: true, ..plain() };
    let balanced = Learning::new(matrix.clone(), &labels, None, balanced, 0).unwrap().finish().0;
    let by_hand = Learning::new(matrix, &labels, Some(&by_hand), plain(), 0).unwrap().finish().0;
    assert!(close(&balanced, &by_hand) && !close(&balanced, &weighted));
}

#[test]
fn too_little_is_a_reason() {
    let (matrix, labels) = drawn(12, 2, 1);
    let start = |labels: &[bool], weights: Option<&[f64]>| {
        Learning::new(matrix.clone(), labels, weights, LogisticParams::default(), 0).map(|_| ())
    };
    assert_eq!(start(&[true; 12], None), Err(Untrained::OneClass { label: true, rows: 12 }));
    assert_eq!(start(&[false; 12], None), Err(Untrained::OneClass { label: false, rows: 12 }));
    let mut weights = [1.0; 12];
    weights[..3].fill(0.0);
    assert_eq!(start(&labels, Some(&weights)), Err(Untrained::TooFew { rows: 9, needed: 10 }));
    assert_eq!(start(&labels, None), Ok(()));
    let nothing = Learning::new(Rc::default(), &[], None, plain(), 0);
    assert!(matches!(nothing, Err(Untrained::TooFew { rows: 0, needed: 10 })));
}

#[test]
fn contributions_are_the_decision_to_the_last_bit() {
    let data = drawn(50, 7, 6);
    let (model, _) = learned(&data, LogisticParams::default());
    for i in 0..50 {
        let row = data.0.row(i);
        let sum = model.contributions(row).iter().fold(model.base(), |sum, part| sum + part);
        assert_eq!(sum, model.decision(row));
        let direct: f64 = model.coefficients().iter().zip(row).map(|(w, &x)| w * f64::from(x)).sum::<f64>()
            + model.intercept();
        assert!((direct - sum).abs() < 1e-12);
    }
}

#[test]
fn errors_and_intervals_are_those_of_repeated_experiments() {
    // Coefficients of 200 samples vary as each of them says: with next to no penalty.
    let params = LogisticParams { regularization: 1e-6, ..plain() };
    let models: Vec<Logistic> = (0..200).map(|seed| learned(&drawn(300, 3, seed), params).0).collect();
    let spread = |of: &dyn Fn(&Logistic) -> f64| {
        let mean = models.iter().map(of).sum::<f64>() / 200.0;
        sqrt(models.iter().map(|m| (of(m) - mean) * (of(m) - mean)).sum::<f64>() / 199.0)
    };
    let said = |of: &dyn Fn(&Logistic) -> f64| models.iter().map(of).sum::<f64>() / 200.0;
    for j in 0..3 {
        let ratio = said(&|m| m.standard_errors()[j].unwrap()) / spread(&|m| m.coefficients()[j]);
        assert!((0.85..1.15).contains(&ratio), "column {j}: {ratio}");
    }
    let ratio = said(&|m| m.intercept_error()) / spread(&|m| m.intercept());
    assert!((0.85..1.15).contains(&ratio), "intercept: {ratio}");
    let row = [1.0, -0.5, 0.3];
    let truth = sigmoid(0.4 + 1.5 - 0.25 - 0.15);
    let inside = models.iter().filter(|m| {
        let (low, high) = m.interval(&row, 1.645);
        low < truth && truth < high
    });
    assert!((168..=194).contains(&inside.count()), "90 of 100, give or take");
}

#[test]
fn single_events_end_near_the_batch() {
    for (p, penalty, most) in [(5, 0, 0.05), (5, 1, 0.05), (140, 0, 0.5)] {
        let n = if p > 100 { 3000 } else { 600 };
        let data = drawn(n, p, 9);
        let params = LogisticParams { penalty, ..plain() };
        let half: Vec<u32> = (0..n as u32 / 2).collect();
        let start = (Rc::new(data.0.pick(&half)), data.1[..n / 2].to_vec());
        let (batch, first) = (learned(&data, params).0, learned(&start, params).0);
        let mut online = first.clone();
        for i in n / 2..n {
            let (row, label) = (data.0.row(i), data.1[i]);
            let (before, sure) = (online.probability(row), online.variance(row));
            online.update(row, label, 1.0);
            let after = online.probability(row);
            assert!(if label { after > before } else { after < before }, "towards what happened");
            assert!(online.variance(row) < sure, "surer than before");
        }
        let [batch, first, online] = [&batch, &first, &online].map(|m| log_loss(m, &data));
        // The share of what the second half was worth that single events did not get.
        let lost = (online - batch) / (first - batch);
        assert!(lost.abs() < most && online < first, "{p} columns: {batch} {online} {first}");
    }
}

#[test]
fn the_path_lets_columns_in_one_after_the_other() {
    let data = drawn(400, 12, 3);
    let new = || Path::new(data.0.clone(), &data.1, None, LogisticParams::default(), 20).unwrap();
    let points = new().finish();
    let mut steps = new();
    while !steps.advance(11) {}
    assert_eq!(steps.finish(), points, "in steps of any size");
    assert_eq!(points.len(), 20);
    assert!(points[0].columns.is_empty() && points[1].columns.contains(&0), "{points:?}");
    assert_eq!(points[19].columns.len(), 12);
    let early = points.iter().find(|p| p.columns.len() >= 3).unwrap();
    assert!(early.columns.iter().all(|&j| j < 4), "the columns that say something come first: {early:?}");
    assert!(points.windows(2).all(|w| w[1].lambda < w[0].lambda && w[1].loss < w[0].loss));
    // Each point is what a fit from nothing says.
    let params = LogisticParams { regularization: points[9].lambda, penalty: 1, ..plain() };
    let (model, _) = learned(&data, params);
    let of: Vec<f64> = (0..12)
        .map(|j| points[9].columns.iter().position(|&c| c == j).map_or(0.0, |at| points[9].coefficients[at]))
        .collect();
    assert!(model.coefficients().iter().zip(&of).all(|(a, b)| (a - b).abs() < 1e-8), "{of:?}");
}

fn written(model: &Logistic) -> Vec<u8> {
    let mut w = Writer::new("test", &Value::Null);
    model.write(&mut w, "taste");
    w.finish().unwrap()
}

#[test]
fn what_is_written_is_read() {
    let cases =
        [(40, 3, 0, true), (40, 3, 1, false), (1200, 3, 0, true), (50, 140, 0, false), (20, 1, 1, false)];
    for (n, p, penalty, calibrate) in cases {
        let params = LogisticParams { penalty, calibrate, regularization: 8.0, ..LogisticParams::default() };
        let (model, _) = learned(&drawn(n, p, 1), params);
        let bytes = written(&model);
        let mut r = Reader::open(&bytes, "test").unwrap();
        assert_eq!(Logistic::read(&mut r, "taste", p).unwrap(), model);
        r.finish().unwrap();
        let mut r = Reader::open(&bytes, "test").unwrap();
        assert!(Logistic::read(&mut r, "taste", p + 1).is_err(), "of another width");
    }
}

#[test]
fn what_does_not_hold_together_is_refused() {
    type Bend = fn(&mut Logistic);
    let bends: [Bend; 10] = [
        |m| m.scales[1] = 0.0,
        |m| m.scales[1] = -1.0,
        |m| m.means[0] = 1e39,
        |m| m.coefficients[2] = 1e101,
        |m| m.base = -1e101,
        |m| m.classes[1] = 0.0,
        |m| m.precision.values[0] = -1.0,
        |m| m.precision.columns[1] = 9,
        |m| m.precision.columns[0] = 1,
        |m| m.calibration = Some(Calibration::Isotonic { at: vec![1.0, 0.0], chance: vec![0.1, 0.2] }),
    ];
    let (model, _) = learned(&drawn(40, 3, 1), plain());
    for (which, bend) in bends.iter().enumerate() {
        let mut bent = model.clone();
        bend(&mut bent);
        let bytes = written(&bent);
        let refused = Logistic::read(&mut Reader::open(&bytes, "test").unwrap(), "taste", 3);
        assert_eq!(refused.unwrap_err().code(), crate::ground::Code::ModelFormat, "bend {which}");
    }
}

/// A number of a kind somebody may send.
fn number() -> impl Strategy<Value = f32> {
    prop_oneof![
        4 => -2.0f32..2.0,
        2 => Just(0.0f32),
        1 => Just(1e6f32),
        1 => Just(-1e6f32),
        1 => Just(f32::MAX),
        1 => Just(1e-45f32),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 400 } else { 2000 }))]

    #[test]
    fn absurd_rows_give_a_model_or_a_reason(
        values in proptest::collection::vec(number(), 0..48),
        seen in proptest::collection::vec(any::<bool>(), 48),
        columns in 1usize..5,
        (shape, penalty, balanced, calibrate) in (0u8..4, 0usize..2, any::<bool>(), any::<bool>()),
        lambda in prop_oneof![Just(1e-9), Just(1.0), Just(1e6)],
        weight in prop_oneof![Just(1.0), Just(1e-9), Just(1e9), Just(0.0)],
    ) {
        let rows = values.len() / columns;
        let mut values = values[..rows * columns].to_vec();
        let mut labels = seen[..rows].to_vec();
        for row in 0..rows {
            let (first, last) = (row * columns, row * columns + columns - 1);
            match shape {
                1 => values[last] = 3.0,
                2 => values[last] = values[first],
                3 => labels[row] = values[first] > 0.5,
                _ => {}
            }
        }
        let matrix = Rc::new(Matrix::new("x", columns, values).unwrap());
        let weights: Vec<f64> = (0..rows).map(|i| if i % 4 == 0 { weight } else { 1.0 }).collect();
        let params = LogisticParams {
            regularization: lambda, penalty, balanced, calibrate, min_samples: 2, ..LogisticParams::default()
        };
        match Learning::new(matrix.clone(), &labels, Some(&weights), params, 1) {
            Err(Untrained::TooFew { rows, .. }) => prop_assert!(rows < 2),
            Err(Untrained::OneClass { label, .. }) => {
                let taken = labels.iter().zip(&weights).filter(|(_, w)| **w > 0.0);
                prop_assert!(taken.clone().all(|(&l, _)| l == label));
            }
            Ok(learning) => {
                let (mut model, summary) = learning.finish();
                prop_assert!(summary.loss.is_finite());
                for round in 0..3 {
                    prop_assert!(model.coefficients().iter().all(|w| w.is_finite()));
                    prop_assert!(model.intercept().is_finite() && model.intercept_error() >= 0.0);
                    prop_assert!(model.standard_errors().iter().flatten().all(|e| e.is_finite() && *e >= 0.0));
                    for i in 0..rows {
                        let row = matrix.row(i);
                        let (low, high) = model.interval(row, 1.645);
                        let p = model.probability(row);
                        prop_assert!((0.0..=1.0).contains(&p) && low <= p && p <= high, "{low} {p} {high}");
                        if round < 2 {
                            model.update(row, labels[i], weights[i]);
                        }
                    }
                    let bytes = written(&model);
                    let mut r = Reader::open(&bytes, "test").unwrap();
                    prop_assert_eq!(&Logistic::read(&mut r, "taste", columns).unwrap(), &model);
                }
            }
        }
    }
}
