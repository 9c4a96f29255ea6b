//! `item-knn`: an item is rated as its neighbours were (Sarwar et al., "Item-Based Collaborative Filtering
//! Recommendation Algorithms", WWW 2001; the form is LensKit's, Ekstrand et al., RecSys 2011).
//!
//! Two items are as alike in *taste* as the cosine of their ratings, each less its item's mean m_i, times
//! n / (n + `shrinkage`) for n people who know both. Expected of item i is
//!
//! m_i + (Σ s_ij (r_uj − m_j) + γ b_u) / (Σ s_ij + γ),  b_u = Σ (r_uj − m_j) / (n_u + 5)
//!
//! over the k most alike of the items j that the person has rated. γ (`leaning`) lets the person's own strictness or
//! mildness stand in where neighbours are few or far. With γ, `shrinkage` and `damping` at 0, k = 20 and everything
//! kept, these are LensKit's predictions to 1e-4 in 1,287 of 1,288 published cases; in the last one equal similarities
//! are cut elsewhere.
//!
//! Lists ask another question: not what somebody would rate highly, but what they will want. *Company* is the cosine of
//! likings w = share of the scale − 3/8, where they are above 0, after each person's row was brought to length 1
//! (Deshpande and Karypis, "Item-Based Top-N Recommendation Algorithms", ACM TOIS 2004, §4.1), shrunk likewise. An item
//! ranks by n_i^β Σ s_ij n_j^−β w_j + π m̂_i over what the person has rated: β = 0.1 holds popular items back a little
//! less than the cosine does (Aiolli, RecSys 2013), a dislike counts little, and m̂, the mass that `popularity` ranks by
//! over the largest, leads the lists of people of whom little is known. Weights were chosen on validation splits.

pub mod crowd;
pub mod fit;
pub mod neighbours;
pub mod params;
mod probe;

pub use crowd::{Crowd, Voice};
pub use fit::Counting;
pub use neighbours::Neighbours;
pub use params::ItemKnnParams;

use super::params::Settings;
use super::spec::{Aim, Recipe};
use super::{Known, Model, People, Person, Scorer, Solved, sample};
use crate::codec::{Reader, Writer};
use crate::data::{Interactions, Scale};
use crate::ground::{Result, math};

/// The kind.
pub const RECIPE: Recipe = Recipe {
    name: "item-knn",
    table: ItemKnnParams::TABLE,
    declared: &[],
    aim: Aim::Lists,
    personal: |_| false,
    circumstances: false,
    // Ratings in two orders and three copies, and of lists two copies at a time.
    memory: |settings, data| {
        let kept = ItemKnnParams::of(settings).kept.min(data.items.len());
        data.len() * 24 + lists(data, kept).saturating_mul(16) + data.items.len() * 128
    },
    begin: |settings, lesson, _| Ok(Box::new(Counting::new(lesson.data, ItemKnnParams::of(settings)))),
    read: |settings, known, r, rows| {
        ItemKnn::read(ItemKnnParams::of(settings), known, r, rows.0).map(Model::ItemKnn)
    },
};

/// Entries of the lists at most: no item has more neighbours than are kept, and no two are neighbours unless somebody
/// knows both. About half of those who know both agree.
fn lists(data: &Interactions, kept: usize) -> usize {
    let mut counts = vec![0usize; data.users.len()];
    data.user.iter().for_each(|&u| counts[u as usize] += 1);
    let pairs: usize = counts.iter().map(|n| n * n).sum();
    (data.items.len() * kept).min(pairs / 2) + data.items.len() * kept.min(fit::COMPANY)
}

/// Average ratings given to each person in advance, for b_u: 5 is the noise of a rating over the variance of people's
/// leanings, as in the fold-in of matrix factorization.
const LEANING_PRIOR: f64 = 5.0;
/// A rating at this share of the scale says neither that more of the like is wanted nor that it is not.
const INDIFFERENT: f64 = 0.375;
/// What a dislike counts at most: people say it of what they thought they would like.
const DISLIKE: f64 = -0.1;
/// π.
const POPULAR: f32 = 0.2;
/// Variance of a person's lift where nothing is known, in noises: the spread of people's leanings.
const UNKNOWN: f64 = 0.25;

/// A trained model.
#[derive(Clone, Debug)]
pub struct ItemKnn {
    /// How it was trained.
    pub params: ItemKnnParams,
    /// Ids, counts, scale.
    pub known: Known,
    /// m_i.
    means: Vec<f64>,
    taste: Neighbours,
    company: Neighbours,
    /// n_i^β.
    reach: Vec<f32>,
    /// m̂_i.
    mass: Vec<f32>,
    /// Everybody it learned from: only in models that stay in the browser they were trained in.
    pub crowd: Option<Crowd>,
}

/// What somebody's ratings say.
struct Opinions {
    /// r − m by item row, NaN where there is none.
    centred: Vec<f64>,
    /// b_u.
    leaning: f64,
    /// How many ratings b_u is the mean of, those given in advance among them.
    others: f64,
}

/// How far a rating is above indifference, in shares of the scale.
fn liking(scale: Scale, rating: f64) -> f64 {
    (rating - scale.min) / (scale.max - scale.min) - INDIFFERENT
}

/// n (m − min) of each item over the largest of these; 0 where there is none.
fn mass(known: &Known, means: &[f64]) -> Vec<f32> {
    let of = |(&n, m): (&u32, &f64)| f64::from(n) * (m - known.scale.min);
    let all: Vec<f64> = known.counts.iter().zip(means).map(of).collect();
    let most = all.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    all.into_iter().map(|x| (x / most) as f32).collect()
}

/// n^0.1 of each count; 1 for what nobody knows.
fn reach(counts: &[u32]) -> Vec<f32> {
    counts.iter().map(|&n| libm::exp(0.1 * math::ln(f64::from(n.max(1)))) as f32).collect()
}

impl ItemKnn {
    /// From what was counted.
    fn new(
        params: ItemKnnParams,
        known: Known,
        means: Vec<f64>,
        [taste, company]: [Neighbours; 2],
        crowd: Option<Crowd>,
    ) -> ItemKnn {
        // As they are written, so that a model read back says the same.
        let means: Vec<f64> = means.into_iter().map(|m| f64::from(m as f32)).collect();
        let (reach, mass) = (reach(&known.counts), mass(&known, &means));
        ItemKnn { params, known, means, taste, company, reach, mass, crowd }
    }

    fn opinions(&self, history: &[(u32, f64)]) -> Opinions {
        let mut centred = vec![f64::NAN; self.means.len()];
        let mut sum = 0.0;
        for &(item, rating) in history {
            centred[item as usize] = rating - self.means[item as usize];
            sum += centred[item as usize];
        }
        let others = history.len() as f64 + LEANING_PRIOR;
        Opinions { centred, leaning: sum / others, others }
    }

    /// The neighbours of an item that a person has rated, the best k: (row, similarity).
    fn rated<'a>(&'a self, item: u32, own: &'a Opinions) -> impl Iterator<Item = (u32, f64)> + 'a {
        let (items, values) = self.taste.of(item);
        let all = items.iter().zip(values).filter(|(j, _)| !own.centred[**j as usize].is_nan());
        all.take(self.params.neighbours).map(|(&j, &s)| (j, f64::from(s)))
    }

    /// What rated neighbours and a leaning add to an item's mean, and the variance of that in noises, Σ s² / (Σ s)² as
    /// of any weighted mean.
    fn lift(&self, rated: impl Iterator<Item = (u32, f64)>, own: &Opinions) -> (f64, f64) {
        let gamma = self.params.leaning;
        let (mut sum, mut weight) = (gamma * own.leaning, gamma);
        let mut squares = gamma * gamma / own.others;
        for (j, s) in rated {
            sum += s * own.centred[j as usize];
            weight += s;
            squares += s * s;
        }
        if weight > 0.0 { (sum / weight, squares / (weight * weight)) } else { (0.0, UNKNOWN) }
    }

    /// Expected ratings of all items, and their variances. What each rating says goes to whom it speaks to, which is
    /// far less work than to ask every item who of its neighbours was rated.
    fn expected(&self, history: &[(u32, f64)], own: &Opinions) -> (Vec<f32>, Vec<f32>) {
        let items = self.means.len();
        let mut ends = vec![0u32; items];
        for &(j, _) in history {
            self.taste.listing(j).0.iter().for_each(|&i| ends[i as usize] += 1);
        }
        let mut total = 0;
        for end in &mut ends {
            let count = *end;
            *end = total;
            total += count;
        }
        let mut said = vec![(0u32, 0f32); total as usize];
        for &(j, _) in history {
            let (whom, values) = self.taste.listing(j);
            for (&i, &s) in whom.iter().zip(values) {
                said[ends[i as usize] as usize] = (j, s);
                ends[i as usize] += 1;
            }
        }
        let (mut ratings, mut variances) = (Vec::with_capacity(items), Vec::with_capacity(items));
        let (mut start, k) = (0, self.params.neighbours);
        let noise = self.known.noise * self.known.noise;
        for item in 0..items {
            let heard = &said[start..ends[item] as usize];
            start = ends[item] as usize;
            let chosen =
                if heard.len() > k { neighbours::best(heard.iter().copied(), k) } else { Vec::new() };
            let heard = if chosen.is_empty() { heard } else { &chosen };
            let (lift, variance) = self.lift(heard.iter().map(|&(j, s)| (j, f64::from(s))), own);
            ratings.push((self.means[item] + lift) as f32);
            variances.push(noise * (variance as f32 + 1.0 / (self.known.counts[item] as f32 + 1.0)));
        }
        (ratings, variances)
    }

    /// What items are ranked by for somebody with these ratings.
    fn wanted(&self, history: &[(u32, f64)]) -> Vec<f32> {
        let mut sums = vec![0f32; self.means.len()];
        for &(j, rating) in history {
            let weight = liking(self.known.scale, rating).max(DISLIKE) as f32 / self.reach[j as usize];
            let (whom, values) = self.company.listing(j);
            for (&i, &s) in whom.iter().zip(values) {
                sums[i as usize] += weight * s;
            }
        }
        for ((sum, reach), mass) in sums.iter_mut().zip(&self.reach).zip(&self.mass) {
            *sum = reach * *sum + POPULAR * mass;
        }
        sums
    }

    fn read(params: ItemKnnParams, known: Known, r: &mut Reader<'_>, people: usize) -> Result<ItemKnn> {
        let items = known.len();
        let means: Vec<f64> = r.f32("means", &[items])?.into_iter().map(f64::from).collect();
        let taste = Neighbours::read(r, "taste", items)?;
        let company = Neighbours::read(r, "company", items)?;
        let crowd = if people > 0 { Some(Crowd::read(r, people, items)?) } else { None };
        Ok(ItemKnn::new(params, known, means, [taste, company], crowd))
    }
}

impl Scorer for ItemKnn {
    fn name(&self) -> &'static str {
        RECIPE.name
    }

    fn known(&self) -> &Known {
        &self.known
    }

    fn settings(&self) -> Settings {
        self.params.settings()
    }

    /// m_i.
    fn baseline(&self, item: u32) -> f64 {
        self.means[item as usize]
    }

    fn fold_in(&self, history: &[(u32, f64)]) -> Person {
        if history.is_empty() {
            return Person::Anyone;
        }
        let own = self.opinions(history);
        let (ratings, variance) = self.expected(history, &own);
        let (ranks, variance) = (Some(self.wanted(history)), Some(variance));
        Person::Solved(Solved { ratings, ranks, variance, factors: None, count: history.len(), own: None })
    }

    /// Each neighbour's share of the weighted mean, and each rating's share of the leaning.
    fn contributions(&self, person: &Person, item: u32, history: &[(u32, f64)]) -> Vec<f64> {
        let own = self.opinions(history);
        let mut similarity = vec![0f64; self.means.len()];
        let mut weight = self.params.leaning;
        for (j, s) in self.rated(item, &own) {
            similarity[j as usize] = s;
            weight += s;
        }
        let each = self.params.leaning / own.others;
        let part = |&(j, _): &(u32, f64)| (similarity[j as usize] + each) * own.centred[j as usize] / weight;
        let mut parts: Vec<f64> =
            if weight > 0.0 { history.iter().map(part).collect() } else { vec![0.0; history.len()] };
        sample::settle(&mut parts, self.score(person, item) - self.baseline(item));
        parts
    }

    /// By company, which is what people mean by "similar".
    fn likeness(&self, a: u32, b: u32) -> Option<f32> {
        Some(if a == b { 1.0 } else { self.company.likeness(a, b) })
    }

    fn people(&self) -> u32 {
        self.crowd.as_ref().map_or(0, |c| c.len() as u32)
    }

    fn rows(&self, people: People) -> (usize, usize) {
        let kept = self.crowd.as_ref().filter(|_| people == People::Keep);
        (kept.map_or(0, Crowd::len), 0)
    }

    fn write(&self, w: &mut Writer, people: People) {
        let means: Vec<f32> = self.means.iter().map(|&m| m as f32).collect();
        w.f32("means", &[means.len()], &means);
        self.taste.write(w, "taste");
        self.company.write(w, "company");
        if let Some(crowd) = self.crowd.as_ref().filter(|_| people == People::Keep) {
            crowd.write(w);
        }
    }
}

#[cfg(test)]
mod tests;
