//! Training and evaluation: long work in bounded steps, so that the caller can show progress, abort, or die.

use super::Engine;
use super::request::{Evaluate, Train, seed, whole};
use crate::data::Interactions;
use crate::ground::{Code, Error, Result};
use crate::models::Model;
use crate::train::{Candidate, Evaluation, NotTrained, Progress, Protocol, Report, Spec, Training, too_little};

pub(super) fn no_work() -> Error {
    Error::new(Code::InvalidArgument, "nothing is under way").hint("Begin first.")
}

impl Engine {
    /// All ratings there are: the community's, and those of this browser's profiles as one more person each.
    fn all_ratings(&self) -> Interactions {
        let mut all = self.community.clone().unwrap_or_else(|| Interactions { scale: self.scale(), ..Default::default() });
        let scale = all.scale;
        for (name, profile) in self.feedback.profiles() {
            // A name no import can give: files hold no control characters in ids.
            let user = format!("profile {name}");
            for (item, &rating) in &profile.ratings {
                if rating >= scale.min && rating <= scale.max {
                    all.push(&user, item, rating as f32, crate::data::interactions::NO_TIME);
                }
            }
        }
        all
    }

    /// Begins a training; too little data is an answer.
    pub fn train_begin(&mut self, ask: &Train) -> Result<Option<NotTrained>> {
        self.idle()?;
        let spec = Spec::new(&ask.model, ask.params.clone())?;
        let split = match &ask.validation {
            Some(split) => split.split(0.1)?,
            None => crate::data::split::Split::Random { fraction: 0.1 },
        };
        let patience = whole("patience", ask.patience, 3, 0, 1000)?;
        let seed = seed(ask.seed)?;
        let data = self.all_ratings();
        if let Some(reason) = too_little(&data) {
            return Ok(Some(reason));
        }
        self.training = Some(Training::begin(&data, spec, split, patience, seed)?);
        Ok(None)
    }

    fn idle(&self) -> Result<()> {
        if self.training.is_some() || self.evaluation.is_some() {
            return Err(Error::new(Code::Busy, "a training or an evaluation is under way")
                .hint("Wait for it to end, or abort it."));
        }
        Ok(())
    }

    /// Works on about `budget` ratings. An error ends the training.
    pub fn train_step(&mut self, budget: usize) -> Result<Progress> {
        let training = self.training.as_mut().ok_or_else(no_work)?;
        training.step(budget).inspect_err(|_| self.training = None)
    }

    /// Forgets what is under way; the model that serves stays as it was.
    pub fn abandon(&mut self) {
        self.training = None;
        self.evaluation = None;
        self.importer = None;
    }

    /// Begins an evaluation. `given` are held-out ratings for the protocol of that name.
    pub fn evaluate_begin(&mut self, ask: &Evaluate, given: Option<Interactions>) -> Result<()> {
        self.idle()?;
        let k = whole("k", ask.k, 10, 1, 1000)?;
        let protocol = match (&ask.protocol, given) {
            (_, Some(test)) => Protocol::Given(Box::new(test)),
            (None, _) => Protocol::Split(crate::data::split::Split::Random { fraction: 0.2 }),
            (Some(p), _) if p.split == "k-fold" => Protocol::KFold(whole("protocol.folds", p.folds, 5, 2, 20)?),
            (Some(p), _) => Protocol::Split(p.split(0.2)?),
        };
        let mut candidates = Vec::new();
        for model in &ask.models {
            let spec = Spec::new(&model.model, model.params.clone())?;
            let name = model.name.clone().unwrap_or_else(|| model.model.clone());
            candidates.push(Candidate { name, version: model.version.clone(), spec });
        }
        let data = self.all_ratings();
        if let Some(reason) = too_little(&data) {
            return Err(Error::new(Code::InvalidArgument, reason.message).at("data").hint("Import or give ratings first."));
        }
        self.evaluation = Some(Evaluation::begin(&data, candidates, protocol, k, seed(ask.seed)?)?);
        Ok(())
    }

    /// Works on about `budget` ratings; gives the share done.
    pub fn evaluate_step(&mut self, budget: usize) -> Result<f64> {
        let evaluation = self.evaluation.as_mut().ok_or_else(no_work)?;
        evaluation.step(budget).inspect_err(|_| self.evaluation = None)
    }

    /// The report of a finished evaluation.
    pub fn evaluate_finish(&mut self) -> Result<Report> {
        self.evaluation.take().map(Evaluation::finish).ok_or_else(no_work)
    }
}
