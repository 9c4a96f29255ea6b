//! `popularity`: the mean rating of each item, shrunk towards the mean of all by `shrinkage` average ratings given in
//! advance: (Σ r + k μ) / (n + k), the "Bayesian average". Baseline beside every other model, and the fallback where
//! nothing is known about a person.

use crate::data::{Interactions, Scale};
use crate::ground::fields::{Fields, FromFields};
use crate::ground::ids::Vocabulary;
use crate::ground::json::number as shown;
use crate::ground::{Error, Result, math};

/// What a caller asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PopularityParams {
    /// Average ratings given to each item in advance. Default 10, range 0 to 10,000.
    pub shrinkage: Option<f64>,
}

impl FromFields for PopularityParams {
    fn read(f: &mut Fields) -> Result<PopularityParams> {
        Ok(PopularityParams { shrinkage: f.number("shrinkage")? })
    }
}

impl PopularityParams {
    /// Checks the range.
    pub fn check(self) -> Result<f64> {
        let k = self.shrinkage.unwrap_or(10.0);
        if (0.0..=10_000.0).contains(&k) {
            return Ok(k);
        }
        Err(Error::argument("params.shrinkage", "0 to 10000", shown(k)).hint("The default is 10."))
    }
}

/// Shrunk means and counts.
#[derive(Clone, Debug)]
pub struct Popularity {
    /// k.
    pub shrinkage: f64,
    /// The scale of the ratings it learned from.
    pub scale: Scale,
    /// μ.
    pub mean: f32,
    /// Standard deviation of a rating around its item's mean.
    pub noise: f32,
    /// Ids of the items, by row.
    pub ids: Vocabulary,
    /// Shrunk means.
    pub means: Vec<f32>,
    /// Number of ratings.
    pub counts: Vec<u32>,
}

impl Popularity {
    /// Counts and averages.
    pub fn fit(data: &Interactions, shrinkage: f64) -> Popularity {
        let mean = math::mean(data.rating.iter().map(|&r| f64::from(r)));
        let mut sums = vec![0f64; data.items.len()];
        let mut counts = vec![0u32; data.items.len()];
        for (&i, &r) in data.item.iter().zip(&data.rating) {
            sums[i as usize] += f64::from(r);
            counts[i as usize] += 1;
        }
        let shrunk = |(sum, &n): (f64, &u32)| {
            let weight = f64::from(n) + shrinkage;
            if weight > 0.0 { (sum + shrinkage * mean) / weight } else { mean }
        };
        let means: Vec<f32> = sums.into_iter().zip(&counts).map(|pair| shrunk(pair) as f32).collect();
        let squared = math::mean(data.item.iter().zip(&data.rating).map(|(&i, &r)| {
            let e = f64::from(r - means[i as usize]);
            e * e
        }));
        Popularity {
            shrinkage,
            scale: data.scale,
            mean: mean as f32,
            noise: math::sqrt(squared).max(1e-3) as f32,
            ids: data.items.clone(),
            means,
            counts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_shrunk_by_hand() {
        let mut x = Interactions::default();
        for (u, i, r) in [("u", "a", 5.0), ("v", "a", 4.0), ("u", "b", 1.0), ("v", "b", 2.0)] {
            x.push(u, i, r, 0.0);
        }
        let p = Popularity::fit(&x, 2.0);
        assert_eq!(p.mean, 3.0);
        assert_eq!(p.means, [(9.0 + 6.0) / 4.0, (3.0 + 6.0) / 4.0]);
        assert_eq!(Popularity::fit(&x, 0.0).means, [4.5, 1.5]);
        assert!(PopularityParams { shrinkage: Some(-1.0) }.check().is_err());
    }
}
