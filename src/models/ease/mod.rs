//! `ease`: what people like, from what they liked, by one weight for each pair of items and in closed form (Steck,
//! "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019). With X the people's likings, B minimises |X − X B|² + λ |B|²
//! under a diagonal of zeros, so no item explains itself:
//!
//! P = (XᵀX + λ I)⁻¹,  B_ij = −P_ij / P_jj for i ≠ j (eq. 8);  a person with likings x prefers item j by Σ x_i B_ij
//!
//! Three things are added. What was rated too low to be a liking counts a little, too (`seenWeight`). Each person's row
//! counts n^−s for n likings (`historyScaling`), so that XᵀX is XᵀWX: the squared error is a weighted one, and those who
//! like much do not drown the others. And of each column of B only the largest weights are kept, or a model of 4,000
//! items would take 64 MB. How much the first two are worth stands in docs/model-selection.md.
//!
//! Fold-in is a sum of rows of B: there is nothing to solve for, and nobody the model was trained on is in it.

pub mod fit;
pub mod params;
#[cfg(test)]
mod tests;
pub mod weights;

pub use fit::ClosedForm;
pub use params::EaseParams;
pub use weights::Weights;

use super::params::Settings;
use super::spec::{Aim, Recipe};
use super::{Biases, Calibrated, Known, Model, People, Person, Scorer, Solved, sample};
use crate::codec::Writer;
use crate::data::Interactions;
use crate::ground::dense::Tiles;

/// The kind.
pub const RECIPE: Recipe = Recipe {
    name: "ease",
    table: EaseParams::TABLE,
    declared: &[],
    aim: Aim::Lists,
    personal: |_| false,
    circumstances: false,
    // The matrix, the weights kept, and the likings by person and by item.
    memory: |settings, data| {
        let params = EaseParams::of(settings);
        let n = params.max_items.min(data.items.len());
        Tiles::bytes(n) + n * params.neighbours.min(n) * 20 + data.len() * 28
    },
    begin: |settings, lesson, _| Ok(Box::new(ClosedForm::new(lesson.data, EaseParams::of(settings)))),
    read: |settings, known, r, _| {
        let weights = Weights::read(r, known.len())?;
        let biases = Biases::read(r, known.len())?;
        Ok(Model::Ease(Ease { params: EaseParams::of(settings), known, weights, biases }))
    },
};

/// Ratings that expected ratings are calibrated on.
const CALIBRATION: usize = 50_000;

/// A trained model.
#[derive(Clone, Debug)]
pub struct Ease {
    /// How it was trained.
    pub params: EaseParams,
    /// Ids, counts, scale.
    pub known: Known,
    /// B.
    pub weights: Weights,
    biases: Biases,
}

impl Ease {
    /// Learns how preferences become ratings: from those of the training data, whose own item never has a part in its
    /// preference.
    pub fn new(data: &Interactions, params: EaseParams, weights: Weights) -> Ease {
        Ease { params, known: Known::of(data), weights, biases: Biases::default() }
    }

    fn says(&self, rating: f64) -> (f32, bool) {
        self.params.says(self.known.scale, rating)
    }

    fn preferences(&self, history: &[(u32, f64)]) -> Vec<f32> {
        self.weights.preferences(&mut history.iter().map(|&(item, rating)| (item, self.says(rating).0)))
    }
}

impl Calibrated for Ease {
    fn biases(&mut self) -> &mut Biases {
        &mut self.biases
    }

    fn set_noise(&mut self, squared: f64) {
        self.known.set_noise(squared);
    }

    fn sampled(&self) -> usize {
        CALIBRATION
    }

    /// Its diagonal is zero: what somebody says of an item has no weight in their preference for it.
    fn unaware(&self, history: &[(u32, f64)]) -> Vec<f32> {
        let preference = self.preferences(history);
        history.iter().map(|h| preference[h.0 as usize]).collect()
    }
}

impl Scorer for Ease {
    fn name(&self) -> &'static str {
        RECIPE.name
    }

    fn known(&self) -> &Known {
        &self.known
    }

    fn settings(&self) -> Settings {
        self.params.settings()
    }

    /// μ + b_i.
    fn baseline(&self, item: u32) -> f64 {
        self.biases.baseline(item)
    }

    fn fold_in(&self, history: &[(u32, f64)]) -> Person {
        if history.is_empty() {
            return Person::Anyone;
        }
        let preference = self.preferences(history);
        let ratings = self.biases.ratings(history, &preference);
        // Who likes nothing yet is shown what is liked in general.
        let likes = history.iter().any(|h| self.says(h.1).1);
        let ranks = likes.then(|| self.known.lean(preference, history.len()));
        Person::Solved(Solved {
            ratings,
            ranks,
            variance: None,
            factors: None,
            count: history.len(),
            own: None,
        })
    }

    /// Of the preference, x_i B_ij.
    fn contributions(&self, person: &Person, item: u32, history: &[(u32, f64)]) -> Vec<f64> {
        let part = |&(j, rating): &(u32, f64)| {
            f64::from(self.says(rating).0) * f64::from(self.weights.weight(j, item))
        };
        let parts: Vec<f64> = history.iter().map(part).collect();
        let mut all = self.biases.contributions(history, &parts);
        sample::settle(&mut all, self.score(person, item) - self.baseline(item));
        all
    }

    fn likeness(&self, a: u32, b: u32) -> Option<f32> {
        Some(self.weights.partial(a, b))
    }

    fn write(&self, w: &mut Writer, _: People) {
        self.weights.write(w);
        self.biases.write(w);
    }
}
