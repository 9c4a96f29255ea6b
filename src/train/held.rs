//! Held-out ratings, person by person, and what a model says of them.

use super::CAUTION;
use crate::data::Interactions;
use crate::eval::{Held, Scores, ranking, relevant_from};
use crate::ground::math;
use crate::ground::sort::sort_by;
use crate::ground::top::top_k;
use crate::models::Model;

/// Most people whose lists are looked at after each epoch: the curve needs a direction, not a third decimal.
const CURVE_PEOPLE: usize = 200;
/// Most item scores for one point of the curve, so that it takes no longer than a step.
const CURVE_SCORES: usize = 2_000_000;

/// A person's held-out ratings predicted and all items ranked: everybody is folded in from their training ratings,
/// as they would be when served.
pub(super) fn score(model: &Model, held: &Held, history: &[(u32, f64)]) -> Scores {
    let person = model.fold_in(history);
    let scale = model.scale();
    Scores {
        predicted: held.test.iter().map(|&(i, _)| scale.clip(model.score(&person, i))).collect(),
        ranked: model.rank_all(&person, CAUTION),
    }
}

/// Held-out ratings and training ratings of each person, by row.
pub(super) fn people(train: &Interactions, test: &Interactions) -> (Vec<Held>, Vec<Vec<(u32, f64)>>) {
    if test.is_empty() {
        return Default::default();
    }
    let n = train.users.len().max(test.users.len());
    let mut held = vec![Held::default(); n];
    let mut histories = vec![Vec::new(); n];
    for r in 0..train.len() {
        histories[train.user[r] as usize].push((train.item[r], f64::from(train.rating[r])));
    }
    for r in 0..test.len() {
        held[test.user[r] as usize].test.push((test.item[r], f64::from(test.rating[r])));
    }
    for (h, history) in held.iter_mut().zip(&mut histories) {
        sort_by(history, |a, b| a.0.cmp(&b.0));
        h.seen = history.iter().map(|x| x.0).collect();
    }
    (held, histories)
}

/// nDCG at 10 of people evenly picked from those with something relevant held out; `rank` scores all items for a
/// person. `None` where there is nobody, or nothing is ranked yet.
pub(super) fn curve_ndcg(
    held: &[Held],
    test: &Interactions,
    rank: &dyn Fn(u32) -> Option<Vec<f32>>,
) -> Option<f64> {
    let from = relevant_from(test.scale.min, test.scale.max);
    let fit = |h: &Held| h.test.iter().any(|t| t.1 >= from);
    let people: Vec<usize> = (0..held.len()).filter(|&u| fit(&held[u])).collect();
    let most = CURVE_PEOPLE.min(CURVE_SCORES / test.items.len().max(1)).max(1);
    let stride = people.len().div_ceil(most).max(1);
    let mut values = Vec::new();
    for &u in people.iter().step_by(stride) {
        let scores = rank(u as u32)?;
        let unseen = scores.iter().enumerate().map(|(i, &s)| (i as u32, s));
        let list = top_k(unseen.filter(|(i, _)| held[u].seen.binary_search(i).is_err()), 10);
        let relevant = |i: u32| held[u].test.iter().any(|t| t.0 == i && t.1 >= from);
        let hits: Vec<bool> = list.iter().map(|l| relevant(l.0)).collect();
        let count = held[u].test.iter().filter(|t| t.1 >= from).count();
        values.push(ranking::ndcg_at(&hits, count, 10));
    }
    (!values.is_empty()).then(|| math::mean(values))
}
