//! Records made of JSON, through every encoding.

use super::cell::{Cell, Records};
use super::presets::{PRESETS, preset};
use super::{Column, Matrix, Pipeline, Rule, Spec};
use crate::ground::fields::FromFields;
use crate::ground::json::{Value, write};
use crate::ground::rng::Rng;
use serde_json::json;

/// A field of a record.
enum Said {
    Number(f64),
    Word(String),
    Words(Vec<String>),
    Weights(Vec<(String, f64)>),
    Vector(Vec<f32>),
}

#[derive(Default)]
struct Table(Vec<Vec<(&'static str, Said)>>);

impl Records for Table {
    fn len(&self) -> usize {
        self.0.len()
    }
    fn cell(&self, record: usize, field: &str) -> Cell<'_> {
        match self.0[record].iter().find(|(name, _)| *name == field).map(|(_, said)| said) {
            None => Cell::Missing,
            Some(Said::Number(x)) => Cell::Number(*x),
            Some(Said::Word(w)) => Cell::Word(w),
            Some(Said::Words(w)) => Cell::Words(w),
            Some(Said::Weights(w)) => Cell::Weights(w),
            Some(Said::Vector(v)) => Cell::Vector(v),
        }
    }
}

fn words(list: &[&str]) -> Said {
    Said::Words(list.iter().map(|w| w.to_string()).collect())
}

fn spec(features: serde_json::Value) -> Spec {
    Spec::decode("features", json!({ "features": features }).into()).unwrap()
}

fn fit(spec: &Spec, table: &Table, target: &[f32]) -> (Pipeline, Matrix) {
    let (pipeline, matrix, _) = Pipeline::fit(spec, table, target).unwrap();
    (pipeline, matrix)
}

fn parts(pipeline: &Pipeline) -> Vec<String> {
    pipeline.names().into_iter().map(|c| format!("{}={}", c.field, c.part)).collect()
}

fn films() -> Table {
    let film = |genres: &[&str], year: Option<f64>| {
        let mut record = vec![("genres", words(genres))];
        record.extend(year.map(|y| ("year", Said::Number(y))));
        record
    };
    Table(vec![
        film(&["Drama"], Some(1990.0)),
        film(&["Drama", "War"], Some(2000.0)),
        film(&["Comedy"], None),
        film(&[], Some(2010.0)),
    ])
}

#[test]
fn words_get_a_column_each_and_what_is_not_known_has_its_own() {
    let (p, m) =
        fit(&spec(json!([{ "field": "genres", "encode": "multi-hot", "least": 1 }])), &films(), &[0.0; 4]);
    // "other" is constant here and goes.
    assert_eq!(parts(&p), ["genres=Drama", "genres=Comedy", "genres=War", "genres=missing"]);
    assert_eq!(m.row(1), [1.0, 0.0, 1.0, 0.0]);
    assert_eq!(m.row(3), [0.0, 0.0, 0.0, 1.0]);
    let new = Table(vec![vec![("genres", words(&["Noir"]))]]);
    assert_eq!(p.apply(&new).row(0), [0.0; 4], "a word nobody has said is none of these");
}

#[test]
fn unknown_words_are_told_from_missing_ones() {
    let mut table = films();
    table.0.push(vec![("genres", words(&["Noir"]))]);
    let (p, _) = fit(&spec(json!([{ "field": "genres", "encode": "multi-hot" }])), &table, &[0.0; 5]);
    assert_eq!(parts(&p), ["genres=Drama", "genres=other", "genres=missing"], "others were said once");
    let new = Table(vec![vec![("genres", words(&["Western"]))], vec![]]);
    let m = p.apply(&new);
    assert_eq!((m.row(0), m.row(1)), (&[0.0, 1.0, 0.0][..], &[0.0, 0.0, 1.0][..]));
}

#[test]
fn missing_numbers_are_filled_in_as_asked_and_say_so() {
    let filled = |missing: serde_json::Value| {
        let s = spec(json!([{ "field": "year", "encode": "number", "missing": missing, "scale": "none" }]));
        let (p, m) = fit(&s, &films(), &[0.0; 4]);
        assert_eq!(parts(&p), ["year=", "year=missing"]);
        assert_eq!(m.row(0), [1990.0, 0.0]);
        assert_eq!(m.row(2)[1], 1.0);
        m.row(2)[0]
    };
    assert_eq!(filled(json!(7)), 7.0);
    assert_eq!(filled(json!("mean")), 2000.0);
    assert_eq!(filled(json!("median")), 2000.0);
    assert_eq!(filled(json!("mode")), 1990.0);
    assert_eq!(filled(json!({ "nearest": "genres" })), 2000.0, "nothing is like a comedy: the mean");
}

#[test]
fn the_nearest_fill_in_where_something_is_alike() {
    let mut table = films();
    table.0.push(vec![("genres", words(&["War"]))]);
    let s = spec(
        json!([{ "field": "year", "encode": "number", "missing": { "nearest": "genres" }, "scale": "none" }]),
    );
    let (p, m) = fit(&s, &table, &[0.0; 5]);
    assert_eq!(m.row(4)[0], 2000.0);
    let drama = Table(vec![vec![("genres", words(&["Drama"]))]]);
    assert_eq!(p.apply(&drama).row(0)[0], 1995.0, "two dramas are known");
}

#[test]
fn scaled_numbers_have_the_size_they_should() {
    let s = |scale: &str| spec(json!([{ "field": "year", "encode": "number", "scale": scale }]));
    let column = |scale: &str| fit(&s(scale), &films(), &[0.0; 4]).1.column(0).collect::<Vec<f32>>();
    let standard = column("standard");
    assert!((standard[0] + 1.224_744_9).abs() < 1e-6 && standard[1] == 0.0, "{standard:?}");
    assert_eq!(column("min-max"), [0.0, 0.5, 0.5, 1.0]);
}

#[test]
fn impossible_and_absurd_numbers_do_no_harm() {
    let mut table = Table::default();
    for x in [90.0, 95.0, 100.0, 105.0, 110.0, -3.0, 1e300, f64::NAN, f64::NEG_INFINITY] {
        table.0.push(vec![("duration", Said::Number(x))]);
    }
    let s = spec(json!([{ "field": "duration", "encode": "number", "min": 1 }]));
    let (p, m, notes) = Pipeline::fit(&s, &table, &[0.0; 9]).unwrap();
    assert!(m.values().iter().all(|x| x.abs() < 10.0), "{m:?}");
    assert_eq!(m.row(5)[1], 1.0, "a negative length is none");
    assert_eq!((notes.outliers[0].count, notes.outliers[0].example), (2, 1e300));
    let far = Table(vec![vec![("duration", Said::Number(1e9))]]);
    assert!(p.apply(&far).row(0)[0].abs() < 10.0);
}

#[test]
fn ranges_hold_about_as_many_records_each() {
    let table = Table((0..100).map(|i| vec![("year", Said::Number(1900.0 + f64::from(i)))]).collect());
    let (p, m) =
        fit(&spec(json!([{ "field": "year", "encode": "buckets", "bins": 4 }])), &table, &[0.0; 100]);
    assert_eq!(
        parts(&p),
        ["year=below 1924.75", "year=1924.75 to 1949.5", "year=1949.5 to 1974.25", "year=from 1974.25"]
    );
    for c in 0..4 {
        assert_eq!(m.column(c).sum::<f32>(), 25.0);
    }
    let alike = Table((0..10).map(|_| vec![("year", Said::Number(5.0))]).collect());
    let (p, _) = fit(&spec(json!([{ "field": "year", "encode": "buckets" }])), &alike, &[0.0; 10]);
    assert_eq!(p.columns(), 1, "values that are alike are never parted");
}

#[test]
fn no_record_is_told_its_own_answer() {
    // Every record has a word of its own: a leaking encoding would repeat the target.
    let table = Table((0..40).map(|i| vec![("people", Said::Word(format!("p{i}")))]).collect());
    let target: Vec<f32> = (0..40).map(|i| (i % 2) as f32).collect();
    let s = spec(json!([{ "field": "people", "encode": "target", "smoothing": 0 }]));
    let (p, m) = fit(&s, &table, &target);
    let told = |c: f32, y: f32| (c - 0.5).signum() == (y - 0.5).signum() && c != 0.5;
    let right = m.column(0).zip(&target).filter(|(c, y)| told(*c, **y)).count();
    assert!(right < 30, "{right}");
    assert!(p.apply(&table).column(0).zip(&target).all(|(c, y)| c == *y), "afterwards it may");
}

#[test]
fn words_that_go_together_lie_together() {
    let mut table = Table::default();
    for i in 0..60 {
        let list: &[&str] = if i % 2 == 0 { &["War", "Drama"] } else { &["Comedy", "Family"] };
        table.0.push(vec![("genres", words(list))]);
    }
    let (p, _) =
        fit(&spec(json!([{ "field": "genres", "encode": "embedding", "factors": 2 }])), &table, &[0.0; 60]);
    let at = |w: &str| p.apply(&Table(vec![vec![("genres", words(&[w]))]])).row(0)[0];
    assert!((at("War") - at("Drama")).abs() < 1e-6 && (at("War") - at("Comedy")).abs() > 0.5);
}

#[test]
fn texts_and_hashed_words_keep_their_length_and_vectors_pass() {
    let text =
        |t: &str| vec![("description", Said::Word(t.to_owned())), ("v", Said::Vector(vec![1.0, f32::NAN]))];
    let table = Table(vec![text("A quiet war film"), text("A loud comedy, a comedy of war"), vec![]]);
    let s = spec(json!([
        { "field": "description", "encode": "tf-idf", "buckets": 16 },
        { "field": "description", "encode": "hash", "buckets": 8 },
        { "field": "v", "encode": "vector" }
    ]));
    let (p, m) = fit(&s, &table, &[0.0; 3]);
    let tfidf: Vec<usize> = p
        .names()
        .iter()
        .enumerate()
        .take_while(|(_, c)| c.part.parse::<usize>().is_ok())
        .map(|(at, _)| at)
        .collect();
    let length = |r: usize| tfidf.iter().map(|&c| m.row(r)[c]).map(|x| x * x).sum::<f32>();
    assert!(length(0) > 0.9, "{}", length(0));
    assert!(m.row(2).iter().all(|x| *x == 0.0));
    assert!(m.values().iter().all(|x| x.is_finite()));
}

#[test]
fn small_letters_and_large_ones_are_the_same_word() {
    let text = |t: &str| vec![("description", Said::Word(t.to_owned()))];
    let table =
        Table(vec![text("Élan, ÉLAN!"), text("élan élan"), text("Ёлка — ЁЛКА"), text("ёлка ёлка"), vec![]]);
    let (_, m) =
        fit(&spec(json!([{ "field": "description", "encode": "tf-idf", "buckets": 64 }])), &table, &[0.0; 5]);
    assert_eq!((m.row(0), m.row(2)), (m.row(1), m.row(3)));
    assert_ne!(m.row(0), m.row(2));
}

#[test]
fn products_hold_where_both_hold() {
    let record =
        |mood: &str, genre: &str| vec![("mood", Said::Word(mood.into())), ("genres", words(&[genre]))];
    let table = Table(vec![
        record("funny", "Comedy"),
        record("funny", "Drama"),
        record("sad", "Comedy"),
        record("sad", "Drama"),
    ]);
    let s = json!({ "features": [
        { "field": "mood", "encode": "one-hot", "least": 1, "unknown": false },
        { "field": "genres", "encode": "multi-hot", "least": 1, "unknown": false }
    ], "cross": [["mood", "genres"]] });
    let (p, m) = fit(&Spec::decode("features", s.into()).unwrap(), &table, &[0.0; 4]);
    let at = p
        .names()
        .iter()
        .position(|c| *c == Column { field: "mood × genres".into(), part: "funny × Comedy".into() });
    assert_eq!(m.column(at.unwrap()).collect::<Vec<_>>(), [1.0, 0.0, 0.0, 0.0]);
}

#[test]
fn the_classic_features_are_seventeen() {
    let s = preset("classic").unwrap();
    let record = vec![
        ("context.mood", Said::Word("action".into())),
        ("context.group", Said::Word("couple".into())),
        ("context.session", Said::Word("binge".into())),
        ("genres", words(&["Sci-Fi", "Drama", "Western"])),
        ("year", Said::Number(1995.0)),
    ];
    // Fitted on records in which everything occurs, so that nothing is constant.
    let mut table = Table(vec![vec![("duration", Said::Number(100.0))]]);
    for mood in ["funny", "action", "dramatic", "relaxing"] {
        table.0.push(vec![("context.mood", Said::Word(mood.into()))]);
    }
    for group in ["solo", "couple", "group"] {
        table.0.push(vec![("context.group", Said::Word(group.into()))]);
    }
    for session in ["short", "medium", "binge"] {
        table.0.push(vec![("context.session", Said::Word(session.into()))]);
    }
    for genre in ["Comedy", "Action", "Drama", "Thriller", "Science Fiction"] {
        table.0.push(vec![("genres", words(&[genre]))]);
    }
    table.0.push(record);
    let n = table.0.len();
    let (p, m) = fit(&s, &table, &vec![0.0; n]);
    assert_eq!(p.columns(), 17);
    assert_eq!(m.row(n - 1), [0., 1., 0., 0., 0., 1., 0., 0., 0., 1., 0., 0., 1., 0., 1., 0., 1995.]);
}

#[test]
fn what_was_learned_is_read_back_and_gives_the_same_bits() {
    let mut rng = Rng::new(1, 0);
    let mut table = Table::default();
    for _ in 0..60 {
        let genre = ["Drama", "Comedy", "War"][rng.below(3)];
        let mut record = vec![
            ("genres", words(&[genre])),
            ("people", Said::Word(format!("p{}", rng.below(9)))),
            ("description", Said::Word(format!("the {genre} of {}", rng.below(20)))),
            ("weights", Said::Weights(vec![("a".into(), rng.unit())])),
            ("v", Said::Vector(vec![rng.unit() as f32])),
        ];
        if rng.below(4) > 0 {
            record.push(("year", Said::Number(1900.0 + rng.unit() * 100.0)));
        }
        table.0.push(record);
    }
    let target: Vec<f32> = (0..60).map(|_| rng.unit() as f32).collect();
    let s = json!({ "features": [
        { "field": "genres", "encode": "multi-hot" },
        { "field": "genres", "encode": "embedding", "factors": 2 },
        { "field": "year", "encode": "number", "missing": { "nearest": "genres" }, "min": 1800 },
        { "field": "year", "encode": "buckets" },
        { "field": "people", "encode": "target" },
        { "field": "people", "encode": "hash" },
        { "field": "description", "encode": "tf-idf" },
        { "field": "weights", "encode": "multi-hot" },
        { "field": "v", "encode": "vector" }
    ], "cross": [["year", "genres"]], "select": { "mutualInformation": 40 } });
    let (p, _) = fit(&Spec::decode("features", s.into()).unwrap(), &table, &target);
    let text = write(&p.write());
    let back = Pipeline::decode("pipeline", crate::ground::json::parse(text.as_bytes()).unwrap()).unwrap();
    assert_eq!(back.apply(&table), p.apply(&table));
    assert_eq!(write(&back.write()), text);
    assert_eq!(back.names(), p.names());
}

#[test]
fn what_nobody_vouches_for_is_refused_and_never_panics() {
    let (p, _) = fit(&spec(json!([{ "field": "genres", "encode": "multi-hot" }])), &films(), &[0.0; 4]);
    let good = write(&p.write());
    for (from, to) in [
        ("\"version\":1", "\"version\":2"),
        ("\"words\":[\"Drama\"]", "\"words\":[1]"),
        ("\"columns\":[", "\"columns\":[99,"),
        ("\"encode\":\"words\"", "\"encode\":\"word\""),
    ] {
        let bad = good.replace(from, to);
        assert_ne!(bad, good, "{from} stands in {good}");
        assert!(Pipeline::decode("p", crate::ground::json::parse(bad.as_bytes()).unwrap()).is_err(), "{to}");
    }
}

#[test]
fn every_preset_can_be_read_and_fitted_to_nothing() {
    for name in PRESETS {
        let spec = preset(name).unwrap_or_else(|| panic!("{name}"));
        for table in [Table::default(), Table(vec![vec![]])] {
            let n = table.len();
            let (p, m) = fit(&spec, &table, &vec![1.0; n]);
            assert!(m.values().iter().all(|x| x.is_finite()) && p.columns() >= 1);
            // What is not kept must be a number, too: products are made of it.
            let mut whole = vec![0f32; p.width()];
            p.encode(&Table(vec![vec![]]), 0, &|_| true, &mut whole);
            assert!(whole.iter().all(|x| x.is_finite()), "{name}: {whole:?}");
        }
    }
}

#[test]
fn labels_decide_what_is_said_and_nothing_else() {
    const KNOWN: &[&str] = &["rating", "wouldWatchAgain", "completion", "context.mood"];
    let rule = |v: serde_json::Value| Rule::decode("label", v.into(), KNOWN);
    let table = Table(vec![
        vec![("rating", Said::Number(4.5)), ("wouldWatchAgain", Said::Number(1.0))],
        vec![("rating", Said::Number(4.5)), ("wouldWatchAgain", Said::Number(0.0))],
        vec![("rating", Said::Number(4.5))],
        vec![("rating", Said::Number(3.0)), ("wouldWatchAgain", Said::Number(1.0))],
        vec![("context.mood", Said::Word("funny".into()))],
    ]);
    let said = |r: &Rule| (0..5).map(|at| r.decide(&table, at)).collect::<Vec<_>>();
    let default = Rule::positive(4.0);
    assert_eq!(said(&default), [Some(true), Some(false), Some(true), Some(false), None]);
    let issue = rule(json!({ "all": [{ "field": "rating", "op": ">=", "value": 4 }, { "field": "wouldWatchAgain", "is": true }] })).unwrap();
    assert_eq!(issue, default);
    let back = Rule::decode("label", Value::from(issue.clone()), KNOWN).unwrap();
    assert_eq!(back, issue);
    let any = rule(json!({ "any": [{ "field": "rating", "op": "<", "value": 4 }, { "field": "context.mood", "op": "==", "value": "funny" }] })).unwrap();
    assert_eq!(said(&any), [Some(false), Some(false), Some(false), Some(true), Some(true)]);
    for (bad, place) in [
        (json!({ "all": [] }), "label.all"),
        (json!({ "all": [{ "field": "stars", "is": true }] }), "label.all[0].field"),
        (json!({ "field": "rating", "op": "=>", "value": 4 }), "label.op"),
        (json!({ "field": "rating", "op": ">=" }), "label.value"),
        (json!({ "field": "rating", "is": "yes" }), "label.is"),
        (json!({ "any": [{ "field": "rating", "is": true }], "all": [] }), "label.any"),
    ] {
        assert_eq!(rule(bad.clone()).unwrap_err().place(), place, "{bad}");
    }
}

/// The block of `docs/features.md` that is marked so.
fn told(mark: &str) -> serde_json::Value {
    let text = include_str!("../../docs/features.md");
    let block = text.split(&format!("```json {mark}\n")).nth(1).unwrap_or_else(|| panic!("no block {mark}"));
    serde_json::from_str(block.split("```").next().unwrap()).unwrap()
}

#[test]
fn the_worked_example_is_what_happens() {
    let mut table = Table::default();
    for record in told("records").as_array().unwrap() {
        let mut fields = Vec::new();
        if let Some(genres) = record["genres"].as_array() {
            fields.push((
                "genres",
                Said::Words(genres.iter().map(|g| g.as_str().unwrap().to_owned()).collect()),
            ));
        }
        fields.extend(record["year"].as_f64().map(|y| ("year", Said::Number(y))));
        table.0.push(fields);
    }
    let spec = Spec::decode("features", told("spec").into()).unwrap();
    let (pipeline, matrix) = fit(&spec, &table, &vec![0.0; table.len()]);
    let named = |c: Column| if c.part.is_empty() { c.field } else { format!("{}: {}", c.field, c.part) };
    let columns: Vec<String> = pipeline.names().into_iter().map(named).collect();
    let expected = told("matrix");
    assert_eq!(json!(columns), expected["columns"]);
    for (at, row) in expected["rows"].as_array().unwrap().iter().enumerate() {
        let numbers: Vec<f32> = row.as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect();
        assert_eq!(matrix.row(at), numbers, "row {at}");
    }
}
