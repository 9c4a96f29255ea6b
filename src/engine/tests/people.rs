//! Feedback: what is learned, in which order, and how it is forgotten.

use super::*;
use crate::data::Scale;
use crate::ground::Code;

/// A log with every kind of row, two profiles, changed and withdrawn ratings, and items no model knows.
fn log() -> Vec<Event> {
    let other = |e: Event| Event { profile: "other".into(), ..e };
    vec![
        rate("i0", 5.0),
        event("i3", Kind::Watch, None),
        other(rate("i0", 1.0)),
        rate("i7", 1.0),
        event("i8", Kind::Hide, None),
        rate("i0", 3.5),
        event("i2", Kind::Like, Some(4.5)),
        other(rate("i6", 5.0)),
        rate("i1", 4.0),
        rate("i1", None),
        rate("elsewhere", 2.0),
        event("i9", Kind::Impression, None),
    ]
}

fn served(events: &[Event]) -> Engine {
    let mut e = engine();
    e.replay(events);
    e
}

#[test]
fn forgetting_is_exact() {
    let events = log();
    type Stays = fn(&Event) -> bool;
    let forget: [(&str, Stays); 4] = [
        ("an item", |e| e.item != "i0"),
        ("an item of one profile", |e| !(e.item == "i0" && e.profile == "me")),
        ("a profile", |e| e.profile != "other"),
        ("everything", |_| false),
    ];
    for (what, stays) in forget {
        let rest: Vec<Event> = events.iter().filter(|e| stays(e)).cloned().collect();
        // Learned and asked for, then forgotten: nothing of it may stay in any cache.
        let mut forgot = engine();
        for e in &events {
            forgot.apply_event(e);
            list(&mut forgot, json!({ "profile": e.profile }));
        }
        let full = forgot.state_hash();
        forgot.replay(&rest);
        let mut never = engine();
        for e in &rest {
            never.apply_event(e);
        }
        assert_eq!(forgot.state_hash(), never.state_hash(), "{what}");
        assert_ne!(forgot.state_hash(), full, "{what}: it was something");
        for profile in ["me", "other"] {
            let all = json!({ "profile": profile, "k": 100, "explain": true });
            assert_eq!(list(&mut forgot, all.clone()), list(&mut never, all), "{what}, {profile}");
        }
        assert_eq!(forgot.status(), never.status(), "{what}");
    }
}

#[test]
fn a_withdrawn_rating_was_never_given() {
    let mut e = engine();
    let nothing = e.state_hash();
    for (item, rating) in [("i0", 5.0), ("i7", 2.0)] {
        e.apply_event(&rate(item, rating));
        assert_ne!(e.state_hash(), nothing);
        list(&mut e, json!({}));
        e.apply_event(&rate(item, None));
    }
    assert_eq!(e.state_hash(), nothing);
    assert_eq!(list(&mut e, json!({ "k": 100 })), list(&mut engine(), json!({ "k": 100 })));
}

/// What was watched stays watched: only the opinion is withdrawn.
#[test]
fn a_withdrawn_rating_does_not_unsee_what_was_watched() {
    let mut e = engine();
    e.apply_event(&event("i3", Kind::Watch, None));
    e.apply_event(&rate("i3", 2.0));
    e.apply_event(&rate("i3", None));
    assert!(!ids(&list(&mut e, json!({ "k": 100 }))).contains(&"i3"));
}

#[test]
fn one_by_one_is_the_same_as_all_at_once() {
    let events = log();
    let mut one_by_one = engine();
    for e in &events {
        one_by_one.apply_event(e);
        list(&mut one_by_one, json!({}));
    }
    let mut at_once = served(&events);
    assert_eq!(one_by_one.state_hash(), at_once.state_hash());
    let all = json!({ "k": 100, "excludeSeen": false });
    let (a, b) = (list(&mut one_by_one, all.clone()), list(&mut at_once, all));
    assert_eq!(ids(&a), ids(&b));
    for (x, y) in a.list.iter().zip(&b.list) {
        assert!((x.score - y.score).abs() < 1e-6, "{}: {} {}", x.item, x.score, y.score);
    }
}

#[test]
fn the_order_matters_where_the_last_word_counts_and_only_there() {
    let base = [rate("i0", 5.0), rate("i7", 1.0), event("i3", Kind::Watch, None)];
    let turned: Vec<Event> = base.iter().rev().cloned().collect();
    assert_eq!(served(&base).state_hash(), served(&turned).state_hash());
    let changed = [rate("i0", 5.0), rate("i0", 1.0)];
    let back: Vec<Event> = changed.iter().rev().cloned().collect();
    let rated = |events: &[Event]| {
        let x = served(events).explain(&ask(json!({ "item": "i5" }))).unwrap();
        x.contributions.iter().map(|c| c.rating).collect::<Vec<_>>()
    };
    assert_eq!((rated(&changed), rated(&back)), (vec![1.0], vec![5.0]), "the later row, not the earlier");
}

/// The proof of forgetting is worth nothing where two histories share it.
#[test]
fn different_histories_have_different_hashes() {
    let by = |profile: &str, e: Event| Event { profile: profile.into(), ..e };
    let histories = [
        vec![],
        vec![rate("i0", 4.0)],
        vec![rate("i0", 4.5)],
        vec![rate("i1", 4.0)],
        vec![by("m", rate("ei0", 4.0))],
        vec![by("mei", rate("0", 4.0))],
        vec![event("i0", Kind::Watch, None)],
        vec![event("i0", Kind::Hide, None)],
        vec![rate("i0", 4.0), event("i0", Kind::Watch, None)],
        vec![event("a", Kind::Watch, None), event("b", Kind::Hide, None)],
        vec![event("a", Kind::Hide, None), event("b", Kind::Hide, None)],
    ];
    let mut hashes: Vec<String> = Vec::new();
    for events in &histories {
        // Without a model, so that nothing but the log itself is hashed.
        let mut e = Engine::new();
        e.replay(events);
        assert!(!hashes.contains(&e.state_hash()), "{events:?}");
        hashes.push(e.state_hash());
    }
}

#[test]
fn another_model_serves_the_same_people() {
    let mut e = served(&log());
    let before = list(&mut e, json!({ "k": 5 }));
    let again = train(
        &mut e,
        json!({ "model": "matrix-factorization", "seed": 2, "validation": { "split": "none" } }),
    );
    e.serve("v2", &again.bytes).unwrap();
    let after = list(&mut e, json!({ "k": 5 }));
    assert!(after.list.iter().all(|r| r.source == "v2"));
    assert_ne!(before, after);
    let mut fresh = engine();
    fresh.serve("v2", &again.bytes).unwrap();
    fresh.replay(&log());
    assert_eq!(fresh.state_hash(), e.state_hash());
    assert_eq!(list(&mut fresh, json!({ "k": 5 })), after);
}

#[test]
fn feedback_is_checked_before_it_is_stored() {
    let e = engine();
    assert!(e.check_event(&rate("i0", 4.0), NOW).unwrap().is_empty());
    assert!(e.check_event(&rate("i12", 4.0), NOW).unwrap().is_empty(), "in the catalog, not in the model");
    assert_eq!(e.check_event(&rate("elsewhere", 4.0), NOW).unwrap()[0].code, "item-not-in-catalog");
    assert_eq!(e.check_event(&rate("i0", 4.25), NOW).unwrap_err().code(), Code::RatingOffScale);
    let ahead = Event { at: NOW + 3e8, ..rate("i0", 4.0) };
    assert_eq!(e.check_event(&ahead, NOW).unwrap_err().place(), "at");
}

#[test]
fn the_declared_scale_comes_before_the_models_the_datas_and_the_default() {
    let ten = Scale { min: 1.0, max: 10.0, step: 1.0 };
    let mut e = Engine::new();
    assert_eq!(e.scale(), Scale::default());
    let mut community = camps();
    community.interactions.scale = ten;
    e.take_in(community).unwrap();
    assert_eq!(e.scale(), ten, "the community's");
    let trained = train(&mut engine(), factors());
    e.serve("v1", &trained.bytes).unwrap();
    assert_eq!(e.scale(), Scale::default(), "the model's");
    let five = Scale { min: 1.0, max: 5.0, step: 1.0 };
    e.declare_scale(Some(five)).unwrap();
    assert_eq!((e.scale(), e.status().scale), (five, five), "the declared one");
    assert_eq!(e.check_event(&rate("i0", 4.5), NOW).unwrap_err().code(), Code::RatingOffScale);
    let bad = Scale { min: 5.0, max: 1.0, step: 1.0 };
    assert_eq!(e.declare_scale(Some(bad)).unwrap_err().place(), "scale");
    assert_eq!(e.scale(), five, "nothing changed");
    e.declare_scale(None).unwrap();
    assert_eq!(e.scale(), Scale::default());
    e.unserve();
    assert_eq!(e.scale(), ten);
}
