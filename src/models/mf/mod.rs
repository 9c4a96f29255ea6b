//! `matrix-factorization`: r ≈ μ + b_u + b_i + p_u·q_i (Koren, Bell and Volinsky 2009); with `history`, p_u is
//! x_u + |N(u)|^-½ Σ_{j ∈ N(u)} y_j, where N(u) is what the person rated and y_j an item's implicit factors: what having
//! come to it says of somebody (SVD++; Koren, "Factorization Meets the Neighborhood", KDD 2008, eq. 15).

pub mod archetypes;
mod container;
pub mod fit;
pub mod fold_in;
pub mod params;
pub mod table;

pub use archetypes::Archetypes;
pub use fit::Descent;
pub use fold_in::{FoldIn, Person};
pub use params::MfParams;
pub use table::Table;

use super::params::Settings;
use super::spec::{Aim, Recipe};
use super::{Known, Model, People, Scorer};
use crate::codec::Writer;
use crate::data::Interactions;
use crate::ground::ids::Vocabulary;
use crate::ground::math;

/// The kind.
pub const RECIPE: Recipe = Recipe {
    name: "matrix-factorization",
    table: MfParams::TABLE,
    declared: &[],
    aim: Aim::Ratings,
    personal: |_| false,
    circumstances: false,
    // Users and items, at work and as the best epoch kept.
    memory: |settings, data| {
        let width = math::padded(MfParams::of(settings).factors) + 1;
        let histories = if MfParams::of(settings).history > 0 { data.items.len() } else { 0 };
        (data.users.len() + data.items.len() + histories) * width * 4 * 2
    },
    begin: |settings, lesson, seed| Ok(Box::new(Descent::new(lesson.data, MfParams::of(settings), seed))),
    read: |settings, known, r, rows| {
        MatrixFactorization::read(MfParams::of(settings), known, r, rows).map(Model::MatrixFactorization)
    },
};

/// A trained model.
#[derive(Clone, Debug)]
pub struct MatrixFactorization {
    /// How it was trained.
    pub params: MfParams,
    /// Ids, counts, scale; the noise is that around a well-known person's score.
    pub known: Known,
    /// b_i and q_i.
    pub items: Table,
    /// y_i, where people are described by their history.
    pub implicit: Option<Table>,
    /// Ids of the people and b_u, p_u: only in models that stay in the browser they were trained in.
    pub users: Option<(Vocabulary, Table)>,
    /// Centres of taste, each over at least 20 people.
    pub archetypes: Archetypes,
}

impl MatrixFactorization {
    /// From a finished fit.
    pub fn new(data: &Interactions, fit: Descent, seed: u64) -> MatrixFactorization {
        let params = *fit.params();
        let (mean, users, items, implicit) = fit.tables();
        let archetypes = Archetypes::find(&users, params.factors, seed);
        let known = Known { mean, ..Known::of(data) };
        let users = Some((data.users.clone(), users));
        let mut model = MatrixFactorization { params, known, items, implicit, users, archetypes };
        let squared = model.residual(data);
        model.known.set_noise(squared);
        model
    }

    /// Mean squared error on the training ratings, widened for the parameters spent on them: with n ratings and about
    /// k of them used up per person, MSE · n / (n − people · k/4), never more than four times that.
    fn residual(&self, data: &Interactions) -> f64 {
        let Some((_, users)) = &self.users else { return 0.0 };
        let squared = math::mean((0..data.len()).map(|r| {
            let (u, i) = (data.user[r] as usize, data.item[r] as usize);
            let p = self.baseline(data.item[r]) as f32
                + users.bias[u]
                + math::dot(users.row(u), self.items.row(i));
            let e = f64::from(data.rating[r] - p);
            e * e
        }));
        let n = data.len() as f64;
        let spent = (data.users.len() * self.params.factors) as f64 / 4.0;
        squared * (n / (n - spent).max(n / 4.0))
    }

    /// Expected rating of a person the model was trained on; `None` for others.
    pub fn predict_trained(&self, user: &str, item: u32) -> Option<f32> {
        let (ids, table) = self.users.as_ref()?;
        let u = ids.get(user)? as usize;
        let score = table.bias[u] + math::dot(table.row(u), self.items.row(item as usize));
        Some(self.baseline(item) as f32 + score)
    }
}

impl Scorer for MatrixFactorization {
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
        f64::from(self.known.mean) + f64::from(self.items.bias[item as usize])
    }

    fn effort(&self, ratings: usize, asked: usize) -> usize {
        let f = self.params.factors;
        1000 + (f * f * (ratings + asked) + f * f * f / 3) / 400
    }

    fn fold_in(&self, history: &[(u32, f64)]) -> super::Person {
        if history.is_empty() {
            return super::Person::Anyone;
        }
        let mut fold = self.begin_person();
        for &(item, rating) in history {
            fold.update(self, item, rating, 1.0);
        }
        super::Person::Folded(fold.solve(self))
    }

    fn score(&self, person: &super::Person, item: u32) -> f64 {
        match person {
            super::Person::Folded(p) => p.score(self, item),
            _ => self.baseline(item),
        }
    }

    fn score_all(&self, person: &super::Person) -> Vec<f32> {
        let super::Person::Folded(p) = person else {
            return self.items.bias.iter().map(|b| self.known.mean + b).collect();
        };
        let (bias, factors) = p.packed(self);
        let base = self.known.mean + bias;
        (0..self.items.len())
            .map(|i| base + self.items.bias[i] + math::dot(&factors, self.items.row(i)))
            .collect()
    }

    fn variance(&self, person: &super::Person, item: u32) -> f64 {
        let noise = f64::from(self.known.noise) * f64::from(self.known.noise);
        let of_item = 1.0 / (f64::from(self.known.counts[item as usize]) + 1.0);
        let of_person = match person {
            super::Person::Folded(p) => p.leverage(self, item),
            _ => 0.25,
        };
        noise * (of_item + of_person)
    }

    fn contributions(&self, person: &super::Person, item: u32, history: &[(u32, f64)]) -> Vec<f64> {
        match person {
            super::Person::Folded(p) => p.contributions(self, item, history),
            _ => Vec::new(),
        }
    }

    fn contributions_to_mixture(
        &self,
        person: &super::Person,
        items: &[(u32, f64)],
        history: &[(u32, f64)],
        _: f64,
    ) -> Vec<f64> {
        let super::Person::Folded(p) = person else { return Vec::new() };
        let mut mixed = vec![0f64; self.params.factors + 1];
        for &(item, weight) in items {
            mixed.iter_mut().zip(self.z(item)).for_each(|(sum, x)| *sum += weight * x);
        }
        p.contributions_toward(self, mixed, history)
    }

    fn embedding(&self, item: u32) -> Option<Vec<f32>> {
        Some(self.items.row(item as usize)[..self.params.factors].to_vec())
    }

    fn embedding_of(&self, person: &super::Person) -> Option<Vec<f32>> {
        match person {
            super::Person::Folded(p) => Some(p.x[1..].iter().map(|&x| x as f32).collect()),
            _ => None,
        }
    }

    fn trained_embedding(&self, user: &str) -> Option<Vec<f32>> {
        let (ids, table) = self.users.as_ref()?;
        Some(table.row(ids.get(user)? as usize)[..self.params.factors].to_vec())
    }

    fn likeness(&self, a: u32, b: u32) -> Option<f32> {
        let (x, y) = (self.items.row(a as usize), self.items.row(b as usize));
        let scale = (math::dot(x, x) * math::dot(y, y)).sqrt();
        Some(if scale > 0.0 { math::dot(x, y) / scale } else { 0.0 })
    }

    fn archetypes(&self) -> Option<&Archetypes> {
        Some(&self.archetypes)
    }

    fn centre_rating(&self, centre: usize, item: u32) -> Option<f64> {
        let centres = &self.archetypes.centres;
        let dot = math::dot(centres.row(centre), self.items.row(item as usize));
        Some(self.baseline(item) + f64::from(centres.bias[centre] + dot))
    }

    fn people(&self) -> u32 {
        self.users.as_ref().map_or_else(|| self.archetypes.people.iter().sum(), |u| u.0.len() as u32)
    }

    fn rows(&self, people: People) -> (usize, usize) {
        let users = self.users.as_ref().filter(|_| people == People::Keep);
        (users.map_or(0, |(ids, _)| ids.len()), self.archetypes.people.len())
    }

    fn write(&self, w: &mut Writer, people: People) {
        self.write_tables(w, people);
    }
}
