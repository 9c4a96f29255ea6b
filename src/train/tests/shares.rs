//! Candidates that learn from a share of the training ratings.

use super::*;
use crate::data::{Catalog, Item};
use crate::ground::json::{Value, write};
use crate::train::held::Exam;
use crate::train::{Candidate, Evaluation, Protocol};
use std::rc::Rc;

fn at(share: f64, spec: Spec) -> Candidate {
    Candidate { name: spec.name().into(), version: None, spec, share }
}

fn begin(x: &Lesson<'_>, candidates: Vec<Candidate>, protocol: Protocol) -> Result<Evaluation> {
    Evaluation::begin(x, candidates, protocol, false, 5, 3)
}

fn report(x: &Lesson<'_>, candidates: Vec<Candidate>, protocol: Protocol) -> serde_json::Value {
    let mut e = begin(x, candidates, protocol).unwrap();
    let mut last = 0.0;
    while !e.is_done() {
        let done = e.step(300).unwrap();
        assert!(done >= last, "{done} after {last}");
        last = done;
    }
    let report: Value = e.finish().into();
    serde_json::from_str(&write(&report)).unwrap()
}

fn fifth() -> Protocol {
    Protocol::Split(Split::Random { fraction: 0.2 })
}

/// One person's ratings of sixty films of which every third is good, and some are a little better.
fn alone() -> Interactions {
    let mut x = Interactions::default();
    for i in 0..60 {
        let rating = if i % 3 == 0 { 4.0 } else { 2.0 } + if i % 4 == 0 { 0.5 } else { 0.0 };
        x.push("me", &format!("i{i}"), rating, f64::from(i + 1));
    }
    x
}

#[test]
fn shares_are_nested_and_nothing_else_differs() {
    let x = camps();
    let parts = Split::Random { fraction: 0.2 }.apply(&x, 3).unwrap();
    let whole = Rc::new(Exam::new(x.rows(&parts.train), x.rows(&parts.test), None, 5));
    let pairs = |x: &Interactions| -> Vec<(u32, u32)> {
        x.user.iter().copied().zip(x.item.iter().copied()).collect()
    };
    let [tenth, third] = [0.1, 0.3].map(|share| Exam::less(&whole, share, 3));
    assert_eq!([tenth.train.len(), third.train.len()], [35, 106]);
    let more = pairs(&third.train);
    assert!(pairs(&tenth.train).iter().all(|pair| more.contains(pair)));
    let all = pairs(&whole.train);
    assert!(more.iter().all(|pair| all.contains(pair)));
    assert_ne!(pairs(&Exam::less(&whole, 0.3, 4).train), more, "drawn by the seed");
    assert_eq!((tenth.people(), pairs(&tenth.test)), (whole.people(), pairs(&whole.test)));
    for &person in whole.people() {
        let (less, more) = (tenth.held(person), whole.held(person));
        assert_eq!((less.seen, less.test), (more.seen, more.test));
    }
    assert!(Rc::ptr_eq(&tenth.frame(), &whole.frame()));
}

#[test]
fn more_is_learned_from_more_and_the_step_between_has_its_interval() {
    let x = camps();
    // Of folds the figures are means, and the differences are drawn from everybody at once: nearly the same.
    let folds = (Protocol::KFold(2), [22, 66, 220], 0.05);
    for (protocol, learned, near) in [(fifth(), [35, 106, 352], 1e-6), folds] {
        let shares = [0.1, 0.3, 1.0].map(|share| at(share, small()));
        let report = report(&lesson(&x), shares.to_vec(), protocol);
        let rows = &report["rows"].as_array().unwrap()[1..];
        for (row, (share, learned)) in rows.iter().zip([0.1, 0.3, 1.0].into_iter().zip(learned)) {
            assert_eq!((row["share"].as_f64(), row["learnedFrom"].as_u64()), (Some(share), Some(learned)));
            assert_eq!(row["metrics"]["ratings"], rows[2]["metrics"]["ratings"], "the same are held out");
        }
        let rmse = |row: usize| rows[row]["metrics"]["rmse"].as_f64().unwrap();
        assert!(rmse(0) > 1.5 * rmse(2), "{} {}", rmse(0), rmse(2));
        assert!(rows[0]["againstLess"].as_object().unwrap().is_empty());
        for (row, than) in [(1, 0), (2, 1)] {
            let step = &rows[row]["againstLess"]["rmse"];
            assert_eq!(step["row"], than + 1);
            let difference = step["difference"].as_f64().unwrap();
            assert!((difference - (rmse(row) - rmse(than))).abs() < near);
            let [low, high] = ["low", "high"].map(|end| step[end].as_f64().unwrap());
            assert!(low <= difference && difference <= high && low < high);
        }
        assert_eq!(rows[2]["againstLess"]["rmse"]["real"], true);
    }
}

#[test]
fn a_share_of_one_is_no_share_at_all() {
    let x = camps();
    let plain = report(&lesson(&x), vec![at(1.0, small())], fifth());
    let beside = report(&lesson(&x), vec![at(0.3, small()), at(1.0, small())], fifth());
    let [mut alone, mut last] = [plain["rows"][1].clone(), beside["rows"][2].clone()];
    for row in [&mut alone, &mut last] {
        for key in ["againstLess", "againstBest"] {
            row.as_object_mut().unwrap().remove(key);
        }
    }
    assert_eq!(alone, last);
    assert_eq!(alone["learnedFrom"], 352);
    assert_ne!(beside["rows"][1]["metrics"], last["metrics"]);
}

#[test]
fn shares_are_checked_and_what_is_too_little_is_left_out_with_a_word() {
    let x = camps();
    for bad in [0.0, -0.1, 1.01, f64::NAN, f64::INFINITY] {
        let refused = begin(&lesson(&x), vec![at(1.0, small()), at(bad, small())], fifth()).err().unwrap();
        assert_eq!((refused.code(), refused.place()), (Code::InvalidArgument, "models[1].share"), "{bad}");
    }
    // Popularity first, so that the first of all is the one to go.
    let popularity = || Spec::new("popularity", None).unwrap();
    let shares = [0.01, 0.5, 1.0].map(|share| at(share, popularity()));
    for protocol in [fifth(), Protocol::KFold(3)] {
        let report = report(&lesson(&x), shares.to_vec(), protocol);
        let rows = report["rows"].as_array().unwrap();
        assert_eq!(rows.iter().map(|r| r["share"].as_f64().unwrap()).collect::<Vec<_>>(), [0.5, 1.0]);
        assert_eq!(rows[1]["againstLess"]["mae"]["row"], 0);
        assert!(rows[1]["againstPopularity"].as_object().unwrap().is_empty());
        let codes: Vec<_> = report["warnings"].as_array().unwrap().iter().map(|w| &w["code"]).collect();
        assert!(codes.contains(&&"share-too-small".into()), "{codes:?}");
    }
}

/// One person cannot be drawn anew; their ratings can.
#[test]
fn who_is_alone_has_intervals_of_ratings_and_none_of_lists() {
    let x = alone();
    let films = (0..60).map(|i| Item {
        id: format!("i{i}"),
        genres: vec![if i % 3 == 0 { "War" } else { "Drama" }.to_owned()],
        ..Item::default()
    });
    let catalog = Catalog::new(films.collect()).unwrap();
    let forest = || Spec::new("random-forest", Some(serde_json::json!({ "trees": 5 }).into())).unwrap();
    let shares = [0.4, 1.0].map(|share| at(share, forest()));
    let report = report(&Lesson { data: &x, catalog: Some(&catalog) }, shares.to_vec(), fifth());
    let last = &report["rows"][2];
    let [low, high] = ["low", "high"].map(|end| last["intervals"]["rmse"][end].as_f64().unwrap());
    let rmse = last["metrics"]["rmse"].as_f64().unwrap();
    assert!(low < rmse && rmse < high, "{low} {rmse} {high}");
    assert_eq!((last["metrics"]["ratings"].as_u64(), last["metrics"]["users"].as_u64()), (Some(12), Some(1)));
    assert!(last["intervals"].get("ndcg").is_none() && last["againstLess"].get("ndcg").is_none());
    assert!(last["againstLess"]["rmse"]["real"].is_boolean());
    let segments = last["segments"].as_array().unwrap();
    assert_eq!(
        segments.iter().map(|s| s["ratings"].as_u64().unwrap()).sum::<u64>(),
        24,
        "by person, by item"
    );
}
