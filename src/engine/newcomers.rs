//! Items the serving model does not know: what the community says of them, what their description lets expect, or
//! nothing at all.

use super::reply::{Confidence, Explanation, Recommendation};
use super::serve::{confidence, named, no_factors, unknown_item};
use super::{Active, Engine, NO_MODEL, rows};
use crate::data::{Interactions, Scale};
use crate::explain::{Evidence, Reason, attribute_mixture, content_reason};
use crate::ground::top::top_k;
use crate::ground::{Result, math};
use crate::learn::Live;
use crate::models::content::Fitted;
use crate::models::popularity::PopularityParams;
use crate::models::{Content, Model, Person, Popularity};
use crate::rank::{Candidate, Shelf, Tier};

/// Shrunk means of the community's ratings, by catalog index.
pub(super) struct Common {
    means: Popularity,
    rows: Vec<Option<u32>>,
}

/// What is known of an item that the model does not know.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Newcomer {
    /// Shrunk mean of the community's ratings, and how many they are.
    Rated(f64, u32),
    /// Its description says something under the serving model.
    Described,
    /// Nothing.
    Unknown,
}

impl Active {
    /// A serving model beside a catalog.
    pub(super) fn new(id: &str, model: Model, catalog: &crate::data::Catalog) -> Active {
        let rows = rows(catalog, &model);
        // Without an item that it does not know there is nobody to speak for.
        let content = rows.contains(&None).then(|| Content::fit(model.known(), catalog, &rows)).flatten();
        Active { id: id.to_owned(), model, rows, content }
    }

    /// The variance of a newcomer's score: the description's part, and the person's as the best-known item shows it.
    fn variance(&self, person: &Person, scores: &Fitted) -> f64 {
        let (model, known) = (&self.model, self.model.known());
        let described = self.content.as_ref().map_or(0.0, |c| c.variance(scores, model.noise()));
        let best = (0..known.len() as u32).max_by_key(|&i| known.counts[i as usize]).unwrap_or(0);
        let of_item = model.noise() * model.noise() / (f64::from(known.counts[best as usize]) + 1.0);
        described + (model.variance(person, best) - of_item).max(0.0)
    }
}

impl Engine {
    /// Learns the means of ratings that were taken in.
    pub(super) fn take_means(&mut self, community: &Interactions) {
        let means = Popularity::fit(community, PopularityParams::default());
        self.common = (!community.is_empty()).then(|| Common { means, rows: Vec::new() });
        self.refresh_common();
    }

    pub(super) fn refresh_common(&mut self) {
        if let Some(common) = &mut self.common {
            let ids = &common.means.known.ids;
            common.rows = self.catalog.ids().ids().iter().map(|id| ids.get(id)).collect();
        }
    }

    /// The serving model's scale, else the declared one.
    pub(super) fn scale_of_scores(&self) -> Scale {
        self.active.as_ref().map_or_else(|| self.scale(), |a| a.model.scale())
    }

    /// What is known of a catalog item that the model does not know.
    pub(super) fn newcomer(&self, item: u32) -> Newcomer {
        let scale = self.scale_of_scores();
        // Means on another scale would be no expected ratings on this one.
        let common = self.common.as_ref().filter(|c| c.means.known.scale == scale);
        if let Some((common, row)) = common.and_then(|c| Some((c, c.rows[item as usize]?))) {
            let count = common.means.known.counts[row as usize];
            if count > 0 {
                return Newcomer::Rated(f64::from(common.means.means[row as usize]), count);
            }
        }
        let content = self.active.as_ref().and_then(|a| a.content.as_ref());
        if content.is_some_and(|c| c.describes(item)) { Newcomer::Described } else { Newcomer::Unknown }
    }

    /// Its place in a list. `ranks`: how descriptions go with what the model ranks by; `comparable`: whether that
    /// comes from expected ratings, so that a mean can stand among them.
    pub(super) fn candidate(
        &self,
        item: u32,
        ranks: Option<&Fitted>,
        comparable: bool,
        caution: f64,
    ) -> Candidate {
        let content = self.active.as_ref().and_then(|a| a.content.as_ref()).zip(ranks);
        match (self.newcomer(item), content) {
            (Newcomer::Rated(mean, count), _) => {
                let value = self.common.as_ref().map_or(0.0, |c| c.means.known.rank(mean, count, caution));
                let shelf = if comparable { Shelf::Model } else { Shelf::Means };
                Candidate { item, value, tier: Tier::Popular, shelf }
            }
            (Newcomer::Described, Some((content, ranks))) => {
                let value = (content.value(ranks, item) - caution * ranks.spread) as f32;
                Candidate { item, value, tier: Tier::Content, shelf: Shelf::Model }
            }
            _ => {
                let value = self.catalog.items()[item as usize].popularity.unwrap_or(0.0) as f32;
                Candidate { item, value, tier: Tier::Catalog, shelf: Shelf::Catalog }
            }
        }
    }

    /// How descriptions go with a person's scores.
    pub(super) fn content_scores(&self, live: &mut Live) -> Option<Fitted> {
        let active = self.active.as_ref()?;
        let scores = active.model.score_all(live.now(&active.model));
        Some(active.content.as_ref()?.learn(&scores))
    }

    /// A newcomer as it is shown. `scores` as [`Engine::content_scores`] gave them.
    pub(super) fn place_newcomer(
        &self,
        rank: usize,
        candidate: Candidate,
        person: Option<&Person>,
        scores: Option<&Fitted>,
    ) -> Recommendation {
        let item = candidate.item;
        let (score, confidence, reason, source) = match (self.newcomer(item), &self.active, person, scores) {
            (Newcomer::Rated(mean, count), ..) => {
                let (confidence, reason) = self.of_rated(mean, count);
                (mean, confidence, reason, NO_MODEL)
            }
            (Newcomer::Described, Some(active), Some(person), Some(scores)) => {
                let raw = self.content_value(scores, item);
                let confidence = active.confidence(active.variance(person, scores), raw);
                let score = active.model.scale().clip(raw);
                (score, confidence, self.content_reason(scores, item), active.id.as_str())
            }
            _ => {
                let scale = self.scale();
                let middle = f64::midpoint(scale.min, scale.max);
                let score = self.active.as_ref().map_or(middle, |a| a.model.mean());
                let confidence = Confidence { level: "low", low: scale.min, high: scale.max };
                let reason = Reason { code: "new-here", weight: 0.0, evidence: Evidence::default() };
                (score, confidence, reason, NO_MODEL)
            }
        };
        Recommendation {
            item: self.catalog.ids().id(item).to_owned(),
            score,
            rank,
            confidence,
            source: source.to_owned(),
            tier: candidate.tier,
            reasons: Some(vec![reason]),
        }
    }

    fn of_rated(&self, mean: f64, count: u32) -> (Confidence, Reason) {
        let (noise, overall) = self
            .common
            .as_ref()
            .map_or((0.0, mean), |c| (f64::from(c.means.known.noise), f64::from(c.means.known.mean)));
        let confidence = confidence(self.scale(), noise, noise * noise / f64::from(count + 1), mean);
        let well = mean - overall >= 0.2 && count >= 5;
        let weight = if well { 0.3 * (mean - overall) } else { 0.01 };
        let evidence = Evidence { rating: Some(mean), people: Some(count), ..Evidence::default() };
        (confidence, Reason { code: if well { "well-rated" } else { "popular" }, weight, evidence })
    }

    fn content(&self) -> Option<&Content> {
        self.active.as_ref()?.content.as_ref()
    }

    fn content_value(&self, fitted: &Fitted, item: u32) -> f64 {
        self.content().map_or(f64::NAN, |c| c.value(fitted, item))
    }

    fn content_reason(&self, scores: &Fitted, item: u32) -> Reason {
        content_reason(&self.content().map(|c| c.lifts(scores, item)).unwrap_or_default())
    }

    /// Score, confidence and tier of a newcomer; `None` where nothing can be said.
    pub(super) fn predict_newcomer(&self, item: u32, live: &mut Live) -> Option<(f64, Confidence, Tier)> {
        match self.newcomer(item) {
            Newcomer::Unknown => None,
            Newcomer::Rated(mean, count) => Some((mean, self.of_rated(mean, count).0, Tier::Popular)),
            Newcomer::Described => {
                let (active, scores) = (self.active.as_ref()?, self.content_scores(live)?);
                let raw = self.content_value(&scores, item);
                let confidence = active.confidence(active.variance(live.now(&active.model), &scores), raw);
                Some((raw, confidence, Tier::Content))
            }
        }
    }

    /// How the score of a newcomer came about; `None` where nothing can be said.
    pub(super) fn explain_newcomer(&self, item: u32, live: &mut Live) -> Option<Explanation> {
        let (raw, confidence, tier) = self.predict_newcomer(item, live)?;
        let (mut source, mut baseline, mut contributions) = (NO_MODEL, raw, Vec::new());
        let reason = match (self.newcomer(item), &self.active, self.content(), self.content_scores(live)) {
            (Newcomer::Rated(mean, count), ..) => self.of_rated(mean, count).1,
            (_, Some(active), Some(content), Some(scores)) => {
                let model = &active.model;
                let anyone = content.learn(&model.score_all(&Person::Anyone));
                let ratings: Vec<(u32, f64)> = live.ratings().iter().map(|(&j, &r)| (j, r)).collect();
                let both = (content.value(&anyone, item), raw);
                let attribution =
                    attribute_mixture(model, live.person(model), both, &content.made_of(item), &ratings);
                source = &active.id;
                baseline = attribution.baseline;
                contributions = named(model, &attribution);
                self.content_reason(&scores, item)
            }
            _ => return None,
        };
        Some(Explanation {
            item: self.catalog.ids().id(item).to_owned(),
            score: self.scale_of_scores().clip(raw),
            raw,
            baseline,
            nudge: 0.0,
            context: 0.0,
            features: Vec::new(),
            contributions,
            confidence,
            tier,
            source: source.to_owned(),
            reasons: vec![reason],
        })
    }

    /// The factors of an item that is made of others.
    pub(super) fn made_embedding(&self, active: &Active, id: &str) -> Result<Vec<f32>> {
        let made = self.catalog.ids().get(id).zip(active.content.as_ref());
        let described = made.filter(|(item, content)| content.describes(*item));
        let (item, content) = described.ok_or_else(|| unknown_item("item", id))?;
        content.embedding(active.model.scorer(), item).ok_or_else(no_factors)
    }

    /// The `k` items whose factors are most like those that a newcomer is made of.
    pub(super) fn similar_to_newcomer(&self, active: &Active, id: &str, k: usize) -> Result<Vec<(u32, f32)>> {
        let own = self.made_embedding(active, id)?;
        let likeness = |other: Vec<f32>| {
            let scale = (math::dot(&own, &own) * math::dot(&other, &other)).sqrt();
            if scale > 0.0 { math::dot(&own, &other) / scale } else { 0.0 }
        };
        let rows = 0..active.model.ids().len() as u32;
        Ok(top_k(rows.map(|i| (i, active.model.embedding(i).map_or(0.0, likeness))), k))
    }
}
