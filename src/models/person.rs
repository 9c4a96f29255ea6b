//! What a model knows of the person it scores for.

use super::{fm, mf, tabular};
use crate::data::feedback::Beside;

/// What somebody has said: ratings, and what is known beside each.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// (item row, rating). A row may come twice, in different circumstances.
    pub ratings: Vec<(u32, f64)>,
    /// Circumstances and the like, rating by rating; empty where nothing is known of any.
    pub beside: Vec<Beside>,
}

impl Past {
    /// What is known beside a rating.
    pub fn beside(&self, at: usize) -> Option<&Beside> {
        self.beside.get(at)
    }
}

/// A person, solved for by fold-in.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant)] // a handful exist at a time
pub enum Person {
    /// Nothing: the model is not personal, or there is no rating yet.
    Anyone,
    /// Factors and their uncertainty, by [`crate::models::MatrixFactorization`].
    Folded(mf::Person),
    /// Under every sample, by [`crate::models::FactorizationMachine`].
    Sampled(fm::Person),
    /// What a model says of every item at once.
    Solved(Solved),
    /// As each member of an ensemble sees them.
    Together(Vec<Person>),
}

/// Scores of all items for one person, by item row.
#[derive(Clone, Debug, Default)]
pub struct Solved {
    /// Expected ratings, not clipped.
    pub ratings: Vec<f32>,
    /// What items are ranked by, highest first; `None` where that is the expected rating.
    pub ranks: Option<Vec<f32>>,
    /// Variance of each expected rating (the noise of a rating not counted); `None` where the model has none.
    pub variance: Option<Vec<f32>>,
    /// The person's embedding, where the model has embeddings.
    pub factors: Option<Vec<f32>>,
    /// Number of ratings behind it.
    pub count: usize,
    /// What models of features know of the person.
    pub own: Option<Box<tabular::Own>>,
}

impl Person {
    /// True where something is known of the person.
    pub fn is_personal(&self) -> bool {
        !matches!(self, Person::Anyone)
    }
}
