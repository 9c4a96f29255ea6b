//! Models in and out: bytes, packs, versions.

use super::pack::read_model;
use super::reply::TrainedModel;
use super::{Active, Engine};
use crate::data::Item;
use crate::ground::hash::sha256_hex;
use crate::ground::json::Value;
use crate::ground::{Code, Error, Result};
use crate::lifecycle::registry::DataCounts;
use crate::lifecycle::{Registry, Version};
use crate::models::{Model, People};

impl Engine {
    /// Serves from a model, or the first one of a pack; `id` is the version it is known by.
    pub fn serve(&mut self, id: &str, bytes: &[u8]) -> Result<()> {
        let model = read_model(bytes)?;
        self.serve_model(id, model);
        Ok(())
    }

    pub(super) fn serve_model(&mut self, id: &str, model: Model) {
        if self.catalog.is_empty() || self.catalog_implied {
            // Without a catalog the model's own items are all there is to show.
            let items = model.ids().ids().iter().map(|id| Item {
                id: id.clone(),
                title: id.clone(),
                ..Item::default()
            });
            self.catalog =
                crate::data::Catalog::new(items.collect()).expect("a model's ids are unique and checked");
            self.catalog_implied = true;
            self.refresh_common();
        }
        self.live.clear();
        self.active = Some(Active::new(id, model, &self.catalog));
    }

    /// Serves from nothing again.
    pub fn unserve(&mut self) {
        self.live.clear();
        self.active = None;
    }

    /// Finishes a training: the model's bytes and its entry for the list. Nothing is served yet.
    pub fn train_finish(
        &mut self,
        id: &str,
        label: &str,
        created_at: f64,
        training_ms: f64,
    ) -> Result<TrainedModel> {
        let begun = self.training.take().ok_or_else(super::work::no_work)?;
        let (spec, seed, from) = (begun.spec().clone(), begun.seed(), begun.from().map(str::to_owned));
        let trained = match begun.finish() {
            Ok(trained) => trained,
            Err(begun) => {
                self.training = Some(*begun);
                return Err(Error::new(Code::Busy, "the training is not done yet"));
            }
        };
        let bytes = trained.model.write(People::Keep)?;
        let report = trained.model.report();
        let version = Version {
            id: id.to_owned(),
            label: label.to_owned(),
            model: spec.name().to_owned(),
            params: spec.params(),
            seed: seed as f64,
            created_at,
            training_ms,
            metrics: trained.metrics,
            baseline: trained.baseline,
            history: trained.history,
            data: DataCounts {
                ratings: trained.ratings,
                users: trained.users,
                items: trained.items,
                feedback: self.feedback_used,
                label: self.community.as_ref().map(|c| c.label.clone()).filter(|l| !l.is_empty()),
            },
            hash: sha256_hex(&bytes),
            bytes: bytes.len(),
            source: "trained".to_owned(),
            from,
            report,
        };
        Ok(TrainedModel { version, bytes })
    }
}

/// The entry of a model that comes as bytes: a pack, or one from an export. Its id follows from its content.
pub fn describe(bytes: &[u8], source: &str, now: f64) -> Result<Version> {
    let model = Model::read(bytes)?;
    let hash = sha256_hex(bytes);
    let (params, users) = (model.settings().value(), model.people());
    let ratings = (0..model.ids().len() as u32).map(|i| model.count(i) as usize).sum();
    Ok(Version {
        id: format!("{source}-{}", &hash[..12]),
        label: source.to_owned(),
        model: model.name().to_owned(),
        params,
        seed: 0.0,
        created_at: now,
        training_ms: 0.0,
        metrics: None,
        baseline: None,
        history: Vec::new(),
        data: DataCounts {
            ratings,
            users: users as usize,
            items: model.ids().len(),
            ..DataCounts::default()
        },
        hash,
        bytes: bytes.len(),
        source: source.to_owned(),
        from: None,
        report: model.report(),
    })
}

/// The list of versions after one step: "add" (with a version), "activate", "rollback", "remove". Pure: what comes
/// back takes effect once the caller has stored it.
pub fn registry_step(registry: Registry, step: &str, id: &str, version: Option<Value>) -> Result<Registry> {
    match (step, version) {
        ("add", Some(version)) => registry.with(version),
        ("activate", _) => registry.activate(id),
        ("rollback", _) => registry.rollback(),
        ("remove", _) => registry.remove(id),
        (other, _) => Err(Error::argument("step", "add, activate, rollback or remove", other)),
    }
}
