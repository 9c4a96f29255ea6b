//! What is learned from and what is held out, person by person, and what a model says of it.

use super::CAUTION;
use crate::data::feedback::Beside;
use crate::data::ratings::Csr;
use crate::data::split::part;
use crate::data::{Catalog, Interactions};
use crate::eval::{Frame, Held, Scores, Sets, ranking, relevant_from};
use crate::ground::math;
use crate::ground::sort::{order, sort_by};
use crate::ground::top::top_k;
use crate::models::{Model, Past, Person, Spec};
use core::cell::OnceCell;
use std::rc::Rc;

/// Most people whose lists are looked at after each epoch: the curve needs a direction, not a third decimal.
const CURVE_PEOPLE: usize = 200;
/// Most item scores for one point of the curve.
const CURVE_SCORES: usize = 2_000_000;
/// People of the curve in a step: a network takes a millisecond for each where a product takes a twentieth.
pub(super) const CURVE_STEP: usize = 25;

/// Both sides of a split with all that measuring needs, shared by the trainings that sit the same exam.
pub(super) struct Exam {
    /// The one this learns a share of: what is held out, seen and measured against is the same.
    whole: Option<Rc<Exam>>,
    pub train: Interactions,
    pub test: Interactions,
    most: usize,
    /// What models learn from that know of no circumstances, where that differs.
    blind: OnceCell<Option<Interactions>>,
    sides: OnceCell<Sides>,
    genres: Option<Sets>,
    k: usize,
    frame: OnceCell<Rc<Frame>>,
}

/// Both sides by person, items in order.
struct Sides {
    train: Csr,
    test: Csr,
    /// Rows of both, in their order, where circumstances are known.
    rows: Option<[Csr; 2]>,
    /// People to be measured on.
    people: Vec<u32>,
    /// Those of them whose lists are looked at after each epoch.
    curve: Vec<u32>,
}

impl Exam {
    /// Both parts must share their vocabularies.
    pub fn new(train: Interactions, test: Interactions, catalog: Option<&Catalog>, k: usize) -> Exam {
        let genres = if test.is_empty() { None } else { catalog.and_then(|c| genres(&train, c)) };
        Exam {
            whole: None,
            train,
            test,
            most: usize::MAX,
            blind: OnceCell::new(),
            sides: OnceCell::new(),
            genres,
            k,
            frame: OnceCell::new(),
        }
    }

    /// The same exam for who learns a share of its training ratings only, drawn by the seed: nobody is folded in from
    /// more than that either.
    pub fn less(whole: &Rc<Exam>, share: f64, seed: u64) -> Exam {
        let train = whole.train.rows(&part(whole.train.len(), share, seed));
        let mut less = Exam::new(train, whole.test.clone(), None, whole.k).with_at_most(whole.most);
        less.whole = Some(whole.clone());
        less
    }

    /// With at most so many people to be measured on, evenly picked.
    pub fn with_at_most(mut self, most: usize) -> Exam {
        self.most = most;
        self
    }

    /// What a model learns from: where it knows of no circumstances, each pair once.
    pub fn lesson(&self, spec: &Spec) -> &Interactions {
        let blind = self.blind.get_or_init(|| self.train.regardless());
        blind.as_ref().filter(|_| !spec.sees_circumstances()).unwrap_or(&self.train)
    }

    /// Whether the ratings have been put in order by person; a million take as long as a step.
    pub fn is_sorted(&self) -> bool {
        self.sides.get().is_some() && self.whole.as_ref().is_none_or(|whole| whole.is_sorted())
    }

    /// Puts them in order, unless they are; where there are two of them, one at a time.
    pub fn sort(&self) {
        match &self.whole {
            Some(whole) if !whole.is_sorted() => whole.sort(),
            _ => _ = self.sides(),
        }
    }

    fn sides(&self) -> &Sides {
        self.sides.get_or_init(|| sides(&self.train, &self.test, self.most))
    }

    /// People to be measured on.
    pub fn people(&self) -> &[u32] {
        &self.sides().people
    }

    /// What is held out of a person's ratings.
    pub fn held(&self, person: u32) -> Held {
        // What a share leaves out has been seen all the same: the lists are made of the same items.
        let Sides { train, test, .. } = self.whole.as_deref().unwrap_or(self).sides();
        Held { seen: train.row(person).0.to_vec(), test: pairs(test, person) }
    }

    /// What is measured against.
    pub fn frame(&self) -> Rc<Frame> {
        if let Some(whole) = &self.whole {
            return whole.frame();
        }
        self.frame.get_or_init(|| Rc::new(Frame::new(&self.train, self.k, self.genres.clone()))).clone()
    }

    /// A person's held-out ratings predicted and all items ranked: everybody is folded in from their training ratings,
    /// as they would be when served.
    pub fn score(&self, model: &Model, person: u32) -> Scores {
        let held = self.held(person);
        let rows = self.sides().rows.as_ref().map(|r| r.each_ref().map(|side| side.row(person).0));
        let person = self.solved(model, person);
        // In other circumstances somebody is another.
        let moments = rows.filter(|_| !model.circumstances().is_empty()).map(|[_, test]| test);
        let said = |(at, item): (usize, u32)| match moments {
            Some(rows) => model.score_in(&person, &self.test.context.moment(rows[at] as usize), item),
            None => (model.score(&person, item), model.variance(&person, item)),
        };
        let (scale, noise) = (model.scale(), model.noise() * model.noise());
        // A model may know more of the catalog than was rated.
        let mut ranked = model.rank_all(&person, CAUTION);
        ranked.truncate(self.train.items.len());
        let said: Vec<(f64, f64)> = held.test.iter().map(|t| t.0).enumerate().map(said).collect();
        Scores {
            predicted: said.iter().map(|(score, _)| scale.clip(*score)).collect(),
            deviation: Some(said.iter().map(|(_, variance)| math::sqrt(variance + noise)).collect()),
            ranked,
        }
    }

    /// Somebody, folded in from what is learned from.
    fn solved(&self, model: &Model, person: u32) -> Person {
        let Sides { train, rows, .. } = self.sides();
        let ratings = pairs(train, person);
        let Some([rows, _]) = rows else { return model.fold_in(&ratings) };
        let beside =
            |&row: &u32| Beside { moment: self.train.context.moment(row as usize), ..Beside::default() };
        model.recall(&Past { ratings, beside: rows.row(person).0.iter().map(beside).collect() })
    }

    /// What [`Exam::score`] costs, in units of budget.
    pub fn effort(&self, model: &Model, person: u32) -> usize {
        let Sides { train, test, .. } = self.sides();
        model.effort(train.count(person), test.count(person))
    }

    /// Adds the nDCG at 10 of up to `most` more people of the curve to what is there; false when there are no more.
    /// `rank` scores all items for a person; without an answer nobody is looked at.
    pub fn look(&self, rank: &dyn Fn(u32) -> Option<Vec<f32>>, most: usize, values: &mut Vec<f64>) -> bool {
        let (curve, test) = (&self.sides().curve, &self.test);
        let from = relevant_from(test.scale.min, test.scale.max);
        for &u in curve.iter().skip(values.len()).take(most) {
            let (Some(scores), held) = (rank(u), self.held(u)) else { return false };
            let unseen = scores.iter().enumerate().map(|(i, &s)| (i as u32, s));
            let list = top_k(unseen.filter(|(i, _)| held.seen.binary_search(i).is_err()), 10);
            let relevant = |i: u32| held.test.iter().any(|t| t.0 == i && t.1 >= from);
            let hits: Vec<bool> = list.iter().map(|l| relevant(l.0)).collect();
            let count = held.test.iter().filter(|t| t.1 >= from).count();
            values.push(ranking::ndcg_at(&hits, count, 10));
        }
        values.len() < curve.len()
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

/// A person's ratings.
fn pairs(of: &Csr, person: u32) -> Vec<(u32, f64)> {
    let (items, ratings) = of.row(person);
    items.iter().zip(ratings).map(|(&i, &r)| (i, f64::from(r))).collect()
}

/// Both sides in order; at most so many people are measured on, evenly picked.
fn sides(train: &Interactions, test: &Interactions, most: usize) -> Sides {
    let n = if test.is_empty() { 0 } else { train.users.len().max(test.users.len()) };
    // By item and from there by person: everybody's come in order without being sorted.
    let by_person = |x: &Interactions| if n > 0 { Csr::by_item(x).transpose(n) } else { Csr::default() };
    let rows = (n > 0 && !train.context.is_empty()).then(|| [train, test].map(|x| numbered(x, n)));
    let (train, test_rows) = (by_person(train), by_person(test));
    let people: Vec<u32> = (0..n as u32).filter(|&u| test_rows.count(u) > 0).collect();
    let people = evenly(people, most);
    let from = relevant_from(test.scale.min, test.scale.max);
    let fit = |u: &u32| test_rows.row(*u).1.iter().any(|&r| f64::from(r) >= from);
    let curve = CURVE_PEOPLE.min(CURVE_SCORES / test.items.len().max(1)).max(1);
    let curve = evenly(people.iter().copied().filter(fit).collect(), curve);
    Sides { train, test: test_rows, rows, people, curve }
}

/// Numbers of the rows of each person, by item and then as they come: the order of [`Csr::by_item`] and its transpose.
fn numbered(x: &Interactions, people: usize) -> Csr {
    let order = order(x.len(), &mut |a, b| x.item[a].cmp(&x.item[b]));
    Csr::new(people, order.into_iter().map(|r| (x.user[r as usize], r, 0.0)).collect::<Vec<_>>().into_iter())
}

/// At most so many, evenly picked.
fn evenly(people: Vec<u32>, most: usize) -> Vec<u32> {
    let stride = people.len().div_ceil(most).max(1);
    people.into_iter().step_by(stride).collect()
}
