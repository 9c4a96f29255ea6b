//! Floor 3: begin → step()* → finish. Usable after every epoch, bounded work per step, abandoned by dropping it.

mod checkpoint;
mod evaluation;
mod fingerprint;
mod held;
mod report;
mod search;
mod stop;
mod training;

pub use evaluation::{Candidate, Evaluation, Protocol};
pub use fingerprint::Fingerprint;
pub use report::{Report, Row};
pub use search::{Goal, Quest, Search, SearchProgress, Sought, Trial};
pub use stop::EarlyStop;
pub use training::{Prepared, Training};

use crate::data::Interactions;
use crate::eval::Metrics;
use crate::ground::json::written_as;
use crate::ground::{Code, Error, Result};
use crate::models::Model;

/// Fewest ratings a model is trained on.
pub const MIN_RATINGS: usize = 10;

/// How strongly lists are held back for evaluation: as they are served by default.
pub const CAUTION: f64 = 1.0;

/// Length of the lists a version is measured by.
const K: usize = 10;

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
    /// True right after an epoch that is not the last: [`Training::checkpoint`] then has something to give.
    pub between: bool,
}

written_as!(Progress { phase => "phase", epoch => "epoch", epochs => "epochs", fraction => "fraction", loss => "loss", validation => "validation", between => "between" });

/// Why nothing was trained: an answer, not an error.
#[derive(Clone, Debug, PartialEq)]
pub struct NotTrained {
    /// Stable code.
    pub reason: &'static str,
    /// For people.
    pub message: String,
}

written_as!(NotTrained { reason => "reason", message => "message" });

/// Says why data is too little to train on; `None` where it will do. A personal model needs no second person.
pub fn too_little(data: &Interactions, personal: bool) -> Option<NotTrained> {
    let distinct = |column: &[u32]| column.iter().any(|&x| x != column[0]);
    let (reason, message) = if data.len() < MIN_RATINGS {
        ("not-enough-ratings", format!("There are {} ratings; training starts at {MIN_RATINGS}.", data.len()))
    } else if !personal && !distinct(&data.user) {
        ("one-user", "All ratings are one person's; a community model needs several people.".to_owned())
    } else if !distinct(&data.item) {
        ("one-item", "All ratings are of one item; a model needs several.".to_owned())
    } else {
        return None;
    };
    Some(NotTrained { reason, message })
}

/// The same where a model itself finds that there is nothing to learn; another error stays one.
pub fn not_trained(error: Error) -> Result<NotTrained> {
    const REASONS: [&str; 2] = ["not-enough-ratings", "one-class"];
    match REASONS.into_iter().find(|reason| error.code() == Code::NotEnoughData && error.found() == *reason) {
        Some(reason) => Ok(NotTrained { reason, message: error.to_string() }),
        None => Err(error),
    }
}

/// What a training came to.
#[derive(Clone, Debug)]
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

#[cfg(test)]
mod tests;
