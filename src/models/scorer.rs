//! What is asked of every trained model.

use super::mf::Archetypes;
use super::params::Settings;
use super::person::Past;
use super::{Known, People, Person};
use crate::codec::Writer;
use crate::data::{Moment, Scale};
use crate::features::Column;
use crate::ground::ids::Vocabulary;
use crate::ground::json::Value;
use crate::ground::math;
use crate::ground::top::top_k;

/// Items looked at to explain a mixture.
const MOST_MIXED: usize = 100;

/// A trained model. Rows of items are those of [`Known::ids`]. Scores are expected ratings on [`Known::scale`], not
/// clipped; what a list is ordered by may be something else ([`Scorer::rank_all`]).
pub trait Scorer {
    /// The public name.
    fn name(&self) -> &'static str;

    /// Ids, counts, scale.
    fn known(&self) -> &Known;

    /// Ids of the items it can score, by row.
    fn ids(&self) -> &Vocabulary {
        &self.known().ids
    }

    /// The scale of its scores.
    fn scale(&self) -> Scale {
        self.known().scale
    }

    /// Number of ratings behind an item.
    fn count(&self, item: u32) -> u32 {
        self.known().counts[item as usize]
    }

    /// Mean rating of all items.
    fn mean(&self) -> f64 {
        f64::from(self.known().mean)
    }

    /// Standard deviation of an observed rating around a score.
    fn noise(&self) -> f64 {
        f64::from(self.known().noise)
    }

    /// How it was trained.
    fn settings(&self) -> Settings;

    /// The score of somebody nothing is known about.
    fn baseline(&self, item: u32) -> f64;

    /// Solves for a person from ratings (item row, rating; each row once), known to training or not. Without ratings
    /// the answer is [`Person::Anyone`].
    fn fold_in(&self, history: &[(u32, f64)]) -> Person;

    /// The same, from everything somebody has said. Most models know of ratings alone; of a row that comes twice they
    /// take the mean.
    fn recall(&self, past: &Past) -> Person {
        let mut once: Vec<(u32, f64, f64)> = Vec::with_capacity(past.ratings.len());
        for &(item, rating) in &past.ratings {
            match once.last_mut().filter(|last| last.0 == item) {
                Some(last) => (last.1, last.2) = (last.1 + rating, last.2 + 1.0),
                None => once.push((item, rating, 1.0)),
            }
        }
        self.fold_in(&once.into_iter().map(|(item, sum, n)| (item, sum / n)).collect::<Vec<_>>())
    }

    /// Expected ratings of some items for somebody who has said that. To be asked for a few, where folding in costs as
    /// much as rating everything.
    fn expect(&self, past: &Past, items: &[u32]) -> Vec<f64> {
        let person = self.recall(past);
        items.iter().map(|&item| self.score(&person, item)).collect()
    }

    /// Kinds of circumstances that scores can depend on, with the words that are known of each.
    fn circumstances(&self) -> Vec<(String, Vec<String>)> {
        Vec::new()
    }

    /// The person in given circumstances; `None` where none of what is said of them makes a difference. Without
    /// circumstances scores are those of the person themselves, bit for bit.
    fn in_moment(&self, person: &Person, moment: &Moment) -> Option<Person> {
        let _ = (person, moment);
        None
    }

    /// Score and variance of one item in given circumstances, as [`Scorer::in_moment`] would have them: for whoever asks
    /// about a single item of each moment.
    fn score_in(&self, person: &Person, moment: &Moment, item: u32) -> (f64, f64) {
        let moved = self.in_moment(person, moment);
        let person = moved.as_ref().unwrap_or(person);
        (self.score(person, item), self.variance(person, item))
    }

    /// Whether a word of a kind of circumstances makes a difference.
    fn recognises(&self, kind: &str, word: &str) -> bool {
        // Without words it is a number, of which any will do.
        let knows = |words: &[String]| words.is_empty() || words.iter().any(|w| w == word);
        self.circumstances().iter().any(|(name, words)| name == kind && knows(words))
    }

    /// What folding in somebody with so many ratings costs, and looking at `asked` of their scores and ranking all
    /// items, in the units of work that budgets are counted in (60,000 take about 24 ms).
    fn effort(&self, ratings: usize, asked: usize) -> usize {
        let _ = (ratings, asked);
        1000
    }

    /// Expected rating, not clipped.
    fn score(&self, person: &Person, item: u32) -> f64 {
        match person {
            Person::Solved(s) => f64::from(s.ratings[item as usize]),
            _ => self.baseline(item),
        }
    }

    /// Scores of all items by row, in single precision.
    fn score_all(&self, person: &Person) -> Vec<f32> {
        match person {
            Person::Solved(s) => s.ratings.clone(),
            _ => (0..self.known().len() as u32).map(|i| self.baseline(i) as f32).collect(),
        }
    }

    /// What every item is ranked by, highest first. A model of ratings ranks by [`Known::rank`]; a model of
    /// preferences ranks by those, in which little-known items are held back already, and `caution` has no effect.
    fn rank_all(&self, person: &Person, caution: f64) -> Vec<f32> {
        if let Person::Solved(super::person::Solved { ranks: Some(ranks), .. }) = person {
            return ranks.clone();
        }
        let known = self.known();
        let mut scores = self.score_all(person);
        for (score, &n) in scores.iter_mut().zip(&known.counts) {
            *score = known.rank(f64::from(*score), n, caution);
        }
        scores
    }

    /// Variance of the score itself (the noise of a rating not counted): little is known of the person, or of the
    /// item. The item's part is that of a mean of n + 1 ratings, the person's that of n / 4 + 4 ratings unless the
    /// model knows better.
    fn variance(&self, person: &Person, item: u32) -> f64 {
        let known = self.known();
        if let Person::Solved(super::person::Solved { variance: Some(variance), .. }) = person {
            return f64::from(variance[item as usize]);
        }
        let of_item = 1.0 / (f64::from(known.counts[item as usize]) + 1.0);
        let of_person = match person {
            Person::Solved(s) => 1.0 / (s.count as f64 / 4.0 + 4.0),
            _ => 0.25,
        };
        f64::from(known.noise) * f64::from(known.noise) * (of_item + of_person)
    }

    /// What each rating of a history adds to the person's score of `item`; with the baseline they sum to the score.
    fn contributions(&self, person: &Person, item: u32, history: &[(u32, f64)]) -> Vec<f64>;

    /// What each feature adds to the person's score of `item` beyond that of somebody nothing is known about, where it is
    /// features that a score comes from; with the baseline they sum to the score then, and ratings contribute nothing.
    fn features(&self, person: &Person, item: u32) -> Vec<(Column, f64)> {
        let _ = (person, item);
        Vec::new()
    }

    /// What there is to say of the model besides its figures; `Null` where there is nothing.
    fn report(&self) -> Value {
        Value::Null
    }

    /// The same for a weighted sum of items (row, weight), which is how an item that is known by its description alone
    /// gets its score; they sum to `whole`. The heaviest items stand for all: thousands would take seconds.
    fn contributions_to_mixture(
        &self,
        person: &Person,
        items: &[(u32, f64)],
        history: &[(u32, f64)],
        whole: f64,
    ) -> Vec<f64> {
        let mut sums = vec![0f64; history.len()];
        let weights = items.iter().enumerate().map(|(at, &(_, w))| (at as u32, w.abs() as f32));
        for (at, _) in top_k(weights, MOST_MIXED) {
            let (item, weight) = items[at as usize];
            let parts = self.contributions(person, item, history);
            sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += weight * part);
        }
        let (rest, size) = (whole - sums.iter().sum::<f64>(), sums.iter().map(|s| s.abs()).sum::<f64>());
        let each = 1.0 / history.len() as f64;
        sums.iter_mut().for_each(|s| *s += rest * if size > 0.0 { s.abs() / size } else { each });
        sums
    }

    /// True where [`Scorer::rank_all`] gives [`Known::rank`] of expected ratings; false where it gives preferences.
    fn ranks_ratings(&self, person: &Person) -> bool {
        !matches!(person, Person::Solved(super::person::Solved { ranks: Some(_), .. }))
    }

    /// The item's embedding, unpadded; `None` where the model has none.
    fn embedding(&self, item: u32) -> Option<Vec<f32>> {
        let _ = item;
        None
    }

    /// A person's embedding.
    fn embedding_of(&self, person: &Person) -> Option<Vec<f32>> {
        match person {
            Person::Solved(s) => s.factors.clone(),
            _ => None,
        }
    }

    /// The embedding of somebody the model was trained on, where it still knows them.
    fn trained_embedding(&self, user: &str) -> Option<Vec<f32>> {
        let _ = user;
        None
    }

    /// How alike two items are, −1 to 1; `None` where the model cannot say.
    fn likeness(&self, a: u32, b: u32) -> Option<f32> {
        let (x, y) = (self.embedding(a)?, self.embedding(b)?);
        let scale = (math::dot(&x, &x) * math::dot(&y, &y)).sqrt();
        Some(if scale > 0.0 { math::dot(&x, &y) / scale } else { 0.0 })
    }

    /// The `k` items most like one, best first, ties by row; `None` where the model cannot say.
    fn similar(&self, item: u32, k: usize) -> Option<Vec<(u32, f32)>> {
        self.likeness(item, item)?;
        let others = (0..self.known().len() as u32).filter(|&i| i != item);
        Some(top_k(others.map(|i| (i, self.likeness(item, i).unwrap_or(0.0))), k))
    }

    /// Centres of taste, where the model has them.
    fn archetypes(&self) -> Option<&Archetypes> {
        None
    }

    /// What the people of a centre are expected to rate an item.
    fn centre_rating(&self, centre: usize, item: u32) -> Option<f64> {
        let _ = (centre, item);
        None
    }

    /// People learned from, as far as the model remembers.
    fn people(&self) -> u32 {
        self.archetypes().map_or(0, |a| a.people.iter().sum())
    }

    /// Rows of people and of archetypes in the container, see [`Scorer::write`].
    fn rows(&self, people: People) -> (usize, usize) {
        let _ = people;
        (0, 0)
    }

    /// Writes what there is besides [`Known`] and the parameters.
    fn write(&self, w: &mut Writer, people: People);
}
