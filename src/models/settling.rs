//! What is left to do for a model of preferences after its last epoch: the expected ratings that go with them are
//! learned. Millions of ratings take longer than a step, so it is done piece by piece.

use super::biases::Averaging;
use super::{Biases, Model, Scorer, sample};
use crate::data::Interactions;

/// Ratings averaged for a unit of budget.
const RATINGS_PER_UNIT: usize = 40;

/// A model whose preferences become ratings by a line ([`Biases`]).
pub trait Calibrated: Scorer {
    /// What becomes a rating.
    fn biases(&mut self) -> &mut Biases;

    /// Takes the mean squared error of expected ratings.
    fn set_noise(&mut self, squared: f64);

    /// Ratings that the line is learned from: enough for two numbers, few enough for a second.
    fn sampled(&self) -> usize;

    /// The person's preference for each item of their history; it must know nothing of the rating it stands beside.
    fn unaware(&self, history: &[(u32, f64)]) -> Vec<f32>;
}

/// A model that is not quite ready.
#[derive(Debug)]
pub struct Unsettled {
    model: Model,
    averaging: Option<Averaging>,
    /// People still to be asked, last first.
    waiting: Vec<Vec<(u32, f64)>>,
    /// Preferences, and what biases leave of the ratings.
    pairs: Vec<(f32, f32)>,
}

impl From<Model> for Unsettled {
    /// Nothing is left to do, unless its preferences have to become ratings.
    fn from(mut model: Model) -> Unsettled {
        let averaging = model.calibrated().map(|_| Averaging::default());
        Unsettled { model, averaging, waiting: Vec::new(), pairs: Vec::new() }
    }
}

impl Unsettled {
    /// Does what `budget` allows; true when nothing is left. `data` is what was learned from.
    pub fn advance(&mut self, data: &Interactions, budget: usize) -> bool {
        let Some(model) = self.model.calibrated() else { return true };
        let mut left = budget.max(1);
        while let Some(averaging) = &mut self.averaging {
            if !averaging.round(data) {
                *model.biases() = self.averaging.take().map_or_else(Biases::default, Averaging::done);
                self.waiting = sample::histories(data, model.sampled());
                self.waiting.reverse();
            }
            left = left.saturating_sub(data.len() / RATINGS_PER_UNIT);
            if left == 0 {
                return false;
            }
        }
        while let Some(history) = self.waiting.pop() {
            let preferences = model.unaware(&history);
            let biases = model.biases();
            let own = biases.of_person(&history);
            let residual = |&(item, rating): &(u32, f64)| (rating - biases.baseline(item) - own) as f32;
            self.pairs.extend(preferences.into_iter().zip(history.iter().map(residual)));
            left = left.saturating_sub(model.effort(history.len(), history.len()));
            if left == 0 {
                return false;
            }
        }
        if !self.pairs.is_empty() {
            let squared = model.biases().calibrate(self.pairs.iter().copied());
            model.set_noise(squared);
            self.pairs = Vec::new();
        }
        true
    }

    /// The model, with whatever is left done now.
    pub fn settled(mut self, data: &Interactions) -> Model {
        while !self.advance(data, usize::MAX) {}
        self.model
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Lesson, Spec};
    use super::*;
    use crate::models::People;

    #[test]
    fn pieces_make_the_same_model_as_the_whole() {
        let mut x = Interactions::default();
        for (u, i) in
            (0..40).flat_map(|u| (0..20).map(move |i| (u, i))).filter(|(u, i)| (u * 7 + i * 3) % 4 != 0)
        {
            x.push(&format!("u{u}"), &format!("i{i}"), if u % 2 == i % 2 { 4.5 } else { 1.5 }, 0.0);
        }
        for name in ["ease", "implicit-als", "neural-cf"] {
            let close = || {
                let mut fit =
                    Spec::new(name, None).unwrap().begin(&Lesson { data: &x, catalog: None }, 1).unwrap();
                while fit.advance(usize::MAX).unwrap().is_none() {}
                fit.close(&x)
            };
            let mut piecemeal = close();
            let mut pieces = 0;
            while !piecemeal.advance(&x, 1) {
                pieces += 1;
            }
            assert!(pieces > 40, "{name}: {pieces}");
            let bytes = |model: Model| model.write(People::Keep).unwrap();
            assert_eq!(bytes(piecemeal.settled(&x)), bytes(close().settled(&x)), "{name}");
        }
    }
}
