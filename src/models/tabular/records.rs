//! Ratings, people and moments as records that features can be made of: the names of the fields, and what stands there.

use super::taste::Traits;
use crate::data::interactions::{Fact, NO_TIME};
use crate::data::{Catalog, Item, Moment};
use crate::features::{Cell, Records};
use crate::ground::math;
use crate::ground::time::{self, Millis};

/// Fields of the catalog.
pub const ITEM_FIELDS: &[&str] = &[
    "type",
    "genres",
    "year",
    "duration",
    "tags",
    "people",
    "description",
    "popularity",
    "age",
    "embedding",
];

/// Fields that are counted from ratings; their places in [`Numbers`].
pub const NUMBER_FIELDS: [&str; 15] = [
    "item.count",
    "item.mean",
    "person.count",
    "person.mean",
    "person.spread",
    "person.completion",
    "person.again",
    "person.recency",
    "person.evening",
    "person.night",
    "person.weekend",
    "match.genres",
    "match.years",
    "match.people",
    "match.tags",
];

/// Fields of one act of watching.
pub const FACT_FIELDS: &[&str] = &["completion", "wouldWatchAgain"];

/// Fields of the moment that a rating's own time tells, where nobody said: 0 to 23, and 0 (Sunday) to 6.
pub const TIME_FIELDS: &[&str] = &["hour", "weekday"];

/// Values of [`NUMBER_FIELDS`]; NaN where nothing is known.
pub type Numbers = [f32; NUMBER_FIELDS.len()];

/// Nothing known.
pub const UNKNOWN: Numbers = [f32::NAN; NUMBER_FIELDS.len()];

/// Every field there is, circumstances apart: those are `context.` and any name.
pub fn is_field(name: &str) -> bool {
    name.strip_prefix("context.").is_some_and(|kind| !kind.is_empty())
        || [ITEM_FIELDS, &NUMBER_FIELDS, FACT_FIELDS, TIME_FIELDS].iter().any(|names| names.contains(&name))
}

/// True for what stays the same of an item, whoever looks at it.
pub fn is_of_item(name: &str) -> bool {
    ITEM_FIELDS.contains(&name) || name.starts_with("item.")
}

/// The kind of circumstances that a field speaks of.
pub fn circumstance(field: &str) -> Option<&str> {
    if TIME_FIELDS.contains(&field) { Some(field) } else { field.strip_prefix("context.") }
}

/// Which time it is where the person is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Clock {
    /// The latest time of all that was learned from, in milliseconds since 1970.
    pub now: f64,
    /// What the person's clock is ahead of UTC, in milliseconds.
    pub ahead: f64,
}

impl Clock {
    /// Hour, 0 to 23, and weekday, 0 (Sunday) to 6, of a time; `None` where it is not known.
    pub fn read(self, at: Millis) -> Option<(u32, u32)> {
        if at == NO_TIME {
            return None;
        }
        let hours = ((at + self.ahead) / time::HOUR).floor();
        let days = (hours / 24.0).floor();
        // 1 January 1970 was a Thursday.
        Some(((hours - 24.0 * days) as u32, (days + 4.0).rem_euclid(7.0) as u32))
    }

    /// Days from a time to the latest.
    pub fn days_since(self, at: Millis) -> f64 {
        ((self.now - at) / time::DAY).max(0.0)
    }
}

/// What is said of a kind of circumstances, or what the clock says.
fn told<'a>(moment: Option<&'a Moment>, clock: Option<(u32, u32)>, field: &str, kind: &str) -> Cell<'a> {
    match (moment.and_then(|m| m.get(kind)), clock) {
        (Some(word), _) => said(word),
        (None, Some((hour, weekday))) if field == kind => {
            Cell::Number(f64::from(if kind == "hour" { hour } else { weekday }))
        }
        _ => Cell::Missing,
    }
}

/// A rating under each other's eyes: what is known of the item, of the person without this rating, and of the moment.
#[derive(Debug)]
pub struct Row<'a> {
    /// The item, where the catalog describes it.
    pub item: Option<&'a Item>,
    /// Counted from ratings.
    pub numbers: Numbers,
    /// Circumstances.
    pub moment: Option<&'a Moment>,
    /// How it was watched.
    pub fact: Fact,
    /// The rating, for labels.
    pub rating: Option<f32>,
    /// When it was, where that is known.
    pub at: Millis,
    /// What tells the time.
    pub clock: Clock,
}

impl Row<'_> {
    fn of(&self, field: &str) -> Cell<'_> {
        let number = |x: Option<f64>| x.map_or(Cell::Missing, Cell::Number);
        if let Some(kind) = circumstance(field) {
            return told(self.moment, self.clock.read(self.at), field, kind);
        }
        if let Some(at) = NUMBER_FIELDS.iter().position(|name| *name == field) {
            return number(Some(f64::from(self.numbers[at])).filter(|x| !x.is_nan()));
        }
        match field {
            "completion" => return number(self.fact.completion.map(f64::from)),
            "wouldWatchAgain" => return number(self.fact.again.map(|again| f64::from(u8::from(again)))),
            "rating" => return number(self.rating.map(f64::from)),
            "score" => return number(self.fact.score.map(f64::from)),
            _ => {}
        }
        let Some(item) = self.item else { return Cell::Missing };
        if let Some(cell) = words(item, field) {
            return cell;
        }
        match field {
            "year" => number(item.year),
            "duration" => number(item.duration),
            // Both span powers of ten.
            "popularity" => number(item.popularity.filter(|p| *p >= 0.0).map(|p| math::ln(1.0 + p))),
            "age" => {
                let days = item.added_at.map(|at| (self.clock.now - at) / time::DAY);
                number(days.filter(|d| *d >= 0.0).map(|d| math::ln(1.0 + d)))
            }
            _ => Cell::Missing,
        }
    }
}

/// A word of circumstances; one that is written as a number is one, too.
fn said(word: &str) -> Cell<'_> {
    match crate::ground::json::parse_number(word) {
        Some(x) if x.is_finite() => Cell::Number(x),
        _ => Cell::Word(word),
    }
}

impl Records for Row<'_> {
    fn len(&self) -> usize {
        1
    }

    fn cell(&self, _: usize, field: &str) -> Cell<'_> {
        self.of(field)
    }
}

/// All ratings that are learned from.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The catalog they speak of.
    pub catalog: Catalog,
    /// Place in the catalog of each item row.
    pub places: Vec<Option<u32>>,
    /// Item row, record by record.
    pub item: Vec<u32>,
    /// Counted from ratings, without the record's own.
    pub numbers: Vec<Numbers>,
    /// Circumstances; empty where nobody said any.
    pub moments: Vec<Moment>,
    /// How it was watched.
    pub facts: Vec<Fact>,
    /// When, or [`NO_TIME`].
    pub at: Vec<Millis>,
    /// The ratings.
    pub rating: Vec<f32>,
    /// What tells the time.
    pub clock: Clock,
}

impl Gathered {
    /// A record.
    pub fn row(&self, record: usize) -> Row<'_> {
        Row {
            item: self.described(self.item[record]),
            numbers: self.numbers[record],
            moment: self.moments.get(record),
            fact: self.facts[record],
            rating: Some(self.rating[record]),
            at: self.at[record],
            clock: self.clock,
        }
    }

    /// What the catalog says of an item row.
    pub fn described(&self, item: u32) -> Option<&Item> {
        self.places[item as usize].map(|at| &self.catalog.items()[at as usize])
    }

    /// Traits of all item rows.
    pub fn traits(&self) -> Traits {
        Traits::new(self.places.len(), &|row| self.described(row))
    }
}

impl Records for Gathered {
    fn len(&self) -> usize {
        self.item.len()
    }

    fn cell(&self, record: usize, field: &str) -> Cell<'_> {
        // A row borrows from the same places; its cells do not borrow from the row itself but for numbers.
        if let Some(kind) = circumstance(field) {
            return told(self.moments.get(record), self.clock.read(self.at[record]), field, kind);
        }
        match self.described(self.item[record]) {
            Some(item) if ITEM_FIELDS.contains(&field) => {
                words(item, field).unwrap_or_else(|| lone(&self.row(record), field))
            }
            _ => lone(&self.row(record), field),
        }
    }
}

/// A cell that borrows nothing.
fn lone(row: &Row<'_>, field: &str) -> Cell<'static> {
    row.of(field).number().map_or(Cell::Missing, Cell::Number)
}

/// A cell of words of an item; `None` for a number.
fn words<'a>(item: &'a Item, field: &str) -> Option<Cell<'a>> {
    let text = |text: &'a Option<String>| match text.as_deref() {
        Some(text) if !text.is_empty() => Cell::Word(text),
        _ => Cell::Missing,
    };
    Some(match field {
        "type" => text(&item.kind),
        "description" => text(&item.description),
        "genres" => Cell::Words(&item.genres),
        "tags" => Cell::Words(&item.tags),
        "people" => Cell::Words(&item.people),
        "embedding" => item.embedding.as_deref().map_or(Cell::Missing, Cell::Vector),
        _ => return None,
    })
}
