//! Splits of nodes with many rows: sums by bin, column after column.

use super::bins::{BINS, Bins};
use super::params::ForestParams;
use super::split::{Best, Columns, Cut, Sapling, Task, Totals};
use crate::ground::rng::Rng;

/// Sums of a bin: weight and weighted targets.
type Cells = [[f64; 2]; BINS];

/// What a tree learns from.
#[derive(Clone, Debug, Default)]
pub struct Bag {
    /// Rows with weight, in order of the nodes they are in.
    pub rows: Vec<u32>,
    /// By row: weight (draws times the row's own) and that times the centred target.
    pub pairs: Vec<[f64; 2]>,
    /// By row: how often it was drawn.
    pub draws: Vec<u8>,
}

impl Bag {
    /// Sums over some of the places in `rows`.
    pub fn totals(&self, from: usize, to: usize, y: &[f64]) -> Totals {
        let mut totals = Totals::NONE;
        for &row in &self.rows[from..to] {
            let row = row as usize;
            totals.add(self.pairs[row], y[row], self.draws[row]);
        }
        totals
    }
}

/// A node whose columns are being tried.
#[derive(Clone, Debug)]
pub struct Large {
    task: Task,
    best: Best,
}

impl Large {
    /// None tried yet.
    pub fn new(task: Task) -> Large {
        Large { task, best: Best::new(&task.totals) }
    }

    /// Its rows.
    pub fn rows(&self) -> usize {
        self.task.to - self.task.from
    }

    /// Tries the next column; false once there is none left.
    pub fn step(
        &mut self,
        bins: &Bins,
        bag: &Bag,
        params: &ForestParams,
        columns: &mut Columns,
        rng: &mut Rng,
    ) -> bool {
        let most = params.tried(bins.cuts.len());
        let column = if self.best.perfect() { None } else { columns.draw(most, rng) };
        let Some(column) = column else { return false };
        let (mut cells, mut counts): (Cells, [u32; BINS]) = ([[0.0; 2]; BINS], [0; BINS]);
        let codes = bins.column(column);
        let rows = &bag.rows[self.task.from..self.task.to];
        for &row in rows {
            let pair = bag.pairs[row as usize];
            let code = usize::from(codes[row as usize]);
            cells[code][0] += pair[0];
            cells[code][1] += pair[1];
            counts[code] += 1;
        }
        let (mut w, mut s, mut before, mut last) = (0.0, 0.0, 0, None);
        for (code, (cell, &count)) in cells.iter().zip(&counts).enumerate() {
            if count == 0 {
                continue;
            }
            if let Some(last) = last
                && self.best.improves(w, s)
                && before >= params.min_leaf
                && rows.len() - before >= params.min_leaf
            {
                self.best.take(w, s, column, [last, code as u8], before);
            }
            w += cell[0];
            s += cell[1];
            before += count as usize;
            last = Some(code as u8);
        }
        columns.constant += usize::from(counts.contains(&(rows.len() as u32)));
        true
    }

    /// Splits the node by the best one, if there is any.
    pub fn finish(
        self,
        bins: &Bins,
        bag: &mut Bag,
        y: &[f64],
        params: &ForestParams,
        tree: &mut Sapling,
        tasks: &mut Vec<Task>,
    ) {
        let Large { task, best } = self;
        if !best.found() {
            return tree.leaf(&task);
        }
        let (codes, cut) = (bins.column(best.column), best.code());
        let rows = &mut bag.rows[task.from..task.to];
        let (mut right, mut left) = (Vec::with_capacity(rows.len()), 0);
        for i in 0..rows.len() {
            let row = rows[i];
            if codes[row as usize] <= cut {
                rows[left] = row;
                left += 1;
            } else {
                right.push(row);
            }
        }
        rows[left..].copy_from_slice(&right);
        let middle = task.from + left;
        let parts = [bag.totals(task.from, middle, y), bag.totals(middle, task.to, y)];
        let split = bins.cuts[best.column][usize::from(cut)];
        tree.divide(&task, &Cut { best, split, middle, parts }, params, tasks);
    }
}
