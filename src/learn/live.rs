//! One person, kept solved.
//!
//! Under `matrix-factorization` each new, changed or deleted rating is a rank-one update or downdate of the person's
//! normal equations (see [`crate::models::mf::fold_in`]), whose solution is had when it is next asked for: O(k²) per
//! event, O(k³/6) per solution. Sums in f64 make the order of events matter less than 1e-9; [`Live::rebuild`] makes it
//! not matter at all. Other models fold the whole history in when they are next asked.

use crate::data::Moment;
use crate::data::feedback::Beside;
use crate::ground::map::SortedMap;
use crate::ground::sort::sort_by;
use crate::models::mf::FoldIn;
use crate::models::{Model, Past, Person};
use std::rc::Rc;

/// The state of one person under one model.
#[derive(Clone, Debug)]
pub struct Live {
    fold: Option<FoldIn>,
    ratings: SortedMap<u32, f64>,
    /// What is known beside some of them.
    beside: SortedMap<u32, Beside>,
    person: Option<Person>,
    /// The person in the circumstances that are asked about, and those circumstances in words.
    within: Option<Person>,
    words: Vec<String>,
    alike: Option<Rc<[f32]>>,
}

/// A personal adjustment of a rated item's factors. It stays with the person; the pack is never touched.
#[derive(Clone, Debug, PartialEq)]
pub struct Nudge {
    /// δ, to be added to the item's factors.
    pub delta: Vec<f64>,
    /// δ·p, what it adds to this person's score of the item.
    pub effect: f64,
}

impl Live {
    /// A person with these ratings (item row, rating), solved from nothing in order of rows: the same ratings give the
    /// same bytes, whatever happened before.
    pub fn rebuild(model: &Model, ratings: impl IntoIterator<Item = (u32, f64)>) -> Live {
        let mut live = Live {
            fold: None,
            ratings: SortedMap::default(),
            beside: SortedMap::default(),
            person: None,
            within: None,
            words: Vec::new(),
            alike: None,
        };
        let mut ordered: Vec<(u32, f64)> = ratings.into_iter().collect();
        sort_by(&mut ordered, |a, b| a.0.cmp(&b.0));
        for (item, rating) in ordered {
            live.set(model, item, Some(rating));
        }
        live
    }

    /// Sets, changes or (with `None`) deletes the rating of an item.
    pub fn set(&mut self, model: &Model, item: u32, rating: Option<f64>) {
        let before = match rating {
            Some(r) => self.ratings.insert(item, r),
            None => self.ratings.remove(&item),
        };
        (self.person, self.alike) = (None, None);
        if let Model::MatrixFactorization(m) = model {
            let fold = self.fold.get_or_insert_with(|| m.begin_person());
            if let Some(old) = before {
                fold.update(m, item, old, -1.0);
            }
            if let Some(new) = rating {
                fold.update(m, item, new, 1.0);
            }
        }
    }

    /// Says what else is known of a rated item.
    pub fn note(&mut self, item: u32, beside: &Beside) {
        (self.person, self.alike) = (None, None);
        self.beside.insert(item, beside.clone());
    }

    /// The solved person.
    pub fn person(&mut self, model: &Model) -> &Person {
        let Live { fold, ratings, beside, person, .. } = self;
        person.get_or_insert_with(|| match (model, fold) {
            _ if ratings.is_empty() => Person::Anyone,
            (Model::MatrixFactorization(m), Some(fold)) => Person::Folded(fold.solve(m)),
            _ => {
                let beside = |(item, _): (&u32, &f64)| beside.get(item).cloned().unwrap_or_default();
                model.recall(&Past {
                    ratings: ratings.iter().map(|(&i, &r)| (i, r)).collect(),
                    beside: ratings.iter().map(beside).collect(),
                })
            }
        })
    }

    /// What the circumstances that were entered add to the score of an item.
    pub fn moved(&mut self, model: &Model, item: u32) -> f64 {
        let Some(within) = self.within.take() else { return 0.0 };
        let by = model.score(&within, item) - model.score(self.person(model), item);
        self.within = Some(within);
        by
    }

    /// Words of the circumstances that were entered.
    pub fn moment_words(&self) -> Vec<String> {
        self.words.clone()
    }

    /// From now on the person is asked about in these circumstances, as far as the model knows them.
    pub fn enter(&mut self, model: &Model, moment: &Moment) {
        self.words = moment.iter().map(|(_, word)| word.clone()).collect();
        self.within =
            if moment.is_empty() { None } else { model.in_moment(&self.person(model).clone(), moment) };
    }

    /// The person in the circumstances that were entered; without any, the person.
    pub fn now(&mut self, model: &Model) -> &Person {
        match self.within {
            Some(ref within) => within,
            None => self.person(model),
        }
    }

    /// How alike everybody is whom the model remembers, by their row; `None` where it remembers nobody. Asked for a list
    /// as a whole and kept until a rating changes: it walks through all ratings there are.
    pub fn alike(&mut self, model: &Model) -> Option<Rc<[f32]>> {
        let Model::ItemKnn(m) = model else { return None };
        let crowd = m.crowd.as_ref()?;
        let alike = self.alike.get_or_insert_with(|| {
            let history: Vec<(u32, f64)> = self.ratings.iter().map(|(&i, &r)| (i, r)).collect();
            crowd.likeness(&history, m.known.len()).into()
        });
        Some(alike.clone())
    }

    /// Ratings by item row.
    pub fn ratings(&self) -> &SortedMap<u32, f64> {
        &self.ratings
    }

    /// The adjustment of a rated item: δ minimises (e − δ·p)² + τ|δ|², where e is what the model misses of the
    /// person's rating, so δ = e p / (τ + |p|²). `None` where the item is not rated or the model has no factors.
    pub fn nudge(&mut self, model: &Model, item: u32, tau: f64) -> Option<Nudge> {
        let rating = *self.ratings.get(&item)?;
        let person = self.person(model).clone();
        // A model whose embeddings are not what its ratings come from is left as it is.
        let Person::Folded(folded) = &person else { return None };
        let p = &folded.x[1..];
        let norm: f64 = p.iter().map(|x| x * x).sum();
        let weight = (rating - model.score(&person, item)) / (tau + norm);
        Some(Nudge { delta: p.iter().map(|x| weight * x).collect(), effect: weight * norm })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Interactions;
    use crate::ground::rng::Rng;
    use crate::models::MatrixFactorization;
    use crate::models::Scorer;
    use crate::models::mf::{Descent, MfParams};
    use proptest::prelude::*;

    pub(crate) fn model() -> Model {
        let mut x = Interactions::default();
        let mut rng = Rng::new(1, 0);
        for u in 0..50 {
            for i in 0..20 {
                if rng.below(3) > 0 {
                    let liked = (u % 2) == (i % 2);
                    x.push(&format!("u{u}"), &format!("i{i}"), if liked { 4.5 } else { 2.0 }, 0.0);
                }
            }
        }
        let params = MfParams { factors: 6, regularization: 0.02, ..MfParams::default() };
        let mut fit = Descent::new(&x, params, 1);
        for _ in 0..40 {
            fit.descend(usize::MAX);
        }
        Model::MatrixFactorization(MatrixFactorization::new(&x, fit, 1))
    }

    #[test]
    fn one_rating_moves_the_list_its_way() {
        let m = model();
        let mut live = Live::rebuild(&m, []);
        assert!(matches!(live.person(&m), Person::Anyone));
        let row = |id: &str| m.ids().get(id).unwrap();
        live.set(&m, row("i0"), Some(5.0));
        live.set(&m, row("i1"), Some(0.5));
        let scores = m.score_all(live.person(&m));
        let (like, unlike) = (scores[row("i2") as usize], scores[row("i3") as usize]);
        assert!(like > unlike + 0.5, "{like} {unlike}");
    }

    #[test]
    fn a_nudge_brings_the_score_closer_and_leaves_the_model_alone() {
        let m = model();
        let before = m.write(crate::models::People::Keep).unwrap();
        let mut live = Live::rebuild(&m, [(0, 5.0), (1, 5.0), (2, 1.0)]);
        let score = m.score(live.person(&m), 1);
        let nudge = live.nudge(&m, 1, 1.0).unwrap();
        assert!((5.0 - (score + nudge.effect)).abs() < (5.0 - score).abs());
        assert!(live.nudge(&m, 7, 1.0).is_none());
        assert_eq!(m.write(crate::models::People::Keep).unwrap(), before);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn the_order_of_events_does_not_matter(seed in 0u64..10_000) {
            let m = model();
            let mut rng = Rng::new(seed, 0);
            let mut live = Live::rebuild(&m, []);
            for _ in 0..200 {
                let rating = (rng.below(4) > 0).then(|| 0.5 + 0.5 * rng.below(10) as f64);
                live.set(&m, rng.below(20) as u32, rating);
            }
            let mut fresh = Live::rebuild(&m, live.ratings().iter().map(|(&i, &r)| (i, r)));
            for i in 0..20 {
                let (a, b) = (m.score(live.person(&m), i), m.score(fresh.person(&m), i));
                prop_assert!((a - b).abs() < 1e-5, "{a} {b}");
            }
            prop_assert!(m.ids().len() == 20);
        }

        #[test]
        fn contributions_and_baseline_sum_to_the_score(seed in 0u64..10_000) {
            let m = model();
            let mut rng = Rng::new(seed, 0);
            let mut live = Live::rebuild(&m, (0..1 + rng.below(15)).map(|i| (i as u32, 0.5 + 0.5 * rng.below(10) as f64)));
            let ratings: Vec<_> = live.ratings().iter().map(|(&i, &r)| (i, r)).collect();
            let Person::Folded(p) = live.person(&m).clone() else { unreachable!("there is a rating") };
            let Model::MatrixFactorization(mf) = &m else { unreachable!() };
            for i in 0..20 {
                let sum: f64 = p.contributions(mf, i, &ratings).iter().sum();
                prop_assert!((mf.baseline(i) + sum - p.score(mf, i)).abs() < 1e-6);
            }
        }
    }
}
