//! The same data and the same seed give the same bytes on every machine: one model, its SHA-256 in
//! `matrix-factorization.json`, reached natively and in browsers from here and in Node from `tests/shell/golden.test.ts`.
//!
//! The hash changes when the trainer changes what it computes, and may change for no other reason. Then run
//! `WRITE_GOLDEN=1 cargo test --test suite` and say in the changelog that seeds mean other models now.

pub mod community;

use crate::world::{ask, ids, knowing, list, rate, train, train_in_steps};
use serde_json::{Value, json};
use tasteprint::engine::Engine;
use tasteprint::ground::hash::{Hasher, sha256_hex};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const GOLDEN: &str = include_str!("matrix-factorization.json");

/// What is trained; `tests/shell/golden.test.ts` asks for the same through the public API.
fn request() -> Value {
    json!({ "model": "matrix-factorization", "params": { "factors": 16, "epochs": 10 }, "seed": 7,
        "validation": { "split": "none" }, "patience": 0 })
}

fn golden() -> Value {
    serde_json::from_str(GOLDEN).unwrap()
}

/// The ratings as they are given, row by row, in little-endian columns: people, items, ratings.
fn columns_hash() -> String {
    let x = community::community().interactions;
    let mut hasher = Hasher::default();
    x.user.iter().for_each(|v| hasher.update(&v.to_le_bytes()));
    x.item.iter().for_each(|v| hasher.update(&v.to_le_bytes()));
    x.rating.iter().for_each(|v| hasher.update(&v.to_le_bytes()));
    hasher.hex()
}

/// The bits of what a person with three ratings is told.
fn served(bytes: &[u8]) -> Value {
    let mut engine = Engine::new();
    engine.serve("golden", bytes).unwrap();
    for (item, rating) in [("i1", 5.0), ("i2", 0.5), ("i30", 4.0)] {
        engine.apply_event(&rate("me", item, rating));
    }
    let l = list(&mut engine, json!({ "k": 8 }));
    let bits: Vec<String> = l.list.iter().map(|r| format!("{:016x}", r.score.to_bits())).collect();
    let x = engine.explain(&ask(json!({ "item": "i1" }))).unwrap();
    json!({ "items": ids(&l), "scores": bits, "raw": format!("{:016x}", x.raw.to_bits()) })
}

/// Puts new values in the place of frozen ones, where that is asked for. Not in a browser: there is nowhere to write.
pub fn rewrite(path: &str, now: &Value) {
    #[cfg(not(target_arch = "wasm32"))]
    if std::env::var_os("WRITE_GOLDEN").is_some() {
        let path = format!("{}/tests/{path}", env!("CARGO_MANIFEST_DIR"));
        std::fs::write(path, format!("{}\n", serde_json::to_string_pretty(now).unwrap())).unwrap();
    }
    #[cfg(target_arch = "wasm32")]
    let _ = (path, now);
}

fn fresh(bytes: &[u8]) -> Value {
    let now = json!({ "hash": sha256_hex(bytes), "generator": community::DESCRIPTION, "columns": columns_hash(),
        "served": served(bytes) });
    rewrite("golden/matrix-factorization.json", &now);
    now
}

#[test]
fn the_generated_ratings_are_what_they_were() {
    let x = community::community().interactions;
    assert_eq!((x.len(), x.users.len(), x.items.len()), (6000, 200, 100));
    assert!(x.rating.iter().all(|&r| x.scale.check_rating("rating", f64::from(r)).is_ok()));
    assert_eq!((x.scale.min, x.scale.max, x.scale.step), (0.5, 5.0, 0.5));
    assert_eq!(golden()["columns"], json!(columns_hash()));
}

#[test]
fn the_same_ratings_and_seed_give_the_same_bytes_on_every_machine() {
    let trained = train(&mut knowing(community::community().interactions), request());
    let now = fresh(&trained.bytes);
    assert_eq!(trained.version.hash, now["hash"]);
    assert_eq!(now["hash"], golden()["hash"], "the model's bytes");
    assert_eq!(now["served"], golden()["served"], "what is folded in and served from them");
}

#[test]
fn neither_the_size_of_steps_nor_the_names_of_versions_are_in_the_bytes() {
    let mut engine = knowing(community::community().interactions);
    let trained = train_in_steps(&mut engine, request(), 1).unwrap();
    assert_eq!(trained.version.hash, golden()["hash"]);
    let other = json!({ "model": "matrix-factorization", "params": { "factors": 16, "epochs": 10 }, "seed": 8,
        "validation": { "split": "none" } });
    assert_ne!(train(&mut engine, other).version.hash, golden()["hash"], "the seed is");
}
