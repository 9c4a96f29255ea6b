//! Logistic regression against scikit-learn's on the same rows. How `logistic.json` was made stands in `logistic.py`.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use serde_json::Value;
use std::rc::Rc;
use tasteprint::features::Matrix;
use tasteprint::ground::rng::Rng;
use tasteprint::models::logistic::{Learning, LogisticParams};

fn numbers(list: &Value) -> Vec<f64> {
    list.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

/// Numbers of models of normal columns, some of them moved by an event: for all bits of them to be frozen.
pub fn learned() -> Vec<f64> {
    let mut rng = Rng::new(897, 4);
    let matrix = Rc::new(Matrix::new("x", 4, (0..400).map(|_| rng.normal() as f32).collect()).unwrap());
    let labels: Vec<bool> =
        (0..100).map(|i| f64::from(matrix.row(i)[0] - matrix.row(i)[1]) + rng.normal() > 0.3).collect();
    let mut out = Vec::new();
    for penalty in 0..2 {
        let params = LogisticParams { penalty, regularization: 6.0, ..LogisticParams::default() };
        let (mut model, summary) = Learning::new(matrix.clone(), &labels, None, params, 5).unwrap().finish();
        model.update(matrix.row(0), false, 2.0);
        out.extend_from_slice(model.coefficients());
        out.extend([model.intercept(), model.probability(matrix.row(1)), model.variance(matrix.row(2))]);
        out.extend(summary.calibration.unwrap().loss);
    }
    out
}

#[test]
fn coefficients_and_probabilities_are_those_of_scikit_learn() {
    let all: Value = serde_json::from_str(include_str!("logistic.json")).unwrap();
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), 5);
    for known in all {
        let name = known["name"].as_str().unwrap();
        let rows: Vec<Vec<f64>> = known["rows"].as_array().unwrap().iter().map(numbers).collect();
        let flat = rows.iter().flatten().map(|&x| x as f32).collect();
        let matrix = Rc::new(Matrix::new(name, rows[0].len(), flat).unwrap());
        let labels: Vec<bool> = numbers(&known["labels"]).iter().map(|&y| y == 1.0).collect();
        let weights = known["weights"].as_array().map(|_| numbers(&known["weights"]));
        let params = LogisticParams {
            regularization: known["lambda"].as_f64().unwrap(),
            penalty: usize::from(known["penalty"] == "l1"),
            balanced: known["balanced"].as_bool().unwrap(),
            calibrate: false,
            ..LogisticParams::default()
        };
        let learning = Learning::new(matrix.clone(), &labels, weights.as_deref(), params, 0).unwrap();
        let (model, summary) = learning.finish();
        assert!(summary.converged, "{name}");
        let wanted = numbers(&known["coefficients"]);
        for (j, (got, want)) in model.coefficients().iter().zip(&wanted).enumerate() {
            assert!((got - want).abs() < 1e-4, "{name}, column {j}: {got} is not {want}");
            let same = params.penalty == 0 || (*got == 0.0) == (*want == 0.0);
            assert!(same, "{name}, column {j}: left out here or there, not in both");
        }
        let want = known["intercept"].as_f64().unwrap();
        assert!((model.intercept() - want).abs() < 1e-4, "{name}: {} is not {want}", model.intercept());
        for (i, want) in numbers(&known["probabilities"]).into_iter().enumerate() {
            let got = model.probability(matrix.row(i));
            assert!((got - want).abs() < 1e-5, "{name}, row {i}: {got} is not {want}");
        }
    }
}
