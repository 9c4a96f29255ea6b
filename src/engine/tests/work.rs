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
    e.train_begin(&ask(json!({ "model": "matrix-factorization", "params": { "epochs": 5 }, "seed": 1 })))
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
    assert_eq!(e.train_begin(&what()).unwrap().unwrap().reason, "not-enough-ratings");
    let own = |profile: &str, item: u32, rating: f64| Event {
        profile: profile.into(),
        ..rate(&format!("i{item}"), rating)
    };
    for i in 0..10 {
        e.apply_event(&own("me", i, 4.0));
    }
    assert_eq!(e.train_begin(&what()).unwrap().unwrap().reason, "one-user");
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
    e.train_begin(&training()).unwrap();
    assert!(e.status().training);
    busy(e.train_begin(&training()).map(|_| ()));
    busy(e.evaluate_begin(&measure(), None));
    busy(e.train_finish("v2", "", NOW, 0.0).map(|_| ()));
    assert!(e.status().training, "too early is not the end of it");
    while e.train_step(1000).unwrap().phase != "done" {}
    e.train_finish("v2", "", NOW, 0.0).unwrap();
    assert_eq!(e.train_finish("v2", "", NOW, 0.0).unwrap_err().code(), Code::InvalidArgument);
    e.evaluate_begin(&measure(), None).unwrap();
    busy(e.train_begin(&training()).map(|_| ()));
    busy(e.evaluate_finish().map(|_| ()));
    e.abandon();
    assert!(e.train_begin(&training()).unwrap().is_none(), "abandoned work is gone");
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
    assert_eq!(report.labels, ["popularity", "ours"]);
    assert_eq!((report.k, report.seed, report.rows[1].version.as_deref()), (3, 5.0, Some("v1")));
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
    e.train_begin(&ask(wild)).unwrap();
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
