//! Floor 3: begin → step()* → finish. Usable after every epoch, bounded work per step, abandoned by dropping it.

mod evaluation;
mod stop;

pub use evaluation::{Candidate, Evaluation, Protocol, Report, Row};
pub use stop::EarlyStop;

use crate::data::Interactions;
use crate::data::split::Split;
use crate::eval::{Held, Measure, Metrics, Scores, relevant_from};
use crate::ground::fields::FromFields;
use crate::ground::json::{Value, object, written_as};
use crate::ground::sort::sort_by;
use crate::ground::{Code, Error, Result, math};
use crate::models::mf::{Fit, MfParams, MfValid};
use crate::models::popularity::PopularityParams;
use crate::models::{MatrixFactorization, Model, Popularity};

/// Fewest ratings a model is trained on.
pub const MIN_RATINGS: usize = 10;

/// How strongly lists are held back for evaluation: as they are served by default.
pub const CAUTION: f64 = 1.0;

/// Which model, with checked parameters.
#[derive(Clone, Debug, PartialEq)]
pub enum Spec {
    /// Shrinkage.
    Popularity(f64),
    /// Parameters of the factorization.
    MatrixFactorization(MfValid),
}

impl Spec {
    /// From the public name and parameters as they came.
    pub fn new(model: &str, params: Option<Value>) -> Result<Spec> {
        let params = params.unwrap_or_default();
        match model {
            "popularity" => Ok(Spec::Popularity(PopularityParams::decode("params", params)?.check()?)),
            "matrix-factorization" => {
                Ok(Spec::MatrixFactorization(MfParams::decode("params", params)?.check()?))
            }
            other => Err(Error::argument(
                "model",
                "\"popularity\" or \"matrix-factorization\"",
                format!("{other:?}"),
            )),
        }
    }

    /// The public name.
    pub fn name(&self) -> &'static str {
        match self {
            Spec::Popularity(_) => "popularity",
            Spec::MatrixFactorization(_) => "matrix-factorization",
        }
    }

    /// The parameters, defaults filled in.
    pub fn params(&self) -> Value {
        match self {
            Spec::Popularity(k) => object([("shrinkage", (*k).into())]),
            Spec::MatrixFactorization(p) => (*p).into(),
        }
    }

    fn epochs(&self) -> usize {
        match self {
            Spec::Popularity(_) => 1,
            Spec::MatrixFactorization(p) => p.epochs,
        }
    }
}

/// One epoch of the log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EpochLog {
    /// From 1.
    pub epoch: usize,
    /// Root mean squared error on the training ratings.
    pub loss: f64,
    /// Root mean squared error on the held-out ratings.
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
    Training(Option<Box<Fit>>),
    Evaluating { model: Model, baseline: Model, next: usize, measures: [Measure; 2] },
    Done { model: Model, metrics: Option<[Metrics; 2]> },
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
        data: &Interactions,
        spec: Spec,
        split: Split,
        patience: usize,
        seed: u64,
    ) -> Result<Training> {
        let parts = split.apply(data, seed)?;
        Training::on(data.rows(&parts.train), data.rows(&parts.test), spec, patience, 10, seed)
    }

    /// Trains on one part and measures on the other; both must share their vocabularies.
    pub fn on(
        train: Interactions,
        test: Interactions,
        spec: Spec,
        patience: usize,
        k: usize,
        seed: u64,
    ) -> Result<Training> {
        check_memory(&train, &spec)?;
        let (held, histories) = people(&train, &test);
        let fit = match &spec {
            Spec::MatrixFactorization(params) => Some(Box::new(Fit::new(&train, *params, seed))),
            Spec::Popularity(_) => None,
        };
        let stop = EarlyStop::new(if test.is_empty() { 0 } else { patience });
        let phase = Phase::Training(fit);
        Ok(Training { spec, seed, train, test, held, histories, stop, history: Vec::new(), k, phase })
    }

    /// Works on about `budget` ratings, or evaluates as many people as take about as long.
    pub fn step(&mut self, budget: usize) -> Result<Progress> {
        self.phase = match core::mem::replace(&mut self.phase, Phase::Training(None)) {
            Phase::Training(fit) => self.train_step(fit, budget)?,
            Phase::Evaluating { model, baseline, next, measures } => {
                self.evaluate_step(model, baseline, next, measures, budget)
            }
            done => done,
        };
        Ok(self.progress())
    }

    fn train_step(&mut self, fit: Option<Box<Fit>>, budget: usize) -> Result<Phase> {
        let Some(mut fit) = fit else {
            let Spec::Popularity(shrinkage) = self.spec else { unreachable!("only popularity has no fit") };
            let model = Popularity::fit(&self.train, shrinkage);
            self.history.push(EpochLog { epoch: 1, loss: f64::from(model.noise), validation: None });
            return Ok(self.evaluation(Model::Popularity(model)));
        };
        let Some(loss) = fit.advance(budget) else { return Ok(Phase::Training(Some(fit))) };
        if !fit.converges() || !loss.is_finite() {
            return Err(Error::argument(
                "params.learningRate",
                "a rate at which the loss falls",
                "factors that ran away",
            )
            .hint("Lower learningRate or initScale, or raise regularization."));
        }
        let validation = (!self.test.is_empty()).then(|| self.validate(&fit));
        let epoch = fit.epoch();
        self.history.push(EpochLog { epoch, loss, validation });
        let verdict = self.stop.see(validation);
        if verdict.best && self.stop.patience() > 0 {
            fit.mark_best();
        }
        if verdict.stop || epoch >= self.spec.epochs() {
            let model = MatrixFactorization::new(&self.train, *fit, self.seed);
            return Ok(self.evaluation(Model::MatrixFactorization(model)));
        }
        Ok(Phase::Training(Some(fit)))
    }

    fn validate(&self, fit: &Fit) -> f64 {
        let t = &self.test;
        crate::eval::rating::rmse((0..t.len()).map(|r| {
            let p = f64::from(fit.predict(t.user[r], t.item[r]));
            (t.scale.clip(p), f64::from(t.rating[r]))
        }))
    }

    fn evaluation(&self, model: Model) -> Phase {
        if self.test.is_empty() {
            return Phase::Done { model, metrics: None };
        }
        let baseline = Model::Popularity(Popularity::fit(&self.train, 10.0));
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
                measure.add(held, &score(model, held, &self.histories[person]));
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
            Phase::Training(fit) => {
                let within = fit.as_ref().map_or(0.0, |f| f.within_epoch());
                ("training", share * (done as f64 + within) / epochs as f64)
            }
            Phase::Evaluating { next, .. } => {
                ("evaluating", share + (1.0 - share) * *next as f64 / self.held.len().max(1) as f64)
            }
            Phase::Done { .. } => ("done", 1.0),
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

/// A person's held-out ratings predicted and all items ranked: everybody is folded in from their training ratings,
/// as they would be when served.
fn score(model: &Model, held: &Held, history: &[(u32, f64)]) -> Scores {
    let person = model.person(history);
    let scale = model.scale();
    Scores {
        predicted: held.test.iter().map(|&(i, _)| scale.clip(model.score(&person, i))).collect(),
        ranked: model.rank_all(&person, CAUTION),
    }
}

fn people(train: &Interactions, test: &Interactions) -> (Vec<Held>, Vec<Vec<(u32, f64)>>) {
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

/// Refuses what would not fit into wasm's memory before it is allocated.
fn check_memory(data: &Interactions, spec: &Spec) -> Result<()> {
    let Spec::MatrixFactorization(p) = spec else { return Ok(()) };
    // Users and items, at work and as the best epoch kept.
    let bytes = (data.users.len() + data.items.len()) * (math::padded(p.factors) + 1) * 4 * 2;
    const CAP: usize = 1 << 30;
    if bytes <= CAP {
        return Ok(());
    }
    Err(Error::new(Code::OutOfMemory, "this model would not fit into memory")
        .at("params.factors")
        .expected(format!("at most {} MB of factors", CAP >> 20))
        .got(format!("{} MB", bytes >> 20))
        .hint("Use fewer factors."))
}

#[cfg(test)]
mod tests;
