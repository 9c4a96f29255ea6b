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
