//! Lists, predictions, explanations, likenesses.

use super::*;
use crate::engine::{DEFAULT_PROFILE, NO_MODEL};
use crate::ground::Code;
use crate::rank::Tier;

#[test]
fn a_rating_moves_the_next_list_its_way() {
    let mut e = engine();
    for i in [0, 1, 2] {
        e.apply_event(&rate(&format!("i{i}"), 5.0));
    }
    e.apply_event(&rate("i6", 1.0));
    let first = list(&mut e, json!({ "k": 3 }));
    let mut top = ids(&first);
    top.sort_unstable();
    assert_eq!(top, ["i3", "i4", "i5"]);
    assert!(first.list.iter().all(|r| r.tier == Tier::Personal && r.source == "v1"));
    for i in [7, 8, 9] {
        e.apply_event(&rate(&format!("i{i}"), 5.0));
    }
    for i in [0, 1, 2] {
        e.apply_event(&rate(&format!("i{i}"), 0.5));
    }
    let mut turned: Vec<String> =
        ids(&list(&mut e, json!({ "k": 2 }))).iter().map(|s| s.to_string()).collect();
    turned.sort_unstable();
    assert_eq!(turned, ["i10", "i11"]);
}

#[test]
fn what_was_seen_is_left_out_unless_it_is_asked_for_and_what_was_hidden_always() {
    let mut e = engine();
    e.apply_event(&rate("i0", 4.0));
    e.apply_event(&event("i1", Kind::Watch, None));
    e.apply_event(&event("i2", Kind::Hide, None));
    e.apply_event(&event("i3", Kind::Impression, None));
    e.apply_event(&event("i4", Kind::Like, None));
    let unseen = list(&mut e, json!({ "k": 100 }));
    for (id, there) in
        [("i0", false), ("i1", false), ("i2", false), ("i3", true), ("i4", false), ("i5", true)]
    {
        assert_eq!(ids(&unseen).contains(&id), there, "{id}");
    }
    let all = list(&mut e, json!({ "k": 100, "excludeSeen": false }));
    assert_eq!(all.list.len(), 12, "all but the hidden one");
    assert!(!ids(&all).contains(&"i2"));
    e.apply_event(&rate("i2", None));
    let all = list(&mut e, json!({ "k": 100, "excludeSeen": false }));
    assert!(!ids(&all).contains(&"i2"), "a withdrawn rating does not bring back what was hidden");
}

#[test]
fn a_list_can_be_kept_to_some_items_and_from_others() {
    let mut e = engine();
    let some = list(&mut e, json!({ "items": ["i5", "i2", "i5"], "exclude": ["i2", "not there"] }));
    assert_eq!(ids(&some), ["i5"]);
    assert_eq!(some.list[0].rank, 1);
    let refused = e.recommend(&ask(json!({ "items": ["i5", "nowhere"] }))).unwrap_err();
    assert_eq!((refused.code(), refused.place()), (Code::UnknownItem, "items[1]"));
}

#[test]
fn k_above_the_catalog_gives_all_of_it_once_and_nothing_left_is_no_error() {
    let mut e = engine();
    let all = list(&mut e, json!({ "k": 1000 }));
    let mut unique = ids(&all);
    unique.sort_unstable();
    unique.dedup();
    assert_eq!((all.list.len(), unique.len()), (13, 13));
    assert_eq!(all.list.iter().map(|r| r.rank).collect::<Vec<_>>(), (1..=13).collect::<Vec<_>>());
    let every: Vec<String> = (0..13).map(|i| format!("i{i}")).collect();
    for nothing in [json!({ "exclude": every }), json!({ "items": [] })] {
        let empty = list(&mut e, nothing);
        assert!(empty.list.is_empty() && empty.warnings.is_empty());
    }
    assert!(list(&mut Engine::new(), json!({})).list.is_empty(), "no catalog, no list, no error");
}

#[test]
fn somebody_new_is_shown_what_is_popular_and_what_the_model_does_not_know_comes_last() {
    let mut e = engine();
    let cold = list(&mut e, json!({ "k": 13, "explain": true }));
    assert!(cold.list[..12].iter().all(|r| r.tier == Tier::Popular));
    for personal in [false, true] {
        if personal {
            e.apply_event(&rate("i0", 5.0));
        }
        let l = list(&mut e, json!({ "k": 13, "explain": true, "excludeSeen": false }));
        let last = l.list.last().unwrap();
        assert_eq!((last.item.as_str(), last.tier, last.source.as_str()), ("i12", Tier::Catalog, NO_MODEL));
        let reasons: Vec<_> = last.reasons.as_ref().unwrap().iter().map(|r| r.code).collect();
        assert_eq!(reasons, ["new-here"]);
        assert!(last.score >= last.confidence.low && last.score <= last.confidence.high);
        assert_eq!((last.confidence.low, last.confidence.high), (0.5, 5.0));
    }
    let plain = list(&mut e, json!({ "k": 13 }));
    assert!(plain.list.iter().all(|r| r.reasons.is_none()), "reasons are asked for");
}

#[test]
fn without_a_model_the_catalog_stands_in_by_its_own_popularity() {
    let mut e = Engine::new();
    let mut catalog = items(["a", "b", "c"]);
    catalog[1].popularity = Some(7.0);
    e.set_catalog(catalog).unwrap();
    let l = list(&mut e, json!({ "explain": true }));
    assert_eq!(ids(&l), ["b", "a", "c"]);
    assert!(l.list.iter().all(|r| r.tier == Tier::Catalog && r.source == NO_MODEL && r.score == 2.75));
    e.serve("v1", &train(&mut engine(), factors()).bytes).unwrap();
    assert_eq!(list(&mut e, json!({})).list.len(), 3, "a model of other items takes nothing from the list");
    e.unserve();
    assert_eq!(ids(&list(&mut e, json!({}))), ["b", "a", "c"]);
}

#[test]
fn without_a_catalog_the_items_of_whatever_model_serves_are_shown() {
    let mut e = Engine::new();
    e.serve("v1", &train(&mut engine(), factors()).bytes).unwrap();
    assert_eq!(list(&mut e, json!({ "k": 100 })).list.len(), 12);
    let mut other = Engine::new();
    let mut more = camps();
    more.interactions.items =
        crate::ground::ids::Vocabulary::from_ids("items", (0..12).map(|i| format!("x{i}")).collect())
            .unwrap();
    other.take_in(more).unwrap();
    e.serve("v2", &train(&mut other, factors()).bytes).unwrap();
    let l = list(&mut e, json!({ "k": 100 }));
    assert!(l.list[..12].iter().all(|r| r.item.starts_with('x') && r.tier == Tier::Popular), "{:?}", ids(&l));
}

/// Whatever is served is served from the ratings of the person or from those of all, and says which.
#[test]
fn a_model_that_is_not_personal_does_not_call_itself_so() {
    let mut e = engine();
    let trained = train(&mut e, json!({ "model": "popularity", "seed": 1 }));
    e.serve("v2", &trained.bytes).unwrap();
    e.apply_event(&rate("i0", 5.0));
    assert!(list(&mut e, json!({ "k": 5 })).list.iter().all(|r| r.tier == Tier::Popular));
    assert_eq!(e.predict(&ask(json!({ "item": "i1" }))).tier, "popular");
    assert_eq!(e.explain(&ask(json!({ "item": "i1" }))).unwrap().tier, Tier::Popular);
}

#[test]
fn an_explanation_sums_to_the_score() {
    let mut e = engine();
    let rated = [("i0", 5.0), ("i1", 0.5), ("i6", 1.0), ("i7", 4.5), ("elsewhere", 3.0)];
    for (item, rating) in rated {
        e.apply_event(&rate(item, rating));
    }
    for i in 0..12 {
        let item = format!("i{i}");
        let x = e.explain(&ask(json!({ "item": item }))).unwrap();
        let sum = x.baseline + x.contributions.iter().map(|c| c.contribution).sum::<f64>() + x.nudge;
        assert!((sum - x.raw).abs() < 1e-6, "{item}: {sum} {}", x.raw);
        assert_eq!(x.score, x.raw.clamp(0.5, 5.0));
        assert_eq!(x.contributions.len(), 4, "one for each rating the model knows the item of");
        let sizes: Vec<f64> = x.contributions.iter().map(|c| c.contribution.abs()).collect();
        assert!(sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
        let own = rated.iter().any(|r| r.0 == item);
        assert_eq!(x.nudge != 0.0, own, "{item}: only what was rated is nudged");
        let predicted = e.predict(&ask(json!({ "item": item })));
        assert_eq!((predicted.value, predicted.tier), (x.score, "personal"));
        let place = list(&mut e, json!({ "items": [item], "excludeSeen": false })).list.remove(0);
        assert!((place.score - x.score).abs() < 1e-6, "the list says the same: {} {}", place.score, x.score);
    }
    let nobody = e.explain(&ask(json!({ "item": "i3", "profile": "somebody else" }))).unwrap();
    assert_eq!((nobody.raw, nobody.nudge, nobody.tier), (nobody.baseline, 0.0, Tier::Popular));
    let refused = e.explain(&ask(json!({ "item": "nowhere" }))).unwrap_err();
    assert_eq!((refused.code(), refused.place()), (Code::UnknownItem, "item"));
    e.unserve();
    assert_eq!(e.explain(&ask(json!({ "item": "i3" }))).unwrap_err().code(), Code::NoModel);
}

#[test]
fn reasons_name_what_was_liked() {
    let mut e = engine();
    e.apply_event(&rate("i0", 5.0));
    e.apply_event(&rate("i1", 5.0));
    let l = list(&mut e, json!({ "k": 1, "explain": true }));
    let reasons = l.list[0].reasons.as_ref().unwrap();
    let own = reasons.iter().find(|r| r.code == "your-rating").unwrap();
    assert!(own.evidence.items.iter().all(|i| i == "i0" || i == "i1") && own.weight > 0.0);
    assert_eq!(own.evidence.items.len(), own.evidence.ratings.len());
    assert!(reasons.is_sorted_by(|a, b| a.weight >= b.weight));
}

#[test]
fn a_prediction_that_cannot_be_made_is_nan_with_a_reason() {
    let (mut e, mut empty) = (engine(), Engine::new());
    for (engine, item, reason) in [(&mut e, "i12", "unknown-item"), (&mut empty, "i1", "no-model")] {
        let p = engine.predict(&ask(json!({ "item": item })));
        assert!(p.value.is_nan() && p.confidence.is_none());
        assert_eq!((p.item.as_str(), p.tier, p.reason), (item, "none", Some(reason)));
    }
    let p = e.predict(&ask(json!({ "item": "i1" })));
    assert!(p.value.is_finite() && p.reason.is_none());
    assert_eq!(p.tier, "popular");
}

#[test]
fn confidence_grows_with_what_is_known() {
    let mut e = engine();
    let width = |e: &mut Engine| {
        let c = e.predict(&ask(json!({ "item": "i5" }))).confidence.unwrap();
        assert!(c.low >= 0.5 && c.high <= 5.0 && c.low <= c.high);
        c.high - c.low
    };
    let before = width(&mut e);
    for i in [0, 1, 2, 3, 6, 7, 8, 9] {
        e.apply_event(&rate(&format!("i{i}"), 3.0));
    }
    assert!(width(&mut e) < before);
}

#[test]
fn similar_items_are_those_of_the_same_half() {
    let e = engine();
    let near = e.similar(&ask(json!({ "item": "i0", "k": 5 }))).unwrap();
    assert!(near.iter().all(|s| ["i1", "i2", "i3", "i4", "i5"].contains(&s.item.as_str())), "{near:?}");
    assert!(near.is_sorted_by(|a, b| a.similarity >= b.similarity));
    let all = e.similar(&ask(json!({ "item": "i0", "k": 1000 }))).unwrap();
    assert_eq!(all.len(), 11, "all but the item itself");
    assert!(all.iter().all(|s| s.similarity.abs() <= 1.0 + 1e-6));
    for (what, place) in [(json!({ "item": "i12" }), "item"), (json!({ "item": "i0", "k": 0 }), "k")] {
        assert_eq!(e.similar(&ask(what)).unwrap_err().place(), place);
    }
}

#[test]
fn embeddings_are_as_long_as_the_factors_and_known_people_have_one() {
    let mut e = engine();
    assert_eq!(e.item_embedding("i0").unwrap().len(), 4);
    assert_eq!(e.item_embedding("i12").unwrap_err().code(), Code::UnknownItem);
    assert_eq!(e.user_embedding("u7").unwrap().len(), 4, "somebody the model was trained on");
    assert_eq!(e.user_embedding(DEFAULT_PROFILE).unwrap_err().code(), Code::UnknownProfile);
    e.apply_event(&rate("i0", 5.0));
    assert_eq!(e.user_embedding(DEFAULT_PROFILE).unwrap().len(), 4);
    let pack = e.export_pack().unwrap();
    e.serve("pack", &pack).unwrap();
    assert_eq!(e.user_embedding("u7").unwrap_err().code(), Code::UnknownProfile, "a pack knows nobody");
}

#[test]
fn context_is_ignored_aloud_in_silence_or_not_at_all() {
    let mut e = engine();
    let with = |how: &str| json!({ "context": { "mood": "funny" }, "onUnsupported": how });
    assert_eq!(list(&mut e, json!({ "context": { "mood": "funny" } })).warnings[0].code, "context-ignored");
    assert_eq!(list(&mut e, with("warn")).warnings.len(), 1);
    assert!(list(&mut e, with("skip")).warnings.is_empty());
    let refused = e.recommend(&ask(with("raise"))).unwrap_err();
    assert_eq!((refused.code(), refused.place()), (Code::Unsupported, "context.mood"));
    assert!(list(&mut e, json!({ "context": {}, "onUnsupported": "raise" })).warnings.is_empty());
    assert_eq!(e.recommend(&ask(json!({ "onUnsupported": "shout" }))).unwrap_err().place(), "onUnsupported");
}

#[test]
fn people_like_you_are_quoted_where_the_model_remembers_people() {
    let mut e = engine();
    let neighbours = json!({ "model": "item-knn", "seed": 1, "validation": { "split": "none" } });
    let trained = train(&mut e, neighbours);
    e.serve("v1", &trained.bytes).unwrap();
    for (item, rating) in [("i0", 4.5), ("i1", 4.5), ("i6", 1.0), ("i7", 1.5)] {
        e.apply_event(&rate(item, rating));
    }
    let quoted = |e: &mut Engine, item: &str| {
        let said = e.explain(&ask(json!({ "item": item }))).unwrap().reasons;
        said.into_iter()
            .find(|r| r.code == "like-minded")
            .map(|r| (r.evidence.rating.unwrap(), r.evidence.people))
    };
    let (rating, people) = quoted(&mut e, "i2").unwrap();
    assert!((rating - 4.5).abs() < 1e-9, "{rating}");
    // Twenty people love this half; whoever left this item out has no say.
    assert_eq!(people, Some(16));
    assert_eq!(quoted(&mut e, "i8"), None, "nobody is quoted against an item");
    let listed = list(&mut e, json!({ "items": ["i2"], "explain": true }));
    let reasons = listed.list[0].reasons.as_ref().unwrap();
    assert!(reasons.iter().any(|r| r.code == "like-minded"));
    e.apply_event(&rate("i0", 1.0));
    e.apply_event(&rate("i1", 1.0));
    e.apply_event(&rate("i6", 4.5));
    assert_eq!(quoted(&mut e, "i2"), None, "somebody else is like-minded now");
}
