//! Promises of the engine under any log and any request, not only those somebody thought of. Native only: what is
//! drawn here says nothing about machines.

use crate::world::{ids, knowing, list, rate, train};
use proptest::prelude::*;
use serde_json::json;
use tasteprint::data::feedback::Kind;
use tasteprint::data::{Event, Interactions};
use tasteprint::engine::{Community, Engine};

const ITEMS: usize = 15;

/// Trained once for all cases; the engine that serves from it is new for each.
fn model() -> Vec<u8> {
    use std::sync::OnceLock;
    static MODEL: OnceLock<Vec<u8>> = OnceLock::new();
    let fit = || {
        let mut x = Interactions::default();
        for (u, i) in
            (0..40usize).flat_map(|u| (0..ITEMS).map(move |i| (u, i))).filter(|(u, i)| (u + i) % 3 > 0)
        {
            x.push(&format!("u{u}"), &format!("i{i}"), 1.0 + ((u * i) % 9) as f32 * 0.5, 0.0);
        }
        let what = json!({ "model": "matrix-factorization", "params": { "factors": 6, "epochs": 15 }, "seed": 3,
            "validation": { "split": "none" } });
        train(&mut knowing(x), what).bytes
    };
    MODEL.get_or_init(fit).clone()
}

fn serving() -> Engine {
    let mut engine = Engine::new();
    engine.serve("v", &model()).unwrap();
    engine
}

/// One row of anybody's log, about an item the model may not know.
fn event() -> impl Strategy<Value = Event> {
    let kind = prop_oneof![
        4 => Just(Kind::Rate),
        1 => Just(Kind::Watch),
        1 => Just(Kind::Like),
        1 => Just(Kind::Hide),
        1 => Just(Kind::Impression),
    ];
    let rating = prop_oneof![1 => Just(None), 4 => (1u8..=10).prop_map(|h| Some(f64::from(h) * 0.5))];
    (0..3usize, 0..ITEMS + 2, kind, rating).prop_map(|(who, item, kind, rating)| {
        let rating = if kind == Kind::Impression { None } else { rating };
        Event { kind, ..rate(["me", "you", "us"][who], &format!("i{item}"), rating) }
    })
}

fn log() -> impl Strategy<Value = Vec<Event>> {
    proptest::collection::vec(event(), 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// hash(learn, ask, forget X) = hash(never saw X), for any log and any part of it.
    #[test]
    fn forgetting_is_exact(log in log(), item in 0..ITEMS, who in 0..3usize) {
        let profile = ["me", "you", "us"][who];
        let gone = |e: &&Event| !(e.profile == profile && e.item == format!("i{item}"));
        let rest: Vec<Event> = log.iter().filter(gone).cloned().collect();
        let mut forgot = serving();
        for e in &log {
            forgot.apply_event(e);
            list(&mut forgot, json!({ "profile": e.profile, "k": 3 }));
        }
        forgot.replay(&rest);
        let mut never = serving();
        rest.iter().for_each(|e| never.apply_event(e));
        prop_assert_eq!(forgot.state_hash(), never.state_hash());
        prop_assert_eq!(forgot.status(), never.status());
        for name in ["me", "you", "us"] {
            let all = json!({ "profile": name, "k": 100, "explain": true });
            let (a, b) = (list(&mut forgot, all.clone()), list(&mut never, all));
            prop_assert_eq!(ids(&a), ids(&b));
        }
    }

    /// Rows are learned from one by one or all at once; nobody can tell.
    #[test]
    fn a_replay_gives_what_was_there(log in log()) {
        let (mut live, mut replayed) = (serving(), serving());
        for e in &log {
            live.apply_event(e);
            list(&mut live, json!({ "profile": e.profile, "k": 1 }));
        }
        replayed.replay(&log);
        prop_assert_eq!(live.state_hash(), replayed.state_hash());
        let all = json!({ "k": 100, "excludeSeen": false });
        let (a, b) = (list(&mut live, all.clone()), list(&mut replayed, all));
        prop_assert_eq!(a.list.len(), b.list.len());
        for x in &a.list {
            let y = b.list.iter().find(|y| y.item == x.item).unwrap();
            prop_assert!((x.score - y.score).abs() < 1e-5, "{} {}", x.score, y.score);
        }
    }

    /// Any list: no item twice, nothing unasked for, nothing excluded, as long as it can be, on the scale.
    #[test]
    fn lists_hold_what_was_asked_for(
        log in log(), k in 1..25usize, only in proptest::collection::vec(0..ITEMS, 0..ITEMS),
        without in proptest::collection::vec(0..ITEMS, 0..5), exclude_seen: bool, caution in 0.0..4.0,
    ) {
        let mut engine = serving();
        log.iter().for_each(|e| engine.apply_event(e));
        let name = |i: &usize| format!("i{i}");
        let (only, without): (Vec<String>, Vec<String>) = (only.iter().map(name).collect(), without.iter().map(name).collect());
        let l = list(&mut engine, json!({ "k": k, "items": only, "exclude": without, "excludeSeen": exclude_seen, "caution": caution }));
        let mine = |kinds: &[Kind], id: &str| log.iter().any(|e| e.profile == "me" && e.item == id && kinds.contains(&e.kind));
        let mut unique = ids(&l);
        unique.sort_unstable();
        unique.dedup();
        prop_assert_eq!(unique.len(), l.list.len());
        let mut free: Vec<&String> = only.iter().filter(|id| !without.contains(id) && !mine(&[Kind::Hide], id)).collect();
        free.sort_unstable();
        free.dedup();
        for r in &l.list {
            prop_assert!(free.contains(&&r.item));
            prop_assert!((0.5..=5.0).contains(&r.score) && r.confidence.low <= r.score && r.score <= r.confidence.high);
            prop_assert!(!exclude_seen || !mine(&[Kind::Watch, Kind::Like], &r.item));
        }
        if !exclude_seen {
            prop_assert_eq!(l.list.len(), k.min(free.len()));
        }
    }

    /// Stored ratings come back row by row, whatever ids and times they have.
    #[test]
    fn stored_ratings_come_back(rows in proptest::collection::vec(("[^\\p{Cc}]{1,12}", "[^\\p{Cc}]{1,12}", 1u8..=10, 0.0..2e12f64), 0..30)) {
        let mut x = Interactions::default();
        for (user, item, halves, at) in &rows {
            x.push(user, item, f32::from(*halves) * 0.5, *at);
        }
        x.deduplicate();
        let bytes = Community { interactions: x.clone(), ..Community::default() }.write().unwrap();
        let back = Community::read(&bytes).unwrap();
        prop_assert_eq!(back.write().unwrap(), bytes);
        prop_assert_eq!((&back.interactions.rating, &back.interactions.at), (&x.rating, &x.at));
        prop_assert_eq!(back.interactions.users.ids(), x.users.ids());
    }

    /// Nobody's bytes bring an engine down, however near to a model they are.
    #[test]
    fn damaged_models_are_refused(at in 0usize..100_000, bit in 0u8..8, cut in 0usize..100_000) {
        let mut bytes = model();
        let place = at % bytes.len();
        bytes[place] ^= 1 << bit;
        let mut engine = serving();
        let before = engine.status();
        if engine.serve("damaged", &bytes).is_err() {
            prop_assert_eq!(engine.status(), before);
        }
        bytes.truncate(cut % bytes.len());
        prop_assert!(engine.serve("cut", &bytes).is_err());
    }
}
