//! What callers may ask, in their words. Unknown keys are refused at every level: a misspelt option that silently
//! became the default would be a lie.

use crate::data::Scale;
use crate::data::split::Split;
use crate::ground::{Code, Error, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Decodes a request; `place` names it in errors.
pub fn decode<T: DeserializeOwned>(place: &str, value: Value) -> Result<T> {
    // What is `undefined` or `null` is the same as left out.
    let value = if value.is_null() { Value::Object(Default::default()) } else { value };
    serde_json::from_value(value).map_err(|e| {
        let text = e.to_string();
        match text.strip_prefix("unknown field ") {
            Some(rest) => {
                let (got, expected) = rest.split_once(", expected ").unwrap_or((rest, ""));
                Error::new(Code::UnknownOption, "this option does not exist")
                    .at(place)
                    .expected(expected)
                    .got(got)
            }
            None => Error::new(Code::InvalidArgument, "these options cannot be used").at(place).got(text),
        }
    })
}

/// Lists.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Recommend {
    /// Whose list; default "me".
    pub profile: Option<String>,
    /// Length, 1 to 1,000; default 10.
    pub k: Option<f64>,
    /// Default true.
    pub exclude_seen: Option<bool>,
    /// Only these.
    pub items: Option<Vec<String>>,
    /// None of these.
    pub exclude: Vec<String>,
    /// With reasons; default false.
    pub explain: bool,
    /// 0 to 4 standard errors; default 1.
    pub caution: Option<f64>,
    /// "raise", "warn" (default) or "skip".
    pub on_unsupported: Option<String>,
    /// Mood and the like; no model here uses it yet.
    pub context: Option<serde_json::Map<String, Value>>,
}

/// One item for one person.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct About {
    /// The item.
    pub item: String,
    /// For whom; default "me".
    pub profile: Option<String>,
}

/// Items like one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Similar {
    /// The item.
    pub item: String,
    /// How many, 1 to 1,000; default 10.
    pub k: Option<f64>,
}

/// Training.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Train {
    /// Public name of the model.
    pub model: String,
    /// Its parameters.
    pub params: Option<Value>,
    /// What is held out.
    pub validation: Option<SplitRequest>,
    /// Epochs without improvement; default 3.
    pub patience: Option<f64>,
    /// Seed.
    pub seed: f64,
}

/// A split as it is asked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SplitRequest {
    /// "none", "random", "time", "leave-last"; for evaluation also "k-fold" and "given".
    pub split: String,
    /// Share held out.
    #[serde(default)]
    pub fraction: Option<f64>,
    /// Rows per person.
    #[serde(default)]
    pub n: Option<f64>,
    /// For "k-fold"; default 5.
    #[serde(default)]
    pub folds: Option<f64>,
}

impl SplitRequest {
    /// One split; `share` is the default fraction.
    pub fn split(&self, share: f64) -> Result<Split> {
        let fraction = self.fraction.unwrap_or(share);
        match self.split.as_str() {
            "none" => Ok(Split::None),
            "random" => Split::Random { fraction }.check("split"),
            "time" => Split::Time { fraction }.check("split"),
            "leave-last" => Ok(Split::LeaveLast { n: whole("split.n", self.n, 1, 1, 1000)? }),
            other => {
                let expected = "\"none\", \"random\", \"time\" or \"leave-last\"";
                Err(Error::argument("split", expected, format!("{other:?}")))
            }
        }
    }
}

/// Evaluation.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Evaluate {
    /// How ratings are held out; default a random fifth.
    pub protocol: Option<SplitRequest>,
    /// Length of lists; default 10.
    pub k: Option<f64>,
    /// Seed.
    pub seed: f64,
    /// What to measure.
    pub models: Vec<Candidate>,
}

/// A model to be measured.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Candidate {
    /// Name for people; default the model's.
    pub name: Option<String>,
    /// Version the parameters come from.
    pub version: Option<String>,
    /// Public name of the model.
    pub model: String,
    /// Its parameters.
    pub params: Option<Value>,
}

/// Columns that come beside typed arrays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Columns {
    /// Ids of people.
    pub user_ids: Vec<String>,
    /// Ids of items.
    pub item_ids: Vec<String>,
    /// The scale; guessed where it is left out.
    pub scale: Option<Scale>,
    /// Shown beside everything learned from it.
    pub label: Option<String>,
}

/// Importing files.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Import {
    /// For headers that are not known.
    pub mapping: Option<Mapping>,
    /// The scale.
    pub scale: Option<Scale>,
    /// Shown beside everything learned from it.
    pub label: Option<String>,
}

/// Which column is what.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mapping {
    /// Header of the people's column.
    pub user: String,
    /// Header of the items' column.
    pub item: String,
    /// Header of the ratings' column.
    pub rating: String,
    /// Header of the times' column.
    #[serde(default)]
    pub timestamp: Option<String>,
    /// Header of the titles' column.
    #[serde(default)]
    pub title: Option<String>,
    /// Header of the genres' column.
    #[serde(default)]
    pub genres: Option<String>,
}

/// A whole number within limits.
pub fn whole(place: &str, value: Option<f64>, default: usize, low: usize, high: usize) -> Result<usize> {
    match value {
        None => Ok(default),
        Some(v) if v.fract() == 0.0 && v >= low as f64 && v <= high as f64 => Ok(v as usize),
        Some(v) => Err(Error::argument(place, format!("a whole number from {low} to {high}"), v)),
    }
}

/// A seed: an integer that a JavaScript number holds exactly.
pub fn seed(value: f64) -> Result<u64> {
    if value >= 0.0 && value.fract() == 0.0 && value <= 9_007_199_254_740_991.0 {
        return Ok(value as u64);
    }
    Err(Error::argument("seed", "a whole number from 0 to 2^53 - 1", value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn misspelt_options_are_refused_with_the_names_that_exist() {
        let e = decode::<Recommend>("recommend", json!({ "excludeseen": true })).unwrap_err();
        assert_eq!((e.code(), e.place(), e.found()), (Code::UnknownOption, "recommend", "`excludeseen`"));
        assert!(e.expectation().contains("`excludeSeen`"));
        let e =
            decode::<Train>("train", json!({ "model": "x", "validation": { "split": "time", "part": 1 } }));
        assert_eq!(e.unwrap_err().code(), Code::UnknownOption);
        let e = decode::<Recommend>("recommend", json!({ "k": "ten" })).unwrap_err();
        assert_eq!(e.code(), Code::InvalidArgument);
        assert!(decode::<Recommend>("recommend", Value::Null).is_ok());
    }

    #[test]
    fn counts_and_seeds_are_checked_at_their_limits() {
        assert_eq!(whole("k", None, 10, 1, 1000).unwrap(), 10);
        assert_eq!(whole("k", Some(1000.0), 10, 1, 1000).unwrap(), 1000);
        for bad in [0.0, 1001.0, 1.5, -1.0, f64::NAN] {
            assert_eq!(whole("k", Some(bad), 10, 1, 1000).unwrap_err().place(), "k");
        }
        assert!(seed(9_007_199_254_740_991.0).is_ok());
        assert!(seed(-1.0).is_err() && seed(0.5).is_err() && seed(f64::NAN).is_err());
    }
}
