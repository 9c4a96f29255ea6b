//! Training, evaluation, versions.

use super::*;
use crate::engine::{describe, registry_step};
use crate::ground::{Code, hash::sha256_hex};
use crate::lifecycle::Registry;

#[test]
fn a_training_says_what_it_did() {
    let mut e = engine();
    let t = train(
        &mut e,
        json!({ "model": "matrix-factorization", "params": { "factors": 3, "epochs": 4 }, "seed": 9 }),
    );
    let v = &t.version;
    assert_eq!((v.id.as_str(), v.label.as_str(), v.source.as_str()), ("v1", "first", "trained"));
    assert_eq!((v.created_at, v.training_ms, v.seed), (NOW, 12.0, 9.0));
    assert_eq!(
        (seen(&v.params)["factors"].as_f64(), seen(&v.params)["initScale"].is_number()),
        (Some(3.0), true)
    );
    assert_eq!((v.hash.as_str(), v.bytes), (sha256_hex(&t.bytes).as_str(), t.bytes.len()));
    assert_eq!((v.data.ratings, v.data.users, v.data.items, v.data.feedback), (396, 40, 12, 0));
    assert_eq!(v.history.len(), 4);
    assert_eq!(v.metrics.unwrap().ratings, 44, "a tenth is held out where nothing is said");
    assert!(v.baseline.is_some());
    assert_eq!(e.status().active.as_deref(), Some("v1"), "served by whom it was before");
    let described = describe(&t.bytes, "imported", NOW).unwrap();
    assert_eq!((described.hash.as_str(), described.source.as_str()), (v.hash.as_str(), "imported"));
    assert_eq!(described.id, format!("imported-{}", &v.hash[..12]));
    assert_eq!((described.data.users, described.data.items), (40, 12));
}

#[test]
fn progress_only_grows_and_ends_at_one() {
    let mut e = engine();
    e.train_begin(
        &ask(json!({ "model": "matrix-factorization", "params": { "epochs": 5 }, "seed": 1 })),
        None,
    )
    .unwrap();
    let (mut last, mut phases) = (0.0, Vec::new());
    loop {
        let p = e.train_step(100).unwrap();
        assert!(p.fraction >= last && p.fraction <= 1.0, "{} after {last}", p.fraction);
        last = p.fraction;
        if phases.last() != Some(&p.phase) {
            phases.push(p.phase);
        }
        if p.phase == "done" {
            break;
        }
    }
    assert_eq!((last, phases), (1.0, vec!["training", "evaluating", "done"]));
}

#[test]
fn without_a_community_the_profiles_of_this_browser_are_learned_from() {
    let mut e = Engine::new();
    let what = || ask(json!({ "model": "popularity", "seed": 1, "validation": { "split": "none" } }));
    assert_eq!(e.train_begin(&what(), None).unwrap().unwrap().reason, "not-enough-ratings");
    let own = |profile: &str, item: u32, rating: f64| Event {
        profile: profile.into(),
        ..rate(&format!("i{item}"), rating)
    };
    for i in 0..10 {
        e.apply_event(&own("me", i, 4.0));
    }
    assert_eq!(e.train_begin(&what(), None).unwrap().unwrap().reason, "one-user");
    assert!(!e.status().training, "an answer is not a training");
    e.apply_event(&own("you", 3, 2.0));
    e.apply_event(&event("i5", Kind::Watch, None));
    let t = train(&mut e, json!({ "model": "popularity", "seed": 1, "validation": { "split": "none" } }));
    assert_eq!((t.version.data.ratings, t.version.data.users, t.version.data.feedback), (11, 2, 11));
    e.take_in(camps()).unwrap();
    let t = train(&mut e, json!({ "model": "popularity", "seed": 1, "validation": { "split": "none" } }));
    assert_eq!((t.version.data.ratings, t.version.data.feedback), (440, 0), "never both");
}

#[test]
fn one_thing_at_a_time() {
    let mut e = engine();
    let busy = |r: crate::ground::Result<()>| assert_eq!(r.unwrap_err().code(), Code::Busy);
    let training = || ask(json!({ "model": "popularity", "seed": 1 }));
    let measure = || ask(json!({ "seed": 1, "k": 5 }));
    e.train_begin(&training(), None).unwrap();
    assert!(e.status().training);
    busy(e.train_begin(&training(), None).map(|_| ()));
    busy(e.evaluate_begin(&measure(), None));
    busy(e.train_finish("v2", "", NOW, 0.0).map(|_| ()));
    assert!(e.status().training, "too early is not the end of it");
    while e.train_step(1000).unwrap().phase != "done" {}
    e.train_finish("v2", "", NOW, 0.0).unwrap();
    assert_eq!(e.train_finish("v2", "", NOW, 0.0).unwrap_err().code(), Code::InvalidArgument);
    e.evaluate_begin(&measure(), None).unwrap();
    busy(e.train_begin(&training(), None).map(|_| ()));
    busy(e.evaluate_finish().map(|_| ()));
    e.abandon();
    assert!(e.train_begin(&training(), None).unwrap().is_none(), "abandoned work is gone");
}

#[test]
fn a_training_goes_on_in_another_engine_where_the_same_is_asked_on_the_same_data() {
    let what = |change: Value| {
        let mut what = json!({ "model": "matrix-factorization", "seed": 9, "patience": 2,
            "params": { "factors": 3, "epochs": 6 }, "validation": { "split": "time", "fraction": 0.2 } });
        what.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        what
    };
    let whole = train(&mut engine(), what(json!({})));
    let mut e = engine();
    assert!(e.train_checkpoint().is_err(), "of nothing");
    e.train_begin(&ask(what(json!({}))), None).unwrap();
    assert_eq!(e.train_checkpoint().unwrap(), None, "before the first epoch");
    while !e.train_step(100).unwrap().between {}
    let bytes = e.train_checkpoint().unwrap().unwrap();
    assert_eq!(e.train_resume(&ask(what(json!({}))), &bytes).unwrap_err().code(), Code::Busy);
    let mut e = engine();
    for (change, place) in [
        (json!({ "model": "popularity", "params": {} }), "model"),
        (json!({ "params": { "factors": 3, "epochs": 7 } }), "params"),
        (json!({ "validation": { "split": "time", "fraction": 0.3 } }), "validation"),
        (json!({ "patience": 3 }), "patience"),
        (json!({ "seed": 8 }), "seed"),
    ] {
        let refused = e.train_resume(&ask(what(change)), &bytes).unwrap_err();
        assert_eq!((refused.code(), refused.place()), (Code::InvalidArgument, place));
        assert!(!e.status().training);
    }
    e.train_resume(&ask(what(json!({}))), &bytes).unwrap();
    while e.train_step(1000).unwrap().phase != "done" {}
    let again = e.train_finish("v1", "first", NOW, 12.0).unwrap();
    assert_eq!((again.version, again.bytes), (whole.version, whole.bytes));
    let mut other = Engine::new();
    let mut less = camps();
    less.interactions.rating[0] = 1.0;
    other.take_in(less).unwrap();
    assert_eq!(other.train_resume(&ask(what(json!({}))), &bytes).unwrap_err().place(), "data");
    assert_ne!(other.fingerprint(), e.fingerprint());
}

#[test]
fn a_search_finds_parameters_that_can_be_trained_with() {
    let mut e = engine();
    let what = json!({ "model": "matrix-factorization", "seed": 2, "trials": 4, "metric": "ndcg",
        "params": { "epochs": 12, "factors": 3 } });
    e.search_begin(&ask(what.clone())).unwrap();
    assert_eq!(e.search_finish().unwrap_err().code(), Code::Busy);
    assert_eq!(e.train_begin(&ask(factors()), None).unwrap_err().code(), Code::Busy);
    while e.search_step(1000).unwrap().fraction < 1.0 {}
    let found = seen(&e.search_finish().unwrap().into());
    assert_eq!((found["metric"].as_str(), found["trials"].as_array().unwrap().len()), (Some("ndcg"), 4));
    assert_eq!(found["best"]["params"]["epochs"], 12);
    train(&mut e, json!({ "model": "matrix-factorization", "seed": 1, "params": found["best"]["params"] }));
    assert!(e.search_step(1).is_err() && e.search_stop().is_err(), "it is over");
    e.search_begin(&ask(what)).unwrap();
    e.search_stop().unwrap();
    e.abandon();
    for (change, place) in [
        (json!({ "trials": 0 }), "trials"),
        (json!({ "metric": "f1" }), "metric"),
        (json!({ "protocol": { "split": "none" } }), "protocol"),
        (json!({ "params": { "factor": 1 } }), "params.factor"),
        (json!({ "model": "oracle" }), "model"),
    ] {
        let mut what = json!({ "model": "popularity", "seed": 2 });
        what.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(e.search_begin(&ask(what)).unwrap_err().place(), place);
    }
    let nothing = Engine::new().search_begin(&ask(json!({ "model": "popularity", "seed": 2 })));
    assert_eq!(nothing.unwrap_err().place(), "data");
}

#[test]
fn kinds_say_what_can_be_asked_and_configurations_are_checked_against_them() {
    let kinds = seen(&crate::engine::kinds());
    for kind in kinds.as_array().unwrap() {
        let name = kind["name"].as_str().unwrap();
        assert!(["ratings", "lists"].contains(&kind["aim"].as_str().unwrap()));
        let mut all = json!({});
        for param in kind["params"].as_array().unwrap() {
            all[param["name"].as_str().unwrap()] = param["default"].clone();
            if let Some(search) = param.get("search") {
                assert!(["linear", "log", "any"].contains(&search["scale"].as_str().unwrap()));
            }
        }
        // The defaults that are shown are those that are taken.
        let checked = seen(&crate::engine::check(name, None).unwrap());
        assert_eq!(checked, json!({ "model": name, "params": all }));
        assert_eq!(seen(&crate::engine::check(name, Some(all.into())).unwrap()), checked);
    }
    let mf = kinds.as_array().unwrap().iter().find(|k| k["name"] == "matrix-factorization").unwrap();
    let rate = &mf["params"][2];
    assert_eq!(
        (&rate["name"], &rate["kind"], &rate["min"]),
        (&json!("learningRate"), &json!("above"), &json!(0))
    );
    assert_eq!(rate["search"], json!({ "scale": "log", "from": 0.005, "to": 0.05 }));
    let refused = crate::engine::check("matrix-factorization", Some(json!({ "factors": 0 }).into()));
    assert_eq!(refused.unwrap_err().place(), "params.factors");
}

#[test]
fn an_evaluation_measures_every_model_on_the_same_ratings() {
    let mut e = engine();
    let what = json!({ "k": 3, "seed": 5, "protocol": { "split": "random", "fraction": 0.25 }, "models": [
        { "model": "matrix-factorization", "params": { "factors": 4, "epochs": 40 }, "name": "ours", "version": "v1" }
    ] });
    e.evaluate_begin(&ask(what), None).unwrap();
    while e.evaluate_step(1000).unwrap() < 1.0 {}
    let report = e.evaluate_finish().unwrap();
    let labels: Vec<&str> = report.rows.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(labels, ["popularity", "ours", "item-knn"]);
    assert_eq!((report.k, report.seed, report.rows[1].version.as_deref()), (3, 5, Some("v1")));
    assert!(report.rows.iter().all(|r| r.metrics.ratings == 110 && r.metrics.k == 3));
    assert!(report.rows[1].metrics.rmse < report.rows[0].metrics.rmse);
    assert!(e.evaluate_finish().is_err(), "it is over");
    let mut given = camps();
    given.interactions = given.interactions.rows(&[0, 1, 2]);
    e.evaluate_begin(&ask(json!({ "seed": 5 })), Some(given.interactions)).unwrap();
    while e.evaluate_step(1000).unwrap() < 1.0 {}
    assert_eq!(e.evaluate_finish().unwrap().rows[0].metrics.ratings, 3);
}

#[test]
fn a_training_that_fails_is_over_and_the_next_one_begins() {
    let mut e = engine();
    let wild = json!({ "model": "matrix-factorization", "seed": 1,
        "params": { "learningRate": 1, "initScale": 1, "epochs": 200 } });
    e.train_begin(&ask(wild), None).unwrap();
    let refused = (0..2000).find_map(|_| e.train_step(1000).err()).unwrap();
    assert_eq!(refused.place(), "params.learningRate");
    assert!(!e.status().training);
    assert_eq!(e.status().active.as_deref(), Some("v1"));
    train(&mut e, factors());
}

#[test]
fn versions_are_added_activated_rolled_back_and_removed() {
    let version = |id: &str| json!({ "id": id, "label": "kept as it is" });
    let step = |r: Registry, what: &str, id: &str| registry_step(r, what, id, None);
    let mut r = Registry::default();
    for id in ["a", "b", "c"] {
        r = registry_step(r, "add", id, Some(version(id).into())).unwrap();
        r = step(r, "activate", id).unwrap();
    }
    assert_eq!((r.active.as_deref(), r.past.join(" ").as_str()), (Some("c"), "a b"));
    let back = step(r.clone(), "rollback", "").unwrap();
    assert_eq!((back.active.as_deref(), back.past.join(" ").as_str()), (Some("b"), "a"));
    let left = step(r.clone(), "remove", "c").unwrap();
    assert_eq!((left.versions.len(), left.active.as_deref()), (2, Some("b")));
    assert_eq!(seen(&left.versions[0])["label"], "kept as it is");
    let left = step(step(left, "remove", "a").unwrap(), "remove", "b").unwrap();
    assert_eq!(left, Registry::default());
    assert_eq!(step(r.clone(), "activate", "d").unwrap_err().code(), Code::UnknownVersion);
    assert_eq!(step(left, "rollback", "").unwrap_err().code(), Code::UnknownVersion);
    assert_eq!(step(r, "promote", "a").unwrap_err().place(), "step");
}

#[test]
fn a_pack_serves_the_same_scores_and_knows_nobody() {
    let mut e = engine();
    e.apply_event(&rate("i0", 5.0));
    let before = list(&mut e, json!({ "k": 100 }));
    let pack = e.export_pack().unwrap();
    assert!(!String::from_utf8_lossy(&pack).contains("u39"));
    e.serve("v1", &pack).unwrap();
    assert_eq!(list(&mut e, json!({ "k": 100 })), before);
    e.unserve();
    assert_eq!(e.export_pack().unwrap_err().code(), Code::NoModel);
}
