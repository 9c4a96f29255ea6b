//! The report on data: what is in it, what is odd about it, and what was left out of it.

use super::import::items::placeholder;
use super::import::{Dropped, Notes, Problem};
use super::interactions::NO_TIME;
use super::{Interactions, Item, Scale, Warning};
use crate::ground::json::written_as;
use crate::ground::sort::sort_by;
use crate::ground::time::Millis;

/// A scale with more steps than this is shown in bins.
const MAX_STEPS: usize = 101;

/// Bins of a continuous scale.
const BINS: usize = 10;

/// From so many ratings on, ratings that are all alike say something about the person.
const CONSTANT_FROM: u32 = 5;

/// Above this share of empty cells people hardly have items in common.
const VERY_SPARSE: f64 = 0.999;

/// What is in the data. The field names in camelCase are the `DataReport` of the public API.
#[derive(Clone, Debug, PartialEq)]
pub struct DataReport {
    /// Of the data.
    pub label: String,
    /// Number of ratings.
    pub ratings: usize,
    /// People with at least one rating.
    pub users: usize,
    /// Items with at least one rating.
    pub items: usize,
    /// Items of the catalog, rated or not.
    pub catalog: usize,
    /// Share of the user × item table that is empty: 1 − ratings / (users · items); 0 without ratings.
    pub sparsity: f64,
    /// Of the ratings.
    pub scale: Scale,
    /// Mean rating; 0 without ratings.
    pub mean: f64,
    /// A bar per step of the scale, or ten bins of equal width, named by their middle, where it has none.
    pub histogram: Vec<Bar>,
    /// Ratings per person.
    pub per_user: Spread,
    /// Ratings per item.
    pub per_item: Spread,
    /// First time; absent where no rating has one.
    pub from: Option<Millis>,
    /// Last time; absent where no rating has one.
    pub to: Option<Millis>,
    /// What is not known.
    pub missing: Missing,
    /// People unlike the others.
    pub outliers: Outliers,
    /// Rows not used, by reason.
    pub dropped: Vec<Dropped>,
    /// The first of them, with their place.
    pub problems: Vec<Problem>,
    /// Of the import, and of this report.
    pub warnings: Vec<Warning>,
}

written_as!(DataReport { label => "label", ratings => "ratings", users => "users", items => "items", catalog => "catalog", sparsity => "sparsity", scale => "scale", mean => "mean", histogram => "histogram", per_user => "perUser", per_item => "perItem", from => "from", to => "to", missing => "missing", outliers => "outliers", dropped => "dropped", problems => "problems", warnings => "warnings" });

/// One bar of the histogram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// The step of the scale, or the middle of the bin.
    pub rating: f64,
    /// Ratings there.
    pub count: usize,
}

written_as!(Bar { rating => "rating", count => "count" });

/// How counts are spread; all 0 where there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// Smallest.
    pub min: f64,
    /// The middle one, or the mean of the two in the middle.
    pub median: f64,
    /// Sum over number.
    pub mean: f64,
    /// Largest.
    pub max: f64,
}

written_as!(Spread { min => "min", median => "median", mean => "mean", max => "max" });

/// Facts that are not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Ratings without a time.
    pub timestamps: usize,
    /// Items of the catalog without a title.
    pub titles: usize,
    /// Items of the catalog without genres.
    pub genres: usize,
    /// Items of the catalog without a year.
    pub years: usize,
}

written_as!(Missing { timestamps => "timestamps", titles => "titles", genres => "genres", years => "years" });

/// People unlike the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outliers {
    /// With five ratings or more, all alike.
    pub constant_users: usize,
    /// With more than Q3 + 3 · (Q3 − Q1) ratings, the "far out" of Tukey (1977).
    pub heavy_users: usize,
}

written_as!(Outliers { constant_users => "constantUsers", heavy_users => "heavyUsers" });

/// Looks over the data once; linear time, but for the sorting of the counts.
pub fn report(data: &Interactions, catalog: &[Item], notes: &Notes) -> DataReport {
    let per_user = counts(&data.user, data.users.len());
    let per_item = counts(&data.item, data.items.len());
    let (user_counts, item_counts) = (sorted(&per_user), sorted(&per_item));
    let (ratings, users, items) = (data.len(), user_counts.len(), item_counts.len());
    let cells = users as f64 * items as f64;
    let times = || data.at.iter().copied().filter(|&t| t != NO_TIME);
    let mut report = DataReport {
        label: data.label.clone(),
        ratings,
        users,
        items,
        catalog: catalog.len(),
        sparsity: if ratings == 0 { 0.0 } else { (1.0 - ratings as f64 / cells).max(0.0) },
        scale: data.scale,
        mean: share(data.rating.iter().map(|&r| f64::from(r)).sum(), ratings),
        histogram: histogram(&data.rating, data.scale),
        per_user: spread(&user_counts),
        per_item: spread(&item_counts),
        from: times().reduce(f64::min),
        to: times().reduce(f64::max),
        missing: Missing {
            timestamps: ratings - times().count(),
            titles: count(catalog, |i| i.title.is_empty() || i.title == placeholder(&i.id)),
            genres: count(catalog, |i| i.genres.is_empty()),
            years: count(catalog, |i| i.year.is_none()),
        },
        outliers: Outliers {
            constant_users: constant_users(data, &per_user),
            heavy_users: heavy(&user_counts),
        },
        dropped: notes.dropped.clone(),
        problems: notes.problems.clone(),
        warnings: notes.warnings.clone(),
    };
    report.warnings.extend(warnings(data, &report));
    report
}

fn warnings(data: &Interactions, r: &DataReport) -> Vec<Warning> {
    if r.ratings == 0 {
        return vec![Warning::new("no-ratings", "There are no ratings yet.")];
    }
    let alike = data.rating.iter().all(|&x| x == data.rating[0]);
    let dated = r.ratings - r.missing.timestamps;
    [
        (r.users == 1, "single-user", "All ratings are one person's: others can teach nothing."),
        (r.items == 1, "single-item", "All ratings are of one item: there is no choice."),
        (r.ratings > 1 && alike, "no-variance", "All ratings are alike: nobody's taste shows."),
        (r.sparsity > VERY_SPARSE, "very-sparse", "People have hardly any items in common."),
        (dated == 0, "no-timestamps", "No rating has a time: no split by time."),
        (dated > 0 && !data.has_times(), "few-timestamps", "Too few ratings have a time to split by time."),
        (dated > 1 && r.from == r.to, "one-timestamp", "All times are the same: no split by time."),
    ]
    .into_iter()
    .filter(|(applies, ..)| *applies)
    .map(|(_, code, message)| Warning::new(code, message))
    .collect()
}

fn share(sum: f64, n: usize) -> f64 {
    if n == 0 { 0.0 } else { sum / n as f64 }
}

fn count(catalog: &[Item], wanted: impl Fn(&Item) -> bool) -> usize {
    catalog.iter().filter(|item| wanted(item)).count()
}

fn counts(column: &[u32], size: usize) -> Vec<u32> {
    let mut counts = vec![0; size];
    for &i in column {
        counts[i as usize] += 1;
    }
    counts
}

/// Of those who have any: a part of some data keeps the whole's vocabulary.
fn sorted(counts: &[u32]) -> Vec<u32> {
    let mut counts: Vec<u32> = counts.iter().copied().filter(|&c| c > 0).collect();
    sort_by(&mut counts, u32::cmp);
    counts
}

/// Linear interpolation between order statistics: R's type 7, the default of R and NumPy.
fn quantile(sorted: &[u32], q: f64) -> f64 {
    let at = q * sorted.len().saturating_sub(1) as f64;
    let (below, above) = (at.floor() as usize, at.ceil() as usize);
    match (sorted.get(below), sorted.get(above)) {
        (Some(&a), Some(&b)) => f64::from(a) + (f64::from(b) - f64::from(a)) * (at - at.floor()),
        _ => 0.0,
    }
}

fn spread(sorted: &[u32]) -> Spread {
    Spread {
        min: quantile(sorted, 0.0),
        median: quantile(sorted, 0.5),
        mean: share(sorted.iter().map(|&c| f64::from(c)).sum(), sorted.len()),
        max: quantile(sorted, 1.0),
    }
}

fn heavy(sorted: &[u32]) -> usize {
    let (q1, q3) = (quantile(sorted, 0.25), quantile(sorted, 0.75));
    let fence = q3 + 3.0 * (q3 - q1);
    sorted.iter().filter(|&&c| f64::from(c) > fence).count()
}

fn constant_users(data: &Interactions, per_user: &[u32]) -> usize {
    let mut first = vec![None; per_user.len()];
    let mut constant: Vec<bool> = per_user.iter().map(|&c| c >= CONSTANT_FROM).collect();
    for (&u, &r) in data.user.iter().zip(&data.rating) {
        constant[u as usize] &= *first[u as usize].get_or_insert(r) == r;
    }
    constant.into_iter().filter(|&c| c).count()
}

fn histogram(ratings: &[f32], Scale { min, max, step }: Scale) -> Vec<Bar> {
    let steps = if step > 0.0 { ((max - min) / step).round() as usize + 1 } else { 0 };
    let stepped = (2..=MAX_STEPS).contains(&steps);
    let bars = if stepped { steps } else { BINS };
    let width = if stepped { step } else { (max - min) / BINS as f64 };
    let mut counts = vec![0usize; bars];
    for &r in ratings {
        let at = (f64::from(r) - min) / width;
        let at = if stepped { at.round() } else { at.floor() };
        // The cast takes what lies below to 0; the top of the scale belongs to the last bin.
        counts[(at as usize).min(bars - 1)] += 1;
    }
    let middle = if stepped { 0.0 } else { 0.5 };
    let bar = |(i, count)| {
        let rating = min + (i as f64 + middle) * width;
        // 0.1 · 3 is not 0.3; a label should be.
        let neat = (rating * 1e9).round() / 1e9;
        Bar { rating: if neat.is_finite() { neat } else { rating }, count }
    };
    counts.into_iter().enumerate().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(r: &DataReport) -> Vec<&str> {
        r.warnings.iter().map(|w| w.code.as_str()).collect()
    }

    #[test]
    fn nothing_gives_zeros_and_no_nan() {
        let r = report(&Interactions::default(), &[], &Notes::default());
        assert_eq!((r.ratings, r.users, r.items, r.catalog, r.mean, r.sparsity), (0, 0, 0, 0, 0.0, 0.0));
        assert_eq!(
            (r.per_user, r.per_item, r.from, r.to),
            (Spread::default(), Spread::default(), None, None)
        );
        assert_eq!((r.histogram.len(), r.histogram.iter().map(|b| b.count).sum::<usize>()), (10, 0));
        assert_eq!(codes(&r), ["no-ratings"]);
    }

    #[test]
    fn figures_of_a_small_table_are_those_counted_by_hand() {
        let mut x = Interactions { label: "hand-made".into(), ..Interactions::default() };
        for (u, i, r, at) in
            [("u", "a", 1.0, 9.0), ("u", "b", 4.5, 7.0), ("v", "a", 4.5, NO_TIME), ("w", "a", 5.0, 8.0)]
        {
            x.push(u, i, r, at);
        }
        x.users.intern("nobody");
        let catalog = [
            Item { id: "a".into(), title: "A".into(), year: Some(1999.0), ..Item::default() },
            Item { id: "b".into(), title: "Item b".into(), genres: vec!["War".into()], ..Item::default() },
            Item { id: "c".into(), ..Item::default() },
        ];
        let r = report(&x, &catalog, &Notes::default());
        assert_eq!((r.label.as_str(), r.ratings, r.users, r.items, r.catalog), ("hand-made", 4, 3, 2, 3));
        assert!((r.sparsity - 2.0 / 6.0).abs() < 1e-12);
        assert_eq!(r.mean, 3.75);
        assert_eq!(r.per_user, Spread { min: 1.0, median: 1.0, mean: 4.0 / 3.0, max: 2.0 });
        assert_eq!(r.per_item, Spread { min: 1.0, median: 2.0, mean: 2.0, max: 3.0 });
        assert_eq!((r.from, r.to), (Some(7.0), Some(9.0)));
        assert_eq!(r.missing, Missing { timestamps: 1, titles: 2, genres: 2, years: 2 });
        assert_eq!(r.histogram[8], Bar { rating: 4.5, count: 2 });
        assert_eq!(codes(&r), ["few-timestamps"]);
    }

    #[test]
    fn people_unlike_the_others_are_counted_at_the_limits() {
        let mut x = Interactions::default();
        for i in 0..4 {
            x.push("four alike", &format!("i{i}"), 3.0, NO_TIME);
        }
        for i in 0..5 {
            x.push("five alike", &format!("i{i}"), 3.0, NO_TIME);
            x.push("mixed", &format!("i{i}"), i as f32, NO_TIME);
        }
        assert_eq!(
            report(&x, &[], &Notes::default()).outliers,
            Outliers { constant_users: 1, heavy_users: 0 }
        );
        // Three people are too few for anybody to be far out.
        for u in 0..8 {
            for i in 0..5 {
                x.push(&format!("u{u}"), &format!("i{i}"), (i % 4) as f32 + 1.0, NO_TIME);
            }
        }
        // Now Q1 = Q3 = 5: six ratings are already far out, five are not.
        for i in 0..6 {
            x.push("six", &format!("i{i}"), (i % 3) as f32 + 1.0, NO_TIME);
        }
        assert_eq!(
            report(&x, &[], &Notes::default()).outliers,
            Outliers { constant_users: 1, heavy_users: 1 }
        );
    }

    #[test]
    fn continuous_and_very_fine_scales_are_shown_in_ten_bins() {
        let scale = |min, max, step| Scale { min, max, step };
        let h = histogram(&[-10.0, -8.1, 0.0, 10.0], scale(-10.0, 10.0, 0.0));
        assert_eq!(h.iter().map(|b| b.count).collect::<Vec<_>>(), [2, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
        assert_eq!((h[0].rating, h[9].rating), (-9.0, 9.0));
        assert_eq!(histogram(&[], scale(0.0, 1e6, 1.0)).len(), 10);
        assert_eq!(histogram(&[], scale(0.0, 100.0, 1.0)).len(), 101);
        assert_eq!(histogram(&[0.3, 0.7], scale(0.0, 1.0, 0.1))[3], Bar { rating: 0.3, count: 1 });
    }

    #[test]
    fn odd_data_is_warned_of() {
        let mut x = Interactions::default();
        x.push("u", "a", 3.0, 5.0);
        x.push("u", "b", 3.0, 5.0);
        assert_eq!(
            codes(&report(&x, &[], &Notes::default())),
            ["single-user", "no-variance", "one-timestamp"]
        );
        let mut x = Interactions::default();
        for i in 0..2000 {
            x.push(&format!("u{i}"), &format!("i{i}"), 1.0 + (i % 2) as f32, NO_TIME);
        }
        assert_eq!(codes(&report(&x, &[], &Notes::default())), ["very-sparse", "no-timestamps"]);
    }

    #[test]
    fn it_is_written_in_the_words_of_the_public_api() {
        let mut x = Interactions::default();
        x.push("u", "a", 3.0, 5.0);
        let notes = Notes {
            dropped: vec![Dropped { reason: "duplicate".into(), count: 2 }],
            problems: vec![Problem {
                file: "f".into(),
                row: 3,
                reason: "ragged-row".into(),
                got: "x".into(),
            }],
            warnings: vec![Warning::new("not-utf-8", "…")],
        };
        let json = serde_json::from_str::<serde_json::Value>(&crate::ground::json::write(
            &report(&x, &[], &notes).into(),
        ))
        .unwrap();
        let mut keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
        let mut expected = vec![
            "label",
            "ratings",
            "users",
            "items",
            "catalog",
            "sparsity",
            "scale",
            "mean",
            "histogram",
            "perUser",
            "perItem",
            "from",
            "to",
            "missing",
            "outliers",
            "dropped",
            "problems",
            "warnings",
        ];
        expected.sort_unstable();
        keys.sort_unstable();
        assert_eq!(keys, expected);
        assert_eq!(json["outliers"], serde_json::json!({ "constantUsers": 0, "heavyUsers": 0 }));
        assert_eq!(json["dropped"], serde_json::json!([{ "reason": "duplicate", "count": 2 }]));
        assert_eq!(
            json["problems"][0],
            serde_json::json!({ "file": "f", "row": 3, "reason": "ragged-row", "got": "x" })
        );
        assert_eq!(json["warnings"][0]["code"], "not-utf-8");
    }
}
