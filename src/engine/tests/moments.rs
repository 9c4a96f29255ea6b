//! Circumstances, from the ratings they come with to the list they change.

use super::*;
use crate::data::context::Circumstance;
use crate::data::{Contexts, feedback::Beside};

/// Forty people who love the first half of twelve items when they are merry and the other half when they are grave.
fn moody() -> Community {
    let (mut user, mut item, mut rating, mut said) = (vec![], vec![], vec![], vec![]);
    for (u, i, mood) in (0..40u32)
        .flat_map(|u| (0..12u32).flat_map(move |i| [(u, i, 0), (u, i, 1)]))
        .filter(|(u, i, mood)| (u + i + mood) % 3 > 0)
    {
        user.push(u);
        item.push(i);
        rating.push(if (i < 6) == (mood == 0) { 4.5 } else { 1.5 });
        said.push(mood);
    }
    let kind = Circumstance {
        name: "mood".into(),
        words: crate::ground::ids::Vocabulary::from_ids("words", vec!["merry".into(), "grave".into()])
            .unwrap(),
        of: Vec::new(),
    };
    let about = Columns {
        user_ids: (0..40).map(|u| format!("u{u}")).collect(),
        item_ids: (0..12).map(|i| format!("i{i}")).collect(),
        context: Contexts { kinds: vec![kind] },
        ..Columns::default()
    };
    Community::from_columns(about, user, item, rating, None, Some(said)).unwrap()
}

fn engine() -> Engine {
    let mut engine = Engine::new();
    engine.set_catalog(items((0..12).map(|i| format!("i{i}")))).unwrap();
    engine.take_in(moody()).unwrap();
    let machine = json!({ "model": "factorization-machine", "params": { "factors": 4, "epochs": 30 }, "seed": 1,
        "validation": { "split": "random", "fraction": 0.2 } });
    let trained = train(&mut engine, machine);
    assert!(trained.version.metrics.unwrap().rmse < 0.5, "what is held out is asked for in its mood");
    engine.serve("v1", &trained.bytes).unwrap();
    engine
}

fn merry() -> Value {
    json!({ "context": { "mood": "merry" }, "k": 6 })
}

#[test]
fn a_list_follows_the_mood_and_says_so() {
    let mut e = engine();
    assert_eq!(seen(&e.status().context), json!({ "mood": ["merry", "grave"] }));
    let first_half = |of: &List| ids(of).iter().filter(|id| id[1..].parse::<u32>().unwrap() < 6).count();
    let plain = list(&mut e, json!({ "k": 12, "explain": true }));
    let (happy, sad) =
        (list(&mut e, merry()), list(&mut e, json!({ "context": { "mood": "grave" }, "k": 6 })));
    assert_eq!((first_half(&happy), first_half(&sad)), (6, 0));
    assert!(happy.warnings.is_empty());
    let after = list(&mut e, json!({ "k": 12, "explain": true }));
    assert_eq!(after, plain, "nothing of a mood stays behind");

    let about = json!({ "item": "i1", "context": { "mood": "merry" } });
    let why = e.explain(&ask(about.clone())).unwrap();
    let sum = why.baseline + why.contributions.iter().map(|c| c.contribution).sum::<f64>();
    assert!((sum + why.context + why.nudge - why.raw).abs() < 1e-6 && why.context > 0.5, "{why:?}");
    let said = why.reasons.iter().find(|r| r.code == "fits-the-moment").unwrap();
    assert_eq!(said.evidence.traits, ["merry"]);
    assert_eq!(e.predict(&ask(about)).value, why.score);
    assert_eq!(e.explain(&ask(json!({ "item": "i1" }))).unwrap().context, 0.0);
}

#[test]
fn what_is_said_beside_a_rating_is_remembered_and_forgotten_with_it() {
    let mut e = engine();
    let context = |mood: &str| Some(json!({ "mood": mood }).into());
    let before = e.state_hash();
    e.apply_event(&Event { context: context("grave"), ..rate("i0", 1.5) });
    let grave = e.predict(&ask(json!({ "item": "i1" }))).value;
    let hash = e.state_hash();
    e.apply_event(&Event { context: context("merry"), ..rate("i0", 1.5) });
    assert_ne!(e.state_hash(), hash);
    let merry = e.predict(&ask(json!({ "item": "i1" }))).value;
    assert!(merry < grave, "a low rating in a merry mood says more against it: {merry} {grave}");
    let kept = e.feedback.profile("me").unwrap().beside.get("i0").cloned().unwrap();
    assert_eq!(kept, Beside { at: NOW, moment: kept.moment.clone(), ..Beside::default() });
    e.apply_event(&rate("i0", None));
    assert_eq!(e.state_hash(), before);
}

#[test]
fn a_mood_nobody_spoke_of_is_warned_about_by_name() {
    let mut e = engine();
    let odd = list(&mut e, json!({ "context": { "mood": "sleepy", "weather": "rain" } }));
    let said: Vec<&str> = odd.warnings.iter().map(|w| w.code.as_str()).collect();
    assert_eq!(said, ["context-unknown", "context-ignored"]);
    assert!(odd.warnings[0].message.contains("merry, grave"), "{}", odd.warnings[0].message);
    assert_eq!(ids(&odd), ids(&list(&mut e, json!({}))));
    let circle =
        crate::engine::request::Recommend::decode("ask", json!({ "context": { "mood": [1] } }).into());
    assert_eq!(circle.unwrap_err().place(), "ask.context.mood");
}

#[test]
fn circumstances_are_stored_with_the_ratings_and_come_back() {
    let before = moody();
    let bytes = before.write().unwrap();
    let after = Community::read(&bytes).unwrap();
    assert_eq!(after.write().unwrap(), bytes);
    assert_eq!(after.interactions.context.kinds[0].of, before.interactions.context.kinds[0].of);
    let mut e = Engine::new();
    e.take_in(after).unwrap();
    let merged = e.stage(before, "merge").unwrap();
    assert_eq!(merged.interactions.len(), moody().interactions.len(), "the same ratings again");

    let about = || Columns {
        user_ids: vec!["u".into()],
        item_ids: vec!["i".into()],
        context: Contexts { kinds: vec![Circumstance { name: "mood".into(), ..Circumstance::default() }] },
        ..Columns::default()
    };
    let given = |said| Community::from_columns(about(), vec![0], vec![0], vec![3.0], None, said).map(|_| ());
    assert!(given(Some(vec![u32::MAX])).is_ok());
    assert_eq!(given(None).unwrap_err().place(), "context");
    assert_eq!(given(Some(vec![0])).unwrap_err().place(), "context.mood[0]");
}

#[test]
fn where_nothing_is_held_out_moments_are_learned_from_all_the_same() {
    for model in ["popularity", "factorization-machine", "random-forest"] {
        let mut e = engine();
        let ask = json!({ "model": model, "seed": 1, "validation": { "split": "none" } });
        assert!(!train(&mut e, ask).bytes.is_empty(), "{model}");
    }
}

#[test]
fn a_mood_that_is_hashed_has_no_words_to_know_and_is_not_warned_about() {
    let mut e = engine();
    let features = json!({ "features": [{ "field": "context.mood", "encode": "hash", "buckets": 8 },
        { "field": "item.mean", "encode": "number" }] });
    let ask = json!({ "model": "random-forest", "params": { "features": features }, "seed": 1 });
    let trained = train(&mut e, ask);
    e.serve("v2", &trained.bytes).unwrap();
    let warned = |e: &mut Engine, context: Value| {
        let l = list(e, json!({ "k": 3, "context": context }));
        l.warnings.into_iter().map(|w| w.code).collect::<Vec<_>>()
    };
    assert!(warned(&mut e, json!({ "mood": "gloomy" })).is_empty());
    assert_eq!(warned(&mut e, json!({ "place": "home" })), ["context-ignored"]);
}
