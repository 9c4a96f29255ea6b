//! Expected ratings for models whose own scores are no ratings: r ≈ μ + b_u + b_i + s (x_ui − x̄), where x is the
//! model's preference.
//!
//! Biases are alternating shrunk means, b_i = Σ (r − μ − b_u) / (n + 10), b_u = Σ (r − μ − b_i) / (n + 15), ten rounds
//! (Koren, "Factor in the Neighbors", ACM TKDD 2010, §2.1; the constants are Surprise's `BaselineOnly`). The slope s
//! is the least-squares line through what is left of the training ratings, so a preference that says nothing of
//! ratings adds nothing to them.

use crate::codec::{Reader, Writer};
use crate::data::Interactions;
use crate::ground::{Result, math};

const ITEM_PRIOR: f64 = 10.0;
const USER_PRIOR: f64 = 15.0;
const ROUNDS: usize = 10;

/// Item biases, and how preferences become ratings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Biases {
    /// μ.
    mean: f64,
    /// b_i.
    item: Vec<f32>,
    /// x̄ and s.
    line: [f32; 2],
}

/// Biases on their way.
#[derive(Clone, Debug, Default)]
pub struct Averaging {
    mean: f64,
    user: Vec<f64>,
    item: Vec<f64>,
    rounds: usize,
}

impl Averaging {
    /// One round over the ratings; false where it was the last.
    pub fn round(&mut self, data: &Interactions) -> bool {
        if self.rounds == 0 {
            self.mean = math::mean(data.rating.iter().map(|&r| f64::from(r)));
            (self.user, self.item) = (vec![0.0; data.users.len()], vec![0.0; data.items.len()]);
        }
        average(&mut self.item, (&data.item, &data.user), &self.user, data, self.mean, ITEM_PRIOR);
        average(&mut self.user, (&data.user, &data.item), &self.item, data, self.mean, USER_PRIOR);
        self.rounds += 1;
        self.rounds < ROUNDS
    }

    /// What they came to.
    pub fn done(self) -> Biases {
        Biases { mean: self.mean, item: self.item.into_iter().map(|b| b as f32).collect(), line: [0.0; 2] }
    }
}

/// Shrunk means of what is left beside the `other` side's biases.
fn average(
    out: &mut [f64],
    (rows, columns): (&[u32], &[u32]),
    other: &[f64],
    data: &Interactions,
    mean: f64,
    prior: f64,
) {
    let mut counts = vec![0u32; out.len()];
    out.fill(0.0);
    for ((&row, &column), &r) in rows.iter().zip(columns).zip(&data.rating) {
        out[row as usize] += f64::from(r) - mean - other[column as usize];
        counts[row as usize] += 1;
    }
    for (sum, n) in out.iter_mut().zip(counts) {
        *sum /= f64::from(n) + prior;
    }
}

impl Biases {
    /// Fits the line through (preference, residual) and gives the mean squared error that remains.
    pub fn calibrate(&mut self, pairs: impl Iterator<Item = (f32, f32)> + Clone) -> f64 {
        let (x, y) = (
            math::mean(pairs.clone().map(|p| f64::from(p.0))),
            math::mean(pairs.clone().map(|p| f64::from(p.1))),
        );
        if !x.is_finite() {
            return 0.0;
        }
        let (mut xx, mut xy) = (math::Sum::default(), math::Sum::default());
        for p in pairs.clone() {
            let d = f64::from(p.0) - x;
            xx.add(d * d);
            xy.add(d * (f64::from(p.1) - y));
        }
        let slope = if xx.value() > 1e-9 { xy.value() / xx.value() } else { 0.0 };
        self.line = [x as f32, slope as f32];
        let [centre, slope] = self.line;
        math::mean(pairs.map(|p| {
            let e = f64::from(p.1 - slope * (p.0 - centre));
            e * e
        }))
    }

    /// μ + b_i.
    pub fn baseline(&self, item: u32) -> f64 {
        self.mean + f64::from(self.item[item as usize])
    }

    /// b_u of a person with these ratings.
    pub fn of_person(&self, history: &[(u32, f64)]) -> f64 {
        let sum: f64 = history.iter().map(|&(i, r)| r - self.baseline(i)).sum();
        sum / (history.len() as f64 + USER_PRIOR)
    }

    /// Expected ratings of all items for a person with these ratings and preferences.
    pub fn ratings(&self, history: &[(u32, f64)], preference: &[f32]) -> Vec<f32> {
        let base = (self.mean + self.of_person(history)) as f32;
        let [centre, slope] = self.line;
        let rated = self.item.iter().zip(preference);
        rated.map(|(b, x)| base + b + slope * (x - centre)).collect()
    }

    /// What each rating adds to an expected rating over the baseline, given what it adds to the preference. `parts`
    /// must sum to the preference.
    pub fn contributions(&self, history: &[(u32, f64)], parts: &[f64]) -> Vec<f64> {
        let n = history.len() as f64;
        let [centre, slope] = self.line.map(f64::from);
        let of = |(&(i, r), part): (&(u32, f64), &f64)| {
            (r - self.baseline(i)) / (n + USER_PRIOR) + slope * (part - centre / n)
        };
        history.iter().zip(parts).map(of).collect()
    }

    /// Writes them.
    pub fn write(&self, w: &mut Writer) {
        w.f32("bias", &[self.item.len()], &self.item);
        w.f64("bias_line", &[self.mean, f64::from(self.line[0]), f64::from(self.line[1])]);
    }

    /// Reads what was written.
    pub fn read(r: &mut Reader<'_>, items: usize) -> Result<Biases> {
        let item = r.f32("bias", &[items])?;
        let line = r.f64("bias_line", 3)?;
        Ok(Biases { mean: line[0], item, line: [line[1] as f32, line[2] as f32] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> Interactions {
        let mut x = Interactions::default();
        for u in 0..30 {
            for i in 0..20 {
                let liked = (u % 2) == (i % 2);
                let rating =
                    2.0 + (i % 5) as f32 * 0.25 + if liked { 1.0 } else { 0.0 } + (u % 3) as f32 * 0.3;
                x.push(&format!("u{u}"), &format!("i{i}"), rating, 0.0);
            }
        }
        x
    }

    /// Biases, and what they leave of each rating.
    fn fitted(x: &Interactions) -> (Biases, Vec<f32>) {
        let mut averaging = Averaging::default();
        while averaging.round(x) {}
        let user = averaging.user.clone();
        let b = averaging.done();
        let left = |r: usize| f64::from(x.rating[r]) - b.baseline(x.item[r]) - user[x.user[r] as usize];
        let left = (0..x.len()).map(|r| left(r) as f32).collect();
        (b, left)
    }

    #[test]
    fn a_preference_that_tells_is_believed_and_one_that_does_not_is_not() {
        let x = world();
        let (mut b, left) = fitted(&x);
        let tells: Vec<f32> =
            (0..x.len()).map(|r| f32::from(u8::from(x.user[r] % 2 == x.item[r] % 2))).collect();
        let before = math::mean(left.iter().map(|&e| f64::from(e * e)));
        let after = b.calibrate(tells.iter().copied().zip(left.iter().copied()));
        assert!(after < 0.1 * before, "{before} {after}");
        assert!((b.line[1] - 1.0).abs() < 0.1, "one star more where it is liked");
        let mute = vec![1.0f32; x.len()];
        let same = b.calibrate(mute.into_iter().zip(left.iter().copied()));
        assert!((same - before).abs() < 1e-6 && b.line[1] == 0.0);
    }

    #[test]
    fn contributions_sum_to_the_rating() {
        let x = world();
        let (mut b, left) = fitted(&x);
        b.calibrate((0..x.len()).map(|r| ((x.user[r] % 2) as f32, left[r])));
        b.line = [0.3, 0.7];
        let history = [(0u32, 5.0), (3, 1.0), (7, 2.5)];
        let parts = [0.2, -0.1, 0.4];
        let preference: Vec<f32> = vec![0.5; 20];
        let rated = b.ratings(&history, &preference);
        let sum: f64 = b.contributions(&history, &parts).iter().sum();
        assert!((b.baseline(4) + sum - f64::from(rated[4])).abs() < 1e-5);
    }
}
