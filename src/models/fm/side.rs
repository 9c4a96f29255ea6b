//! One side of the ratings, people or items, as blocks of features.
//!
//! Every entity has a feature of its own; groups of shared features (what a person rated, who rated an item, genres,
//! years) describe it further. With x the weights of an entity's features, its total is Σ x (w, v), and a rating is
//! w₀ plus the weights of both sides plus the product of their factors.

use super::draw::{Dice, Draft, Prior};
use super::gram::{self, Layout, Meeting};
use crate::codec::Tape;
use crate::data::ratings::Csr;
use crate::ground::Result;
use crate::ground::ids::Vocabulary;
use crate::ground::rng::Rng;
use crate::models::mf::Table;

/// Features shared by entities.
#[derive(Clone, Debug)]
pub struct Group {
    /// A row per feature: entities and weights.
    pub features: Csr,
    /// Weights and factors of the features.
    pub theta: Table,
    /// Their prior.
    pub prior: Prior,
}

/// Classes of items by their number of ratings: below 4, 16, 64, 256, and from there. What is rated often differs more
/// from the average than what is hardly known, so each class has its own prior; with one for all, the RMSE on
/// ml-latest-small was .005 higher. People are one class: who has rated little so far is not another kind of person.
const CLASSES: usize = 5;

/// Fewest entities of a class: smaller ones are joined to the class above.
const LEAST_MEMBERS: usize = 20;

/// The class of each number of ratings, by steps of four.
#[derive(Clone, Debug)]
struct Classes {
    joined: [usize; CLASSES],
    of: Vec<u8>,
}

impl Classes {
    fn new(ratings: &Csr, several: bool) -> Classes {
        let plain = |n: usize| (0..CLASSES - 1).find(|c| n < 4 << (2 * c)).unwrap_or(CLASSES - 1);
        let counts = || (0..ratings.rows() as u32).map(|r| ratings.count(r));
        let mut members = [0; CLASSES];
        counts().filter(|&n| n > 0).for_each(|n| members[plain(n)] += 1);
        let (mut joined, mut waiting) = ([0; CLASSES], 0);
        let mut last = 0;
        for c in 0..CLASSES {
            waiting += members[c];
            joined[c] = last;
            if several && waiting >= LEAST_MEMBERS && c + 1 < CLASSES {
                (last, waiting) = (last + 1, 0);
            }
        }
        // What is left over at the top is joined to the class below it.
        if several && waiting < LEAST_MEMBERS && last > 0 {
            joined.iter_mut().filter(|j| **j == last).for_each(|j| *j = last - 1);
        }
        let of = counts().map(|n| joined[plain(n)] as u8).collect();
        Classes { joined, of }
    }

    fn len(&self) -> usize {
        self.joined[CLASSES - 1] + 1
    }
}

/// Whether entities have a feature of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    /// With one prior for all.
    One,
    /// With a prior for each class by number of ratings.
    Classes,
    /// They are what their shared features make of them.
    Nothing,
}

/// One side.
#[derive(Clone, Debug)]
pub struct Side {
    /// A row per entity: entities of the other side and ratings less the mean of all.
    pub ratings: Csr,
    /// Σ x (w, v), from which ratings are predicted.
    pub total: Table,
    own: Table,
    /// Of the entities' own features, by class.
    pub priors: Vec<Prior>,
    classes: Classes,
    /// Shared features.
    pub groups: Vec<Group>,
    records: Vec<f32>,
    squared: f64,
    /// False where entities have no feature of their own.
    owned: bool,
}

/// Scratch for whole chains.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    draft: Draft,
    errors: Vec<f32>,
    record: Vec<f32>,
    delta: Vec<f32>,
}

impl Side {
    /// Random factors.
    pub fn new(
        ratings: Csr,
        groups: Vec<Group>,
        kind: Own,
        (factors, init_scale): (usize, f64),
        rng: &mut Rng,
    ) -> Side {
        let classes = Classes::new(&ratings, kind == Own::Classes);
        let own = Table::random(ratings.rows(), factors, init_scale, rng);
        let width = own.factors.ncols();
        let kept = if groups.is_empty() { 1 } else { ratings.rows() };
        let mut side = Side {
            total: own.clone(),
            own,
            priors: vec![Prior::new(factors); classes.len()],
            classes,
            records: vec![0.0; kept * gram::size(width)],
            groups,
            ratings,
            squared: 0.0,
            owned: kind != Own::Nothing,
        };
        side.sum_up();
        side
    }

    fn width(&self) -> usize {
        self.own.factors.ncols()
    }

    /// Totals from features.
    fn sum_up(&mut self) {
        self.total = self.own.clone();
        for group in &self.groups {
            for f in 0..group.features.rows() as u32 {
                let (entities, weights) = group.features.row(f);
                for (&e, &x) in entities.iter().zip(weights) {
                    self.total.bias[e as usize] += x * group.theta.bias[f as usize];
                    gram::add(self.total.row_mut(e as usize), group.theta.row(f as usize), x);
                }
            }
        }
    }

    /// Begins from known totals in place of random rows. Shared features begin silent: the first sweep draws them from
    /// what the totals say.
    pub fn start(&mut self, ids: &Vocabulary, known: &Table, known_ids: &Vocabulary) {
        for group in &mut self.groups {
            group.theta.bias.fill(0.0);
            group.theta.factors.fill(0.0);
        }
        self.own.take(ids, known, known_ids);
        self.sum_up();
    }

    /// Draws the own feature of an entity.
    pub fn visit(&mut self, entity: u32, other: &Table, alpha: f64, dice: &mut Dice, s: &mut Scratch) {
        let e = entity as usize;
        let width = self.width();
        let size = gram::size(width);
        let (columns, values) = self.ratings.row(entity);
        let record = if self.groups.is_empty() {
            &mut self.records[..]
        } else {
            &mut self.records[e * size..(e + 1) * size]
        };
        let prior = &self.priors[self.classes.of[e] as usize];
        let meeting = Meeting {
            columns,
            values,
            bias: self.total.bias[e],
            factors: self.total.row(e),
            other_bias: &other.bias,
            other_factors: flat(other),
        };
        gram::record(meeting, &mut s.errors, record);
        if !self.owned {
            return;
        }
        if columns.is_empty() {
            // Nobody speaks for it: it stays at what is expected of anything, and has no part in what is expected.
            s.draft.x.clear();
            s.draft.x.extend(&prior.mean);
        } else {
            s.draft.set(record, width, alpha, prior, self.own.bias[e], self.own.row(e));
            s.draft.solve(Some(dice));
        }
        let bias = step(&mut self.own, e, &s.draft.x, &mut s.delta);
        gram::moved(record, bias, &s.delta);
        self.total.bias[e] += bias;
        gram::add(self.total.row_mut(e), &s.delta, 1.0);
        if self.groups.is_empty() {
            self.squared += f64::from(record[Layout { width }.scalars() + 2]);
        }
    }

    /// Draws a shared feature.
    pub fn visit_feature(
        &mut self,
        group: usize,
        feature: u32,
        alpha: f64,
        dice: &mut Dice,
        s: &mut Scratch,
    ) {
        let width = self.width();
        let (size, at) = (gram::size(width), Layout { width });
        let Group { features, theta, prior } = &mut self.groups[group];
        let (entities, weights) = features.row(feature);
        s.record.clear();
        s.record.resize(size, 0.0);
        for (&e, &x) in entities.iter().zip(weights) {
            let record = &self.records[e as usize * size..(e as usize + 1) * size];
            gram::add(&mut s.record[..at.error()], &record[..at.error()], x * x);
            gram::add(&mut s.record[at.error()..at.scalars()], &record[at.error()..at.scalars()], x);
            s.record[at.scalars()] += x * x * record[at.scalars()];
            s.record[at.scalars() + 1] += x * record[at.scalars() + 1];
        }
        let f = feature as usize;
        s.draft.set(&s.record, width, alpha, prior, theta.bias[f], theta.row(f));
        s.draft.solve(Some(dice));
        let bias = step(theta, f, &s.draft.x, &mut s.delta);
        let scaled = &mut s.record[..width];
        for (&e, &x) in entities.iter().zip(weights) {
            scaled.fill(0.0);
            gram::add(scaled, &s.delta, x);
            gram::moved(&mut self.records[e as usize * size..(e as usize + 1) * size], x * bias, scaled);
            self.total.bias[e as usize] += x * bias;
            gram::add(self.total.row_mut(e as usize), scaled, 1.0);
        }
    }

    /// Draws the priors of all groups. Features nobody has have no part in them.
    pub fn draw_priors(&mut self, dice: &mut Dice) {
        for (at, prior) in self.priors.iter_mut().enumerate().filter(|_| self.owned) {
            let of = &self.classes.of;
            let member = |r: u32| self.ratings.count(r) > 0 && usize::from(of[r as usize]) == at;
            draw_prior(prior, &self.own, &member, dice);
        }
        for group in &mut self.groups {
            draw_prior(&mut group.prior, &group.theta, &|r| group.features.count(r) > 0, dice);
        }
    }

    /// Σ e² after a whole sweep over this side; the next sweep counts anew.
    pub fn take_squared(&mut self) -> f64 {
        if !self.groups.is_empty() {
            let width = self.width();
            let scalars = Layout { width }.scalars();
            let records = self.records.chunks_exact(gram::size(width));
            return records.map(|r| f64::from(r[scalars + 2])).sum();
        }
        core::mem::take(&mut self.squared)
    }

    /// Writes or takes up what changes from sweep to sweep.
    pub fn state(&mut self, tape: &mut Tape<'_>, name: &str) -> Result<()> {
        self.own.state(tape, name)?;
        // Totals are kept too: summed up anew they would differ in the last bit.
        self.total.state(tape, &format!("{name}_total"))?;
        for (at, prior) in self.priors.iter_mut().enumerate() {
            prior.state(tape, &format!("{name}_class{at}"))?;
        }
        for (at, group) in self.groups.iter_mut().enumerate() {
            group.theta.state(tape, &format!("{name}_group{at}"))?;
            group.prior.state(tape, &format!("{name}_group{at}"))?;
        }
        Ok(())
    }
}

/// All rows of a table.
pub fn flat(table: &Table) -> &[f32] {
    table.factors.as_slice().expect("tables are in standard layout")
}

/// Puts new parameters in place of old ones; gives how far the weight moved, and in `delta` the factors.
fn step(table: &mut Table, row: usize, x: &[f64], delta: &mut Vec<f32>) -> f32 {
    delta.clear();
    delta.resize(table.factors.ncols(), 0.0);
    for ((d, cell), &new) in delta.iter_mut().zip(table.row_mut(row)).zip(&x[1..]) {
        *d = new as f32 - *cell;
        *cell = new as f32;
    }
    let bias = x[0] as f32 - table.bias[row];
    table.bias[row] = x[0] as f32;
    bias
}

fn draw_prior(prior: &mut Prior, table: &Table, member: &dyn Fn(u32) -> bool, dice: &mut Dice) {
    let rows = || (0..table.len()).filter(|&r| member(r as u32));
    prior.draw(0, rows().map(|r| table.bias[r]), dice);
    for at in 1..prior.mean.len() {
        prior.draw(at, rows().map(|r| table.row(r)[at - 1]), dice);
    }
}
