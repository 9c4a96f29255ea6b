//! `neural-cf`: neural matrix factorization (He et al., "Neural Collaborative Filtering", WWW 2017) with what later work
//! found to matter more than the network: what a person liked is told from the whole catalog by a softmax, estimated on a
//! sample of it, instead of from a few negatives (see [`person`]), and people are solved for instead of descended with
//! (see [`fit`]). The score is that of [`net`]; Adam learns items and network ([`adam`]).
//!
//! A rating is a liking from `likedFrom` of the scale up. Other ratings are used for expected ratings alone: as stronger
//! negatives they made lists worse, because people rate what they chose to watch.

pub mod adam;
pub mod fit;
mod gemm;
pub mod net;
pub mod params;
pub mod person;

#[cfg(test)]
mod tests;

pub use fit::Descent;
pub use params::NcfParams;

use self::net::{Net, Rows, Shape};
use self::person::{MOST_LIKINGS, Problem, Solver, spread};
use super::mf::{Archetypes, Table};
use super::params::Settings;
use super::spec::{Aim, Recipe};
use super::{Biases, Calibrated, Known, Model, People, Person, Scorer, Solved, sample};
use crate::codec::{Reader, Writer};
use crate::data::{Interactions, negatives};
use crate::ground::Result;
use crate::ground::ids::Vocabulary;
use crate::ground::math::LANES;

/// The kind.
pub const RECIPE: Recipe = Recipe {
    name: "neural-cf",
    table: NcfParams::TABLE,
    declared: &[],
    aim: Aim::Lists,
    personal: |_| false,
    circumstances: false,
    // Items with their moments, a batch with a gradient for each of them, people; all as the best epoch kept; likings.
    memory: |settings, data| {
        let width = Shape::of(&NcfParams::of(settings)).factors() + LANES;
        (data.items.len() * 8 + data.users.len() * 2) * width * 4 + data.len() * 8
    },
    begin: |settings, lesson, seed| Ok(Box::new(Descent::new(lesson.data, NcfParams::of(settings), seed))),
    read: |settings, known, r, rows| {
        NeuralCf::read(NcfParams::of(settings), known, r, rows).map(Model::NeuralCf)
    },
};

/// Ratings that expected ratings are calibrated on.
const CALIBRATION: usize = 1500;
/// Steps from nothing to somebody: one more changes no score by a hundredth.
const FOLD_STEPS: usize = 5;
/// Most items that a person's likings are told from.
const MOST_CANDIDATES: usize = 1024;

/// A trained model.
#[derive(Clone, Debug)]
pub struct NeuralCf {
    /// How it was trained.
    pub params: NcfParams,
    /// Ids, counts, scale.
    pub known: Known,
    net: Net,
    /// (g, q) and b, as wide as the network's shape.
    items: Table,
    biases: Biases,
    /// Ids of the people and (p, m): only in models that stay in the browser they were trained in.
    users: Option<(Vocabulary, Table)>,
    archetypes: Archetypes,
    /// All items as the network sees them, and their scores for somebody of whom nothing is known: x = 0.
    rows: Rows,
    plain: Vec<f32>,
    candidates: Vec<(u32, f32)>,
}

/// A table of rows `width` apart, of which `factors` count; the bias stands behind them, where there is one.
fn table(flat: &[f32], width: usize, factors: usize) -> Table {
    let mut table = Table::zeros(flat.len() / width.max(1), factors);
    for (at, row) in flat.chunks_exact(width.max(1)).enumerate() {
        table.row_mut(at).copy_from_slice(&row[..factors]);
        table.bias[at] = row.get(factors).copied().unwrap_or(0.0);
    }
    table
}

/// How often each item is liked; where nothing is liked at all, how often it is rated.
pub fn popularity(data: &Interactions, params: &NcfParams) -> Vec<u32> {
    let count = |all: bool| {
        let mut counts = vec![0u32; data.items.len()];
        for (&i, &r) in data.item.iter().zip(&data.rating) {
            counts[i as usize] += u32::from(all || params.likes(data.scale, f64::from(r)));
        }
        counts
    };
    let liked = count(false);
    if liked.iter().any(|&n| n > 0) { liked } else { count(true) }
}

impl NeuralCf {
    /// From a finished fit.
    pub fn new(data: &Interactions, fit: Descent) -> NeuralCf {
        let (params, seed) = (*fit.params(), fit.seed());
        let state = fit.learned();
        let factors = state.net.shape.factors();
        let users = table(&state.people, factors, factors);
        let mut model = NeuralCf::of(
            params,
            Known::of(data),
            state.net,
            table(&state.items, factors + LANES, factors),
            Biases::default(),
        );
        model.archetypes = Archetypes::find(&users, factors, seed);
        model.users = Some((data.users.clone(), users));
        model
    }

    fn of(params: NcfParams, known: Known, net: Net, items: Table, biases: Biases) -> NeuralCf {
        let rows = net.rows((0..items.len()).map(|i| (items.row(i), items.bias[i])));
        let plain = net.all_scores(&rows, &vec![0.0; net.shape.factors()]);
        let candidates = negatives::spread(&known.counts, MOST_CANDIDATES);
        NeuralCf {
            params,
            known,
            net,
            items,
            biases,
            users: None,
            archetypes: Archetypes::default(),
            rows,
            plain,
            candidates,
        }
    }

    /// Factors and bias of an item, where it was learned of.
    fn learned(&self, item: &str) -> Option<Vec<f32>> {
        let at = self.known.ids.get(item)? as usize;
        let row = self.items.row(at);
        row.iter().any(|&x| x != 0.0).then(|| [row, &[self.items.bias[at]]].concat())
    }

    /// Factors of a person it was trained with, padded.
    fn learned_person(&self, user: &str) -> Option<&[f32]> {
        let (ids, table) = self.users.as_ref()?;
        Some(table.row(ids.get(user)? as usize))
    }

    /// What somebody's likings change in the scores.
    fn preference(&self, scores: &[f32]) -> Vec<f32> {
        scores.iter().zip(&self.plain).map(|(s, plain)| s - plain).collect()
    }

    /// What a person with these ratings is solved for on; `None` where nothing is liked.
    fn problem(&self, history: &[(u32, f64)]) -> Option<Problem> {
        let liked: Vec<u32> =
            history.iter().filter(|h| self.params.likes(self.known.scale, h.1)).map(|h| h.0).collect();
        let mut is_liked = vec![false; self.known.len()];
        liked.iter().for_each(|&i| is_liked[i as usize] = true);
        let mut problem = Problem::of(spread(liked.len(), MOST_LIKINGS).map(|k| liked[k]));
        for &(item, log_weight) in &self.candidates {
            if !is_liked[item as usize] {
                problem.add(item, log_weight);
            }
        }
        (!liked.is_empty()).then_some(problem)
    }

    fn solve(&self, history: &[(u32, f64)]) -> Option<(Problem, Solver, Vec<f32>)> {
        let problem = self.problem(history)?;
        let (mut solver, mut x) = (Solver::default(), vec![0f32; self.net.shape.factors()]);
        let prior = self.params.person_prior(problem.liked);
        solver.solve(&self.net, &self.rows, &problem, prior, &mut x, FOLD_STEPS);
        Some((problem, solver, x))
    }

    /// What each liking adds to the preference of a person at `x` for `item`. Where x solves the person's problem,
    /// λ x = Σ_j (J_j − J̄) over the likings j, so x is a sum of parts, one for each; a part adds J_i times itself, exactly
    /// as far as the score goes straight. What the bends of the layers leave is shared out by size.
    fn parts(&self, x: &[f32], item: u32, history: &[(u32, f64)]) -> Vec<f64> {
        let mut parts = vec![0f64; history.len()];
        let Some(problem) = self.problem(history) else { return parts };
        let prior = self.params.person_prior(problem.liked);
        let mut one = Solver::default();
        let alone = Problem::of(core::iter::once(item));
        one.look(&self.net, &self.rows, &alone, x);
        let score = one.score(0);
        let mut solver = Solver::default();
        solver.look(&self.net, &self.rows, &problem, x);
        let known = solver.curvature(&self.net, &self.rows, &problem, prior, x);
        if known.is_none() || one.curvature(&self.net, &self.rows, &alone, 1.0, x).is_none() {
            return parts;
        }
        let reach = one.slope(0);
        for (row, &liked) in problem.index[..problem.liked].iter().enumerate() {
            let Some(at) = history.iter().position(|h| h.0 == liked) else { continue };
            parts[at] = reach.iter().zip(solver.lean(row)).map(|(a, b)| a * b).sum::<f64>() / prior;
        }
        let rest = f64::from(score) - f64::from(self.plain[item as usize]) - parts.iter().sum::<f64>();
        let size: f64 = parts.iter().map(|p| p.abs()).sum();
        if size > 0.0 {
            parts.iter_mut().for_each(|p| *p += rest * p.abs() / size);
        }
        parts
    }

    /// Without the padding that stands behind each of the two halves.
    fn unpadded(&self, x: &[f32]) -> Vec<f32> {
        let (products, inputs) = x.split_at(self.net.shape.products);
        let kept = self.params.layer_factors.min(inputs.len());
        products[..self.params.factors].iter().chain(&inputs[..kept]).copied().collect()
    }

    /// And with it again.
    fn padded(&self, factors: &[f32]) -> Vec<f32> {
        let mut x = vec![0f32; self.net.shape.factors()];
        let (p, m) = factors.split_at(self.params.factors.min(factors.len()));
        x[..p.len()].copy_from_slice(p);
        x[self.net.shape.products..][..m.len()].copy_from_slice(m);
        x
    }

    fn read(
        params: NcfParams,
        known: Known,
        r: &mut Reader<'_>,
        (users, archetypes): (usize, usize),
    ) -> Result<NeuralCf> {
        let shape = Shape::of(&params);
        let factors = shape.factors();
        let weights = r.f32("weights", &[Net::len_of(&shape)])?;
        let items = Table::read(r, "item", known.len(), factors)?;
        let biases = Biases::read(r, known.len())?;
        let mut model = NeuralCf::of(params, known, Net::new(shape, weights), items, biases);
        if users > 0 {
            let ids = Vocabulary::from_ids("user_ids", r.ids("user_ids", users)?)?;
            model.users = Some((ids, Table::read(r, "user", users, factors)?));
        }
        model.archetypes = Archetypes::read(r, archetypes, factors)?;
        Ok(model)
    }
}

impl Calibrated for NeuralCf {
    fn biases(&mut self) -> &mut Biases {
        &mut self.biases
    }

    fn set_noise(&mut self, squared: f64) {
        self.known.set_noise(squared);
    }

    fn sampled(&self) -> usize {
        CALIBRATION
    }

    /// Without liking j, x is about x − H⁻¹ (J_j − J̄), one step on.
    fn unaware(&self, history: &[(u32, f64)]) -> Vec<f32> {
        let Some((problem, mut solver, x)) = self.solve(history) else { return vec![0.0; history.len()] };
        let mut preference = self.preference(&self.net.all_scores(&self.rows, &x));
        let prior = self.params.person_prior(problem.liked);
        if let Some(at) = solver.curvature(&self.net, &self.rows, &problem, prior, &x) {
            for (row, &item) in problem.index[..problem.liked].iter().enumerate() {
                let mut reach = solver.slope(row);
                at.factor.solve(&mut reach);
                let lost: f64 = reach.iter().zip(solver.lean(row)).map(|(a, b)| a * b).sum();
                preference[item as usize] -= lost as f32;
            }
        }
        history.iter().map(|h| preference[h.0 as usize]).collect()
    }
}

impl Scorer for NeuralCf {
    fn name(&self) -> &'static str {
        RECIPE.name
    }

    fn known(&self) -> &Known {
        &self.known
    }

    fn settings(&self) -> Settings {
        self.params.settings()
    }

    /// μ + b_i.
    fn baseline(&self, item: u32) -> f64 {
        self.biases.baseline(item)
    }

    /// A few Newton steps over likings and candidates, each a walk through the network and back.
    fn effort(&self, ratings: usize, _: usize) -> usize {
        20_000 + 60 * ratings
    }

    fn fold_in(&self, history: &[(u32, f64)]) -> Person {
        if history.is_empty() {
            return Person::Anyone;
        }
        let x = self.solve(history).map_or_else(|| vec![0.0; self.net.shape.factors()], |solved| solved.2);
        let scores = self.net.all_scores(&self.rows, &x);
        let ratings = self.biases.ratings(history, &self.preference(&scores));
        let factors = Some(self.unpadded(&x));
        Person::Solved(Solved {
            ratings,
            ranks: Some(scores),
            variance: None,
            factors,
            count: history.len(),
            own: None,
        })
    }

    /// By the network's scores, for somebody unknown as for others: theirs say what is liked in general.
    fn rank_all(&self, person: &Person, _: f64) -> Vec<f32> {
        match person {
            Person::Solved(Solved { ranks: Some(ranks), .. }) => ranks.clone(),
            _ => self.plain.clone(),
        }
    }

    fn ranks_ratings(&self, _: &Person) -> bool {
        false
    }

    fn contributions(&self, person: &Person, item: u32, history: &[(u32, f64)]) -> Vec<f64> {
        let Person::Solved(Solved { factors: Some(factors), .. }) = person else { return Vec::new() };
        let parts = self.parts(&self.padded(factors), item, history);
        let mut all = self.biases.contributions(history, &parts);
        sample::settle(&mut all, self.score(person, item) - self.baseline(item));
        all
    }

    fn embedding(&self, item: u32) -> Option<Vec<f32>> {
        Some(self.unpadded(self.items.row(item as usize)))
    }

    fn trained_embedding(&self, user: &str) -> Option<Vec<f32>> {
        self.learned_person(user).map(|factors| self.unpadded(factors))
    }

    fn archetypes(&self) -> Option<&Archetypes> {
        Some(&self.archetypes)
    }

    /// Of people of that taste and of average strictness.
    fn centre_rating(&self, centre: usize, item: u32) -> Option<f64> {
        let mut scores = Vec::new();
        let x = self.archetypes.centres.row(centre);
        self.net.scores(&self.rows, &[item], x, &mut net::Passage::default(), &mut scores);
        let preference = f64::from(scores[0] - self.plain[item as usize]);
        let baseline = self.baseline(item);
        Some(baseline + self.biases.contributions(&[(item, baseline)], &[preference])[0])
    }

    fn people(&self) -> u32 {
        self.users.as_ref().map_or_else(|| self.archetypes.people.iter().sum(), |u| u.0.len() as u32)
    }

    fn rows(&self, people: People) -> (usize, usize) {
        let users = self.users.as_ref().filter(|_| people == People::Keep);
        (users.map_or(0, |(ids, _)| ids.len()), self.archetypes.people.len())
    }

    fn write(&self, w: &mut Writer, people: People) {
        let factors = self.net.shape.factors();
        w.f32("weights", &[self.net.weights.len()], &self.net.weights);
        self.items.write(w, "item", factors);
        self.biases.write(w);
        if let Some((ids, table)) = self.users.as_ref().filter(|_| people == People::Keep) {
            w.ids("user_ids", ids.ids());
            table.write(w, "user", factors);
        }
        self.archetypes.write(w, factors);
    }
}
