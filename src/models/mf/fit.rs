//! Learning by stochastic gradient descent.
//!
//! Minimises, over all ratings, (r − μ − b_u − b_i − p_u·q_i)² + λ_b (b_u² + b_i²) + λ_u |p_u|² + λ_i |q_i|², one
//! rating at a time (Koren, Bell and Volinsky, "Matrix Factorization Techniques for Recommender Systems", IEEE
//! Computer 2009, eq. 5), with λ_u = λ √(100 / n_u) for a person with n_u ratings and likewise for items: the longer
//! a row, the less each of its ratings needs the prior ("frequency regularization" in MyMediaLite). With one λ for
//! all rows the best value differed by half between ml-100k and ml-1m; with this one it does not.
//!
//! People come in an order shuffled anew for each epoch, the ratings of a person together: on ml-1m that is twice as
//! fast as a full shuffle (a person's factors stay in the nearest cache) at the same validation error.

use super::{MatrixFactorization, MfParams, RECIPE, Table};
use crate::codec::Tape;
use crate::data::Interactions;
use crate::data::ratings::{Csr, Ratings};
use crate::ground::math::{self, LANES};
use crate::ground::rng::Rng;
use crate::ground::simd::F32x8;
use crate::ground::{Error, Result};
use crate::models::fit::{Fit, other_kind, same_shape};
use crate::models::{Model, Unsettled};

/// λ √(100 / n) for each row.
fn weights(table: &Csr, regularization: f32) -> Vec<f32> {
    (0..table.rows() as u32)
        .map(|r| regularization * math::sqrt(100.0 / table.count(r).max(1) as f64) as f32)
        .collect()
}

/// Implicit factors learn more slowly than others and are held back more: they are in everybody's way. On validation
/// parts RMSE is .905 with these, .910 with the rate of the others, .920 with their weight, too (ml-100k; .916 without
/// a history), and .850, .856, .865 (ml-latest-small; .856).
const IMPLICIT_RATE: f32 = 0.3;
const IMPLICIT_WEIGHT: f32 = 4.0;

fn blocks(row: &[f32]) -> &[[f32; LANES]] {
    row.as_chunks().0
}

/// row += w x.
fn add_scaled(row: &mut [f32], w: f32, x: &[[f32; LANES]]) {
    let w = F32x8::splat(w);
    for (cell, x) in row.as_chunks_mut().0.iter_mut().zip(x) {
        (F32x8::load(cell) + w * F32x8::load(x)).store(cell);
    }
}

/// n^-½.
fn share_of(columns: &[u32]) -> f32 {
    1.0 / (columns.len().max(1) as f32).sqrt()
}

/// A fit under way: usable after every epoch, bounded work per call.
#[derive(Clone, Debug)]
pub struct Descent {
    params: MfParams,
    seed: u64,
    mean: f32,
    ratings: Csr,
    users: Table,
    items: Table,
    user_weights: Vec<f32>,
    item_weights: Vec<f32>,
    /// y, where people are described by their history.
    implicit: Option<Table>,
    /// Pairs that are followed from epoch to epoch.
    watched: Vec<(u32, u32)>,
    best: Option<(Table, Table, Option<Table>)>,
    order: Vec<u32>,
    rng: Rng,
    rate: f32,
    position: usize,
    done: usize,
    squared_error: f64,
}

impl Descent {
    /// Starts with seeded random factors and zero biases.
    pub fn new(data: &Interactions, params: MfParams, seed: u64) -> Descent {
        let ratings = Ratings::new(data);
        let mut init = Rng::new(seed, 1);
        let mut users = Table::random(data.users.len(), params.factors, params.init_scale, &mut init);
        let mut items = Table::random(data.items.len(), params.factors, params.init_scale, &mut init);
        // Whoever has no rating is never learned of: chance must not speak for them.
        for (table, rows) in [(&mut users, &ratings.by_user), (&mut items, &ratings.by_item)] {
            for row in (0..rows.rows()).filter(|&r| rows.count(r as u32) == 0) {
                table.row_mut(row).fill(0.0);
            }
        }
        let mut fit = Descent {
            params,
            seed,
            mean: math::mean(data.rating.iter().map(|&r| f64::from(r))) as f32,
            users,
            items,
            user_weights: weights(&ratings.by_user, params.regularization as f32),
            item_weights: weights(&ratings.by_item, params.regularization as f32),
            ratings: ratings.by_user,
            best: None,
            order: (0..data.users.len() as u32).collect(),
            rng: Rng::new(seed, 2),
            rate: params.learning_rate as f32,
            position: 0,
            done: 0,
            squared_error: 0.0,
            watched: Vec::new(),
            implicit: (params.history > 0).then(|| Table::zeros(data.items.len(), params.factors)),
        };
        fit.rng.shuffle(&mut fit.order);
        fit
    }

    /// Learns from whole people until `budget` ratings are used up. At the end of an epoch it stops early and gives
    /// the root mean squared error met on the way (each rating before it was learned from).
    pub fn descend(&mut self, budget: usize) -> Option<f64> {
        let mut left = budget.max(1);
        while let Some(&user) = self.order.get(self.position) {
            if left == 0 {
                return None;
            }
            match self.implicit {
                None => self.learn::<false>(user),
                Some(_) => self.learn::<true>(user),
            }
            let count = self.ratings.count(user);
            left = left.saturating_sub(count.max(1));
            self.done += count;
            self.position += 1;
        }
        let loss = math::sqrt(self.squared_error / self.done.max(1) as f64);
        self.squared_error = 0.0;
        (self.position, self.done) = (0, 0);
        self.rate *= self.params.learning_rate_decay as f32;
        self.rng.shuffle(&mut self.order);
        Some(loss)
    }

    /// Descends along one person's ratings. With HISTORY the vector that meets items is e = p + h, h = n^-½ Σ y; p alone
    /// is held back, and the y learn from the sum of what e learned, once for all of them.
    fn learn<const HISTORY: bool>(&mut self, user: u32) {
        let u = user as usize;
        let (rate, decay_b) = (self.rate, self.rate * self.params.bias_regularization as f32);
        let keep_p = 1.0 - rate * self.user_weights[u];
        let h = self.history(user);
        let (h, mut learned) = (blocks(&h), vec![[0f32; LANES]; h.len() / LANES]);
        let width = self.items.factors.ncols();
        let users = self.users.factors.as_slice_mut().expect("tables are in standard layout");
        let items = self.items.factors.as_slice_mut().expect("tables are in standard layout");
        let p = &mut users[u * width..(u + 1) * width];
        if HISTORY {
            add_scaled(p, 1.0, h);
        }
        let mut b_u = self.users.bias[u];
        let mut squared = 0f64;
        let (columns, values) = self.ratings.row(user);
        for (&item, &rating) in columns.iter().zip(values) {
            let i = item as usize;
            let q = &mut items[i * width..(i + 1) * width];
            let b_i = &mut self.items.bias[i];
            let error = rating - (self.mean + b_u + *b_i + math::dot(p, q));
            squared += f64::from(error) * f64::from(error);
            b_u += rate * error - decay_b * b_u;
            *b_i += rate * error - decay_b * *b_i;
            let step = F32x8::splat(rate * error);
            let (keep, keep_q) = (F32x8::splat(keep_p), F32x8::splat(1.0 - rate * self.item_weights[i]));
            if HISTORY {
                for (sum, q) in learned.iter_mut().zip(blocks(q)) {
                    (F32x8::load(sum) + step * F32x8::load(q)).store(sum);
                }
            }
            for (p, q) in p.as_chunks_mut::<LANES>().0.iter_mut().zip(q.as_chunks_mut::<LANES>().0) {
                let (x, y) = (F32x8::load(p), F32x8::load(q));
                (keep * x + step * y).store(p);
                (keep_q * y + step * x).store(q);
            }
            if HISTORY {
                add_scaled(p, 1.0 - keep_p, h);
            }
        }
        self.users.bias[u] = b_u;
        self.squared_error += squared;
        if let (true, Some(implicit)) = (HISTORY, &mut self.implicit) {
            add_scaled(p, -1.0, h);
            let share = IMPLICIT_RATE * share_of(columns);
            for &item in columns {
                let keep = 1.0 - rate * IMPLICIT_RATE * IMPLICIT_WEIGHT * self.item_weights[item as usize];
                for (y, sum) in implicit.row_mut(item as usize).as_chunks_mut().0.iter_mut().zip(&learned) {
                    (F32x8::splat(keep) * F32x8::load(y) + F32x8::splat(share) * F32x8::load(sum)).store(y);
                }
            }
        }
    }

    /// h, padded; empty where people are not described by their history.
    fn history(&self, user: u32) -> Vec<f32> {
        let Some(implicit) = &self.implicit else { return Vec::new() };
        let (columns, mut h) = (self.ratings.row(user).0, vec![0f32; implicit.factors.ncols()]);
        for &item in columns {
            add_scaled(&mut h, share_of(columns), blocks(implicit.row(item as usize)));
        }
        h
    }

    /// The parameters in use.
    pub fn params(&self) -> &MfParams {
        &self.params
    }

    /// Mean, people (with what their history adds), items and implicit factors: of the best marked epoch, else of now.
    pub fn tables(mut self) -> (f32, Table, Table, Option<Table>) {
        if let Some((users, items, implicit)) = self.best.take() {
            (self.users, self.items, self.implicit) = (users, items, implicit);
        }
        let users = self.shifted(1.0);
        (self.mean, users, self.items, self.implicit)
    }

    /// People with what their history says added, or taken away again.
    fn shifted(&self, sign: f32) -> Table {
        let mut users = self.users.clone();
        for user in 0..users.len() as u32 {
            let h = self.history(user);
            add_scaled(users.row_mut(user as usize), sign, blocks(&h));
        }
        users
    }
}

impl Fit for Descent {
    fn advance(&mut self, budget: usize) -> Result<Option<f64>> {
        let Some(loss) = self.descend(budget) else { return Ok(None) };
        if loss.is_finite() && self.users.all_finite() && self.items.all_finite() {
            return Ok(Some(loss));
        }
        Err(Error::argument("params.learningRate", "a rate at which the loss falls", "factors that ran away")
            .hint("Lower learningRate or initScale, or raise regularization."))
    }

    fn warm(&mut self, from: &Model, data: &Interactions) -> Result<()> {
        let Model::MatrixFactorization(m) = from else { return Err(other_kind(RECIPE.name, from)) };
        same_shape(&["factors"], &self.params.settings(), &m.params.settings())?;
        self.items.take(&data.items, &m.items, &m.known.ids);
        if let (Some(own), Some(implicit)) = (&mut self.implicit, &m.implicit) {
            own.take(&data.items, implicit, &m.known.ids);
        }
        // Rows that are not taken over are random, and small beside what is added and taken away here.
        self.users = self.shifted(1.0);
        if let Some((ids, table)) = &m.users {
            self.users.take(&data.users, table, ids);
        }
        self.users = self.shifted(-1.0);
        Ok(())
    }

    fn within_epoch(&self) -> f64 {
        self.done as f64 / self.ratings.values().len().max(1) as f64
    }

    fn predict(&self, user: u32, item: u32) -> Option<f32> {
        let (u, i) = (user as usize, item as usize);
        let bias = self.mean + self.users.bias[u] + self.items.bias[i];
        let history = math::dot(&self.history(user), self.items.row(i));
        Some(bias + math::dot(self.users.row(u), self.items.row(i)) + history)
    }

    fn watch(&mut self, held: &Interactions) {
        self.watched = held.user.iter().copied().zip(held.item.iter().copied()).collect();
    }

    /// With a history, once for every person instead of once for every pair.
    fn watched(&self) -> Option<Vec<f32>> {
        self.implicit.as_ref()?;
        let users = self.shifted(1.0);
        let expected = |&(user, item): &(u32, u32)| {
            let (u, i) = (user as usize, item as usize);
            let bias = self.mean + users.bias[u] + self.items.bias[i];
            bias + math::dot(users.row(u), self.items.row(i))
        };
        Some(self.watched.iter().map(expected).collect())
    }

    fn mark_best(&mut self) {
        self.best = Some((self.users.clone(), self.items.clone(), self.implicit.clone()));
    }

    fn close(self: Box<Self>, data: &Interactions) -> Unsettled {
        let seed = self.seed;
        Model::MatrixFactorization(MatrixFactorization::new(data, *self, seed)).into()
    }

    fn state(&mut self, tape: &mut Tape<'_>) -> Result<()> {
        self.users.state(tape, "users")?;
        self.items.state(tape, "items")?;
        if let Some(implicit) = &mut self.implicit {
            implicit.state(tape, "implicit")?;
        }
        let mut marked = usize::from(self.best.is_some());
        tape.count("marked", &mut marked)?;
        if marked == 1 {
            let now = || (self.users.clone(), self.items.clone(), self.implicit.clone());
            let (users, items, implicit) = self.best.get_or_insert_with(now);
            users.state(tape, "best_users")?;
            items.state(tape, "best_items")?;
            if let Some(implicit) = implicit {
                implicit.state(tape, "best_implicit")?;
            }
        }
        tape.u32("order", &mut self.order)?;
        tape.rng("rng", &mut self.rng)?;
        let mut rate = vec![self.rate];
        tape.f32("rate", &mut rate)?;
        self.rate = rate[0];
        Ok(())
    }
}

#[cfg(test)]
#[path = "fit_tests.rs"]
mod tests;
