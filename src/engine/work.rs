//! Training and evaluation: long work in bounded steps, so that the caller can show progress, abort, or die.

use super::pack::read_model;
use super::request::{About, Evaluate, Sought, Train, seed, whole};
use super::{DEFAULT_PROFILE, Engine};
use crate::data::Interactions;
use crate::data::interactions::Fact;
use crate::data::split::Split;
use crate::ground::json::Value;
use crate::ground::{Code, Error, Result};
use crate::models::fit::FROM;
use crate::models::{Lesson, Spec};
use crate::train::{
    Candidate, Evaluation, Fingerprint, Goal, NotTrained, Prepared, Progress, Protocol, Quest, Report,
    Search, SearchProgress, Training, not_trained, too_little,
};

pub(super) fn no_work() -> Error {
    Error::new(Code::InvalidArgument, "nothing is under way").hint("Begin first.")
}

/// What a training is to be, checked.
fn plan(ask: &Train) -> Result<(Spec, Split, usize, u64)> {
    let spec = Spec::new(&ask.model, ask.params.clone())?;
    let split = match &ask.validation {
        Some(split) => split.split(0.1)?,
        None => Split::Random { fraction: 0.1 },
    };
    Ok((spec, split, whole("patience", ask.patience, 3, 0, 1000)?, seed(ask.seed)?))
}

/// A training in words.
fn told(spec: &Spec, seed: u64, from: Option<&str>) -> String {
    format!("{spec:?}, seed {seed}, from {}", from.unwrap_or("nothing"))
}

/// Too little data where nothing but figures is asked for.
fn enough(data: &Interactions, personal: bool) -> Result<()> {
    match too_little(data, personal) {
        None => Ok(()),
        Some(reason) => Err(Error::new(Code::InvalidArgument, reason.message)
            .at("data")
            .got(reason.reason)
            .hint("Import or give ratings first.")),
    }
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
                if own.scale.check_rating("rating", rating).is_err() {
                    continue;
                }
                match profile.beside.get(item) {
                    Some(beside) => {
                        own.facts.say(own.len(), Fact::from(beside));
                        own.push_in(name, item, rating as f32, beside.at, &beside.moment);
                    }
                    None => own.push(name, item, rating as f32, crate::data::interactions::NO_TIME),
                }
            }
        }
        let count = own.len();
        (own, count)
    }

    /// What work begins with. Where only this browser's own ratings are learned from, the serving model may say where
    /// items lie among each other, if it is a community's: one with fewer than twice as many ratings behind it could
    /// have learned from these, and would know what is held out of them.
    fn material(&mut self) -> (Interactions, usize) {
        let (data, own) = self.all_ratings();
        let Engine { active, catalog, .. } = self;
        let of = active.as_ref().map(|a| &a.model).filter(|model| {
            let behind: usize = model.known().counts.iter().map(|n| *n as usize).sum();
            own > 0 && behind >= 2 * own
        });
        catalog.embed(&|id| of.and_then(|model| model.embedding(model.ids().get(id)?)));
        (data, own)
    }

    /// Ratings, and what the catalog says of their items.
    fn lesson<'a>(&'a self, data: &'a Interactions) -> Lesson<'a> {
        Lesson { data, catalog: (!self.catalog.is_empty()).then_some(&self.catalog) }
    }

    /// The first half of a beginning, for callers who want to be heard between the two: splits the data. What is wrong
    /// with what is asked is said by [`Engine::train_begin`].
    pub fn train_prepare(&mut self, ask: &Train) -> Result<()> {
        self.idle()?;
        self.prepared = None;
        let (spec, split, _, seed) = plan(ask)?;
        let (data, feedback) = self.material();
        if too_little(&data, spec.is_personal()).is_none() {
            self.prepared = Some((Prepared::new(&self.lesson(&data), split, seed)?, feedback));
        }
        Ok(())
    }

    /// Begins a training, where a version is named from its `bytes`; too little data is an answer.
    pub fn train_begin(&mut self, ask: &Train, bytes: Option<&[u8]>) -> Result<Option<NotTrained>> {
        self.idle()?;
        let prepared = self.prepared.take();
        let (spec, split, patience, seed) = plan(ask)?;
        let from = match (&ask.from, bytes) {
            (Some(id), Some(bytes)) => Some((id, read_model(bytes)?)),
            (None, None) => None,
            _ => return Err(Error::argument(FROM, "a version and its bytes", "one without the other")),
        };
        let (prepared, feedback) = match prepared.filter(|(p, _)| p.is(split, seed)) {
            Some(prepared) => prepared,
            None => {
                let (data, feedback) = self.material();
                if let Some(reason) = too_little(&data, spec.is_personal()) {
                    return Ok(Some(reason));
                }
                (Prepared::new(&self.lesson(&data), split, seed)?, feedback)
            }
        };
        let catalog = (!self.catalog.is_empty()).then_some(&self.catalog);
        let mut training = match Training::begin(prepared, catalog, spec, patience) {
            Ok(training) => training,
            Err(error) => return not_trained(error).map(Some),
        };
        if let Some((id, model)) = &from {
            training.go_on_from(id, model)?;
        }
        (self.feedback_used, self.training) = (feedback, Some(training));
        Ok(None)
    }

    /// What is needed to go on with the training elsewhere; `None` unless an epoch has just ended.
    pub fn train_checkpoint(&mut self) -> Result<Option<Vec<u8>>> {
        self.training.as_mut().ok_or_else(no_work)?.checkpoint()
    }

    /// Goes on with a training where a checkpoint was taken. What is asked must be what was begun, on the same data.
    pub fn train_resume(&mut self, ask: &Train, bytes: &[u8]) -> Result<()> {
        self.idle()?;
        let (spec, split, patience, seed) = plan(ask)?;
        let (data, feedback) = self.material();
        let training = Training::resume(&self.lesson(&data), bytes)?;
        let begun = training.spec();
        for (place, same) in [
            ("model", begun.name() == spec.name()),
            ("params", *begun == spec),
            ("validation", training.split() == Some(split)),
            ("patience", training.patience() == patience),
            ("seed", training.seed() == seed),
            (FROM, training.from() == ask.from.as_deref()),
        ] {
            if !same {
                return Err(Error::new(Code::InvalidArgument, "another training was begun")
                    .at(place)
                    .expected(told(begun, training.seed(), training.from()))
                    .got(told(&spec, seed, ask.from.as_deref()))
                    .hint("Ask for the same, or begin anew without `resume`."));
            }
        }
        (self.feedback_used, self.training) = (feedback, Some(training));
        Ok(())
    }

    fn idle(&self) -> Result<()> {
        if self.training.is_some() || self.evaluation.is_some() || self.search.is_some() {
            return Err(Error::new(Code::Busy, "a training, a search or an evaluation is under way")
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
        self.prepared = None;
        self.training = None;
        self.search = None;
        self.evaluation = None;
        self.importer = None;
    }

    /// Begins an evaluation. `given` are held-out ratings for the protocol of that name.
    pub fn evaluate_begin(&mut self, ask: &Evaluate, given: Option<Interactions>) -> Result<()> {
        self.idle()?;
        let k = whole("k", ask.k, 10, 1, 1000)?;
        let protocol = match (&ask.protocol, given) {
            (_, Some(test)) => Protocol::Given(Box::new(test)),
            (None, _) => Protocol::Split(Split::Random { fraction: 0.2 }),
            (Some(p), _) if p.split == "k-fold" => {
                Protocol::KFold(whole("protocol.folds", p.folds, 5, 2, 20)?)
            }
            (Some(p), _) => Protocol::Split(p.split(0.2)?),
        };
        let mut candidates = Vec::new();
        for model in &ask.models {
            let spec = Spec::new(&model.model, model.params.clone())?;
            let name = model.name.clone().unwrap_or_else(|| model.model.clone());
            let share = model.share.unwrap_or(1.0);
            candidates.push(Candidate { name, version: model.version.clone(), spec, share });
        }
        let (data, _) = self.material();
        enough(&data, candidates.iter().all(|c| c.spec.is_personal()))?;
        self.evaluation = Some(Evaluation::begin(
            &self.lesson(&data),
            candidates,
            protocol,
            ask.baselines,
            k,
            seed(ask.seed)?,
        )?);
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

    /// What a new rating sets off, to be timed: it is learned by a copy of the person, who is asked what to expect of the
    /// item, and dropped. Nothing changes.
    pub fn evaluate_fold_in(&self, ask: &About, rating: f64) -> Result<f64> {
        self.scale().check_rating("rating", rating)?;
        let Some(active) = &self.active else { return Err(Error::new(Code::NoModel, "no model serves")) };
        let profile = ask.profile.as_deref().unwrap_or(DEFAULT_PROFILE);
        let mut live = self.live.get(profile).cloned().unwrap_or_else(|| self.solve(active, profile));
        // As with a real rating: of what the model does not know it learns nothing.
        let Some(row) = active.model.ids().get(&ask.item) else { return Ok(f64::NAN) };
        live.set(&active.model, row, Some(rating));
        Ok(active.model.score(live.person(&active.model), row))
    }

    /// Begins a search for good parameters.
    pub fn search_begin(&mut self, ask: &Sought) -> Result<()> {
        self.idle()?;
        let spec = Spec::new(&ask.model, ask.params.clone())?;
        let split = match &ask.protocol {
            Some(split) => split.split(0.2)?,
            None => Split::Random { fraction: 0.2 },
        };
        let kept = match &ask.params {
            Some(Value::Object(map)) => map.iter().map(|(key, _)| key.clone()).collect(),
            _ => Vec::new(),
        };
        let quest = Quest {
            kept,
            trials: whole("trials", ask.trials, 16, 1, 200)?,
            goal: Goal::of(ask.metric.as_deref(), spec.aim())?,
            split,
            patience: whole("patience", ask.patience, 3, 0, 1000)?,
            seed: seed(ask.seed)?,
            spec,
        };
        let (data, _) = self.material();
        enough(&data, quest.spec.is_personal())?;
        self.search = Some(Search::begin(&self.lesson(&data), quest)?);
        Ok(())
    }

    /// Works on about `budget` ratings.
    pub fn search_step(&mut self, budget: usize) -> Result<SearchProgress> {
        Ok(self.search.as_mut().ok_or_else(no_work)?.step(budget))
    }

    /// The time is up: what has been measured counts.
    pub fn search_stop(&mut self) -> Result<()> {
        self.search.as_mut().ok_or_else(no_work)?.stop();
        Ok(())
    }

    /// What came of a search that is done.
    pub fn search_finish(&mut self) -> Result<crate::train::Sought> {
        let search = self.search.take().ok_or_else(no_work)?;
        if !search.is_done() {
            self.search = Some(search);
            return Err(Error::new(Code::Busy, "the search is not done yet"));
        }
        search.finish()
    }

    /// Tells the data trainings learn from apart from other data.
    pub fn fingerprint(&self) -> String {
        match &self.community {
            Some(community) => Fingerprint::default().ratings(community).hex(),
            None => Fingerprint::default().ratings(&self.all_ratings().0).hex(),
        }
    }
}
