//! Learning: people and items are solved for in turn, each side given the other.

use super::solve::{Likings, Scratch, Side, improve};
use super::{AlsParams, ImplicitAls, RECIPE};
use crate::codec::Tape;
use crate::data::Interactions;
use crate::data::ratings::Csr;
use crate::ground::dense::{Row, add_gram};
use crate::ground::math::LANES;
use crate::ground::rng::Rng;
use crate::ground::{Error, Result, math};
use crate::models::fit::{Fit, other_kind, same_shape};
use crate::models::mf::Table;
use crate::models::{Model, Unsettled};

/// Standard deviation of the first factors times √factors.
const INIT_SCALE: f64 = 0.1;

/// What is done in an epoch, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// YᵀY of the items.
    ItemGram,
    People,
    /// XᵀX of the people.
    PeopleGram,
    Items,
}

/// A fit under way.
#[derive(Clone, Debug)]
pub struct Alternation {
    params: AlsParams,
    seed: u64,
    /// α w of every liking, by person and by item.
    by_user: Csr,
    by_item: Csr,
    users: Table,
    items: Table,
    gram: Vec<[f32; LANES]>,
    /// People and items with a liking.
    somebody: usize,
    something: usize,
    stage: Stage,
    row: usize,
    /// Weighted squared error, and what it is for factors of zero.
    left: f64,
    total: f64,
    best: Option<(Table, Table)>,
    scratch: Scratch,
    /// A row of zeros, to fill up the last four.
    nothing: Vec<[f32; LANES]>,
}

impl Alternation {
    /// Starts with seeded random factors of the items.
    pub fn new(data: &Interactions, params: AlsParams, seed: u64) -> Alternation {
        let mut liked = Vec::with_capacity(data.len());
        for r in 0..data.len() {
            if let Some(weight) = params.confidence(data.scale, f64::from(data.rating[r])) {
                liked.push((data.user[r], data.item[r], weight as f32));
            }
        }
        let by_user = Csr::new(data.users.len(), liked.iter().copied());
        for (user, item, _) in &mut liked {
            core::mem::swap(user, item);
        }
        let by_item = Csr::new(data.items.len(), liked.iter().copied());
        let (users, mut items) =
            (Table::zeros(data.users.len(), params.factors), Table::zeros(data.items.len(), params.factors));
        let mut rng = Rng::new(seed, 1);
        let scale = INIT_SCALE / math::sqrt(params.factors as f64);
        for i in 0..items.len() {
            for x in &mut items.row_mut(i)[..params.factors] {
                *x = (rng.normal() * scale) as f32;
            }
            // Chance must not speak for what nobody liked.
            if by_item.count(i as u32) == 0 {
                items.row_mut(i).fill(0.0);
            }
        }
        let blocks = math::padded(params.factors) / LANES;
        let with_likings = |of: &Csr| (0..of.rows() as u32).filter(|&r| of.count(r) > 0).count();
        Alternation {
            somebody: with_likings(&by_user),
            something: with_likings(&by_item),
            params,
            seed,
            by_user,
            by_item,
            users,
            items,
            gram: vec![[0.0; LANES]; blocks * blocks * LANES],
            stage: Stage::ItemGram,
            row: 0,
            left: 0.0,
            total: 0.0,
            best: None,
            scratch: Scratch::new(blocks),
            nothing: vec![[0.0; LANES]; blocks],
        }
    }

    /// Works on rows until `work`, in units of 800 products, is used up; `Some(loss)` at the end of an epoch.
    fn work(&mut self, budget: usize) -> Option<f64> {
        let mut left = budget.max(1);
        loop {
            let (rows, next) = match self.stage {
                Stage::ItemGram => (self.items.len(), Stage::People),
                Stage::People => (self.users.len(), Stage::PeopleGram),
                Stage::PeopleGram => (self.users.len(), Stage::Items),
                Stage::Items => (self.items.len(), Stage::ItemGram),
            };
            while self.row < rows {
                if left == 0 {
                    return None;
                }
                left = left.saturating_sub(self.step());
            }
            self.row = 0;
            self.stage = next;
            if next == Stage::ItemGram {
                break;
            }
        }
        let loss = math::sqrt(self.left.max(0.0) / self.total.max(1.0));
        (self.left, self.total) = (0.0, 0.0);
        Some(loss)
    }

    /// One row solved for, or four added to a Gram matrix; gives what it cost.
    fn step(&mut self) -> usize {
        let blocks = math::padded(self.params.factors) / LANES;
        let (people, solving) = match self.stage {
            Stage::ItemGram => (false, false),
            Stage::People => (true, true),
            Stage::PeopleGram => (true, false),
            Stage::Items => (false, true),
        };
        if !solving {
            if self.row == 0 {
                self.gram.fill([0.0; LANES]);
            }
            let table = flat(if people { &self.users } else { &self.items });
            let row = |l: usize| table.get((self.row + l) * blocks..(self.row + l + 1) * blocks);
            let row = |l: usize| row(l).unwrap_or(&self.nothing);
            add_gram(&mut self.gram, [row(0), row(1), row(2), row(3)]);
            self.row += 4;
            return 1 + blocks * blocks * LANES * LANES / 200;
        }
        let (likings, own, others, alive) = if people {
            (&self.by_user, &mut self.users, &self.items, self.something)
        } else {
            (&self.by_item, &mut self.items, &self.users, self.somebody)
        };
        let (columns, weights) = likings.row(self.row as u32);
        let liked = weights.iter().map(|&w| f64::from(w)).sum();
        let prior = self.params.prior(liked, alive) as f32;
        let side = Side { factors: flat(others), blocks };
        let count = columns.len();
        if count > 0 {
            let x = own.row_mut(self.row).as_chunks_mut().0;
            let likings = Likings { columns, weights };
            let (left, total) =
                improve(x, &self.gram, prior, side, likings, self.params.steps, &mut self.scratch);
            if !people {
                (self.left, self.total) = (self.left + left, self.total + total);
            }
        }
        self.row += 1;
        1 + (self.params.steps + 1) * blocks * (2 * count + blocks * LANES) / 100
    }

    /// The parameters in use.
    pub fn params(&self) -> &AlsParams {
        &self.params
    }

    /// Where chance began.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// People and items: of the best marked epoch, else of now.
    pub fn tables(self) -> (Table, Table) {
        self.best.unwrap_or((self.users, self.items))
    }
}

fn flat(table: &Table) -> Row<'_> {
    table.factors.as_slice().expect("tables are in standard layout").as_chunks().0
}

impl Fit for Alternation {
    fn advance(&mut self, budget: usize) -> Result<Option<f64>> {
        let Some(loss) = self.work(budget) else { return Ok(None) };
        if self.users.all_finite() && self.items.all_finite() {
            return Ok(Some(loss));
        }
        Err(Error::argument(
            "params.regularization",
            "a value under which the factors stay finite",
            "too little",
        )
        .hint("Try more regularization, or fewer steps."))
    }

    /// Items and people begin where the model left them, as far as somebody likes them now. A round solves for people
    /// first, so they follow the items at once; items that are new begin from chance and find their place among the
    /// others.
    fn warm(&mut self, from: &Model, data: &Interactions) -> Result<()> {
        let Model::ImplicitAls(m) = from else { return Err(other_kind(RECIPE.name, from)) };
        same_shape(&["factors"], &self.params.settings(), &m.params.settings())?;
        self.items.take(&data.items, &m.items, &m.known.ids);
        if let Some((ids, table)) = &m.users {
            self.users.take(&data.users, table, ids);
        }
        // What is liked by nobody is at zero, wherever it was before.
        for (table, likings) in [(&mut self.items, &self.by_item), (&mut self.users, &self.by_user)] {
            for row in (0..table.len()).filter(|&r| likings.count(r as u32) == 0) {
                table.row_mut(row).fill(0.0);
            }
        }
        Ok(())
    }

    fn within_epoch(&self) -> f64 {
        let (users, items) = (self.users.len() as f64, self.items.len() as f64);
        let done = match self.stage {
            Stage::ItemGram => 0.0,
            Stage::People => self.row as f64,
            Stage::PeopleGram => users,
            Stage::Items => users + self.row as f64,
        };
        done / (users + items).max(1.0)
    }

    fn rank(&self, user: u32) -> Option<Vec<f32>> {
        let p = self.users.row(user as usize);
        Some((0..self.items.len()).map(|i| math::dot(p, self.items.row(i))).collect())
    }

    fn mark_best(&mut self) {
        self.best = Some((self.users.clone(), self.items.clone()));
    }

    fn close(self: Box<Self>, data: &Interactions) -> Unsettled {
        Model::ImplicitAls(ImplicitAls::new(data, *self)).into()
    }

    fn state(&mut self, tape: &mut Tape<'_>) -> Result<()> {
        self.users.state(tape, "user")?;
        self.items.state(tape, "item")?;
        let mut kept = usize::from(self.best.is_some());
        tape.count("best", &mut kept)?;
        if kept == 1 {
            let (users, items) = self.best.get_or_insert_with(|| (self.users.clone(), self.items.clone()));
            users.state(tape, "best_user")?;
            items.state(tape, "best_item")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Reader, Writer};

    fn params() -> AlsParams {
        AlsParams { factors: 6, ..AlsParams::default() }
    }

    fn fit() -> Alternation {
        Alternation::new(&super::super::tests::world(), params(), 1)
    }

    fn epoch(fit: &mut Alternation, budget: usize) -> f64 {
        loop {
            assert!((0.0..=1.0).contains(&fit.within_epoch()));
            if let Some(loss) = fit.advance(budget).unwrap() {
                return loss;
            }
        }
    }

    #[test]
    fn small_budgets_reach_the_same_bytes_as_one_large_one() {
        let (mut whole, mut bits) = (fit(), fit());
        for _ in 0..3 {
            assert_eq!(epoch(&mut whole, usize::MAX).to_bits(), epoch(&mut bits, 1).to_bits());
        }
        assert_eq!(whole.tables(), bits.tables());
    }

    #[test]
    fn loss_falls_and_people_like_what_they_liked() {
        let mut fit = fit();
        let losses: Vec<f64> = (0..10).map(|_| epoch(&mut fit, 1000)).collect();
        assert!(losses.windows(2).all(|w| w[1] <= w[0] + 1e-6), "{losses:?}");
        assert!(losses[9] < 0.5 * losses[0]);
        let rank = fit.rank(0).unwrap();
        assert!(rank[2] > rank[3], "even people like even items");
        assert!(fit.items.row(20).iter().all(|&x| x == 0.0), "chance does not speak for what nobody liked");
    }

    #[test]
    fn state_that_was_kept_is_taken_up() {
        let mut fit = fit();
        epoch(&mut fit, usize::MAX);
        fit.mark_best();
        epoch(&mut fit, usize::MAX);
        let mut tape = Tape::Write(Writer::new("test", &crate::ground::json::Value::Null));
        fit.state(&mut tape).unwrap();
        let Tape::Write(w) = tape else { unreachable!() };
        let bytes = w.finish().unwrap();
        let mut again = Alternation::new(&super::super::tests::world(), params(), 1);
        again.state(&mut Tape::Read(Reader::open(&bytes, "test").unwrap())).unwrap();
        assert_eq!(epoch(&mut again, 7), epoch(&mut fit, 9));
        assert_eq!(again.best, fit.best);
        (again.best, fit.best) = (None, None);
        assert_eq!(again.tables(), fit.tables());
    }
}
