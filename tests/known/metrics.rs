//! Figures of the examiner against what scikit-learn, SciPy and NumPy say of the same made-up measurement. How
//! `metrics.json` was made stands in `metrics.py`.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use serde_json::Value;
use std::rc::Rc;
use tasteprint::data::Interactions;
use tasteprint::eval::{Bootstrap, Drawn, Figure, Frame, Held, Measure, Measured, Scores, segments};
use tasteprint::ground::json;

fn close(got: f64, want: &Value, what: &str) {
    let want = want.as_f64().unwrap_or_else(|| panic!("{what} stands in the file"));
    assert!((got - want).abs() < 1e-6, "{what}: {got} is not {want}");
}

fn numbers(list: &Value) -> Vec<f64> {
    list.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

/// Rows of [person, item, rating].
fn rows(list: &Value) -> Vec<(usize, u32, f64)> {
    let row = |row: &Value| {
        let x = numbers(row);
        (x[0] as usize, x[1] as u32, x[2])
    };
    list.as_array().unwrap().iter().map(row).collect()
}

fn measured(known: &Value, model: &Value) -> Measured {
    let (people, items) = (known["people"].as_u64().unwrap() as usize, known["items"].as_u64().unwrap());
    let mut train = Interactions::default();
    (0..people).for_each(|u| assert_eq!(train.users.intern(&u.to_string()) as usize, u));
    (0..items).for_each(|i| assert_eq!(u64::from(train.items.intern(&i.to_string())), i));
    let mut held = vec![Held::default(); people];
    for (user, item, rating) in rows(&known["train"]) {
        train.push(&user.to_string(), &item.to_string(), rating as f32, 0.0);
        held[user].seen.push(item);
    }
    let mut scores = vec![Scores { deviation: Some(Vec::new()), ..Scores::default() }; people];
    let (predicted, deviation) = (numbers(&model["predicted"]), numbers(&model["deviation"]));
    for (row, (user, item, rating)) in rows(&known["test"]).into_iter().enumerate() {
        held[user].test.push((item, rating));
        scores[user].predicted.push(predicted[row]);
        scores[user].deviation.as_mut().unwrap().push(deviation[row]);
    }
    let frame = Frame::new(&train, known["k"].as_u64().unwrap() as usize, None);
    let mut measure = Measure::new(Rc::new(frame), false);
    for user in 0..people {
        held[user].seen.sort_unstable();
        scores[user].ranked = numbers(&model["ranked"][user]).into_iter().map(|x| x as f32).collect();
        measure.add(user as u32, &held[user], &scores[user]);
    }
    measure.finish()
}

fn figure(key: &str) -> Figure {
    *Figure::ALL.iter().find(|f| f.key() == key).unwrap_or_else(|| panic!("{key} is a figure"))
}

#[test]
fn figures_segments_and_intervals_are_what_others_say_they_are() {
    let known: Value = serde_json::from_str(include_str!("metrics.json")).unwrap();
    let mut drawn: Vec<Drawn> = Vec::new();
    for (model, expected) in
        known["models"].as_array().unwrap().iter().zip(known["expected"].as_array().unwrap())
    {
        let Measured { metrics, people, .. } = measured(&known, model);
        let written: Value = serde_json::from_str(&json::write(&metrics.into())).unwrap();
        let wanted = expected["metrics"].as_object().unwrap();
        for (key, want) in wanted {
            let got = match written.get(key) {
                Some(value) => value.as_f64(),
                None => people.figure(figure(key)),
            };
            close(got.unwrap(), want, key);
        }
        let counts = ["k", "ratings", "users"];
        for key in written.as_object().unwrap().keys().filter(|key| !counts.contains(&key.as_str())) {
            assert!(wanted.contains_key(key), "{key} is known from elsewhere too");
        }
        for segment in segments(&people).iter().filter(|s| expected["segments"].get(s.name).is_some()) {
            let want = &expected["segments"][segment.name];
            close(segment.rmse.unwrap(), &want["rmse"], segment.name);
            close(segment.recall.unwrap(), &want["recall"], segment.name);
            close(segment.ndcg.unwrap(), &want["ndcg"], segment.name);
        }
        let mut bootstrap = Bootstrap::new(people, known["seed"].as_u64().unwrap());
        while bootstrap.advance(1000) < 1.0 {}
        let done = bootstrap.finish();
        for (key, want) in expected["intervals"].as_object().unwrap() {
            let got = done.interval(figure(key)).unwrap();
            close(got.low, &want[0], key);
            close(got.high, &want[1], key);
        }
        drawn.push(done);
    }
    for (key, want) in known["difference"].as_object().unwrap() {
        let got = drawn[0].against(&drawn[1], figure(key)).unwrap();
        close(got.low, &want[0], key);
        close(got.high, &want[1], key);
        close(got.p, &want[2], key);
        assert_eq!(got.real, got.low > 0.0 || got.high < 0.0);
    }
}
