//! Looking for good parameters: the defaults first, then seeded draws from the ranges of the parameters' table, all on
//! one split of the data. Models that learn in epochs go through successive halving (Jamieson and Talwalkar,
//! "Non-stochastic Best Arm Identification and Hyperparameter Optimization", AISTATS 2016): all trials learn for a few
//! epochs, the best third of them goes on for three times as many, and the last few have all epochs. A trial that waits
//! is a checkpoint and not a model under way, so that many of them fit into memory.
//!
//! There is no clock here: who has one says [`Search::stop`].

use super::held::Exam;
use super::training::{Training, parts};
use crate::data::Catalog;
use crate::data::split::Split;
use crate::eval::Metrics;
use crate::ground::json::{Value, object, written_as};
use crate::ground::rng::Rng;
use crate::ground::{Error, Result, math};
use crate::models::params::{self, Param, Range};
use crate::models::{Aim, Lesson, Spec};
use std::rc::Rc;

/// One of so many trials goes on.
const PART: usize = 3;
/// Fewest epochs of the first rung: after one, most models have hardly begun.
const FEWEST_EPOCHS: usize = 3;
/// Most people a trial is measured on.
const PEOPLE: usize = 1000;

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// The lowest root mean squared error.
    Rmse,
    /// The highest nDCG.
    Ndcg,
}

impl Goal {
    /// By its name; without one, what the model is good at.
    pub fn of(name: Option<&str>, aim: Aim) -> Result<Goal> {
        match (name, aim) {
            (Some("rmse"), _) | (None, Aim::Ratings) => Ok(Goal::Rmse),
            (Some("ndcg"), _) | (None, Aim::Lists) => Ok(Goal::Ndcg),
            (Some(other), _) => Err(Error::argument("metric", "\"rmse\" or \"ndcg\"", format!("{other:?}"))),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Goal::Rmse => "rmse",
            Goal::Ndcg => "ndcg",
        }
    }

    fn of_metrics(self, m: &Metrics) -> f64 {
        match self {
            Goal::Rmse => m.rmse,
            Goal::Ndcg => m.ndcg,
        }
    }

    /// The same, such that more is better.
    fn merit(self, value: f64) -> f64 {
        if self == Goal::Rmse { -value } else { value }
    }
}

/// What is asked of a search.
#[derive(Clone, Debug)]
pub struct Quest {
    /// The model with the parameters that are tried first.
    pub spec: Spec,
    /// Names of parameters that are not drawn.
    pub kept: Vec<String>,
    /// How many sets of parameters are tried, the first included.
    pub trials: usize,
    /// What they are compared by.
    pub goal: Goal,
    /// What they are measured on.
    pub split: Split,
    /// Epochs without improvement that each training bears.
    pub patience: usize,
    /// Of the split, the draws and the trainings.
    pub seed: u64,
}

/// One set of parameters, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// The parameters, all of them.
    pub params: Value,
    /// The figure at its last measurement; `None` where it never came to one.
    pub value: Option<f64>,
    /// Epochs learned until then.
    pub epochs: usize,
    /// Why it failed.
    pub error: Option<String>,
}

written_as!(Trial { params => "params", value => "value", epochs => "epochs", error => "error" });

/// What a search came to.
#[derive(Clone, Debug)]
pub struct Sought {
    /// The model.
    pub model: &'static str,
    /// Name of the figure.
    pub metric: &'static str,
    /// What was held out, in words.
    pub protocol: String,
    /// Place of the best trial.
    pub best: usize,
    /// In the order they were drawn.
    pub trials: Vec<Trial>,
    /// True where it was stopped before all had their turn.
    pub stopped: bool,
}

/// A trial, counted from 1, with its parameters and figure.
fn shown(at: usize, params: Value, value: Option<f64>) -> Value {
    object([("trial", (at + 1).into()), ("params", params), ("value", value.into())])
}

impl From<Sought> for Value {
    fn from(of: Sought) -> Value {
        let best = &of.trials[of.best];
        let best = shown(of.best, best.params.clone(), best.value);
        object([
            ("model", of.model.into()),
            ("metric", of.metric.into()),
            ("protocol", of.protocol.into()),
            ("best", best),
            ("trials", of.trials.into()),
            ("stopped", of.stopped.into()),
        ])
    }
}

/// Where a search stands.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchProgress {
    /// The trial under way, from 1.
    pub trial: usize,
    /// Trials in all.
    pub of: usize,
    /// Epochs it has learned.
    pub epoch: usize,
    /// Epochs after which it is measured.
    pub epochs: usize,
    /// Share of the whole work done, 0 to 1; 1 only at the end.
    pub fraction: f64,
    /// The best trial so far; `None` before the first is measured.
    pub best: Option<Value>,
}

written_as!(SearchProgress { trial => "trial", of => "of", epoch => "epoch", epochs => "epochs", fraction => "fraction", best => "best" });

struct Candidate {
    spec: Spec,
    /// Where it waits.
    waiting: Option<Vec<u8>>,
    value: Option<f64>,
    epochs: usize,
    /// Rungs climbed.
    rung: usize,
    error: Option<Error>,
}

/// A search under way.
#[allow(missing_debug_implementations)] // holds whole data sets
pub struct Search {
    exam: Rc<Exam>,
    catalog: Option<Catalog>,
    quest: Quest,
    candidates: Vec<Candidate>,
    /// Epochs at the end of each rung.
    rungs: Vec<usize>,
    rung: usize,
    /// Who climbs to it, best first.
    climbing: Vec<usize>,
    /// Who of them is next.
    next: usize,
    current: Option<Box<Training>>,
    stopped: bool,
}

/// Epochs at which trials are compared, so that the last few of them have all.
fn rungs(epochs: usize, mut trials: usize) -> Vec<usize> {
    let mut rungs = vec![epochs];
    while trials >= PART && rungs[0] / PART >= FEWEST_EPOCHS {
        rungs.insert(0, rungs[0] / PART);
        trials = trials.div_ceil(PART);
    }
    rungs
}

/// A draw for one parameter.
fn draw(param: &Param, rng: &mut Rng) -> f64 {
    let u = rng.unit();
    let (x, low, high) = match (param.search, param.range) {
        (params::Search::Fixed, _) => return param.default,
        (params::Search::Any, Range::Choice(words)) => return (u * words.len() as f64).floor(),
        (params::Search::Any, _) => return (u * 2.0).floor(),
        (params::Search::Linear(low, high), _) => (low + u * (high - low), low, high),
        (params::Search::Log(low, high), _) => {
            (libm::exp(math::ln(low) + u * math::ln(high / low)), low, high)
        }
    };
    let x = if matches!(param.range, Range::Whole(..)) { x.round() } else { rounded(x) };
    x.max(low).min(high)
}

/// To three digits: nobody can tell finer differences apart, and people can read these.
fn rounded(x: f64) -> f64 {
    let (mut unit, mut scaled) = (1.0, x.abs());
    while scaled > 0.0 && scaled < 100.0 && unit < 1e9 {
        unit *= 10.0;
        scaled = x.abs() * unit;
    }
    (x * unit).round() / unit
}

impl Search {
    /// Draws all trials.
    pub fn begin(lesson: &Lesson<'_>, quest: Quest) -> Result<Search> {
        let (train, test) = parts(lesson.data, quest.split, quest.seed)?;
        if train.is_empty() || test.is_empty() {
            let expected = "a split that leaves ratings on both sides";
            return Err(Error::argument("protocol", expected, quest.split.words()));
        }
        let exam = Exam::new(train, test, lesson.catalog, super::K).with_at_most(PEOPLE);
        let table = quest.spec.settings().table();
        let free =
            |p: &Param| p.search != params::Search::Fixed && !quest.kept.iter().any(|name| name == p.name);
        let mut specs = vec![quest.spec.clone()];
        let mut rng = Rng::new(quest.seed, 6);
        while specs.len() < quest.trials && table.iter().any(free) {
            let mut spec = quest.spec.clone();
            for param in table {
                // Drawn in any case, so that keeping one parameter changes no other.
                let value = draw(param, &mut rng);
                if free(param) {
                    spec.settings_mut().set(param.name, value);
                }
            }
            specs.push(spec);
        }
        let new = |spec| Candidate { spec, waiting: None, value: None, epochs: 0, rung: 0, error: None };
        Ok(Search {
            exam: Rc::new(exam),
            catalog: lesson.catalog.cloned(),
            rungs: rungs(quest.spec.epochs(), specs.len()),
            rung: 0,
            climbing: (0..specs.len()).collect(),
            candidates: specs.into_iter().map(new).collect(),
            quest,
            next: 0,
            current: None,
            stopped: false,
        })
    }

    /// No more trials: what is under way is dropped, unless nothing was measured yet.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// True once there is nothing left to do.
    pub fn is_done(&self) -> bool {
        self.rung >= self.rungs.len() || self.stopped && self.best().is_some()
    }

    /// Of those who climbed highest, the one with the best figure.
    fn best(&self) -> Option<usize> {
        let measured = (0..self.candidates.len()).filter(|&at| self.candidates[at].value.is_some());
        self.sorted(measured.collect()).first().copied()
    }

    /// Highest rung first, then the best figure, then the order of drawing.
    fn sorted(&self, mut some: Vec<usize>) -> Vec<usize> {
        let merit =
            |at: usize| self.candidates[at].value.map_or(f64::NEG_INFINITY, |v| self.quest.goal.merit(v));
        let rung = |at: usize| self.candidates[at].rung;
        crate::ground::sort::sort_by(&mut some, |&a, &b| {
            rung(b).cmp(&rung(a)).then(merit(b).total_cmp(&merit(a))).then(a.cmp(&b))
        });
        some
    }

    /// Works on about `budget` ratings. An error of a trial is that trial's result.
    pub fn step(&mut self, budget: usize) -> SearchProgress {
        if !self.is_done() {
            let at = self.climbing[self.next];
            match self.work(at, budget) {
                Ok(false) => {}
                Ok(true) => self.advance(at),
                Err(error) => {
                    (self.candidates[at].error, self.candidates[at].value) = (Some(error), None);
                    self.advance(at);
                }
            }
        }
        self.progress()
    }

    /// True once the trial has climbed the rung.
    fn work(&mut self, at: usize, budget: usize) -> Result<bool> {
        let (exam, catalog) = (self.exam.clone(), self.catalog.as_ref());
        let candidate = &mut self.candidates[at];
        let mut training = match (self.current.take(), &candidate.waiting) {
            (Some(training), _) => training,
            (None, Some(bytes)) => {
                let training = Training::resume_sitting(exam, catalog, bytes)?;
                candidate.waiting = None;
                Box::new(training)
            }
            // It stopped early: what was measured then counts here, too.
            (None, None) if candidate.value.is_some() => return Ok(true),
            (None, None) => {
                let Quest { patience, seed, .. } = self.quest;
                Box::new(Training::sitting(exam, catalog, candidate.spec.clone(), patience, seed)?)
            }
        };
        let progress = training.step(budget)?;
        candidate.epochs = progress.epoch;
        if training.between && progress.epoch == self.rungs[self.rung] {
            if self.rung + 1 < self.rungs.len() {
                candidate.waiting = Some(training.freeze()?);
            }
            training.conclude();
        }
        if !training.is_done() {
            self.current = Some(training);
            return Ok(false);
        }
        let value = training.measured().map(|m| self.quest.goal.of_metrics(&m.metrics));
        candidate.value = value.filter(|v| v.is_finite());
        Ok(true)
    }

    /// The next trial, or the next rung with the best of this one.
    fn advance(&mut self, at: usize) {
        self.current = None;
        self.candidates[at].rung = self.rung + 1;
        self.next += 1;
        if self.next < self.climbing.len() {
            return;
        }
        let keep = self.climbing.len().div_ceil(PART);
        let mut climbed = core::mem::take(&mut self.climbing);
        climbed.retain(|&at| self.candidates[at].value.is_some());
        self.climbing = self.sorted(climbed);
        self.climbing.truncate(keep);
        for at in 0..self.candidates.len() {
            if !self.climbing.contains(&at) {
                self.candidates[at].waiting = None;
            }
        }
        (self.next, self.rung) = (0, self.rung + 1);
        if self.climbing.is_empty() {
            self.rung = self.rungs.len();
        }
    }

    /// Where it stands.
    pub fn progress(&self) -> SearchProgress {
        let current = self.climbing.get(self.next).map(|&at| &self.candidates[at]);
        let (mut done, mut all, mut trials) = (0.0, 0.0, self.candidates.len());
        for (rung, &epochs) in self.rungs.iter().enumerate() {
            let before = if rung == 0 { 0 } else { self.rungs[rung - 1] };
            let each = (epochs - before) as f64;
            all += each * trials as f64;
            if rung < self.rung {
                done += each * trials as f64;
            } else if rung == self.rung {
                let learned = current.map_or(0.0, |c| c.epochs.saturating_sub(before) as f64);
                done += each * self.next as f64
                    + learned.min(each) * if self.current.is_some() { 0.9 } else { 0.0 };
            }
            trials = trials.div_ceil(PART);
        }
        SearchProgress {
            trial: self.climbing.get(self.next).map_or(self.candidates.len(), |at| at + 1),
            of: self.candidates.len(),
            epoch: current.map_or(0, |c| c.epochs),
            epochs: self.rungs[self.rung.min(self.rungs.len() - 1)],
            fraction: if self.is_done() { 1.0 } else { (done / all).min(0.999) },
            best: self.best().map(|at| {
                let c = &self.candidates[at];
                shown(at, c.spec.params(), c.value)
            }),
        }
    }

    /// What came of it, once it is done. Where every trial failed, the first one's error.
    pub fn finish(self) -> Result<Sought> {
        let best = self.best();
        let stopped = self.rung < self.rungs.len();
        let mut first = None;
        let mut trials = Vec::with_capacity(self.candidates.len());
        for candidate in self.candidates {
            let error = candidate.error.as_ref().map(Error::to_string);
            first = first.or(candidate.error);
            let (params, epochs) = (candidate.spec.params(), candidate.epochs);
            trials.push(Trial { params, value: candidate.value, epochs, error });
        }
        match (best, first) {
            (Some(best), _) => Ok(Sought {
                model: self.quest.spec.name(),
                metric: self.quest.goal.name(),
                protocol: self.quest.split.words(),
                best,
                trials,
                stopped,
            }),
            (None, Some(error)) => Err(error),
            (None, None) => Err(Error::argument("protocol", "people with liked ratings held out", "nobody")),
        }
    }
}
