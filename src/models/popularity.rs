//! `popularity`: the mean rating of each item, shrunk towards the mean of all by `shrinkage` average ratings given in
//! advance: (Σ r + k μ) / (n + k), the "Bayesian average". Baseline beside every other model, and the fallback where
//! nothing is known about a person.

use super::fit::Fit;
use super::params::{Range, Search, Settings, parameters};
use super::spec::{Aim, Recipe};
use super::{Known, Model, People, Person, Scorer, Unsettled};
use crate::codec::{Tape, Writer};
use crate::data::Interactions;
use crate::ground::{Result, math};

parameters! {
    /// How it averages.
    PopularityParams {
        /// k, average ratings given to each item in advance.
        shrinkage: f64 = "shrinkage", 10.0, Range::Number(0.0, 10_000.0), Search::Log(1.0, 100.0);
    }
}

/// The kind.
pub const RECIPE: Recipe = Recipe {
    name: "popularity",
    table: PopularityParams::TABLE,
    declared: &[],
    aim: Aim::Ratings,
    personal: |_| false,
    circumstances: false,
    memory: |_, data| data.items.len() * 16,
    begin: |settings, lesson, _| Ok(Box::new(Popularity::fit(lesson.data, PopularityParams::of(settings)))),
    read: |settings, known, r, _| {
        let means = r.f32("means", &[known.len()])?;
        Ok(Model::Popularity(Popularity { params: PopularityParams::of(settings), known, means }))
    },
};

/// Shrunk means and counts.
#[derive(Clone, Debug)]
pub struct Popularity {
    /// k.
    pub params: PopularityParams,
    /// Ids, counts, scale.
    pub known: Known,
    /// Shrunk means.
    pub means: Vec<f32>,
}

impl Popularity {
    /// Counts and averages.
    pub fn fit(data: &Interactions, params: PopularityParams) -> Popularity {
        let mut known = Known::of(data);
        let mean = math::mean(data.rating.iter().map(|&r| f64::from(r)));
        let mut sums = vec![0f64; data.items.len()];
        for (&i, &r) in data.item.iter().zip(&data.rating) {
            sums[i as usize] += f64::from(r);
        }
        let shrunk = |(sum, &n): (f64, &u32)| {
            let weight = f64::from(n) + params.shrinkage;
            if weight > 0.0 { (sum + params.shrinkage * mean) / weight } else { mean }
        };
        let means: Vec<f32> = sums.into_iter().zip(&known.counts).map(|pair| shrunk(pair) as f32).collect();
        known.set_noise(math::mean(data.item.iter().zip(&data.rating).map(|(&i, &r)| {
            let e = f64::from(r - means[i as usize]);
            e * e
        })));
        Popularity { params, known, means }
    }

    /// The mass of each item's ratings, n · (mean − min) / (max − min): what `popularity` ranks by.
    pub fn mass(&self) -> Vec<f32> {
        let scale = self.known.scale;
        let (min, span) = (scale.min as f32, (scale.max - scale.min) as f32);
        self.means.iter().zip(&self.known.counts).map(|(mean, &n)| n as f32 * (mean - min) / span).collect()
    }
}

impl Scorer for Popularity {
    fn name(&self) -> &'static str {
        RECIPE.name
    }

    fn known(&self) -> &Known {
        &self.known
    }

    fn settings(&self) -> Settings {
        self.params.settings()
    }

    fn baseline(&self, item: u32) -> f64 {
        f64::from(self.means[item as usize])
    }

    fn fold_in(&self, _: &[(u32, f64)]) -> Person {
        Person::Anyone
    }

    fn rank_all(&self, _: &Person, _: f64) -> Vec<f32> {
        self.mass()
    }

    fn ranks_ratings(&self, _: &Person) -> bool {
        false
    }

    fn contributions(&self, _: &Person, _: u32, _: &[(u32, f64)]) -> Vec<f64> {
        Vec::new()
    }

    fn write(&self, w: &mut Writer, _: People) {
        w.f32("means", &[self.means.len()], &self.means);
    }
}

/// Counting is one pass, done at the beginning; an epoch only says what it found.
impl Fit for Popularity {
    fn advance(&mut self, _: usize) -> Result<Option<f64>> {
        Ok(Some(f64::from(self.known.noise)))
    }

    fn within_epoch(&self) -> f64 {
        0.0
    }

    fn close(self: Box<Self>, _: &Interactions) -> Unsettled {
        Model::Popularity(*self).into()
    }

    fn state(&mut self, _: &mut Tape<'_>) -> Result<()> {
        Ok(())
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
        let p = Popularity::fit(&x, PopularityParams { shrinkage: 2.0 });
        assert_eq!(p.known.mean, 3.0);
        assert_eq!(p.means, [(9.0 + 6.0) / 4.0, (3.0 + 6.0) / 4.0]);
        assert_eq!(Popularity::fit(&x, PopularityParams { shrinkage: 0.0 }).means, [4.5, 1.5]);
    }
}
