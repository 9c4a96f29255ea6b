//! Learning: every member on all parts but one, in turn, and on everything at last.

use super::weights::Misses;
use super::{Ensemble, EnsembleParams, members};
use crate::codec::Tape;
use crate::data::feedback::Beside;
use crate::data::{Catalog, Interactions};
use crate::ground::json::{Value, object};
use crate::ground::rng::Rng;
use crate::ground::sort::order;
use crate::ground::{Code, Error, Result, math};
use crate::models::fit::{Fit, Lesson};
use crate::models::params::Settings;
use crate::models::spec::Spec;
use crate::models::{Known, Model, Past, Person, Unsettled};

/// Held-out ratings that weights are learned from: enough for eight numbers.
const MOST_HELD: usize = 20_000;

/// One training of one member.
#[allow(clippy::large_enum_variant)] // there is one
enum Work {
    /// Nothing yet.
    Next,
    Learning(Box<dyn Fit>, usize),
    Settling(Unsettled),
    /// Predicts what was held out, person by person.
    Predicting(Box<Model>, usize),
}

/// One part held out.
struct Turn {
    train: Interactions,
    /// The same with each pair once, for members that know of no circumstances.
    blind: Option<Interactions>,
    /// Rows of all ratings, by person: those learned from and those held out.
    people: Vec<(Vec<u32>, Vec<u32>)>,
}

/// A fit under way.
pub struct Stacking {
    settings: Settings,
    params: EnsembleParams,
    seed: u64,
    data: Interactions,
    blind: Option<Interactions>,
    catalog: Option<Catalog>,
    specs: Vec<Spec>,
    /// Why a member was left out.
    failed: Vec<Option<String>>,
    part: Vec<u8>,
    /// Parts that are done; the last one, after all, is everything.
    fold: usize,
    member: usize,
    turn: Option<Turn>,
    work: Work,
    /// Predictions of held-out rows, by member and row.
    predicted: Vec<Vec<f32>>,
    models: Vec<Option<Model>>,
    held: Vec<u32>,
}

impl core::fmt::Debug for Stacking {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} members, part {} of {}", self.specs.len(), self.fold, self.params.folds)
    }
}

/// Begins.
pub fn begin(settings: &Settings, lesson: &Lesson<'_>, seed: u64) -> Result<Box<dyn Fit>> {
    let (specs, params, data) = (members(settings)?, EnsembleParams::of(settings), lesson.data);
    let mut rng = Rng::new(seed, 6);
    let part: Vec<u8> = (0..data.len()).map(|_| rng.below(params.folds) as u8).collect();
    Ok(Box::new(Stacking {
        settings: settings.clone(),
        params,
        seed,
        blind: data.regardless(),
        data: data.clone(),
        catalog: lesson.catalog.cloned(),
        failed: vec![None; specs.len()],
        predicted: vec![vec![f32::NAN; data.len()]; specs.len()],
        models: specs.iter().map(|_| None).collect(),
        specs,
        part,
        fold: 0,
        member: 0,
        turn: None,
        work: Work::Next,
        held: Vec::new(),
    }))
}

impl Stacking {
    fn whole(&self) -> bool {
        self.fold == self.params.folds
    }

    /// What the present member learns from.
    fn lesson(&self) -> &Interactions {
        let sees = self.specs[self.member].sees_circumstances();
        match &self.turn {
            Some(turn) => turn.blind.as_ref().filter(|_| !sees).unwrap_or(&turn.train),
            None => self.blind.as_ref().filter(|_| !sees).unwrap_or(&self.data),
        }
    }

    /// Holds the present part out; of very many ratings, an even sample of people is asked for theirs.
    fn hold_out(&mut self) {
        let fold = self.fold as u8;
        let rows: Vec<u32> = (0..self.data.len() as u32).filter(|&r| self.part[r as usize] != fold).collect();
        let train = self.data.rows(&rows);
        let by_person = order(self.data.len(), &mut |a, b| self.data.user[a].cmp(&self.data.user[b]));
        let mut people = Vec::new();
        for own in by_person.chunk_by(|&a, &b| self.data.user[a as usize] == self.data.user[b as usize]) {
            let of = |held: bool| {
                let mut rows: Vec<u32> =
                    own.iter().copied().filter(|&r| (self.part[r as usize] == fold) == held).collect();
                crate::ground::sort::sort_by(&mut rows, |a, b| {
                    self.data.item[*a as usize].cmp(&self.data.item[*b as usize]).then(a.cmp(b))
                });
                rows
            };
            people.push((of(false), of(true)));
        }
        people.retain(|(_, held)| !held.is_empty());
        let stride = (self.data.len() / self.params.folds).div_ceil(MOST_HELD / self.params.folds).max(1);
        let people: Vec<_> = people.into_iter().step_by(stride).collect();
        self.held.extend(people.iter().flat_map(|(_, held)| held.iter().copied()));
        self.turn = Some(Turn { blind: train.regardless(), train, people });
    }

    /// The present member is done with the present part.
    fn advance_turn(&mut self) {
        self.work = Work::Next;
        self.member += 1;
        if self.member == self.specs.len() {
            (self.member, self.turn) = (0, None);
            self.fold += 1;
        }
    }

    /// Leaves the present member out.
    fn leave_out(&mut self, error: &Error) {
        self.failed[self.member] = Some(error.to_string());
        self.advance_turn();
    }

    fn past(&self, rows: &[u32]) -> Past {
        let rating = |&r: &u32| (self.data.item[r as usize], f64::from(self.data.rating[r as usize]));
        let beside = |&r: &u32| {
            let fact = self.data.facts.of(r as usize);
            Beside {
                moment: self.data.context.moment(r as usize),
                completion: fact.completion.map(f64::from),
                would_watch_again: fact.again,
                score: fact.score.map(f64::from),
                at: self.data.at[r as usize],
            }
        };
        Past { ratings: rows.iter().map(rating).collect(), beside: rows.iter().map(beside).collect() }
    }

    /// Predicts one person's held-out ratings; gives what that costs.
    fn predict(&mut self, model: &Model, person: usize) -> usize {
        let Some(turn) = &self.turn else { return 1 };
        let (known, held) = &turn.people[person];
        let moment = |r: u32| self.data.context.moment(r as usize);
        let items: Vec<u32> = held.iter().map(|&r| self.data.item[r as usize]).collect();
        let scores = if self.data.context.is_empty() {
            model.expect(&self.past(known), &items)
        } else {
            let someone: Person = model.recall(&self.past(known));
            held.iter().zip(&items).map(|(&r, &i)| model.score_in(&someone, &moment(r), i).0).collect()
        };
        let cost = model.effort(known.len(), held.len());
        for (&r, score) in held.iter().zip(scores) {
            self.predicted[self.member][r as usize] = self.data.scale.clip(score) as f32;
        }
        cost
    }

    /// One step; true once all members are there.
    fn step(&mut self, left: &mut usize) -> Result<bool> {
        if self.fold > self.params.folds {
            return Ok(true);
        }
        let seed = self.seed.wrapping_add(self.fold as u64);
        match core::mem::replace(&mut self.work, Work::Next) {
            Work::Next => {
                *left = 0;
                if self.failed[self.member].is_some() {
                    self.advance_turn();
                    return Ok(self.fold > self.params.folds);
                }
                if self.turn.is_none() && !self.whole() {
                    self.hold_out();
                    return Ok(false);
                }
                if self.data.users.len() < 2 && !self.specs[self.member].is_personal() {
                    let error = Error::new(Code::NotEnoughData, "it takes more than one person's ratings");
                    self.leave_out(&error.at("data").got("not-enough-ratings"));
                    return Ok(self.fold > self.params.folds);
                }
                let lesson = Lesson { data: self.lesson(), catalog: self.catalog.as_ref() };
                match self.specs[self.member].begin(&lesson, seed) {
                    Ok(fit) => self.work = Work::Learning(fit, 0),
                    Err(error) => self.leave_out(&error),
                }
            }
            Work::Learning(mut fit, epoch) => {
                let advanced = fit.advance(*left);
                *left = 0;
                match advanced {
                    Ok(None) => self.work = Work::Learning(fit, epoch),
                    Ok(Some(_)) if epoch + 1 < self.specs[self.member].epochs() => {
                        self.work = Work::Learning(fit, epoch + 1);
                    }
                    Ok(Some(_)) => self.work = Work::Settling(fit.close(self.lesson())),
                    Err(error) => self.leave_out(&error),
                }
            }
            Work::Settling(mut model) => {
                let done = model.advance(self.lesson(), *left);
                *left = 0;
                match (done, self.whole()) {
                    (false, _) => self.work = Work::Settling(model),
                    (true, true) => {
                        self.models[self.member] = Some(model.settled(self.lesson()));
                        self.advance_turn();
                    }
                    (true, false) => {
                        self.work = Work::Predicting(Box::new(model.settled(self.lesson())), 0);
                    }
                }
            }
            Work::Predicting(model, person) => {
                if self.turn.as_ref().is_some_and(|turn| person < turn.people.len()) {
                    *left = left.saturating_sub(self.predict(&model, person));
                    self.work = Work::Predicting(model, person + 1);
                } else {
                    self.advance_turn();
                }
            }
        }
        Ok(self.fold > self.params.folds)
    }

    /// What the members that are left miss of the ratings that were held out.
    fn misses(&self, left: &[usize]) -> Misses {
        let mut misses = Misses::new(left.len());
        for &r in &self.held {
            let truth = f64::from(self.data.rating[r as usize]);
            let errors: Vec<f64> =
                left.iter().map(|&m| f64::from(self.predicted[m][r as usize]) - truth).collect();
            if errors.iter().all(|e| e.is_finite()) {
                misses.add(&errors);
            }
        }
        misses
    }

    fn left(&self) -> Vec<usize> {
        (0..self.specs.len()).filter(|&m| self.failed[m].is_none()).collect()
    }
}

impl Fit for Stacking {
    fn advance(&mut self, budget: usize) -> Result<Option<f64>> {
        let mut left = budget.max(1);
        loop {
            if self.step(&mut left)? {
                break;
            }
            if budget == usize::MAX {
                left = budget;
            } else if left == 0 {
                return Ok(None);
            }
        }
        let left = self.left();
        if left.is_empty() {
            let reasons: Vec<&str> = self.failed.iter().flatten().map(String::as_str).collect();
            let what = format!("none of the members can be trained: {}", reasons.join(" "));
            let found = self.failed.iter().flatten().any(|r| r.contains("one-class"));
            return Err(Error::new(Code::NotEnoughData, what).at("data").got(if found {
                "one-class"
            } else {
                "not-enough-ratings"
            }));
        }
        let misses = self.misses(&left);
        Ok(Some(math::sqrt(misses.squared(&misses.weights(self.params.shrinkage)))))
    }

    fn within_epoch(&self) -> f64 {
        let all = (self.params.folds + 1) * self.specs.len();
        let within = match &self.work {
            Work::Next => 0.0,
            Work::Learning(fit, epoch) => {
                0.8 * (*epoch as f64 + fit.within_epoch()) / self.specs[self.member].epochs() as f64
            }
            Work::Settling(_) => 0.8,
            Work::Predicting(_, person) => {
                let people = self.turn.as_ref().map_or(1, |t| t.people.len().max(1));
                0.8 + 0.2 * *person as f64 / people as f64
            }
        };
        (((self.fold * self.specs.len() + self.member) as f64 + within) / all as f64).min(1.0)
    }

    fn stops_early(&self) -> bool {
        false
    }

    fn close(mut self: Box<Self>, _: &Interactions) -> Unsettled {
        // A training that is ended early is finished: there is no half an ensemble to serve from.
        while !self.step(&mut { usize::MAX }).expect("what could be refused was refused while it learned") {}
        let left = self.left();
        let misses = self.misses(&left);
        let weights = misses.weights(self.params.shrinkage);
        let mut report = Vec::new();
        for (at, spec) in self.specs.iter().enumerate() {
            let place = left.iter().position(|&m| m == at);
            let alone = place.map(|p| {
                let one: Vec<f64> = (0..left.len()).map(|k| f64::from(u8::from(k == p))).collect();
                math::sqrt(misses.squared(&one))
            });
            report.push(object([
                ("model", spec.name().into()),
                ("weight", place.map_or(0.0, |p| weights[p]).into()),
                ("rmse", alone.filter(|_| misses.count > 0).into()),
                ("failed", self.failed[at].clone().into()),
            ]));
        }
        let rmse = math::sqrt(misses.squared(&weights));
        let report = object([
            ("members", Value::Array(report)),
            ("heldOut", misses.count.into()),
            ("rmse", Some(rmse).filter(|_| misses.count > 0).into()),
        ]);
        let models: Vec<Model> = self.models.into_iter().flatten().collect();
        // What all of them know.
        let fewest = models.iter().min_by_key(|m| m.known().len());
        let mut known = fewest.map_or_else(Known::default, |m| m.known().clone());
        if misses.count > 0 {
            known.set_noise(misses.squared(&weights));
        }
        let members = models.into_iter().zip(weights).collect();
        Model::Ensemble(Ensemble { settings: self.settings, known, members, report }).into()
    }

    fn state(&mut self, _: &mut Tape<'_>) -> Result<()> {
        Ok(())
    }
}
