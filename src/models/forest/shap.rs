//! What each column contributes to a prediction: path-dependent TreeSHAP (Lundberg, Erion and Lee, "Consistent
//! Individualized Feature Attribution for Tree Ensembles", 2018, algorithm 2). The Shapley values of the game in which a
//! tree that is not told a column goes both ways, by the share of its training rows that went each: exact, in the square
//! of the depth for each leaf instead of 2^columns.

use super::Forest;
use super::params::DEEPEST;
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

/// 1 / n.
const INVERSE: [f64; DEEPEST + 2] = {
    let (mut all, mut n) = ([0.0; DEEPEST + 2], 1);
    while n < all.len() {
        all[n] = 1.0 / n as f64;
        n += 1;
    }
    all
};

/// Adds a step behind `way.len() - 1` known ones.
fn extend(way: &mut [Step], step: Step) {
    let last = way.len() - 1;
    way[last] = Step { weight: if last == 0 { 1.0 } else { 0.0 }, ..step };
    let scale = INVERSE[last + 1];
    for i in (0..last).rev() {
        way[i + 1].weight += step.one * way[i].weight * (i + 1) as f64 * scale;
        way[i].weight *= step.zero * (last - i) as f64 * scale;
    }
}

/// Weights without a step the row goes with, from the longest set to the shortest, and their sum.
#[inline]
fn without_hot(way: &[Step], zero: f64, mut each: impl FnMut(usize, f64)) -> f64 {
    let last = way.len() - 1;
    let (mut next, mut sum) = (way[last].weight * (last + 1) as f64, 0.0);
    for i in (0..last).rev() {
        let weight = next * INVERSE[i + 1];
        next = way[i].weight * (last + 1) as f64 - weight * zero * (last - i) as f64;
        each(i, weight);
        sum += weight;
    }
    sum
}

/// The same without a step the row does not go with, times that step's share: it is alike for all of them.
#[inline]
fn without_cold(way: &[Step], mut each: impl FnMut(usize, f64)) -> f64 {
    let (last, mut sum) = (way.len() - 1, 0.0);
    for i in (0..last).rev() {
        let weight = way[i].weight * (last + 1) as f64 * INVERSE[last - i];
        each(i, weight);
        sum += weight;
    }
    sum
}

/// Takes the step at `at` out; the way is shorter by one then.
fn unwind(way: &mut [Step], at: usize) {
    let mut spare = [0.0; DEEPEST + 1];
    let Step { zero, one, .. } = way[at];
    if one > 0.0 {
        without_hot(way, zero, |i, weight| spare[i] = weight);
    } else {
        without_cold(way, |i, weight| spare[i] = weight / zero);
    }
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
            let cold = without_cold(way, |_, _| {});
            for step in way {
                let Some(column) = step.column else { continue };
                let change = if step.one > 0.0 {
                    without_hot(way, step.zero, |_, _| {}) * (1.0 - step.zero)
                } else {
                    -cold
                };
                self.parts[usize::from(column)] += change * f64::from(split);
            }
            return;
        }
        let mut length = length + 1;
        let (mut zero, mut one) = (1.0, 1.0);
        // A column that was met before is one player still.
        if let Some(at) = self.steps[own..].iter().position(|s| s.column == Some(column)) {
            Step { zero, one, .. } = self.steps[own + at];
            unwind(&mut self.steps[own..], at);
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
        (0..self.trees()).for_each(|tree| self.contribute(row, tree, &mut base, &mut parts));
        self.contributed(base, &parts)
    }

    /// Adds what one tree says of a row, for who cannot wait for all of them.
    pub fn contribute(&self, row: &[f32], tree: usize, base: &mut f64, parts: &mut [f64]) {
        let mut walk = Walk { tree: &self.trees[tree], row, steps: Vec::new(), base: 0.0, parts };
        walk.visit(0, 0, 0, Step { column: None, zero: 1.0, one: 1.0, weight: 0.0 });
        *base += walk.base;
    }

    /// Contributions from the sums over all trees.
    pub fn contributed(&self, base: f64, parts: &[f64]) -> Contributions {
        let trees = self.trees.len() as f64;
        Contributions { base: base / trees, parts: parts.iter().map(|part| part / trees).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{friedman, grown};
    use super::super::{ForestParams, Target};
    use super::*;
    use crate::features::Matrix;
    use proptest::prelude::*;

    /// What a tree expects where only the columns in `known` (by bit) are told.
    fn expected(tree: &[Node], at: usize, row: &[f32], known: u32) -> f64 {
        let node = tree[at];
        if node.is_leaf() {
            return f64::from(node.split);
        }
        let [left, right] = [0, 1].map(|side| node.left as usize + side);
        if known >> node.column & 1 == 1 {
            let right = usize::from(row[usize::from(node.column)] > node.split);
            return expected(tree, left + right, row, known);
        }
        let [l, r] = [left, right].map(|c| expected(tree, c, row, known) * f64::from(tree[c].draws));
        (l + r) / f64::from(node.draws)
    }

    /// Shapley's formula, set by set.
    fn by_hand(forest: &Forest, row: &[f32]) -> Vec<f64> {
        let n = forest.columns() as u32;
        let factorial = |k: u32| (1..=k).map(f64::from).product::<f64>();
        let value = |known: u32| -> f64 {
            let sum: f64 = forest.trees.iter().map(|t| expected(t, 0, row, known)).sum();
            sum / forest.trees.len() as f64
        };
        let of = |column: u32| {
            let others = (0..1u32 << n).filter(|set| set >> column & 1 == 0);
            let share = |set: u32| {
                let size = set.count_ones();
                factorial(size) * factorial(n - size - 1) / factorial(n)
            };
            others.map(|set| share(set) * (value(set | 1 << column) - value(set))).sum()
        };
        (0..n).map(of).collect()
    }

    #[test]
    fn contributions_are_shapley_values() {
        let (x, y) = friedman(120, 6, 1);
        let yes: Vec<bool> = y.iter().map(|&y| y > 14.0).collect();
        for target in [Target::Values(&y), Target::Labels(&yes)] {
            let forest = grown(&x, &target, ForestParams { trees: 3, ..ForestParams::default() });
            for row in 0..12 {
                let (got, want) = (forest.contributions(x.row(row)), by_hand(&forest, x.row(row)));
                let close = |a: &f64, b: &f64| (a - b).abs() < 1e-9;
                assert!(got.parts.iter().zip(&want).all(|(a, b)| close(a, b)), "{got:?} {want:?}");
                let base: f64 = forest.trees.iter().map(|t| expected(t, 0, x.row(row), 0)).sum::<f64>() / 3.0;
                assert!(close(&got.base, &base) && want.iter().any(|w| w.abs() > 0.01));
            }
        }
    }

    /// One row to a column, each twice as far from the others: 64 splits by 64 columns on one way.
    #[test]
    fn the_longest_way_there_is_loses_no_digits() {
        let mut x = Matrix::zeros(70, 70);
        (0..70).for_each(|i| x.row_mut(i)[i] = 1.0);
        let y: Vec<f32> = (0..70).map(|i| libm::pow(1.5, f64::from(i)) as f32).collect();
        let params = ForestParams { trees: 1, bootstrap: false, ..ForestParams::default() };
        let forest = grown(&x, &Target::Values(&y), params);
        for row in 0..70 {
            let got = forest.contributions(x.row(row));
            let scale = f64::from(y[69]);
            let sum = got.base + got.parts.iter().sum::<f64>();
            assert!((sum - forest.predict(x.row(row))).abs() < 1e-9 * scale, "{row}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn contributions_sum_to_the_prediction(
            seed: u64, rows in 2usize..300, columns in 5usize..12, trees in 1usize..6, share in 0.1f64..1.0,
        ) {
            let (x, y) = friedman(rows, columns, seed);
            let params = ForestParams { trees, max_features: share, ..ForestParams::default() };
            let forest = grown(&x, &Target::Values(&y), params);
            for row in [0, rows / 2, rows - 1] {
                let Contributions { base, parts } = forest.contributions(x.row(row));
                prop_assert!((base + parts.iter().sum::<f64>() - forest.predict(x.row(row))).abs() < 1e-6);
            }
        }
    }
}
