//! Descent, against what it must do.

use super::*;
use crate::codec::{Reader, Writer};
use crate::models::fit::Finish;

fn params() -> MfParams {
    MfParams { factors: 3, ..MfParams::default() }
}

fn world() -> Interactions {
    let mut x = Interactions::default();
    for (u, i, r) in [("u", "a", 5.0), ("u", "b", 1.0), ("v", "a", 4.0), ("v", "c", 2.0), ("w", "b", 3.0)] {
        x.push(u, i, r, 0.0);
    }
    x
}

/// So is that of implicit factors, which learn once for all of a person's ratings.
#[test]
fn implicit_factors_follow_their_gradient() {
    let mut x = world();
    x.push("u", "c", 2.0, 0.0);
    let p = MfParams { history: 1, ..params() };
    let mut fit = Descent::new(&x, p, 5);
    let mut rng = Rng::new(1, 9);
    let y = fit.implicit.as_mut().unwrap();
    (0..3).for_each(|i| y.row_mut(i)[..3].iter_mut().for_each(|y| *y = 0.3 * rng.normal() as f32));
    // Nothing else moves while a person learns, so that one gradient is that of all their ratings.
    fit.rate = 1e-4;
    let before = fit.clone();
    fit.learn::<true>(0);
    let (user, items) = (x.users.get("u").unwrap(), [0u32, 1, 2]);
    assert_eq!((user, fit.ratings.row(0).0), (0, &items[..]));
    let loss = |y: &Table| {
        let mut with = before.clone();
        with.implicit = Some(y.clone());
        let errors = items.iter().zip(fit.ratings.row(0).1).map(|(&i, &r)| {
            let e = f64::from(r) - f64::from(with.predict(0, i).unwrap());
            e * e
        });
        let held = items.iter().map(|&i| {
            let norm: f64 = y.row(i as usize).iter().map(|&y| f64::from(y) * f64::from(y)).sum();
            f64::from(IMPLICIT_WEIGHT * before.item_weights[i as usize]) * norm
        });
        0.5 * (errors.sum::<f64>() + held.sum::<f64>())
    };
    let (was, now) = (before.implicit.as_ref().unwrap(), fit.implicit.as_ref().unwrap());
    for (i, l) in (0..3).flat_map(|i| (0..3).map(move |l| (i, l))) {
        let moved = |by: f32| {
            let mut y = was.clone();
            y.row_mut(i)[l] += by;
            loss(&y)
        };
        let gradient = (moved(1e-2) - moved(-1e-2)) / 2e-2;
        let step = f64::from(now.row(i)[l] - was.row(i)[l]) / f64::from(fit.rate * IMPLICIT_RATE);
        assert!((step + gradient).abs() < 0.02 * gradient.abs().max(1.0), "{i} {l}: {step} {gradient}");
    }
}

/// The step for one rating is the gradient of that rating's loss: compared with finite differences.
#[test]
fn a_step_follows_the_gradient() {
    let mut x = Interactions::default();
    x.push("u", "a", 4.0, 0.0);
    x.push("v", "a", 2.0, 0.0);
    let p = params();
    let mut fit = Descent::new(&x, p, 5);
    fit.order = vec![0];
    let before = fit.clone();
    fit.learn::<false>(0);
    let weight_u = f64::from(before.user_weights[0]);
    let weight_i = f64::from(before.item_weights[0]);
    let loss = |b_u: f64, f: &[f64]| {
        let q: Vec<f64> = before.items.row(0).iter().map(|&x| f64::from(x)).collect();
        let dot: f64 = f.iter().zip(&q).map(|(a, b)| a * b).sum();
        let e = 4.0 - (f64::from(before.mean) + b_u + dot);
        let norm = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>();
        0.5 * (e * e + p.bias_regularization * b_u * b_u + weight_u * norm(f) + weight_i * norm(&q))
    };
    let f0: Vec<f64> = before.users.row(0).iter().map(|&x| f64::from(x)).collect();
    let h = 1e-5;
    for l in 0..3 {
        let (mut up, mut down) = (f0.clone(), f0.clone());
        up[l] += h;
        down[l] -= h;
        let gradient = (loss(0.0, &up) - loss(0.0, &down)) / (2.0 * h);
        let step = f64::from(fit.users.row(0)[l] - before.users.row(0)[l]);
        assert!((step + p.learning_rate * gradient).abs() < 1e-6, "factor {l}: {step} {gradient}");
    }
    let gradient = (loss(h, &f0) - loss(-h, &f0)) / (2.0 * h);
    assert!((f64::from(fit.users.bias[0]) + p.learning_rate * gradient).abs() < 1e-6);
    assert!(fit.users.row(0)[3..].iter().all(|&x| x == 0.0), "padding stays zero");
}

#[test]
fn small_budgets_reach_the_same_bytes_as_one_large_one() {
    let x = world();
    let (mut whole, mut bits) = (Descent::new(&x, params(), 1), Descent::new(&x, params(), 1));
    for _ in 0..5 {
        let a = whole.descend(usize::MAX).unwrap();
        let b = loop {
            if let Some(loss) = bits.descend(1) {
                break loss;
            }
        };
        assert_eq!(a.to_bits(), b.to_bits());
    }
    assert_eq!(whole.tables(), bits.tables());
}

#[test]
fn loss_falls_and_running_away_is_noticed() {
    let x = world();
    let mut fit = Descent::new(&x, params(), 1);
    let first = fit.descend(usize::MAX).unwrap();
    let last = (0..50).filter_map(|_| fit.advance(usize::MAX).unwrap()).last().unwrap();
    assert!(last < first);
    let wild = MfParams { learning_rate: 1.0, init_scale: 1.0, ..MfParams::default() };
    let mut fit = Descent::new(&x, wild, 1);
    let refusal = (0..60).find_map(|_| fit.advance(usize::MAX).err()).unwrap();
    assert_eq!(refusal.place(), "params.learningRate");
}

#[test]
fn a_warm_start_goes_on_where_the_model_was() {
    let x = world();
    let mut cold = Descent::new(&x, params(), 1);
    (0..40).for_each(|_| _ = cold.descend(usize::MAX));
    let model = Box::new(cold).finish(&x);
    let mut more = x.clone();
    more.push("z", "a", 3.0, 0.0);
    let mut warm = Descent::new(&more, params(), 1);
    warm.warm(&model, &more).unwrap();
    let first = Descent::new(&more, params(), 1).descend(usize::MAX).unwrap();
    let warm = warm.descend(usize::MAX).unwrap();
    assert!(warm < 0.9 * first, "{warm} {first}");
    let mut other = Descent::new(&more, MfParams { factors: 4, ..params() }, 1);
    let refused = other.warm(&model, &more).unwrap_err();
    assert_eq!((refused.place(), refused.expectation(), refused.found()), ("params.factors", "3", "4"));
}

#[test]
fn state_that_was_kept_is_taken_up() {
    let x = world();
    let mut fit = Descent::new(&x, params(), 1);
    fit.descend(usize::MAX);
    fit.mark_best();
    fit.descend(usize::MAX);
    let mut tape = Tape::Write(Writer::new("test", &crate::ground::json::Value::Null));
    fit.state(&mut tape).unwrap();
    let Tape::Write(w) = tape else { unreachable!() };
    let bytes = w.finish().unwrap();
    let mut again = Descent::new(&x, params(), 1);
    again.state(&mut Tape::Read(Reader::open(&bytes, "test").unwrap())).unwrap();
    assert_eq!(again.best, fit.best);
    assert_eq!(again.descend(usize::MAX), fit.descend(usize::MAX));
    (again.best, fit.best) = (None, None);
    assert_eq!(again.tables(), fit.tables());
}
