//! Growing in bounded steps: column after column is binned, then tree after tree drawn, grown and tried on the rows it
//! has not seen. What a step does depends on the data alone, so budgets change nothing.

use super::bins::Bins;
use super::container::{read_trees, write_trees};
use super::judge::{Score, draw, score};
use super::large::{Bag, Large};
use super::params::ForestParams;
use super::small::Small;
use super::split::{Columns, Sapling, Task};
use super::tree::{Node, Trees, walk_codes};
use super::{Facts, Forest, Target};
use crate::codec::Tape;
use crate::features::Matrix;
use crate::ground::json::number as shown;
use crate::ground::rng::Rng;
use crate::ground::{Code, Error, Result};

/// Places looked at for one of budget, what binning costs a row, and what walking a tree costs one.
const PLACES: usize = 32;
const BINNED: usize = 16;
const WALKED: usize = 64;

/// Rows that are walked in one go.
const ROWS: usize = 4096;

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Bin(usize),
    Draw,
    Split,
    Try(usize),
    Done,
}

/// A forest under way: bounded work per call, abandoned by dropping it.
#[derive(Debug)]
pub struct Growing {
    params: ForestParams,
    facts: Facts,
    columns: usize,
    /// Rows laid end to end, until they are binned.
    values: Vec<f32>,
    bins: Bins,
    /// Targets, less their mean where they are not labels.
    y: Vec<f64>,
    weights: Option<Vec<f32>>,
    stage: Stage,
    bag: Bag,
    rng: Rng,
    order: Columns,
    tree: Sapling,
    tasks: Vec<Task>,
    large: Option<Large>,
    small: Small,
    /// What the tree that was just grown says of rows it has not seen.
    unseen: Vec<f32>,
    trees: Trees,
    importance: Vec<f64>,
    /// By row: Σ of what trees that have not seen it predict, and how many there are.
    sums: Vec<f64>,
    counts: Vec<u32>,
}

impl Growing {
    /// Begins. Weights, where given, are one for each row, none below 0 and not all 0: a row of weight 2 counts as two
    /// rows. The same rows, parameters and seed grow the same forest.
    pub fn new(
        x: &Matrix,
        target: &Target<'_>,
        weights: Option<&[f32]>,
        params: ForestParams,
        seed: u64,
    ) -> Result<Growing> {
        let (rows, columns) = (x.rows(), x.columns());
        if rows == 0 || columns == 0 || columns >= usize::from(u16::MAX) || rows > u32::MAX as usize {
            let expected = format!("at least one row, and 1 to {} columns", u16::MAX - 1);
            return Err(Error::argument("rows", expected, format!("{rows} rows of {columns}")));
        }
        if target.len() != rows {
            return Err(Error::argument("target", format!("{rows} of them"), target.len()));
        }
        if let Some(at) = (0..rows).find(|&r| !target.of(r).is_finite()) {
            return Err(Error::argument(format!("target[{at}]"), "a finite number", shown(target.of(at))));
        }
        if let Some(w) = weights {
            if w.len() != rows {
                return Err(Error::argument("weights", format!("{rows} of them"), w.len()));
            }
            if let Some(at) = w.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
                return Err(Error::argument(
                    format!("weights[{at}]"),
                    "a number, 0 or more",
                    shown(f64::from(w[at])),
                ));
            }
            if w.iter().all(|&w| w == 0.0) {
                return Err(Error::argument("weights", "one above 0", "none"));
            }
        }
        let params = ForestParams { min_leaf: params.leaf(), ..params };
        let labels = matches!(target, Target::Labels(_));
        let mut growing = Growing {
            params,
            facts: Facts { rows, labels, bootstrap: params.bootstrap, seed },
            columns,
            values: x.values().to_vec(),
            bins: Bins::new(rows, columns),
            y: (0..rows).map(|r| target.of(r)).collect(),
            weights: weights.map(<[f32]>::to_vec),
            stage: Stage::Bin(0),
            bag: Bag { rows: Vec::new(), pairs: vec![[0.0; 2]; rows], draws: vec![0; rows] },
            rng: Rng::new(seed, 0),
            order: Columns::new(columns),
            tree: Sapling { nodes: Vec::new(), gains: vec![0.0; columns], centre: 0.0 },
            tasks: Vec::new(),
            large: None,
            small: Small::new(),
            unseen: vec![0.0; if params.bootstrap { rows } else { 0 }],
            trees: Trees::with_capacity(params.trees),
            importance: vec![0.0; columns],
            sums: vec![0.0; rows],
            counts: vec![0; rows],
        };
        // Sums of squares lose the fewest digits around the mean. Labels stay as they are: pure leaves say 0 and 1.
        if !labels {
            let (mut sum, mut weight) = (0.0, 0.0);
            for row in 0..rows {
                sum += growing.weight(row) * growing.y[row];
                weight += growing.weight(row);
            }
            growing.tree.centre = sum / weight;
            growing.y.iter_mut().for_each(|y| *y -= sum / weight);
        }
        Ok(growing)
    }

    fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |w| f64::from(w[row]))
    }

    /// Works on; true once all trees are there. 60,000 of budget take 24 ms or less, one at least does something.
    pub fn advance(&mut self, budget: usize) -> bool {
        let mut left = budget.saturating_mul(PLACES);
        while left > 0 && self.stage != Stage::Done {
            left = left.saturating_sub(self.step());
        }
        self.stage == Stage::Done
    }

    /// The least there is to do; gives about how many places were looked at.
    fn step(&mut self) -> usize {
        match self.stage {
            Stage::Bin(column) => {
                self.bins.push(self.values.iter().skip(column).step_by(self.columns).copied());
                if column + 1 < self.columns {
                    self.stage = Stage::Bin(column + 1);
                } else {
                    self.values = Vec::new();
                    self.stage = self.next_tree();
                }
                BINNED * self.facts.rows
            }
            Stage::Draw => self.draw(),
            Stage::Split => self.split(),
            Stage::Try(from) => self.try_unseen(from),
            Stage::Done => 0,
        }
    }

    fn next_tree(&self) -> Stage {
        if self.trees.len() < self.params.trees { Stage::Draw } else { Stage::Done }
    }

    /// Draws the rows of the next tree.
    fn draw(&mut self) -> usize {
        let rows = self.facts.rows;
        self.rng = draw(self.facts.seed, self.trees.len(), self.params.bootstrap, &mut self.bag.draws);
        self.bag.rows.clear();
        for row in 0..rows {
            let weight = f64::from(self.bag.draws[row]) * self.weight(row);
            self.bag.pairs[row] = [weight, weight * self.y[row]];
            if weight > 0.0 {
                self.bag.rows.push(row as u32);
            }
        }
        self.order.reset();
        self.small.clear();
        self.tasks.clear();
        self.large = None;
        self.tree.gains.fill(0.0);
        self.tree.nodes.clear();
        self.tree.nodes.push(Node::default());
        let to = self.bag.rows.len();
        let root = Task { node: 0, from: 0, to, depth: 0, totals: self.bag.totals(0, to, &self.y) };
        if root.is_leaf(&self.params) {
            self.tree.leaf(&root);
        } else {
            self.tasks.push(root);
        }
        self.stage = Stage::Split;
        4 * rows
    }

    /// Tries a column of a large node, or splits a small one.
    fn split(&mut self) -> usize {
        let Growing { bins, bag, params, order, rng, tree, tasks, small, .. } = self;
        if !small.is_done() {
            return small.step(bins, params, order, rng, tree);
        }
        if let Some(mut large) = self.large.take() {
            let rows = large.rows();
            if large.step(bins, bag, params, order, rng) {
                self.large = Some(large);
                return rows;
            }
            large.finish(bins, bag, &self.y, params, tree, tasks);
            return 4 * rows;
        }
        let Some(task) = tasks.pop() else {
            self.stage = Stage::Try(0);
            return 1;
        };
        if task.to - task.from <= Small::most(self.columns) {
            return small.begin(task, bins, bag, &self.y);
        }
        order.restart();
        self.large = Some(Large::new(task));
        1
    }

    /// Asks the tree about some of the rows it has not seen; behind the last one it is done.
    fn try_unseen(&mut self, from: usize) -> usize {
        let to = (from + ROWS).min(self.unseen.len());
        if from < to {
            for row in (from..to).filter(|&row| self.bag.draws[row] == 0) {
                self.unseen[row] = walk_codes(&self.tree.nodes, &self.bins, row);
            }
            self.stage = Stage::Try(to);
            return WALKED * (to - from);
        }
        for row in (0..self.unseen.len()).filter(|&row| self.bag.draws[row] == 0) {
            self.sums[row] += f64::from(self.unseen[row]);
            self.counts[row] += 1;
        }
        let total: f64 = self.tree.gains.iter().sum();
        if total > 0.0 {
            for (sum, gain) in self.importance.iter_mut().zip(&self.tree.gains) {
                *sum += gain / total;
            }
        }
        self.trees.push(self.tree.nodes.as_slice().into());
        self.stage = self.next_tree();
        self.unseen.len() + self.tree.nodes.len()
    }

    /// Trees that are grown.
    pub fn trees(&self) -> usize {
        self.trees.len()
    }

    /// Share of the work that is done, 0 to 1, by trees and binned columns.
    pub fn progress(&self) -> f64 {
        let binned = self.bins.cuts.len() as f64 / self.columns as f64;
        0.02 * binned + 0.98 * self.trees.len() as f64 / self.params.trees as f64
    }

    /// By row: what the trees so far predict that have not seen it, `None` where all have.
    pub fn out_of_bag(&self) -> Vec<Option<f64>> {
        let means = self.sums.iter().zip(&self.counts);
        means.map(|(sum, &n)| (n > 0).then(|| sum / f64::from(n))).collect()
    }

    /// How good that is; `None` where there is no such row.
    pub fn score(&self) -> Option<Score> {
        let rows = (0..self.facts.rows).filter(|&r| self.counts[r] > 0);
        let pairs = rows.map(|r| (self.sums[r] / f64::from(self.counts[r]), self.y[r] + self.tree.centre));
        score(pairs, self.facts.labels)
    }

    /// The forest of the trees so far, of which there must be one.
    pub fn finish(self) -> Forest {
        assert!(!self.trees.is_empty(), "a forest has a tree");
        let score = self.score();
        let total: f64 = self.importance.iter().sum();
        let share = |gain: f64| if total > 0.0 { gain / total } else { 0.0 };
        Forest {
            importance: self.importance.iter().map(|&g| share(g)).collect(),
            score,
            trees: self.trees,
            cuts: self.bins.cuts,
            facts: self.facts,
        }
    }

    /// Writes or takes up the trees that are grown, with what is known of unseen rows. The tree under way is grown anew:
    /// its generator is named by its number. Rows, parameters and seed are those it was begun with.
    pub fn state(&mut self, tape: &mut Tape<'_>) -> Result<()> {
        tape.f64("forest_gains", &mut self.importance)?;
        tape.f64("forest_sums", &mut self.sums)?;
        tape.u32("forest_counts", &mut self.counts)?;
        match tape {
            Tape::Write(w) => write_trees(w, &self.trees, &self.bins.padded(self.columns)),
            Tape::Read(r) => {
                self.trees = read_trees(r, self.columns, self.params.trees)?.0;
                if (self.importance.len(), self.sums.len()) != (self.columns, self.facts.rows) {
                    return Err(Error::new(Code::ModelFormat, "a state of other rows").at("forest_sums"));
                }
                if !matches!(self.stage, Stage::Bin(_)) {
                    self.stage = self.next_tree();
                }
            }
        }
        Ok(())
    }
}
