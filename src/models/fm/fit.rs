//! Learning by Gibbs sampling: sweeps over people, then items, each drawing every feature's weight and factors from
//! their joint conditional posterior (see [`super::draw`]), then the priors of their groups; at the end of a sweep the
//! precision of the noise, α ~ Γ((2 + N) / 2, (1 + Σ e²) / 2). Predictions are means over kept sweeps, so there is
//! nothing to tune and hardly anything to overfit (Rendle, Zhang and Koren, "On the Difficulty of Evaluating Baselines",
//! 2019).

use super::blocks;
use super::draw::{Dice, Prior};
use super::moments::{self, Pairs, Views, Words};
use super::side::{Group, Own, Scratch, Side};
use super::{FactorizationMachine, FmParams, RECIPE};
use crate::codec::Tape;
use crate::data::Interactions;
use crate::data::ratings::{Csr, Ratings};
use crate::ground::math::dot;
use crate::ground::rng::Rng;
use crate::ground::{Code, Error, Result, math};
use crate::models::fit::{FROM, Fit, Lesson, other_kind, same_shape};
use crate::models::mf::Table;
use crate::models::{Known, Model, Unsettled};

/// What serving needs of one sweep.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Totals of the items.
    pub items: Table,
    /// What people's own features are expected to be.
    pub prior: Prior,
    /// Features of having rated an item, by item, where people are described by their history.
    pub history: Option<Table>,
    /// Features of circumstances, a row per word the model knows, where there are any.
    pub moments: Option<Table>,
    /// Precision of the noise.
    pub alpha: f64,
}

/// Where a sweep stands.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    /// Own features of one side: 0 people, 1 items, 2 moments.
    Own(usize),
    /// Shared features of a group of a side.
    Shared(usize, usize),
}

/// A chain under way.
#[derive(Debug)]
pub struct Chain {
    params: FmParams,
    mean: f32,
    ratings: usize,
    /// People and items; where circumstances are known, moments.
    sides: Vec<Side>,
    /// What each side meets, where that is not the other side itself.
    pairs: Vec<Pairs>,
    words: Words,
    alpha: f64,
    dice: Dice,
    scratch: Scratch,
    stage: Stage,
    next: usize,
    sweep: usize,
    samples: Vec<Sample>,
    watched: Watched,
}

/// Held-out ratings that are followed from sweep to sweep.
#[derive(Debug, Default)]
struct Watched {
    users: Vec<u32>,
    items: Vec<u32>,
    /// Rows of the words of each one's moment.
    words: Vec<Vec<u32>>,
    sums: Vec<f32>,
    sweeps: usize,
}

impl Chain {
    /// Starts with seeded random factors.
    pub fn new(lesson: &Lesson<'_>, params: FmParams, seed: u64) -> Chain {
        let data = lesson.data;
        let mean = math::mean(data.rating.iter().map(|&r| f64::from(r))) as f32;
        let mut table = Ratings::new(data);
        table.by_user.shift(-mean);
        table.by_item.shift(-mean);
        let mut rng = Rng::new(seed, 1);
        let [users, items] = blocks::groups(lesson, &params, &table, &mut rng);
        let start = (params.factors, params.init_scale);
        let (mut pairs, mut words, mut rest) = (Vec::new(), Words::default(), None);
        if params.context && !data.context.is_empty() {
            let views = Views::new(data, mean, params.factors);
            let [by_user, by_item, by_moment] = views.rows;
            (table.by_user, table.by_item) = (by_user, by_item);
            (pairs, words) = (views.pairs.into(), Words::of(&data.context));
            rest = Some((by_moment, views.words));
        }
        let mut side = |csr, groups, kind| Side::new(csr, groups, kind, start, &mut rng);
        let mut sides = vec![side(table.by_user, users, Own::One), side(table.by_item, items, Own::Classes)];
        if let Some((by_moment, words)) = rest {
            let group = |features: Csr| Group {
                theta: Table::random(features.rows(), params.factors, params.init_scale, &mut rng),
                prior: Prior::new(params.factors),
                features,
            };
            let groups = words.into_iter().map(group).collect();
            sides.push(moments::side(by_moment, groups, params.factors, &mut rng));
        }
        Chain {
            sides,
            pairs,
            words,
            mean,
            ratings: data.len(),
            alpha: 1.0,
            dice: Dice::new(seed),
            scratch: Scratch::default(),
            stage: Stage::Own(0),
            next: 0,
            sweep: 0,
            samples: Vec::new(),
            watched: Watched::default(),
            params,
        }
    }

    /// One entity or feature; gives about how many ratings of matrix factorization that is worth. `None` where the
    /// stage has nothing left.
    fn visit(&mut self) -> Option<usize> {
        let next = self.next;
        self.next += 1;
        let blocks = math::padded(self.params.factors) / 8;
        let (Stage::Own(side) | Stage::Shared(side, _)) = self.stage;
        if self.stage == Stage::Own(side) && next == 0 && !self.pairs.is_empty() {
            let others = [[1, 2], [0, 2], [0, 1]][side].map(|other| &self.sides[other].total);
            self.pairs[side].refresh(others[0], others[1]);
        }
        let (first, second) = self.sides.split_at_mut(1);
        let (this, other) = match side {
            0 => (&mut first[0], &second[0].total),
            at => (&mut second[at - 1], &first[0].total),
        };
        let other = self.pairs.get(side).map_or(other, |pairs| &pairs.table);
        let (alpha, dice, scratch) = (self.alpha * self.params.power, &mut self.dice, &mut self.scratch);
        match self.stage {
            Stage::Own(_) if next < this.ratings.rows() => {
                this.visit(next as u32, other, alpha, dice, scratch);
                Some(this.ratings.count(next as u32) * blocks * blocks + 40 * blocks)
            }
            Stage::Shared(_, group) if next < this.groups[group].features.rows() => {
                this.visit_feature(group, next as u32, alpha, dice, scratch);
                let members = this.groups[group].features.count(next as u32);
                Some(members * 4 * blocks * blocks + 40 * blocks)
            }
            _ => None,
        }
    }

    /// Goes on to the next stage; true at the end of a sweep.
    fn turn(&mut self) -> bool {
        self.next = 0;
        let (side, group) = match self.stage {
            Stage::Own(side) => (side, 0),
            Stage::Shared(side, group) => (side, group + 1),
        };
        if group < self.sides[side].groups.len() {
            self.stage = Stage::Shared(side, group);
            return false;
        }
        self.sides[side].draw_priors(&mut self.dice);
        let squared = self.sides[side].take_squared();
        self.stage = Stage::Own((side + 1) % self.sides.len());
        if self.stage != Stage::Own(0) {
            return false;
        }
        let n = self.ratings as f64;
        self.alpha = self.dice.gamma(1.0 + 0.5 * n) / (0.5 + 0.5 * squared);
        self.dice.settle();
        self.sweep += 1;
        true
    }

    /// How many of the first `sweep` sweeps are kept.
    fn kept_by(&self, sweep: usize) -> usize {
        let burn = (self.params.epochs as f64 * self.params.burn_in) as usize;
        let span = self.params.epochs - burn.min(self.params.epochs - 1);
        let within = sweep.saturating_sub(self.params.epochs - span);
        within * self.params.samples.min(span) / span
    }

    fn keep(&mut self) {
        let (users, items) = (&self.sides[0], &self.sides[1]);
        self.samples.push(Sample {
            moments: self.sides.get(2).map(|side| joined(&side.groups, self.params.factors)),
            items: items.total.clone(),
            prior: users.priors[0].clone(),
            history: (self.params.history > 0).then(|| users.groups[0].theta.clone()),
            alpha: self.alpha,
        });
    }

    /// Adds the present state to what is said of held-out ratings; during burn-in only the present state speaks.
    fn follow(&mut self) {
        let burning = self.kept_by(self.sweep) == 0;
        if burning || self.kept_by(self.sweep - 1) == 0 {
            self.watched.sums = vec![0.0; self.watched.users.len()];
            self.watched.sweeps = 0;
        }
        self.watched.sweeps += 1;
        for at in 0..self.watched.users.len() {
            let Watched { users, items, words, .. } = &self.watched;
            self.watched.sums[at] += self.now(users[at], items[at], words.get(at).map_or(&[], Vec::as_slice));
        }
    }

    fn now(&self, user: u32, item: u32, words: &[u32]) -> f32 {
        let (users, items) = (&self.sides[0], &self.sides[1]);
        let (u, i) = (user as usize, item as usize);
        let biases = self.mean + users.total.bias[u] + items.total.bias[i];
        let mut score = biases + dot(users.total.row(u), items.total.row(i));
        if let (Some(side), false) = (self.sides.get(2), words.is_empty()) {
            let all = side.groups.iter().flat_map(|g| (0..g.theta.len()).map(move |w| (&g.theta, w)));
            for (_, (theta, word)) in all.enumerate().filter(|(at, _)| words.contains(&(*at as u32))) {
                score += theta.bias[word];
                score += dot(users.total.row(u), theta.row(word)) + dot(items.total.row(i), theta.row(word));
            }
        }
        score
    }
}

/// The tables of groups under each other.
fn joined(groups: &[Group], factors: usize) -> Table {
    let mut all = Table::zeros(groups.iter().map(|g| g.theta.len()).sum(), factors);
    let rows = groups.iter().flat_map(|g| (0..g.theta.len()).map(move |row| (&g.theta, row)));
    for (at, (theta, row)) in rows.enumerate() {
        all.bias[at] = theta.bias[row];
        all.row_mut(at).copy_from_slice(theta.row(row));
    }
    all
}

impl Fit for Chain {
    fn advance(&mut self, budget: usize) -> Result<Option<f64>> {
        let mut left = budget.max(1);
        loop {
            match self.visit() {
                Some(_) if left == 0 => unreachable!("it stops as soon as nothing is left"),
                Some(cost) => left = left.saturating_sub(cost.max(1)),
                None => {
                    if self.turn() {
                        break;
                    }
                }
            }
            if left == 0 {
                return Ok(None);
            }
        }
        if self.kept_by(self.sweep) > self.kept_by(self.sweep - 1) {
            self.keep();
        }
        self.follow();
        Ok(Some(1.0 / math::sqrt(self.alpha)))
    }

    /// Items begin where the last kept sweep left them; people are drawn given the items at once.
    fn warm(&mut self, from: &Model, data: &Interactions) -> Result<()> {
        let Model::FactorizationMachine(m) = from else { return Err(other_kind(RECIPE.name, from)) };
        same_shape(&["factors"], &self.params.settings(), &m.params.settings())?;
        let (users, items) = self.sides.split_at_mut(1);
        let (users, items) = (&mut users[0], &mut items[0]);
        let last = m.samples.last().filter(|_| self.params.history == 0 && m.params.history == 0);
        let last = last.ok_or_else(|| {
            Error::new(Code::Unsupported, "people who are described by what they rated begin anew")
                .at(FROM)
                .expected("params.history \"none\"")
                .hint("Leave the history out, or train anew without `from`.")
        })?;
        items.start(&data.items, &last.items, &m.known.ids);
        users.priors[0] = last.prior.clone();
        self.alpha = last.alpha;
        Ok(())
    }

    fn within_epoch(&self) -> f64 {
        let rows = |side: usize| self.sides[side].ratings.rows().max(1) as f64;
        match self.stage {
            Stage::Own(side) => (side as f64 + 0.8 * self.next as f64 / rows(side)) / self.sides.len() as f64,
            Stage::Shared(side, _) => (side as f64 + 0.9) / self.sides.len() as f64,
        }
    }

    fn watch(&mut self, held: &Interactions) {
        let rows = |r: usize| self.words.rows(|kind| held.context.word(r, kind));
        let words = if self.sides.len() > 2 { (0..held.len()).map(rows).collect() } else { Vec::new() };
        let (users, items) = (held.user.clone(), held.item.clone());
        self.watched = Watched { users, items, words, ..Watched::default() };
    }

    fn watched(&self) -> Option<Vec<f32>> {
        let sweeps = self.watched.sweeps.max(1) as f32;
        Some(self.watched.sums.iter().map(|sum| sum / sweeps).collect())
    }

    fn stops_early(&self) -> bool {
        false
    }

    fn close(mut self: Box<Self>, data: &Interactions) -> Unsettled {
        if self.samples.is_empty() {
            self.keep();
        }
        let mut known = Known { mean: self.mean, ..Known::of(data) };
        known.set_noise(math::mean(self.samples.iter().map(|s| 1.0 / s.alpha)));
        let model = FactorizationMachine::new(self.params, known, self.samples, self.words);
        Model::FactorizationMachine(model).into()
    }

    fn state(&mut self, tape: &mut Tape<'_>) -> Result<()> {
        for (side, name) in self.sides.iter_mut().zip(["users", "items", "moments"]) {
            side.state(tape, name)?;
        }
        tape.number("alpha", &mut self.alpha)?;
        tape.rng("rng", &mut self.dice.rng)?;
        tape.count("sweep", &mut self.sweep)?;
        let mut kept = self.samples.len();
        tape.count("kept", &mut kept)?;
        if tape.reads() {
            (self.samples, self.stage, self.next) = (Vec::new(), Stage::Own(0), 0);
            (0..kept.min(self.params.samples)).for_each(|_| self.keep());
        }
        super::container::samples(tape, &mut self.samples)?;
        tape.count("watched_sweeps", &mut self.watched.sweeps)?;
        tape.any_f32("watched", &mut self.watched.sums)
    }
}
