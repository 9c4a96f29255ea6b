//! Floor 2: what gives scores. A closed enum rather than trait objects: the set is known, and a `match` that misses a
//! model does not compile.

pub mod mf;
pub mod popularity;
mod save;

use crate::data::Scale;
use crate::ground::ids::Vocabulary;
use crate::ground::math;
pub use mf::MatrixFactorization;
pub use popularity::Popularity;
pub use save::People;

/// A trained model.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant)] // one or two exist at a time
pub enum Model {
    /// Shrunk means.
    Popularity(Popularity),
    /// Biases and factors.
    MatrixFactorization(MatrixFactorization),
}

/// What a model knows of the person it scores for.
#[derive(Clone, Debug)]
pub enum Person {
    /// Nothing: the model is not personal, or there is no rating yet.
    Anyone,
    /// Solved by fold-in.
    Folded(mf::Person),
}

impl Model {
    /// The public name.
    pub fn name(&self) -> &'static str {
        match self {
            Model::Popularity(_) => "popularity",
            Model::MatrixFactorization(_) => "matrix-factorization",
        }
    }

    /// Ids of the items it can score, by row.
    pub fn ids(&self) -> &Vocabulary {
        match self {
            Model::Popularity(m) => &m.ids,
            Model::MatrixFactorization(m) => &m.ids,
        }
    }

    /// The scale of its scores.
    pub fn scale(&self) -> Scale {
        match self {
            Model::Popularity(m) => m.scale,
            Model::MatrixFactorization(m) => m.scale,
        }
    }

    /// Number of ratings behind an item.
    pub fn count(&self, item: u32) -> u32 {
        match self {
            Model::Popularity(m) => m.counts[item as usize],
            Model::MatrixFactorization(m) => m.counts[item as usize],
        }
    }

    /// Mean rating of all items.
    pub fn mean(&self) -> f64 {
        match self {
            Model::Popularity(m) => f64::from(m.mean),
            Model::MatrixFactorization(m) => f64::from(m.mean),
        }
    }

    /// Standard deviation of an observed rating around a score.
    pub fn noise(&self) -> f64 {
        match self {
            Model::Popularity(m) => f64::from(m.noise),
            Model::MatrixFactorization(m) => f64::from(m.noise),
        }
    }

    /// Solves for a person from ratings (item row, rating). Any person, known to training or not.
    pub fn person(&self, ratings: &[(u32, f64)]) -> Person {
        match self {
            Model::MatrixFactorization(m) if !ratings.is_empty() => {
                let mut fold = m.fold_in();
                for &(item, rating) in ratings {
                    fold.update(m, item, rating, 1.0);
                }
                Person::Folded(fold.solve(m))
            }
            _ => Person::Anyone,
        }
    }

    /// The score of somebody nothing is known about.
    pub fn baseline(&self, item: u32) -> f64 {
        match self {
            Model::Popularity(m) => f64::from(m.means[item as usize]),
            Model::MatrixFactorization(m) => m.baseline(item),
        }
    }

    /// Expected rating, not clipped.
    pub fn score(&self, person: &Person, item: u32) -> f64 {
        match (self, person) {
            (Model::MatrixFactorization(m), Person::Folded(p)) => p.score(m, item),
            _ => self.baseline(item),
        }
    }

    /// Scores of all items by row, in single precision.
    pub fn score_all(&self, person: &Person) -> Vec<f32> {
        match (self, person) {
            (Model::MatrixFactorization(m), Person::Folded(p)) => {
                let (bias, factors) = p.packed(m);
                let base = m.mean + bias;
                (0..m.items.len())
                    .map(|i| base + m.items.bias[i] + math::dot(&factors, m.items.row(i)))
                    .collect()
            }
            (Model::MatrixFactorization(m), Person::Anyone) => {
                m.items.bias.iter().map(|b| m.mean + b).collect()
            }
            (Model::Popularity(m), _) => m.means.clone(),
        }
    }

    /// What every item is ranked by: its score, held back by `caution` standard errors of the item (not of the person,
    /// who is the same for all). `popularity` ranks by the mass of its ratings, n · (mean − min) / (max − min).
    pub fn rank_all(&self, person: &Person, caution: f64) -> Vec<f32> {
        if let Model::Popularity(m) = self {
            let (min, span) = (m.scale.min as f32, (m.scale.max - m.scale.min) as f32);
            return m.means.iter().zip(&m.counts).map(|(mean, &n)| n as f32 * (mean - min) / span).collect();
        }
        let mut scores = self.score_all(person);
        let width = (caution * self.noise()) as f32;
        for (i, score) in scores.iter_mut().enumerate() {
            *score -= width / ((self.count(i as u32) + 1) as f32).sqrt();
        }
        scores
    }

    /// Variance of the score itself (the noise of a rating not counted): little is known of the person, or of the
    /// item. The item's part is that of a mean of n + 1 ratings.
    pub fn variance(&self, person: &Person, item: u32) -> f64 {
        let noise = self.noise() * self.noise();
        let of_item = 1.0 / (f64::from(self.count(item)) + 1.0);
        let of_person = match (self, person) {
            (Model::MatrixFactorization(m), Person::Folded(p)) => p.leverage(m, item),
            _ => 0.25,
        };
        noise * (of_item + of_person)
    }
}
