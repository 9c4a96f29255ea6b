//! Lists, predictions, explanations, similar items.

use super::reply::{
    Confidence, Contribution, Explanation, FeatureShare, List, Prediction, Recommendation, SimilarItem,
};
use super::request::{About, Recommend, Similar, whole};
use super::{Active, DEFAULT_PROFILE, Engine};
use crate::data::feedback::Profile;
use crate::data::{Moment, Scale, Warning};
use crate::explain::{Attribution, Moved, Subject, attribute, reasons};
use crate::features::Column;
use crate::ground::json::number as shown;
use crate::ground::sort::sort_by;
use crate::ground::{Code, Error, Result, math};
use crate::learn::Live;
use crate::models::Model;
use crate::models::content::Fitted;
use crate::rank::{self, Candidate, Shelf, Tier};

/// Prior of the personal adjustment of a rated item, see [`Live::nudge`].
const TAU: f64 = 1.0;
/// 5 % of a normal distribution lie above this many standard deviations.
const Z90: f64 = 1.645;

impl Engine {
    /// The best items for a person.
    pub fn recommend(&mut self, ask: &Recommend) -> Result<List> {
        let k = whole("k", ask.k, 10, 1, 1000)?;
        let caution = ask.caution.unwrap_or(1.0);
        if !(0.0..=4.0).contains(&caution) {
            return Err(Error::argument("caution", "a number from 0 to 4", shown(caution)));
        }
        let warnings = self.unsupported(&ask.context, ask.on_unsupported.as_deref())?;
        let wanted = self.wanted(ask)?;
        let profile = ask.profile.as_deref().unwrap_or(DEFAULT_PROFILE);
        let (mut live, values) = match &self.active {
            Some(active) => {
                let mut live = self.live.remove(profile).unwrap_or_else(|| self.solve(active, profile));
                live.enter(&active.model, &ask.context);
                let values = active.model.rank_all(live.now(&active.model), caution);
                (Some(live), values)
            }
            None => (None, Vec::new()),
        };
        let personal = match (&self.active, &mut live) {
            (Some(active), Some(live)) => live.person(&active.model).is_personal(),
            _ => false,
        };
        let content = self.active.as_ref().and_then(|a| a.content.as_ref());
        let ranks = content.map(|c| c.learn(&values));
        let comparable = match (&self.active, &mut live) {
            (Some(active), Some(live)) => active.model.ranks_ratings(live.now(&active.model)),
            _ => true,
        };
        let seen = self.feedback.profile(profile);
        let exclude_seen = ask.exclude_seen.unwrap_or(true);
        let candidates = wanted.into_iter().filter(|&i| {
            let id = self.catalog.ids().id(i);
            let hidden =
                seen.is_some_and(|p: &Profile| p.hidden.contains_key(id) || (exclude_seen && p.knows(id)));
            !hidden && !ask.exclude.iter().any(|x| x == id)
        });
        let tier = if personal { Tier::Personal } else { Tier::Popular };
        let valued = candidates.map(|item| match self.row(item) {
            Some(row) => Candidate { item, value: values[row as usize], tier, shelf: Shelf::Model },
            None => self.candidate(item, ranks.as_ref(), comparable, caution),
        });
        let chosen = rank::list(valued, k);
        let described = chosen.iter().any(|c| c.tier == Tier::Content);
        let scores = live.as_mut().filter(|_| described).and_then(|live| self.content_scores(live));
        let list = chosen
            .into_iter()
            .enumerate()
            .map(|(at, c)| self.place(at + 1, c, live.as_mut(), scores.as_ref(), ask.explain))
            .collect();
        if let Some(live) = live {
            self.live.insert(profile.to_owned(), live);
        }
        Ok(List { list, warnings })
    }

    /// What is asked of circumstances that the active model cannot know of.
    fn unsupported(&self, moment: &Moment, wish: Option<&str>) -> Result<Vec<Warning>> {
        let known = self.active.as_ref().map_or_else(Vec::new, |a| a.model.circumstances());
        let mut ignored = Vec::new();
        for (name, word) in moment.iter() {
            let place = format!("context.{name}");
            match known.iter().find(|(kind, _)| kind == name) {
                None => {
                    let text = format!("The active model does not use {place}; it had no effect.");
                    ignored.push(("context-ignored", place, text));
                }
                Some((_, words)) if !self.active.as_ref().is_some_and(|a| a.model.recognises(name, word)) => {
                    let words = words.join(", ");
                    let text = format!(
                        "The active model does not know {place} {word:?}, only {words}; it had no effect."
                    );
                    ignored.push(("context-unknown", place, text));
                }
                Some(_) => {}
            }
        }
        match (wish.unwrap_or("warn"), ignored.first()) {
            ("raise", Some((_, place, text))) => {
                Err(Error::new(Code::Unsupported, text.trim_end_matches('.'))
                    .at(place)
                    .hint("Leave it out, or pass onUnsupported: \"warn\" or \"skip\"."))
            }
            ("warn", Some(_)) => {
                Ok(ignored.into_iter().map(|(code, _, text)| Warning::new(code, text)).collect())
            }
            ("raise" | "warn" | "skip", _) => Ok(Vec::new()),
            (other, _) => {
                Err(Error::argument("onUnsupported", "\"raise\", \"warn\" or \"skip\"", format!("{other:?}")))
            }
        }
    }

    fn wanted(&self, ask: &Recommend) -> Result<Vec<u32>> {
        let Some(items) = &ask.items else { return Ok((0..self.catalog.len() as u32).collect()) };
        let mut wanted = Vec::with_capacity(items.len());
        for (at, id) in items.iter().enumerate() {
            wanted.push(self.catalog.ids().get(id).ok_or_else(|| unknown_item(&format!("items[{at}]"), id))?);
        }
        sort_by(&mut wanted, u32::cmp);
        wanted.dedup();
        Ok(wanted)
    }

    fn row(&self, item: u32) -> Option<u32> {
        self.active.as_ref().and_then(|a| a.rows[item as usize])
    }

    fn place(
        &self,
        rank: usize,
        c: Candidate,
        live: Option<&mut Live>,
        scores: Option<&Fitted>,
        explain: bool,
    ) -> Recommendation {
        let (active, live, row) = match (&self.active, live, self.row(c.item)) {
            (Some(active), Some(live), Some(row)) => (active, live, row),
            (active, live, _) => {
                let person = active.as_ref().zip(live).map(|(a, live)| live.now(&a.model).clone());
                let mut place = self.place_newcomer(rank, c, person.as_ref(), scores);
                place.reasons = place.reasons.filter(|_| explain);
                return place;
            }
        };
        let nudge = live.nudge(&active.model, row, TAU).map_or(0.0, |n| n.effect);
        let person = live.now(&active.model).clone();
        let raw = active.model.score(&person, row) + nudge;
        let reasons = explain.then(|| self.reasons(active, row, live));
        Recommendation {
            item: self.catalog.ids().id(c.item).to_owned(),
            score: active.model.scale().clip(raw),
            rank,
            confidence: active.confidence(active.model.variance(&person, row), raw),
            source: active.id.clone(),
            tier: c.tier,
            reasons,
        }
    }

    fn reasons(&self, active: &Active, item: u32, live: &mut Live) -> Vec<crate::explain::Reason> {
        let (model, catalog) = (&active.model, &self.catalog);
        let (alike, ratings) = (live.alike(model), history(live));
        let person = live.person(model).clone();
        let attribution = attribute(model, &person, item, &ratings);
        let moment = Moved { by: live.moved(model, item), words: live.moment_words() };
        reasons(&Subject {
            model,
            person: &person,
            ratings: &ratings,
            catalog,
            attribution: &attribution,
            item,
            alike: alike.as_deref(),
            moment,
        })
    }

    /// How a score came about.
    pub fn explain(&mut self, ask: &About) -> Result<Explanation> {
        let Some(active) = &self.active else {
            return Err(Error::new(Code::NoModel, "there is no model whose scores could be explained")
                .hint("Open with a pack, or train a model first."));
        };
        let mut live = self.solve(active, ask.profile.as_deref().unwrap_or(DEFAULT_PROFILE));
        live.enter(&active.model, &ask.context);
        let Some(row) = active.model.ids().get(&ask.item) else {
            let item = self.catalog.ids().get(&ask.item);
            return item
                .and_then(|item| self.explain_newcomer(item, &mut live))
                .ok_or_else(|| unknown_item("item", &ask.item));
        };
        let nudge = live.nudge(&active.model, row, TAU).map_or(0.0, |n| n.effect);
        let person = live.person(&active.model).clone();
        let attribution = attribute(&active.model, &person, row, &history(&live));
        let context = live.moved(&active.model, row);
        let raw = attribution.raw + context + nudge;
        let contributions = named(&active.model, &attribution);
        Ok(Explanation {
            item: ask.item.clone(),
            score: active.model.scale().clip(raw),
            raw,
            baseline: attribution.baseline,
            nudge,
            context,
            contributions,
            features: shares(&attribution),
            confidence: active.confidence(active.model.variance(live.now(&active.model), row), raw),
            tier: if person.is_personal() { Tier::Personal } else { Tier::Popular },
            source: active.id.clone(),
            reasons: self.reasons(active, row, &mut live),
        })
    }

    /// The expected rating of one item; NaN with a reason where nothing can be said.
    pub fn predict(&mut self, ask: &About) -> Prediction {
        let nothing = |reason| Prediction {
            item: ask.item.clone(),
            value: f64::NAN,
            tier: "none",
            reason: Some(reason),
            confidence: None,
        };
        let Some(active) = &self.active else { return nothing("no-model") };
        let mut live = self.solve(active, ask.profile.as_deref().unwrap_or(DEFAULT_PROFILE));
        live.enter(&active.model, &ask.context);
        let Some(row) = active.model.ids().get(&ask.item) else {
            let item = self.catalog.ids().get(&ask.item);
            let Some((raw, confidence, tier)) = item.and_then(|item| self.predict_newcomer(item, &mut live))
            else {
                return nothing("unknown-item");
            };
            return Prediction {
                item: ask.item.clone(),
                value: self.scale_of_scores().clip(raw),
                tier: tier.as_str(),
                reason: None,
                confidence: Some(confidence),
            };
        };
        let nudge = live.nudge(&active.model, row, TAU).map_or(0.0, |n| n.effect);
        let personal = live.person(&active.model).is_personal();
        let person = live.now(&active.model);
        let tier = if personal { "personal" } else { "popular" };
        let raw = active.model.score(person, row) + nudge;
        Prediction {
            item: ask.item.clone(),
            value: active.model.scale().clip(raw),
            tier,
            reason: None,
            confidence: Some(active.confidence(active.model.variance(person, row), raw)),
        }
    }

    /// Items that are alike under the active model.
    pub fn similar(&self, ask: &Similar) -> Result<Vec<SimilarItem>> {
        let k = whole("k", ask.k, 10, 1, 1000)?;
        let active = self.active.as_ref().ok_or_else(no_factors)?;
        let model = &active.model;
        let near = match model.ids().get(&ask.item) {
            Some(row) => model.similar(row, k).ok_or_else(no_factors)?,
            None => self.similar_to_newcomer(active, &ask.item, k)?,
        };
        Ok(near
            .into_iter()
            .map(|(i, s)| SimilarItem { item: model.ids().id(i).to_owned(), similarity: f64::from(s) })
            .collect())
    }

    /// The factors of an item.
    pub fn item_embedding(&self, item: &str) -> Result<Vec<f32>> {
        let active = self.active.as_ref().ok_or_else(no_factors)?;
        match active.model.ids().get(item) {
            Some(row) => active.model.embedding(row).ok_or_else(no_factors),
            None => self.made_embedding(active, item),
        }
    }

    /// The factors of a person: of a profile of this browser by fold-in, else of somebody the model was trained on.
    pub fn user_embedding(&mut self, user: &str) -> Result<Vec<f32>> {
        let unknown =
            || Error::new(Code::UnknownProfile, "nothing is known of this person").at("user").got(user);
        let Some(active) = &self.active else { return Err(unknown()) };
        if active.model.ids().is_empty() || active.model.embedding(0).is_none() {
            return Err(no_factors());
        }
        let mut live = self.solve(active, user);
        let own = active.model.embedding_of(live.person(&active.model));
        own.or_else(|| active.model.trained_embedding(user)).ok_or_else(unknown)
    }
}

/// A person's ratings by item row.
fn history(live: &Live) -> Vec<(u32, f64)> {
    live.ratings().iter().map(|(&j, &r)| (j, r)).collect()
}

pub(super) fn no_factors() -> Error {
    Error::new(Code::Unsupported, "the active model has no factors")
        .expected("a model with embeddings, for example matrix-factorization")
        .hint("Train or activate one.")
}

pub(super) fn unknown_item(place: &str, id: &str) -> Error {
    Error::new(Code::UnknownItem, "this item is not known")
        .at(place)
        .got(format!("{id:?}"))
        .hint("Items are known from the catalog, the pack or imported data.")
}

impl Active {
    /// A score's confidence, given the variance of the score itself.
    pub(super) fn confidence(&self, variance: f64, raw: f64) -> Confidence {
        confidence(self.model.scale(), self.model.noise(), variance, raw)
    }
}

/// How sure a score is: `variance` is its own, `noise` the deviation of a rating around it.
pub(super) fn confidence(scale: Scale, noise: f64, variance: f64, raw: f64) -> Confidence {
    let spread = Z90 * math::sqrt(variance + noise * noise);
    let relative = math::sqrt(variance) / noise;
    let level = match relative {
        r if r < 0.4 => "high",
        r if r < 0.65 => "medium",
        _ => "low",
    };
    Confidence { level, low: scale.clip(raw - spread), high: scale.clip(raw + spread) }
}

/// Features in the caller's words.
pub(super) fn shares(attribution: &Attribution) -> Vec<FeatureShare> {
    let of = |(column, contribution): &(Column, f64)| FeatureShare {
        field: column.field.clone(),
        part: column.part.clone(),
        contribution: *contribution,
    };
    attribution.features.iter().map(of).collect()
}

/// Contributions in the caller's words.
pub(super) fn named(model: &Model, attribution: &Attribution) -> Vec<Contribution> {
    let of = |&(j, rating, contribution): &(u32, f64, f64)| Contribution {
        item: model.ids().id(j).to_owned(),
        rating,
        contribution,
    };
    attribution.contributions.iter().map(of).collect()
}
