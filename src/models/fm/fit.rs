//! Learning by Gibbs sampling: sweeps over people, then items, each drawing every feature's weight and factors from
//! their joint conditional posterior (see [`super::draw`]), then the priors of their groups; at the end of a sweep the
//! precision of the noise, α ~ Γ((2 + N) / 2, (1 + Σ e²) / 2). Predictions are means over kept sweeps, so there is
//! nothing to tune and hardly anything to overfit (Rendle, Zhang and Koren, "On the Difficulty of Evaluating Baselines",
//! 2019).

use super::blocks;
use super::draw::{Dice, Prior};
use super::side::{Scratch, Side};
use super::{FactorizationMachine, FmParams, RECIPE};
use crate::codec::Tape;
use crate::data::Interactions;
use crate::data::ratings::Ratings;
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
    /// Precision of the noise.
    pub alpha: f64,
}

/// Where a sweep stands.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    /// Own features of one side: 0 people, 1 items.
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
    sides: [Side; 2],
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
        let mut side = |csr, groups, several| Side::new(csr, groups, several, start, &mut rng);
        Chain {
            sides: [side(table.by_user, users, false), side(table.by_item, items, true)],
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
        let [users, items] = &mut self.sides;
        let (Stage::Own(side) | Stage::Shared(side, _)) = self.stage;
        let (this, other) = if side == 0 { (users, &items.total) } else { (items, &users.total) };
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
        self.stage = Stage::Own(1 - side);
        let squared = self.sides[side].take_squared();
        if side == 0 {
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
        let [users, items] = &self.sides;
        self.samples.push(Sample {
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
            self.watched.sums[at] += self.now(self.watched.users[at], self.watched.items[at]);
        }
    }

    fn now(&self, user: u32, item: u32) -> f32 {
        let [users, items] = &self.sides;
        let (u, i) = (user as usize, item as usize);
        let biases = self.mean + users.total.bias[u] + items.total.bias[i];
        biases + dot(users.total.row(u), items.total.row(i))
    }
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
        let [users, items] = &mut self.sides;
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
            Stage::Own(side) => 0.5 * side as f64 + 0.4 * self.next as f64 / rows(side),
            Stage::Shared(side, _) => 0.5 * side as f64 + 0.45,
        }
    }

    fn watch(&mut self, users: &[u32], items: &[u32]) {
        self.watched = Watched { users: users.to_vec(), items: items.to_vec(), ..Watched::default() };
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
        Model::FactorizationMachine(FactorizationMachine::new(self.params, known, self.samples)).into()
    }

    fn state(&mut self, tape: &mut Tape<'_>) -> Result<()> {
        let [users, items] = &mut self.sides;
        users.state(tape, "users")?;
        items.state(tape, "items")?;
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
