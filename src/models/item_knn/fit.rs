//! Counting in bounded steps: item after item, and of each item person after person.

use super::neighbours::{Listing, Neighbours};
use super::probe::Probe;
use super::{Crowd, ItemKnn, ItemKnnParams, liking};
use crate::codec::Tape;
use crate::data::{Interactions, Ratings, Scale};
use crate::ground::ids::Vocabulary;
use crate::ground::{Result, math};
use crate::models::fit::Fit;
use crate::models::{Known, Model, Unsettled};

/// Ratings met for one of budget, and what a cell costs that becomes part of a list.
const MEETINGS: usize = 24;
const PER_CELL: usize = 8;

/// Most neighbours kept for lists: more make them worse (docs/model-selection.md).
pub(super) const COMPANY: usize = 100;

/// What one item has in common with the one that is being counted.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    /// Σ z_u z'_u of centred ratings.
    taste: f64,
    /// Σ v_u v'_u of likings, a person's row being of length 1.
    company: f32,
    /// People who know both.
    people: f32,
}

/// A fit under way: one epoch.
#[derive(Debug)]
pub struct Counting {
    params: ItemKnnParams,
    ratings: Ratings,
    scale: Scale,
    means: Vec<f64>,
    /// 1 / Σ v² of each person.
    votes: Vec<f64>,
    /// √Σ z² and √Σ v² of each item.
    lengths: Vec<[f64; 2]>,
    /// The item being counted, and how many of its people are done.
    item: usize,
    person: usize,
    cells: Vec<Cell>,
    /// Whose cells are not zero.
    met: Vec<u32>,
    lists: [Listing; 2],
    built: Vec<Neighbours>,
    candidates: Vec<(u32, f32)>,
    known: Known,
    users: Vocabulary,
    probe: Probe,
    model: Option<ItemKnn>,
}

/// What a rating says of company: how far it is above indifference, nothing below.
fn weight(scale: Scale, rating: f32) -> f64 {
    liking(scale, f64::from(rating)).max(0.0)
}

/// Mean of each item, `damping` average ratings given in advance.
fn means(ratings: &Ratings, mean: f64, damping: f64) -> Vec<f64> {
    let of = |item: u32| {
        let values = ratings.by_item.row(item).1;
        let n = values.len() as f64 + damping;
        let sum: f64 = values.iter().map(|&r| f64::from(r)).sum();
        if n > 0.0 { (sum + damping * mean) / n } else { mean }
    };
    (0..ratings.by_item.rows() as u32).map(of).collect()
}

impl Counting {
    /// Means, lengths and votes.
    pub fn new(data: &Interactions, params: ItemKnnParams) -> Counting {
        let ratings = Ratings::new(data);
        let mean = math::mean(data.rating.iter().map(|&r| f64::from(r)));
        let means = means(&ratings, mean, params.damping);
        let scale = data.scale;
        let vote = |u: u32| {
            let sum: f64 =
                ratings.by_user.row(u).1.iter().map(|&r| weight(scale, r) * weight(scale, r)).sum();
            if sum > 0.0 { 1.0 / sum } else { 0.0 }
        };
        let votes: Vec<f64> = (0..ratings.by_user.rows() as u32).map(vote).collect();
        let items = data.items.len();
        Counting {
            params,
            scale,
            known: Known::of(data),
            users: data.users.clone(),
            probe: Probe::new(data.len()),
            model: None,
            lengths: Vec::new(),
            ratings,
            means,
            votes,
            item: 0,
            person: 0,
            cells: vec![Cell::default(); items],
            met: Vec::new(),
            lists: Default::default(),
            built: Vec::new(),
            candidates: Vec::new(),
        }
    }

    fn length(&self, item: u32) -> [f64; 2] {
        let (people, values) = self.ratings.by_item.row(item);
        let (mut taste, mut company) = (0.0, 0.0);
        for (&u, &r) in people.iter().zip(values) {
            let (z, v) = (f64::from(r) - self.means[item as usize], weight(self.scale, r));
            taste += z * z;
            company += v * v * self.votes[u as usize];
        }
        [math::sqrt(taste), math::sqrt(company)]
    }

    /// Everything one person says of the item being counted; gives the ratings met.
    fn meet(&mut self, user: u32, rating: f32) -> usize {
        let z = f64::from(rating) - self.means[self.item];
        let v = weight(self.scale, rating) * self.votes[user as usize];
        // v times `weight`, as a line.
        let slope = v / (self.scale.max - self.scale.min);
        let start = v * liking(self.scale, 0.0);
        let (items, values) = self.ratings.by_user.row(user);
        for (&other, &value) in items.iter().zip(values) {
            let cell = &mut self.cells[other as usize];
            if cell.people == 0.0 {
                self.met.push(other);
            }
            let value = f64::from(value);
            cell.taste += z * (value - self.means[other as usize]);
            cell.company += (start + slope * value).max(0.0) as f32;
            cell.people += 1.0;
        }
        items.len()
    }

    /// Cells become lists, and are cleared for the next item; gives the number of cells.
    fn list(&mut self) -> usize {
        let (item, met) = (self.item, self.met.len());
        let [taste, company] = self.lengths[item];
        // Below this a length is what rounding left of 0.
        const SHORT: f64 = 1e-6;
        for which in 0..2 {
            self.candidates.clear();
            for &other in self.met.iter().filter(|&&other| other as usize != item) {
                let cell = self.cells[other as usize];
                let [their_taste, their_company] = self.lengths[other as usize];
                let people = f64::from(cell.people);
                let trust = people / (people + self.params.shrinkage);
                let (product, sum, least) = if which == 0 {
                    (taste * their_taste, cell.taste, self.params.min_similarity)
                } else {
                    (company * their_company, f64::from(cell.company), 0.0)
                };
                let similarity = if product > SHORT * SHORT { sum / product * trust } else { 0.0 };
                if similarity > 0.0 && similarity >= least {
                    self.candidates.push((other, similarity.min(1.0) as f32));
                }
            }
            let keep = if which == 0 { self.params.kept } else { self.params.kept.min(COMPANY) };
            self.lists[which].add(&mut self.candidates, keep);
        }
        for &other in &self.met {
            self.cells[other as usize] = Cell::default();
        }
        self.met.clear();
        self.item += 1;
        self.person = 0;
        met
    }

    /// The model, once everything is counted; its noise is not known yet. A large list is put in order in a call of
    /// its own.
    fn build(&mut self) -> Option<ItemKnn> {
        if self.built.len() < 2 {
            self.built.push(core::mem::take(&mut self.lists[self.built.len()]).finish());
            return None;
        }
        let lists = [0, 1].map(|which| core::mem::take(&mut self.built[which]));
        let crowd = Crowd::new(&self.users, &self.ratings.by_user);
        let (known, means) = (core::mem::take(&mut self.known), core::mem::take(&mut self.means));
        Some(ItemKnn::new(self.params, known, means, lists, crowd))
    }

    /// Meets and lists until the budget is spent.
    fn count(&mut self, left: &mut usize) {
        while self.item < self.cells.len() && *left > 0 {
            let (people, values) = self.ratings.by_item.row(self.item as u32);
            let work = match people.get(self.person) {
                Some(&user) => {
                    let rating = values[self.person];
                    self.person += 1;
                    self.meet(user, rating)
                }
                None => PER_CELL * self.list(),
            };
            *left = left.saturating_sub(work + 1);
        }
    }
}

impl Fit for Counting {
    /// The loss is how far expected ratings are off: nothing is minimised.
    fn advance(&mut self, budget: usize) -> Result<Option<f64>> {
        if self.lengths.len() < self.cells.len() {
            self.lengths = (0..self.cells.len() as u32).map(|item| self.length(item)).collect();
            return Ok(None);
        }
        let mut left = budget.max(1).saturating_mul(MEETINGS);
        self.count(&mut left);
        if self.model.is_none() && left > 0 {
            self.model = self.build();
            left = 0;
        }
        let Some(model) = &mut self.model else { return Ok(None) };
        while left > 0 {
            match self.probe.advance(model, &self.ratings, &self.lengths) {
                Some(work) => left = left.saturating_sub(work),
                None => {
                    model.known.set_noise(self.probe.error());
                    return Ok(Some(math::sqrt(self.probe.error())));
                }
            }
        }
        Ok(None)
    }

    fn within_epoch(&self) -> f64 {
        self.item as f64 / self.cells.len().max(1) as f64
    }

    fn stops_early(&self) -> bool {
        false
    }

    fn rank(&self, user: u32) -> Option<Vec<f32>> {
        let (items, values) = self.ratings.by_user.row(user);
        let history: Vec<(u32, f64)> = items.iter().zip(values).map(|(&i, &r)| (i, f64::from(r))).collect();
        Some(self.model.as_ref()?.wanted(&history))
    }

    fn close(self: Box<Self>, _: &Interactions) -> Unsettled {
        Model::ItemKnn(self.model.unwrap_or_else(|| unreachable!("a fit is finished after its epoch"))).into()
    }

    /// Nothing: whoever was interrupted begins again, which takes seconds.
    fn state(&mut self, _: &mut Tape<'_>) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> Interactions {
        let mut x =
            Interactions { scale: Scale { min: 1.0, max: 5.0, step: 1.0 }, ..Interactions::default() };
        for (u, i, r) in [
            ("u", "a", 5.0),
            ("u", "b", 4.0),
            ("u", "c", 1.0),
            ("v", "a", 3.0),
            ("v", "b", 2.0),
            ("w", "a", 1.0),
            ("w", "c", 5.0),
        ] {
            x.push(u, i, r, 0.0);
        }
        x
    }

    fn lists(params: ItemKnnParams) -> [Neighbours; 2] {
        let mut fit = Counting::new(&world(), params);
        while fit.advance(1).unwrap().is_none() {}
        let model = fit.model.unwrap();
        [model.taste, model.company]
    }

    /// Means 3, 3, 3. Centred: a (2, 0, −2), b (1, −1, ·), c (−2, ·, 2).
    #[test]
    fn similarities_by_hand() {
        let params = ItemKnnParams { shrinkage: 0.0, damping: 0.0, ..ItemKnnParams::default() };
        let [taste, company] = lists(params);
        // a·b = 2 over √8 √2; a·c = −8 and b·c = −2 are no neighbours.
        assert_eq!(taste.of(0), (&[1][..], &[0.5][..]));
        assert_eq!(taste.of(2), (&[][..], &[][..]));
        // Above indifference at 2.5: u (2.5, 1.5, ·), v (0.5, ·), w (·, ·, 2.5). Only u likes both a and b.
        let (a, b) = ((6.25 / 8.5 + 1.0f64).sqrt(), (2.25f64 / 8.5).sqrt());
        let want = 2.5 * 1.5 / 8.5 / (a * b);
        assert_eq!(company.of(0).0, [1]);
        assert!((f64::from(company.of(0).1[0]) - want).abs() < 1e-6);
        assert_eq!(company.of(2).0.len(), 0, "nobody likes c and another");
        let [shrunk, _] = lists(ItemKnnParams { shrinkage: 6.0, ..params });
        assert_eq!(shrunk.of(0).1, [0.125], "two people know both: 2 / (2 + 6)");
        let [strict, _] = lists(ItemKnnParams { min_similarity: 0.51, ..params });
        assert!(strict.of(0).1.is_empty());
    }

    #[test]
    fn small_budgets_count_the_same() {
        let mut whole = Counting::new(&world(), ItemKnnParams::default());
        let loss = (0..9).find_map(|_| whole.advance(usize::MAX).unwrap());
        assert!(loss.is_some_and(|l| l > 1.0 && l < 3.0), "{loss:?}");
        assert_eq!(whole.within_epoch(), 1.0);
        let model = whole.model.unwrap();
        assert_eq!([model.taste, model.company], lists(ItemKnnParams::default()));
    }
}
