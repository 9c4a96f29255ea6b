mod checkpoint;
mod evaluation;
mod search;
mod shares;

use super::*;
use crate::data::split::Split;
use crate::ground::{Code, Result};
use crate::models::{Lesson, Spec};

fn begin(lesson: &Lesson<'_>, spec: Spec, split: Split, patience: usize, seed: u64) -> Result<Training> {
    Training::begin(Prepared::new(lesson, split, seed)?, lesson.catalog, spec, patience)
}

fn lesson(data: &Interactions) -> Lesson<'_> {
    Lesson { data, catalog: None }
}

/// Two camps that love the opposite films, with one film each of them has not rated.
fn camps() -> Interactions {
    let mut x = Interactions::default();
    for u in 0..40 {
        for i in 0..12 {
            if i == u % 12 {
                continue;
            }
            let likes = (u % 2 == 0) == (i < 6);
            x.push(
                &format!("u{u}"),
                &format!("i{i}"),
                if likes { 4.5 } else { 1.5 },
                f64::from(u * 12 + i + 1),
            );
        }
    }
    x
}

fn run(data: &Interactions, spec: Spec, split: Split, patience: usize) -> Trained {
    let mut t = begin(&lesson(data), spec, split, patience, 7).unwrap();
    while !t.is_done() {
        t.step(100).unwrap();
    }
    t.finish().unwrap_or_else(|_| panic!("it is done"))
}

fn small() -> Spec {
    Spec::new("matrix-factorization", Some(serde_json::json!({ "factors": 4, "epochs": 80 }).into())).unwrap()
}

#[test]
fn two_camps_are_told_apart_and_popularity_is_not_good_at_it() {
    let t = run(&camps(), small(), Split::Random { fraction: 0.2 }, 0);
    let (m, b) = (t.metrics.unwrap(), t.baseline.unwrap());
    assert!(m.rmse < 0.5 * b.rmse, "{} {}", m.rmse, b.rmse);
    assert!(m.ndcg > b.ndcg);
    assert_eq!(t.history.len(), 80);
    assert!(t.history.iter().all(|e| e.validation.is_some()));
}

#[test]
fn without_a_split_everything_is_learned_from() {
    let t = run(&camps(), small(), Split::None, 3);
    assert_eq!((t.ratings, t.history.len()), (camps().len(), 80));
    assert!(t.metrics.is_none() && t.history[0].validation.is_none());
}

#[test]
fn patience_stops_early_and_keeps_the_best_epoch() {
    // Nothing but noise: whatever is learned after the means makes it worse.
    let (mut noise, mut rng) = (camps(), crate::ground::rng::Rng::new(1, 0));
    noise.rating.iter_mut().for_each(|r| *r = 0.5 + 0.5 * rng.below(10) as f32);
    let spec = Spec::new("matrix-factorization", Some(serde_json::json!({ "epochs": 500 }).into())).unwrap();
    let t = run(&noise, spec, Split::Random { fraction: 0.3 }, 3);
    assert!(t.history.len() < 500);
    let worse = t.history.last().unwrap().validation.unwrap();
    assert!(t.metrics.unwrap().rmse < worse + 0.05, "the best epoch is kept, not the last");
}

#[test]
fn fewer_than_ten_ratings_one_person_or_one_item_is_an_answer() {
    let few = camps().rows(&[0, 1, 20]);
    assert_eq!(too_little(&few, false).unwrap().reason, "not-enough-ratings");
    let mut one = Interactions::default();
    for i in 0..12 {
        one.push("me", &format!("i{i}"), 3.0, 0.0);
    }
    assert_eq!(too_little(&one, false).unwrap().reason, "one-user");
    assert!(too_little(&one, true).is_none());
    let mut item = Interactions::default();
    for u in 0..12 {
        item.push(&format!("u{u}"), "i", 3.0, 0.0);
    }
    assert_eq!(too_little(&item, false).unwrap().reason, "one-item");
    assert!(too_little(&camps(), false).is_none());
}

#[test]
fn misspelt_and_absurd_parameters_are_named() {
    let refuse =
        |model: &str, params: crate::ground::json::Value| Spec::new(model, Some(params)).unwrap_err();
    let e = refuse("matrix-factorization", serde_json::json!({ "factor": 5 }).into());
    assert_eq!((e.code(), e.place()), (Code::UnknownOption, "params.factor"));
    assert_eq!(
        refuse("matrix-factorization", serde_json::json!({ "factors": "5" }).into()).place(),
        "params.factors"
    );
    assert_eq!(refuse("matrix-factorisation", serde_json::json!({}).into()).place(), "model");
    assert_eq!(
        refuse("popularity", serde_json::json!({ "shrinkage": -1 }).into()).place(),
        "params.shrinkage"
    );
    let wild = serde_json::json!({ "learningRate": 1, "initScale": 1, "epochs": 50 }).into();
    let spec = Spec::new("matrix-factorization", Some(wild)).unwrap();
    let mut t = begin(&lesson(&camps()), spec, Split::None, 0, 1).unwrap();
    let e = (0..50).find_map(|_| t.step(usize::MAX).err()).unwrap();
    assert_eq!(e.place(), "params.learningRate");
    let mut wide = camps();
    for u in 0..300_000 {
        wide.users.intern(&format!("v{u}"));
    }
    let spec = Spec::new("matrix-factorization", Some(serde_json::json!({ "factors": 512 }).into())).unwrap();
    assert_eq!(begin(&lesson(&wide), spec, Split::None, 0, 1).err().unwrap().code(), Code::OutOfMemory);
}
