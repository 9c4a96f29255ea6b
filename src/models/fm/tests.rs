use super::*;
use crate::codec::{Reader, Tape, Writer};
use crate::data::{Catalog, Interactions, Item, Moment};
use crate::ground::rng::Rng;
use crate::models::fit::Finish;
use crate::models::{Fit, Lesson, Past, Person};

/// Ratings made by the model's own law: two factors, noise of half a star, a third of the cells.
fn world(seed: u64) -> (Interactions, Interactions) {
    let mut rng = Rng::new(seed, 0);
    let mut draw = |n: usize| -> Vec<[f64; 3]> {
        (0..n).map(|_| [0.3 * rng.normal(), 0.7 * rng.normal(), 0.7 * rng.normal()]).collect()
    };
    let (users, items) = (draw(120), draw(60));
    let (mut train, mut test) = (Interactions::default(), Interactions::default());
    for x in [&mut train, &mut test] {
        x.scale = crate::data::Scale { min: -9.0, max: 9.0, step: 0.0 };
        (0..120).for_each(|u| _ = x.users.intern(&format!("u{u}")));
        (0..60).for_each(|i| _ = x.items.intern(&format!("i{i}")));
    }
    for (u, p) in users.iter().enumerate() {
        for (i, q) in items.iter().enumerate() {
            let rating = p[0] + q[0] + p[1] * q[1] + p[2] * q[2] + 0.5 * rng.normal();
            match rng.below(10) {
                0..=3 => train.push(&format!("u{u}"), &format!("i{i}"), rating as f32, 0.0),
                4 => test.push(&format!("u{u}"), &format!("i{i}"), rating as f32, 0.0),
                _ => {}
            }
        }
    }
    (train, test)
}

fn params() -> FmParams {
    FmParams { factors: 3, epochs: 60, samples: 20, power: 1.0, ..FmParams::default() }
}

fn chain(data: &Interactions, params: FmParams) -> Chain {
    Chain::new(&Lesson { data, catalog: None }, params, 5)
}

fn fitted(data: &Interactions, params: FmParams) -> Model {
    let mut fit = Box::new(chain(data, params));
    for _ in 0..params.epochs {
        assert!(fit.advance(usize::MAX).unwrap().is_some());
    }
    fit.finish(data)
}

fn history(data: &Interactions, user: u32) -> Vec<(u32, f64)> {
    let own = (0..data.len()).filter(|&r| data.user[r] == user);
    own.map(|r| (data.item[r], f64::from(data.rating[r]))).collect()
}

/// Where the model is right, its noise is found, its error is close to the noise, and its intervals are what they say.
#[test]
fn a_world_of_its_own_law_is_learned_and_its_intervals_hold() {
    let (train, test) = world(1);
    let model = fitted(&train, params());
    assert!((model.noise() - 0.5).abs() < 0.05, "noise {}", model.noise());
    let (mut squared, mut within) = (Vec::new(), 0);
    for r in 0..test.len() {
        let person = model.fold_in(&history(&train, test.user[r]));
        let e = f64::from(test.rating[r]) - model.score(&person, test.item[r]);
        let spread = model.variance(&person, test.item[r]) + model.noise() * model.noise();
        within += usize::from(e.abs() <= 1.645 * math::sqrt(spread));
        squared.push(e * e);
    }
    let (rmse, share) = (math::sqrt(math::mean(squared)), within as f64 / test.len() as f64);
    assert!(rmse < 0.62, "{rmse}");
    assert!((0.86..0.94).contains(&share), "{share}");
}

#[test]
fn contributions_sum_to_the_score_and_little_is_known_of_a_stranger() {
    let (train, _) = world(2);
    for history_of in 0..3 {
        let model = fitted(&train, FmParams { history: history_of, epochs: 20, samples: 5, ..params() });
        let known = history(&train, 7);
        let person = model.fold_in(&known);
        for item in 0..10 {
            let sum: f64 = model.contributions(&person, item, &known).iter().sum();
            assert!((model.baseline(item) + sum - model.score(&person, item)).abs() < 1e-4, "{history_of}");
            let stranger = model.variance(&Person::Anyone, item);
            assert!(model.variance(&person, item) < stranger, "{history_of}");
            assert!(
                (f64::from(model.score_all(&person)[item as usize]) - model.score(&person, item)).abs()
                    < 1e-4
            );
        }
    }
}

/// Two ratings to be followed, by rows.
fn held() -> Interactions {
    Interactions { user: vec![0, 1], item: vec![2, 3], rating: vec![1.0; 2], ..Interactions::default() }
}

#[test]
fn steps_of_any_size_and_a_chain_taken_up_again_give_the_same_bytes() {
    let (train, _) = world(3);
    for history in [0, 2] {
        let p = FmParams { history, epochs: 12, samples: 4, ..params() };
        let whole = fitted(&train, p).write(People::Keep).unwrap();
        let mut fit = chain(&train, p);
        fit.watch(&held());
        for epoch in 0..12 {
            while fit.advance(50).unwrap().is_none() {}
            if epoch % 4 != 2 {
                continue;
            }
            let mut tape = Tape::Write(Writer::new("test", &crate::ground::json::Value::Null));
            fit.state(&mut tape).unwrap();
            let Tape::Write(w) = tape else { unreachable!() };
            let (bytes, followed) = (w.finish().unwrap(), fit.watched());
            fit = chain(&train, p);
            fit.watch(&held());
            fit.state(&mut Tape::Read(Reader::open(&bytes, "test").unwrap())).unwrap();
            assert_eq!(fit.watched(), followed);
        }
        assert_eq!(Box::new(fit).finish(&train).write(People::Keep).unwrap(), whole, "history {history}");
    }
}

/// Two genres, people who like one of them, and an item of a genre nobody has rated yet.
#[test]
fn an_item_nobody_rated_is_known_by_its_genre() {
    let (mut x, mut items) = (Interactions::default(), Vec::new());
    for i in 0..40 {
        let genre = if i % 2 == 0 { "even" } else { "odd" };
        let id = format!("i{i}");
        x.items.intern(&id);
        items.push(Item { id, genres: vec![genre.into()], ..Item::default() });
        for u in (0..30).filter(|u| i < 38 && (u * 7 + i * 3) % 4 != 0) {
            let rating = if u % 2 == i % 2 { 4.5 } else { 1.5 };
            x.push(&format!("u{u}"), &format!("i{i}"), rating, 0.0);
        }
    }
    let catalog = Catalog::new(items).unwrap();
    let p = FmParams { content: true, epochs: 40, samples: 10, ..params() };
    let mut fit = Box::new(Chain::new(&Lesson { data: &x, catalog: Some(&catalog) }, p, 1));
    (0..p.epochs).for_each(|_| _ = fit.advance(usize::MAX).unwrap());
    let model = fit.finish(&x);
    let person = model.fold_in(&history(&x, x.users.get("u0").unwrap()));
    assert_eq!(model.count(38), 0);
    let (even, odd) = (model.score(&person, 38), model.score(&person, 39));
    assert!(even > odd + 1.0, "{even} {odd}");
    let lesson = Lesson { data: &x, catalog: Some(&catalog) };
    let (mut warm, mut cold) = (Chain::new(&lesson, p, 2), Chain::new(&lesson, p, 2));
    warm.warm(&model, &x).unwrap();
    let (w, c) = (warm.advance(usize::MAX).unwrap().unwrap(), cold.advance(usize::MAX).unwrap().unwrap());
    assert!(w < 0.8 * c, "{w} {c}");
}

#[test]
fn a_warm_chain_needs_no_time_to_find_its_place() {
    let (train, _) = world(4);
    let model = fitted(&train, params());
    let mut warm = chain(&train, FmParams { epochs: 2, ..params() });
    let mut cold = chain(&train, FmParams { epochs: 2, ..params() });
    warm.warm(&model, &train).unwrap();
    let (w, c) = (warm.advance(usize::MAX).unwrap().unwrap(), cold.advance(usize::MAX).unwrap().unwrap());
    assert!(w < 0.8 * c && w < 0.6, "{w} {c}");
    let mut described = chain(&train, FmParams { history: 1, ..params() });
    let refused = described.warm(&model, &train).unwrap_err();
    assert_eq!(
        refused.code(),
        crate::ground::Code::Unsupported,
        "people's shared features are not in the model"
    );
}

fn mood(word: &str) -> Moment {
    let mut moment = Moment::default();
    moment.insert("mood".to_owned(), word.to_owned());
    moment
}

/// Moods lift or lower a person's ratings and an item's, by .8 and .5 of a star either way: planted. A fifth of the
/// ratings say nothing of moods. Learned from, held out, and the people's part.
fn moody(seed: u64) -> (Interactions, Interactions, Vec<f64>) {
    let mut rng = Rng::new(seed, 0);
    let mut sign = |n: usize, size: f64| -> Vec<f64> {
        (0..n).map(|_| if rng.below(2) == 0 { size } else { -size }).collect()
    };
    let (people, items) = (sign(80, 0.8), sign(40, 0.5));
    let (mut train, mut test) = (Interactions::default(), Interactions::default());
    for (u, p) in people.iter().enumerate() {
        for (i, q) in items.iter().enumerate() {
            let (merry, said) = (rng.below(2) == 0, rng.below(5) > 0);
            let rating = 3.0 + (p + q) * if merry { 1.0 } else { -1.0 } + 0.4 * rng.normal();
            let moment = if said { mood(if merry { "merry" } else { "grave" }) } else { Moment::default() };
            let (user, item, rating) = (format!("u{u}"), format!("i{i}"), rating.clamp(0.5, 5.0) as f32);
            match rng.below(10) {
                0..=4 => train.push_in(&user, &item, rating, 0.0, &moment),
                5 if said => test.push_in(&user, &item, rating, 0.0, &moment),
                _ => {}
            }
        }
    }
    (train, test, people)
}

fn past(data: &Interactions, user: u32) -> Past {
    let own: Vec<usize> = (0..data.len()).filter(|&r| data.user[r] == user).collect();
    let beside =
        |&r: &usize| crate::data::feedback::Beside { moment: data.context.moment(r), ..Default::default() };
    Past {
        ratings: own.iter().map(|&r| (data.item[r], f64::from(data.rating[r]))).collect(),
        beside: own.iter().map(beside).collect(),
    }
}

#[test]
fn a_planted_effect_of_moods_is_found_again_and_helps_where_it_matters() {
    let (train, test, planted) = moody(3);
    let p = FmParams { factors: 4, ..params() };
    let (model, blind) = (fitted(&train, p), fitted(&train.regardless().unwrap(), p));
    let mut found = Vec::new();
    for (name, effect) in train.users.ids().iter().zip(0..) {
        let planted = planted[name[1..].parse::<usize>().unwrap()];
        let person = model.recall(&past(&train, effect));
        let [merry, grave] = ["merry", "grave"].map(|word| model.in_moment(&person, &mood(word)).unwrap());
        let swing = (0..40).map(|i| model.score(&merry, i) - model.score(&grave, i));
        found.push(math::mean(swing) / (2.0 * planted));
    }
    let share = math::mean(found);
    assert!((0.8..1.1).contains(&share), "{share} of the planted effect is found");

    let (mut aware, mut unaware) = (Vec::new(), Vec::new());
    for r in 0..test.len() {
        let user = train.users.get(test.users.id(test.user[r])).unwrap();
        let item = train.items.get(test.items.id(test.item[r])).unwrap();
        let now = model.in_moment(&model.recall(&past(&train, user)), &test.context.moment(r)).unwrap();
        let plain = blind.recall(&past(&train, user));
        let squared = |score: f64| (score - f64::from(test.rating[r])) * (score - f64::from(test.rating[r]));
        aware.push(squared(model.score(&now, item)));
        unaware.push(squared(blind.score(&plain, item)));
    }
    let [aware, unaware] = [aware, unaware].map(|of| math::sqrt(math::mean(of)));
    assert!(aware < 0.6 && unaware > 0.9, "{aware} {unaware}");
}

#[test]
fn without_a_mood_or_with_one_nobody_knows_nothing_is_different() {
    let (train, ..) = moody(3);
    let model = fitted(&train, FmParams { epochs: 10, samples: 3, ..params() });
    let person = model.recall(&past(&train, 0));
    assert!(model.in_moment(&person, &Moment::default()).is_none());
    assert!(model.in_moment(&person, &mood("sleepy")).is_none());
    assert_eq!(model.circumstances(), [("mood".to_owned(), train.context.kinds[0].words.ids().to_vec())]);
    let blind = fitted(&train, FmParams { epochs: 10, samples: 3, context: false, ..params() });
    assert!(blind.circumstances().is_empty());
}

#[test]
fn a_machine_that_knows_moods_is_saved_and_taken_up_whole() {
    let (train, ..) = moody(4);
    let p = FmParams { epochs: 12, samples: 4, ..params() };
    let model = fitted(&train, p);
    let bytes = model.write(People::Keep).unwrap();
    let back = Model::read(&bytes).unwrap();
    assert_eq!(back.write(People::Keep).unwrap(), bytes);
    let merry = mood("merry");
    let now = |m: &Model| m.score_all(&m.in_moment(&m.recall(&past(&train, 1)), &merry).unwrap());
    assert_eq!(now(&back), now(&model));
    let somebody = back.in_moment(&Person::Anyone, &merry).unwrap();
    assert!(back.score_all(&somebody).iter().all(|s| s.is_finite()));

    let mut fit = chain(&train, p);
    for epoch in 0..12 {
        while fit.advance(50).unwrap().is_none() {}
        if epoch == 5 {
            let mut tape = Tape::Write(Writer::new("test", &crate::ground::json::Value::Null));
            fit.state(&mut tape).unwrap();
            let Tape::Write(w) = tape else { unreachable!() };
            let bytes = w.finish().unwrap();
            fit = chain(&train, p);
            fit.state(&mut Tape::Read(Reader::open(&bytes, "test").unwrap())).unwrap();
        }
    }
    assert_eq!(Box::new(fit).finish(&train).write(People::Keep).unwrap(), bytes);
}
