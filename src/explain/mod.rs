//! Floor 4, reasons: codes, weights and evidence. Sentences are the shell's.

mod reasons;

pub use reasons::{Evidence, Moved, Reason, Subject, content_reason, reasons};

use crate::features::Column;
use crate::ground::sort::sort_by;
use crate::models::{Model, Person};

/// How a score came about, by item row of the model.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribution {
    /// The score of somebody nothing is known about.
    pub baseline: f64,
    /// The score, not clipped: `baseline` plus all contributions and features, exactly.
    pub raw: f64,
    /// (item row, rating, contribution), largest contribution first, in absolute value.
    pub contributions: Vec<(u32, f64, f64)>,
    /// What features add, largest first, where it is not ratings that the score comes from.
    pub features: Vec<(Column, f64)>,
}

/// What each of a person's ratings adds to the score of `item`. They sum to the score exactly; a
/// model that is not personal has no contributions.
pub fn attribute(model: &Model, person: &Person, item: u32, ratings: &[(u32, f64)]) -> Attribution {
    let baseline = model.baseline(item);
    if !person.is_personal() {
        return Attribution { baseline, raw: baseline, contributions: Vec::new(), features: Vec::new() };
    }
    let raw = model.score(person, item);
    let mut features = model.features(person, item);
    let mut contributions = largest_first(ratings, model.contributions(person, item, ratings));
    if !features.is_empty() {
        sort_by(&mut features, |a, b| b.1.abs().total_cmp(&a.1.abs()));
        contributions.retain(|c| c.2 != 0.0);
    }
    Attribution { baseline, raw, contributions, features }
}

/// The same for an item that is made of others (row, weight) and has `raw` for the person, `baseline` for somebody
/// nothing is known about.
pub fn attribute_mixture(
    model: &Model,
    person: &Person,
    (baseline, raw): (f64, f64),
    items: &[(u32, f64)],
    ratings: &[(u32, f64)],
) -> Attribution {
    if !person.is_personal() {
        return Attribution { baseline: raw, raw, contributions: Vec::new(), features: Vec::new() };
    }
    let amounts = model.contributions_to_mixture(person, items, ratings, raw - baseline);
    Attribution { baseline, raw, contributions: largest_first(ratings, amounts), features: Vec::new() }
}

fn largest_first(ratings: &[(u32, f64)], amounts: Vec<f64>) -> Vec<(u32, f64, f64)> {
    let mut all: Vec<_> = ratings.iter().zip(amounts).map(|(&(j, r), c)| (j, r, c)).collect();
    sort_by(&mut all, |a, b| b.2.abs().total_cmp(&a.2.abs()).then(a.0.cmp(&b.0)));
    all
}
