//! Trainings that die after every epoch end as those that never do.

use super::*;
use crate::codec::{Reader, Writer};
use crate::data::{Catalog, Item};
use crate::models::People;
use crate::models::spec::RECIPES;

fn catalog() -> Catalog {
    let item = |i: u32| Item {
        id: format!("i{i}"),
        genres: vec![if i < 6 { "Drama" } else { "War" }.to_owned()],
        year: Some(f64::from(1990 + i)),
        ..Item::default()
    };
    Catalog::new((0..12).map(item).collect()).unwrap()
}

/// Small, and long enough to be put down a few times.
fn recipes() -> impl Iterator<Item = Spec> {
    RECIPES.iter().map(|recipe| {
        let mut spec = Spec::new(recipe.name, None).unwrap();
        for (name, value) in [("factors", 4.0), ("epochs", 5.0), ("samples", 3.0)] {
            if spec.settings().find(name).is_some() {
                spec.settings_mut().set(name, value);
            }
        }
        spec
    })
}

/// What must be the same: the model, bit by bit, the log and the figures.
fn outcome(t: Training) -> (Vec<u8>, Vec<EpochLog>, String) {
    let t = t.finish().unwrap_or_else(|_| panic!("it is done"));
    (t.model.write(People::Keep).unwrap(), t.history, format!("{:?} {:?}", t.metrics, t.baseline))
}

fn on<'a>(data: &'a Interactions, catalog: &'a Catalog) -> Lesson<'a> {
    Lesson { data, catalog: Some(catalog) }
}

#[test]
fn every_model_that_died_after_each_epoch_is_the_one_that_never_did() {
    let (data, catalog) = (camps(), catalog());
    for spec in recipes() {
        for patience in [0, 2] {
            let split = Split::Random { fraction: 0.2 };
            let begin = || begin(&on(&data, &catalog), spec.clone(), split, patience, 9_007_199_254_740_991);
            let mut whole = begin().unwrap();
            while !whole.is_done() {
                assert_eq!(whole.step(usize::MAX).unwrap().between, whole.checkpoint().unwrap().is_some());
            }
            let whole = outcome(whole);
            for budget in [1, 37, usize::MAX] {
                let (mut t, mut deaths) = (begin().unwrap(), 0);
                while !t.is_done() {
                    if t.step(budget).unwrap().between {
                        let bytes = t.checkpoint().unwrap().unwrap();
                        let before = t.progress();
                        t = Training::resume(&on(&data, &catalog), &bytes).unwrap();
                        assert_eq!(Progress { between: false, ..before }, t.progress());
                        deaths += 1;
                    }
                }
                assert_eq!(deaths, whole.1.len() - 1, "{}", spec.name());
                assert!(outcome(t) == whole, "{} in steps of {budget}, patience {patience}", spec.name());
            }
        }
    }
}

fn half_way() -> Vec<u8> {
    let spec =
        Spec::new("matrix-factorization", Some(serde_json::json!({ "factors": 4, "epochs": 5 }).into()));
    let split = Split::Time { fraction: 0.2 };
    let mut t = begin(&on(&camps(), &catalog()), spec.unwrap(), split, 3, 7).unwrap();
    while !t.step(usize::MAX).unwrap().between {}
    t.checkpoint().unwrap().unwrap()
}

#[test]
fn parameters_keep_every_bit() {
    let odd = 0.1 + 0.2;
    let spec =
        Spec::new("matrix-factorization", Some(serde_json::json!({ "epochs": 5, "factors": 4 }).into()));
    let mut spec = spec.unwrap();
    spec.settings_mut().set("regularization", odd);
    let split = Split::Random { fraction: odd };
    let mut t = begin(&lesson(&camps()), spec, split, 3, 7).unwrap();
    while !t.step(usize::MAX).unwrap().between {}
    let bytes = t.checkpoint().unwrap().unwrap();
    let again = Training::resume(&lesson(&camps()), &bytes).unwrap();
    assert_eq!((again.spec(), again.split(), again.seed(), again.patience()), (t.spec(), Some(split), 7, 3));
}

#[test]
fn other_data_or_another_catalog_is_refused_and_says_so() {
    let (bytes, data, catalog) = (half_way(), camps(), catalog());
    assert!(Training::resume(&on(&data, &catalog), &bytes).is_ok());
    let mut changed = camps();
    changed.rating[3] = 3.0;
    let shorter = data.rows(&(0..400).collect::<Vec<_>>());
    for other in [changed, shorter] {
        let e = Training::resume(&on(&other, &catalog), &bytes).err().unwrap();
        assert_eq!((e.code(), e.place()), (Code::InvalidArgument, "data"));
    }
    let e = Training::resume(&lesson(&data), &bytes).err().unwrap();
    assert_eq!(e.place(), "data", "a model may have learned from the catalog");
}

#[test]
fn what_is_no_checkpoint_is_refused() {
    let (bytes, data, catalog) = (half_way(), camps(), catalog());
    let refused = |bytes: &[u8]| Training::resume(&on(&data, &catalog), bytes).err().unwrap().code();
    assert_eq!(refused(&bytes[..bytes.len() - 1]), Code::ModelFormat);
    let spec = Spec::new("popularity", None).unwrap();
    let model = run(&data, spec, Split::None, 0).model.write(People::Keep).unwrap();
    assert_eq!(refused(&model), Code::ModelFormat);
    // Whole containers that lie about what is in them.
    let body = |change: &dyn Fn(&mut serde_json::Value)| {
        let body = crate::ground::json::write(Reader::open(&bytes, "checkpoint").unwrap().body());
        let mut body: serde_json::Value = serde_json::from_str(&body).unwrap();
        change(&mut body);
        body
    };
    let lie = |body: serde_json::Value, numbers: [f64; 3], rate: f64| {
        let mut w = Writer::new("checkpoint", &body.into());
        w.f64("training_params", &[4.0, 5.0, rate, 0.11, 0.02, 0.95, 0.0, 0.2]);
        w.f64("training_numbers", &numbers);
        refused(&w.finish().unwrap())
    };
    let numbers = [7.0, 3.0, 0.2];
    assert_eq!(lie(body(&|_| ()), numbers, 0.02), Code::ModelFormat, "the rest is missing");
    assert_eq!(lie(body(&|_| ()), numbers, 9.0), Code::ModelFormat);
    assert_eq!(lie(body(&|_| ()), [7.0, 3.0, 2.0], 0.02), Code::InvalidArgument);
    assert_eq!(lie(body(&|b| b["model"] = "oracle".into()), numbers, 0.02), Code::ModelFormat);
    assert_eq!(lie(body(&|b| b["split"] = "half".into()), numbers, 0.02), Code::ModelFormat);
    assert_eq!(lie(body(&|b| b["engine"] = "0.0.0".into()), numbers, 0.02), Code::ModelVersion);
}
