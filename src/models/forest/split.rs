//! What the two ways to look for splits have in common.
//!
//! Of a node with weight W and sum S of weighted targets, the split into parts (w, s) and (W − w, S − s) takes
//! (s W − w S)² / (W w (W − w)) off the sum of squared errors (Breiman et al., "Classification and Regression Trees",
//! 1984, section 8.4; for targets 0 and 1 that is half of W times the decrease of Gini's index). W is the same for all
//! splits of a node, so they are compared without it, and by a product instead of a quotient.

use super::params::ForestParams;
use super::tree::Node;
use crate::ground::rng::Rng;

/// Sums over the rows of a node. Targets are centred.
#[derive(Clone, Copy, Debug)]
pub struct Totals {
    /// W.
    pub weight: f64,
    /// S.
    pub sum: f64,
    /// Σ w y².
    squares: f64,
    low: f64,
    high: f64,
    /// How often its rows were drawn.
    pub draws: u32,
}

impl Totals {
    /// Of no row.
    pub const NONE: Totals =
        Totals { weight: 0.0, sum: 0.0, squares: 0.0, low: f64::INFINITY, high: f64::NEG_INFINITY, draws: 0 };

    /// Adds a row: its weight and weighted target, its target, and how often it was drawn.
    #[inline]
    pub fn add(&mut self, pair: [f64; 2], y: f64, draws: u8) {
        self.weight += pair[0];
        self.sum += pair[1];
        self.squares += pair[1] * y;
        self.low = if y < self.low { y } else { self.low };
        self.high = if y > self.high { y } else { self.high };
        self.draws += u32::from(draws);
    }

    /// Mean target.
    pub fn mean(&self) -> f64 {
        if self.weight > 0.0 { self.sum / self.weight } else { 0.0 }
    }
}

/// A node to be split.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    /// Its place in the tree.
    pub node: usize,
    /// Its rows, from here…
    pub from: usize,
    /// …to here.
    pub to: usize,
    /// Splits above it.
    pub depth: usize,
    /// Over its rows.
    pub totals: Totals,
}

impl Task {
    /// True where nothing is left to be split.
    pub fn is_leaf(&self, params: &ForestParams) -> bool {
        let rows = self.to - self.from;
        rows < 2 * params.min_leaf
            || rows < 2
            || self.depth >= params.depth()
            || self.totals.low >= self.totals.high
    }
}

/// The best split of a node so far.
#[derive(Clone, Copy, Debug)]
pub struct Best {
    weight: f64,
    sum: f64,
    /// Share of the node's error at which no split can be better.
    enough: f64,
    /// (s W − w S)² / (w (W − w)); below 0 before any is known.
    score: f64,
    /// Its column.
    pub column: usize,
    /// The last occupied bin on the left, and the first on the right.
    sides: [u8; 2],
    /// Rows on the left, where they are counted.
    pub at: usize,
}

impl Best {
    /// None known.
    pub fn new(totals: &Totals) -> Best {
        let Totals { weight, sum, squares, .. } = *totals;
        // Within what rounding leaves, an error of 0 on both sides.
        let enough = (weight * squares - sum * sum) * (1.0 - 1e-9);
        Best { weight, sum, enough, score: -1.0, column: 0, sides: [0; 2], at: 0 }
    }

    /// Looks at a split with (w, s) on the left; true where it is better than those before.
    #[inline(always)]
    pub fn improves(&self, w: f64, s: f64) -> bool {
        let d = s * self.weight - w * self.sum;
        d * d > self.score * (w * (self.weight - w))
    }

    /// Takes a split that improves.
    pub fn take(&mut self, w: f64, s: f64, column: usize, sides: [u8; 2], at: usize) {
        let (d, product) = (s * self.weight - w * self.sum, w * (self.weight - w));
        // Rounding may leave nothing for the right side where weights differ by sixteen orders of magnitude.
        if product > 0.0 {
            (self.score, self.column, self.sides, self.at) = (d * d / product, column, sides, at);
        }
    }

    /// True once there is one.
    pub fn found(&self) -> bool {
        self.score >= 0.0
    }

    /// True where it leaves no error.
    pub fn perfect(&self) -> bool {
        self.found() && self.score >= self.enough
    }

    /// What it takes off the sum of squared errors.
    pub fn gain(&self) -> f64 {
        self.score / self.weight
    }

    /// The cut: in the middle of the empty bins between both sides, as far from either as it may be.
    pub fn code(&self) -> u8 {
        ((usize::from(self.sides[0]) + usize::from(self.sides[1]) - 1) / 2) as u8
    }
}

/// Columns in the order in which they are tried: for each node another, so that equal splits are not always those of
/// the first column.
#[derive(Clone, Debug)]
pub struct Columns {
    order: Vec<u16>,
    next: usize,
    /// Columns met in this node that are the same in all its rows.
    pub constant: usize,
}

impl Columns {
    /// So many.
    pub fn new(columns: usize) -> Columns {
        Columns { order: (0..columns).map(|c| c as u16).collect(), next: 0, constant: 0 }
    }

    /// In their first order: a tree does not depend on the one before it.
    pub fn reset(&mut self) {
        self.order.iter_mut().enumerate().for_each(|(c, column)| *column = c as u16);
        self.restart();
    }

    /// For another node.
    pub fn restart(&mut self) {
        (self.next, self.constant) = (0, 0);
    }

    /// The next column, while fewer than `most` were tried, or nothing but constant ones was met.
    pub fn draw(&mut self, most: usize, rng: &mut Rng) -> Option<usize> {
        let left = self.order.len() - self.next;
        if left == 0 || (self.next >= most && self.next > self.constant) {
            return None;
        }
        // As `Rng::below`, of 32 bits: columns are few, and this is drawn for every node.
        let step = ((rng.next_u64() >> 32) * left as u64) >> 32;
        self.order.swap(self.next, self.next + step as usize);
        self.next += 1;
        Some(usize::from(self.order[self.next - 1]))
    }
}

/// How a node is split.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// By what.
    pub best: Best,
    /// The threshold.
    pub split: f32,
    /// Where the rows of the right child begin.
    pub middle: usize,
    /// Sums of both children.
    pub parts: [Totals; 2],
}

/// A tree while it grows.
#[derive(Clone, Debug, Default)]
pub struct Sapling {
    /// Its nodes.
    pub nodes: Vec<Node>,
    /// What splits by each column took off the squared error.
    pub gains: Vec<f64>,
    /// Added to the mean of a leaf's targets.
    pub centre: f64,
}

impl Sapling {
    /// Makes a node a leaf.
    pub fn leaf(&mut self, task: &Task) {
        let value = (self.centre + task.totals.mean()) as f32;
        self.nodes[task.node] = Node { split: value, draws: task.totals.draws.max(1), ..Node::default() };
    }

    /// Splits a node; leaves among the children are done, the others go on the stack, the right one first.
    pub fn divide(&mut self, task: &Task, cut: &Cut, params: &ForestParams, tasks: &mut Vec<Task>) {
        let Cut { best, split, middle, parts } = *cut;
        let left = self.nodes.len();
        let draws = task.totals.draws.max(1);
        let column = best.column as u16;
        self.nodes[task.node] = Node { split, left: left as u32, draws, column, code: best.code() };
        self.gains[best.column] += best.gain();
        self.nodes.resize(left + 2, Node::default());
        let depth = task.depth + 1;
        for side in [1, 0] {
            let (from, to) = if side == 0 { (task.from, middle) } else { (middle, task.to) };
            let child = Task { node: left + side, from, to, depth, totals: parts[side] };
            if child.is_leaf(params) {
                self.leaf(&child);
            } else {
                tasks.push(child);
            }
        }
    }
}
