//! `factorization-machine`: a Bayesian factorization machine, sampled.
//!
//! A rating is w₀ + Σ x w of both sides' features + (Σ x v of the person's) · (Σ x v of the item's) + noise, with features
//! for the person and the item themselves, and as asked for what the person rated ("SVD++", Koren 2008), who rated the
//! item ("flipped"), genres and years (Rendle, "Factorization Machines with libFM", ACM TIST 2012). Interactions between
//! features of the same side are left out: they depend on one side alone, where weights say the same.
//!
//! Kept sweeps serve together: the mean of what they expect is the score, and how they differ, with each one's own
//! uncertainty about the person, is its variance. So intervals are told by the model itself.

mod blocks;
mod container;
pub mod draw;
pub mod fit;
mod fold_in;
pub mod gram;
mod moments;
pub mod params;
pub mod side;

#[cfg(test)]
mod tests;

pub use fit::{Chain, Sample};
pub use fold_in::Person;
use moments::Words;
pub use params::FmParams;

use super::params::Settings;
use super::spec::{Aim, Recipe};
use super::{Known, Model, Past, People, Scorer};
use crate::codec::Writer;
use crate::data::Moment;
use crate::ground::math;

/// The kind.
pub const RECIPE: Recipe = Recipe {
    name: "factorization-machine",
    table: FmParams::TABLE,
    declared: &[],
    aim: Aim::Ratings,
    personal: |_| false,
    circumstances: false,
    memory: |settings, data| {
        let p = FmParams::of(settings);
        let width = math::padded(p.factors);
        let tables = if p.history > 0 { 2 } else { 1 };
        let entities = data.users.len() + data.items.len();
        let records = if p.history > 0 || p.content { entities } else { 1 };
        let bytes = records * gram::size(width) * 4 + entities * (width + 1) * 16;
        bytes + p.samples * data.items.len() * (width + 1) * 4 * tables + data.len() * 24
    },
    begin: |settings, lesson, seed| Ok(Box::new(Chain::new(lesson, FmParams::of(settings), seed))),
    read: |settings, known, r, _| {
        let params = FmParams::of(settings);
        let (samples, words) = container::read(r, &params, known.len())?;
        Ok(Model::FactorizationMachine(FactorizationMachine::new(params, known, samples, words)))
    },
};

/// A trained model.
#[derive(Clone, Debug)]
pub struct FactorizationMachine {
    /// How it was trained.
    pub params: FmParams,
    /// Ids, counts, scale; the noise is the one that was sampled.
    pub known: Known,
    samples: Vec<Sample>,
    words: Words,
    expected: Vec<f32>,
}

impl FactorizationMachine {
    /// From kept samples, at least one.
    pub fn new(params: FmParams, known: Known, samples: Vec<Sample>, words: Words) -> FactorizationMachine {
        let mut model = FactorizationMachine { params, known, samples, words, expected: Vec::new() };
        model.expected = model.expected();
        model
    }

    /// All samples' factors of an item, each divided by the square root of their number: products of two such rows are
    /// mean products, which no rotation of a sample changes.
    fn joined(&self, item: u32) -> Vec<f32> {
        let k = self.params.factors;
        let scale = 1.0 / math::sqrt(self.samples.len() as f64) as f32;
        let rows = self.samples.iter().map(|s| &s.items.row(item as usize)[..k]);
        rows.flat_map(|row| row.iter().map(move |x| x * scale)).collect()
    }
}

impl Scorer for FactorizationMachine {
    fn name(&self) -> &'static str {
        RECIPE.name
    }

    fn known(&self) -> &Known {
        &self.known
    }

    fn settings(&self) -> Settings {
        self.params.settings()
    }

    fn baseline(&self, item: u32) -> f64 {
        f64::from(self.expected[item as usize])
    }

    fn effort(&self, ratings: usize, _: usize) -> usize {
        let f = self.params.factors;
        1000 + self.samples.len() * (f * f * (ratings + f / 3) + f * self.known.len() / 4) / 400
    }

    fn fold_in(&self, history: &[(u32, f64)]) -> super::Person {
        match history {
            [] => super::Person::Anyone,
            _ => super::Person::Sampled(self.solve(history, &[])),
        }
    }

    fn recall(&self, past: &Past) -> super::Person {
        let said = |at: usize| self.words.rows(|kind| past.beside(at)?.moment.get(kind).map(String::as_str));
        match past.ratings.as_slice() {
            [] => super::Person::Anyone,
            ratings if self.words.len() == 0 || past.beside.is_empty() => self.fold_in(ratings),
            ratings => {
                let moments: Vec<Vec<u32>> = (0..ratings.len()).map(said).collect();
                super::Person::Sampled(self.solve(ratings, &moments))
            }
        }
    }

    fn circumstances(&self) -> Vec<(String, Vec<String>)> {
        self.words.kinds.iter().map(|(name, words)| (name.clone(), words.ids().to_vec())).collect()
    }

    fn in_moment(&self, person: &super::Person, moment: &Moment) -> Option<super::Person> {
        let words = self.words.rows(|kind| moment.get(kind).map(String::as_str));
        if words.is_empty() {
            return None;
        }
        Some(super::Person::Sampled(match person {
            super::Person::Sampled(p) => self.moved(p, &words),
            _ => self.moved(&self.solve(&[], &[]), &words),
        }))
    }

    fn score(&self, person: &super::Person, item: u32) -> f64 {
        match person {
            super::Person::Sampled(p) => self.score_of(p, item),
            _ => self.baseline(item),
        }
    }

    fn score_all(&self, person: &super::Person) -> Vec<f32> {
        match person {
            super::Person::Sampled(p) => self.scores(p),
            _ => self.expected.clone(),
        }
    }

    fn variance(&self, person: &super::Person, item: u32) -> f64 {
        match person {
            super::Person::Sampled(p) => self.variance_of(Some(p), item),
            _ => self.variance_of(None, item),
        }
    }

    fn contributions(&self, person: &super::Person, item: u32, history: &[(u32, f64)]) -> Vec<f64> {
        match person {
            super::Person::Sampled(p) => self.shares(p, item, history),
            _ => Vec::new(),
        }
    }

    fn embedding(&self, item: u32) -> Option<Vec<f32>> {
        Some(self.joined(item))
    }

    fn embedding_of(&self, person: &super::Person) -> Option<Vec<f32>> {
        match person {
            super::Person::Sampled(p) => Some(self.joined_person(p)),
            _ => None,
        }
    }

    fn write(&self, w: &mut Writer, _: People) {
        container::write(w, &self.samples, &self.words, self.params.factors);
    }
}
