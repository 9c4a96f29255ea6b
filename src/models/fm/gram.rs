//! Sums over the ratings of one person (or item): everything a draw of its parameters needs.
//!
//! With z = (1, q) the other side of a rating and e its error, the record holds Σ q qᵀ, Σ q, Σ q e, n and Σ e, in single
//! precision, `w` being the number of factors padded to a multiple of eight:
//!
//! ```text
//! [ Σ q qᵀ: w × w ][ Σ q: w ][ Σ q e: w ][ n, Σ e, Σ e², 0, 0, 0, 0, 0 ]
//! ```

use crate::ground::math::dot;
use crate::ground::simd::{F32x8, LANES};

/// Numbers in a record.
pub fn size(width: usize) -> usize {
    width * width + 2 * width + LANES
}

/// Where the parts of a record begin.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Factors, padded.
    pub width: usize,
}

impl Layout {
    /// Σ q.
    pub fn sum(self) -> usize {
        self.width * self.width
    }
    /// Σ q e.
    pub fn error(self) -> usize {
        self.width * self.width + self.width
    }
    /// n, Σ e, Σ e².
    pub fn scalars(self) -> usize {
        self.width * self.width + 2 * self.width
    }
}

/// One side of a rating: its bias and factors, and the factors of what it meets.
#[derive(Clone, Copy, Debug)]
pub struct Meeting<'a> {
    /// Rows on the other side.
    pub columns: &'a [u32],
    /// Ratings less the mean of all.
    pub values: &'a [f32],
    /// The one whose record it is.
    pub bias: f32,
    /// Its factors, padded.
    pub factors: &'a [f32],
    /// Biases of the other side.
    pub other_bias: &'a [f32],
    /// Factors of the other side, padded rows.
    pub other_factors: &'a [f32],
}

/// Fills a record; `errors` is scratch.
pub fn record(m: Meeting<'_>, errors: &mut Vec<f32>, out: &mut [f32]) {
    let width = m.factors.len();
    let at = Layout { width };
    let (mut sum, mut squared) = (0f32, 0f32);
    errors.clear();
    for (&c, &value) in m.columns.iter().zip(m.values) {
        let c = c as usize;
        let q = &m.other_factors[c * width..(c + 1) * width];
        let e = value - (m.bias + m.other_bias[c] + dot(m.factors, q));
        errors.push(e);
        sum += e;
        squared += e * e;
    }
    out[at.scalars()] = m.columns.len() as f32;
    out[at.scalars() + 1] = sum;
    out[at.scalars() + 2] = squared;
    for block in (0..width).step_by(LANES) {
        sums(&m, errors, block, out);
        for row in (block..width).step_by(LANES / 2) {
            tile(&m, row, block, out);
        }
    }
    mirror(width, out);
}

fn chunk(table: &[f32], at: usize) -> F32x8 {
    F32x8::load(table[at..].first_chunk().expect("rows are padded"))
}

fn put(x: F32x8, out: &mut [f32], at: usize) {
    x.store(out[at..].first_chunk_mut().expect("records are padded"));
}

/// Σ q and Σ q e of eight columns.
fn sums(m: &Meeting<'_>, errors: &[f32], block: usize, out: &mut [f32]) {
    let width = m.factors.len();
    let (mut plain, mut weighted) = (F32x8::splat(0.0), F32x8::splat(0.0));
    for (&c, &e) in m.columns.iter().zip(errors) {
        let q = chunk(m.other_factors, c as usize * width + block);
        plain = plain + q;
        weighted = weighted + q * F32x8::splat(e);
    }
    put(plain, out, Layout { width }.sum() + block);
    put(weighted, out, Layout { width }.error() + block);
}

/// Four rows of eight columns of Σ q qᵀ, held in registers while the ratings pass by.
fn tile(m: &Meeting<'_>, row: usize, block: usize, out: &mut [f32]) {
    let width = m.factors.len();
    let zero = F32x8::splat(0.0);
    let (mut a, mut b, mut c, mut d) = (zero, zero, zero, zero);
    for &column in m.columns {
        let from = column as usize * width;
        let q = chunk(m.other_factors, from + block);
        let rows: &[f32; 4] = m.other_factors[from + row..].first_chunk().expect("rows are padded");
        a = a + q * F32x8::splat(rows[0]);
        b = b + q * F32x8::splat(rows[1]);
        c = c + q * F32x8::splat(rows[2]);
        d = d + q * F32x8::splat(rows[3]);
    }
    for (l, x) in [a, b, c, d].into_iter().enumerate() {
        put(x, out, (row + l) * width + block);
    }
}

/// Copies what stands below the diagonal blocks to above them.
fn mirror(width: usize, out: &mut [f32]) {
    for row in LANES..width {
        for column in 0..row / LANES * LANES {
            out[column * width + row] = out[row * width + column];
        }
    }
}

/// `to += weight · from`.
pub fn add(to: &mut [f32], from: &[f32], weight: f32) {
    let weight = F32x8::splat(weight);
    for (t, f) in to.as_chunks_mut::<LANES>().0.iter_mut().zip(from.as_chunks::<LANES>().0) {
        (F32x8::load(t) + weight * F32x8::load(f)).store(t);
    }
}

/// What the errors become when the parameters of a record's owner move by (`bias`, `factors`) = δ: Σ z e falls by G·δ,
/// and Σ e² by δ·(Σ z e before + Σ z e after).
pub fn moved(record: &mut [f32], bias: f32, factors: &[f32]) {
    let width = factors.len();
    let at = Layout { width };
    let (gram, rest) = record.split_at_mut(at.sum());
    let (sum, rest) = rest.split_at_mut(width);
    let (error, scalars) = rest.split_at_mut(width);
    let before = bias * scalars[1] + dot(factors, error);
    scalars[1] -= bias * scalars[0] + dot(sum, factors);
    add(error, sum, -bias);
    for (row, &delta) in gram.chunks_exact(width).zip(factors) {
        add(error, row, -delta);
    }
    scalars[2] -= before + bias * scalars[1] + dot(factors, error);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::rng::Rng;

    /// Against plain loops in double precision.
    #[test]
    fn a_record_holds_its_sums_and_follows_its_owner() {
        for width in [8, 16, 24] {
            let mut rng = Rng::new(width as u64, 0);
            let mut draw = |n: usize| -> Vec<f32> { (0..n).map(|_| rng.normal() as f32).collect() };
            let (others, n) = (30usize, 17usize);
            let (q, other_bias, values, p) = (draw(others * width), draw(others), draw(n), draw(width));
            let columns: Vec<u32> = (0..n as u32).map(|i| (i * 7) % others as u32).collect();
            let m = Meeting {
                columns: &columns,
                values: &values,
                bias: 0.3,
                factors: &p,
                other_bias: &other_bias,
                other_factors: &q,
            };
            let mut out = vec![0f32; size(width)];
            record(m, &mut Vec::new(), &mut out);
            let at = Layout { width };
            let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| f64::from(x * y)).sum::<f64>();
            let q_of = |r: usize| &q[columns[r] as usize * width..(columns[r] as usize + 1) * width];
            let error = |bias: f32, p: &[f32], r: usize| {
                f64::from(values[r] - bias - other_bias[columns[r] as usize]) - dot(p, q_of(r))
            };
            let near = |a: f32, b: f64| assert!((f64::from(a) - b).abs() < 1e-3, "{width}: {a} {b}");
            for a in 0..width {
                for b in 0..width {
                    near(out[a * width + b], (0..n).map(|r| f64::from(q_of(r)[a] * q_of(r)[b])).sum());
                }
                near(out[at.sum() + a], (0..n).map(|r| f64::from(q_of(r)[a])).sum());
                let weighted = |bias: f32, p: &[f32]| -> f64 {
                    (0..n).map(|r| f64::from(q_of(r)[a]) * error(bias, p, r)).sum()
                };
                near(out[at.error() + a], weighted(0.3, &p));
            }
            near(out[at.scalars() + 2], (0..n).map(|r| error(0.3, &p, r) * error(0.3, &p, r)).sum());
            let delta: Vec<f32> = (0..width).map(|a| 0.01 * a as f32).collect();
            let later: Vec<f32> = p.iter().zip(&delta).map(|(a, b)| a + b).collect();
            moved(&mut out, 0.2, &delta);
            near(out[at.scalars() + 1], (0..n).map(|r| error(0.5, &later, r)).sum());
            near(out[at.scalars() + 2], (0..n).map(|r| error(0.5, &later, r) * error(0.5, &later, r)).sum());
            for a in 0..width {
                near(
                    out[at.error() + a],
                    (0..n).map(|r| f64::from(q_of(r)[a]) * error(0.5, &later, r)).sum(),
                );
            }
        }
    }
}
