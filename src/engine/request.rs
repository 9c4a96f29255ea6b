//! What callers may ask, in their words. Unknown keys are refused at every level: a misspelt option that silently
//! became the default would be a lie.

use crate::data::context::{Circumstance, moment};
pub use crate::data::import::Mapping;
use crate::data::split::Split;
use crate::data::{Contexts, Moment, Scale};
use crate::ground::fields::{Fields, FromFields};
use crate::ground::json::{Value, number as shown, object};
use crate::ground::{Error, Result};

/// Lists.
#[derive(Clone, Debug, Default)]
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
    /// Weight of how many rated an item, 0 to 4; default 1. See [`crate::models::Known::rank`].
    pub caution: Option<f64>,
    /// "raise", "warn" (default) or "skip".
    pub on_unsupported: Option<String>,
    /// Mood and the like, now.
    pub context: Moment,
}

/// One item for one person.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The item.
    pub item: String,
    /// For whom; default "me".
    pub profile: Option<String>,
    /// Mood and the like, now.
    pub context: Moment,
}

/// Items like one.
#[derive(Clone, Debug, Default)]
pub struct Similar {
    /// The item.
    pub item: String,
    /// How many, 1 to 1,000; default 10.
    pub k: Option<f64>,
}

/// Training.
#[derive(Clone, Debug, Default)]
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
    /// Id of the version it goes on from; its bytes come beside.
    pub from: Option<String>,
}

/// A search for good parameters.
#[derive(Clone, Debug, Default)]
pub struct Sought {
    /// Public name of the model.
    pub model: String,
    /// Parameters that stay as they are.
    pub params: Option<Value>,
    /// How many are tried; default 16.
    pub trials: Option<f64>,
    /// "rmse" or "ndcg"; default what the model is good at.
    pub metric: Option<String>,
    /// What is held out; default a random fifth.
    pub protocol: Option<SplitRequest>,
    /// Epochs without improvement; default 3.
    pub patience: Option<f64>,
    /// Seed.
    pub seed: f64,
}

/// A split as it is asked for.
#[derive(Clone, Debug)]
pub struct SplitRequest {
    /// "none", "random", "time", "leave-last"; for evaluation also "k-fold" and "given".
    pub split: String,
    /// Share held out.
    pub fraction: Option<f64>,
    /// Rows per person.
    pub n: Option<f64>,
    /// For "k-fold"; default 5.
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
#[derive(Clone, Debug, Default)]
pub struct Evaluate {
    /// How ratings are held out; default a random fifth.
    pub protocol: Option<SplitRequest>,
    /// Length of lists; default 10.
    pub k: Option<f64>,
    /// Seed.
    pub seed: f64,
    /// What to measure.
    pub models: Vec<Candidate>,
    /// Whether `item-knn` is measured, too, where it is not among them; default true.
    pub baselines: bool,
}

/// A model to be measured.
#[derive(Clone, Debug, Default)]
pub struct Candidate {
    /// Name for people; default the model's.
    pub name: Option<String>,
    /// Version the parameters come from.
    pub version: Option<String>,
    /// Public name of the model.
    pub model: String,
    /// Its parameters.
    pub params: Option<Value>,
    /// Share of the training ratings it learns from, above 0, up to 1; default 1.
    pub share: Option<f64>,
}

/// Columns that come beside typed arrays.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    /// Ids of people.
    pub user_ids: Vec<String>,
    /// Ids of items.
    pub item_ids: Vec<String>,
    /// The scale; guessed where it is left out.
    pub scale: Option<Scale>,
    /// Shown beside everything learned from it.
    pub label: Option<String>,
    /// Circumstances: names and words; which was said of each row comes beside.
    pub context: Contexts,
}

/// Importing files.
#[derive(Clone, Debug, Default)]
pub struct Import {
    /// For headers that are not known.
    pub mapping: Option<Mapping>,
    /// The scale.
    pub scale: Option<Scale>,
    /// Shown beside everything learned from it.
    pub label: Option<String>,
}

impl FromFields for Recommend {
    fn read(f: &mut Fields) -> Result<Recommend> {
        Ok(Recommend {
            profile: f.text("profile")?,
            k: f.number("k")?,
            exclude_seen: f.flag("excludeSeen")?,
            items: match f.value("items") {
                None => None,
                Some(list) => Some(Fields::of("recommend", object([("items", list)]))?.texts("items")?),
            },
            exclude: f.texts("exclude")?,
            explain: f.flag("explain")?.unwrap_or(false),
            caution: f.number("caution")?,
            on_unsupported: f.text("onUnsupported")?,
            context: context(f)?,
        })
    }
}

impl FromFields for About {
    fn read(f: &mut Fields) -> Result<About> {
        Ok(About { item: f.needed_text("item")?, profile: f.text("profile")?, context: context(f)? })
    }
}

/// Circumstances under the key of that name.
fn context(f: &mut Fields) -> Result<Moment> {
    let place = f.place("context");
    moment(&place, f.value("context").as_ref())
}

impl FromFields for Similar {
    fn read(f: &mut Fields) -> Result<Similar> {
        Ok(Similar { item: f.needed_text("item")?, k: f.number("k")? })
    }
}

impl FromFields for Train {
    fn read(f: &mut Fields) -> Result<Train> {
        Ok(Train {
            model: f.needed_text("model")?,
            params: f.value("params"),
            validation: split(f, "validation")?,
            patience: f.number("patience")?,
            seed: f.needed_number("seed")?,
            from: f.text("from")?,
        })
    }
}

impl FromFields for Sought {
    fn read(f: &mut Fields) -> Result<Sought> {
        Ok(Sought {
            model: f.needed_text("model")?,
            params: f.value("params"),
            trials: f.number("trials")?,
            metric: f.text("metric")?,
            protocol: split(f, "protocol")?,
            patience: f.number("patience")?,
            seed: f.needed_number("seed")?,
        })
    }
}

/// A split under a key.
fn split(f: &mut Fields, key: &'static str) -> Result<Option<SplitRequest>> {
    f.value(key).map(|value| SplitRequest::decode(f.place(key), value)).transpose()
}

impl FromFields for SplitRequest {
    fn read(f: &mut Fields) -> Result<SplitRequest> {
        Ok(SplitRequest {
            split: f.needed_text("split")?,
            fraction: f.number("fraction")?,
            n: f.number("n")?,
            folds: f.number("folds")?,
        })
    }
}

impl FromFields for Evaluate {
    fn read(f: &mut Fields) -> Result<Evaluate> {
        let mut models = Vec::new();
        for (at, value) in f.list("models")?.into_iter().enumerate() {
            models.push(Candidate::decode(format!("{}[{at}]", f.place("models")), value)?);
        }
        let (protocol, k, seed) = (split(f, "protocol")?, f.number("k")?, f.needed_number("seed")?);
        let baselines = f.flag("baselines")?.unwrap_or(true);
        Ok(Evaluate { protocol, k, seed, models, baselines })
    }
}

impl FromFields for Candidate {
    fn read(f: &mut Fields) -> Result<Candidate> {
        Ok(Candidate {
            name: f.text("name")?,
            version: f.text("version")?,
            model: f.needed_text("model")?,
            params: f.value("params"),
            share: f.number("share")?,
        })
    }
}

/// A scale under the key of that name.
fn scale(f: &mut Fields) -> Result<Option<Scale>> {
    f.value("scale").map(|value| Scale::decode(f.place("scale"), value)).transpose()
}

impl FromFields for Columns {
    fn read(f: &mut Fields) -> Result<Columns> {
        let (user_ids, item_ids) = (f.texts("userIds")?, f.texts("itemIds")?);
        let (scale, label) = (scale(f)?, f.text("label")?);
        let mut context = Contexts::default();
        for (at, value) in f.list("context")?.into_iter().enumerate() {
            context.kinds.push(Circumstance::decode(format!("{}[{at}]", f.place("context")), value)?);
        }
        Ok(Columns { user_ids, item_ids, scale, label, context })
    }
}

impl FromFields for Import {
    fn read(f: &mut Fields) -> Result<Import> {
        let mapping = f.fields("mapping")?.map(|mut m| {
            let mapping = Mapping {
                user: m.needed_text("user")?,
                item: m.needed_text("item")?,
                rating: m.needed_text("rating")?,
                timestamp: m.text("timestamp")?,
                title: m.text("title")?,
                genres: m.text("genres")?,
                context: m.texts("context")?,
            };
            m.finish().map(|()| mapping)
        });
        Ok(Import { mapping: mapping.transpose()?, scale: scale(f)?, label: f.text("label")? })
    }
}

/// A whole number within limits.
pub fn whole(place: &str, value: Option<f64>, default: usize, low: usize, high: usize) -> Result<usize> {
    match value {
        None => Ok(default),
        Some(v) if v.fract() == 0.0 && v >= low as f64 && v <= high as f64 => Ok(v as usize),
        Some(v) => Err(Error::argument(place, format!("a whole number from {low} to {high}"), shown(v))),
    }
}

/// A seed: an integer that a JavaScript number holds exactly.
pub fn seed(value: f64) -> Result<u64> {
    if value >= 0.0 && value.fract() == 0.0 && value <= 9_007_199_254_740_991.0 {
        return Ok(value as u64);
    }
    Err(Error::argument("seed", "a whole number from 0 to 2^53 - 1", shown(value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::Code;
    use serde_json::json;

    #[test]
    fn misspelt_options_are_refused_with_the_names_that_exist() {
        let e = Recommend::decode("recommend", json!({ "excludeseen": true }).into()).unwrap_err();
        assert_eq!((e.code(), e.place()), (Code::UnknownOption, "recommend.excludeseen"));
        assert!(e.expectation().contains("excludeSeen"));
        let nested = json!({ "model": "x", "seed": 1, "validation": { "split": "time", "part": 1 } }).into();
        let e = Train::decode("train", nested).unwrap_err();
        assert_eq!((e.code(), e.place()), (Code::UnknownOption, "train.validation.part"));
        let e = Recommend::decode("recommend", json!({ "k": "ten" }).into()).unwrap_err();
        assert_eq!((e.code(), e.place()), (Code::InvalidArgument, "recommend.k"));
        assert!(Recommend::decode("recommend", Value::Null).is_ok());
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
