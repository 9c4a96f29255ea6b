//! `implicit-als`: what people like, from what they liked and from nothing being said of all the rest. Factors of people
//! and items by weighted alternating least squares (Hu, Koren and Volinsky, "Collaborative Filtering for Implicit
//! Feedback Datasets", ICDM 2008): they minimise
//!
//! Σ over all people u and items i of c_ui (p_ui − x_u·y_i)² + Σ λ_u |x_u|² + Σ λ_i |y_i|²,
//!
//! p_ui = 1 and c_ui = 1 + α w_ui for a liking of weight w, else p_ui = 0 and c_ui = 1; λ_u = λ f_u^ν, where
//! f_u = Σ_i (c_ui) is the weight of all that is said of a row (Rendle et al., "Revisiting the Performance of iALS on
//! Item Recommendation Benchmarks", RecSys 2022, eq. 7). A rating is a liking from `likedFrom` of the scale up.

pub mod fit;
pub mod params;
mod person;
mod solve;
#[cfg(test)]
mod tests;

pub use fit::Alternation;
pub use params::AlsParams;

use super::mf::{Archetypes, Table};
use super::params::Settings;
use super::spec::{Aim, Recipe};
use super::{Biases, Calibrated, Known, Model, People, Person, Scorer, Solved, sample};
use crate::codec::{Reader, Writer};
use crate::data::Interactions;
use crate::ground::Result;
use crate::ground::ids::Vocabulary;
use crate::ground::linalg::Symmetric;
use crate::ground::math;

/// The kind.
pub const RECIPE: Recipe = Recipe {
    name: "implicit-als",
    table: AlsParams::TABLE,
    declared: &[],
    aim: Aim::Lists,
    personal: |_| false,
    circumstances: false,
    // Users and items, at work and as the best epoch kept, and the likings by person and by item.
    memory: |settings, data| {
        let width = math::padded(AlsParams::of(settings).factors) + 1;
        (data.users.len() + data.items.len()) * width * 4 * 2 + data.len() * 16
    },
    begin: |settings, lesson, seed| {
        Ok(Box::new(Alternation::new(lesson.data, AlsParams::of(settings), seed)))
    },
    read: |settings, known, r, rows| {
        ImplicitAls::read(AlsParams::of(settings), known, r, rows).map(Model::ImplicitAls)
    },
};

/// Ratings that expected ratings are calibrated on.
const CALIBRATION: usize = 8000;

/// A trained model.
#[derive(Clone, Debug)]
pub struct ImplicitAls {
    /// How it was trained.
    pub params: AlsParams,
    /// Ids, counts, scale.
    pub known: Known,
    /// y_i; its biases are not used.
    pub items: Table,
    /// YᵀY, and how many items somebody liked.
    gram: (Symmetric, usize),
    biases: Biases,
    /// Ids of the people, b_u and x_u: only in models that stay in the browser they were trained in.
    pub users: Option<(Vocabulary, Table)>,
    /// Centres of taste, each over at least 20 people.
    pub archetypes: Archetypes,
}

impl ImplicitAls {
    /// From a finished fit.
    pub fn new(data: &Interactions, fit: Alternation) -> ImplicitAls {
        let (params, seed) = (*fit.params(), fit.seed());
        let (users, items) = fit.tables();
        ImplicitAls {
            params,
            known: Known::of(data),
            gram: person::gram(&items, params.factors),
            items,
            biases: Biases::default(),
            archetypes: Archetypes::find(&users, params.factors, seed),
            users: Some((data.users.clone(), users)),
        }
    }

    fn read(
        params: AlsParams,
        known: Known,
        r: &mut Reader<'_>,
        (users, archetypes): (usize, usize),
    ) -> Result<ImplicitAls> {
        let items = Table::read(r, "item", known.len(), params.factors)?;
        let biases = Biases::read(r, known.len())?;
        let users = match users {
            0 => None,
            n => {
                let ids = Vocabulary::from_ids("user_ids", r.ids("user_ids", n)?)?;
                Some((ids, Table::read(r, "user", n, params.factors)?))
            }
        };
        let archetypes = Archetypes::read(r, archetypes, params.factors)?;
        let gram = person::gram(&items, params.factors);
        Ok(ImplicitAls { params, known, items, gram, biases, users, archetypes })
    }
}

impl Calibrated for ImplicitAls {
    fn biases(&mut self) -> &mut Biases {
        &mut self.biases
    }

    fn set_noise(&mut self, squared: f64) {
        self.known.set_noise(squared);
    }

    fn sampled(&self) -> usize {
        CALIBRATION
    }

    fn unaware(&self, history: &[(u32, f64)]) -> Vec<f32> {
        let equations = self.equations(history);
        let without = |&(item, rating): &(u32, f64)| {
            equations.as_ref().map_or(0.0, |e| self.without(e, item, rating)) as f32
        };
        history.iter().map(without).collect()
    }
}

impl Scorer for ImplicitAls {
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

    fn effort(&self, ratings: usize, asked: usize) -> usize {
        let f = self.params.factors;
        1000 + (f * f * (ratings + asked) + f * f * f / 3) / 400
    }

    fn fold_in(&self, history: &[(u32, f64)]) -> Person {
        if history.is_empty() {
            return Person::Anyone;
        }
        let x: Option<Vec<f32>> = self.equations(history).map(|e| e.x.iter().map(|&x| x as f32).collect());
        let mut packed = vec![0f32; math::padded(self.params.factors)];
        if let Some(x) = &x {
            packed[..x.len()].copy_from_slice(x);
        }
        let preference: Vec<f32> =
            (0..self.items.len()).map(|i| math::dot(&packed, self.items.row(i))).collect();
        let ratings = self.biases.ratings(history, &preference);
        // Who likes nothing yet is shown what is liked in general.
        let ranks = x.is_some().then(|| self.known.lean(preference, history.len()));
        packed.truncate(self.params.factors);
        Person::Solved(Solved {
            ratings,
            ranks,
            variance: None,
            factors: Some(packed),
            count: history.len(),
            own: None,
        })
    }

    fn contributions(&self, person: &Person, item: u32, history: &[(u32, f64)]) -> Vec<f64> {
        let parts = match self.equations(history) {
            Some(equations) => self.parts(&equations, item, history),
            None => vec![0.0; history.len()],
        };
        let mut all = self.biases.contributions(history, &parts);
        sample::settle(&mut all, self.score(person, item) - self.baseline(item));
        all
    }

    fn embedding(&self, item: u32) -> Option<Vec<f32>> {
        Some(self.items.row(item as usize)[..self.params.factors].to_vec())
    }

    fn trained_embedding(&self, user: &str) -> Option<Vec<f32>> {
        let (ids, table) = self.users.as_ref()?;
        Some(table.row(ids.get(user)? as usize)[..self.params.factors].to_vec())
    }

    fn archetypes(&self) -> Option<&Archetypes> {
        Some(&self.archetypes)
    }

    /// Of people of that taste and of average strictness.
    fn centre_rating(&self, centre: usize, item: u32) -> Option<f64> {
        let preference = math::dot(self.archetypes.centres.row(centre), self.items.row(item as usize));
        let baseline = self.baseline(item);
        Some(baseline + self.biases.contributions(&[(item, baseline)], &[f64::from(preference)])[0])
    }

    fn people(&self) -> u32 {
        self.users.as_ref().map_or_else(|| self.archetypes.people.iter().sum(), |u| u.0.len() as u32)
    }

    fn rows(&self, people: People) -> (usize, usize) {
        let users = self.users.as_ref().filter(|_| people == People::Keep);
        (users.map_or(0, |(ids, _)| ids.len()), self.archetypes.people.len())
    }

    fn write(&self, w: &mut Writer, people: People) {
        let factors = self.params.factors;
        self.items.write(w, "item", factors);
        self.biases.write(w);
        if let Some((ids, table)) = self.users.as_ref().filter(|_| people == People::Keep) {
            w.ids("user_ids", ids.ids());
            table.write(w, "user", factors);
        }
        self.archetypes.write(w, factors);
    }
}
