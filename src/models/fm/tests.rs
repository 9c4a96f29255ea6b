use super::*;
use crate::codec::{Reader, Tape, Writer};
use crate::data::{Catalog, Interactions, Item};
use crate::ground::rng::Rng;
use crate::models::fit::Finish;
use crate::models::{Fit, Lesson, Person};

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

#[test]
fn steps_of_any_size_and_a_chain_taken_up_again_give_the_same_bytes() {
    let (train, _) = world(3);
    for history in [0, 2] {
        let p = FmParams { history, epochs: 12, samples: 4, ..params() };
        let whole = fitted(&train, p).write(People::Keep).unwrap();
        let mut fit = chain(&train, p);
        fit.watch(&[0, 1], &[2, 3]);
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
            fit.watch(&[0, 1], &[2, 3]);
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
