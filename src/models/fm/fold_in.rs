//! Fold-in: under each kept sample a person's own feature has a normal posterior given their ratings, so the answer is
//! exact: no chain has to run. The score is the mean of the samples' means; its variance is the mean of their variances
//! and the variance of their means.
//!
//! A rating that was given in a moment (see [`super::moments`]) has z_j = (1, q_j + m_j) and y_j = r_j − w₀ − w_j − w_m
//! − q_j·m_j. In a moment somebody's weight is higher by w_m + p·m, and their factors by m.
//!
//! With h the sum of the features of what the person rated (0 without them), μ and Λ the prior, z_j = (1, q_j) and
//! y_j = r_j − w₀ − w_j, the person's total under a sample is t = A⁻¹ (α Σ z_j y_j + Λ (μ + h)), A = α Σ z zᵀ + Λ.

use super::draw::Draft;
use super::fit::Sample;
use super::gram::{self, Meeting};
use super::{FactorizationMachine, side};
use crate::ground::linalg::{backward, forward};
use crate::ground::math::{self, dot};
use crate::models::mf::Table;

/// A person under every sample.
#[derive(Clone, Debug)]
pub struct Person {
    parts: Vec<Part>,
    /// Number of ratings behind it.
    pub count: usize,
}

#[derive(Clone, Debug)]
struct Part {
    /// Weight and factors.
    bias: f64,
    factors: Vec<f32>,
    /// Lower Cholesky factor of A.
    l: Vec<f64>,
    /// m, where the person is in a moment; part of `factors` already.
    moment: Option<Vec<f32>>,
}

/// Weight and factors of a moment under a sample.
fn total(sample: &Sample, words: &[u32], width: usize) -> (f32, Vec<f32>) {
    let (mut bias, mut factors) = (0f32, vec![0f32; width]);
    if let Some(table) = &sample.moments {
        for &word in words {
            bias += table.bias[word as usize];
            gram::add(&mut factors, table.row(word as usize), 1.0);
        }
    }
    (bias, factors)
}

/// (1, q_i) in double precision.
fn z(sample: &Sample, item: u32, k: usize) -> Vec<f64> {
    let row = &sample.items.row(item as usize)[..k];
    core::iter::once(1.0).chain(row.iter().map(|&x| f64::from(x))).collect()
}

fn product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

impl FactorizationMachine {
    /// Solves for a person; `moments` are the rows of words said of each rating, or nothing.
    pub(super) fn solve(&self, history: &[(u32, f64)], moments: &[Vec<u32>]) -> Person {
        let width = math::padded(self.params.factors);
        let (mut draft, mut errors) = (Draft::default(), Vec::new());
        let mut record = vec![0f32; gram::size(width)];
        let columns: Vec<u32> = history.iter().map(|h| h.0).collect();
        let values: Vec<f32> = history.iter().map(|h| h.1 as f32 - self.known.mean).collect();
        let zeros = vec![0f32; width];
        let own: Vec<u32> = (0..history.len() as u32).collect();
        let parts = self.samples.iter().map(|sample| {
            let (bias, factors) = described(sample, &columns, width);
            let met = (!moments.is_empty()).then(|| met(sample, &columns, moments, width));
            let other = met.as_ref().unwrap_or(&sample.items);
            let meeting = Meeting {
                columns: if met.is_some() { &own } else { &columns },
                values: &values,
                bias,
                factors: &factors,
                other_bias: &other.bias,
                other_factors: side::flat(other),
            };
            gram::record(meeting, &mut errors, &mut record);
            draft.set(&record, width, sample.alpha * self.params.power, &sample.prior, 0.0, &zeros);
            draft.solve(None);
            let mut total = factors;
            for (cell, &x) in total.iter_mut().zip(&draft.x[1..]) {
                *cell += x as f32;
            }
            Part {
                bias: f64::from(bias) + draft.x[0],
                factors: total,
                l: draft.factor().to_vec(),
                moment: None,
            }
        });
        Person { parts: parts.collect(), count: history.len() }
    }

    /// A person in a moment.
    pub(super) fn moved(&self, person: &Person, words: &[u32]) -> Person {
        let width = math::padded(self.params.factors);
        let parts = self.samples.iter().zip(&person.parts).map(|(sample, part)| {
            let (bias, m) = total(sample, words, width);
            let mut moved = part.clone();
            moved.bias += f64::from(bias) + f64::from(dot(&part.factors, &m));
            gram::add(&mut moved.factors, &m, 1.0);
            moved.moment = Some(m);
            moved
        });
        Person { parts: parts.collect(), count: person.count }
    }

    /// Mean score of somebody the priors alone speak for.
    pub(super) fn expected(&self) -> Vec<f32> {
        let mut sums = vec![0f32; self.known.len()];
        for s in &self.samples {
            let mut mu = vec![0f32; math::padded(self.params.factors)];
            let prior = &s.prior;
            for (cell, &x) in mu.iter_mut().zip(&prior.mean[1..]) {
                *cell = x as f32;
            }
            score_under(s, prior.mean[0] as f32, &mu, &mut sums);
        }
        self.mean_of(sums)
    }

    fn mean_of(&self, mut sums: Vec<f32>) -> Vec<f32> {
        let share = 1.0 / self.samples.len() as f32;
        sums.iter_mut().for_each(|s| *s = self.known.mean + *s * share);
        sums
    }

    /// Scores of all items.
    pub(super) fn scores(&self, person: &Person) -> Vec<f32> {
        let mut sums = vec![0f32; self.known.len()];
        for (s, part) in self.samples.iter().zip(&person.parts) {
            score_under(s, part.bias as f32, &part.factors, &mut sums);
        }
        self.mean_of(sums)
    }

    /// The score of one item under each sample, less the mean of all ratings.
    fn under_each<'a>(&'a self, person: &'a Person, item: u32) -> impl Iterator<Item = f64> + Clone + 'a {
        let i = item as usize;
        self.samples.iter().zip(&person.parts).map(move |(s, p)| {
            p.bias + f64::from(s.items.bias[i]) + f64::from(dot(&p.factors, s.items.row(i)))
        })
    }

    /// The score of one item.
    pub(super) fn score_of(&self, person: &Person, item: u32) -> f64 {
        f64::from(self.known.mean) + math::mean(self.under_each(person, item))
    }

    /// The variance of the score; of somebody nothing is known about, that of anybody.
    pub(super) fn variance_of(&self, person: Option<&Person>, item: u32) -> f64 {
        let k = self.params.factors;
        let Some(person) = person else {
            let of = |s: &Sample| {
                z(s, item, k).iter().zip(&s.prior.precision).map(|(z, l)| z * z / l).sum::<f64>()
            };
            return math::mean(self.samples.iter().map(of));
        };
        let within = math::mean(self.samples.iter().zip(&person.parts).map(|(s, p)| {
            let mut z = z(s, item, k);
            if let Some(m) = &p.moment {
                z[1..].iter_mut().zip(m).for_each(|(z, m)| *z += f64::from(*m));
            }
            forward(&p.l, &mut z);
            product(&z, &z)
        }));
        let means = self.under_each(person, item);
        let mean = math::mean(means.clone());
        within + math::mean(means.map(|m| (m - mean) * (m - mean)))
    }

    /// What each rating adds: the mean over the samples of α (zᵀA⁻¹z_j) (y_j − z_jᵀμ) + zᵀA⁻¹Λ h_j.
    pub(super) fn shares(&self, person: &Person, item: u32, history: &[(u32, f64)]) -> Vec<f64> {
        let k = self.params.factors;
        let mut shares = vec![0f64; history.len()];
        let weight = 1.0 / math::sqrt(history.len() as f64);
        for (s, part) in self.samples.iter().zip(&person.parts) {
            let prior = &s.prior;
            let mut w = z(s, item, k);
            forward(&part.l, &mut w);
            backward(&part.l, &mut w);
            let pulled: Vec<f64> = w.iter().zip(&prior.precision).map(|(w, l)| w * l).collect();
            for (share, &(j, rating)) in shares.iter_mut().zip(history) {
                let zj = z(s, j, k);
                let base = f64::from(self.known.mean) + f64::from(s.items.bias[j as usize]);
                *share += s.alpha
                    * self.params.power
                    * product(&w, &zj)
                    * (rating - base - product(&zj, &prior.mean));
                if let Some(h) = &s.history {
                    let row = &h.row(j as usize)[..k];
                    let factors: f64 = pulled[1..].iter().zip(row).map(|(p, &y)| p * f64::from(y)).sum();
                    *share += weight * (pulled[0] * f64::from(h.bias[j as usize]) + factors);
                }
            }
        }
        let share = 1.0 / self.samples.len() as f64;
        shares.iter_mut().for_each(|x| *x *= share);
        shares
    }

    /// All samples' factors of a person, as in [`FactorizationMachine::joined`].
    pub(super) fn joined_person(&self, person: &Person) -> Vec<f32> {
        let k = self.params.factors;
        let scale = 1.0 / math::sqrt(self.samples.len() as f64) as f32;
        person.parts.iter().flat_map(|p| p.factors[..k].iter().map(move |x| x * scale)).collect()
    }
}

/// h: what a history says of a person under a sample.
fn described(sample: &Sample, columns: &[u32], width: usize) -> (f32, Vec<f32>) {
    let (mut bias, mut factors) = (0f32, vec![0f32; width]);
    if let (Some(table), false) = (&sample.history, columns.is_empty()) {
        let weight = 1.0 / math::sqrt(columns.len() as f64) as f32;
        for &j in columns {
            bias += weight * table.bias[j as usize];
            gram::add(&mut factors, table.row(j as usize), weight);
        }
    }
    (bias, factors)
}

/// Rated items in the moments they were rated in, as one table.
fn met(sample: &Sample, items: &[u32], moments: &[Vec<u32>], width: usize) -> Table {
    let mut table = Table::zeros(items.len(), width);
    for (row, (&item, words)) in items.iter().zip(moments).enumerate() {
        let (bias, m) = total(sample, words, width);
        let q = sample.items.row(item as usize);
        table.bias[row] = sample.items.bias[item as usize] + bias + dot(q, &m);
        let cells = table.row_mut(row);
        cells.copy_from_slice(q);
        gram::add(cells, &m, 1.0);
    }
    table
}

fn score_under(sample: &Sample, bias: f32, factors: &[f32], sums: &mut [f32]) {
    for (i, sum) in sums.iter_mut().enumerate() {
        *sum += bias + sample.items.bias[i] + dot(factors, sample.items.row(i));
    }
}
