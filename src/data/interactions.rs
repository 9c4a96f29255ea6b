//! Ratings of many people, as columns: what an import gives and a training takes.

use super::feedback::Beside;
use super::{Contexts, Moment, Scale};
use crate::ground::ids::Vocabulary;
use crate::ground::sort::{order, sort_by};
use crate::ground::time::Millis;
use crate::ground::{Error, Result};

/// Most ratings held at once: their columns then take about 640 MB.
pub const MAX_RATINGS: usize = 32_000_000;

/// A rating without a known time carries this.
pub const NO_TIME: Millis = 0.0;

/// Columns of one length: who rated what, how, and when. (user, item) pairs are unique; where circumstances are known,
/// pairs in the same circumstances are.
#[derive(Clone, Debug, Default)]
pub struct Interactions {
    /// People.
    pub users: Vocabulary,
    /// Items.
    pub items: Vocabulary,
    /// Index of the person, row by row.
    pub user: Vec<u32>,
    /// Index of the item, row by row.
    pub item: Vec<u32>,
    /// The rating, row by row.
    pub rating: Vec<f32>,
    /// When, row by row; [`NO_TIME`] where it is not known.
    pub at: Vec<Millis>,
    /// The scale of the ratings.
    pub scale: Scale,
    /// Shown beside everything learned from the data.
    pub label: String,
    /// In what mood, with whom; nothing where nobody said.
    pub context: Contexts,
    /// How far it was watched, and whether it would be again; nothing where nobody said.
    pub facts: Facts,
}

/// What is known of watching, row by row. Rows beyond the end are not known of.
#[derive(Clone, Debug, Default)]
pub struct Facts(Vec<Fact>);

/// What is known of watching.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fact {
    /// Share watched, 0 to 1.
    pub completion: Option<f32>,
    /// Asked after watching.
    pub again: Option<bool>,
    /// What was expected of it when it was recommended.
    pub score: Option<f32>,
}

impl From<&Beside> for Fact {
    fn from(of: &Beside) -> Fact {
        let single = |x: Option<f64>| x.map(|x| x as f32);
        Fact { completion: single(of.completion), again: of.would_watch_again, score: single(of.score) }
    }
}

impl Facts {
    /// Of a row.
    pub fn of(&self, row: usize) -> Fact {
        self.0.get(row).copied().unwrap_or_default()
    }

    /// Says what is known of a row.
    pub fn say(&mut self, row: usize, fact: Fact) {
        if fact != Fact::default() {
            if self.0.len() <= row {
                self.0.resize(row + 1, Fact::default());
            }
            self.0[row] = fact;
        }
    }

    fn rows(&self, rows: &[u32]) -> Facts {
        if self.0.is_empty() {
            Facts::default()
        } else {
            Facts(rows.iter().map(|&r| self.of(r as usize)).collect())
        }
    }
}

impl Interactions {
    /// How many ratings there are.
    pub fn len(&self) -> usize {
        self.rating.len()
    }

    /// True without any rating.
    pub fn is_empty(&self) -> bool {
        self.rating.is_empty()
    }

    /// True where at least 99 of 100 ratings have a time.
    pub fn has_times(&self) -> bool {
        let known = self.at.iter().filter(|&&t| t != NO_TIME).count();
        !self.is_empty() && known * 100 >= self.len() * 99
    }

    /// Checks columns that came from outside: one length, indices inside, finite ratings on the scale.
    pub fn check(self) -> Result<Interactions> {
        let n = self.rating.len();
        if n > MAX_RATINGS {
            return Err(Error::argument("ratings", format!("at most {MAX_RATINGS} rows"), n));
        }
        for (place, len) in [("users", self.user.len()), ("items", self.item.len()), ("at", self.at.len())] {
            if len != n {
                return Err(Error::argument(place, format!("{n} rows, as many as ratings"), len));
            }
        }
        for (place, column, size) in
            [("users", &self.user, self.users.len()), ("items", &self.item, self.items.len())]
        {
            if let Some(row) = column.iter().position(|&i| i as usize >= size) {
                return Err(Error::argument(
                    format!("{place}[{row}]"),
                    format!("an index below {size}"),
                    column[row],
                ));
            }
        }
        self.scale.check("scale")?;
        // f32 columns hold a step of 0.1 only nearly, so the ends are checked and not the steps.
        let (min, max) = (self.scale.min - 1e-6, self.scale.max + 1e-6);
        if let Some(row) = self.rating.iter().position(|&r| !(f64::from(r) >= min && f64::from(r) <= max)) {
            self.scale.check_rating(&format!("ratings[{row}]"), f64::from(self.rating[row]))?;
        }
        if let Some(row) = self.at.iter().position(|t| !t.is_finite()) {
            return Err(Error::argument(format!("at[{row}]"), "milliseconds since 1970", "NaN or infinity"));
        }
        self.context.check(n)?;
        Ok(self)
    }

    /// Keeps the last rating of each (user, item) pair in the same circumstances: by time, then by row. Says how many
    /// were dropped.
    pub fn deduplicate(&mut self) -> usize {
        let n = self.len();
        let pair = |r: u32| (self.user[r as usize], self.item[r as usize]);
        let key = |a: u32, b: u32| {
            let context = |r: u32| self.context.key(r as usize);
            pair(a).cmp(&pair(b)).then_with(|| context(a).cmp(context(b)))
        };
        let order = order(n, &mut |a, b| key(a as u32, b as u32).then(self.at[a].total_cmp(&self.at[b])));
        let mut keep: Vec<u32> = Vec::with_capacity(n);
        for (i, &r) in order.iter().enumerate() {
            if order.get(i + 1).is_none_or(|&next| key(next, r).is_ne()) {
                keep.push(r);
            }
        }
        let dropped = n - keep.len();
        if dropped > 0 {
            sort_by(&mut keep, u32::cmp);
            *self = self.rows(&keep);
        }
        dropped
    }

    /// For models that know of no circumstances: each (user, item) pair once, with the mean of its ratings and the
    /// latest of its times. `None` where that is so already.
    pub fn regardless(&self) -> Option<Interactions> {
        if self.context.is_empty() {
            return None;
        }
        let pair = |r: usize| (self.user[r], self.item[r]);
        let order = order(self.len(), &mut |a, b| pair(a).cmp(&pair(b)));
        let same = |a: &u32, b: &u32| pair(*a as usize) == pair(*b as usize);
        let mut firsts = Vec::new();
        for run in order.chunk_by(same) {
            firsts.push((run[0], run));
        }
        sort_by(&mut firsts, |a, b| a.0.cmp(&b.0));
        let mut out = self.rows(&firsts.iter().map(|f| f.0).collect::<Vec<_>>());
        out.context = Contexts::default();
        for (at, (_, run)) in firsts.into_iter().enumerate() {
            let ratings = run.iter().map(|&r| f64::from(self.rating[r as usize]));
            out.rating[at] = crate::ground::math::mean(ratings) as f32;
            out.at[at] = run.iter().map(|&r| self.at[r as usize]).fold(out.at[at], f64::max);
        }
        Some(out)
    }

    /// The given rows, with the same vocabularies.
    pub fn rows(&self, rows: &[u32]) -> Interactions {
        fn pick<T: Copy>(column: &[T], rows: &[u32]) -> Vec<T> {
            rows.iter().map(|&r| column[r as usize]).collect()
        }
        Interactions {
            users: self.users.clone(),
            items: self.items.clone(),
            user: pick(&self.user, rows),
            item: pick(&self.item, rows),
            rating: pick(&self.rating, rows),
            at: pick(&self.at, rows),
            scale: self.scale,
            label: self.label.clone(),
            context: self.context.rows(rows),
            facts: self.facts.rows(rows),
        }
    }

    /// Adds one rating given in these circumstances.
    pub fn push_in(&mut self, user: &str, item: &str, rating: f32, at: Millis, moment: &Moment) {
        for (name, word) in moment.iter() {
            self.context.say(self.len(), name, word);
        }
        self.push(user, item, rating, at);
    }

    /// Adds one rating.
    pub fn push(&mut self, user: &str, item: &str, rating: f32, at: Millis) {
        self.user.push(self.users.intern(user));
        self.item.push(self.items.intern(item));
        self.rating.push(rating);
        self.at.push(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> Interactions {
        let mut x = Interactions::default();
        x.push("u", "a", 3.0, 5.0);
        x.push("u", "b", 4.0, 6.0);
        x.push("u", "a", 1.0, 4.0);
        x
    }

    #[test]
    fn the_latest_of_doubled_ratings_stays() {
        let mut x = three();
        assert_eq!(x.deduplicate(), 1);
        assert_eq!(x.rating, [3.0, 4.0]);
        x.push("u", "b", 2.0, 6.0);
        assert_eq!(x.deduplicate(), 1);
        assert_eq!(x.rating, [3.0, 2.0], "same time: the later row");
    }

    #[test]
    fn the_same_film_in_another_mood_is_another_rating() {
        let mut x = Interactions::default();
        let mood = |word: &str| {
            let mut moment = Moment::default();
            moment.insert("mood".to_owned(), word.to_owned());
            moment
        };
        x.push_in("u", "b", 2.0, 1.0, &mood("sad"));
        x.push_in("u", "a", 3.0, 9.0, &mood("sad"));
        x.push_in("u", "a", 5.0, 6.0, &mood("funny"));
        x.push("u", "a", 4.0, 7.0);
        x.push_in("u", "a", 1.0, 8.0, &mood("funny"));
        assert_eq!(x.deduplicate(), 1);
        assert_eq!(x.rating, [2.0, 3.0, 4.0, 1.0]);
        let words: Vec<_> = (0..4).map(|r| x.context.kinds[0].word(r)).collect();
        assert_eq!(words, [Some("sad"), Some("sad"), None, Some("funny")]);
        let blind = x.regardless().unwrap();
        assert_eq!((&blind.rating[..], &blind.at[..]), (&[2.0, 8.0 / 3.0][..], &[1.0, 9.0][..]));
        assert!(blind.context.is_empty() && blind.regardless().is_none());
    }

    #[test]
    fn columns_from_outside_are_checked() {
        assert!(three().check().is_ok());
        for (spoil, place) in [
            ((|x: &mut Interactions| x.user[1] = 9) as fn(&mut Interactions), "users[1]"),
            (|x| x.rating[2] = f32::NAN, "ratings[2]"),
            (|x| x.rating[0] = 5.5, "ratings[0]"),
            (|x| x.at[1] = f64::INFINITY, "at[1]"),
            (|x| x.item.truncate(1), "items"),
        ] {
            let mut x = three();
            spoil(&mut x);
            assert_eq!(x.check().unwrap_err().place(), place);
        }
    }
}
