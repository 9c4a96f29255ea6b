//! What becomes of which field: declared as data, checked before anything is learned.
//!
//! ```json
//! { "features": [
//!     { "field": "genres", "encode": "multi-hot", "most": 30 },
//!     { "field": "year", "encode": "number", "missing": "median", "scale": "standard" },
//!     { "field": "context.mood", "encode": "one-hot" } ],
//!   "cross": [ ["context.mood", "genres"] ],
//!   "select": { "variance": 0, "mutualInformation": 60 } }
//! ```
//!
//! `docs/features.md` has every option with its default and the reason for it.

use crate::ground::fields::{Fields, FromFields};
use crate::ground::json::{Value, number as shown, write};
use crate::ground::{Error, Result};

/// Most features, and most pairs to be crossed, in a spec.
const MOST: usize = 200;

/// What stands in for a number that is missing.
#[derive(Clone, Debug, PartialEq)]
pub enum Missing {
    /// This number.
    Constant(f64),
    /// The mean of those that are known.
    Mean,
    /// Their median.
    Median,
    /// The commonest of them, the smaller one of two as common.
    Mode,
    /// The mean over the five records that share most words of another field.
    Nearest(String),
}

/// How numbers are brought to one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scaling {
    /// As they are.
    None,
    /// Less the mean, over the standard deviation.
    Standard,
    /// Smallest 0, largest 1.
    MinMax,
}

/// How a number becomes columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Numeric {
    /// What stands in for missing ones.
    pub missing: Missing,
    /// Whether a column says that it was missing.
    pub indicator: bool,
    /// How they are brought to one size.
    pub scaling: Scaling,
    /// What lies outside counts as missing: a film of −3 minutes has no known length.
    pub range: (f64, f64),
}

/// How words become columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Wording {
    /// At most so many words, commonest first.
    pub most: usize,
    /// Fewest records that must say a word.
    pub least: usize,
    /// These words and no others, each with other ways to write it.
    pub fixed: Vec<Vec<String>>,
    /// Whether one column stands for all other words, and one for nothing said.
    pub unknown: bool,
}

/// What becomes of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Encode {
    /// A number.
    Number(Numeric),
    /// A column for each of so many ranges with as many records each, and one for missing.
    Buckets(usize, (f64, f64)),
    /// A column per word.
    Words(Wording),
    /// So many columns, each for the words that are hashed there, with a sign.
    Hash(usize),
    /// The same for the words of a text, weighted by how rare they are.
    TfIdf(usize),
    /// Words as points of so many dimensions: alike where they are said together.
    Embedding(usize, Wording),
    /// The mean of what is to be predicted, by word; drawn to the mean of all as by so many records.
    Target(f64),
    /// Numbers as they stand.
    Vector,
}

/// One field and what becomes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// The field.
    pub field: String,
    /// What becomes of it.
    pub encode: Encode,
}

/// Which columns stay.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Select {
    /// Columns that vary no more than this are left out.
    pub variance: f64,
    /// The so many columns that say most of what is to be predicted; `None` for all.
    pub mutual_information: Option<usize>,
    /// The so many columns that come first on the path of a regression with an absolute penalty; `None` for all.
    pub l1: Option<usize>,
    /// The so many columns without which a forest errs most; `None` for all.
    pub permutation: Option<usize>,
}

/// A checked spec.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// Fields, in order of columns.
    pub features: Vec<Feature>,
    /// Pairs of fields whose columns are multiplied with each other.
    pub cross: Vec<[String; 2]>,
    /// Which columns stay.
    pub select: Select,
    /// What the clock of whoever rates is ahead of UTC, in minutes.
    pub utc_offset: f64,
}

/// No clock is more than a day ahead or behind.
const MOST_OFFSET: f64 = 1440.0;

const ENCODINGS: &str = "number, buckets, one-hot, multi-hot, hash, tf-idf, embedding, target or vector";

impl FromFields for Spec {
    fn read(f: &mut Fields) -> Result<Spec> {
        let mut features = Vec::new();
        for (at, value) in few(f, "features")?.into_iter().enumerate() {
            features.push(Feature::decode(format!("{}[{at}]", f.place("features")), value)?);
        }
        let mut cross = Vec::new();
        for (at, value) in few(f, "cross")?.into_iter().enumerate() {
            let place = format!("{}[{at}]", f.place("cross"));
            let name =
                |v: &Value| v.as_str().filter(|n| features.iter().any(|x| x.field == *n)).map(str::to_owned);
            match value.as_array() {
                Some([a, b]) => match (name(a), name(b)) {
                    (Some(a), Some(b)) => cross.push([a, b]),
                    _ => {
                        return Err(Error::argument(
                            place,
                            "two fields that are among the features",
                            write(&value),
                        ));
                    }
                },
                _ => return Err(Error::argument(place, "two fields", write(&value))),
            }
        }
        let select = match f.value("select") {
            None => Select::default(),
            Some(value) => Select::decode(f.place("select"), value)?,
        };
        if features.is_empty() {
            return Err(Error::argument(f.place("features"), "at least one feature", "none"));
        }
        let utc_offset = f.number("utcOffset")?.unwrap_or(0.0);
        if utc_offset.is_nan() || utc_offset.abs() > MOST_OFFSET {
            let expected = "minutes ahead of UTC, -1440 to 1440";
            return Err(Error::argument(f.place("utcOffset"), expected, shown(utc_offset)));
        }
        Ok(Spec { features, cross, select, utc_offset })
    }
}

impl FromFields for Select {
    fn read(f: &mut Fields) -> Result<Select> {
        let variance = f.number("variance")?.unwrap_or(0.0);
        if variance.is_nan() || variance < 0.0 {
            return Err(Error::argument(f.place("variance"), "0 or more", shown(variance)));
        }
        let mut most = |key| count(f, key, (1, 10_000));
        let (mutual_information, l1, permutation) =
            (most("mutualInformation")?, most("l1")?, most("permutation")?);
        Ok(Select { variance, mutual_information, l1, permutation })
    }
}

impl FromFields for Feature {
    fn read(f: &mut Fields) -> Result<Feature> {
        let field = f.needed_text("field")?;
        let encode = match f.needed_text("encode")?.as_str() {
            "number" => Encode::Number(Numeric {
                missing: missing(f)?,
                indicator: f.flag("indicator")?.unwrap_or(true),
                scaling: scaling(f)?,
                range: range(f)?,
            }),
            "buckets" => Encode::Buckets(count(f, "bins", (2, 64))?.unwrap_or(8), range(f)?),
            "one-hot" | "multi-hot" => Encode::Words(wording(f)?),
            "hash" => Encode::Hash(count(f, "buckets", (2, 4096))?.unwrap_or(32)),
            "tf-idf" => Encode::TfIdf(count(f, "buckets", (2, 4096))?.unwrap_or(64)),
            "embedding" => Encode::Embedding(count(f, "factors", (1, 32))?.unwrap_or(4), wording(f)?),
            "target" => match f.number("smoothing")?.unwrap_or(10.0) {
                s if s >= 0.0 => Encode::Target(s),
                s => return Err(Error::argument(f.place("smoothing"), "0 or more, in records", shown(s))),
            },
            "vector" => Encode::Vector,
            other => return Err(Error::argument(f.place("encode"), ENCODINGS, format!("{other:?}"))),
        };
        Ok(Feature { field, encode })
    }
}

fn few(f: &mut Fields, key: &'static str) -> Result<Vec<Value>> {
    let list = f.list(key)?;
    if list.len() > MOST {
        return Err(Error::argument(f.place(key), format!("at most {MOST}"), list.len()));
    }
    Ok(list)
}

fn count(f: &mut Fields, key: &'static str, (low, high): (usize, usize)) -> Result<Option<usize>> {
    match f.number(key)? {
        None => Ok(None),
        Some(n) if n.fract() == 0.0 && n >= low as f64 && n <= high as f64 => Ok(Some(n as usize)),
        Some(n) => Err(Error::argument(f.place(key), format!("a whole number, {low} to {high}"), shown(n))),
    }
}

fn missing(f: &mut Fields) -> Result<Missing> {
    let place = f.place("missing");
    let Some(value) = f.value("missing") else { return Ok(Missing::Median) };
    match &value {
        Value::String(word) if word == "mean" => return Ok(Missing::Mean),
        Value::String(word) if word == "median" => return Ok(Missing::Median),
        Value::String(word) if word == "mode" => return Ok(Missing::Mode),
        Value::Number(x) if x.is_finite() => return Ok(Missing::Constant(*x)),
        Value::Object(_) => {
            let mut inner = Fields::of(place.clone(), value.clone())?;
            let field = inner.needed_text("nearest")?;
            inner.finish()?;
            return Ok(Missing::Nearest(field));
        }
        _ => {}
    }
    Err(Error::argument(
        place,
        "a number, \"mean\", \"median\", \"mode\" or { \"nearest\": a field }",
        write(&value),
    ))
}

fn scaling(f: &mut Fields) -> Result<Scaling> {
    match f.text("scale")?.as_deref() {
        None | Some("standard") => Ok(Scaling::Standard),
        Some("min-max") => Ok(Scaling::MinMax),
        Some("none") => Ok(Scaling::None),
        Some(other) => Err(Error::argument(
            f.place("scale"),
            "\"standard\", \"min-max\" or \"none\"",
            format!("{other:?}"),
        )),
    }
}

fn range(f: &mut Fields) -> Result<(f64, f64)> {
    let low = f.number("min")?.unwrap_or(f64::NEG_INFINITY);
    let high = f.number("max")?.unwrap_or(f64::INFINITY);
    if low < high {
        return Ok((low, high));
    }
    Err(Error::argument(f.place("max"), format!("above min, {}", shown(low)), shown(high)))
}

fn wording(f: &mut Fields) -> Result<Wording> {
    let mut fixed = Vec::new();
    for (at, value) in f.list("words")?.into_iter().enumerate() {
        let place = format!("{}[{at}]", f.place("words"));
        let ways = match value {
            Value::String(word) => vec![word],
            Value::Array(_) => {
                let mut inner = Fields::of(place.clone(), crate::ground::json::object([("ways", value)]))?;
                inner.texts("ways")?
            }
            other => return Err(Error::argument(place, "a word, or ways to write it", write(&other))),
        };
        if ways.is_empty() {
            return Err(Error::argument(place, "at least one way to write it", "none"));
        }
        fixed.push(ways);
    }
    Ok(Wording {
        most: count(f, "most", (1, 2000))?.unwrap_or(40),
        least: count(f, "least", (1, 1_000_000))?.unwrap_or(2),
        fixed,
        unknown: f.flag("unknown")?.unwrap_or(true),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn spec(value: serde_json::Value) -> Result<Spec> {
        Spec::decode("features", value.into())
    }

    #[test]
    fn what_is_left_out_is_the_default() {
        let s = spec(json!({ "features": [{ "field": "year", "encode": "number" }] })).unwrap();
        let Encode::Number(n) = &s.features[0].encode else { unreachable!() };
        assert_eq!((&n.missing, n.indicator, n.scaling), (&Missing::Median, true, Scaling::Standard));
        assert_eq!(s.select, Select::default());
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        let one = |feature: serde_json::Value| json!({ "features": [{ "field": "a", "encode": "one-hot" }, feature] });
        for (bad, place) in [
            (json!({ "features": [] }), "features.features"),
            (one(json!({ "field": "b", "encode": "onehot" })), "features.features[1].encode"),
            (
                one(json!({ "field": "b", "encode": "number", "missing": "avg" })),
                "features.features[1].missing",
            ),
            (
                one(json!({ "field": "b", "encode": "number", "missing": { "near": "a" } })),
                "features.features[1].missing.nearest",
            ),
            (
                one(json!({ "field": "b", "encode": "number", "min": 5, "max": 5 })),
                "features.features[1].max",
            ),
            (one(json!({ "field": "b", "encode": "buckets", "bins": 1 })), "features.features[1].bins"),
            (one(json!({ "field": "b", "encode": "number", "bins": 4 })), "features.features[1].bins"),
            (
                one(json!({ "field": "b", "encode": "one-hot", "words": [[]] })),
                "features.features[1].words[0]",
            ),
            (
                json!({ "features": [{ "field": "a", "encode": "one-hot" }], "cross": [["a", "z"]] }),
                "features.cross[0]",
            ),
            (
                json!({ "features": [{ "field": "a", "encode": "one-hot" }], "select": { "variance": -1 } }),
                "features.select.variance",
            ),
            (
                json!({ "features": [{ "field": "a", "encode": "one-hot" }], "select": { "l1": 0 } }),
                "features.select.l1",
            ),
            (
                json!({ "features": [{ "field": "hour", "encode": "number" }], "utcOffset": 2000 }),
                "features.utcOffset",
            ),
        ] {
            assert_eq!(spec(bad.clone()).unwrap_err().place(), place, "{bad}");
        }
    }
}
