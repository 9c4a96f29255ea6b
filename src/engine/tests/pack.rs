//! Packs: what goes in comes out, says where it comes from, and cannot lie.

use super::*;
use crate::codec::{Precision, Writer};
use crate::engine::pack::{Ask, catalog_hash, open_pack, read_model};
use crate::ground::Code;
use crate::ground::hash::sha256_hex;
use crate::ground::json::{Value, write};
use crate::models::{Model, People};

fn asked(what: serde_json::Value) -> Ask {
    Ask::decode("exportPack", what.into()).unwrap()
}

/// Two models, and what is told of them.
fn two() -> (Engine, Vec<Value>, Vec<Vec<u8>>) {
    let mut e = engine();
    let mut wide = factors();
    wide["params"]["factors"] = json!(8);
    let trained = [wide, json!({ "model": "popularity", "seed": 1 })].map(|ask| train(&mut e, ask));
    let (versions, bytes) = trained.into_iter().map(|t| (t.version.into(), t.bytes)).unzip();
    (e, versions, bytes)
}

fn pack_of(precision: &str) -> (Vec<u8>, Vec<Value>) {
    let (e, versions, bytes) = two();
    let mut ask = asked(json!({ "label": "two camps", "licence": "free to use", "precision": precision }));
    ask.versions = versions.clone();
    (e.pack(&ask, &bytes).unwrap(), versions)
}

#[test]
fn several_models_travel_together_and_say_where_they_come_from() {
    let (pack, versions) = pack_of("f32");
    assert_eq!(pack, pack_of("f32").0, "the same models give the same bytes");
    let parts = open_pack(&pack, 9.0).unwrap();
    assert_eq!(parts.len(), 2);
    for (part, version) in parts.iter().zip(&versions) {
        for key in ["label", "model", "params", "seed", "metrics", "baseline", "history"] {
            let [ours, theirs] = [&part.version, version].map(|v| write(v.get(key).unwrap_or(&Value::Null)));
            assert_eq!(ours, theirs, "{key}");
        }
        let count = |key: &str| part.version.get("data").and_then(|d| d.get(key)).cloned();
        assert_eq!(count("users"), version.get("data").and_then(|d| d.get("users")).cloned());
        let origin = part.version.get("origin").unwrap();
        for (key, value) in [("label", "two camps"), ("licence", "free to use"), ("precision", "f32")] {
            assert_eq!(origin.get(key).and_then(Value::as_str), Some(value));
        }
        assert_eq!(origin.get("pack").and_then(Value::as_str), Some(sha256_hex(&pack).as_str()));
        let catalog = catalog_hash(engine().catalog());
        assert_eq!(origin.get("catalog").and_then(Value::as_str), Some(catalog.as_str()));
        let hash = sha256_hex(part.bytes);
        assert_eq!(part.version.get("id").and_then(Value::as_str), Some(&*format!("pack-{}", &hash[..12])));
        assert!(Model::read(part.bytes).is_ok());
    }
    assert_eq!(read_model(&pack).unwrap().name(), "matrix-factorization", "the first one serves");
}

#[test]
fn halves_weigh_less_and_score_the_same_but_for_a_thousandth() {
    let ((full, _), (half, _)) = (pack_of("f32"), pack_of("f16"));
    assert!(half.len() < full.len());
    let (a, b) = (read_model(&full).unwrap(), read_model(&half).unwrap());
    assert_ne!(a.write(People::Drop).unwrap(), b.write(People::Drop).unwrap());
    let scores = |m: &Model| m.score_all(&m.fold_in(&[(0, 5.0), (3, 1.0)]));
    assert!(scores(&a).iter().zip(scores(&b)).all(|(x, y)| (x - y).abs() < 5e-3));
    assert_eq!(
        b.write_in(People::Drop, Precision::Half).unwrap(),
        open_pack(&half, 0.0).unwrap()[0].bytes,
        "halving again changes nothing"
    );
}

#[test]
fn a_pack_of_the_version_before_is_read() {
    let (mut e, _, bytes) = two();
    let old = Model::read(&bytes[0]).unwrap().write(People::Drop).unwrap();
    let parts = open_pack(&old, 0.0).unwrap();
    assert_eq!((parts.len(), parts[0].bytes), (1, old.as_slice()));
    assert_eq!(parts[0].version.get("origin"), None, "it does not say where it comes from");
    e.serve("old", &old).unwrap();
}

#[test]
fn a_pack_made_of_a_pack_keeps_its_name_and_its_terms() {
    let (e, _, _) = two();
    let (pack, _) = pack_of("f32");
    let parts = open_pack(&pack, 0.0).unwrap();
    let ask = Ask { versions: vec![parts[0].version.clone()], ..Ask::default() };
    let again = e.pack(&ask, &[parts[0].bytes.to_vec()]).unwrap();
    let origin = open_pack(&again, 0.0).unwrap()[0].version.get("origin").cloned().unwrap();
    assert_eq!(origin.get("licence").and_then(Value::as_str), Some("free to use"));
    assert_eq!(origin.get("label").and_then(Value::as_str), Some("two camps"));
}

#[test]
fn what_cannot_go_into_a_pack_is_refused() {
    let (e, versions, bytes) = two();
    let ask = |versions: Vec<Value>| Ask { versions, ..Ask::default() };
    let twice = [bytes[1].clone(), bytes[1].clone()];
    let refused = e.pack(&ask(vec![versions[1].clone(); 2]), &twice).unwrap_err();
    assert_eq!(refused.place(), "versions[1]");
    assert_eq!(e.pack(&ask(Vec::new()), &bytes).unwrap_err().place(), "versions");
    let own: Value = json!({ "data": { "ratings": 9, "feedback": 9 } }).into();
    let refused = e.pack(&ask(vec![own]), &bytes[..1]).unwrap_err();
    assert_eq!((refused.code(), refused.place()), (Code::Unsupported, "versions[0]"));
    assert_eq!(Engine::new().export_pack().unwrap_err().code(), Code::NoModel);
    for (bad, place) in [
        (json!({ "precision": "f8" }), "exportPack.precision"),
        (json!({ "label": "x".repeat(201) }), "exportPack.label"),
        (json!({ "name": "x" }), "exportPack.name"),
    ] {
        assert_eq!(Ask::decode("exportPack", bad.into()).unwrap_err().place(), place);
    }
}

/// Everything a page would show must be what it claims to be, whoever wrote the file.
#[test]
fn a_pack_that_lies_is_refused() {
    let (pack, versions) = pack_of("f32");
    let bytes = open_pack(&pack, 0.0).unwrap()[0].bytes.to_vec();
    let forged = |models: usize, told: serde_json::Value, part: &[u8]| {
        let mut w = Writer::new("pack", &json!({ "models": models }).into());
        w.json("versions", &told.into());
        w.bytes("model_00", part.to_vec());
        w.finish().unwrap()
    };
    assert!(open_pack(&forged(1, json!([{}]), &bytes), 0.0).is_ok(), "{versions:?}");
    for (models, told, part) in [
        (0, json!([]), bytes.as_slice()),
        (2, json!([{}, {}]), &bytes),
        (1, json!([{}, {}]), &bytes),
        (1, json!({}), &bytes),
        (1, json!([{ "metrics": { "rmse": "<b>" } }]), &bytes),
        (1, json!([{ "metrics": { "rmse": { "a": 1 } } }]), &bytes),
        (1, json!([{ "label": 1 }]), &bytes),
        (1, json!([{ "history": [{ "epoch": "1" }] }]), &bytes),
        (1, json!([{ "data": { "label": 1 } }]), &bytes),
        (1, json!([{}]), &pack),
        (1, json!([{}]), &bytes[..bytes.len() - 1]),
    ] {
        let refused = open_pack(&forged(models, told.clone(), part), 0.0).unwrap_err();
        assert_eq!(refused.code(), Code::ModelFormat, "{models} {told} {refused}");
    }
    let mut more = Writer::new("pack", &json!({ "models": 1 }).into());
    more.json("versions", &json!([{}]).into());
    more.bytes("model_00", bytes.clone());
    more.bytes("people", vec![1]);
    assert!(open_pack(&more.finish().unwrap(), 0.0).is_err(), "nothing else may hide in it");
}
