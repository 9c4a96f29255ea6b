//! Floor 5: the one API boundary. Plain structs in and out, in the client's words; on `Err` nothing has changed.
//!
//! The engine holds what is served: catalog, community ratings, the log's consequences, and one model. It reads no
//! clock and does no IO: times, seeds, ids and bytes come as arguments, and what is to be stored goes out as bytes.

mod community;
mod kinds;
mod models;
mod newcomers;
pub mod pack;
pub mod reply;
pub mod request;
mod serve;
pub mod table;
#[cfg(test)]
mod tests;
mod work;

pub use community::Community;
pub use kinds::{check, kinds};
pub use models::{describe, registry_step};

use crate::data::import::Importer;
use crate::data::{Catalog, Event, Feedback, Interactions, Item, Scale, Warning};
use crate::ground::Result;
use crate::ground::hash::Hasher;
use crate::ground::json::Value;
use crate::ground::map::SortedMap;
use crate::ground::time::Millis;
use crate::learn::Live;
use crate::models::Model;
use crate::train::{Evaluation, Prepared, Search, Training};

/// The profile of callers that name none.
pub const DEFAULT_PROFILE: &str = "me";

/// The version name of scores that no trained model gave.
pub const NO_MODEL: &str = "none";

struct Active {
    id: String,
    model: Model,
    /// Row of the model by index of the catalog.
    rows: Vec<Option<u32>>,
    /// Speaks for items the model does not know, where the catalog describes some.
    content: Option<crate::models::Content>,
}

/// Everything that is known and served.
#[derive(Default)]
#[allow(missing_debug_implementations)] // holds whole data sets
pub struct Engine {
    declared_scale: Option<Scale>,
    catalog: Catalog,
    /// True where the catalog came with imported data and not from the site.
    catalog_imported: bool,
    /// True where it is only the list of what the serving model knows.
    catalog_implied: bool,
    community: Option<Interactions>,
    /// What the community says of items that no model knows.
    common: Option<newcomers::Common>,
    notes: Value,
    feedback: Feedback,
    active: Option<Active>,
    live: SortedMap<String, Live>,
    importer: Option<Importer>,
    /// What the next training begins with, and how many ratings of this browser's own are in it.
    prepared: Option<(Prepared, usize)>,
    training: Option<Training>,
    /// Ratings of this browser's own among those the present training learns from.
    feedback_used: usize,
    evaluation: Option<Evaluation>,
    search: Option<Search>,
}

impl Engine {
    /// An engine that knows nothing.
    pub fn new() -> Engine {
        Engine::default()
    }

    /// Declares the scale; without a declaration that of the community's ratings or the model counts.
    pub fn declare_scale(&mut self, scale: Option<Scale>) -> Result<()> {
        self.declared_scale = scale.map(|s| s.check("scale")).transpose()?;
        Ok(())
    }

    /// The scale ratings are checked against.
    pub fn scale(&self) -> Scale {
        self.declared_scale
            .or_else(|| self.active.as_ref().map(|a| a.model.scale()))
            .or_else(|| self.community.as_ref().map(|c| c.scale))
            .unwrap_or_default()
    }

    /// Takes a new catalog in place of the old one.
    pub fn set_catalog(&mut self, items: Vec<Item>) -> Result<()> {
        self.catalog = Catalog::new(items)?;
        (self.catalog_imported, self.catalog_implied) = (false, false);
        self.refresh_rows();
        Ok(())
    }

    fn refresh_rows(&mut self) {
        self.active = self.active.take().map(|a| Active::new(&a.id, a.model, &self.catalog));
        self.refresh_common();
    }

    /// The catalog.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Checks feedback that is to be stored. Nothing is learned from it yet.
    pub fn check_event(&self, event: &Event, now: Millis) -> Result<Vec<Warning>> {
        let mut warnings = event.check(self.scale(), now)?;
        let in_model = self.active.as_ref().is_some_and(|a| a.model.ids().get(&event.item).is_some());
        if self.catalog.get(&event.item).is_none() && !in_model {
            let text =
                format!("{:?} is not in the catalog; the feedback is kept for when it is.", event.item);
            warnings.push(Warning::new("item-not-in-catalog", text));
        }
        Ok(warnings)
    }

    /// Learns from stored feedback: the next list reflects it.
    pub fn apply_event(&mut self, event: &Event) {
        let change = self.feedback.apply(event);
        let Some(active) = &self.active else { return };
        if let (Some(live), Some(row)) =
            (self.live.get_mut(&event.profile), active.model.ids().get(&event.item))
        {
            if change.before != change.after {
                live.set(&active.model, row, change.after);
            }
            let beside = self.feedback.profile(&event.profile).and_then(|p| p.beside.get(&event.item));
            // Of a rating the time counts, too.
            if let Some(beside) = beside.filter(|_| change.beside || change.after.is_some()) {
                live.note(row, beside);
            }
        }
    }

    /// Starts the log's consequences anew from all of its rows, in order.
    pub fn replay(&mut self, events: &[Event]) {
        self.feedback = Feedback::default();
        self.live.clear();
        for event in events {
            self.feedback.apply(event);
        }
    }

    /// SHA-256 over everything known of people: ratings, what was seen and hidden, and each solved person. Equal for
    /// equal histories, whatever happened in between.
    pub fn state_hash(&self) -> String {
        let mut hasher = Hasher::default();
        for (name, profile) in self.feedback.profiles() {
            if profile.ratings.is_empty() && profile.seen.is_empty() {
                continue;
            }
            // Lengths first: otherwise neighbours could lend each other letters.
            let mut word = |text: &str, number: f64| {
                hasher.update(&(text.len() as u64).to_le_bytes());
                hasher.update(text.as_bytes());
                hasher.update(&number.to_le_bytes());
            };
            word(name, profile.ratings.len() as f64);
            profile.ratings.iter().for_each(|(item, &rating)| word(item, rating));
            for part in [&profile.seen, &profile.hidden] {
                word("", part.len() as f64);
                part.iter().for_each(|(item, &times)| word(item, f64::from(times)));
            }
            for (item, beside) in profile.beside.iter() {
                word(item, beside.completion.unwrap_or(-1.0));
                word("", beside.would_watch_again.map_or(-1.0, |again| f64::from(u8::from(again))));
                beside.moment.iter().for_each(|(name, said)| {
                    word(name, 0.0);
                    word(said, 0.0);
                });
            }
            let Some(active) = &self.active else { continue };
            let mut live = self.solve(active, name);
            for score in active.model.score_all(live.person(&active.model)) {
                hasher.update(&score.to_le_bytes());
            }
        }
        hasher.hex()
    }

    /// A profile's ratings under the active model, solved from nothing.
    fn solve(&self, active: &Active, profile: &str) -> Live {
        let ids = active.model.ids();
        let ratings = self.feedback.profile(profile).map(|p| &p.ratings);
        let known = ratings
            .into_iter()
            .flat_map(SortedMap::iter)
            .filter_map(|(item, &r)| ids.get(item).map(|row| (row, r)));
        let mut live = Live::rebuild(&active.model, known);
        let beside = self.feedback.profile(profile).map(|p| &p.beside);
        for (item, beside) in beside.into_iter().flat_map(SortedMap::iter) {
            ids.get(item).into_iter().for_each(|row| live.note(row, beside));
        }
        live
    }

    /// What the page shows of the engine.
    pub fn status(&self) -> reply::Status {
        let known = self.active.as_ref().map_or_else(Vec::new, |a| a.model.circumstances());
        reply::Status {
            events: self.feedback.events(),
            catalog: self.catalog.len(),
            active: self.active.as_ref().map(|a| a.id.clone()),
            training: self.training.is_some(),
            scale: self.scale(),
            ratings: self.community.as_ref().map_or(0, Interactions::len),
            context: Value::Object(known.into_iter().map(|(kind, words)| (kind, words.into())).collect()),
            engine: env!("CARGO_PKG_VERSION"),
        }
    }
}

fn rows(catalog: &Catalog, model: &Model) -> Vec<Option<u32>> {
    catalog.ids().ids().iter().map(|id| model.ids().get(id)).collect()
}
