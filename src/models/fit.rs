//! What is asked of every training under way.

use super::params::Settings;
use super::{Model, Unsettled};
use crate::codec::Tape;
use crate::data::{Catalog, Interactions};
use crate::ground::json::write;
use crate::ground::{Code, Error, Result};

/// Where a version to go on from is asked for.
pub const FROM: &str = "train.from";

/// What a model learns from. A fit copies what it needs of the catalog.
#[derive(Clone, Copy, Debug)]
pub struct Lesson<'a> {
    /// Ratings.
    pub data: &'a Interactions,
    /// What is known of the items besides.
    pub catalog: Option<&'a Catalog>,
}

/// A training under way: bounded work per call, abandoned by dropping it. Same data, parameters and seed give the same
/// model, whatever the budgets were.
pub trait Fit {
    /// Works on about `budget` ratings; `Some(loss)` at the end of an epoch, where it stops early. A closed form is one
    /// epoch. 60,000 of budget take 24 ms or less.
    fn advance(&mut self, budget: usize) -> Result<Option<f64>>;

    /// Share of the present epoch that is done, 0 to 1.
    fn within_epoch(&self) -> f64;

    /// Takes up what a model trained before knows of the items and people of this data, by id, in place of chance:
    /// learning continues instead of starting anew. Refused where the model is of another kind or shape, or where there
    /// is nothing to continue (a closed form); nothing has changed then.
    fn warm(&mut self, from: &Model, data: &Interactions) -> Result<()> {
        let _ = data;
        Err(Error::new(
            Code::Unsupported,
            "this model is solved for at once, so there is nothing to go on from",
        )
        .at(FROM)
        .expected("a version of a model that learns in epochs")
        .got(from.name())
        .hint("Train it anew, without `from`: that costs as much."))
    }

    /// Expected rating by rows of the training data, for the validation curve; `None` where there is none before the
    /// end, or the model's aim is another.
    fn predict(&self, user: u32, item: u32) -> Option<f32> {
        let _ = (user, item);
        None
    }

    /// Shows held-out ratings, in rows of the training data, that are to be followed from epoch to epoch.
    fn watch(&mut self, held: &Interactions) {
        let _ = held;
    }

    /// Expected ratings of what is followed, for a fit whose answer is more than its present state; `None` where
    /// [`Fit::predict`] says it all.
    fn watched(&self) -> Option<Vec<f32>> {
        None
    }

    /// False where more epochs never make it worse, so that a curve that wavers ends nothing.
    fn stops_early(&self) -> bool {
        true
    }

    /// What every item is ranked by for a person of the training data, for the validation curve of models whose aim
    /// are lists.
    fn rank(&self, user: u32) -> Option<Vec<f32>> {
        let _ = user;
        None
    }

    /// Keeps the present state as the best one; a fit that cannot stop early need not.
    fn mark_best(&mut self) {}

    /// The model, of the best marked epoch, else of now, with what is left to do for it. `data` is what it was begun
    /// with.
    fn close(self: Box<Self>, data: &Interactions) -> Unsettled;

    /// Everything that changes while it learns, written to or read from a tape between two epochs.
    fn state(&mut self, tape: &mut Tape<'_>) -> Result<()>;
}

/// The refusal of a version of another kind.
pub fn other_kind(name: &str, from: &Model) -> Error {
    Error::argument(FROM, format!("a version of {name}"), from.name())
        .hint("Train the model of that version, or train anew without `from`.")
}

/// Refuses parameters that give factors and weights another shape than a model has.
pub fn same_shape(names: &[&'static str], ours: &Settings, theirs: &Settings) -> Result<()> {
    for name in names {
        let (own, known) = (ours.get(name), theirs.get(name));
        if own != known {
            let place = format!("params.{name}");
            return Err(Error::argument(place, write(&known.into()), write(&own.into()))
                .hint("Leave it out, and it is as in the version `from`; or train anew without `from`."));
        }
    }
    Ok(())
}

/// The model, ready: for whoever has no steps to keep to. Beside [`Fit`], whose table of methods is served with.
pub trait Finish {
    /// Closes and settles.
    fn finish(self: Box<Self>, data: &Interactions) -> Model;
}

impl<F: Fit + ?Sized> Finish for F {
    fn finish(self: Box<Self>, data: &Interactions) -> Model {
        self.close(data).settled(data)
    }
}
