//! What is learned from and what is held out, person by person, and what a model says of it.

use super::CAUTION;
use crate::data::ratings::Csr;
use crate::data::{Catalog, Interactions};
use crate::eval::{Frame, Held, Scores, Sets, ranking, relevant_from};
use crate::ground::math;
use crate::ground::sort::sort_by;
use crate::ground::top::top_k;
use crate::models::Model;
use core::cell::OnceCell;
use std::rc::Rc;

/// Most people whose lists are looked at after each epoch: the curve needs a direction, not a third decimal.
const CURVE_PEOPLE: usize = 200;
/// Most item scores for one point of the curve, so that it takes no longer than a step.
const CURVE_SCORES: usize = 2_000_000;

/// Both sides of a split with all that measuring needs, shared by the trainings that sit the same exam.
pub(super) struct Exam {
    pub train: Interactions,
    pub test: Interactions,
    most: usize,
    sides: OnceCell<Sides>,
    genres: Option<Sets>,
    k: usize,
    frame: OnceCell<Rc<Frame>>,
}

/// Both sides by person.
struct Sides {
    /// People with held-out ratings.
    people: Vec<u32>,
    held: Vec<Held>,
    /// Training ratings (item, rating), by item.
    histories: Vec<Vec<(u32, f64)>>,
}

impl Exam {
    /// Both parts must share their vocabularies.
    pub fn new(train: Interactions, test: Interactions, catalog: Option<&Catalog>, k: usize) -> Exam {
        let genres = if test.is_empty() { None } else { catalog.and_then(|c| genres(&train, c)) };
        Exam { train, test, most: usize::MAX, sides: OnceCell::new(), genres, k, frame: OnceCell::new() }
    }

    /// With at most so many people to be measured on, evenly picked.
    pub fn with_at_most(mut self, most: usize) -> Exam {
        self.most = most;
        self
    }

    /// Whether the ratings have been put in order by person; a million take as long as a step.
    pub fn is_sorted(&self) -> bool {
        self.sides.get().is_some()
    }

    /// Puts them in order, unless they are.
    pub fn sort(&self) {
        self.sides();
    }

    fn sides(&self) -> &Sides {
        self.sides.get_or_init(|| sides(&self.train, &self.test, self.most))
    }

    /// People to be measured on.
    pub fn people(&self) -> &[u32] {
        &self.sides().people
    }

    /// What is held out of a person's ratings.
    pub fn held(&self, person: u32) -> &Held {
        &self.sides().held[person as usize]
    }

    /// What is measured against.
    pub fn frame(&self) -> Rc<Frame> {
        self.frame.get_or_init(|| Rc::new(Frame::new(&self.train, self.k, self.genres.clone()))).clone()
    }

    /// A person's held-out ratings predicted and all items ranked: everybody is folded in from their training ratings,
    /// as they would be when served.
    pub fn score(&self, model: &Model, person: u32) -> Scores {
        let (held, history) = (self.held(person), &self.sides().histories[person as usize]);
        let person = model.fold_in(history);
        let (scale, noise) = (model.scale(), model.noise() * model.noise());
        let deviation = |item| math::sqrt(model.variance(&person, item) + noise);
        Scores {
            predicted: held.test.iter().map(|&(i, _)| scale.clip(model.score(&person, i))).collect(),
            deviation: Some(held.test.iter().map(|t| deviation(t.0)).collect()),
            ranked: model.rank_all(&person, CAUTION),
        }
    }

    /// What [`Exam::score`] costs, in units of budget.
    pub fn effort(&self, model: &Model, person: u32) -> usize {
        let held = self.held(person);
        model.effort(held.seen.len(), held.test.len())
    }

    /// nDCG at 10 of people evenly picked from those with something relevant held out; `rank` scores all items for a
    /// person. `None` where there is nobody, or nothing is ranked yet.
    pub fn curve_ndcg(&self, rank: &dyn Fn(u32) -> Option<Vec<f32>>) -> Option<f64> {
        let (Sides { people, held, .. }, test) = (self.sides(), &self.test);
        let from = relevant_from(test.scale.min, test.scale.max);
        let fit = |u: &u32| held[*u as usize].test.iter().any(|t| t.1 >= from);
        let people: Vec<u32> = people.iter().copied().filter(fit).collect();
        let most = CURVE_PEOPLE.min(CURVE_SCORES / test.items.len().max(1)).max(1);
        let stride = people.len().div_ceil(most).max(1);
        let mut values = Vec::new();
        for &u in people.iter().step_by(stride) {
            let (scores, held) = (rank(u)?, &held[u as usize]);
            let unseen = scores.iter().enumerate().map(|(i, &s)| (i as u32, s));
            let list = top_k(unseen.filter(|(i, _)| held.seen.binary_search(i).is_err()), 10);
            let relevant = |i: u32| held.test.iter().any(|t| t.0 == i && t.1 >= from);
            let hits: Vec<bool> = list.iter().map(|l| relevant(l.0)).collect();
            let count = held.test.iter().filter(|t| t.1 >= from).count();
            values.push(ranking::ndcg_at(&hits, count, 10));
        }
        (!values.is_empty()).then(|| math::mean(values))
    }
}

/// Genres of each item, ascending; `None` where the catalog knows of none.
fn genres(train: &Interactions, catalog: &Catalog) -> Option<Sets> {
    let sets = train.items.ids().iter().map(|id| {
        let mut set = catalog.ids().get(id).map_or_else(Vec::new, |i| catalog.genres_of(i).to_vec());
        sort_by(&mut set, u32::cmp);
        set.dedup();
        set
    });
    let sets: Vec<Vec<u32>> = sets.collect();
    sets.iter().any(|set| !set.is_empty()).then(|| Sets::new(sets.iter().map(Vec::as_slice)))
}

/// Held-out ratings and training ratings of each person; at most so many people are measured on, evenly picked.
fn sides(train: &Interactions, test: &Interactions, most: usize) -> Sides {
    let n = if test.is_empty() { 0 } else { train.users.len().max(test.users.len()) };
    let mut held = vec![Held::default(); n];
    let mut histories = vec![Vec::new(); n];
    if n > 0 {
        // By item and from there by person: everybody's come in order without being sorted.
        let by_user = Csr::by_item(train).transpose(n);
        for (person, (held, history)) in held.iter_mut().zip(&mut histories).enumerate() {
            let (items, ratings) = by_user.row(person as u32);
            held.seen = items.to_vec();
            *history = items.iter().zip(ratings).map(|(&i, &r)| (i, f64::from(r))).collect();
        }
    }
    for r in 0..test.len() {
        held[test.user[r] as usize].test.push((test.item[r], f64::from(test.rating[r])));
    }
    let people: Vec<u32> = (0..n as u32).filter(|&u| !held[u as usize].test.is_empty()).collect();
    let stride = people.len().div_ceil(most).max(1);
    Sides { people: people.into_iter().step_by(stride).collect(), held, histories }
}
