//! Learning. People come in batches, in an order shuffled anew for each epoch. Each is solved for as they would be when
//! served ([`super::person`]), one step on from where the last epoch left them, on their likings and on a sample of the
//! catalog drawn for the batch; items and network then take a step of Adam against the gradient at these solutions.
//! So people are a function of the rest and not parameters beside it ("variable projection": Golub and Pereyra, "The
//! Differentiation of Pseudo-Inverses and Nonlinear Least Squares Problems Whose Variables Separate", SIAM J. Numer. Anal.
//! 1973): with Adam for the people too, and the same network, nDCG@10 on validation data was lower by a tenth.

use super::adam::Adam;
use super::net::{Net, Rows, add_scaled};
use super::person::{MOST_LIKINGS, Problem, Solver, spread};
use super::{NcfParams, NeuralCf, RECIPE, popularity};
use crate::codec::Tape;
use crate::data::Interactions;
use crate::data::negatives::Negatives;
use crate::data::ratings::Csr;
use crate::ground::math::{self, LANES};
use crate::ground::rng::Rng;
use crate::ground::{Error, Result};
use crate::models::fit::{Fit, other_kind, same_shape};
use crate::models::{Model, Unsettled};

/// Standard deviation of the first factors of items.
const INIT_SCALE: f64 = 0.2;
/// Share of the learning rate that the layers learn with; at the whole rate they took over what products say better.
const LAYER_RATE: f32 = 0.1;
/// What the learning rate falls to, as a share of what it begins with.
const LAST_RATE: f64 = 0.3;
/// Steps of Adam in an epoch, as far as there are people: their number, and not that of the data, has to be enough.
const STEPS: usize = 60;
/// Products that fit into a unit of `budget`.
const PRODUCTS_PER_UNIT: usize = 400;

const NONE: u32 = u32::MAX;

/// What items and network have learned, and where the people are.
#[derive(Clone, Debug)]
pub struct State {
    /// The network.
    pub net: Net,
    /// Factors of items, then a bias and padding.
    pub items: Vec<f32>,
    /// Factors of people.
    pub people: Vec<f32>,
}

/// A batch under way.
#[derive(Clone, Debug, Default)]
struct Batch {
    /// Items in it, and where each of them was drawn to stand for others: ln of how many.
    items: Vec<u32>,
    drawn: Vec<f32>,
    rows: Rows,
    /// Next of its people, and where they end.
    next: usize,
    end: usize,
    likings: usize,
    /// Gradients: of the items (as wide as their rows), of the first layer's sums by item and by person, of weights.
    by_item: Vec<f32>,
    first_by_item: Vec<f32>,
    first_by_person: Vec<f32>,
    inputs: Vec<f32>,
    weights: Vec<f32>,
}

/// A fit under way.
#[derive(Clone, Debug)]
pub struct Descent {
    params: NcfParams,
    seed: u64,
    likings: Csr,
    counts: Vec<u32>,
    negatives: Negatives,
    /// By item: in which share of the steps it takes part.
    presence: Vec<f64>,
    batch_size: usize,
    net: Net,
    /// h, and the weights of the layers.
    weights: [Adam; 2],
    items: Adam,
    people: Vec<f32>,
    /// People who like something.
    order: Vec<u32>,
    rng: Rng,
    epoch: usize,
    position: usize,
    batch: Option<Batch>,
    loss: f64,
    best: Option<State>,
    /// All items, as of the end of the last epoch.
    all: Rows,
    solver: Solver,
    /// Slot of an item in the batch, and the last person whose liking it was.
    slot: Vec<u32>,
    liked_by: Vec<u32>,
}

impl Descent {
    /// Starts with seeded random factors of the items, biases that say how popular they are, and people at 0.
    pub fn new(data: &Interactions, params: NcfParams, seed: u64) -> Descent {
        let liked = data.user.iter().zip(&data.item).zip(&data.rating);
        let liked = liked.filter(|(_, r)| params.likes(data.scale, f64::from(**r)));
        let likings = Csr::new(data.users.len(), liked.map(|((&u, &i), _)| (u, i, 1.0)));
        let counts = popularity(data, &params);
        let mut rng = Rng::new(seed, 1);
        let net = Net::random(&params, &mut rng);
        let (products, factors) = (net.shape.products, net.shape.factors());
        let width = factors + LANES;
        let mut items = vec![0f32; counts.len() * width];
        let mean = counts.iter().map(|&n| f64::from(n)).sum::<f64>() / counts.len().max(1) as f64;
        for (row, &n) in items.chunks_exact_mut(width).zip(&counts) {
            let inputs = if factors > products { params.layer_factors } else { 0 };
            let (g, q) = row.split_at_mut(products);
            for x in g[..params.factors].iter_mut().chain(&mut q[..inputs]) {
                let drawn = (rng.normal() * INIT_SCALE) as f32;
                // Chance must not speak for what nobody liked.
                *x = if n > 0 { drawn } else { 0.0 };
            }
            row[factors] = math::ln((f64::from(n) + 0.5) / mean.max(0.5)) as f32;
        }
        let mut order: Vec<u32> = (0..data.users.len() as u32).filter(|&u| likings.count(u) > 0).collect();
        let batch_size = (order.len() / STEPS).max(1);
        let steps = order.len().div_ceil(batch_size).max(1) as f64;
        let negatives = Negatives::new(&counts);
        let presence = |(i, &n): (usize, &u32)| {
            let unheard = libm::exp(f64::from(n) * libm::log1p(-1.0 / (steps + 1.0)));
            1.0 - (1.0 - negatives.reach(i as u32, params.negatives)) * unheard
        };
        let presence = counts.iter().enumerate().map(presence).collect();
        let mut rng = Rng::new(seed, 2);
        rng.shuffle(&mut order);
        let (h, layers) = net.weights.split_at(net.layers_from());
        let weights = [h, layers].map(|part| Adam::new(part.to_vec(), part.len()));
        Descent {
            people: vec![0.0; data.users.len() * factors],
            slot: vec![NONE; counts.len()],
            liked_by: vec![NONE; counts.len()],
            items: Adam::new(items, width),
            seed,
            params,
            likings,
            counts,
            negatives,
            presence,
            batch_size,
            net,
            weights,
            order,
            rng,
            epoch: 0,
            position: 0,
            batch: None,
            loss: 0.0,
            best: None,
            all: Rows::default(),
            solver: Solver::default(),
        }
    }

    /// Draws the items of the next batch and shows them to the network.
    fn begin(&mut self) -> Batch {
        let end = (self.position + self.batch_size).min(self.order.len());
        let mut batch = Batch { next: self.position, end, ..Batch::default() };
        for _ in 0..self.params.negatives {
            let item = self.negatives.draw(&mut self.rng);
            if self.slot[item as usize] == NONE {
                self.slot[item as usize] = batch.items.len() as u32;
                batch.items.push(item);
                batch.drawn.push(-math::ln(self.negatives.reach(item, self.params.negatives)) as f32);
            }
        }
        for &person in &self.order[self.position..end] {
            for &item in self.likings.row(person).0 {
                if self.slot[item as usize] == NONE {
                    self.slot[item as usize] = batch.items.len() as u32;
                    batch.items.push(item);
                }
            }
        }
        let (n, first) = (batch.items.len(), self.net.shape.first());
        let factors = self.net.shape.factors();
        batch.rows = self.net.rows(batch.items.iter().map(|&i| {
            let row = self.items.row(i as usize);
            (&row[..factors], row[factors])
        }));
        batch.by_item = vec![0.0; n * self.items.width];
        batch.first_by_item = vec![0.0; n * first];
        batch.weights = vec![0.0; self.net.weights.len()];
        batch
    }

    /// What a person of the batch is solved for on, in rows of the batch.
    fn problem(&mut self, batch: &Batch, person: u32) -> Problem {
        let likings = self.likings.row(person).0;
        for &item in likings {
            self.liked_by[item as usize] = person;
        }
        let mut problem =
            Problem::of(spread(likings.len(), MOST_LIKINGS).map(|k| self.slot[likings[k] as usize]));
        for (row, &log_weight) in batch.drawn.iter().enumerate() {
            if self.liked_by[batch.items[row] as usize] != person {
                problem.add(row as u32, log_weight);
            }
        }
        problem
    }

    /// Solves for the next person of the batch and adds up gradients there.
    fn learn(&mut self, batch: &mut Batch) {
        let person = self.order[batch.next];
        batch.next += 1;
        let problem = self.problem(batch, person);
        let (net, factors) = (&self.net, self.net.shape.factors());
        let own = &mut self.people[person as usize * factors..][..factors];
        let mut x = own.to_vec();
        let prior = self.params.person_prior(problem.liked);
        self.loss += self.solver.solve(net, &batch.rows, &problem, prior, &mut x, 1);
        own.copy_from_slice(&x);
        batch.likings += problem.liked;

        let (products, first) = (net.shape.products, net.shape.first());
        if first > 0 {
            net.backward(&self.solver.pull, &mut self.solver.way, Some(&mut batch.weights));
        }
        let at = batch.first_by_person.len();
        batch.first_by_person.resize(at + first, 0.0);
        batch.inputs.extend_from_slice(&x[products..]);
        for (k, &row) in problem.index.iter().enumerate() {
            let (row, pull) = (row as usize, self.solver.pull[k]);
            let gradient = &mut batch.by_item[row * self.items.width..][..self.items.width];
            add_scaled(&mut gradient[..products], pull, &x[..products]);
            gradient[factors] += pull;
            if first > 0 {
                let back = &self.solver.way.back[0][k * first..][..first];
                add_scaled(&mut batch.first_by_item[row * first..][..first], 1.0, back);
                add_scaled(&mut batch.first_by_person[at..], 1.0, back);
            }
        }
    }

    /// What a person with so many likings costs, in units of `budget`.
    fn cost(&self, likings: usize) -> usize {
        let (shape, width) = (&self.net.shape, self.net.shape.factors());
        let layers: usize =
            shape.layers.windows(2).map(|w| w[0] * w[1]).sum::<usize>() + shape.inputs * shape.first();
        let rows = likings.min(MOST_LIKINGS) + self.params.negatives;
        (rows * (width * (width + 16) / 2 + 6 * layers + 100) + width * width * width) / PRODUCTS_PER_UNIT
    }

    /// Where in the whole training it stands, 0 to 1.
    fn progress(&self) -> f64 {
        let within = self.position as f64 / self.order.len().max(1) as f64;
        ((self.epoch as f64 + within) / self.params.epochs as f64).min(1.0)
    }

    /// What of the gradients is left to do when all people of a batch are through: so far those of products are by h ∘ g,
    /// and those of the first layer by its sums.
    fn complete(&self, batch: &mut Batch) {
        let (products, width) = (self.net.shape.products, self.items.width);
        let mut values = Vec::with_capacity(batch.by_item.len());
        for (&item, gradient) in batch.items.iter().zip(batch.by_item.chunks_exact_mut(width)) {
            let row = self.items.row(item as usize);
            values.extend_from_slice(row);
            for (l, g) in gradient[..products].iter_mut().enumerate() {
                batch.weights[l] += *g * row[l];
                *g *= self.net.weights[l];
            }
        }
        self.net.backward_first(
            (&batch.inputs, &batch.first_by_person),
            (&values, &batch.first_by_item),
            &mut batch.weights,
            (&mut batch.by_item, width),
        );
    }

    /// Steps of Adam against the mean gradient of the batch's likings.
    fn apply(&mut self, mut batch: Batch) {
        self.complete(&mut batch);
        let rate = (self.params.learning_rate * (1.0 - (1.0 - LAST_RATE) * self.progress())) as f32;
        let (products, factors, width) =
            (self.net.shape.products, self.net.shape.factors(), self.items.width);
        let scale = 1.0 / batch.likings.max(1) as f32;
        let keep = 1.0 - rate * self.params.decay as f32;
        let all = self.likings.values().len() as f64;
        for (&item, gradient) in batch.items.iter().zip(batch.by_item.chunks_exact_mut(width)) {
            let i = item as usize;
            self.slot[i] = NONE;
            // The prior of all likings in the share of one, and of the steps the item has a part in.
            let prior = self.params.item_prior(self.counts[i]) / (all * self.presence[i]);
            let row = &mut self.items.values[i * width..][..width];
            gradient.iter_mut().for_each(|g| *g *= scale);
            add_scaled(&mut gradient[..products], prior as f32, &row[..products]);
            // Adam's steps do not know how large a gradient is: a prior on what hardly has one would be all that
            // speaks. So what goes through the layers shrinks beside it (Loshchilov and Hutter, "Decoupled Weight Decay
            // Regularization", ICLR 2019).
            row[products..factors].iter_mut().for_each(|q| *q *= keep);
            self.items.step(i, gradient, rate);
        }
        batch.weights.iter_mut().for_each(|g| *g *= scale);
        let (h, layers) = batch.weights.split_at(products);
        self.weights[0].step(0, h, rate);
        if !layers.is_empty() {
            self.weights[1].values.iter_mut().for_each(|w| *w *= keep);
            self.weights[1].step(0, layers, LAYER_RATE * rate);
        }
        self.take_weights();
    }

    fn take_weights(&mut self) {
        self.net.weights.clear();
        self.weights.iter().for_each(|part| self.net.weights.extend_from_slice(&part.values));
    }

    /// All items as the network sees them.
    fn see_all(&mut self) {
        let factors = self.net.shape.factors();
        self.all = self.net.rows(
            self.items.values.chunks_exact(self.items.width).map(|row| (&row[..factors], row[factors])),
        );
    }

    /// Where chance began.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The parameters in use.
    pub fn params(&self) -> &NcfParams {
        &self.params
    }

    /// Everything learned: of the best marked epoch, else of now.
    pub fn learned(self) -> State {
        self.best.unwrap_or(State { net: self.net, items: self.items.values, people: self.people })
    }
}

impl Fit for Descent {
    fn advance(&mut self, budget: usize) -> Result<Option<f64>> {
        let mut left = budget.max(1);
        while self.position < self.order.len() {
            if left == 0 {
                return Ok(None);
            }
            let mut batch = match self.batch.take() {
                Some(batch) => batch,
                None => self.begin(),
            };
            if batch.next < batch.end {
                left = left.saturating_sub(1 + self.cost(self.likings.count(self.order[batch.next])));
                self.learn(&mut batch);
                self.batch = Some(batch);
            } else {
                left = left.saturating_sub(1 + batch.by_item.len() / 40);
                self.position = batch.end;
                self.apply(batch);
            }
        }
        let loss = self.loss / self.likings.values().len().max(1) as f64;
        (self.position, self.loss) = (0, 0.0);
        self.epoch += 1;
        self.rng.shuffle(&mut self.order);
        self.see_all();
        if loss.is_finite() && self.items.all_finite() && self.weights.iter().all(Adam::all_finite) {
            return Ok(Some(loss));
        }
        Err(Error::argument("params.learningRate", "a rate at which the loss falls", "numbers that ran away")
            .hint("Lower learningRate, or raise regularization."))
    }

    /// Network, items and people go on where the model left them, in small steps; Adam's moments begin anew. Beside rows
    /// that are learned chance is nothing but noise: what is new begins with how popular it is.
    fn warm(&mut self, from: &Model, data: &Interactions) -> Result<()> {
        let Model::NeuralCf(m) = from else { return Err(other_kind(RECIPE.name, from)) };
        let shape = ["factors", "layerFactors", "hidden", "layers"];
        same_shape(&shape, &self.params.settings(), &m.params.settings())?;
        let factors = self.net.shape.factors();
        for (item, id) in data.items.ids().iter().enumerate() {
            self.items.row_mut(item)[..factors].fill(0.0);
            if let Some(learned) = m.learned(id).filter(|_| self.counts[item] > 0) {
                self.items.settle(item, &learned);
            }
        }
        for &person in &self.order {
            let Some(learned) = m.learned_person(data.users.id(person)) else { continue };
            self.people[person as usize * factors..][..factors].copy_from_slice(learned);
        }
        let (h, layers) = m.net.weights.split_at(m.net.layers_from());
        for (part, learned) in self.weights.iter_mut().zip([h, layers]) {
            if !learned.is_empty() {
                part.settle(0, learned);
            }
        }
        self.take_weights();
        Ok(())
    }

    fn within_epoch(&self) -> f64 {
        let at = self.batch.as_ref().map_or(self.position, |batch| batch.next);
        at as f64 / self.order.len().max(1) as f64
    }

    fn rank(&self, user: u32) -> Option<Vec<f32>> {
        let factors = self.net.shape.factors();
        let x = &self.people[user as usize * factors..][..factors];
        Some(self.net.all_scores(&self.all, x))
    }

    fn mark_best(&mut self) {
        let (net, items, people) = (self.net.clone(), self.items.values.clone(), self.people.clone());
        self.best = Some(State { net, items, people });
    }

    fn close(self: Box<Self>, data: &Interactions) -> Unsettled {
        Model::NeuralCf(NeuralCf::new(data, *self)).into()
    }

    fn state(&mut self, tape: &mut Tape<'_>) -> Result<()> {
        self.items.state(tape, "item")?;
        self.weights[0].state(tape, "product")?;
        self.weights[1].state(tape, "layer")?;
        tape.f32("people", &mut self.people)?;
        tape.u32("order", &mut self.order)?;
        tape.rng("rng", &mut self.rng)?;
        tape.count("epoch", &mut self.epoch)?;
        let mut kept = usize::from(self.best.is_some());
        tape.count("best", &mut kept)?;
        if kept == 1 {
            let now = State {
                net: self.net.clone(),
                items: self.items.values.clone(),
                people: self.people.clone(),
            };
            let best = self.best.get_or_insert(now);
            tape.f32("best_weights", &mut best.net.weights)?;
            tape.f32("best_items", &mut best.items)?;
            tape.f32("best_people", &mut best.people)?;
        }
        self.take_weights();
        self.see_all();
        if self.order.iter().any(|&person| person as usize >= self.likings.rows()) {
            return Err(Error::argument("state", "people of these ratings", "others"));
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "fit_tests.rs"]
mod tests;
