//! Learning in bounded steps: count, invert, thin.

use super::weights::{Thinning, Weights, places};
use super::{Ease, EaseParams};
use crate::codec::Tape;
use crate::data::Interactions;
use crate::data::ratings::Csr;
use crate::ground::dense::{Sweep, Tiles};
use crate::ground::sort::order;
use crate::ground::{Error, Result, math};
use crate::models::fit::Fit;
use crate::models::{Model, Unsettled};

/// Sums, products of tiles and weights to look at for one of budget: 60,000 take about 10 ms on a fast machine.
const SUMS: usize = 100;
const BUDGET_PER_TILE: usize = 130;
const WEIGHTS: usize = 16;

#[allow(clippy::large_enum_variant)] // there is one
#[derive(Debug)]
enum Stage {
    /// Room for a matrix is not there yet.
    Empty,
    /// XᵀWX + λ I, row by row.
    Gram(Tiles),
    /// Its inverse.
    Inverse(Sweep),
    /// The weights worth keeping.
    Thin(Thinning),
    /// The answer.
    Done(Weights),
}

/// A fit under way: one epoch.
#[derive(Debug)]
pub struct ClosedForm {
    params: EaseParams,
    lambda: f32,
    /// Items that take part, and who likes what of them: by person and by place of the item.
    items: Vec<u32>,
    catalog: usize,
    people: Csr,
    likes: Csr,
    /// What each person counts.
    votes: Vec<f32>,
    stage: Stage,
    row: usize,
    sums: Vec<f32>,
}

impl ClosedForm {
    /// Looks up who likes what.
    pub fn new(data: &Interactions, params: EaseParams) -> ClosedForm {
        let says: Vec<(f32, bool)> =
            data.rating.iter().map(|&r| params.says(data.scale, f64::from(r))).collect();
        let mut counts = vec![0u32; data.items.len()];
        for (&item, _) in data.item.iter().zip(&says).filter(|(_, said)| said.1) {
            counts[item as usize] += 1;
        }
        let most_liked_first = order(counts.len(), &mut |a, b| counts[b].cmp(&counts[a]));
        let mut takes_part = vec![false; counts.len()];
        for &item in most_liked_first.iter().take(params.max_items) {
            takes_part[item as usize] = counts[item as usize] > 0;
        }
        let items: Vec<u32> = (0..counts.len() as u32).filter(|&i| takes_part[i as usize]).collect();
        let places = places(&items, counts.len());
        let mut pairs = Vec::with_capacity(data.len());
        for ((&item, &user), &(weight, _)) in data.item.iter().zip(&data.user).zip(&says) {
            if takes_part[item as usize] && weight > 0.0 {
                pairs.push((places[item as usize], user, weight));
            }
        }
        let likes = Csr::new(items.len(), pairs.iter().copied());
        let people = likes.transpose(data.users.len());
        let somebody = (0..people.rows() as u32).filter(|&u| people.count(u) > 0).count();
        ClosedForm {
            params,
            lambda: (params.regularization * math::sqrt(somebody.max(1) as f64)) as f32,
            catalog: counts.len(),
            votes: votes(&people, params.history_scaling),
            stage: Stage::Empty,
            row: 0,
            sums: vec![0.0; items.len()],
            items,
            people,
            likes,
        }
    }

    /// One row of the Gram matrix up to the diagonal; gives the number of sums.
    fn count(&mut self, matrix: &mut Tiles) -> usize {
        let i = self.row;
        let mut work = i;
        self.sums[..=i].fill(0.0);
        let (users, values) = self.likes.row(i as u32);
        for (&user, &x) in users.iter().zip(values) {
            let vote = self.votes[user as usize] * x;
            let (others, values) = self.people.row(user);
            for (&j, &y) in others.iter().zip(values) {
                if j as usize > i {
                    break;
                }
                self.sums[j as usize] += vote * y;
            }
            work += others.len();
        }
        self.sums[i] += self.lambda;
        for (j, &sum) in self.sums[..=i].iter().enumerate() {
            matrix.set(i, j, sum);
        }
        self.row += 1;
        work
    }

    /// Root mean squared error of the reconstructed likings, penalty included: for each item the least that
    /// Σ (x − ŷ)² + λ Σ b² can be is 1 / P_jj − λ.
    fn loss(&self, thin: &Thinning) -> f64 {
        let n = self.items.len() as f64;
        let cells = n * self.people.rows() as f64;
        math::sqrt((thin.residual - f64::from(self.lambda) * n).max(0.0) / cells.max(1.0))
    }
}

/// What each person counts: n^−s, where n is the sum of what they say, times a constant that keeps the mean over all
/// that is said at 1.
fn votes(people: &Csr, scaling: f64) -> Vec<f32> {
    let said = |u: u32| people.row(u).1.iter().map(|&x| f64::from(x)).sum::<f64>();
    let sums: Vec<f64> = (0..people.rows() as u32).map(said).collect();
    let raw: Vec<f64> = sums.iter().map(|&n| libm::exp(-scaling * math::ln(n.max(1.0)))).collect();
    let (mut plain, mut scaled) = (0.0, 0.0);
    for (w, n) in raw.iter().zip(&sums) {
        (plain, scaled) = (plain + n, scaled + w * n);
    }
    let mean = if scaled > 0.0 { plain / scaled } else { 1.0 };
    raw.iter().map(|w| (w * mean) as f32).collect()
}

impl Fit for ClosedForm {
    fn advance(&mut self, budget: usize) -> Result<Option<f64>> {
        let mut left = budget.max(1);
        loop {
            let mut loss = None;
            self.stage = match core::mem::replace(&mut self.stage, Stage::Done(Weights::default())) {
                Stage::Empty => {
                    left = 0;
                    Stage::Gram(Tiles::zeros(self.items.len()))
                }
                Stage::Gram(mut matrix) => {
                    while left > 0 && self.row < matrix.order() {
                        left = left.saturating_sub(1 + self.count(&mut matrix) / SUMS);
                    }
                    if self.row < matrix.order() {
                        Stage::Gram(matrix)
                    } else {
                        Stage::Inverse(Sweep::new(matrix))
                    }
                }
                Stage::Inverse(mut sweep) => {
                    let tiles = left.div_ceil(BUDGET_PER_TILE);
                    left = 0;
                    match sweep.advance(tiles) {
                        Some(false) => Stage::Inverse(sweep),
                        Some(true) => {
                            Stage::Thin(Thinning::new(sweep.negative_inverse(), self.params.neighbours))
                        }
                        None => return Err(singular()),
                    }
                }
                Stage::Thin(mut thin) => {
                    let cost = 1 + self.items.len() / WEIGHTS;
                    let mut more = true;
                    while left > 0 && more {
                        more = thin.advance();
                        left = left.saturating_sub(cost);
                    }
                    if more {
                        Stage::Thin(thin)
                    } else {
                        loss = Some(self.loss(&thin));
                        Stage::Done(thin.finish(core::mem::take(&mut self.items), self.catalog))
                    }
                }
                Stage::Done(weights) => {
                    self.stage = Stage::Done(weights);
                    return Ok(Some(0.0));
                }
            };
            if loss.is_some() || left == 0 {
                return Ok(loss);
            }
        }
    }

    fn within_epoch(&self) -> f64 {
        let n = self.sums.len().max(1) as f64;
        match &self.stage {
            Stage::Empty | Stage::Gram(_) => 0.05 * self.row as f64 / n,
            Stage::Inverse(sweep) => 0.05 + 0.9 * sweep.done(),
            Stage::Thin(thin) => 0.95 + 0.05 * thin.done() as f64 / n,
            Stage::Done(_) => 1.0,
        }
    }

    fn stops_early(&self) -> bool {
        false
    }

    fn rank(&self, user: u32) -> Option<Vec<f32>> {
        let Stage::Done(weights) = &self.stage else { return None };
        let (places, values) = self.people.row(user);
        Some(weights.preferences(&mut places.iter().zip(values).map(|(&place, &x)| (weights.item(place), x))))
    }

    fn close(self: Box<Self>, data: &Interactions) -> Unsettled {
        let Stage::Done(weights) = self.stage else { unreachable!("a fit is finished after its epoch") };
        Model::Ease(Ease::new(data, self.params, weights)).into()
    }

    /// Nothing: whoever was interrupted begins again, which costs less than writing half a matrix down would.
    fn state(&mut self, _: &mut Tape<'_>) -> Result<()> {
        Ok(())
    }
}

fn singular() -> Error {
    Error::argument(
        "params.regularization",
        "enough for the inverse to exist in single precision",
        "too little",
    )
    .hint("Try ten times as much.")
}
