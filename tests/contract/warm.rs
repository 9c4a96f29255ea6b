//! What is owed by models that go on from a version, and by those that cannot.

use super::exam::{Ratings, by_person, community_of, in_order, ndcg, with_first};
use super::{EXAMINEES, Examinee, world};
use crate::world::{NOW, ask, knowing, train};
use serde_json::{Value, json};
use tasteprint::data::Interactions;
use tasteprint::engine::{Engine, reply::TrainedModel};
use tasteprint::ground::{Code, Error, Result};
use tasteprint::models::fit::Finish;
use tasteprint::models::{Aim, Lesson, Model, People, Spec};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn learns_in_epochs(e: &Examinee) -> bool {
    Spec::new(e.name, None).unwrap().settings().find("epochs").is_some()
}

fn learners() -> impl Iterator<Item = &'static Examinee> {
    EXAMINEES.iter().filter(|e| learns_in_epochs(e))
}

/// Some of the ratings, with the people and items they are of and no others.
fn some(x: &Interactions, keep: impl Fn(u32, u32, usize) -> bool) -> Interactions {
    let mut less = Interactions { scale: x.scale, ..Interactions::default() };
    for r in (0..x.len()).filter(|&r| keep(x.user[r], x.item[r], r)) {
        let (user, item) = (&x.users.ids()[x.user[r] as usize], &x.items.ids()[x.item[r] as usize]);
        less.push(user, item, x.rating[r], x.at[r]);
    }
    less
}

/// The exam's small world before its last five people, its last two items and a tenth of its ratings came.
fn before() -> Interactions {
    some(&world(), |user, item, row| user < 25 && item < 18 && row % 10 != 3)
}

/// What is asked to go on from the version "first".
fn from_first(e: &Examinee, change: &Value) -> Value {
    let mut what = e.request();
    what["from"] = json!("first");
    what.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    what
}

fn begin(engine: &mut Engine, what: Value, first: &[u8]) -> Result<()> {
    engine.train_begin(&ask(what), Some(first)).map(|too_little| assert_eq!(too_little, None))
}

fn end(engine: &mut Engine, budget: usize) -> TrainedModel {
    while engine.train_step(budget).unwrap().phase != "done" {}
    engine.train_finish("second", "a test", NOW, 1.0).unwrap()
}

fn first_version(e: &Examinee) -> Vec<u8> {
    train(&mut knowing(before()), e.request()).bytes
}

#[test]
fn the_same_seed_goes_on_to_the_same_bytes_and_the_version_stays_as_it_is() {
    for e in learners() {
        let first = first_version(e);
        let run = |change: Value, budget: usize| {
            let mut engine = knowing(world());
            engine.serve("first", &first).unwrap();
            let serving = (engine.state_hash(), engine.export_pack().unwrap());
            begin(&mut engine, from_first(e, &change), &first).unwrap();
            let second = end(&mut engine, budget);
            assert_eq!((engine.state_hash(), engine.export_pack().unwrap()), serving, "{}", e.name);
            assert_eq!(second.version.from.as_deref(), Some("first"), "{}", e.name);
            second.bytes
        };
        let whole = run(json!({}), usize::MAX);
        assert_eq!(run(json!({}), 1), whole, "{}", e.name);
        assert_ne!(run(json!({ "seed": 12 }), usize::MAX), whole, "{}: new rows are drawn", e.name);
        let anew = train(&mut knowing(world()), e.request());
        assert_ne!(anew.bytes, whole, "{}: it does go on", e.name);
        assert_eq!(anew.version.from, None);

        let model = Model::read(&first).unwrap();
        let data = world();
        let spec = Spec::new(e.name, Some(model.settings().value())).unwrap();
        let mut fit = spec.begin(&Lesson { data: &data, catalog: None }, 1).unwrap();
        fit.warm(&model, &data).unwrap();
        while fit.advance(100).unwrap().is_none() {}
        assert_eq!(model.write(People::Keep).unwrap(), first, "{}", e.name);
        // A pack holds no people: items alone are something to go on from.
        let pack = model.write(People::Drop).unwrap();
        begin(&mut knowing(world()), from_first(e, &json!({})), &pack).unwrap();
    }
}

#[test]
fn what_was_cut_off_goes_on_to_the_same_bytes_without_the_version() {
    for e in learners() {
        let first = first_version(e);
        let what = |version: &str| {
            from_first(e, &json!({ "from": version, "validation": { "split": "random", "fraction": 0.2 } }))
        };
        let mut engine = knowing(world());
        begin(&mut engine, what("first"), &first).unwrap();
        while !engine.train_step(20).unwrap().between {}
        let checkpoint = engine.train_checkpoint().unwrap().unwrap();
        let whole = end(&mut engine, usize::MAX);
        let mut other = knowing(world());
        let mut anew = what("first");
        anew.as_object_mut().unwrap().remove("from");
        for another in [what("zeroth"), anew] {
            let refused = other.train_resume(&ask(another), &checkpoint).unwrap_err();
            assert_eq!((refused.code(), refused.place()), (Code::InvalidArgument, "train.from"));
        }
        other.train_resume(&ask(what("first")), &checkpoint).unwrap();
        let again = end(&mut other, 100);
        assert_eq!((again.bytes, again.version), (whole.bytes, whole.version), "{}", e.name);
    }
}

/// Code, place, and whether all is said that a page needs to help.
fn said(refused: &Error) -> (Code, &str, bool) {
    let whole = ![refused.expectation(), refused.found(), refused.advice()].contains(&"");
    (refused.code(), refused.place(), whole)
}

#[test]
fn what_cannot_go_on_is_refused_and_nothing_has_changed() {
    for e in EXAMINEES {
        let first = first_version(e);
        let mut engine = knowing(world());
        let status = engine.status();
        let mut refused = |what: Value, bytes: &[u8]| begin(&mut engine, what, bytes).unwrap_err();
        if !learns_in_epochs(e) {
            let closed = refused(from_first(e, &json!({})), &first);
            assert_eq!(said(&closed), (Code::Unsupported, "train.from", true), "{}", e.name);
        }
        let other = EXAMINEES.iter().find(|o| o.name != e.name).unwrap();
        let kind = refused(from_first(e, &json!({})), &first_version(other));
        assert_eq!(said(&kind), (Code::InvalidArgument, "train.from", true), "{}", e.name);
        assert!(kind.expectation().contains(e.name) && kind.found().contains(other.name));
        if learns_in_epochs(e) {
            let shape = refused(from_first(e, &json!({ "params": { "factors": 6 } })), &first);
            assert_eq!(said(&shape), (Code::InvalidArgument, "params.factors", true), "{}", e.name);
            assert_eq!((shape.expectation(), shape.found()), ("5", "6"));
        }
        assert_eq!(refused(from_first(e, &json!({})), b"no model").code(), Code::ModelFormat);
        assert_eq!(refused(e.request(), &first).place(), "train.from", "bytes of a version nobody named");
        let nameless = engine.train_begin(&ask(from_first(e, &json!({}))), None).unwrap_err();
        assert_eq!(nameless.place(), "train.from", "a version without its bytes");
        assert_eq!(engine.status(), status, "{}", e.name);
    }
}

fn fitted(spec: &Spec, data: &Interactions, epochs: usize, from: Option<&Model>) -> (Model, f64) {
    let mut spec = spec.clone();
    spec.settings_mut().set("epochs", epochs as f64);
    let mut fit = spec.begin(&Lesson { data, catalog: None }, 3).unwrap();
    if let Some(model) = from {
        fit.warm(model, data).unwrap();
    }
    let losses = (0..epochs).map(|_| {
        loop {
            if let Some(loss) = fit.advance(usize::MAX).unwrap() {
                break loss;
            }
        }
    });
    let losses: Vec<f64> = losses.collect();
    (fit.finish(data), losses[0])
}

/// Root mean squared error of what is expected of people (what they revealed, what was kept back), each folded in.
fn rmse(model: &Model, people: &[(Ratings, Ratings)]) -> f64 {
    let (mut sum, mut n) = (0.0, 0.0);
    for (revealed, kept) in people {
        let person = model.fold_in(revealed);
        for &(item, rating) in kept {
            let error = model.score(&person, item).clamp(0.5, 5.0) - rating;
            (sum, n) = (sum + error * error, n + 1.0);
        }
    }
    f64::sqrt(sum / n)
}

/// A tenth of the people, a twelfth of the items and a tenth of the other ratings are new: a third of the epochs comes
/// to what training anew comes to, within 1 %, over two draws of what is kept back. With more people than in the exam:
/// what three people of a batch say is too little for the small steps of a network that goes on.
#[test]
fn a_third_of_the_epochs_is_enough_where_data_has_grown() {
    let x = community_of(600);
    for e in learners() {
        let spec = Spec::new(e.name, None).unwrap();
        let (mut whole, mut warm) = (0.0, 0.0);
        for draw in 1..3 {
            let people = by_person(&x, draw);
            let now = with_first(&x, &people, 0, 12);
            let then = some(&now, |user, item, row| user < 540 && item % 12 != 5 && row % 10 != 3);
            let split: Vec<_> = people
                .iter()
                .map(|p| {
                    let (revealed, kept) = p.split_at(p.len().min(12));
                    (in_order(revealed.to_vec()), kept.to_vec())
                })
                .collect();
            let quality = |model: &Model| match spec.aim() {
                Aim::Lists => ndcg(model, &split),
                Aim::Ratings => 1.0 / rmse(model, &split),
            };
            let (first, _) = fitted(&spec, &then, spec.epochs(), None);
            let (anew, begun) = fitted(&spec, &now, spec.epochs(), None);
            let (second, gone_on) = fitted(&spec, &now, spec.epochs() / 3, Some(&first));
            assert!(gone_on < 0.99 * begun, "{}: {gone_on:.4}, anew {begun:.4}", e.name);
            (whole, warm) = (whole + quality(&anew), warm + quality(&second));
        }
        assert!(warm >= 0.99 * whole, "{}: {:.4}, anew {:.4}", e.name, warm / 2.0, whole / 2.0);
    }
}
