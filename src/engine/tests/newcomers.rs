//! Items the model does not know: described, rated since, or neither.

use super::*;
use crate::data::Scale;
use crate::models::spec::RECIPES;
use crate::rank::Tier;

/// Forty people who love comedies or dramas, of twelve each; by genre and number.
fn community(items: impl Fn(u32) -> String, of: u32) -> Community {
    let (mut user, mut item, mut rating) = (vec![], vec![], vec![]);
    for (u, i) in (0..40u32).flat_map(|u| (0..of).map(move |i| (u, i))).filter(|(u, i)| (u + i) % 5 > 0) {
        user.push(u);
        item.push(i);
        rating.push(if u % 2 == i % 2 { 4.5 } else { 1.5 });
    }
    let about = Columns {
        user_ids: (0..40).map(|u| format!("u{u}")).collect(),
        item_ids: (0..of).map(items).collect(),
        ..Columns::default()
    };
    Community::from_columns(about, user, item, rating, None, None).unwrap()
}

fn film(id: &str, genre: &str) -> Item {
    Item { id: id.into(), title: id.into(), genres: vec![genre.into()], ..Item::default() }
}

/// 24 known films, of which the even ones are comedies; a new comedy, a new drama, and one nobody describes.
fn catalog() -> Vec<Item> {
    let known = (0..24).map(|i| film(&format!("i{i}"), if i % 2 == 0 { "Comedy" } else { "Drama" }));
    let silent = Item { genres: Vec::new(), ..film("silent", "") };
    known.chain([film("new comedy", "Comedy"), film("new drama", "Drama"), silent]).collect()
}

fn serving(model: Value) -> Engine {
    let mut e = Engine::new();
    e.set_catalog(catalog()).unwrap();
    e.take_in(community(|i| format!("i{i}"), 24)).unwrap();
    let trained = train(&mut e, model);
    e.serve("v1", &trained.bytes).unwrap();
    e
}

/// Somebody who laughs.
fn with_taste(e: &mut Engine) {
    for (item, rating) in [("i0", 5.0), ("i2", 4.5), ("i4", 5.0), ("i1", 1.0), ("i3", 1.5)] {
        e.apply_event(&rate(item, rating));
    }
}

fn of<'a>(l: &'a List, item: &str) -> &'a super::super::reply::Recommendation {
    l.list.iter().find(|r| r.item == item).unwrap()
}

#[test]
fn a_described_newcomer_is_scored_ranked_and_marked() {
    let mut e = serving(factors());
    with_taste(&mut e);
    let l = list(&mut e, json!({ "k": 100, "explain": true, "excludeSeen": false }));
    let (comedy, drama, silent) = (of(&l, "new comedy"), of(&l, "new drama"), of(&l, "silent"));
    assert_eq!([comedy.tier, drama.tier, silent.tier], [Tier::Content, Tier::Content, Tier::Catalog]);
    assert_eq!([comedy.source.as_str(), silent.source.as_str()], ["v1", "none"]);
    assert!(comedy.score > drama.score + 1.0, "{} {}", comedy.score, drama.score);
    let reason = &comedy.reasons.as_ref().unwrap()[0];
    assert_eq!((reason.code, &reason.evidence.genres[..]), ("from-content", &["Comedy".to_owned()][..]));
    let known: Vec<_> = l.list.iter().filter(|r| r.tier == Tier::Personal).collect();
    assert!(known[0].rank < comedy.rank, "what is known is surer: nobody new comes first");
    let disliked = known.iter().filter(|r| r.item[1..].parse::<u32>().unwrap() % 2 == 1);
    assert!(disliked.clone().count() == 12 && disliked.clone().all(|r| r.rank > comedy.rank));
    let width = |c: &super::super::reply::Confidence| c.high - c.low;
    assert!(comedy.confidence.low <= comedy.score && comedy.score <= comedy.confidence.high);
    assert!(width(&comedy.confidence) > width(&of(&l, "i6").confidence));
    let held = list(&mut e, json!({ "items": ["i6", "new comedy"], "caution": 4 }));
    assert_eq!(ids(&held), ["i6", "new comedy"]);
}

#[test]
fn every_kind_of_model_speaks_for_newcomers_and_explains_them() {
    for recipe in RECIPES {
        let everything = ["random-forest", "logistic-regression"].contains(&recipe.name);
        let mut params = json!({});
        for (name, few) in [("factors", 4), ("epochs", 20), ("iterations", 20)] {
            if recipe.table.iter().any(|p| p.name == name) {
                params[name] = json!(few);
            }
        }
        let mut e = serving(json!({ "model": recipe.name, "params": params, "seed": 1 }));
        for personal in [false, true] {
            if personal {
                with_taste(&mut e);
            }
            let l = list(&mut e, json!({ "k": 100, "explain": true }));
            for item in ["new comedy", "new drama"] {
                let place = of(&l, item);
                // A model of features knows the whole catalog: to it they are items like any other.
                let tier = match (everything, personal) {
                    (false, _) => Tier::Content,
                    (true, false) => Tier::Popular,
                    (true, true) => Tier::Personal,
                };
                assert_eq!(place.tier, tier, "{}", recipe.name);
                assert!((0.5..=5.0).contains(&place.score), "{}", recipe.name);
                let x = e.explain(&ask(json!({ "item": item }))).unwrap();
                let sum = x.baseline + x.nudge + x.contributions.iter().map(|c| c.contribution).sum::<f64>();
                let sum = sum + x.features.iter().map(|f| f.contribution).sum::<f64>();
                assert!((sum - x.raw).abs() < 1e-6, "{}", recipe.name);
                assert_eq!((x.tier, x.source.as_str()), (tier, "v1"));
                assert!((x.score - place.score).abs() < 1e-5, "{}: {} {}", recipe.name, x.score, place.score);
                let p = e.predict(&ask(json!({ "item": item })));
                assert_eq!((p.value, p.tier, p.reason), (x.score, tier.as_str(), None));
            }
        }
        let silent = e.predict(&ask(json!({ "item": "silent" }))).value;
        assert_eq!(silent.is_nan(), !everything, "{}", recipe.name);
        assert_eq!(e.explain(&ask(json!({ "item": "silent" }))).is_err(), !everything);
    }
}

#[test]
fn a_newcomer_is_like_those_it_is_made_of() {
    let e = serving(factors());
    assert_eq!(e.item_embedding("new comedy").unwrap().len(), 4);
    let near = e.similar(&ask(json!({ "item": "new comedy", "k": 6 }))).unwrap();
    assert!(near.iter().all(|s| s.item[1..].parse::<u32>().unwrap() % 2 == 0), "{near:?}");
    assert!(near.is_sorted_by(|a, b| a.similarity >= b.similarity) && near[0].similarity > 0.5);
    assert_eq!(e.similar(&ask(json!({ "item": "silent" }))).unwrap_err().place(), "item");
}

#[test]
fn what_was_rated_since_is_judged_by_its_ratings() {
    let mut e = serving(factors());
    let more = e.stage(community(|i| ["new comedy", "silent"][i as usize].into(), 2), "merge").unwrap();
    e.take_in(more).unwrap();
    for personal in [false, true] {
        if personal {
            with_taste(&mut e);
        }
        let l = list(&mut e, json!({ "k": 100, "explain": true }));
        for item in ["new comedy", "silent"] {
            let place = of(&l, item);
            assert_eq!((place.tier, place.source.as_str()), (Tier::Popular, "none"));
            assert!((place.score - 3.0).abs() < 0.2, "{}", place.score);
            let reason = &place.reasons.as_ref().unwrap()[0];
            assert_eq!((reason.code, reason.evidence.people), ("popular", Some(32)));
            let p = e.predict(&ask(json!({ "item": item })));
            assert_eq!((p.value, p.tier), (place.score, "popular"));
        }
        assert_eq!(of(&l, "new drama").tier, Tier::Content);
    }
}

#[test]
fn without_a_model_means_stand_in_and_means_on_another_scale_do_not() {
    let mut e = Engine::new();
    e.set_catalog(catalog()).unwrap();
    e.take_in(community(|i| format!("i{i}"), 24)).unwrap();
    let l = list(&mut e, json!({ "k": 100 }));
    assert!(l.list[..24].iter().all(|r| r.tier == Tier::Popular && r.source == "none"));
    assert!(l.list[24..].iter().all(|r| r.tier == Tier::Catalog));
    let mut other = serving(factors());
    let mut far = community(|_| "silent".into(), 1);
    far.interactions.scale = Scale { min: 0.0, max: 100.0, step: 1.0 };
    other.take_in(far).unwrap();
    assert_eq!(of(&list(&mut other, json!({ "k": 100 })), "silent").tier, Tier::Catalog);
}

#[test]
fn another_catalog_describes_others() {
    let mut e = serving(factors());
    with_taste(&mut e);
    let mut other = catalog();
    other[24].genres = vec!["Unheard of".into()];
    e.set_catalog(other).unwrap();
    assert_eq!(of(&list(&mut e, json!({ "k": 100 })), "new comedy").tier, Tier::Catalog);
    e.set_catalog(catalog()).unwrap();
    assert_eq!(of(&list(&mut e, json!({ "k": 100 })), "new comedy").tier, Tier::Content);
}
