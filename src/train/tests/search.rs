//! Searches.

use super::*;
use crate::train::{Goal, Quest, Search, Sought};

fn quest(params: serde_json::Value, trials: usize) -> Quest {
    let spec = Spec::new("matrix-factorization", Some(params.into())).unwrap();
    let split = Split::Random { fraction: 0.2 };
    Quest { spec, kept: vec!["factors".into()], trials, goal: Goal::Rmse, split, patience: 3, seed: 4 }
}

fn sought(quest: Quest, budget: usize) -> Sought {
    let data = camps();
    let mut search = Search::begin(&lesson(&data), quest).unwrap();
    assert_eq!(search.progress().trial, 1, "the defaults first");
    let mut last = 0.0;
    while !search.is_done() {
        let p = search.step(budget);
        assert!(p.fraction >= last && p.fraction <= 1.0, "{} after {last}", p.fraction);
        last = p.fraction;
    }
    assert_eq!(last, 1.0);
    search.finish().unwrap()
}

#[test]
fn the_best_third_goes_on_and_all_is_seeded() {
    let small = serde_json::json!({ "factors": 4, "epochs": 36 });
    let found = sought(quest(small.clone(), 10), usize::MAX);
    let epochs: Vec<usize> = found.trials.iter().map(|t| t.epochs).collect();
    let reached = |n: usize| epochs.iter().filter(|&&e| e >= n).count();
    // Rungs of 4, 12 and 36 epochs for 10, 4 and 2 trials; some may have stopped early in between.
    assert_eq!((reached(4), found.trials.len()), (10, 10));
    assert!(reached(5) <= 4 && reached(13) <= 2 && reached(13) >= 1, "{epochs:?}");
    assert!(found.best < 10 && epochs[found.best] > 4 && !found.stopped);
    let value = found.trials[found.best].value.unwrap();
    assert!(found.trials.iter().all(|t| t.error.is_none() && t.value.is_some()));
    let defaults = quest(small.clone(), 1).spec.params();
    assert_eq!(found.trials[0].params, defaults);
    assert!(found.trials[1..].iter().all(|t| t.params != defaults));
    // What was asked to stay has stayed; what is fixed too.
    let kept = |t: &crate::train::Trial| (t.params.get("factors").cloned(), t.params.get("epochs").cloned());
    assert!(found.trials.iter().all(|t| kept(t) == kept(&found.trials[0])));
    let again = sought(quest(small.clone(), 10), 50);
    assert_eq!((again.best, again.trials[again.best].value), (found.best, Some(value)), "in small steps");
    assert_eq!(again.trials, found.trials);
    let other = sought(Quest { seed: 5, ..quest(small, 10) }, usize::MAX);
    assert_ne!(other.trials[1].params, found.trials[1].params);
}

#[test]
fn a_closed_form_has_one_rung() {
    let spec = Spec::new("popularity", None).unwrap();
    let found =
        sought(Quest { spec, kept: vec![], goal: Goal::Ndcg, ..quest(serde_json::json!({}), 7) }, 100);
    assert_eq!((found.trials.len(), found.metric, found.model), (7, "ndcg", "popularity"));
    assert!(found.trials.iter().all(|t| t.epochs == 1 && t.value.is_some()));
    let best = found.trials.iter().filter_map(|t| t.value).fold(0.0, f64::max);
    assert_eq!(found.trials[found.best].value, Some(best));
    let draws: Vec<f64> =
        found.trials[1..].iter().filter_map(|t| t.params.get("shrinkage")?.as_f64()).collect();
    assert!(draws.iter().all(|d| (1.0..=100.0).contains(d)), "{draws:?}");
    let all_kept = Quest { kept: vec!["shrinkage".into()], ..quest(serde_json::json!({}), 7) };
    let spec = Spec::new("popularity", None).unwrap();
    assert_eq!(sought(Quest { spec, ..all_kept }, 100).trials.len(), 1, "nothing is left to draw");
}

#[test]
fn stopped_is_done_as_soon_as_something_was_measured() {
    let data = camps();
    let mut search = Search::begin(&lesson(&data), quest(serde_json::json!({ "epochs": 36 }), 9)).unwrap();
    search.stop();
    assert!(!search.is_done());
    while !search.is_done() {
        assert_eq!(search.progress().trial, 1);
        search.step(200);
    }
    let found = search.finish().unwrap();
    assert!(found.stopped && found.best == 0 && found.trials[0].value.is_some());
    assert!(found.trials[1..].iter().all(|t| t.value.is_none() && t.epochs == 0));
}

#[test]
fn a_trial_that_fails_does_not_end_the_search() {
    let mut wild = quest(serde_json::json!({ "epochs": 30, "factors": 4 }), 4);
    wild.kept.push("initScale".into());
    wild.spec.settings_mut().set("learningRate", 1.0);
    wild.spec.settings_mut().set("initScale", 1.0);
    wild.spec.settings_mut().set("regularization", 0.0);
    let found = sought(wild.clone(), usize::MAX);
    assert!(found.trials[0].error.as_ref().unwrap().contains("learningRate"));
    assert!(found.best > 0 && found.trials[0].value.is_none());
    // Where nothing works, the search says why.
    let mut search = Search::begin(&lesson(&camps()), Quest { trials: 1, ..wild }).unwrap();
    while !search.is_done() {
        search.step(usize::MAX);
    }
    assert_eq!(search.finish().unwrap_err().place(), "params.learningRate");
    let none = Quest { split: Split::None, ..quest(serde_json::json!({}), 2) };
    assert_eq!(Search::begin(&lesson(&camps()), none).err().unwrap().place(), "protocol");
    assert!(Goal::of(Some("f1"), crate::models::Aim::Lists).is_err());
}
