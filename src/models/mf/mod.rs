//! `matrix-factorization`: r ≈ μ + b_u + b_i + p_u·q_i (Koren, Bell and Volinsky 2009).

pub mod archetypes;
pub mod fit;
pub mod fold_in;
pub mod params;

pub use archetypes::Archetypes;
pub use fit::{Fit, Table};
pub use fold_in::{FoldIn, Person};
pub use params::{MfParams, MfValid};

use crate::data::{Interactions, Scale};
use crate::ground::ids::Vocabulary;
use crate::ground::math;

/// A trained model.
#[derive(Clone, Debug)]
pub struct MatrixFactorization {
    /// How it was trained.
    pub params: MfValid,
    /// The scale of the ratings it learned from.
    pub scale: Scale,
    /// μ.
    pub mean: f32,
    /// Standard deviation of an observed rating around a well-known person's score.
    pub noise: f32,
    /// Ids of the items, by row.
    pub ids: Vocabulary,
    /// b_i and q_i.
    pub items: Table,
    /// How many ratings each item had.
    pub counts: Vec<u32>,
    /// Ids of the people and b_u, p_u: only in models that stay in the browser they were trained in.
    pub users: Option<(Vocabulary, Table)>,
    /// Centres of taste, each over at least 20 people.
    pub archetypes: Archetypes,
}

impl MatrixFactorization {
    /// From a finished fit.
    pub fn new(data: &Interactions, fit: Fit, seed: u64) -> MatrixFactorization {
        let params = *fit.params();
        let (mean, users, items) = fit.finish();
        let mut counts = vec![0u32; data.items.len()];
        for &i in &data.item {
            counts[i as usize] += 1;
        }
        let archetypes = Archetypes::find(&users, params.factors, seed);
        let mut model = MatrixFactorization {
            params,
            scale: data.scale,
            mean,
            noise: 1.0,
            ids: data.items.clone(),
            items,
            counts,
            users: Some((data.users.clone(), users)),
            archetypes,
        };
        model.noise = model.residual(data);
        model
    }

    /// Root mean squared error on the training ratings, widened for the parameters spent on them: with n ratings and
    /// about k of them used up per person, RMSE · √(n / (n − people · k/4)), never more than doubled.
    fn residual(&self, data: &Interactions) -> f32 {
        let Some((_, users)) = &self.users else { return self.noise };
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
        math::sqrt(squared * (n / (n - spent).max(n / 4.0))).max(1e-3) as f32
    }

    /// Expected rating of a person the model was trained on; `None` for others.
    pub fn predict_trained(&self, user: &str, item: u32) -> Option<f32> {
        let (ids, table) = self.users.as_ref()?;
        let u = ids.get(user)? as usize;
        Some(
            self.baseline(item) as f32
                + table.bias[u]
                + math::dot(table.row(u), self.items.row(item as usize)),
        )
    }

    /// The items nearest to one by cosine of their factors, best first, ties by index.
    pub fn similar(&self, item: u32, k: usize) -> Vec<(u32, f32)> {
        let norm = |i: usize| math::dot(self.items.row(i), self.items.row(i)).sqrt();
        let own = norm(item as usize);
        let cosines = (0..self.items.len()).filter(|&i| i != item as usize).map(|i| {
            let scale = own * norm(i);
            let cosine = if scale > 0.0 {
                math::dot(self.items.row(item as usize), self.items.row(i)) / scale
            } else {
                0.0
            };
            (i as u32, cosine)
        });
        crate::ground::top::top_k(cosines, k)
    }

    /// Cosine of two items' factors.
    pub fn cosine(&self, a: u32, b: u32) -> f32 {
        let (x, y) = (self.items.row(a as usize), self.items.row(b as usize));
        let scale = (math::dot(x, x) * math::dot(y, y)).sqrt();
        if scale > 0.0 { math::dot(x, y) / scale } else { 0.0 }
    }

    /// The factors of an item, unpadded.
    pub fn embedding(&self, item: u32) -> &[f32] {
        &self.items.row(item as usize)[..self.params.factors]
    }
}
