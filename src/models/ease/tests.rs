//! What a trained model says, against what it must say.

use super::*;
use crate::codec::Reader;
use crate::ground::json::Value;
use crate::ground::math;
use crate::ground::rng::Rng;
use crate::models::fit::{Finish, Fit};

fn learned(x: &Interactions, params: EaseParams, budget: usize) -> (Ease, f64) {
    let mut fit = Box::new(ClosedForm::new(x, params));
    let loss = loop {
        assert!((0.0..=1.0).contains(&fit.within_epoch()));
        if let Some(loss) = fit.advance(budget).unwrap() {
            break loss;
        }
    };
    match fit.finish(x) {
        Model::Ease(model) => (model, loss),
        _ => unreachable!("a fit of one kind makes that kind"),
    }
}

fn plain() -> EaseParams {
    EaseParams { history_scaling: 0.0, seen_weight: 0.0, ..EaseParams::default() }
}

/// Eighty people, seventy items, likings at random with some sense in them.
fn world() -> Interactions {
    let (mut x, mut rng) = (Interactions::default(), Rng::new(8, 0));
    for (u, i) in (0..80usize).flat_map(|u| (0..70usize).map(move |i| (u, i))) {
        if rng.below(3) == 0 {
            let likes = rng.below(4) < if u % 3 == i % 3 { 3 } else { 1 };
            x.push(&format!("u{u}"), &format!("i{i}"), if likes { 4.5 } else { 2.0 }, 0.0);
        }
    }
    x
}

/// a is liked by three, b by two of them: with a' = 3 + λ and b' = 2 + λ, P = [b', −2; −2, a'] / det, so B_ab = 2 / a' and
/// B_ba = 2 / b'.
#[test]
fn two_items_by_hand() {
    let mut x = Interactions::default();
    for (u, i, r) in [("u", "a", 5.0), ("u", "b", 4.0), ("v", "a", 4.0), ("v", "b", 5.0), ("w", "a", 5.0)] {
        x.push(u, i, r, 0.0);
    }
    x.push("x", "b", 2.0, 0.0);
    let (m, loss) = learned(&x, EaseParams { regularization: 2.0, ..plain() }, 1);
    let lambda = 2.0 * math::sqrt(3.0);
    assert!((f64::from(m.weights.weight(0, 1)) - 2.0 / (3.0 + lambda)).abs() < 1e-6);
    assert!((f64::from(m.weights.weight(1, 0)) - 2.0 / (2.0 + lambda)).abs() < 1e-6);
    let partial = 2.0 / math::sqrt((3.0 + lambda) * (2.0 + lambda));
    assert!((f64::from(m.likeness(0, 1).unwrap()) - partial).abs() < 1e-6);
    assert_eq!(m.likeness(0, 0), Some(1.0));
    // Σ (x − ŷ)² + λ b² for each of the two, over four people and two items.
    let left = |own: f64, other: f64| own - 4.0 / (other + lambda);
    let want = math::sqrt((left(3.0, 2.0) + left(2.0, 3.0)) / 8.0);
    assert!((loss - want).abs() < 1e-6, "{loss} {want}");
    let Person::Solved(s) = m.fold_in(&[(0, 5.0)]) else { unreachable!("there is a rating") };
    // Both items were chosen equally often: they get the same for it, ½ / (½ + 1).
    assert_eq!(s.ranks.unwrap(), [1.0 / 3.0, 1.0 / 3.0 + m.weights.weight(0, 1)]);
}

/// Against XᵀWX + λ I made and inverted the plain way, in double precision.
#[test]
fn many_items_are_what_a_dense_inverse_says() {
    let x = world();
    let p = EaseParams::default();
    let (m, _) = learned(&x, p, 500);
    let n = x.items.len();
    let mut table = vec![vec![0f64; n]; x.users.len()];
    for r in 0..x.len() {
        // 2 of 0.5–5 stands at a third of the scale, of which a liking is three quarters.
        table[x.user[r] as usize][x.item[r] as usize] =
            if x.rating[r] > 4.0 { 1.0 } else { 0.5 * (1.5 / 4.5) / 0.75 };
    }
    let said: Vec<f64> = table.iter().map(|row| row.iter().sum()).collect();
    let raw: Vec<f64> = said.iter().map(|s| 1.0 / math::sqrt(*s)).collect();
    let mean = said.iter().sum::<f64>() / said.iter().zip(&raw).map(|(s, w)| s * w).sum::<f64>();
    let mut a = vec![vec![0f64; 2 * n]; n];
    for i in 0..n {
        for j in 0..n {
            a[i][j] = (0..table.len()).map(|u| mean * raw[u] * table[u][i] * table[u][j]).sum();
        }
        a[i][i] += p.regularization * math::sqrt(x.users.len() as f64);
        a[i][n + i] = 1.0;
    }
    for k in 0..n {
        let pivot = a[k][k];
        a[k].iter_mut().for_each(|v| *v /= pivot);
        let row = a[k].clone();
        for i in (0..n).filter(|&i| i != k) {
            let w = a[i][k];
            a[i].iter_mut().zip(&row).for_each(|(v, r)| *v -= w * r);
        }
    }
    for i in 0..n {
        for j in (0..n).filter(|&j| j != i) {
            let want = -a[i][n + j] / a[j][n + j];
            let got = f64::from(m.weights.weight(i as u32, j as u32));
            assert!((got - want).abs() < 1e-5, "{i} {j}: {got} {want}");
        }
    }
}

#[test]
fn steps_of_any_size_give_the_same_bytes() {
    let x = world();
    let bytes = |budget| {
        let (model, loss) = learned(&x, EaseParams::default(), budget);
        (Model::Ease(model).write(People::Drop).unwrap(), loss.to_bits())
    };
    assert!(bytes(1) == bytes(usize::MAX));
}

#[test]
fn only_the_largest_weights_and_the_most_liked_items_stay() {
    let x = world();
    let (all, _) = learned(&x, plain(), 1000);
    let (few, _) = learned(&x, EaseParams { neighbours: 5, ..plain() }, 1000);
    assert_eq!(few.weights.len(), 70 * 5);
    for j in 0..70 {
        let column = |m: &Ease| (0..70).map(|i| m.weights.weight(i, j)).collect::<Vec<f32>>();
        let (whole, thin) = (column(&all), column(&few));
        let least = thin.iter().filter(|w| **w != 0.0).map(|w| w.abs()).fold(f32::MAX, f32::min);
        for (w, t) in whole.iter().zip(&thin) {
            assert!(t == w || (*t == 0.0 && w.abs() <= least));
        }
    }
    let (capped, _) = learned(&x, EaseParams { max_items: 10, ..plain() }, 1000);
    assert_eq!(capped.weights.len(), 90);
    let liked = |i: u32| (0..x.len()).filter(|&r| x.item[r] == i && x.rating[r] > 4.0).count();
    let scored = |i: u32| (0..70).any(|j| capped.weights.weight(i, j) != 0.0);
    let least = (0..70).filter(|&i| scored(i)).map(liked).min();
    assert!((0..70).filter(|&i| !scored(i)).all(|i| Some(liked(i)) <= least));
    assert!(capped.fold_in(&[(0, 5.0)]).is_personal());
}

#[test]
fn contributions_sum_to_the_score() {
    let (m, _) = learned(&world(), EaseParams::default(), 1000);
    let history = [(0, 5.0), (3, 1.0), (6, 0.5), (8, 4.0)];
    let person = m.fold_in(&history);
    for item in 0..70 {
        let parts = m.contributions(&person, item, &history);
        assert!((m.baseline(item) + parts.iter().sum::<f64>() - m.score(&person, item)).abs() < 1e-12);
    }
    let Person::Solved(s) = m.fold_in(&[(3, 1.0)]) else { unreachable!("there is a rating") };
    assert!(s.ranks.is_none(), "who likes nothing yet is shown what is liked in general");
}

#[test]
fn nothing_liked_is_nothing_learned() {
    let mut x = world();
    x.rating.fill(1.0);
    let (m, loss) = learned(&x, EaseParams::default(), 10);
    assert_eq!((m.weights.len(), loss), (0, 0.0));
    let bytes = Model::Ease(m).write(People::Drop).unwrap();
    assert!(Model::read(&bytes).unwrap().fold_in(&[(0, 5.0)]).is_personal());
}

#[test]
fn a_file_that_lies_is_refused() {
    let written = |items: &[u32], counts: &[u32], columns: &[u32], weights: &[f32]| {
        let mut w = Writer::new("test", &Value::Null);
        w.u32("ease_items", items);
        w.f32("ease_scale", &[items.len()], &vec![1.0; items.len()]);
        w.u32("ease_counts", counts);
        w.u32("ease_columns", columns);
        w.f32("ease_weights", &[weights.len()], weights);
        let bytes = w.finish().unwrap();
        let mut r = Reader::open(&bytes, "test").unwrap();
        Weights::read(&mut r, 4).map(|w| w.weight(3, 1)).map_err(|e| e.place().to_owned())
    };
    assert_eq!(written(&[1, 3], &[1, 1], &[1], &[0.25, 0.5]), Ok(0.5));
    let refused = |place: &str| Err(place.to_owned());
    assert_eq!(written(&[3, 1], &[1, 1], &[1], &[0.25, 0.5]), refused("ease_items"));
    assert_eq!(written(&[1, 4], &[1, 1], &[1], &[0.25, 0.5]), refused("ease_items"));
    assert_eq!(written(&[1, 3], &[1, 2], &[1], &[0.25, 0.5]), refused("ease_counts"));
    assert_eq!(written(&[1, 3], &[1, 1], &[2], &[0.25, 0.5]), refused("ease_columns"));
    assert_eq!(written(&[1, 3], &[2, 0], &[1], &[0.25, 0.5]), refused("ease_columns"));
    assert_eq!(written(&[1, 3], &[1, 0], &[0x10001], &[0.25]), refused("ease_columns"));
}
