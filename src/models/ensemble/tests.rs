use super::*;
use crate::data::{Catalog, Interactions, Item};
use crate::ground::rng::Rng;
use crate::models::Lesson;
use crate::models::fit::Finish;
use serde_json::json;

/// Sixty people and forty films of two genres: what people think of a film hangs on both who they are and what it is.
fn world() -> (Interactions, Catalog) {
    let (mut x, mut rng) = (Interactions::default(), Rng::new(4, 0));
    for u in 0..60 {
        for i in (0..40).filter(|_| rng.below(2) == 0).collect::<Vec<_>>() {
            let fits = if u % 2 == i % 2 { 1.2 } else { -1.0 };
            let rating = 3.0 + fits + 0.02 * i as f64 + 0.5 * rng.normal();
            x.push(
                &format!("u{u}"),
                &format!("i{i}"),
                ((rating * 2.0).round() / 2.0).clamp(0.5, 5.0) as f32,
                1e12,
            );
        }
    }
    let film = |i: usize| Item {
        id: format!("i{i}"),
        genres: vec![if i.is_multiple_of(2) { "Drama" } else { "Comedy" }.to_owned()],
        ..Item::default()
    };
    (x, Catalog::new((0..44).map(film).collect()).unwrap())
}

fn fitted(params: serde_json::Value, data: &Interactions, catalog: &Catalog) -> Result<Model> {
    let spec = Spec::new("ensemble", Some(params.into()))?;
    let mut fit = spec.begin(&Lesson { data, catalog: Some(catalog) }, 1)?;
    while fit.advance(usize::MAX)?.is_none() {}
    Ok(fit.finish(data))
}

fn small() -> serde_json::Value {
    json!({ "members": [
        { "model": "popularity" },
        { "model": "matrix-factorization", "params": { "factors": 4, "epochs": 20 } },
        { "model": "random-forest", "params": { "trees": 30 } }
    ] })
}

fn report(model: &Model) -> serde_json::Value {
    serde_json::from_str(&crate::ground::json::write(&model.report())).unwrap()
}

#[test]
fn the_mean_is_no_worse_than_its_best_member_and_says_what_each_counts() {
    let (x, catalog) = world();
    let model = fitted(small(), &x, &catalog).unwrap();
    let said = report(&model);
    let members = said["members"].as_array().unwrap();
    let of = |key: &str| members.iter().map(|m| m[key].as_f64().unwrap()).collect::<Vec<f64>>();
    let (weights, alone) = (of("weight"), of("rmse"));
    assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-9 && weights.iter().all(|w| *w >= 0.0));
    let best = alone.iter().copied().fold(f64::MAX, f64::min);
    assert!(said["rmse"].as_f64().unwrap() < best + 0.005, "{said}");
    assert!(weights[0] < 0.2, "popularity knows nobody: {said}");
    assert_eq!(said["heldOut"], x.len());
}

#[test]
fn its_scores_are_the_weighted_means_of_its_members_and_add_up() {
    let (x, catalog) = world();
    let model = fitted(small(), &x, &catalog).unwrap();
    let Model::Ensemble(m) = &model else { unreachable!() };
    let drama = |i: u32| model.ids().id(i)[1..].parse::<usize>().unwrap() % 2 == 0;
    let history: Vec<(u32, f64)> = (0..8).map(|i| (i, if drama(i) { 4.5 } else { 1.5 })).collect();
    let person = model.fold_in(&history);
    let all = model.score_all(&person);
    assert_eq!(all.len(), 40, "what all members know");
    for item in 0..40 {
        let mean: f64 = m.members.iter().map(|(one, w)| w * one.score(&one.fold_in(&history), item)).sum();
        let score = model.score(&person, item);
        assert!((score - mean).abs() < 1e-9 && (f64::from(all[item as usize]) - mean).abs() < 1e-5);
        let parts: f64 = model.contributions(&person, item, &history).iter().sum();
        let features: f64 = model.features(&person, item).iter().map(|f| f.1).sum();
        assert!((model.baseline(item) + parts + features - score).abs() < 1e-6, "item {item}");
        assert!(model.variance(&person, item) > 0.0);
    }
    let mean = |of: bool| math::mean((8..40).filter(|&i| drama(i) == of).map(|i| f64::from(all[i as usize])));
    assert!(mean(true) > mean(false) + 1.0, "{} {}", mean(true), mean(false));
    let bytes = model.write(People::Keep).unwrap();
    let back = Model::read(&bytes).unwrap();
    assert_eq!((back.write(People::Keep).unwrap(), back.score_all(&back.fold_in(&history))), (bytes, all));
}

#[test]
fn a_member_that_cannot_be_trained_is_left_out_and_said_to_be() {
    let (mut x, catalog) = world();
    x.rating.iter_mut().for_each(|r| *r = r.max(4.0));
    let with = |second: &str| json!({ "members": [{ "model": "popularity" }, { "model": second }] });
    let model = fitted(with("logistic-regression"), &x, &catalog).unwrap();
    let said = report(&model);
    assert_eq!((&said["members"][0]["weight"], &said["members"][1]["weight"]), (&json!(1), &json!(0)));
    assert!(said["members"][1]["failed"].as_str().unwrap().contains("liked"), "{said}");
    let alone = json!({ "members": [{ "model": "logistic-regression" }] });
    let e = fitted(alone, &x, &catalog).unwrap_err();
    assert_eq!((e.code(), e.found()), (Code::NotEnoughData, "one-class"));
}

#[test]
fn members_are_checked_by_their_place() {
    for (params, place) in [
        (json!({ "members": [] }), "params.members"),
        (json!({ "members": "all" }), "params.members"),
        (json!({ "members": [{ "model": "ensemble" }] }), "params.members[0].model"),
        (
            json!({ "members": [{ "model": "popularity" }, { "model": "ease", "params": { "factors": 3 } }] }),
            "params.members[1].params.factors",
        ),
        (json!({ "members": [{ "params": {} }] }), "params.members[0].model"),
        (json!({ "members": [{ "model": "ease", "weight": 1 }] }), "params.members[0].weight"),
        (json!({ "folds": 1 }), "params.folds"),
    ] {
        let e = Spec::new("ensemble", Some(params.clone().into())).unwrap_err();
        assert_eq!(e.place(), place, "{params}");
    }
}

#[test]
fn members_that_do_not_fit_together_are_refused() {
    let (x, catalog) = world();
    let model = fitted(small(), &x, &catalog).unwrap();
    let Model::Ensemble(mut m) = model else { unreachable!() };
    m.members[0].1 += 0.5;
    assert!(
        Model::read(&Model::Ensemble(m.clone()).write(People::Keep).unwrap()).is_err(),
        "weights that sum to 1½"
    );
    m.members[0].1 -= 0.5;
    let mut fewer = x.rows(&(0..x.len() as u32).collect::<Vec<_>>());
    fewer.items.intern("one more");
    let other = crate::models::popularity::Popularity::fit(&fewer, Default::default());
    m.known = other.known.clone();
    assert!(Model::read(&Model::Ensemble(m).write(People::Keep).unwrap()).is_err(), "rows no member knows");
}
