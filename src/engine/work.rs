//! Training and evaluation: long work in bounded steps, so that the caller can show progress, abort, or die.

use super::Engine;
use super::request::{Evaluate, Train, seed, whole};
use crate::data::Interactions;
use crate::ground::{Code, Error, Result};
use crate::models::{Lesson, Spec};
use crate::train::{Candidate, Evaluation, NotTrained, Progress, Protocol, Report, Training, too_little};

pub(super) fn no_work() -> Error {
    Error::new(Code::InvalidArgument, "nothing is under way").hint("Begin first.")
}

impl Engine {
    /// What a training learns from: the community's ratings; where there are none, those of this browser's profiles,
    /// a person each. Never both: a community model must not carry what its owner may want forgotten, and everybody
    /// is folded in when served anyway.
    fn all_ratings(&self) -> (Interactions, usize) {
        if let Some(community) = &self.community {
            return (community.clone(), 0);
        }
        let mut own = Interactions { scale: self.scale(), ..Default::default() };
        for (name, profile) in self.feedback.profiles() {
            for (item, &rating) in profile.ratings.iter() {
                if own.scale.check_rating("rating", rating).is_ok() {
                    own.push(name, item, rating as f32, crate::data::interactions::NO_TIME);
                }
            }
        }
        let count = own.len();
        (own, count)
    }

    /// Ratings, and what the catalog says of their items.
    fn lesson<'a>(&'a self, data: &'a Interactions) -> Lesson<'a> {
        Lesson { data, catalog: (!self.catalog.is_empty()).then_some(&self.catalog) }
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
        let (data, feedback) = self.all_ratings();
        if let Some(reason) = too_little(&data) {
            return Ok(Some(reason));
        }
        self.feedback_used = feedback;
        self.training = Some(Training::begin(&self.lesson(&data), spec, split, patience, seed)?);
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
            (Some(p), _) if p.split == "k-fold" => {
                Protocol::KFold(whole("protocol.folds", p.folds, 5, 2, 20)?)
            }
            (Some(p), _) => Protocol::Split(p.split(0.2)?),
        };
        let mut candidates = Vec::new();
        for model in &ask.models {
            let spec = Spec::new(&model.model, model.params.clone())?;
            let name = model.name.clone().unwrap_or_else(|| model.model.clone());
            candidates.push(Candidate { name, version: model.version.clone(), spec });
        }
        let (data, _) = self.all_ratings();
        if let Some(reason) = too_little(&data) {
            return Err(Error::new(Code::InvalidArgument, reason.message)
                .at("data")
                .hint("Import or give ratings first."));
        }
        self.evaluation =
            Some(Evaluation::begin(&self.lesson(&data), candidates, protocol, k, seed(ask.seed)?)?);
        Ok(())
    }

    /// Works on about `budget` ratings; gives the share done.
    pub fn evaluate_step(&mut self, budget: usize) -> Result<f64> {
        let evaluation = self.evaluation.as_mut().ok_or_else(no_work)?;
        evaluation.step(budget).inspect_err(|_| self.evaluation = None)
    }

    /// The report of a finished evaluation.
    pub fn evaluate_finish(&mut self) -> Result<Report> {
        let evaluation = self.evaluation.take().ok_or_else(no_work)?;
        if !evaluation.is_done() {
            self.evaluation = Some(evaluation);
            return Err(Error::new(Code::Busy, "the evaluation is not done yet"));
        }
        Ok(evaluation.finish())
    }
}
