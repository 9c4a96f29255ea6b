//! The model as a whole.

use super::*;
use crate::models::fit::Finish;
use crate::models::fit::Lesson;
use crate::models::spec::Spec;

/// Two tastes: of ten people each likes most items of their own half and some of the other's.
pub fn world() -> Interactions {
    let mut x = Interactions::default();
    for u in 0..10u32 {
        for i in 0..14u32 {
            if (u * 5 + i * 3) % 7 != 0 {
                let liked = (i % 2 == u % 2) != ((u + i) % 6 == 0);
                x.push(&format!("u{u}"), &format!("i{i}"), if liked { 4.5 } else { 2.0 }, 0.0);
            }
        }
    }
    x
}

fn trained(epochs: usize) -> NeuralCf {
    let x = world();
    let params = NcfParams { factors: 5, layer_factors: 3, hidden: 6, epochs, ..NcfParams::default() };
    let mut fit = (RECIPE.begin)(&params.settings(), &Lesson { data: &x, catalog: None }, 1).unwrap();
    for _ in 0..epochs {
        fit.advance(usize::MAX).unwrap();
    }
    match fit.finish(&x) {
        Model::NeuralCf(model) => model,
        _ => unreachable!("it is what was begun"),
    }
}

const HISTORY: [(u32, f64); 5] = [(0, 5.0), (3, 1.0), (4, 4.0), (6, 4.5), (9, 2.0)];

fn solved(model: &NeuralCf, history: &[(u32, f64)]) -> Solved {
    match model.fold_in(history) {
        Person::Solved(solved) => solved,
        _ => unreachable!("there is a history"),
    }
}

/// The gradient and the curvature of a person's problem, against finite differences.
#[test]
fn steps_towards_a_person_follow_the_gradient() {
    let model = trained(8);
    let problem = model.problem(&HISTORY).unwrap();
    let (mut solver, width) = (Solver::default(), model.net.shape.factors());
    let x: Vec<f32> = (0..width).map(|l| if l % 8 < 3 { 0.3 - 0.1 * (l % 5) as f32 } else { 0.0 }).collect();
    let mut at = |x: &[f32]| {
        let loss = solver.look(&model.net, &model.rows, &problem, x);
        loss + 0.5 * 2.0 * f64::from(crate::ground::math::dot(x, x))
    };
    let h = 2.5e-4f32;
    let wanted: Vec<f64> = (0..width)
        .map(|l| {
            let (mut up, mut down) = (x.clone(), x.clone());
            up[l] += h;
            down[l] -= h;
            (at(&up) - at(&down)) / f64::from(2.0 * h)
        })
        .collect();
    at(&x);
    let got = solver.curvature(&model.net, &model.rows, &problem, 2.0, &x).unwrap();
    for (l, (want, got)) in wanted.iter().zip(got.gradient()).enumerate() {
        assert!((want - got).abs() < 0.03 * want.abs().max(0.3), "{l}: {want} {got}");
    }
}

#[test]
fn a_person_is_where_the_gradient_ends() {
    let model = trained(12);
    let (problem, mut solver, x) = model.solve(&HISTORY).unwrap();
    let prior = model.params.person_prior(problem.liked);
    let at = solver.curvature(&model.net, &model.rows, &problem, prior, &x).unwrap();
    let size = |v: &[f64]| v.iter().map(|g| g * g).sum::<f64>();
    let mut start = Solver::default();
    let zero = vec![0f32; x.len()];
    start.look(&model.net, &model.rows, &problem, &zero);
    let from = start.curvature(&model.net, &model.rows, &problem, prior, &zero).unwrap();
    assert!(
        size(at.gradient()) < 1e-4 * size(from.gradient()),
        "{} {}",
        size(at.gradient()),
        size(from.gradient())
    );
    assert_eq!(solved(&model, &HISTORY).ratings, solved(&model, &HISTORY).ratings);
}

#[test]
fn what_ratings_contribute_adds_up_and_likings_speak_for_their_like() {
    let model = trained(40);
    let person = model.fold_in(&HISTORY);
    for item in 0..14 {
        let parts = model.contributions(&person, item, &HISTORY);
        let sum: f64 = model.baseline(item) + parts.iter().sum::<f64>();
        assert!((sum - model.score(&person, item)).abs() < 1e-9, "{item}");
    }
    // Of the preference alone: nearly all of it is told before anything is shared out.
    let s = solved(&model, &HISTORY);
    let x = model.padded(s.factors.as_deref().unwrap());
    for item in 0..14u32 {
        let parts = model.parts(&x, item, &HISTORY);
        let preference = f64::from(s.ranks.as_ref().unwrap()[item as usize] - model.plain[item as usize]);
        assert!((parts.iter().sum::<f64>() - preference).abs() < 1e-5, "{item}");
        assert_eq!((parts[1], parts[4]), (0.0, 0.0), "what is not liked has no part in it");
    }
    assert!(
        model.parts(&x, 2, &HISTORY).iter().sum::<f64>() > model.parts(&x, 5, &HISTORY).iter().sum::<f64>()
    );
}

#[test]
fn what_is_read_back_is_the_same() {
    let model = Model::NeuralCf(trained(3));
    for people in [People::Keep, People::Drop] {
        let bytes = model.write(people).unwrap();
        let back = Model::read(&bytes).unwrap();
        assert_eq!(back.write(people).unwrap(), bytes);
        let ranks = |m: &Model| m.rank_all(&m.fold_in(&HISTORY), 1.0);
        assert_eq!(ranks(&back), ranks(&model));
        assert_eq!(back.embedding(3).map(|e| e.len()), Some(8));
        assert_eq!(back.trained_embedding("u3").is_some(), people == People::Keep);
    }
}

#[test]
fn nothing_liked_is_an_answer() {
    let model = trained(3);
    assert!(matches!(model.fold_in(&[]), Person::Anyone));
    let s = solved(&model, &[(2, 1.0)]);
    assert_eq!(s.ranks.unwrap(), model.plain);
    assert_eq!(s.factors.unwrap(), vec![0.0; 8]);
    assert!(f64::from(s.ratings[0]) < model.baseline(0), "but it tells of a strict person");
    let mut x = world();
    x.rating.iter_mut().for_each(|r| *r = 1.0);
    let spec = Spec::new("neural-cf", None).unwrap();
    let mut fit = spec.begin(&Lesson { data: &x, catalog: None }, 1).unwrap();
    assert_eq!(fit.advance(1).unwrap(), Some(0.0), "nobody likes anything");
    let model = fit.finish(&x);
    assert!(model.score_all(&model.fold_in(&HISTORY)).iter().all(|r| r.is_finite()));
}
