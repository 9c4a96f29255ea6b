//! The network: for a person's factors p and m and an item's g and q,
//!
//! score = b + h·(p ∘ g) + o·φ,   φ = relu(W_L … relu(W_p m + W_q q + c₁) … + c_L),
//!
//! the "neural matrix factorization" of He et al., "Neural Collaborative Filtering", WWW 2017, eq. 12, with a bias b of
//! the item and without the sigmoid, which changes no order. The first layer is a sum of a person's part and an item's
//! part, so each of the two is worked out once for all the pairs it is in.

use super::NcfParams;
use super::gemm::{Left, multiply_add, transposed};
use crate::ground::math::{self, dot};
use crate::ground::rng::Rng;

/// Lengths, padded to whole lanes.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// Of p and g.
    pub products: usize,
    /// Of m and q; 0 without layers.
    pub inputs: usize,
    /// Of what the layers give.
    pub layers: Vec<usize>,
}

/// Widths of the layers as asked for.
fn widths(params: &NcfParams) -> Vec<usize> {
    (0..params.layers).map(|l| (params.hidden >> l).max(4.min(params.hidden))).collect()
}

impl Shape {
    /// Of a network with these parameters.
    pub fn of(params: &NcfParams) -> Shape {
        let layers: Vec<usize> = widths(params).into_iter().map(math::padded).collect();
        let inputs = if layers.is_empty() { 0 } else { math::padded(params.layer_factors) };
        Shape { products: math::padded(params.factors), inputs, layers }
    }

    /// Length of the factors of a person or an item: p and m, or g and q.
    pub fn factors(&self) -> usize {
        self.products + self.inputs
    }

    /// Width of the first layer.
    pub fn first(&self) -> usize {
        self.layers.first().copied().unwrap_or(0)
    }

    /// Width of the last layer.
    fn last(&self) -> usize {
        self.layers.last().copied().unwrap_or(0)
    }

    /// Where the weights stand: h, W_p, W_q, c₁, then W and c of each further layer, then o.
    fn places(&self) -> Places {
        let mut end = 0;
        let mut take = |n: usize| {
            end += n;
            end - n
        };
        let products = take(self.products);
        let person = take(self.inputs * self.first());
        let item = take(self.inputs * self.first());
        let first = take(self.first());
        let further = self.layers.windows(2).map(|w| (take(w[0] * w[1]), take(w[1]))).collect();
        let out = take(self.last());
        Places { products, person, item, first, further, out, end }
    }
}

/// First positions of the parts of the weights.
#[derive(Clone, Debug)]
struct Places {
    products: usize,
    person: usize,
    item: usize,
    first: usize,
    further: Vec<(usize, usize)>,
    out: usize,
    end: usize,
}

/// What the layers give for some pairs, and the gradient on the way back, layer by layer and row by row.
#[derive(Clone, Debug, Default)]
pub struct Passage {
    outputs: Vec<Vec<f32>>,
    /// Of the sums that go into the layers.
    pub back: Vec<Vec<f32>>,
}

/// Items as the network sees them.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// h ∘ g.
    pub products: Vec<f32>,
    /// W_q q + c₁.
    pub first: Vec<f32>,
    /// b.
    pub bias: Vec<f32>,
}

/// A network.
#[derive(Clone, Debug)]
pub struct Net {
    /// Lengths.
    pub shape: Shape,
    at: Places,
    /// All weights.
    pub weights: Vec<f32>,
}

/// Standard deviation of the first weights o, as a share of what would keep the spread of the layers: the products
/// come first, and the layers add what those cannot say. With a whole share the layers learned popularity over again
/// and kept the products from growing.
const FIRST_OUT: f64 = 0.1;

impl Net {
    /// From weights that were learned.
    pub fn new(shape: Shape, weights: Vec<f32>) -> Net {
        Net { at: shape.places(), shape, weights }
    }

    /// How many weights a network of a shape has.
    pub fn len_of(shape: &Shape) -> usize {
        shape.places().end
    }

    /// Seeded first weights: h of 1, layers that keep the spread of what they are given (He et al., "Delving Deep into
    /// Rectifiers", ICCV 2015, eq. 10), biases of 0.
    pub fn random(params: &NcfParams, rng: &mut Rng) -> Net {
        let shape = Shape::of(params);
        let at = shape.places();
        let mut weights = vec![0f32; at.end];
        weights[at.products..][..params.factors].fill(1.0);
        let widths = widths(params);
        let mut fill = |from: usize, rows: usize, width: usize, columns: usize, inputs: usize, share: f64| {
            let spread = share * math::sqrt(2.0 / inputs as f64);
            for r in 0..rows {
                for x in &mut weights[from + r * width..][..columns] {
                    *x = (rng.normal() * spread) as f32;
                }
            }
        };
        if let (Some(&first), Some(&last)) = (widths.first(), widths.last()) {
            let inputs = params.layer_factors;
            fill(at.person, inputs, shape.first(), first, 2 * inputs, 1.0);
            fill(at.item, inputs, shape.first(), first, 2 * inputs, 1.0);
            for (l, &(from, _)) in at.further.iter().enumerate() {
                fill(from, widths[l], shape.layers[l + 1], widths[l + 1], widths[l], 1.0);
            }
            fill(at.out, 1, shape.last(), last, last, FIRST_OUT);
        }
        Net { shape, at, weights }
    }

    /// h.
    pub fn products(&self) -> &[f32] {
        &self.weights[self.at.products..][..self.shape.products]
    }

    /// Where the weights of the layers begin; before them stands h.
    pub fn layers_from(&self) -> usize {
        self.at.person
    }

    /// Items with these factors, row by row `width` apart, and biases.
    pub fn rows<'a>(&self, items: impl Iterator<Item = (&'a [f32], f32)>) -> Rows {
        let (products, first) = (self.shape.products, self.shape.first());
        let mut rows = Rows::default();
        let mut inputs = Vec::new();
        for (factors, bias) in items {
            rows.bias.push(bias);
            rows.products.extend(factors[..products].iter().zip(self.products()).map(|(g, h)| g * h));
            inputs.extend_from_slice(&factors[products..self.shape.factors()]);
            rows.first.extend_from_slice(&self.weights[self.at.first..][..first]);
        }
        let n = rows.bias.len();
        let weights = (&self.weights[self.at.item..], first);
        let inputs = Left::plain(&inputs, self.shape.inputs);
        multiply_add((&mut rows.first, first), inputs, weights, (n, self.shape.inputs, first));
        rows
    }

    /// Scores of the rows of `index` for a person's factors.
    pub fn scores(&self, rows: &Rows, index: &[u32], x: &[f32], way: &mut Passage, scores: &mut Vec<f32>) {
        let (products, first) = (self.shape.products, self.shape.first());
        scores.clear();
        scores.extend(index.iter().map(|&i| {
            let i = i as usize;
            rows.bias[i] + dot(&x[..products], &rows.products[i * products..][..products])
        }));
        if first == 0 {
            return;
        }
        let mut own = vec![0f32; first];
        let weights = (&self.weights[self.at.person..], first);
        let inputs = Left::plain(&x[products..], self.shape.inputs);
        multiply_add((&mut own, first), inputs, weights, (1, self.shape.inputs, first));
        way.outputs.resize(self.shape.layers.len(), Vec::new());
        way.outputs[0].clear();
        for &i in index {
            let item = &rows.first[i as usize * first..][..first];
            way.outputs[0].extend(item.iter().zip(&own).map(|(a, b)| (a + b).max(0.0)));
        }
        self.forward(index.len(), way);
        let last = self.shape.last();
        let out = &self.weights[self.at.out..][..last];
        for (score, row) in scores.iter_mut().zip(way.outputs[self.shape.layers.len() - 1].chunks_exact(last))
        {
            *score += dot(row, out);
        }
    }

    /// Scores of all rows.
    pub fn all_scores(&self, rows: &Rows, x: &[f32]) -> Vec<f32> {
        let index: Vec<u32> = (0..rows.bias.len() as u32).collect();
        let mut scores = Vec::new();
        self.scores(rows, &index, x, &mut Passage::default(), &mut scores);
        scores
    }

    /// From the first layer's output to the last one's.
    fn forward(&self, rows: usize, way: &mut Passage) {
        for (l, &(weights, bias)) in self.at.further.iter().enumerate() {
            let (inputs, width) = (self.shape.layers[l], self.shape.layers[l + 1]);
            let (done, next) = way.outputs.split_at_mut(l + 1);
            let out = &mut next[0];
            out.clear();
            for _ in 0..rows {
                out.extend_from_slice(&self.weights[bias..][..width]);
            }
            let left = Left::plain(&done[l], inputs);
            multiply_add((out, width), left, (&self.weights[weights..], width), (rows, inputs, width));
            for x in out.iter_mut() {
                *x = x.max(0.0);
            }
        }
    }

    /// From gradients of the scores to those of the first layer's sums, `way.back[0]`. Adds those of the weights behind
    /// the first layer to `gradient`, where there is one.
    pub fn backward(&self, slopes: &[f32], way: &mut Passage, mut gradient: Option<&mut [f32]>) {
        let (count, last) = (self.shape.layers.len(), self.shape.last());
        way.back.resize(count, Vec::new());
        let Some(end) = count.checked_sub(1) else { return };
        let out = &self.weights[self.at.out..][..last];
        way.back[end].clear();
        for (&slope, row) in slopes.iter().zip(way.outputs[end].chunks_exact(last)) {
            way.back[end].extend(row.iter().zip(out).map(|(&x, o)| if x > 0.0 { slope * o } else { 0.0 }));
            if let Some(gradient) = gradient.as_deref_mut() {
                add_scaled(&mut gradient[self.at.out..][..last], slope, row);
            }
        }
        for l in (0..end).rev() {
            let (weights, bias) = self.at.further[l];
            let (inputs, width) = (self.shape.layers[l], self.shape.layers[l + 1]);
            let (below, above) = way.back.split_at_mut(l + 1);
            let (to, from) = (&mut below[l], &above[0]);
            if let Some(gradient) = gradient.as_deref_mut() {
                for row in from.chunks_exact(width) {
                    add_scaled(&mut gradient[bias..][..width], 1.0, row);
                }
                let left = Left::turned(&way.outputs[l], inputs);
                multiply_add(
                    (&mut gradient[weights..], width),
                    left,
                    (from, width),
                    (inputs, slopes.len(), width),
                );
            }
            let turned = transposed(&self.weights[weights..][..inputs * width], inputs, width);
            to.clear();
            to.resize(slopes.len() * inputs, 0.0);
            let left = Left::plain(from, width);
            multiply_add((to, inputs), left, (&turned, inputs), (slopes.len(), width, inputs));
            for (x, &y) in to.iter_mut().zip(&way.outputs[l]) {
                *x = if y > 0.0 { *x } else { 0.0 };
            }
        }
    }

    /// ∂ score / ∂ (p, m) of the rows of `index`, after [`Net::scores`] of the same.
    pub fn slopes(&self, rows: &Rows, index: &[u32], way: &mut Passage, slopes: &mut Vec<f32>) {
        let (products, width) = (self.shape.products, self.shape.factors());
        slopes.clear();
        slopes.resize(index.len() * width, 0.0);
        for (row, &i) in slopes.chunks_exact_mut(width).zip(index) {
            row[..products].copy_from_slice(&rows.products[i as usize * products..][..products]);
        }
        if self.shape.layers.is_empty() {
            return;
        }
        self.backward(&vec![1.0; index.len()], way, None);
        let (first, inputs) = (self.shape.first(), self.shape.inputs);
        let turned = self.turned(self.at.person);
        let left = Left::plain(&way.back[0], first);
        multiply_add((&mut slopes[products..], width), left, (&turned, inputs), (index.len(), first, inputs));
    }

    /// W_pᵀ or W_qᵀ.
    fn turned(&self, at: usize) -> Vec<f32> {
        let (first, inputs) = (self.shape.first(), self.shape.inputs);
        transposed(&self.weights[at..][..inputs * first], inputs, first)
    }

    /// Gradients of the first layer's weights from those of its sums: by person (with m, `person_back`) and by item (with
    /// the factors of the items, `width` apart, and `item_back`); adds those of q to `item_gradient`.
    pub fn backward_first(
        &self,
        (people, person_back): (&[f32], &[f32]),
        (items, item_back): (&[f32], &[f32]),
        gradient: &mut [f32],
        (item_gradient, item_width): (&mut [f32], usize),
    ) {
        let (first, inputs, products) = (self.shape.first(), self.shape.inputs, self.shape.products);
        if first == 0 {
            return;
        }
        let (n, k) = (item_back.len() / first, person_back.len() / first);
        for row in item_back.chunks_exact(first) {
            add_scaled(&mut gradient[self.at.first..][..first], 1.0, row);
        }
        let left = Left::turned(people, inputs);
        multiply_add(
            (&mut gradient[self.at.person..], first),
            left,
            (person_back, first),
            (inputs, k, first),
        );
        let left = Left { of: &items[products..], row: 1, step: item_width };
        multiply_add((&mut gradient[self.at.item..], first), left, (item_back, first), (inputs, n, first));
        let turned = self.turned(self.at.item);
        let to = (&mut item_gradient[products..], item_width);
        multiply_add(to, Left::plain(item_back, first), (&turned, inputs), (n, first, inputs));
    }
}

/// y += a x.
pub fn add_scaled(y: &mut [f32], a: f32, x: &[f32]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += a * x;
    }
}
