//! What is known of somebody from what they have rated: counts, means, and how they like what has a trait.

use super::records::{Clock, NUMBER_FIELDS, Numbers, UNKNOWN};
use crate::data::Item;
use crate::data::interactions::Fact;
use crate::ground::ids::Vocabulary;
use crate::ground::math;
use crate::ground::time::Millis;

/// Kinds of traits that likings are counted by: genres, decades, people, tags.
const KINDS: usize = 4;
/// Ratings of a trait that are half believed.
const TRUST: f64 = 3.0;
/// Ratings by which a mean is drawn to the mean of all.
const DRAWN: f64 = 2.0;
/// The same for items.
const DRAWN_ITEM: f64 = 5.0;

/// Lists of traits by item row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lists {
    /// Where each row begins.
    pub starts: Vec<u32>,
    /// Traits, row after row.
    pub of: Vec<u32>,
    /// How many different ones there are.
    pub size: u32,
}

impl Lists {
    fn row(&self, item: u32) -> &[u32] {
        &self.of[self.starts[item as usize] as usize..self.starts[item as usize + 1] as usize]
    }
}

/// Traits of all items.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traits(pub [Lists; KINDS]);

impl Traits {
    /// From what is said of each row.
    pub fn new<'a>(rows: usize, item: &dyn Fn(u32) -> Option<&'a Item>) -> Traits {
        let mut traits = Traits::default();
        for (kind, lists) in traits.0.iter_mut().enumerate() {
            let mut words = Vocabulary::default();
            lists.starts.push(0);
            for row in 0..rows as u32 {
                let begin = lists.of.len();
                each_trait(item(row), kind, &mut |word| {
                    let at = words.intern(word);
                    // What is said twice counts once.
                    if !lists.of[begin..].contains(&at) {
                        lists.of.push(at);
                    }
                });
                lists.starts.push(lists.of.len() as u32);
            }
            lists.size = words.len() as u32;
        }
        traits
    }

    /// Of the traits of two items the share that both have, 0 to 1.
    pub fn shared(&self, a: u32, b: u32) -> f32 {
        let (mut both, mut all) = (0usize, 0usize);
        for lists in &self.0 {
            let (of_a, of_b) = (lists.row(a), lists.row(b));
            let common = of_a.iter().filter(|t| of_b.contains(t)).count();
            both += common;
            all += of_a.len() + of_b.len() - common;
        }
        if all == 0 { 0.0 } else { both as f32 / all as f32 }
    }
}

fn each_trait(item: Option<&Item>, kind: usize, take: &mut dyn FnMut(&str)) {
    let Some(item) = item else { return };
    match kind {
        0 => item.genres.iter().for_each(|w| take(w)),
        1 => {
            if let Some(year) = item.year.filter(|y| (1000.0..3000.0).contains(y)) {
                take(&(year as u32 / 10).to_string());
            }
        }
        2 => item.people.iter().for_each(|w| take(w)),
        _ => item.tags.iter().for_each(|w| take(w)),
    }
}

/// When somebody rates.
#[derive(Clone, Copy, Debug, Default)]
struct Habits {
    /// Ratings of which the time is known; of these in the evening, at night, and on Saturdays and Sundays.
    known: f64,
    evening: f64,
    night: f64,
    weekend: f64,
    /// The latest time.
    latest: Millis,
}

/// Somebody's likings. Ratings can be taken out again: what is learned of a rating must not know it.
#[derive(Clone, Debug, Default)]
pub struct Taste {
    count: f64,
    sum: f64,
    squares: f64,
    completion: [f64; 2],
    again: [f64; 2],
    habits: Habits,
    /// By kind and trait: Σ of ratings and how many.
    by: [Vec<[f64; 2]>; KINDS],
}

impl Taste {
    /// Nobody yet.
    pub fn new(traits: &Traits) -> Taste {
        Taste { by: traits.0.each_ref().map(|l| vec![[0.0; 2]; l.size as usize]), ..Taste::default() }
    }

    /// Adds a rating (`sign` 1) or takes it out again (−1).
    pub fn count(&mut self, traits: &Traits, item: u32, rating: f64, fact: Fact, sign: f64) {
        self.count += sign;
        self.sum += sign * rating;
        self.squares += sign * rating * rating;
        for (cell, said) in [
            (&mut self.completion, fact.completion.map(f64::from)),
            (&mut self.again, fact.again.map(|a| f64::from(u8::from(a)))),
        ] {
            if let Some(x) = said {
                cell[0] += sign * x;
                cell[1] += sign;
            }
        }
        for (by, lists) in self.by.iter_mut().zip(&traits.0) {
            for &t in lists.row(item) {
                by[t as usize][0] += sign * rating;
                by[t as usize][1] += sign;
            }
        }
    }

    /// Adds the time of a rating, or takes it out again. The latest stays: it says nothing of how anything was rated.
    pub fn time(&mut self, clock: Clock, at: Millis, sign: f64) {
        let Some((hour, weekday)) = clock.read(at) else { return };
        let habits = &mut self.habits;
        habits.known += sign;
        for (cell, is) in [
            (&mut habits.evening, hour >= 18),
            (&mut habits.night, hour < 6),
            (&mut habits.weekend, weekday == 0 || weekday == 6),
        ] {
            *cell += if is { sign } else { 0.0 };
        }
        habits.latest = habits.latest.max(at);
    }

    /// Forgets everything, given the items that were counted: of a hundred thousand traits only a few are theirs.
    pub fn clear(&mut self, traits: &Traits, items: impl Iterator<Item = u32>) {
        for item in items {
            for (by, lists) in self.by.iter_mut().zip(&traits.0) {
                lists.row(item).iter().for_each(|&t| by[t as usize] = [0.0; 2]);
            }
        }
        (self.count, self.sum, self.squares) = (0.0, 0.0, 0.0);
        (self.completion, self.again, self.habits) = ([0.0; 2], [0.0; 2], Habits::default());
    }

    /// What goes for all items.
    fn own(&self, mean: f64, clock: Clock, numbers: &mut Numbers) {
        if self.count < 0.5 {
            return;
        }
        let drawn = (self.sum + DRAWN * mean) / (self.count + DRAWN);
        let set = |numbers: &mut Numbers, name: &str, x: f64| {
            let at = NUMBER_FIELDS.iter().position(|n| *n == name).expect("a field of ours");
            numbers[at] = x as f32;
        };
        set(numbers, "person.count", math::ln(1.0 + self.count));
        set(numbers, "person.mean", drawn);
        if self.count > 1.5 {
            let mean = self.sum / self.count;
            set(numbers, "person.spread", math::sqrt((self.squares / self.count - mean * mean).max(0.0)));
        }
        for (name, [sum, n]) in [("person.completion", self.completion), ("person.again", self.again)] {
            if n > 0.5 {
                set(numbers, name, sum / n);
            }
        }
        let habits = &self.habits;
        if habits.known > 0.5 {
            set(numbers, "person.recency", math::ln(1.0 + clock.days_since(habits.latest)));
            set(numbers, "person.evening", habits.evening / habits.known);
            set(numbers, "person.night", habits.night / habits.known);
            set(numbers, "person.weekend", habits.weekend / habits.known);
        }
    }

    /// Numbers of the person before any item; `mean` is that of all ratings.
    pub fn numbers(&self, mean: f64, clock: Clock) -> Numbers {
        let mut numbers = UNKNOWN;
        self.own(mean, clock, &mut numbers);
        numbers
    }

    /// How the person likes what has the item's traits: by kind the mean over its traits of (Σ r − n m) / (n + 3), m
    /// being their own mean. NaN where the item has none.
    pub fn matches(&self, traits: &Traits, item: u32, mean: f64) -> [f32; KINDS] {
        let drawn = (self.sum + DRAWN * mean) / (self.count + DRAWN);
        let mut matches = [f32::NAN; KINDS];
        if self.count < 0.5 {
            return matches;
        }
        for (cell, (by, lists)) in matches.iter_mut().zip(self.by.iter().zip(&traits.0)) {
            let of = lists.row(item);
            if of.is_empty() {
                continue;
            }
            let liking = |&t: &u32| {
                let [sum, n] = by[t as usize];
                (sum - n * drawn) / (n + TRUST)
            };
            *cell = (of.iter().map(liking).sum::<f64>() / of.len() as f64) as f32;
        }
        matches
    }
}

/// Where [`Taste::matches`] stand among the numbers.
pub const MATCHES: core::ops::Range<usize> = 11..15;

/// Count and drawn mean of an item with so many ratings of such a sum.
pub fn of_item(numbers: &mut Numbers, count: f64, sum: f64, mean: f64) {
    numbers[0] = math::ln(1.0 + count.max(0.0)) as f32;
    numbers[1] = ((sum + DRAWN_ITEM * mean) / (count + DRAWN_ITEM)) as f32;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items() -> Vec<Item> {
        let item = |id: &str, genres: &[&str], year| Item {
            id: id.into(),
            genres: genres.iter().map(|g| g.to_string()).collect(),
            year,
            ..Item::default()
        };
        vec![
            item("a", &["War", "War"], Some(1994.0)),
            item("b", &["War", "Drama"], None),
            item("c", &[], None),
        ]
    }

    #[test]
    fn likings_are_what_they_are_by_hand_and_a_rating_taken_out_leaves_no_trace() {
        let items = items();
        let traits = Traits::new(3, &|row| Some(&items[row as usize]));
        assert_eq!(traits.0[0].of, [0, 0, 1]);
        // War, drama and the nineties; one of three is common.
        assert_eq!((traits.shared(0, 1), traits.shared(2, 2)), (1.0 / 3.0, 0.0));
        let mut taste = Taste::new(&traits);
        let watched = Fact { completion: Some(0.5), again: Some(true), ..Fact::default() };
        taste.count(&traits, 0, 5.0, watched, 1.0);
        let before = taste.numbers(3.0, Clock::default());
        taste.count(&traits, 1, 2.0, Fact::default(), 1.0);
        let numbers = taste.numbers(3.0, Clock::default());
        let of = |name: &str| f64::from(numbers[NUMBER_FIELDS.iter().position(|n| *n == name).unwrap()]);
        assert!((of("person.mean") - 13.0 / 4.0).abs() < 1e-6 && (of("person.spread") - 1.5).abs() < 1e-6);
        assert_eq!((of("person.completion"), of("person.again")), (0.5, 1.0));
        let matches = taste.matches(&traits, 1, 3.0);
        let (war, drama) = ((7.0 - 2.0 * 3.25) / 5.0, (2.0 - 3.25) / 4.0);
        assert!((f64::from(matches[0]) - (war + drama) / 2.0).abs() < 1e-6, "{matches:?}");
        assert!(matches[1].is_nan() && taste.matches(&traits, 2, 3.0)[0].is_nan());
        taste.count(&traits, 1, 2.0, Fact::default(), -1.0);
        assert_eq!(taste.numbers(3.0, Clock::default()).map(f32::to_bits), before.map(f32::to_bits));
        taste.clear(&traits, [0u32].into_iter());
        assert!(taste.numbers(3.0, Clock::default()).iter().all(|x| x.is_nan()), "nobody: nothing is known");
        assert!(taste.matches(&traits, 0, 3.0)[0].is_nan());
    }

    #[test]
    fn numbers_stand_under_their_names() {
        assert!(NUMBER_FIELDS[MATCHES].iter().all(|name| name.starts_with("match.")));
        assert_eq!((NUMBER_FIELDS[0], NUMBER_FIELDS[1]), ("item.count", "item.mean"));
    }
}
