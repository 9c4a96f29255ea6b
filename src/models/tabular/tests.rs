use super::*;
use crate::data::{Catalog, Interactions, Item};
use crate::ground::Code;
use crate::ground::rng::Rng;
use crate::models::fit::Finish;
use crate::models::spec::Spec as Which;
use crate::models::{Lesson, Past};
use proptest::prelude::*;
use serde_json::json;

mod fields;

fn film(id: usize, genres: &[&str], year: Option<f64>) -> Item {
    let genres = genres.iter().map(|g| g.to_string()).collect();
    Item { id: format!("i{id}"), title: format!("film {id}"), genres, year, ..Item::default() }
}

/// Sixty films of two genres and a decade of years.
fn films() -> Catalog {
    let item = |i: usize| {
        film(i, &[if i.is_multiple_of(2) { "Drama" } else { "Comedy" }], Some(1990.0 + (i % 10) as f64))
    };
    Catalog::new((0..60).map(item).collect()).unwrap()
}

/// One person, who loves dramas and likes the later ones a little better, of whom forty ratings are known.
fn one_person() -> Interactions {
    let (mut x, mut rng) = (Interactions::default(), Rng::new(3, 0));
    for i in 0..40 {
        let rating = if i % 2 == 0 { 4.0 } else { 2.0 } + 0.05 * (i % 10) as f64 + 0.2 * rng.normal();
        x.push("me", &format!("i{i}"), rating.clamp(0.5, 5.0) as f32, 1e12 + i as f64);
    }
    x
}

fn fitted(name: &str, params: serde_json::Value, data: &Interactions, catalog: &Catalog) -> Result<Model> {
    let which = Which::new(name, Some(params.into()))?;
    let mut fit = which.begin(&Lesson { data, catalog: Some(catalog) }, 1)?;
    while fit.advance(usize::MAX)?.is_none() {}
    Ok(fit.finish(data))
}

fn history(x: &Interactions) -> Vec<(u32, f64)> {
    (0..x.len()).map(|r| (x.item[r], f64::from(x.rating[r]))).collect()
}

const BOTH: [&str; 2] = ["random-forest", "logistic-regression"];

#[test]
fn one_person_is_enough_and_films_nobody_rated_are_judged_by_what_is_said_of_them() {
    let (x, catalog) = (one_person(), films());
    for name in BOTH {
        let model = fitted(name, json!({}), &x, &catalog).unwrap();
        assert_eq!(model.known().len(), 60, "the whole catalog");
        let person = model.fold_in(&history(&x));
        for i in 40..60 {
            let row = model.ids().get(&format!("i{i}")).unwrap();
            let score = model.score(&person, row);
            let right = if i % 2 == 0 { score > 3.5 } else { score < 2.8 };
            assert!(right && model.count(row) == 0, "{name}: i{i} {score}");
        }
        let report = crate::ground::json::write(&model.report());
        assert!(report.contains("\"importance\":") && report.contains("\"genres\""), "{report}");
    }
}

#[test]
fn features_and_the_baseline_sum_to_the_score() {
    let (x, catalog) = (one_person(), films());
    for name in BOTH {
        let model = fitted(name, json!({}), &x, &catalog).unwrap();
        let person = model.fold_in(&history(&x));
        let mut said = 0;
        for item in 0..60 {
            let features = model.features(&person, item);
            said += features.len();
            let sum: f64 = features.iter().map(|f| f.1).sum();
            let (score, base) = (model.score(&person, item), model.baseline(item));
            assert!((base + sum - score).abs() < 1e-6, "{name}: {base} + {sum} = {score}");
        }
        // What is said of a film is the same for everybody; what makes somebody differ is what is known of them.
        assert!(said > 0 && model.features(&Person::Anyone, 0).is_empty(), "{name}");
    }
}

#[test]
fn a_moment_changes_what_it_should_and_none_changes_nothing() {
    let (mut x, mut rng) = (Interactions::default(), Rng::new(5, 0));
    let mood = |word: &str| {
        let mut moment = Moment::default();
        moment.insert("mood".to_owned(), word.to_owned());
        moment
    };
    for round in 0..5 {
        for i in 0..60 {
            let funny = rng.below(2) == 0;
            let rating = if funny { 4.2 } else { 2.2 } + 0.2 * rng.normal();
            let moment = mood(if funny { "funny" } else { "dramatic" });
            x.push_in(&format!("u{round}"), &format!("i{i}"), rating as f32, 1e12, &moment);
        }
    }
    for name in BOTH {
        let model = fitted(name, json!({}), &x, &films()).unwrap();
        assert_eq!(model.circumstances().len(), 1);
        let mut words = model.circumstances()[0].1.clone();
        words.sort();
        assert_eq!(words, ["dramatic", "funny"]);
        for person in [Person::Anyone, model.fold_in(&[(0, 4.0), (1, 2.0)])] {
            let [funny, dramatic] =
                ["funny", "dramatic"].map(|m| model.in_moment(&person, &mood(m)).unwrap());
            let swing = (0..60).map(|i| model.score(&funny, i) - model.score(&dramatic, i));
            let share = crate::ground::math::mean(swing) / 2.0;
            assert!((0.8..1.2).contains(&share), "{name}: {share} of the planted effect");
            assert!(model.in_moment(&person, &mood("sleepy")).is_none());
            assert!(model.in_moment(&person, &Moment::default()).is_none());
        }
    }
}

#[test]
fn what_was_watched_how_far_counts_where_it_is_declared() {
    let mut x = one_person();
    let mut rng = Rng::new(9, 0);
    for r in 0..x.len() {
        let far = rng.unit() as f32;
        x.rating[r] = 1.0 + 4.0 * far;
        let again = (far > 0.5).then_some(true);
        x.facts.say(r, Fact { completion: Some(far), again, ..Fact::default() });
    }
    let model = fitted("random-forest", json!({ "features": "scoring" }), &x, &films()).unwrap();
    let Model::Tabular(m) = &model else { unreachable!() };
    let columns = m.pipeline.names();
    assert!(columns.iter().any(|c| c.field == "completion"), "{columns:?}");
    let text = crate::ground::json::write(&model.report());
    let of = |field: &str| text.split(&format!("\"field\":\"{field}\"")).nth(1).unwrap().to_owned();
    let share: f64 = of("completion")
        .split("\"importance\":")
        .nth(1)
        .unwrap()
        .split([',', '}'])
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(share > 0.5, "{text}");
}

#[test]
fn labels_are_data_and_what_nothing_decides_is_not_learned_from() {
    let (mut x, catalog) = (one_person(), films());
    for r in 0..30 {
        x.facts.say(r, Fact { again: Some(r % 4 < 2), ..Fact::default() });
    }
    let again = json!({ "label": { "field": "wouldWatchAgain", "is": true }, "calibrate": false });
    let model = fitted("logistic-regression", again.clone(), &x, &catalog).unwrap();
    let report = crate::ground::json::write(&model.report());
    assert!(report.contains("\"rows\":30") && report.contains("\"liked\":16"), "{report}");
    let kept = crate::ground::json::write(&model.settings().value());
    assert!(kept.contains("wouldWatchAgain"), "what was declared is remembered: {kept}");
    let bytes = model.write(People::Keep).unwrap();
    assert_eq!(Model::read(&bytes).unwrap().write(People::Keep).unwrap(), bytes);
    let nothing = fitted("logistic-regression", again, &one_person(), &catalog).unwrap_err();
    assert_eq!((nothing.code(), nothing.found()), (Code::NotEnoughData, "not-enough-ratings"));
}

#[test]
fn what_is_declared_is_checked_by_its_place() {
    for (params, place) in [
        (json!({ "features": "modern" }), "params.features"),
        (
            json!({ "features": { "features": [{ "field": "colour", "encode": "one-hot" }] } }),
            "params.features.features[0].field",
        ),
        (
            json!({ "features": { "features": [{ "field": "genres", "encode": "hot" }] } }),
            "params.features.features[0].encode",
        ),
        (json!({ "label": { "field": "mood", "is": true } }), "params.label.field"),
        (json!({ "trees": 3 }), "params.trees"),
    ] {
        let e = Which::new("logistic-regression", Some(params.clone().into())).unwrap_err();
        assert_eq!(e.place(), place, "{params}");
    }
    assert_eq!(
        Which::new("random-forest", Some(json!({ "label": {} }).into())).unwrap_err().code(),
        Code::UnknownOption
    );
}

#[test]
fn the_classic_features_train() {
    let (x, catalog) = (one_person(), films());
    for name in BOTH {
        let model = fitted(name, json!({ "features": "classic" }), &x, &catalog).unwrap();
        let person = model.fold_in(&history(&x));
        assert!(model.score(&person, 50) > model.score(&person, 51), "{name}: dramas before comedies");
    }
}

#[test]
fn a_long_history_of_many_people_costs_no_long_steps() {
    let (mut x, mut rng) = (Interactions::default(), Rng::new(1, 0));
    for u in 0..40 {
        for i in (0..60).filter(|_| rng.below(2) == 0).collect::<Vec<_>>() {
            x.push(&format!("u{u}"), &format!("i{i}"), 0.5 + 0.5 * rng.below(10) as f32, 1e12);
        }
    }
    for name in BOTH {
        let which = Which::new(name, None).unwrap();
        let mut fit = which.begin(&Lesson { data: &x, catalog: Some(&films()) }, 1).unwrap();
        let (mut steps, mut last) = (0, 0.0);
        while fit.advance(500).unwrap().is_none() {
            steps += 1;
            let now = fit.within_epoch();
            assert!(now >= last && now <= 1.0, "{name}: {last} {now}");
            last = now;
        }
        assert!(steps > 50, "{name}: {steps}");
    }
}

/// Numbers nobody should have written.
fn absurd(rng: &mut Rng) -> Option<f64> {
    match rng.below(9) {
        0 | 1 => None,
        2 => Some(-1.0),
        3 => Some(1e300),
        4 => Some(-1e300),
        5 => Some(0.0),
        6 => Some(f64::MIN_POSITIVE),
        _ => Some(1900.0 + 150.0 * rng.unit()),
    }
}

/// Up to twelve ratings of up to three people, of films of whom much is missing or absurd.
fn tiny(seed: u64) -> (Interactions, Catalog) {
    let mut rng = Rng::new(seed, 0);
    let words = |rng: &mut Rng, n: usize| -> Vec<String> {
        (0..rng.below(n + 1))
            .map(|_| ["a", "B", "é", "", "a very long word indeed"][rng.below(5)].to_owned())
            .collect()
    };
    let mut items = Vec::new();
    for i in 0..rng.below(8) {
        items.push(Item {
            id: format!("i{i}"),
            title: String::new(),
            kind: (rng.below(2) == 0).then(|| "movie".to_owned()),
            genres: words(&mut rng, 3),
            year: absurd(&mut rng),
            duration: absurd(&mut rng),
            tags: words(&mut rng, 2),
            people: words(&mut rng, 2),
            description: (rng.below(2) == 0).then(|| words(&mut rng, 4).join(" ")),
            added_at: absurd(&mut rng),
            popularity: absurd(&mut rng),
            embedding: None,
        });
    }
    let mut x = Interactions::default();
    for _ in 0..rng.below(13) {
        let mut moment = Moment::default();
        if rng.below(2) == 0 {
            moment.insert(
                ["mood", "hour", "x"][rng.below(3)].into(),
                ["funny", "21", "1e999", "-"][rng.below(4)].into(),
            );
        }
        let completion = (rng.below(2) == 0).then(|| rng.unit() as f32);
        x.facts.say(
            x.len(),
            Fact { completion, again: (rng.below(3) > 0).then(|| rng.below(2) == 0), ..Fact::default() },
        );
        let rating = if rng.below(4) == 0 { 3.0 } else { 0.5 + 0.5 * rng.below(10) as f32 };
        let at = absurd(&mut rng).unwrap_or(0.0).clamp(0.0, 8e15);
        x.push_in(&format!("u{}", rng.below(3)), &format!("i{}", rng.below(9)), rating, at, &moment);
    }
    x.deduplicate();
    (x, Catalog::new(items).unwrap())
}

/// The answer to a tiny world: a reason, or a model that says something of everything.
fn answer(name: &str, few: u64, x: &Interactions, catalog: &Catalog) {
    let mut params = json!({ "minSamples": few });
    if name == "random-forest" {
        params["trees"] = json!(4);
    }
    let model = match fitted(name, params, x, catalog) {
        Err(e) => {
            assert_eq!(e.code(), Code::NotEnoughData, "{name}: {e}");
            assert!(["not-enough-ratings", "one-class"].contains(&e.found()), "{e}");
            return;
        }
        Ok(model) => model,
    };
    let mut moment = Moment::default();
    moment.insert("mood".to_owned(), "funny".to_owned());
    let past = Past { ratings: history(x), beside: Vec::new() };
    let someone = model.recall(&past);
    let there = model.in_moment(&someone, &moment);
    for person in [&Person::Anyone, &someone].into_iter().chain(there.as_ref()) {
        let all = model.score_all(person).into_iter().chain(model.rank_all(person, 1.0));
        assert!(all.into_iter().all(f32::is_finite), "{name}");
    }
    for item in 0..model.known().len() as u32 {
        assert!(model.variance(&someone, item).is_finite() && model.likeness(0, item).unwrap().is_finite());
        assert!(model.features(&someone, item).iter().all(|f| f.1.is_finite()));
    }
    let bytes = model.write(People::Keep).unwrap();
    assert_eq!(Model::read(&bytes).unwrap().write(People::Keep).unwrap(), bytes, "{name}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, max_shrink_iters: 20, ..ProptestConfig::default() })]
    /// Five thousand worlds for each of the two: ten thousand.
    #[test]
    fn tiny_and_absurd_worlds_get_an_answer(seed in any::<u64>(), few in 2u64..11) {
        let (x, catalog) = tiny(seed);
        for name in BOTH {
            answer(name, few, &x, &catalog);
        }
    }
}
