//! Floor 3: begin → step()* → finish. Usable after every epoch, bounded work per step, abandoned by dropping it.

mod evaluation;
mod held;
mod stop;

pub use evaluation::{Candidate, Evaluation, Protocol, Report, Row};
pub use stop::EarlyStop;

use crate::data::split::Split;
use crate::data::{Catalog, Interactions};
use crate::eval::{Held, Measure, Metrics, relevant_from};
use crate::ground::Result;
use crate::ground::json::written_as;
use crate::models::popularity::PopularityParams;
use crate::models::{Aim, Fit, Lesson, Model, Popularity, Spec};

/// Fewest ratings a model is trained on.
pub const MIN_RATINGS: usize = 10;

/// How strongly lists are held back for evaluation: as they are served by default.
pub const CAUTION: f64 = 1.0;

/// One epoch of the log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EpochLog {
    /// From 1.
    pub epoch: usize,
    /// What the model minimises, on the training ratings: for models of ratings their root mean squared error.
    pub loss: f64,
    /// On the held-out ratings: root mean squared error, or for models of lists nDCG at 10 of up to 200 people.
    pub validation: Option<f64>,
}

written_as!(EpochLog { epoch => "epoch", loss => "loss", validation => "validation" });

/// Where a training stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// "training", "evaluating" or "done".
    pub phase: &'static str,
    /// Epochs done.
    pub epoch: usize,
    /// Epochs at most.
    pub epochs: usize,
    /// Share of the whole work done, 0 to 1.
    pub fraction: f64,
    /// Of the latest epoch.
    pub loss: Option<f64>,
    /// Of the latest epoch.
    pub validation: Option<f64>,
}

written_as!(Progress { phase => "phase", epoch => "epoch", epochs => "epochs", fraction => "fraction", loss => "loss", validation => "validation" });

/// Why nothing was trained: an answer, not an error.
#[derive(Clone, Debug, PartialEq)]
pub struct NotTrained {
    /// Stable code.
    pub reason: &'static str,
    /// For people.
    pub message: String,
}

written_as!(NotTrained { reason => "reason", message => "message" });

/// Says why data is too little to train on; `None` where it will do.
pub fn too_little(data: &Interactions) -> Option<NotTrained> {
    let distinct = |column: &[u32]| column.iter().any(|&x| x != column[0]);
    let (reason, message) = if data.len() < MIN_RATINGS {
        ("not-enough-ratings", format!("There are {} ratings; training starts at {MIN_RATINGS}.", data.len()))
    } else if !distinct(&data.user) {
        ("one-user", "All ratings are one person's; a community model needs several people.".to_owned())
    } else if !distinct(&data.item) {
        ("one-item", "All ratings are of one item; a model needs several.".to_owned())
    } else {
        return None;
    };
    Some(NotTrained { reason, message })
}

/// What came out.
#[derive(Debug)]
pub struct Trained {
    /// The model.
    pub model: Model,
    /// Epoch by epoch.
    pub history: Vec<EpochLog>,
    /// On the held-out ratings; `None` without any.
    pub metrics: Option<Metrics>,
    /// `popularity` on the same ratings.
    pub baseline: Option<Metrics>,
    /// Ratings, people and items learned from.
    pub ratings: usize,
    /// People.
    pub users: usize,
    /// Items.
    pub items: usize,
}

#[allow(clippy::large_enum_variant)] // there is one
enum Phase {
    Training(Box<dyn Fit>),
    Evaluating {
        model: Model,
        baseline: Model,
        next: usize,
        measures: [Measure; 2],
    },
    Done {
        model: Model,
        metrics: Option<[Metrics; 2]>,
    },
    /// A step went wrong.
    Over,
}

/// A training under way.
#[allow(missing_debug_implementations)] // holds whole data sets; nobody wants them printed
pub struct Training {
    spec: Spec,
    seed: u64,
    train: Interactions,
    test: Interactions,
    held: Vec<Held>,
    histories: Vec<Vec<(u32, f64)>>,
    stop: EarlyStop,
    history: Vec<EpochLog>,
    k: usize,
    phase: Phase,
}

impl Training {
    /// Splits the data and prepares the first epoch.
    pub fn begin(
        lesson: &Lesson<'_>,
        spec: Spec,
        split: Split,
        patience: usize,
        seed: u64,
    ) -> Result<Training> {
        let data = lesson.data;
        let parts = split.apply(data, seed)?;
        let (train, test) = (data.rows(&parts.train), data.rows(&parts.test));
        Training::on(train, test, lesson.catalog, spec, patience, 10, seed)
    }

    /// Trains on one part and measures on the other; both must share their vocabularies.
    pub fn on(
        train: Interactions,
        test: Interactions,
        catalog: Option<&Catalog>,
        spec: Spec,
        patience: usize,
        k: usize,
        seed: u64,
    ) -> Result<Training> {
        let (held, histories) = held::people(&train, &test);
        let fit = spec.begin(&Lesson { data: &train, catalog }, seed)?;
        let stop = EarlyStop::new(if test.is_empty() { 0 } else { patience });
        let phase = Phase::Training(fit);
        Ok(Training { spec, seed, train, test, held, histories, stop, history: Vec::new(), k, phase })
    }

    /// Works on about `budget` ratings, or evaluates as many people as take about as long.
    pub fn step(&mut self, budget: usize) -> Result<Progress> {
        self.phase = match core::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Training(fit) => self.train_step(fit, budget)?,
            Phase::Evaluating { model, baseline, next, measures } => {
                self.evaluate_step(model, baseline, next, measures, budget)
            }
            over => over,
        };
        Ok(self.progress())
    }

    fn train_step(&mut self, mut fit: Box<dyn Fit>, budget: usize) -> Result<Phase> {
        let Some(loss) = fit.advance(budget)? else { return Ok(Phase::Training(fit)) };
        let validation = if self.test.is_empty() { None } else { self.validate(fit.as_ref()) };
        let epoch = self.history.len() + 1;
        self.history.push(EpochLog { epoch, loss, validation });
        // What is watched falls: an error, or what is missing of perfect lists.
        let watched = validation.map(|v| if self.spec.aim() == Aim::Lists { 1.0 - v } else { v });
        let verdict = self.stop.see(watched);
        if verdict.best && self.stop.patience() > 0 {
            fit.mark_best();
        }
        if verdict.stop || epoch >= self.spec.epochs() {
            let model = fit.finish(&self.train);
            return Ok(self.evaluation(model));
        }
        Ok(Phase::Training(fit))
    }

    fn validate(&self, fit: &dyn Fit) -> Option<f64> {
        let t = &self.test;
        if self.spec.aim() == Aim::Lists {
            return held::curve_ndcg(&self.held, t, &|user| fit.rank(user));
        }
        let mut pairs = Vec::with_capacity(t.len());
        for r in 0..t.len() {
            let p = f64::from(fit.predict(t.user[r], t.item[r])?);
            pairs.push((t.scale.clip(p), f64::from(t.rating[r])));
        }
        Some(crate::eval::rating::rmse(pairs))
    }

    fn evaluation(&self, model: Model) -> Phase {
        if self.test.is_empty() {
            return Phase::Done { model, metrics: None };
        }
        let baseline = Model::Popularity(Popularity::fit(&self.train, PopularityParams::default()));
        let from = relevant_from(self.train.scale.min, self.train.scale.max);
        let measure = Measure::new(self.train.items.len(), self.k, from);
        Phase::Evaluating { model, baseline, next: 0, measures: [measure.clone(), measure] }
    }

    fn evaluate_step(
        &self,
        model: Model,
        baseline: Model,
        next: usize,
        mut measures: [Measure; 2],
        budget: usize,
    ) -> Phase {
        // A person costs a fold-in and a scored catalog, about what a thousand updates cost.
        let end = (next + (budget / 1000).max(1)).min(self.held.len());
        for person in next..end {
            let held = &self.held[person];
            if held.test.is_empty() {
                continue;
            }
            for (model, measure) in [&model, &baseline].into_iter().zip(&mut measures) {
                measure.add(held, &held::score(model, held, &self.histories[person]));
            }
        }
        if end < self.held.len() {
            return Phase::Evaluating { model, baseline, next: end, measures };
        }
        Phase::Done { model, metrics: Some(measures.map(Measure::finish)) }
    }

    /// Where it stands.
    pub fn progress(&self) -> Progress {
        let epochs = self.spec.epochs();
        let last = self.history.last();
        let done = last.map_or(0, |l| l.epoch);
        // Evaluation is given the last tenth.
        let share = if self.test.is_empty() { 1.0 } else { 0.9 };
        let (phase, fraction) = match &self.phase {
            Phase::Training(fit) => ("training", share * (done as f64 + fit.within_epoch()) / epochs as f64),
            Phase::Evaluating { next, .. } => {
                ("evaluating", share + (1.0 - share) * *next as f64 / self.held.len().max(1) as f64)
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

    /// True once [`Training::finish`] gives a model.
    pub fn is_done(&self) -> bool {
        matches!(self.phase, Phase::Done { .. })
    }

    /// The result; a training that is not done yet is given back.
    pub fn finish(self) -> core::result::Result<Trained, Box<Training>> {
        let (ratings, users, items) = (self.train.len(), self.train.users.len(), self.train.items.len());
        match self.phase {
            Phase::Done { model, metrics } => Ok(Trained {
                model,
                history: self.history,
                metrics: metrics.map(|m| m[0]),
                baseline: metrics.map(|m| m[1]),
                ratings,
                users,
                items,
            }),
            _ => Err(Box::new(self)),
        }
    }
}

#[cfg(test)]
mod tests;
