//! What every model knows of its items, whatever its mathematics.

use crate::data::{Interactions, Scale};
use crate::ground::ids::Vocabulary;
use crate::ground::math;

/// Ids, counts and the scale.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The scale of the ratings it learned from.
    pub scale: Scale,
    /// μ, the mean of all ratings.
    pub mean: f32,
    /// Standard deviation of an observed rating around a well-known person's score.
    pub noise: f32,
    /// Ids of the items, by row.
    pub ids: Vocabulary,
    /// How many ratings each item had.
    pub counts: Vec<u32>,
}

/// Smallest deviation that is told of: where all ratings are alike, intervals still have a width.
const LEAST_NOISE: f64 = 1e-3;

impl Known {
    /// Counts. The noise is that of ratings around μ until [`Known::set_noise`] knows better.
    pub fn of(data: &Interactions) -> Known {
        let mean = math::mean(data.rating.iter().map(|&r| f64::from(r)));
        let mut counts = vec![0u32; data.items.len()];
        for &i in &data.item {
            counts[i as usize] += 1;
        }
        let squared = math::mean(data.rating.iter().map(|&r| (f64::from(r) - mean) * (f64::from(r) - mean)));
        let mut known =
            Known { scale: data.scale, mean: mean as f32, noise: 0.0, ids: data.items.clone(), counts };
        known.set_noise(squared);
        known
    }

    /// Takes the mean squared error of predictions as the noise.
    pub fn set_noise(&mut self, squared: f64) {
        self.noise = math::sqrt(squared).max(LEAST_NOISE) as f32;
    }

    /// What a model of expected ratings ranks by: ln P(liked) + `caution`·ln(n + 1), the log-odds that somebody comes
    /// to an item as often as people did before, and then likes it. P(liked) is a logistic curve as steep as the normal
    /// one of the model's noise, around the middle between the lowest rating that counts as liking and the one below.
    ///
    /// By the expected rating alone, little-known films that a few enthusiasts rated fill every list. On ratings held
    /// out of the training parts of ml-100k and ml-latest-small, nDCG@10 of matrix-factorization is .045 and .011 with
    /// a caution of 0, .123 and .110 with ½, .128 and .107 with 1, .125 and .106 with 1½; popularity's .114 and .101.
    pub fn rank(&self, rating: f64, count: u32, caution: f64) -> f32 {
        /// Slope at which a logistic curve lies closest to Φ.
        const SLOPE: f64 = 1.702;
        let (scale, liked) = (self.scale, self.liked_from());
        let middle = if scale.step > 0.0 {
            scale.min + (((liked - scale.min) / scale.step - 1e-9).ceil() - 0.5) * scale.step
        } else {
            liked
        };
        // Without any noise, whatever is liked would be liked alike.
        let noise = f64::from(self.noise).max(0.5 * scale.step);
        let doubt = SLOPE * (middle - rating) / noise;
        // ln(1 + eˣ), without an eˣ that overflows.
        let unlikely = doubt.max(0.0) + libm::log1p(libm::exp(-doubt.abs()));
        (caution * math::ln(f64::from(count) + 1.0) - unlikely) as f32
    }

    /// Preferences that estimate how likely somebody is to choose an item, from `ratings` ratings of theirs, leaning on
    /// what all people chose: as if ½ a rating had said that this person is like everybody. Without it somebody with
    /// three ratings is shown what goes with three films, and the charts are better: nDCG@10 of people held out of the
    /// training part is .320 with `implicit-als` and .317 with `ease` (ml-latest-small; .397 and .393, ml-100k), with it
    /// .379 and .377 (.462 and .420), `popularity`'s is .354 (.394). From thirty ratings on it makes no difference.
    pub fn lean(&self, mut preferences: Vec<f32>, ratings: usize) -> Vec<f32> {
        let most = self.counts.iter().copied().max().unwrap_or(0).max(1) as f32;
        let share = 0.5 / (0.5 + ratings as f32) / most;
        for (preference, &n) in preferences.iter_mut().zip(&self.counts) {
            *preference += share * n as f32;
        }
        preferences
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// True without items.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// The lowest rating that counts as liking: three quarters up the scale (4 of 5 stars, 8 of 10 points).
    pub fn liked_from(&self) -> f64 {
        liked_from(self.scale)
    }
}

/// See [`Known::liked_from`].
pub fn liked_from(scale: Scale) -> f64 {
    scale.min + 0.75 * (scale.max - scale.min)
}
