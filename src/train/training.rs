//! One training: epochs, the curve beside them, early stopping, and the exam at the end.

use super::fingerprint::Fingerprint;
use super::held::{CURVE_STEP, Exam};
use super::stop::EarlyStop;
use super::{EpochLog, K, Progress, Trained};
use crate::data::split::Split;
use crate::data::{Catalog, Interactions};
use crate::eval::{Measure, Measured};
use crate::ground::{Code, Error, Result, math};
use crate::models::fit::{FROM, other_kind};
use crate::models::popularity::PopularityParams;
use crate::models::{Aim, Fit, Lesson, Model, Popularity, Spec, Unsettled};
use std::rc::Rc;

#[allow(clippy::large_enum_variant)] // there is one
pub(super) enum Phase {
    Training(Box<dyn Fit>),
    /// An epoch has ended with this loss; lists of so many people have been looked at.
    Judging(Box<dyn Fit>, f64, Vec<f64>),
    /// Epochs are over.
    Settling(Unsettled),
    /// Ready to be measured.
    Settled(Model),
    Evaluating {
        models: Vec<(Model, Measure)>,
        next: usize,
    },
    Done {
        model: Model,
        measured: Vec<Measured>,
    },
    /// A step went wrong.
    Over,
}

/// A training under way.
#[allow(missing_debug_implementations)] // holds whole data sets; nobody wants them printed
pub struct Training {
    pub(super) spec: Spec,
    pub(super) seed: u64,
    /// How `exam` was split off; `None` where it was given.
    pub(super) split: Option<Split>,
    /// Of the catalog it learns from, and, once somebody asked for it, of everything.
    pub(super) catalog: Fingerprint,
    pub(super) fingerprint: String,
    pub(super) exam: Rc<Exam>,
    pub(super) patience: usize,
    pub(super) stop: EarlyStop,
    pub(super) history: Vec<EpochLog>,
    pub(super) phase: Phase,
    /// True right after an epoch.
    pub(super) between: bool,
    /// Whether `popularity` sits the exam as well.
    pub(super) baseline: bool,
    /// The version it goes on from.
    pub(super) from: Option<String>,
}

/// The parts of a split.
pub(super) fn parts(data: &Interactions, split: Split, seed: u64) -> Result<(Interactions, Interactions)> {
    let parts = split.apply(data, seed)?;
    Ok((data.rows(&parts.train), data.rows(&parts.test)))
}

/// Data split into what is learned from and what is held out. With a million ratings that takes as long as the rest of
/// a beginning, so it can be done before.
#[derive(Clone)]
#[allow(missing_debug_implementations)] // holds whole data sets
pub struct Prepared {
    split: Split,
    seed: u64,
    exam: Rc<Exam>,
}

impl Prepared {
    /// Splits.
    pub fn new(lesson: &Lesson<'_>, split: Split, seed: u64) -> Result<Prepared> {
        let (train, test) = parts(lesson.data, split, seed)?;
        Ok(Prepared { split, seed, exam: Rc::new(Exam::new(train, test, lesson.catalog, K)) })
    }

    /// Whether it is what is asked for.
    pub fn is(&self, split: Split, seed: u64) -> bool {
        (self.split, self.seed) == (split, seed)
    }
}

impl Training {
    /// Prepares the first epoch.
    pub fn begin(
        prepared: Prepared,
        catalog: Option<&Catalog>,
        spec: Spec,
        patience: usize,
    ) -> Result<Training> {
        let Prepared { split, seed, exam } = prepared;
        let mut training = Training::sitting(exam, catalog, spec, patience, seed)?;
        (training.split, training.baseline) = (Some(split), true);
        Ok(training)
    }

    /// Trains on one side of an exam and is measured on the other.
    pub(super) fn sitting(
        exam: Rc<Exam>,
        catalog: Option<&Catalog>,
        spec: Spec,
        patience: usize,
        seed: u64,
    ) -> Result<Training> {
        let mut fit = spec.begin(&Lesson { data: exam.lesson(&spec), catalog }, seed)?;
        if spec.aim() == Aim::Ratings {
            fit.watch(&exam.test);
        }
        let stop = EarlyStop::new(if exam.test.is_empty() { 0 } else { patience });
        Ok(Training {
            spec,
            seed,
            split: None,
            catalog: Fingerprint::default().catalog(catalog),
            fingerprint: String::new(),
            exam,
            patience,
            stop,
            history: Vec::new(),
            phase: Phase::Training(fit),
            between: false,
            baseline: false,
            from: None,
        })
    }

    /// Before its first step: goes on from a version, in place of chance.
    pub fn go_on_from(&mut self, version: &str, model: &Model) -> Result<()> {
        let Phase::Training(fit) = &mut self.phase else {
            return Err(Error::new(Code::Busy, "this training has begun otherwise"));
        };
        if model.name() != self.spec.name() {
            return Err(other_kind(self.spec.name(), model));
        }
        let items = &self.exam.train.items;
        if !items.ids().iter().any(|id| model.ids().get(id).is_some()) {
            return Err(Error::argument(
                FROM,
                "a version that knows some of these items",
                "one that knows none",
            )
            .hint("Train anew, without `from`."));
        }
        fit.warm(model, self.exam.lesson(&self.spec))?;
        self.from = Some(version.to_owned());
        Ok(())
    }

    /// Works on about `budget` ratings, or evaluates as many people as take about as long.
    pub fn step(&mut self, budget: usize) -> Result<Progress> {
        self.between = false;
        if !self.exam.is_sorted() {
            self.exam.sort();
            return Ok(self.progress());
        }
        self.phase = match core::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Training(mut fit) => match fit.advance(budget)? {
                Some(loss) => Phase::Judging(fit, loss, Vec::new()),
                None => Phase::Training(fit),
            },
            Phase::Judging(fit, loss, mut lists) => {
                let more = self.spec.aim() == Aim::Lists
                    && self.exam.look(&|user| fit.rank(user), CURVE_STEP, &mut lists);
                if more { Phase::Judging(fit, loss, lists) } else { self.judge(fit, loss, &lists) }
            }
            Phase::Settling(mut model) => {
                let data = self.exam.lesson(&self.spec);
                if model.advance(data, budget) {
                    Phase::Settled(model.settled(data))
                } else {
                    Phase::Settling(model)
                }
            }
            Phase::Settled(model) => self.examine(model),
            Phase::Evaluating { models, next } => self.evaluate_step(models, next, budget),
            over => over,
        };
        Ok(self.progress())
    }

    fn judge(&mut self, mut fit: Box<dyn Fit>, loss: f64, lists: &[f64]) -> Phase {
        let validation = if self.exam.test.is_empty() { None } else { self.validate(fit.as_ref(), lists) };
        let epoch = self.history.len() + 1;
        self.history.push(EpochLog { epoch, loss, validation });
        let mut stop = false;
        if fit.stops_early() {
            // What is watched falls: an error, or what is missing of perfect lists.
            let watched = validation.map(|v| if self.spec.aim() == Aim::Lists { 1.0 - v } else { v });
            let verdict = self.stop.see(watched);
            stop = verdict.stop;
            if verdict.best && self.stop.patience() > 0 {
                fit.mark_best();
            }
        }
        if stop || epoch >= self.spec.epochs() {
            return Phase::Settling(fit.close(self.exam.lesson(&self.spec)));
        }
        self.between = true;
        Phase::Training(fit)
    }

    fn validate(&self, fit: &dyn Fit, lists: &[f64]) -> Option<f64> {
        let t = &self.exam.test;
        if self.spec.aim() == Aim::Lists {
            return (!lists.is_empty()).then(|| math::mean(lists.iter().copied()));
        }
        let watched = fit.watched();
        let mut pairs = Vec::with_capacity(t.len());
        for r in 0..t.len() {
            let p = match &watched {
                Some(watched) => *watched.get(r)?,
                None => fit.predict(t.user[r], t.item[r])?,
            };
            pairs.push((t.scale.clip(f64::from(p)), f64::from(t.rating[r])));
        }
        Some(crate::eval::rating::rmse(pairs))
    }

    /// Ends learning here: the model is that of the best epoch so far.
    pub(super) fn conclude(&mut self) {
        self.phase = match core::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Training(fit) | Phase::Judging(fit, ..) => {
                Phase::Settling(fit.close(self.exam.lesson(&self.spec)))
            }
            other => other,
        };
    }

    fn examine(&self, model: Model) -> Phase {
        if self.exam.test.is_empty() {
            return Phase::Done { model, measured: Vec::new() };
        }
        let measure = Measure::new(self.exam.frame(), self.exam.people().len() == 1);
        let mut models = vec![(model, measure.clone())];
        if self.baseline {
            let popularity = Popularity::fit(&self.exam.train, PopularityParams::default());
            models.push((Model::Popularity(popularity), measure));
        }
        Phase::Evaluating { models, next: 0 }
    }

    fn evaluate_step(&self, mut models: Vec<(Model, Measure)>, next: usize, budget: usize) -> Phase {
        let exam = &self.exam;
        let (mut next, mut left) = (next, budget);
        while let Some(&person) = exam.people().get(next) {
            for (model, measure) in &mut models {
                measure.add(person, &exam.held(person), &exam.score(model, person));
                left = left.saturating_sub(exam.effort(model, person));
            }
            next += 1;
            if left == 0 {
                break;
            }
        }
        if next < exam.people().len() {
            return Phase::Evaluating { models, next };
        }
        let (mut all, mut measured) = (Vec::new(), Vec::new());
        for (model, measure) in models {
            all.push(model);
            measured.push(measure.finish());
        }
        Phase::Done { model: all.swap_remove(0), measured }
    }

    /// Where it stands.
    pub fn progress(&self) -> Progress {
        let epochs = self.spec.epochs();
        let last = self.history.last();
        let done = last.map_or(0, |l| l.epoch);
        // Evaluation is given the last tenth.
        let share = if self.exam.test.is_empty() { 1.0 } else { 0.9 };
        let (phase, fraction) = match &self.phase {
            Phase::Training(fit) => ("training", share * (done as f64 + fit.within_epoch()) / epochs as f64),
            Phase::Judging(..) => ("training", share * (done + 1) as f64 / epochs as f64),
            Phase::Settling(_) | Phase::Settled(_) => ("evaluating", share),
            Phase::Evaluating { next, .. } => {
                ("evaluating", share + (1.0 - share) * *next as f64 / self.exam.people().len().max(1) as f64)
            }
            Phase::Done { .. } | Phase::Over => ("done", 1.0),
        };
        Progress {
            phase,
            epoch: done,
            epochs,
            fraction,
            loss: last.map(|l| l.loss),
            validation: last.and_then(|l| l.validation),
            between: self.between,
        }
    }

    /// What is trained.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// The seed of it.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// What is held out; `None` where that was given.
    pub fn split(&self) -> Option<Split> {
        self.split
    }

    /// Epochs without improvement that are borne.
    pub fn patience(&self) -> usize {
        self.patience
    }

    /// The version it goes on from; `None` where it began anew.
    pub fn from(&self) -> Option<&str> {
        self.from.as_deref()
    }

    /// True once [`Training::finish`] gives a model.
    pub fn is_done(&self) -> bool {
        matches!(self.phase, Phase::Done { .. })
    }

    /// The result; a training that is not done yet is given back.
    pub fn finish(self) -> core::result::Result<Trained, Box<Training>> {
        let train = &self.exam.train;
        let (ratings, users, items) = (train.len(), train.users.len(), train.items.len());
        match self.phase {
            Phase::Done { model, measured } => Ok(Trained {
                model,
                history: self.history,
                metrics: measured.first().map(|m| m.metrics),
                baseline: measured.get(1).map(|m| m.metrics),
                ratings,
                users,
                items,
            }),
            _ => Err(Box::new(self)),
        }
    }

    /// What a finished training's model was measured as; `None` before that, or where nothing is held out.
    pub(super) fn measured(self) -> Option<Measured> {
        match self.phase {
            Phase::Done { mut measured, .. } if !measured.is_empty() => Some(measured.swap_remove(0)),
            _ => None,
        }
    }
}
