//! Models of one's own numbers.

use super::super::table::{Ask, Table};
use super::{ask, seen};
use crate::ground::{Code, Error};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Two columns of which the first says the target, in (rows, numbers, labels).
fn made(n: usize) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
    let rows: Vec<f32> = (0..2 * n).map(|at| ((at * at) % 97) as f32).collect();
    let noise = |at: usize| ((at * 31) % 40) as f32;
    let numbers: Vec<f32> = (0..n).map(|at| rows[2 * at] + 0.1 * noise(at)).collect();
    let labels = (0..n).map(|at| f32::from(u8::from(rows[2 * at] + noise(at) > 60.0))).collect();
    (rows, numbers, labels)
}

fn fit(model: &str, params: Value) -> Ask {
    ask(json!({ "model": model, "params": params, "seed": 5, "columns": ["one", "two"] }))
}

fn learned(mut table: Table, budget: usize) -> (Table, Vec<f64>) {
    let mut shares = vec![0.0];
    while *shares.last().unwrap() < 1.0 {
        shares.push(table.step(budget));
    }
    (table, shares)
}

fn refused(ask: Ask, rows: Vec<f32>, target: &[f32]) -> Error {
    Table::begin(ask, rows, target).err().expect("this is refused")
}

#[test]
fn progress_never_falls_and_budgets_change_nothing() {
    let (rows, numbers, labels) = made(300);
    for (model, target) in [("random-forest", &numbers), ("logistic-regression", &labels)] {
        let begin = || {
            let trees = if model == "random-forest" { json!({ "trees": 7 }) } else { json!({}) };
            Table::begin(fit(model, trees), rows.clone(), target).unwrap()
        };
        let ((slow, shares), (fast, _)) = (learned(begin(), 1), learned(begin(), 1_000_000));
        assert!(shares.windows(2).all(|w| w[0] <= w[1]), "{model}: {shares:?}");
        assert!(shares.iter().filter(|s| (0.2..0.8).contains(*s)).count() > 3, "{model}: {shares:?}");
        assert_eq!(slow.report().unwrap(), fast.report().unwrap());
        let all = slow.predict(rows.clone(), 0).unwrap();
        assert_eq!(all, fast.predict(rows.clone(), 0).unwrap());
        assert_eq!(all[7..9], fast.predict(rows[14..18].to_vec(), 7).unwrap());
    }
}

#[test]
fn a_report_names_its_columns_and_defaults() {
    let (rows, numbers, labels) = made(300);
    let (forest, _) =
        learned(Table::begin(fit("random-forest", json!({})), rows.clone(), &numbers).unwrap(), 60_000);
    let told = seen(&forest.report().unwrap());
    assert_eq!(
        (&told["trained"], &told["params"]["trees"], &told["seed"]),
        (&json!(true), &json!(100), &json!(5))
    );
    assert_eq!((&told["importance"][0]["column"], &told["task"]), (&json!("one"), &json!("regression")));
    assert_eq!((&told["params"]["minLeaf"], &told["params"]["maxFeatures"]), (&json!(1), &json!(1)));
    assert!(told["importance"][0]["importance"].as_f64().unwrap() > 0.9, "{told}");
    assert!(told["outOfBag"]["r2"].as_f64().unwrap() > 0.9, "{told}");
    let (regression, _) =
        learned(Table::begin(fit("logistic-regression", json!({})), rows, &labels).unwrap(), 60_000);
    let told = seen(&regression.report().unwrap());
    assert_eq!(told["coefficients"][1]["column"], "two");
    assert!(told["importance"][0]["importance"].as_f64().unwrap() > 0.8, "{told}");
    assert!(told["calibration"]["lossBefore"].as_f64().unwrap() > 0.0, "{told}");
}

#[test]
fn too_little_is_an_answer() {
    let (rows, numbers, _) = made(9);
    for model in ["random-forest", "logistic-regression"] {
        let table = Table::begin(fit(model, json!({})), rows.clone(), &[1.0; 9]).unwrap();
        let (table, shares) = learned(table, 1);
        assert_eq!(shares.len(), 2);
        let told = seen(&table.report().unwrap());
        assert_eq!((&told["trained"], &told["reason"]), (&json!(false), &json!("not-enough-rows")));
        assert_eq!(table.predict(rows.clone(), 0).unwrap_err().code(), Code::NoModel);
    }
    let mut classes = fit("random-forest", json!({ "minSamples": 9 }));
    classes.task = Some("classification".to_owned());
    let told = Table::begin(classes, rows.clone(), &[0.0; 9]).unwrap().report().unwrap();
    assert_eq!(seen(&told)["reason"], "one-class");
    // A forest of numbers that are all alike is no riddle, and no mistake.
    let same =
        Table::begin(fit("random-forest", json!({ "minSamples": 9 })), rows.clone(), &[2.0; 9]).unwrap();
    let (same, _) = learned(same, 60_000);
    assert_eq!(same.predict(rows.clone(), 0).unwrap(), [2.0; 9]);
    // Under way there is nothing to be said yet.
    let open = Table::begin(fit("random-forest", json!({ "minSamples": 9 })), rows, &numbers).unwrap();
    assert_eq!(open.report().unwrap_err().code(), Code::NoModel);
}

#[test]
fn what_is_wrong_is_named() {
    let (rows, numbers, labels) = made(20);
    let with = |at: usize, value: f32| {
        let mut rows = rows.clone();
        rows[at] = value;
        rows
    };
    let e = refused(fit("random-forest", json!({})), with(7, f32::NAN), &numbers);
    assert_eq!(e.place(), "rows[3][1]");
    assert!(e.found().contains("row 3 of column \"two\""), "{e}");
    let forest = || fit("random-forest", json!({}));
    assert_eq!(refused(forest(), rows[1..].to_vec(), &numbers).place(), "rows");
    assert_eq!(refused(forest(), rows.clone(), &numbers[1..]).place(), "target");
    assert_eq!(refused(fit("logistic-regression", json!({})), rows.clone(), &numbers).place(), "target[1]");
    assert_eq!(refused(fit("ease", json!({})), rows.clone(), &numbers).place(), "model");
    assert_eq!(refused(fit("random-forest", json!({ "C": 1 })), rows.clone(), &numbers).place(), "params.C");
    let no_columns = Ask { columns: Vec::new(), ..forest() };
    assert_eq!(refused(no_columns, Vec::new(), &[]).place(), "columns");
    let classes = Ask { task: Some("classification".to_owned()), ..fit("logistic-regression", json!({})) };
    assert_eq!(refused(classes, rows.clone(), &labels).place(), "task");
    let many = Ask { columns: vec!["x".to_owned()], ..fit("random-forest", json!({ "trees": 1000 })) };
    let e = refused(many, vec![0.0; 100_000], &vec![0.0; 100_000]);
    assert_eq!(e.code(), Code::OutOfMemory);

    let (table, _) = learned(Table::begin(forest(), rows.clone(), &numbers).unwrap(), 60_000);
    assert_eq!(table.predict(with(9, f32::INFINITY), 100).unwrap_err().place(), "rows[104][1]");
    assert_eq!(table.predict(vec![1.0], 0).unwrap_err().place(), "rows");
    assert_eq!(table.explained(&[1.0], &[0.0; 3]).unwrap_err().place(), "row");
    assert_eq!(table.explained(&[1.0, f32::NAN], &[0.0; 3]).unwrap_err().place(), "row[1]");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn explanations_sum_to_what_is_said(rows in 10usize..120, at in 0usize..10, trees in 1usize..9, seed: u16) {
        let (x, numbers, labels) = made(rows);
        prop_assume!(labels.contains(&0.0) && labels.contains(&1.0));
        let row = &x[2 * at..2 * at + 2];
        for (model, params, target) in [
            ("random-forest", json!({ "trees": trees }), &numbers),
            ("logistic-regression", json!({ "calibrate": false }), &labels),
        ] {
            let asked = Ask { seed: f64::from(seed), ..fit(model, params) };
            let (table, _) = learned(Table::begin(asked, x.clone(), target).unwrap(), 60_000);
            let mut sums = vec![0.0; 3];
            (0..table.parts()).for_each(|part| table.explain_part(row, part, &mut sums).unwrap());
            let told = seen(&table.explained(row, &sums).unwrap());
            let number = |v: &Value| v.as_f64().unwrap();
            let sum = number(&told["base"]) + told["contributions"].as_array().unwrap().iter().map(number).sum::<f64>();
            let said = if model == "random-forest" { sum } else { crate::models::logistic::sigmoid(sum) };
            prop_assert!((said - number(&told["prediction"])).abs() < 1e-6, "{model} {told}");
            let alone = table.predict(row.to_vec(), 0).unwrap()[0];
            prop_assert!((number(&told["prediction"]) - alone).abs() < 1e-12);
        }
    }
}
