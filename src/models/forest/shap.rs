//! What each column contributes to a prediction: path-dependent TreeSHAP (Lundberg, Erion and Lee, "Consistent
//! Individualized Feature Attribution for Tree Ensembles", 2018, algorithm 2). The Shapley values of the game in which a
//! tree that is not told a column goes both ways, by the share of its training rows that went each: exact, in the square
//! of the depth for each leaf instead of 2^columns.

use super::Forest;
use super::tree::Node;

/// A prediction taken apart: `base` and all `parts` sum to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Contributions {
    /// What is predicted where no column is told: the mean over the training rows.
    pub base: f64,
    /// What each column adds to or takes from it.
    pub parts: Vec<f64>,
}

/// A column on the way to a node.
#[derive(Clone, Copy, Debug, Default)]
struct Step {
    /// The column, as a node says it; of the first step, none.
    column: Option<u16>,
    /// Share of the training rows that go this way, where the column is not told.
    zero: f64,
    /// 1 where the row goes this way, else 0.
    one: f64,
    /// Sum of the weights of all sets of columns, of as many as this step's place says, that lead here.
    weight: f64,
}

struct Walk<'a> {
    tree: &'a [Node],
    row: &'a [f32],
    /// Ways to the nodes that are being visited, one after the other.
    steps: Vec<Step>,
    base: f64,
    parts: &'a mut [f64],
}

/// Adds a step behind `way.len() - 1` known ones.
fn extend(way: &mut [Step], step: Step) {
    let last = way.len() - 1;
    way[last] = Step { weight: if last == 0 { 1.0 } else { 0.0 }, ..step };
    let scale = 1.0 / (last + 1) as f64;
    for i in (0..last).rev() {
        way[i + 1].weight += step.one * way[i].weight * (i + 1) as f64 * scale;
        way[i].weight *= step.zero * (last - i) as f64 * scale;
    }
}

/// Weights without the step at `at`, from the longest set to the shortest, and their sum.
fn unwound(way: &[Step], at: usize, mut each: impl FnMut(usize, f64)) -> f64 {
    let last = way.len() - 1;
    let Step { zero, one, .. } = way[at];
    let (mut next, mut sum) = (way[last].weight, 0.0);
    let count = (last + 1) as f64;
    for i in (0..last).rev() {
        let weight = if one != 0.0 {
            let weight = next * count / ((i + 1) as f64 * one);
            next = way[i].weight - weight * zero * (last - i) as f64 / count;
            weight
        } else {
            way[i].weight * count / (zero * (last - i) as f64)
        };
        each(i, weight);
        sum += weight;
    }
    sum
}

/// Takes the step at `at` out; the way is shorter by one then.
fn unwind(way: &mut [Step], at: usize, spare: &mut [f64]) {
    unwound(way, at, |i, weight| spare[i] = weight);
    for i in 0..way.len() - 1 {
        let from = way[i + usize::from(i >= at)];
        way[i] = Step { weight: spare[i], ..from };
    }
}

impl Walk<'_> {
    /// Visits a node by a step more than the way that begins at `start` and has `length` steps.
    fn visit(&mut self, node: usize, start: usize, length: usize, step: Step) {
        let own = start + length;
        self.steps.resize(own + length + 1, Step::default());
        self.steps.copy_within(start..own, own);
        extend(&mut self.steps[own..], step);
        let Node { split, left, draws, column, .. } = self.tree[node];
        if left == 0 {
            self.base += f64::from(split) * f64::from(draws) / f64::from(self.tree[0].draws);
            let way = &self.steps[own..];
            for (at, step) in way.iter().enumerate() {
                let Some(column) = step.column else { continue };
                let sum = unwound(way, at, |_, _| {});
                self.parts[usize::from(column)] += sum * (step.one - step.zero) * f64::from(split);
            }
            return;
        }
        let mut length = length + 1;
        let (mut zero, mut one) = (1.0, 1.0);
        // A column that was met before is one player still.
        if let Some(at) = self.steps[own..].iter().position(|s| s.column == Some(column)) {
            Step { zero, one, .. } = self.steps[own + at];
            let mut spare = [0.0; super::params::DEEPEST + 1];
            unwind(&mut self.steps[own..], at, &mut spare);
            length -= 1;
        }
        let right = usize::from(self.row[usize::from(column)] > split);
        for (side, one) in [(right, one), (1 - right, 0.0)] {
            let child = left as usize + side;
            let share = f64::from(self.tree[child].draws) / f64::from(draws);
            self.visit(
                child,
                own,
                length,
                Step { column: Some(column), zero: zero * share, one, weight: 0.0 },
            );
        }
    }
}

impl Forest {
    /// What each column contributes to the prediction of a row.
    pub fn contributions(&self, row: &[f32]) -> Contributions {
        let (mut base, mut parts) = (0.0, vec![0f64; self.columns()]);
        for tree in &self.trees {
            let mut walk = Walk { tree, row, steps: Vec::new(), base: 0.0, parts: &mut parts };
            walk.visit(0, 0, 0, Step { column: None, zero: 1.0, one: 1.0, weight: 0.0 });
            base += walk.base;
        }
        let trees = self.trees.len() as f64;
        parts.iter_mut().for_each(|part| *part /= trees);
        Contributions { base: base / trees, parts }
    }
}
