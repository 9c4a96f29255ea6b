//! Evaluation: several models trained anew and measured on the same held-out ratings, `popularity` always among them,
//! and `item-knn` unless it is not wanted.

use super::held::Exam;
use super::report::{Report, Row};
use super::too_little;
use super::training::Training;
use crate::data::split::{Parts, Split, k_fold};
use crate::data::{Catalog, Interactions, Warning};
use crate::eval::{Bootstrap, Drawn, Measured, Metrics, People};
use crate::ground::json::number as shown;
use crate::ground::{Code, Error, Result};
use crate::models::spec::RECIPES;
use crate::models::{Lesson, Spec};
use std::rc::Rc;

/// How ratings are held out.
#[derive(Clone, Debug)]
pub enum Protocol {
    /// One split of the data.
    Split(Split),
    /// Each rating held out once; figures are means of the folds.
    KFold(usize),
    /// Held-out ratings given by the caller; people and items that do not occur in the data are dropped.
    Given(Box<Interactions>),
}

/// A model that is to be measured.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Name for people.
    pub name: String,
    /// Version the parameters come from.
    pub version: Option<String>,
    /// What to train.
    pub spec: Spec,
    /// Share of the training ratings it learns from, above 0, up to 1. Of one seed the smaller share is part of the
    /// larger one; all are measured on the same held-out ratings.
    pub share: f64,
}

impl Candidate {
    /// Checks the share.
    fn check(&self, at: usize) -> Result<()> {
        if self.share > 0.0 && self.share <= 1.0 {
            return Ok(());
        }
        Err(Error::argument(format!("models[{at}].share"), "above 0, up to 1", shown(self.share)))
    }
}

#[allow(clippy::large_enum_variant)] // there is one
enum Folds {
    /// Rows of each fold.
    Of(Interactions, Vec<Parts>),
    /// The caller's own.
    Given(Interactions, Interactions),
}

impl Folds {
    fn len(&self) -> usize {
        match self {
            Folds::Of(_, parts) => parts.len(),
            Folds::Given(..) => 1,
        }
    }

    fn have_ratings_on_both_sides(&self) -> bool {
        match self {
            Folds::Of(_, parts) => parts.iter().all(|p| !p.train.is_empty() && !p.test.is_empty()),
            Folds::Given(train, test) => !train.is_empty() && !test.is_empty(),
        }
    }

    fn exam(&self, fold: usize, catalog: Option<&Catalog>, k: usize) -> Exam {
        let (train, test) = match self {
            Folds::Of(data, parts) => (data.rows(&parts[fold].train), data.rows(&parts[fold].test)),
            Folds::Given(train, test) => (train.clone(), test.clone()),
        };
        Exam::new(train, test, catalog, k)
    }
}

/// An evaluation under way.
#[allow(missing_debug_implementations)] // holds whole data sets
pub struct Evaluation {
    folds: Folds,
    /// The fold under way: one at a time, all of them would fill the memory.
    exam: Option<Rc<Exam>>,
    catalog: Option<Catalog>,
    candidates: Vec<Candidate>,
    /// Of the candidates, those at the end that nobody asked for: they may fail.
    pub(super) unasked: usize,
    /// By candidate and fold.
    measured: Vec<Vec<Measured>>,
    /// Ratings learned from, by candidate, of all folds.
    learned: Vec<usize>,
    drawn: Vec<Drawn>,
    /// Trainings and drawings that are over, fold by fold.
    turn: usize,
    work: Work,
    k: usize,
    seed: u64,
    protocol: String,
    warnings: Vec<Warning>,
}

#[allow(clippy::large_enum_variant)] // there is one
enum Work {
    Next,
    /// What a share is to be learned from has been drawn.
    Drawn(Rc<Exam>),
    Learning(Box<Training>),
    Drawing(Bootstrap),
}

/// Shares of a candidate's work: after the first it has learned, after the second it is measured, and only its
/// intervals are missing.
const LEARNED: f64 = 0.9;
const MEASURED: f64 = 0.98;

impl Evaluation {
    /// Splits the data; `popularity` is put in front where it is not asked for, and, where `baselines` are wanted,
    /// `item-knn` at the end.
    pub fn begin(
        lesson: &Lesson<'_>,
        mut candidates: Vec<Candidate>,
        protocol: Protocol,
        baselines: bool,
        k: usize,
        seed: u64,
    ) -> Result<Evaluation> {
        for (at, candidate) in candidates.iter().enumerate() {
            candidate.check(at)?;
        }
        let (data, catalog) = (lesson.data, lesson.catalog.cloned());
        let mut warnings = Vec::new();
        let (folds, words) = match protocol {
            Protocol::Split(split) => {
                let parts = split.apply(data, seed)?;
                if matches!(split, Split::Random { .. }) && data.has_times() {
                    let text = "The ratings have times: a random split lets the future explain the past. A split by time is closer to use.";
                    warnings.push(Warning::new("random-split-with-times", text));
                }
                (Folds::Of(data.clone(), vec![parts]), split.words())
            }
            Protocol::KFold(n) => {
                (Folds::Of(data.clone(), k_fold(data.len(), n, seed)?), format!("{n}-fold"))
            }
            Protocol::Given(test) => {
                let (test, dropped) = align(data, &test);
                if dropped > 0 {
                    let text = format!(
                        "{dropped} held-out ratings are of people or items without a training rating."
                    );
                    warnings.push(Warning::new("unknown-held-out", text));
                }
                (Folds::Given(data.clone(), test), "given".to_owned())
            }
        };
        if !folds.have_ratings_on_both_sides() {
            return Err(Error::argument("protocol", "a split that leaves ratings on both sides", words));
        }
        let missing = |name: &str| !candidates.iter().any(|c| c.spec.name() == name && c.share >= 1.0);
        let known = |name: &str| RECIPES.iter().any(|recipe| recipe.name == name);
        let (popularity, neighbours) =
            (missing("popularity"), baselines && missing("item-knn") && known("item-knn"));
        let plain = |name: &str| -> Result<Candidate> {
            Ok(Candidate { name: name.into(), version: None, spec: Spec::new(name, None)?, share: 1.0 })
        };
        if popularity {
            candidates.insert(0, plain("popularity")?);
        }
        if neighbours {
            candidates.push(plain("item-knn")?);
        }
        let measured: Vec<Vec<Measured>> = candidates.iter().map(|_| Vec::new()).collect();
        let learned = vec![0; measured.len()];
        Ok(Evaluation {
            folds,
            exam: None,
            catalog,
            candidates,
            unasked: usize::from(neighbours),
            learned,
            measured,
            drawn: Vec::new(),
            turn: 0,
            work: Work::Next,
            k,
            seed,
            protocol: words,
            warnings,
        })
    }

    /// Names of what is measured.
    pub fn labels(&self) -> Vec<&str> {
        self.candidates.iter().map(|c| c.name.as_str()).collect()
    }

    fn turns(&self) -> usize {
        self.candidates.len() * self.folds.len()
    }

    /// True once [`Evaluation::finish`] has every figure.
    pub fn is_done(&self) -> bool {
        self.turn >= self.turns()
    }

    /// Works on about `budget` ratings; gives the share done, and 1 at the end.
    pub fn step(&mut self, budget: usize) -> Result<f64> {
        if self.is_done() {
            return Ok(1.0);
        }
        let candidate = self.turn % self.candidates.len();
        let share = match self.attempt(candidate, budget) {
            Ok(share) => share,
            Err(error) => {
                self.do_without(candidate, error)?;
                0.0
            }
        };
        Ok((self.turn as f64 + share) / self.turns() as f64)
    }

    /// Leaves out who may fail: baselines nobody asked for, and shares that are too little to learn from.
    fn do_without(&mut self, at: usize, error: Error) -> Result<()> {
        let unasked = at + self.unasked >= self.candidates.len();
        let Candidate { name, share, .. } = &self.candidates[at];
        let warning = if unasked {
            Warning::new("baseline-failed", format!("{name} could not be measured: {error}"))
        } else if *share < 1.0 && error.code() == Code::NotEnoughData {
            let percent = shown((share * 1000.0).round() / 10.0);
            Warning::new(
                "share-too-small",
                format!("{percent} % is too little to learn {name} from: {error}"),
            )
        } else {
            return Err(error);
        };
        self.warnings.push(warning);
        self.candidates.remove(at);
        self.measured.remove(at);
        self.learned.remove(at);
        self.unasked -= usize::from(unasked);
        self.work = Work::Next;
        // Turns are counted by candidates, of which there is one less now: the next one has its number.
        let fold = self.turn / (self.candidates.len() + 1);
        self.turn = fold * self.candidates.len() + at;
        Ok(())
    }

    /// The exam a candidate sits, unless a share has to be drawn for it first.
    fn seat(&mut self, candidate: usize) -> Result<Option<Rc<Exam>>> {
        let (fold, catalog) = (self.turn / self.candidates.len(), self.catalog.as_ref());
        if candidate == 0 {
            self.exam = None;
        }
        let (folds, k) = (&self.folds, self.k);
        let whole = self.exam.get_or_insert_with(|| Rc::new(folds.exam(fold, catalog, k)));
        let Candidate { share, spec, .. } = &self.candidates[candidate];
        if *share >= 1.0 {
            return Ok(Some(whole.clone()));
        }
        let less = Rc::new(Exam::less(whole, *share, self.seed));
        if let Some(few) = too_little(&less.train, spec.is_personal()) {
            return Err(Error::new(Code::NotEnoughData, few.message.trim_end_matches('.')));
        }
        self.work = Work::Drawn(less);
        Ok(None)
    }

    /// Share of the turn that is done, 0 where the next one begins.
    fn attempt(&mut self, candidate: usize, budget: usize) -> Result<f64> {
        // Fold by fold, so that one exam is held at a time.
        let last = self.turn / self.candidates.len() + 1 == self.folds.len();
        let mut training = match core::mem::replace(&mut self.work, Work::Next) {
            Work::Drawing(mut bootstrap) => {
                let share = bootstrap.advance(budget);
                if share < 1.0 {
                    self.work = Work::Drawing(bootstrap);
                    return Ok(MEASURED + (1.0 - MEASURED) * share);
                }
                self.drawn.push(bootstrap.finish());
                self.turn += 1;
                return Ok(0.0);
            }
            Work::Learning(training) => training,
            Work::Drawn(exam) => self.begin_learning(candidate, exam)?,
            Work::Next => match self.seat(candidate)? {
                Some(exam) => self.begin_learning(candidate, exam)?,
                None => return Ok(0.0),
            },
        };
        let progress = training.step(budget)?;
        if !training.is_done() {
            self.work = Work::Learning(training);
            let learned = progress.fraction.min(LEARNED);
            let rest = (progress.fraction - learned) / (1.0 - LEARNED);
            return Ok(learned + rest * (MEASURED - LEARNED));
        }
        self.measured[candidate].extend(training.measured());
        if last {
            // The same seed for all, so that every drawing is of the same people.
            let all: Vec<People> = self.measured[candidate].iter().map(|m| m.people.clone()).collect();
            self.work = Work::Drawing(Bootstrap::new(People::merged(&all), self.seed));
            return Ok(MEASURED);
        }
        self.turn += 1;
        Ok(0.0)
    }

    /// Fixed epochs: stopping early by the held-out ratings would measure on what was chosen by.
    fn begin_learning(&mut self, candidate: usize, exam: Rc<Exam>) -> Result<Box<Training>> {
        let (spec, learned) = (self.candidates[candidate].spec.clone(), exam.train.len());
        let training = Training::sitting(exam, self.catalog.as_ref(), spec, 0, self.seed)?;
        self.learned[candidate] += learned;
        Ok(Box::new(training))
    }

    /// The report; call it once [`Evaluation::step`] has given 1.
    pub fn finish(self) -> Report {
        let rows = self.candidates.into_iter().zip(self.learned).zip(self.measured).zip(self.drawn);
        let rows = rows.map(|(((c, learned), folds), drawn)| {
            let learned = (learned as f64 / folds.len().max(1) as f64).round() as usize;
            let metrics: Vec<Metrics> = folds.iter().map(|m| m.metrics).collect();
            let reliability = folds.into_iter().map(|m| m.reliability).collect();
            Row::new(c, learned, Metrics::mean(&metrics), reliability, drawn)
        });
        let rows = rows.collect();
        Report { protocol: self.protocol, k: self.k, seed: self.seed, rows, warnings: self.warnings }
    }
}

/// Held-out ratings in the indices of the training data.
fn align(data: &Interactions, test: &Interactions) -> (Interactions, usize) {
    let mut out = data.rows(&[]);
    for r in 0..test.len() {
        let user = data.users.get(test.users.id(test.user[r]));
        let item = data.items.get(test.items.id(test.item[r]));
        if let (Some(user), Some(item)) = (user, item) {
            for kind in &test.context.kinds {
                kind.word(r).into_iter().for_each(|word| out.context.say(out.len(), &kind.name, word));
            }
            out.user.push(user);
            out.item.push(item);
            out.rating.push(test.rating[r]);
            out.at.push(test.at[r]);
        }
    }
    let dropped = test.len() - out.len();
    (out, dropped)
}
