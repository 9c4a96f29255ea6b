//! Evaluations and their reports.

use super::*;
use crate::data::{Catalog, Item};
use crate::ground::json::Value;
use crate::models::spec::RECIPES;
use crate::train::{Candidate, Evaluation, Protocol};

fn candidate(name: &str, params: serde_json::Value) -> Candidate {
    let spec = Spec::new("matrix-factorization", Some(params.into())).unwrap();
    Candidate { name: name.into(), version: Some(format!("version of {name}")), spec, share: 1.0 }
}

fn good() -> Candidate {
    candidate("good", serde_json::json!({ "factors": 4, "epochs": 60 }))
}

/// Learns next to nothing.
fn lazy() -> Candidate {
    candidate("lazy", serde_json::json!({ "factors": 4, "epochs": 1, "learningRate": 0.0001 }))
}

fn run(
    lesson: &Lesson<'_>,
    candidates: Vec<Candidate>,
    protocol: Protocol,
    budget: usize,
) -> serde_json::Value {
    let mut e = Evaluation::begin(lesson, candidates, protocol, true, 5, 3).unwrap();
    let mut last = 0.0;
    while !e.is_done() {
        let share = e.step(budget).unwrap();
        assert!(share >= last && share <= 1.0, "{share} after {last}");
        last = share;
    }
    assert_eq!(last, 1.0);
    let report: Value = e.finish().into();
    serde_json::from_str(&crate::ground::json::write(&report)).unwrap()
}

fn names(report: &serde_json::Value, key: &str) -> Vec<String> {
    report[key].as_array().unwrap().iter().map(|x| x.as_str().unwrap().to_owned()).collect()
}

#[test]
fn popularity_stands_first_and_neighbours_last_and_the_series_match() {
    let x = camps();
    let has_neighbours = RECIPES.iter().any(|r| r.name == "item-knn");
    let expected: Vec<&str> =
        ["popularity", "good"].into_iter().chain(has_neighbours.then_some("item-knn")).collect();
    for protocol in [
        Protocol::Split(Split::Time { fraction: 0.2 }),
        Protocol::KFold(3),
        Protocol::Split(Split::Random { fraction: 0.2 }),
    ] {
        let random = matches!(protocol, Protocol::Split(Split::Random { .. }));
        let report = run(&lesson(&x), vec![good()], protocol, 500);
        assert_eq!(names(&report, "labels"), expected);
        for series in report["series"].as_array().unwrap() {
            let (key, values) = (series["name"].as_str().unwrap(), series["values"].as_array().unwrap());
            for (at, row) in report["rows"].as_array().unwrap().iter().enumerate() {
                assert_eq!(row["metrics"].get(key).unwrap_or(&serde_json::Value::Null), &values[at], "{key}");
                let ends = [&series["low"][at], &series["high"][at]];
                if let Some(interval) = row["intervals"].get(key) {
                    assert_eq!(ends, [&interval["low"], &interval["high"]]);
                }
            }
        }
        assert_eq!(report["warnings"].as_array().unwrap().len(), usize::from(random));
    }
    let only = Evaluation::begin(&lesson(&x), vec![good()], Protocol::KFold(2), false, 5, 3).unwrap();
    assert_eq!(only.labels(), ["popularity", "good"], "unless they are not wanted");
}

#[test]
fn intervals_hold_the_figures_and_what_is_really_better_is_said() {
    let x = camps();
    let split = || Protocol::Split(Split::Random { fraction: 0.25 });
    let report = run(&lesson(&x), vec![good(), lazy()], split(), 300);
    let row =
        |name: &str| report["rows"].as_array().unwrap().iter().find(|r| r["name"] == name).unwrap().clone();
    for row in report["rows"].as_array().unwrap() {
        for (key, interval) in row["intervals"].as_object().unwrap() {
            let figure = row["metrics"][key].as_f64().unwrap();
            let [low, high] = ["low", "high"].map(|end| interval[end].as_f64().unwrap());
            assert!(low - 1e-9 <= figure && figure <= high + 1e-9, "{key}: {low} {figure} {high}");
        }
        let segments: Vec<&str> =
            row["segments"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
        assert_eq!(segments, ["new", "light", "heavy", "popular", "tail"]);
        let points = row["reliability"].as_array().unwrap();
        let events: f64 = points.iter().map(|p| p["events"].as_f64().unwrap()).sum();
        assert_eq!(events, row["metrics"]["ratings"].as_f64().unwrap());
    }
    let better = &row("good")["againstPopularity"]["rmse"];
    assert!(better["real"].as_bool().unwrap() && better["high"].as_f64().unwrap() < 0.0, "{better}");
    let difference = row("good")["metrics"]["rmse"].as_f64().unwrap()
        - row("popularity")["metrics"]["rmse"].as_f64().unwrap();
    assert!((better["difference"].as_f64().unwrap() - difference).abs() < 1e-6);
    let worse = &row("lazy")["againstBest"]["rmse"];
    assert!(worse["low"].as_f64().unwrap() > 0.0 && worse["real"].as_bool().unwrap());
    let best = report["rows"][worse["row"].as_u64().unwrap() as usize]["metrics"]["rmse"].as_f64().unwrap();
    assert!(best <= row("good")["metrics"]["rmse"].as_f64().unwrap());
    assert!(row("popularity")["againstPopularity"].as_object().unwrap().is_empty());
    // Of the two versions there is one pair.
    let pairs = report["pairs"].as_array().unwrap();
    assert_eq!((pairs.len(), &pairs[0]["a"]), (1, &serde_json::json!("version of good")));
    assert!(pairs[0]["figures"]["rmse"]["real"].as_bool().unwrap());
    assert_eq!(
        run(&lesson(&x), vec![good(), lazy()], split(), usize::MAX),
        report,
        "whatever the steps were"
    );
}

#[test]
fn the_same_model_twice_makes_no_difference() {
    let x = camps();
    let report = run(&lesson(&x), vec![good(), good()], Protocol::KFold(2), usize::MAX);
    let pair = &report["pairs"][0]["figures"]["ndcg"];
    assert_eq!(pair, &serde_json::json!({ "difference": 0, "low": 0, "high": 0, "p": 1, "real": false }));
}

#[test]
fn lists_are_alike_by_genre_where_genres_are_known() {
    let x = camps();
    let items = |genre: fn(u32) -> &'static str| {
        let item =
            |i: u32| Item { id: format!("i{i}"), genres: vec![genre(i).to_owned()], ..Item::default() };
        Catalog::new((0..12).map(item).collect()).unwrap()
    };
    let diversity = |catalog: Option<&Catalog>| {
        let split = Protocol::Split(Split::Random { fraction: 0.25 });
        run(&Lesson { data: &x, catalog }, vec![], split, usize::MAX)["rows"][0]["metrics"]["diversity"]
            .clone()
    };
    assert_eq!(diversity(Some(&items(|_| "Drama"))), 0.0, "all of one genre");
    assert_ne!(diversity(Some(&items(|i| if i < 6 { "Drama" } else { "War" }))), 0.0);
    assert_ne!(diversity(None), 0.0, "else by who rated them");
}

#[test]
fn held_out_ratings_of_ones_own() {
    let x = camps();
    let mut test = x.rows(&[3, 50]);
    let report = run(&lesson(&x), vec![good()], Protocol::Given(Box::new(test.clone())), usize::MAX);
    assert_eq!(report["rows"][1]["metrics"]["ratings"], 2);
    test.push("nobody", "i1", 3.0, 1.0);
    let report = run(&lesson(&x), vec![good()], Protocol::Given(Box::new(test)), usize::MAX);
    assert_eq!(report["warnings"][0]["code"], "unknown-held-out");
    let none = Protocol::Split(Split::None);
    assert!(Evaluation::begin(&lesson(&x), vec![good()], none, true, 5, 3).is_err());
}

#[test]
fn a_baseline_that_fails_is_left_out_and_what_was_asked_for_is_not() {
    let x = camps();
    let wild = || {
        let params =
            serde_json::json!({ "learningRate": 1, "initScale": 1, "regularization": 0, "epochs": 99 });
        candidate("wild", params)
    };
    for asked in [false, true] {
        let candidates = vec![good(), wild()];
        let mut e = Evaluation::begin(&lesson(&x), candidates, Protocol::KFold(2), false, 5, 3).unwrap();
        e.unasked = usize::from(!asked);
        let failed = loop {
            match e.step(usize::MAX) {
                Ok(share) if share < 1.0 => {}
                end => break end.is_err(),
            }
        };
        assert_eq!(failed, asked);
        if !asked {
            assert_eq!(e.labels(), ["popularity", "good"]);
            let report = e.finish();
            assert_eq!((report.rows.len(), report.rows[1].metrics.ratings), (2, x.len()));
            assert_eq!(report.warnings[0].code, "baseline-failed");
        }
    }
}
