//! What a model of features knows of one person: their likings, and what was learned from them since it was trained.

use super::records::Row;
use super::taste::{Taste, Traits};
use super::{Tabular, declared_rule};
use crate::data::interactions::{Fact, NO_TIME};
use crate::ground::sort::sort_by;
use crate::models::Past;
use crate::models::tabular::Learner;

/// Most ratings since the training that are learned from one by one, the latest ones: each moves all coefficients, and
/// whoever has given more had better train anew.
const MOST_FRESH: usize = 200;

/// One person.
#[derive(Clone, Debug)]
pub struct Own {
    /// Their likings.
    pub taste: Taste,
    /// A regression that has also learned, one by one, from what they said since it was trained; `None` where that is
    /// nothing, and for forests, which cannot.
    pub learner: Option<Learner>,
}

impl Own {
    /// Nobody yet.
    pub fn nobody(traits: &Traits) -> Own {
        Own { taste: Taste::new(traits), learner: None }
    }
}

impl Tabular {
    /// A person, from what they have said. What came after the training is learned from in the order of its times, each
    /// rating with what was known before it.
    pub(super) fn own(&self, past: &Past) -> Own {
        let mut own = Own::nobody(&self.traits);
        let at = |r: usize| past.beside(r).map_or(NO_TIME, |b| b.at);
        // Without times nothing says what came later.
        let learns = matches!(self.learner, Learner::Logistic(..)) && self.clock.now > NO_TIME;
        let is_fresh = |r: &usize| learns && at(*r) > self.clock.now;
        let mut fresh: Vec<usize> = (0..past.ratings.len()).filter(is_fresh).collect();
        sort_by(&mut fresh, |a, b| at(*a).total_cmp(&at(*b)).then(a.cmp(b)));
        fresh.drain(..fresh.len().saturating_sub(MOST_FRESH));
        let mut after = vec![false; past.ratings.len()];
        fresh.iter().for_each(|&r| after[r] = true);
        for r in (0..past.ratings.len()).filter(|&r| !after[r]) {
            self.take_in(&mut own.taste, past, r);
        }
        let rule = declared_rule(&self.settings, self.known.scale).ok();
        for r in fresh {
            let (item, rating) = past.ratings[r];
            let beside = past.beside(r);
            let about = Row {
                fact: fact(past, r),
                rating: Some(rating as f32),
                at: at(r),
                ..self.any_time(beside.map(|b| &b.moment))
            };
            if let Some(liked) = rule.as_ref().and_then(|rule| rule.decide(&about, 0)) {
                let row = self.rows(core::iter::once(item), &own.taste, about);
                own.learner.get_or_insert_with(|| self.learner.clone()).learn(row.row(0), liked);
            }
            self.take_in(&mut own.taste, past, r);
        }
        own
    }

    fn take_in(&self, taste: &mut Taste, past: &Past, r: usize) {
        let (item, rating) = past.ratings[r];
        taste.count(&self.traits, item, rating, fact(past, r), 1.0);
        taste.time(self.clock, past.beside(r).map_or(NO_TIME, |b| b.at), 1.0);
    }
}

fn fact(past: &Past, r: usize) -> Fact {
    past.beside(r).map_or_else(Fact::default, Fact::from)
}
