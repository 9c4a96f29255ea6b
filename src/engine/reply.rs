//! What callers are told, in their words.

use crate::data::Warning;
use crate::explain::Reason;
use crate::ground::json::{Value, written_as};
use crate::lifecycle::Version;
use crate::rank::Tier;

/// How sure a score is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confidence {
    /// "high", "medium" or "low".
    pub level: &'static str,
    /// Lower end of a 90 % interval, on the scale.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

written_as!(Confidence { level => "level", low => "low", high => "high" });

/// One place of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Recommendation {
    /// The item.
    pub item: String,
    /// Expected rating, on the scale.
    pub score: f64,
    /// From 1.
    pub rank: usize,
    /// How sure.
    pub confidence: Confidence,
    /// Version that gave the score.
    pub source: String,
    /// Where the score comes from.
    pub tier: Tier,
    /// Where asked for.
    pub reasons: Option<Vec<Reason>>,
}

written_as!(Recommendation { item => "item", score => "score", rank => "rank", confidence => "confidence", source => "source", tier => "tier", reasons => "reasons" });

/// A list, and what deserves a look.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// Best first.
    pub list: Vec<Recommendation>,
    /// Options that had no effect.
    pub warnings: Vec<Warning>,
}

written_as!(List { list => "list", warnings => "warnings" });

/// What one rating adds to a score.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    /// The rated item.
    pub item: String,
    /// The person's rating.
    pub rating: f64,
    /// In rating points.
    pub contribution: f64,
}

written_as!(Contribution { item => "item", rating => "rating", contribution => "contribution" });

/// What one feature adds to a score.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureShare {
    /// The field; two joined by " × " for a product.
    pub field: String,
    /// Which of its columns; empty where there is one.
    pub part: String,
    /// In rating points.
    pub contribution: f64,
}

written_as!(FeatureShare { field => "field", part => "part", contribution => "contribution" });

/// How a score came about: baseline + contributions + features + context + nudge = raw.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The item.
    pub item: String,
    /// `raw`, clipped to the scale.
    pub score: f64,
    /// Not clipped.
    pub raw: f64,
    /// The score of somebody nothing is known about.
    pub baseline: f64,
    /// What the person's own rating of this very item adds; 0 where there is none.
    pub nudge: f64,
    /// What the circumstances add that were asked about; 0 without any.
    pub context: f64,
    /// Largest first.
    pub contributions: Vec<Contribution>,
    /// What features add, largest first, under a model that learns from features.
    pub features: Vec<FeatureShare>,
    /// How sure.
    pub confidence: Confidence,
    /// Where the score comes from.
    pub tier: Tier,
    /// Version that gave the score.
    pub source: String,
    /// Strongest first.
    pub reasons: Vec<Reason>,
}

written_as!(Explanation { item => "item", score => "score", raw => "raw", baseline => "baseline", nudge => "nudge", context => "context", contributions => "contributions", features => "features", confidence => "confidence", tier => "tier", source => "source", reasons => "reasons" });

/// One predicted rating.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// The item.
    pub item: String,
    /// NaN where nothing can be said.
    pub value: f64,
    /// "none" where nothing can be said.
    pub tier: &'static str,
    /// Why nothing can be said.
    pub reason: Option<&'static str>,
    /// How sure.
    pub confidence: Option<Confidence>,
}

written_as!(Prediction { item => "item", value => "value", tier => "tier", reason => "reason", confidence => "confidence" });

/// An item like another.
#[derive(Clone, Debug, PartialEq)]
pub struct SimilarItem {
    /// The item.
    pub item: String,
    /// Cosine of the factors, −1 to 1.
    pub similarity: f64,
}

written_as!(SimilarItem { item => "item", similarity => "similarity" });

/// The state of the engine.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// Rows of feedback.
    pub events: usize,
    /// Items of the catalog.
    pub catalog: usize,
    /// The serving version.
    pub active: Option<String>,
    /// True while a training is under way.
    pub training: bool,
    /// The scale ratings are checked against.
    pub scale: crate::data::Scale,
    /// Imported or given ratings.
    pub ratings: usize,
    /// Circumstances the serving model knows, with their words.
    pub context: Value,
    /// Version of this package.
    pub engine: &'static str,
}

written_as!(Status { events => "events", catalog => "catalog", active => "active", training => "training", scale => "scale", ratings => "ratings", context => "context", engine => "engine" });

/// A finished training: what to store.
#[derive(Clone, Debug)]
pub struct TrainedModel {
    /// For the list of versions.
    pub version: Version,
    /// The container.
    pub bytes: Vec<u8>,
}
