//! Fields of time and place, columns that are chosen, and what is learned after the training.

use super::*;

/// What somebody has said, each rating with its time.
fn past(x: &Interactions) -> Past {
    use crate::data::feedback::Beside;
    let beside = |r: usize| Beside { moment: x.context.moment(r), at: x.at[r], ..Beside::default() };
    Past { ratings: history(x), beside: (0..x.len()).map(beside).collect() }
}

#[test]
fn hour_and_weekday_follow_from_a_rating_s_own_time_on_the_person_s_clock() {
    let mut x = one_person();
    let mut rng = Rng::new(4, 0);
    for r in 0..x.len() {
        // Thursday, 1 January 1970, on a clock two hours ahead of UTC; films of the evening please.
        let hour = rng.below(24);
        x.at[r] = 8.64e7 * 7.0 * (1 + rng.below(900)) as f64 + 3.6e6 * (hour as f64 - 2.0);
        x.rating[r] = if hour >= 18 { 5.0 } else { 2.0 };
    }
    let features = json!({ "features": [{ "field": "hour", "encode": "number" }, { "field": "weekday", "encode": "one-hot" },
        { "field": "genres", "encode": "multi-hot" }], "utcOffset": 120 });
    let model =
        fitted("random-forest", json!({ "features": features, "minSamples": 5 }), &x, &films()).unwrap();
    let Model::Tabular(m) = &model else { unreachable!() };
    let weekdays: Vec<String> =
        m.pipeline.names().into_iter().filter(|c| c.field == "weekday").map(|c| c.part).collect();
    assert!(weekdays.is_empty(), "one weekday is no difference: {weekdays:?}");
    assert_eq!(model.circumstances(), [("hour".to_owned(), Vec::new())]);
    let person = model.recall(&past(&x));
    let at = |hour: &str| {
        let mut moment = Moment::default();
        moment.insert("hour".to_owned(), hour.to_owned());
        model.score(&model.in_moment(&person, &moment).unwrap(), 0)
    };
    assert!(at("20") > 4.5 && at("9") < 2.5, "{} {}", at("20"), at("9"));
}

#[test]
fn when_somebody_rates_is_a_habit_and_a_rating_taken_out_leaves_none() {
    use super::records::{Clock, NUMBER_FIELDS};
    let traits = Traits::new(1, &|_| None);
    let clock = Clock { now: 10.0 * 8.64e7, ahead: 0.0 };
    let mut taste = Taste::new(&traits);
    // Saturday 3 January 1970 at 20:00, Monday 5 January at 03:00, and a time nobody knows.
    for (at, sign) in
        [(2.0 * 8.64e7 + 7.2e7, 1.0), (4.0 * 8.64e7 + 1.08e7, 1.0), (0.0, 1.0), (3.6e6, 1.0), (3.6e6, -1.0)]
    {
        taste.count(&traits, 0, 3.0, Fact::default(), sign);
        taste.time(clock, at, sign);
    }
    let numbers = taste.numbers(3.0, clock);
    let of = |name: &str| numbers[NUMBER_FIELDS.iter().position(|n| *n == name).unwrap()];
    assert_eq!((of("person.evening"), of("person.night"), of("person.weekend")), (0.5, 0.5, 0.5));
    let days = 10.0 - 4.125;
    assert!((f64::from(of("person.recency")) - crate::ground::math::ln(1.0 + days)).abs() < 1e-6);
}

#[test]
fn a_regression_learns_from_what_is_said_after_its_training_and_a_forest_waits() {
    let (x, catalog) = (one_person(), films());
    for name in BOTH {
        let model = fitted(name, json!({}), &x, &catalog).unwrap();
        let mut said = past(&x);
        let old = model.recall(&said);
        // Dramas please no longer: ten of them, after the training.
        for i in 40..60 {
            let row = model.ids().get(&format!("i{i}")).unwrap();
            said.ratings.push((row, if i % 2 == 0 { 0.5 } else { 5.0 }));
            said.beside.push(crate::data::feedback::Beside { at: 2e12 + i as f64, ..Default::default() });
        }
        let new = model.recall(&said);
        // The same likings, were all of it said before: what differs from `new` was learned one by one.
        let mut before = said.clone();
        before.beside.iter_mut().for_each(|b| b.at = 1.0);
        let counted = model.recall(&before);
        let drama = model.ids().get("i2").unwrap();
        let learned = model.score(&new, drama) - model.score(&counted, drama);
        if name == "random-forest" {
            assert_eq!(learned, 0.0);
            continue;
        }
        assert!(learned < -0.05 && model.score(&new, drama) < model.score(&old, drama), "{learned}");
        let sum: f64 = model.features(&new, drama).iter().map(|f| f.1).sum();
        assert!((model.baseline(drama) + sum - model.score(&new, drama)).abs() < 1e-6);
        assert_eq!(model.score(&model.recall(&said), drama).to_bits(), model.score(&new, drama).to_bits());
    }
}

#[test]
fn columns_are_chosen_by_path_and_by_permutation_and_the_report_says_what_they_do() {
    let (x, catalog) = (one_person(), films());
    for (name, select, said) in [
        ("random-forest", "permutation", "\"permutation\":"),
        ("random-forest", "l1", "\"permutation\":"),
        ("logistic-regression", "l1", "\"entered\":"),
        ("logistic-regression", "permutation", "\"entered\":"),
    ] {
        let features = json!({ "features": [{ "field": "genres", "encode": "multi-hot" },
            { "field": "year", "encode": "buckets", "bins": 10 }], "select": { select: 2 } });
        let model = fitted(name, json!({ "features": features, "minSamples": 5 }), &x, &catalog).unwrap();
        let Model::Tabular(m) = &model else { unreachable!() };
        let columns = m.pipeline.names();
        assert_eq!(columns.len(), 2, "{columns:?}");
        assert!(columns.iter().any(|c| c.field == "genres"), "what matters stays: {columns:?}");
        let report = crate::ground::json::write(&model.report());
        assert!(
            report.contains(said) && report.contains("\"field\":\"year\""),
            "dropped ones are named: {report}"
        );
    }
}

#[test]
fn what_a_pack_knows_of_items_can_be_a_feature() {
    let (mut x, mut catalog) = (one_person(), films());
    // Nothing the catalog says explains these ratings; where the films lie does.
    let place = |id: &str| id[1..].parse::<usize>().unwrap() / 3 % 2;
    for r in 0..x.len() {
        x.rating[r] = if place(x.items.id(x.item[r])) == 0 { 5.0 } else { 1.0 };
    }
    let features = json!({ "features": [{ "field": "embedding", "encode": "vector" }] });
    let params = json!({ "features": features, "minSamples": 5 });
    catalog.embed(&|id| Some(vec![place(id) as f32, 0.5]));
    for name in BOTH {
        let model = fitted(name, params.clone(), &x, &catalog).unwrap();
        let score = |id: &str| model.baseline(model.ids().get(id).unwrap());
        assert!(score("i42") > 4.0 && score("i45") < 2.0, "{name}: {} {}", score("i42"), score("i45"));
    }
}

#[test]
fn one_item_in_a_moment_is_as_if_all_were_asked_about() {
    let mut x = one_person();
    for r in 0..x.len() {
        x.context.say(r, "mood", ["Funny", "sad"][r / 2 % 2]);
        x.context.say(r, "hour", ["9", "21"][r / 4 % 2]);
    }
    let features = json!({ "features": [{ "field": "genres", "encode": "multi-hot" },
        { "field": "context.mood", "encode": "one-hot", "words": [["funny", "lustig"], "sad"] },
        { "field": "context.hour", "encode": "number" }] });
    for name in BOTH {
        let model = fitted(name, json!({ "features": features, "minSamples": 5 }), &x, &films()).unwrap();
        let person = model.recall(&past(&x));
        let of = |mood: &str| {
            let mut moment = Moment::default();
            moment.insert("mood".to_owned(), mood.to_owned());
            moment.insert("hour".to_owned(), "20".to_owned());
            moment.insert("place".to_owned(), "home".to_owned());
            moment
        };
        for who in [&person, &Person::Anyone] {
            for mood in ["sad", "funny", "nothing of the kind"] {
                let moved = model.in_moment(who, &of(mood)).unwrap();
                let (score, variance) = model.score_in(who, &of(mood), 7);
                assert_eq!(score.to_bits(), model.score(&moved, 7).to_bits(), "{name} {mood}");
                assert_eq!(variance.to_bits(), model.variance(&moved, 7).to_bits());
            }
            let (score, _) = model.score_in(who, &Moment::default(), 7);
            assert_eq!(score.to_bits(), model.score(who, 7).to_bits());
            // Written in another way it is the same word.
            let [one, other] = ["FUNNY", "Lustig"].map(|mood| model.score_in(who, &of(mood), 7).0.to_bits());
            assert_eq!(one, other);
        }
        let knows = |kind: &str, word: &str| model.recognises(kind, word);
        assert!(
            knows("hour", "13") && knows("mood", "lustig") && !knows("mood", "13") && !knows("place", "home")
        );
    }
}

#[test]
fn fields_of_which_nobody_says_anything_are_refused_by_name() {
    let (x, catalog) = (one_person(), films());
    for field in [
        json!({ "field": "embedding", "encode": "vector" }),
        json!({ "field": "genres", "encode": "vector" }),
        json!({ "field": "context.nothing", "encode": "one-hot", "unknown": false }),
    ] {
        let params = json!({ "features": { "features": [field] } });
        for name in BOTH {
            let e = fitted(name, params.clone(), &x, &catalog).unwrap_err();
            assert_eq!((e.code(), e.place()), (Code::InvalidArgument, "params.features"), "{name}");
        }
    }
}

#[test]
fn what_is_compared_is_of_the_kind_that_stands_there() {
    let many: Vec<_> = (0..101).map(|_| json!({ "field": "rating", "op": ">", "value": 1 })).collect();
    for bad in [
        json!({ "field": "rating", "op": ">=", "value": "4" }),
        json!({ "field": "rating", "is": true }),
        json!({ "any": [{ "field": "wouldWatchAgain", "op": ">", "value": 1 }] }),
        json!({ "all": many }),
    ] {
        let e = Which::new("logistic-regression", Some(json!({ "label": bad }).into())).unwrap_err();
        assert_eq!(e.place(), "params.label", "{e}");
    }
    for nearest in ["rating", "genrez", "completion"] {
        let feature = json!({ "field": "year", "encode": "number", "missing": { "nearest": nearest } });
        let e = Which::new("random-forest", Some(json!({ "features": { "features": [feature] } }).into()))
            .unwrap_err();
        assert_eq!(e.place(), "params.features.features[0].missing.nearest", "{e}");
    }
}
