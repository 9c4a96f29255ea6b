//! What holds for every model whatever it is asked.

use super::{EXAMINEES, world};
use crate::world::{NOW, ask, ids, items, knowing, list, rate, train, train_in_steps};
use serde_json::json;
use tasteprint::data::Interactions;
use tasteprint::engine::{Community, Engine};
use tasteprint::ground::Code;
use tasteprint::models::{Aim, Model, People, Spec};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// What an engine says to two people: lists with reasons, predictions.
/// Everything it says, but for what it quotes people with, who are not in a pack.
fn says(engine: &mut Engine) -> String {
    let mut text = String::new();
    for profile in ["me", "nobody"] {
        let mut l =
            list(engine, json!({ "profile": profile, "k": 100, "explain": true, "excludeSeen": false }));
        for reasons in l.list.iter_mut().filter_map(|r| r.reasons.as_mut()) {
            reasons.retain(|r| r.code != "like-minded");
        }
        text += &format!("{l:?}");
        for i in 0..20 {
            let p = engine.predict(&ask(json!({ "profile": profile, "item": format!("i{i}") })));
            text += &format!("{p:?}");
        }
    }
    text
}

fn with_opinions(engine: &mut Engine) {
    for (item, rating) in [("i0", 5.0), ("i4", 0.5), ("i7", 3.5), ("i9", 5.0)] {
        engine.apply_event(&rate("me", item, rating));
    }
}

#[test]
fn somebody_unknown_is_served_from_what_all_think() {
    for e in EXAMINEES {
        let (mut engine, _) = e.serving(world());
        let l = list(&mut engine, json!({ "profile": "nobody", "k": 100 }));
        assert_eq!(l.list.len(), 20, "{}", e.name);
        assert!(l.list.iter().all(|r| format!("{:?}", r.tier) == "Popular"), "{}", e.name);
        let another = list(&mut engine, json!({ "profile": "nobody either", "k": 100 }));
        assert_eq!(l, another, "{}", e.name);
        assert_eq!(engine.predict(&ask(json!({ "profile": "nobody", "item": "i0" }))).tier, "popular");
        assert!(engine.user_embedding("nobody").is_err(), "{}", e.name);
    }
}

#[test]
fn an_unknown_item_is_nan_or_refused_and_does_no_harm() {
    for e in EXAMINEES {
        let (mut engine, _) = e.serving(world());
        with_opinions(&mut engine);
        let before = says(&mut engine);
        let p = engine.predict(&ask(json!({ "item": "nowhere" })));
        assert!(p.value.is_nan() && p.reason == Some("unknown-item"), "{}", e.name);
        let refused = engine.explain(&ask(json!({ "item": "nowhere" }))).unwrap_err();
        assert_eq!((refused.code(), refused.place()), (Code::UnknownItem, "item"), "{}", e.name);
        let refused = engine.recommend(&ask(json!({ "items": ["i0", "nowhere"] }))).unwrap_err();
        assert_eq!((refused.code(), refused.place()), (Code::UnknownItem, "items[1]"), "{}", e.name);
        assert!(engine.similar(&ask(json!({ "item": "nowhere" }))).is_err(), "{}", e.name);
        assert!(engine.item_embedding("nowhere").is_err(), "{}", e.name);
        engine.apply_event(&rate("me", "nowhere", 5.0));
        assert_eq!(says(&mut engine), before, "{}: a rating of it is kept and says nothing yet", e.name);
    }
}

#[test]
fn nothing_to_choose_from_is_an_empty_list() {
    for e in EXAMINEES {
        let (mut engine, _) = e.serving(world());
        let all: Vec<String> = (0..20).map(|i| format!("i{i}")).collect();
        for nothing in
            [json!({ "items": [] }), json!({ "exclude": all }), json!({ "items": ["i1"], "exclude": ["i1"] })]
        {
            assert!(list(&mut engine, nothing).list.is_empty(), "{}", e.name);
        }
        for id in &all {
            engine.apply_event(&rate("me", id, 3.0));
        }
        assert!(list(&mut engine, json!({})).list.is_empty(), "{}: everything is seen", e.name);
        assert_eq!(list(&mut engine, json!({ "excludeSeen": false, "k": 100 })).list.len(), 20, "{}", e.name);
    }
}

#[test]
fn one_rating_is_enough_to_be_somebody() {
    for e in EXAMINEES {
        let (mut engine, _) = e.serving(world());
        let cold = list(&mut engine, json!({ "k": 100, "excludeSeen": false }));
        engine.apply_event(&rate("me", "i0", 0.5));
        let l = list(&mut engine, json!({ "k": 100, "excludeSeen": false }));
        assert!(l.list.iter().all(|r| r.score.is_finite()), "{}", e.name);
        let tier = if e.personal { "Personal" } else { "Popular" };
        assert!(l.list.iter().all(|r| format!("{:?}", r.tier) == tier), "{}", e.name);
        assert_eq!(l != cold, e.personal, "{}", e.name);
        engine.apply_event(&rate("me", "i0", None));
        assert_eq!(list(&mut engine, json!({ "k": 100, "excludeSeen": false })), cold, "{}", e.name);
    }
}

#[test]
fn ratings_that_are_all_equal_are_predicted_as_they_are() {
    for e in EXAMINEES {
        let mut x = world();
        x.rating.iter_mut().for_each(|r| *r = 4.0);
        if e.name == "logistic-regression" {
            let answer = knowing(x).train_begin(&ask(e.request()), None).unwrap().unwrap();
            assert_eq!(answer.reason, "one-class", "there is nothing to tell apart");
            continue;
        }
        let (mut engine, _) = e.serving(x);
        engine.apply_event(&rate("me", "i0", 4.0));
        for i in 0..20 {
            let p = engine.predict(&ask(json!({ "item": format!("i{i}") })));
            assert!((p.value - 4.0).abs() < 0.05, "{}: {}", e.name, p.value);
            let c = p.confidence.unwrap();
            assert!(c.low.is_finite() && c.high.is_finite() && c.low <= c.high, "{}", e.name);
        }
    }
}

#[test]
fn capacity_beyond_the_data_does_no_harm() {
    for e in EXAMINEES {
        let mut x = Interactions::default();
        for (u, i) in (0..6).flat_map(|u| (0..2).map(move |i| (u, i))) {
            x.push(&format!("u{u}"), &format!("i{i}"), 1.0 + (u + i) as f32 * 0.5, 0.0);
        }
        let mut engine = knowing(x);
        let trained = train(&mut engine, e.with(e.lavish));
        engine.serve("lavish", &trained.bytes).unwrap();
        engine.apply_event(&rate("me", "i0", 5.0));
        let l = list(&mut engine, json!({ "excludeSeen": false }));
        assert_eq!(l.list.len(), 2, "{}", e.name);
        assert!(l.list.iter().all(|r| (0.5..=5.0).contains(&r.score)), "{}", e.name);
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_in_steps_of_any_size() {
    for e in EXAMINEES {
        let whole = train_in_steps(&mut knowing(world()), e.request(), usize::MAX).unwrap();
        let steps = train_in_steps(&mut knowing(world()), e.request(), 1).unwrap();
        assert_eq!(whole.bytes, steps.bytes, "{}", e.name);
        let mut held_out = e.request();
        held_out["validation"] = json!({ "split": "random", "fraction": 0.2 });
        let run = |budget| train_in_steps(&mut knowing(world()), held_out.clone(), budget).unwrap();
        let (a, b) = (run(usize::MAX), run(7));
        assert_eq!(
            (a.bytes, a.version.metrics),
            (b.bytes, b.version.metrics),
            "{}: and with a split",
            e.name
        );
        let mut other = e.request();
        other["seed"] = json!(12);
        let other = train(&mut knowing(world()), other);
        assert_eq!(other.bytes != whole.bytes, e.draws, "{}: what draws, draws by its seed", e.name);
    }
}

#[test]
fn a_model_written_and_read_is_the_same_model() {
    for e in EXAMINEES {
        let (mut engine, trained) = e.serving(world());
        with_opinions(&mut engine);
        let model = Model::read(&trained.bytes).unwrap();
        assert_eq!(model.write(People::Keep).unwrap(), trained.bytes, "{}", e.name);
        let (said, hash) = (says(&mut engine), engine.state_hash());
        for bytes in
            [trained.bytes.clone(), model.write(People::Drop).unwrap(), engine.export_pack().unwrap()]
        {
            let mut fresh = Engine::new();
            fresh.serve("exam", &bytes).unwrap();
            with_opinions(&mut fresh);
            assert!(says(&mut fresh) == said, "{}: with its people and without", e.name);
            assert_eq!(fresh.state_hash(), hash, "{}", e.name);
        }
    }
}

#[test]
fn training_changes_neither_its_ratings_nor_what_serves() {
    for e in EXAMINEES {
        let (mut engine, trained) = e.serving(world());
        with_opinions(&mut engine);
        let facts = |engine: &mut Engine| {
            (
                engine.write_community().unwrap(),
                engine.export_pack().unwrap(),
                engine.state_hash(),
                says(engine),
            )
        };
        let before = facts(&mut engine);
        let again = train(&mut engine, e.request());
        assert!(facts(&mut engine) == before, "{}", e.name);
        assert_eq!(
            again.bytes, trained.bytes,
            "{}: a person's own feedback is not in a community model",
            e.name
        );
    }
}

#[test]
fn an_abandoned_training_leaves_no_trace() {
    for e in EXAMINEES {
        let (mut engine, trained) = e.serving(world());
        with_opinions(&mut engine);
        let (status, said) = (engine.status(), says(&mut engine));
        engine.train_begin(&ask(e.request()), None).unwrap();
        engine.train_step(50).unwrap();
        assert_eq!(says(&mut engine), said, "{}: it serves while it learns", e.name);
        engine.abandon();
        assert_eq!((engine.status(), says(&mut engine)), (status, said), "{}", e.name);
        assert!(
            engine.train_step(50).is_err() && engine.train_finish("x", "", NOW, 0.0).is_err(),
            "{}",
            e.name
        );
        assert_eq!(train(&mut engine, e.request()).bytes, trained.bytes, "{}", e.name);
    }
}

#[test]
fn scores_and_their_bounds_lie_on_the_scale() {
    for e in EXAMINEES {
        let (mut engine, _) = e.serving(world());
        for (profile, rating) in [("hates all", 0.5), ("loves all", 5.0)] {
            for i in 0..15 {
                engine.apply_event(&rate(profile, &format!("i{i}"), rating));
            }
            let l = list(&mut engine, json!({ "profile": profile, "k": 100, "excludeSeen": false }));
            for r in &l.list {
                let c = r.confidence;
                assert!(
                    0.5 <= c.low && c.low <= r.score && r.score <= c.high && c.high <= 5.0,
                    "{}: {r:?}",
                    e.name
                );
            }
        }
    }
}

#[test]
fn embeddings_have_one_length() {
    for e in EXAMINEES {
        let (mut engine, _) = e.serving(world());
        engine.apply_event(&rate("me", "i0", 5.0));
        let got = [engine.item_embedding("i0"), engine.item_embedding("i19"), engine.user_embedding("me")];
        for embedding in got {
            match embedding {
                Ok(values) => {
                    assert_eq!(values.len(), e.embedding, "{}", e.name);
                    assert!(values.iter().all(|v| v.is_finite()), "{}", e.name);
                }
                Err(refused) => {
                    assert_eq!((e.embedding, refused.code()), (0, Code::Unsupported), "{}", e.name);
                }
            }
        }
        assert_eq!(engine.similar(&ask(json!({ "item": "i0" }))).is_ok(), e.personal, "{}", e.name);
    }
}

#[test]
fn a_list_has_every_item_once_and_its_ranks_count_up() {
    for e in EXAMINEES {
        let (mut engine, _) = e.serving(world());
        engine.set_catalog(items((0..25).map(|i| format!("i{i}")))).unwrap();
        with_opinions(&mut engine);
        let longest = list(&mut engine, json!({ "k": 1000 }));
        assert_eq!(longest.list.len(), 21, "{}: five the model does not know among them", e.name);
        for k in [1, 5, 16, 17, 21, 1000] {
            let l = list(&mut engine, json!({ "k": k }));
            let mut unique = ids(&l);
            unique.sort_unstable();
            unique.dedup();
            assert_eq!(unique.len(), k.min(21), "{}", e.name);
            assert_eq!(
                l.list[..],
                longest.list[..k.min(21)],
                "{}: a longer list begins with a shorter one",
                e.name
            );
            assert!(l.list.iter().enumerate().all(|(at, r)| r.rank == at + 1), "{}", e.name);
        }
        // A model of lists orders by what it was made for, not by the rating it expects.
        if e.personal && Spec::new(e.name, None).unwrap().aim() == Aim::Ratings {
            let plain = list(&mut engine, json!({ "k": 16, "caution": 0 }));
            assert!(plain.list.is_sorted_by(|a, b| a.score >= b.score - 1e-6), "{}", e.name);
        }
    }
}

#[test]
fn what_every_model_answers_adds_up() {
    for e in EXAMINEES {
        let (mut engine, _) = e.serving(world());
        with_opinions(&mut engine);
        for i in 0..20 {
            let x = engine.explain(&ask(json!({ "item": format!("i{i}") }))).unwrap();
            let sum = x.baseline + x.contributions.iter().map(|c| c.contribution).sum::<f64>() + x.nudge;
            let sum = sum + x.features.iter().map(|f| f.contribution).sum::<f64>();
            assert!((sum - x.raw).abs() < 1e-6, "{}: {sum} {}", e.name, x.raw);
            assert_eq!(x.score, x.raw.clamp(0.5, 5.0), "{}", e.name);
        }
    }
}

#[test]
fn too_little_to_learn_from_is_an_answer() {
    for e in EXAMINEES {
        for (rows, reason) in [(0, "not-enough-ratings"), (9, "not-enough-ratings"), (10, "one-user")] {
            let mut x = Interactions::default();
            (0..rows).for_each(|i| x.push("u", &format!("i{i}"), 3.0, 0.0));
            let mut engine = knowing(x);
            let answer = engine.train_begin(&ask(e.request()), None).unwrap();
            // One person is enough to learn from what is said of films, unless they like all of it alike.
            let reason = match e.name {
                "random-forest" if rows == 10 => None,
                "logistic-regression" if rows == 10 => Some("one-class"),
                _ => Some(reason),
            };
            assert_eq!(answer.as_ref().map(|a| a.reason), reason, "{}", e.name);
            let Some(answer) = answer else { continue };
            assert!(!engine.status().training && !answer.message.is_empty());
        }
    }
}

#[test]
fn strange_ids_are_ids_like_others() {
    let strange = [
        "__proto__",
        "constructor",
        "ünïcode 片 🎬",
        " ",
        "a,b\"c",
        "0",
        "-1",
        "NaN",
        "\u{202e}x",
        "e\u{301}",
    ];
    for e in EXAMINEES {
        let mut x = Interactions::default();
        for (u, user) in strange.iter().enumerate() {
            for (i, item) in strange.iter().enumerate().filter(|(i, _)| *i != u) {
                x.push(user, item, 1.0 + ((u + i) % 5) as f32, 0.0);
            }
        }
        let (mut engine, trained) = e.serving(x.clone());
        for id in strange {
            assert!(engine.predict(&ask(json!({ "item": id }))).value.is_finite(), "{}: {id:?}", e.name);
            engine.apply_event(&rate(id, id, 4.0));
            assert_eq!(
                list(&mut engine, json!({ "profile": id, "k": 100 })).list.len(),
                9,
                "{}: {id:?}",
                e.name
            );
        }
        let stored = Community { interactions: x, ..Community::default() }.write().unwrap();
        let mut again = Engine::new();
        again.take_in(Community::read(&stored).unwrap()).unwrap();
        assert_eq!(train(&mut again, e.request()).bytes, trained.bytes, "{}", e.name);
    }
}
