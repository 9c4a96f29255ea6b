//! Specs that stand ready.

use super::spec::Spec;
use crate::ground::fields::FromFields;
use crate::ground::json::parse;

/// Names of the presets.
pub const PRESETS: &[&str] = &["standard", "classic", "scoring"];

/// What a film is, who the person is, what fits between the two, and the moment: the default.
const STANDARD: &str = r#"{ "features": [
    { "field": "type", "encode": "one-hot", "most": 8 },
    { "field": "genres", "encode": "multi-hot", "most": 30 },
    { "field": "year", "encode": "number", "min": 1850, "max": 2200 },
    { "field": "duration", "encode": "number", "min": 1, "max": 2000, "missing": { "nearest": "genres" } },
    { "field": "tags", "encode": "hash", "buckets": 16 },
    { "field": "people", "encode": "target", "smoothing": 5 },
    { "field": "description", "encode": "tf-idf", "buckets": 16 },
    { "field": "popularity", "encode": "number", "min": 0 },
    { "field": "age", "encode": "number", "min": 0 },
    { "field": "item.count", "encode": "number" },
    { "field": "item.mean", "encode": "number" },
    { "field": "person.count", "encode": "number" },
    { "field": "person.mean", "encode": "number" },
    { "field": "person.spread", "encode": "number" },
    { "field": "match.genres", "encode": "number", "missing": 0 },
    { "field": "match.years", "encode": "number", "missing": 0 },
    { "field": "match.people", "encode": "number", "missing": 0 },
    { "field": "match.tags", "encode": "number", "missing": 0 },
    { "field": "context.mood", "encode": "one-hot" },
    { "field": "context.group", "encode": "one-hot" },
    { "field": "context.session", "encode": "one-hot" },
    { "field": "context.device", "encode": "one-hot" },
    { "field": "context.hour", "encode": "number", "missing": "mean" },
    { "field": "context.weekday", "encode": "one-hot" } ] }"#;

/// Seventeen features, raw: mood, group, session, five genres, length and year, 0 where those are missing.
const CLASSIC: &str = r#"{ "features": [
    { "field": "context.mood", "encode": "one-hot", "words": ["funny", "action", "dramatic", "relaxing"], "unknown": false },
    { "field": "context.group", "encode": "one-hot", "words": ["solo", "couple", "group"], "unknown": false },
    { "field": "context.session", "encode": "one-hot", "words": ["short", "medium", "binge"], "unknown": false },
    { "field": "genres", "encode": "multi-hot", "unknown": false,
      "words": ["Comedy", "Action", "Drama", "Thriller", ["Science Fiction", "Sci-Fi", "Science-Fiction", "SF"]] },
    { "field": "duration", "encode": "number", "missing": 0, "indicator": false, "scale": "none" },
    { "field": "year", "encode": "number", "missing": 0, "indicator": false, "scale": "none" } ] }"#;

/// What watching itself says of a rating.
const SCORING: &str = r#"{ "features": [
    { "field": "type", "encode": "one-hot" },
    { "field": "duration", "encode": "number", "min": 1 },
    { "field": "completion", "encode": "number", "min": 0, "max": 1, "missing": "mean" },
    { "field": "wouldWatchAgain", "encode": "number", "missing": "mean", "scale": "none" } ] }"#;

/// The spec of a preset.
pub fn preset(name: &str) -> Option<Spec> {
    let text = match name {
        "standard" => STANDARD,
        "classic" => CLASSIC,
        "scoring" => SCORING,
        _ => return None,
    };
    let value = parse(text.as_bytes()).ok()?;
    Spec::decode("features", value).ok()
}
