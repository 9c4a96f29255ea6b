//! What is refused is refused by name, and nothing has changed.

use super::{EXAMINEES, world};
use crate::world::{NOW, ask, items, list, ours, rate};
use serde_json::{Value, json};
use tasteprint::data::{Interactions, Item, Scale};
use tasteprint::engine::request::{Evaluate, Recommend, Similar, Train};
use tasteprint::engine::{Community, Engine};
use tasteprint::ground::fields::FromFields;
use tasteprint::ground::{Code, Result};
use tasteprint::models::params::{Param, Range};
use tasteprint::models::spec::RECIPES;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// All that can be seen of an engine from outside.
fn seen(engine: &mut Engine) -> impl PartialEq + core::fmt::Debug + use<> {
    let said = list(engine, json!({ "k": 100, "explain": true, "excludeSeen": false }));
    let stored = engine.write_community().map(|b| tasteprint::ground::hash::sha256_hex(&b));
    let pack = engine.export_pack().map(|b| tasteprint::ground::hash::sha256_hex(&b));
    (engine.state_hash(), engine.status(), engine.catalog().items().to_vec(), said, stored, pack)
}

type Refused = (&'static str, Code, &'static str, fn(&mut Engine) -> Result<()>);

fn recommend(e: &mut Engine, what: Value) -> Result<()> {
    e.recommend(&Recommend::decode("recommend", ours(&what))?).map(|_| ())
}

/// The object with the fields of `change` in place of its own.
fn with(mut object: Value, change: &Value) -> Value {
    object.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    object
}

fn training(e: &mut Engine, model: &str, change: Value) -> Result<()> {
    let what = with(json!({ "model": model, "seed": 1 }), &change);
    e.train_begin(&Train::decode("train", ours(&what))?, None).map(|_| ())
}

fn evaluate(e: &mut Engine, change: Value) -> Result<()> {
    let what = with(json!({ "seed": 1 }), &change);
    e.evaluate_begin(&Evaluate::decode("evaluate", ours(&what))?, None)
}

fn timeless() -> Interactions {
    let mut x = world();
    x.at.fill(0.0);
    x
}

fn doubled() -> Vec<Item> {
    items(["same", "same"])
}

const INVALID: Code = Code::InvalidArgument;

/// Name, code, place, call.
const REFUSED: &[Refused] = &[
    ("k 0", INVALID, "k", |e| recommend(e, json!({ "k": 0 }))),
    ("k 1001", INVALID, "k", |e| recommend(e, json!({ "k": 1001 }))),
    ("k 2.5", INVALID, "k", |e| recommend(e, json!({ "k": 2.5 }))),
    ("k -1", INVALID, "k", |e| recommend(e, json!({ "k": -1 }))),
    ("k NaN", INVALID, "k", |e| {
        e.recommend(&Recommend { k: Some(f64::NAN), ..Recommend::default() }).map(|_| ())
    }),
    ("k text", INVALID, "recommend.k", |e| recommend(e, json!({ "k": "10" }))),
    ("caution 5", INVALID, "caution", |e| recommend(e, json!({ "caution": 5 }))),
    ("caution below 0", INVALID, "caution", |e| recommend(e, json!({ "caution": -0.1 }))),
    ("caution NaN", INVALID, "caution", |e| {
        e.recommend(&Recommend { caution: Some(f64::NAN), ..Recommend::default() }).map(|_| ())
    }),
    ("an option that is none", Code::UnknownOption, "recommend.K", |e| recommend(e, json!({ "K": 3 }))),
    ("a way to complain that is none", INVALID, "onUnsupported", |e| {
        recommend(e, json!({ "onUnsupported": "throw" }))
    }),
    ("context", Code::Unsupported, "context.mood", |e| {
        recommend(e, json!({ "context": { "mood": "funny" }, "onUnsupported": "raise" }))
    }),
    ("an item that is none", Code::UnknownItem, "items[0]", |e| recommend(e, json!({ "items": ["?"] }))),
    ("explaining it", Code::UnknownItem, "item", |e| e.explain(&ask(json!({ "item": "?" }))).map(|_| ())),
    ("nothing like it", INVALID, "k", |e| {
        e.similar(&Similar { item: "i0".into(), k: Some(0.0) }).map(|_| ())
    }),
    ("a model that is none", INVALID, "model", |e| training(e, "oracle", json!({}))),
    ("no model", INVALID, "model", |e| training(e, "", json!({}))),
    ("a seed below 0", INVALID, "seed", |e| training(e, "popularity", json!({ "seed": -1 }))),
    ("a seed beyond 2^53", INVALID, "seed", |e| {
        training(e, "popularity", json!({ "seed": 9_007_199_254_740_992_u64 }))
    }),
    ("half a seed", INVALID, "seed", |e| training(e, "popularity", json!({ "seed": 0.5 }))),
    ("half a patience", INVALID, "patience", |e| training(e, "popularity", json!({ "patience": 0.5 }))),
    ("no fraction", INVALID, "split.fraction", |e| {
        training(e, "popularity", json!({ "validation": { "split": "random", "fraction": 0 } }))
    }),
    ("all of it held out", INVALID, "split.fraction", |e| {
        training(e, "popularity", json!({ "validation": { "split": "time", "fraction": 1 } }))
    }),
    ("a split that is none", INVALID, "split", |e| {
        training(e, "popularity", json!({ "validation": { "split": "by moon" } }))
    }),
    ("k-fold is for evaluation", INVALID, "split", |e| {
        training(e, "popularity", json!({ "validation": { "split": "k-fold" } }))
    }),
    ("no folds", INVALID, "protocol.folds", |e| {
        evaluate(e, json!({ "protocol": { "split": "k-fold", "folds": 1 } }))
    }),
    ("measuring no places", INVALID, "k", |e| evaluate(e, json!({ "k": 0 }))),
    ("measuring a model that is none", INVALID, "model", |e| {
        evaluate(e, json!({ "models": [{ "model": "oracle" }] }))
    }),
    ("measuring by no seed", INVALID, "seed", |e| evaluate(e, json!({ "seed": 1.5 }))),
    ("holding nothing out", INVALID, "protocol", |e| evaluate(e, json!({ "protocol": { "split": "none" } }))),
    ("no seed at all", INVALID, "train.seed", |e| training(e, "popularity", json!({ "seed": null }))),
    ("a step of nothing", INVALID, "", |e| e.train_step(1).map(|_| ())),
    ("the end of nothing", INVALID, "", |e| e.train_finish("x", "", NOW, 0.0).map(|_| ())),
    ("measuring nothing", INVALID, "", |e| e.evaluate_step(1).map(|_| ())),
    ("reporting nothing", INVALID, "", |e| e.evaluate_finish().map(|_| ())),
    ("a file for nobody", INVALID, "", |e| e.import_file("ratings.csv")),
    ("bytes for nobody", INVALID, "", |e| e.import_push(b"1,2,3").map(|_| ())),
    ("the end of no import", INVALID, "", |e| e.import_finish().map(|_| ())),
    ("a scale upside down", INVALID, "scale", |e| {
        e.declare_scale(Some(Scale { min: 5.0, max: 1.0, step: 1.0 }))
    }),
    ("a catalog with doubles", INVALID, "catalog[1]", |e| e.set_catalog(doubled())),
    ("data with doubles", INVALID, "catalog[1]", |e| {
        e.take_in(Community { interactions: timeless(), items: doubled(), ..Community::default() })
    }),
    ("no way to add", INVALID, "mode", |e| e.stage(Community::default(), "both").map(|_| ())),
    ("another scale", INVALID, "scale", |e| {
        let mut more = Community { interactions: world(), ..Community::default() };
        more.interactions.scale = Scale { min: 0.0, max: 100.0, step: 1.0 };
        e.stage(more, "merge").map(|_| ())
    }),
    ("garbage for a model", Code::ModelFormat, "header length", |e| e.serve("x", b"no model")),
    ("half a model", Code::ModelFormat, "header length", |e| {
        let pack = e.export_pack()?;
        e.serve("x", &pack[..100])
    }),
    ("a rating off the scale", Code::RatingOffScale, "rating", |e| {
        e.check_event(&rate("me", "i0", 5.5), NOW).map(|_| ())
    }),
    ("a rating that is none", Code::RatingOffScale, "rating", |e| {
        e.check_event(&rate("me", "i0", f64::NAN), NOW).map(|_| ())
    }),
    ("a rating of nothing", INVALID, "item", |e| e.check_event(&rate("me", "", 4.0), NOW).map(|_| ())),
    ("a rating by nobody", INVALID, "profile", |e| e.check_event(&rate("", "i0", 4.0), NOW).map(|_| ())),
];

#[test]
fn what_is_refused_is_named_and_has_changed_nothing() {
    for examinee in EXAMINEES {
        let (mut engine, _) = examinee.serving(world());
        engine.apply_event(&rate("me", "i0", 5.0));
        engine.apply_event(&rate("me", "i4", 1.0));
        let before = seen(&mut engine);
        for (name, code, place, call) in REFUSED {
            let refused = call(&mut engine).expect_err(name);
            assert_eq!((refused.code(), refused.place()), (*code, *place), "{name}: {refused}");
            assert_eq!(seen(&mut engine), before, "{}: {name}", examinee.name);
        }
    }
}

#[test]
fn a_training_under_way_is_not_disturbed_by_what_is_refused() {
    for examinee in EXAMINEES {
        let (mut engine, trained) = examinee.serving(world());
        engine.train_begin(&ask(examinee.request()), None).unwrap();
        engine.train_step(100).unwrap();
        assert_eq!(engine.train_begin(&ask(examinee.request()), None).unwrap_err().code(), Code::Busy);
        let before = seen(&mut engine);
        let at_rest = ["a step of nothing", "the end of nothing"];
        for (name, _, _, call) in REFUSED.iter().filter(|r| !at_rest.contains(&r.0)) {
            call(&mut engine).expect_err(name);
            assert_eq!(seen(&mut engine), before, "{}: {name}", examinee.name);
        }
        while engine.train_step(100).unwrap().phase != "done" {}
        assert_eq!(engine.train_finish("x", "", NOW, 0.0).unwrap().bytes, trained.bytes, "{}", examinee.name);
    }
}

#[test]
fn a_split_by_time_needs_times() {
    for examinee in EXAMINEES {
        let (mut engine, _) = examinee.serving(timeless());
        let before = seen(&mut engine);
        let by_time = json!({ "split": "time", "fraction": 0.2 });
        let refused = training(&mut engine, examinee.name, json!({ "validation": by_time })).unwrap_err();
        assert_eq!((refused.code(), refused.place()), (INVALID, "split"));
        assert_eq!(evaluate(&mut engine, json!({ "protocol": by_time })).unwrap_err().place(), "split");
        assert_eq!(seen(&mut engine), before, "{}", examinee.name);
    }
}

/// What a parameter takes at its limits, and what lies just beyond them or is something else.
fn limits(param: &Param) -> (Vec<Value>, Vec<Value>) {
    let wrong = [json!([1]), json!({})];
    let (good, mut bad) = match param.range {
        Range::Whole(low, high) => {
            (vec![json!(low), json!(high)], vec![json!(low - 1.0), json!(high + 1.0), json!(low + 0.5)])
        }
        Range::Number(low, high) => {
            (vec![json!(low), json!(high)], vec![json!(low - 0.01), json!(high + 0.01)])
        }
        Range::Above(low, high) => (vec![json!(high)], vec![json!(low), json!(high + 0.01)]),
        Range::Choice(words) => (words.iter().map(|w| json!(w)).collect(), vec![json!("other"), json!(0)]),
        Range::Flag => (vec![json!(true), json!(false)], vec![json!(1), json!("true")]),
    };
    if !matches!(param.range, Range::Choice(_) | Range::Flag) {
        bad.extend([json!("5"), json!(true)]);
    }
    bad.extend(wrong);
    (good, bad)
}

/// Every parameter at its limits, just beyond them, and as what it is not.
#[test]
fn parameters_are_refused_by_name() {
    for examinee in EXAMINEES {
        let (mut engine, _) = examinee.serving(world());
        let before = seen(&mut engine);
        let table = RECIPES.iter().find(|r| r.name == examinee.name).unwrap().table;
        for param in table {
            let (good, bad) = limits(param);
            for value in good {
                training(&mut engine, examinee.name, json!({ "params": { param.name: value } })).unwrap();
                engine.abandon();
            }
            for value in bad {
                let refused =
                    training(&mut engine, examinee.name, json!({ "params": { param.name: value } }));
                let refused = refused.expect_err(&format!("{} {value}", param.name));
                let place = format!("params.{}", param.name);
                assert_eq!((refused.code(), refused.place()), (INVALID, place.as_str()));
                assert_eq!(seen(&mut engine), before, "{}: {} {value}", examinee.name, param.name);
            }
        }
        let refused = training(&mut engine, examinee.name, json!({ "params": { "factor": 3 } })).unwrap_err();
        assert_eq!((refused.code(), refused.place()), (Code::UnknownOption, "params.factor"));
        let refused = training(&mut engine, examinee.name, json!({ "params": 3 })).unwrap_err();
        assert_eq!(refused.place(), "params");
        assert_eq!(seen(&mut engine), before, "{}", examinee.name);
    }
}
