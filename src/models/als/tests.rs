//! What a trained model says, against what it must say.

use super::*;
use crate::ground::math;
use crate::models::fit::{Finish, Fit};

/// Sixty people; even ones like even items, odd ones odd items; item 20 is liked by nobody.
pub(super) fn world() -> Interactions {
    let mut x = Interactions::default();
    for i in 0..20 {
        x.items.intern(&format!("i{i}"));
    }
    for u in 0..60 {
        for i in (0..20).filter(|i| (u + i) % 5 != 0) {
            let rating = if u % 2 == i % 2 { 4.5 } else { 1.5 };
            x.push(&format!("u{u}"), &format!("i{i}"), rating, 0.0);
        }
        x.push(&format!("u{u}"), "i20", 1.0, 0.0);
    }
    x
}

fn model(params: AlsParams) -> ImplicitAls {
    let mut fit = Alternation::new(&world(), params, 1);
    for _ in 0..params.epochs {
        while fit.advance(1000).unwrap().is_none() {}
    }
    match Box::new(fit).finish(&world()) {
        Model::ImplicitAls(model) => model,
        _ => unreachable!(),
    }
}

fn small() -> ImplicitAls {
    model(AlsParams { factors: 6, ..AlsParams::default() })
}

const HISTORY: [(u32, f64); 4] = [(0, 5.0), (3, 1.0), (6, 4.5), (8, 4.0)];

/// ∂/∂x of the person's objective is zero at the solution: Σ_i c_i (x·y_i − p_i) y_i + λ x.
#[test]
fn a_person_is_solved_for_exactly() {
    let m = small();
    let e = m.equations(&HISTORY).unwrap();
    let liked = 3.0 * m.params.alpha;
    let prior = m.params.prior(liked, 20);
    let mut gradient: Vec<f64> = e.x.iter().map(|x| prior * x).collect();
    for i in 0..21 {
        let likes = HISTORY.iter().any(|h| h.0 == i && h.1 >= 4.0);
        let (c, p) = if likes { (1.0 + m.params.alpha, 1.0) } else { (1.0, 0.0) };
        let miss = c * (m.preference(&e, i) - p);
        for (g, y) in gradient.iter_mut().zip(m.embedding(i).unwrap()) {
            *g += miss * f64::from(y);
        }
    }
    assert!(gradient.iter().all(|g| g.abs() < 1e-9), "{gradient:?}");
}

#[test]
fn likings_are_ranked_and_ratings_follow() {
    let m = small();
    let Person::Solved(s) = m.fold_in(&HISTORY) else { unreachable!("there are ratings") };
    let ranks = s.ranks.unwrap();
    for i in (0..20).step_by(2) {
        assert!(ranks[i] > ranks[i + 1] && s.ratings[i] > s.ratings[i + 1], "{i}");
    }
    let Person::Solved(s) = m.fold_in(&[(3, 1.0)]) else { unreachable!("there is a rating") };
    assert!(s.ranks.is_none(), "who likes nothing yet is shown what is liked in general");
    assert!(matches!(m.fold_in(&[]), Person::Anyone));
}

#[test]
fn contributions_sum_to_the_score() {
    let m = small();
    let person = m.fold_in(&HISTORY);
    for item in 0..21 {
        let parts = m.contributions(&person, item, &HISTORY);
        let sum = m.baseline(item) + parts.iter().sum::<f64>();
        assert!((sum - m.score(&person, item)).abs() < 1e-12);
    }
    let e = m.equations(&HISTORY).unwrap();
    let parts = m.parts(&e, 2, &HISTORY);
    assert!((parts.iter().sum::<f64>() - m.preference(&e, 2)).abs() < 1e-9, "without any settling");
    assert_eq!(parts[1], 0.0, "what is not liked says nothing");
}

#[test]
fn leaving_an_item_out_is_what_solving_without_it_gives() {
    let m = small();
    let e = m.equations(&HISTORY).unwrap();
    for at in [0, 2, 3] {
        let (item, rating) = HISTORY[at];
        let mut rest = HISTORY.to_vec();
        rest.remove(at);
        // The prior depends on how much is liked; here it must be the same.
        let flat = ImplicitAls { params: AlsParams { frequency_scaling: 0.0, ..m.params }, ..m.clone() };
        let (whole, without) = (flat.equations(&HISTORY).unwrap(), flat.equations(&rest).unwrap());
        let want = flat.preference(&without, item);
        assert!((flat.without(&whole, item, rating) - want).abs() < 1e-9);
    }
    assert_eq!(m.without(&e, 3, 1.0), m.preference(&e, 3));
}

#[test]
fn more_factors_than_items_are_no_trouble() {
    let m = model(AlsParams { factors: 70, epochs: 3, regularization: 1e-6, ..AlsParams::default() });
    let Person::Solved(s) = m.fold_in(&HISTORY) else { unreachable!("there are ratings") };
    assert!(s.ratings.iter().all(|r| r.is_finite()));
}

#[test]
fn ratings_weigh_as_they_are_asked_to() {
    let with =
        |weighting: usize| AlsParams { weighting, liked_from: 0.0, alpha: 2.0, ..AlsParams::default() };
    let scale = crate::data::Scale { min: 1.0, max: 5.0, step: 1.0 };
    let weight = |p: AlsParams, r: f64| p.confidence(scale, r).unwrap();
    assert_eq!((weight(with(0), 1.0), weight(with(0), 5.0)), (2.0, 2.0));
    assert!(with(1).confidence(scale, 1.0).is_none(), "a weight of nothing is no liking");
    assert_eq!((weight(with(1), 3.0), weight(with(1), 5.0)), (1.0, 2.0));
    assert_eq!(weight(with(2), 3.0), 2.0 * math::ln(4.0));
    let strict = AlsParams::default();
    assert!(strict.confidence(scale, 3.9).is_none() && strict.confidence(scale, 4.0).is_some());
    let flat = AlsParams { frequency_scaling: 0.0, ..strict };
    assert_eq!(flat.prior(100.0, 50), flat.regularization);
    let scaled = AlsParams { frequency_scaling: 1.0, ..strict };
    assert!((scaled.prior(100.0, 50) - 150.0 * strict.regularization).abs() < 1e-9);
}

#[test]
fn a_warm_start_goes_on_where_the_model_was() {
    let params = AlsParams { factors: 6, ..AlsParams::default() };
    let begin = |x: &Interactions, params| Box::new(Alternation::new(x, params, 1));
    let round = |fit: &mut Alternation| fit.advance(usize::MAX).unwrap().unwrap();
    let mut less = Interactions::default();
    let x = world();
    for r in (0..x.len()).filter(|&r| x.user[r] < 50 && x.item[r] != 7) {
        let (user, item) = (&x.users.ids()[x.user[r] as usize], &x.items.ids()[x.item[r] as usize]);
        less.push(user, item, x.rating[r], 0.0);
    }
    let mut first = begin(&less, params);
    let last = (0..15).map(|_| round(&mut first)).last().unwrap();
    let first = first.finish(&less);
    let (mut warm, mut cold) = (begin(&x, params), begin(&x, params));
    warm.warm(&first, &x).unwrap();
    let (w, c) = (round(&mut warm), round(&mut cold));
    assert!(w < 0.8 * c && w < 1.1 * last, "{w} {c} {last}");
    // The new item and the new people are like the others by now.
    let rank = warm.rank(59).unwrap();
    assert!(rank[7] > rank[8] + 0.2, "odd people like odd items: {} {}", rank[7], rank[8]);

    let refused = begin(&x, AlsParams { factors: 7, ..params }).warm(&first, &x).unwrap_err();
    assert_eq!((refused.place(), refused.expectation(), refused.found()), ("params.factors", "6", "7"));

    // Where nobody liked anything, nothing was learned: chance begins, or nothing would ever be.
    let nothing = AlsParams { liked_from: 1.0, ..params };
    let nothing = begin(&x, nothing).finish(&x);
    let mut warm = begin(&x, params);
    warm.warm(&nothing, &x).unwrap();
    assert_eq!(round(&mut warm), c);
    // And what nobody likes any more is at zero.
    let mut strict = begin(&x, AlsParams { liked_from: 1.0, ..params });
    strict.warm(&first, &x).unwrap();
    round(&mut strict);
    assert!(strict.rank(59).unwrap().iter().all(|&x| x == 0.0));
}
