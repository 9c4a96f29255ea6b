//! Splits of nodes with few rows, where 256 bins would mostly be empty. The rows of such a node are put in order of
//! each column once, and these orders are kept through all splits below it, so no node is ever sorted: a split divides
//! every order in two, stably (as in Mehta, Agrawal and Rissanen, "SLIQ: A Fast Scalable Classifier for Data Mining",
//! EDBT 1996, and Shafer et al., "SPRINT", VLDB 1996).

use super::bins::{BINS, Bins};
use super::large::Bag;
use super::params::ForestParams;
use super::split::{Best, Columns, Cut, Sapling, Task, Totals};
use crate::ground::rng::Rng;

/// Most rows. A power of two: an index cut down to its bits needs no check.
const MOST: usize = 2048;
const MASK: usize = MOST - 1;

/// Most places in the orders of all columns (1 MB, twice).
const PLACES: usize = 1 << 18;

/// Bits of a place that name the row; the code stands above.
const BITS: u32 = 16;

/// A node with all that grows below it.
#[derive(Clone)]
pub struct Small {
    /// Rows in order of their codes, column after column: of nodes with an even number of splits above, and of others.
    orders: [Vec<u32>; 2],
    /// Rows of the node, which are known by their places here.
    rows: usize,
    pairs: Box<[[f64; 2]; MOST]>,
    y: Box<[f64; MOST]>,
    draws: Box<[u8; MOST]>,
    /// 1 for rows that go right.
    side: Box<[u8; MOST]>,
    tasks: Vec<Task>,
}

impl core::fmt::Debug for Small {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Small").field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl Small {
    /// Room for one.
    pub fn new() -> Small {
        Small {
            orders: [Vec::new(), Vec::new()],
            rows: 0,
            pairs: Box::new([[0.0; 2]; MOST]),
            y: Box::new([0.0; MOST]),
            draws: Box::new([0; MOST]),
            side: Box::new([0; MOST]),
            tasks: Vec::new(),
        }
    }

    /// Most rows of a small node, by the number of columns: one step of it must not take long.
    pub fn most(columns: usize) -> usize {
        (PLACES / columns).clamp(128, MOST)
    }

    /// Forgets what was begun.
    pub fn clear(&mut self) {
        self.tasks.clear();
    }

    /// True once all below the node is grown.
    pub fn is_done(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Begins with a node of at most [`Small::most`] rows; gives the places that were put in order.
    pub fn begin(&mut self, task: Task, bins: &Bins, bag: &Bag, y: &[f64]) -> usize {
        let rows = &bag.rows[task.from..task.to];
        self.rows = rows.len();
        for (at, &row) in rows.iter().enumerate() {
            self.pairs[at] = bag.pairs[row as usize];
            self.y[at] = y[row as usize];
            self.draws[at] = bag.draws[row as usize];
        }
        let places = rows.len() * bins.cuts.len();
        self.orders.iter_mut().for_each(|orders| orders.resize(places, 0));
        for (column, order) in self.orders[task.depth & 1].chunks_exact_mut(rows.len()).enumerate() {
            let codes = bins.column(column);
            let mut starts = [0u32; BINS + 1];
            rows.iter().for_each(|&row| starts[usize::from(codes[row as usize]) + 1] += 1);
            (0..BINS).for_each(|code| starts[code + 1] += starts[code]);
            for (at, &row) in rows.iter().enumerate() {
                let code = codes[row as usize];
                let start = &mut starts[usize::from(code)];
                order[*start as usize] = (u32::from(code) << BITS) | at as u32;
                *start += 1;
            }
        }
        self.tasks.push(Task { from: 0, to: rows.len(), ..task });
        places
    }

    fn totals(&self, order: &[u32]) -> Totals {
        let mut totals = Totals::NONE;
        for &place in order {
            let at = place as usize & MASK;
            totals.add(self.pairs[at], self.y[at], self.draws[at]);
        }
        totals
    }

    /// Splits one node; gives the places that were looked at.
    pub fn step(
        &mut self,
        bins: &Bins,
        params: &ForestParams,
        columns: &mut Columns,
        rng: &mut Rng,
        tree: &mut Sapling,
    ) -> usize {
        let Some(task) = self.tasks.pop() else { return 0 };
        let orders = &self.orders[task.depth & 1];
        let mut best = Best::new(&task.totals);
        let mut work = 8;
        columns.restart();
        while !best.perfect() {
            let Some(column) = columns.draw(params.tried(bins.cuts.len()), rng) else { break };
            let order = &orders[column * self.rows..][task.from..task.to];
            work += order.len();
            if !scan(order, &self.pairs, column, params.min_leaf, &mut best) {
                columns.constant += 1;
            }
        }
        if !best.found() {
            tree.leaf(&task);
            return work;
        }
        let middle = task.from + best.at;
        let order = &orders[best.column * self.rows..][..self.rows];
        let parts = [self.totals(&order[task.from..middle]), self.totals(&order[middle..task.to])];
        for (at, &place) in order.iter().enumerate().take(task.to).skip(task.from) {
            self.side[place as usize & MASK] = u8::from(at >= middle);
        }
        let split = bins.cuts[best.column][usize::from(best.code())];
        let waiting = self.tasks.len();
        tree.divide(&task, &Cut { best, split, middle, parts }, params, &mut self.tasks);
        if self.tasks.len() > waiting {
            self.part(&task, middle);
            work += (task.to - task.from) * bins.cuts.len();
        }
        work
    }

    /// Divides the orders of all columns.
    fn part(&mut self, task: &Task, middle: usize) {
        let [even, odd] = &mut self.orders;
        let (old, new) = if task.depth & 1 == 0 { (even, odd) } else { (odd, even) };
        for (old, new) in old.chunks_exact(self.rows).zip(new.chunks_exact_mut(self.rows)) {
            let (old, new) = (&old[task.from..task.to], &mut new[task.from..task.to]);
            let (mut left, mut right) = (0, middle - task.from);
            for &place in old {
                // No branch: which way a row goes is anybody's guess.
                let side = usize::from(self.side[place as usize & MASK]);
                new[if side == 1 { right } else { left }] = place;
                left += 1 - side;
                right += side;
            }
        }
    }
}

/// Looks at all splits by a column; false where it is the same in all rows.
fn scan(order: &[u32], pairs: &[[f64; 2]; MOST], column: usize, least: usize, best: &mut Best) -> bool {
    let (mut last, end) = (order[0], order[order.len() - 1]);
    if last >> BITS == end >> BITS {
        return false;
    }
    let (mut w, mut s) = (0.0, 0.0);
    for (before, &place) in order.iter().enumerate().skip(1) {
        let pair = pairs[last as usize & MASK];
        w += pair[0];
        s += pair[1];
        if (last ^ place) >> BITS != 0
            && best.improves(w, s)
            && before >= least
            && order.len() - before >= least
        {
            best.take(w, s, column, [last, place].map(|p| (p >> BITS) as u8), before);
        }
        last = place;
    }
    true
}
