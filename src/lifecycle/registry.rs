//! The list of versions. Pure data in, pure data out: the shell stores what comes back in the same transaction as the
//! model's bytes, so the list never names a model that is not there.

use crate::eval::Metrics;
use crate::ground::fields::{Fields, FromFields};
use crate::ground::json::{Value, written_as};
use crate::ground::{Code, Error, Result};
use crate::train::EpochLog;

/// Most versions kept. Those of a pack do not count: they are not kept, the site gives them at each opening.
pub const MAX_VERSIONS: usize = 100;

/// One trained model.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// Name of the version.
    pub id: String,
    /// Name for people.
    pub label: String,
    /// Public name of the model.
    pub model: String,
    /// Parameters, defaults filled in.
    pub params: Value,
    /// Seed it was trained with.
    pub seed: f64,
    /// Milliseconds since 1970.
    pub created_at: f64,
    /// Milliseconds spent in training.
    pub training_ms: f64,
    /// On held-out ratings.
    pub metrics: Option<Metrics>,
    /// `popularity` on the same.
    pub baseline: Option<Metrics>,
    /// Epoch by epoch.
    pub history: Vec<EpochLog>,
    /// What it learned from.
    pub data: DataCounts,
    /// SHA-256 of its bytes.
    pub hash: String,
    /// Size of its container.
    pub bytes: usize,
    /// "trained", "pack" or "imported".
    pub source: String,
    /// The version its training went on from.
    pub from: Option<String>,
    /// Of a model of features: their importance, what was left out, how good it is.
    pub report: Value,
}

written_as!(Version { id => "id", label => "label", model => "model", params => "params", seed => "seed", created_at => "createdAt", training_ms => "trainingMs", metrics => "metrics", baseline => "baseline", history => "history", data => "data", hash => "hash", bytes => "bytes", source => "source", from => "from", report => "report" });

/// What a version learned from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DataCounts {
    /// Ratings.
    pub ratings: usize,
    /// People.
    pub users: usize,
    /// Items.
    pub items: usize,
    /// Ratings among them that were this browser's own feedback.
    pub feedback: usize,
    /// What the data calls itself.
    pub label: Option<String>,
}

written_as!(DataCounts { ratings => "ratings", users => "users", items => "items", feedback => "feedback", label => "label" });

/// All versions, which one serves, and which ones served before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Registry {
    /// Oldest first: [`Version`]s, of which only the id is looked at.
    pub versions: Vec<Value>,
    /// The serving version.
    pub active: Option<String>,
    /// Versions that served before, latest last; what rollback goes back to.
    pub past: Vec<String>,
}

written_as!(Registry { versions => "versions", active => "active", past => "past" });

impl FromFields for Registry {
    fn read(f: &mut Fields) -> Result<Registry> {
        Ok(Registry { versions: f.list("versions")?, active: f.text("active")?, past: f.texts("past")? })
    }
}

fn of_pack(version: &Value) -> bool {
    version.get("source").and_then(Value::as_str) == Some("pack")
}

fn id_of(version: &Value) -> &str {
    version.get("id").and_then(Value::as_str).unwrap_or_default()
}

impl Registry {
    fn position(&self, id: &str) -> Result<usize> {
        self.versions.iter().position(|v| id_of(v) == id).ok_or_else(|| {
            let known: Vec<_> = self.versions.iter().map(id_of).collect();
            Error::new(Code::UnknownVersion, "there is no such version")
                .at("id")
                .expected(if known.is_empty() { "none is listed".into() } else { known.join(", ") })
                .got(id)
        })
    }

    fn kept(&self) -> usize {
        self.versions.iter().filter(|v| !of_pack(v)).count()
    }

    /// A version by its id.
    pub fn get(&self, id: &str) -> Result<&Value> {
        self.position(id).map(|at| &self.versions[at])
    }

    /// With one more version. The same id again (a pack opened once more) takes the old one's place.
    pub fn with(mut self, version: Value) -> Result<Registry> {
        match self.position(id_of(&version)) {
            Ok(at) => self.versions[at] = version,
            Err(_) if !of_pack(&version) && self.kept() >= MAX_VERSIONS => {
                return Err(Error::argument(
                    "models",
                    format!("at most {MAX_VERSIONS} versions"),
                    MAX_VERSIONS,
                )
                .hint("Remove versions that are not needed with models.remove(id)."));
            }
            Err(_) => self.versions.push(version),
        }
        Ok(self)
    }

    /// With another version serving.
    pub fn activate(mut self, id: &str) -> Result<Registry> {
        self.position(id)?;
        if self.active.as_deref() != Some(id) {
            self.past.retain(|p| p != id);
            self.past.extend(self.active.replace(id.to_owned()));
        }
        Ok(self)
    }

    /// With the version serving that served before this one.
    pub fn rollback(mut self) -> Result<Registry> {
        match self.past.pop() {
            Some(id) => {
                self.active = Some(id);
                Ok(self)
            }
            None => Err(Error::new(Code::UnknownVersion, "there is no earlier version to go back to")
                .hint("models.list() shows the versions that can be activated.")),
        }
    }

    /// Without a version. The serving one falls back to the one before it, if there is one.
    pub fn remove(mut self, id: &str) -> Result<Registry> {
        let at = self.position(id)?;
        self.versions.remove(at);
        self.past.retain(|p| p != id);
        if self.active.as_deref() == Some(id) {
            self.active = self.past.pop();
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn version(id: &str) -> Value {
        serde_json::json!({ "id": id }).into()
    }

    fn three() -> Registry {
        ["a", "b", "c"]
            .into_iter()
            .fold(Registry::default(), |r, id| r.with(version(id)).unwrap().activate(id).unwrap())
    }

    #[test]
    fn rollback_goes_back_step_by_step() {
        let r = three().rollback().unwrap();
        assert_eq!(r.active.as_deref(), Some("b"));
        let r = r.rollback().unwrap();
        assert_eq!(r.active.as_deref(), Some("a"));
        assert_eq!(r.rollback().unwrap_err().code(), Code::UnknownVersion);
    }

    #[test]
    fn removing_the_serving_version_goes_back_to_the_one_before() {
        let r = three().remove("c").unwrap();
        assert_eq!(r.active.as_deref(), Some("b"));
        let r = r.remove("a").unwrap().remove("b").unwrap();
        assert_eq!(r, Registry::default());
        assert_eq!(r.remove("b").unwrap_err().code(), Code::UnknownVersion);
    }

    #[test]
    fn a_pack_opened_again_is_not_listed_twice() {
        assert_eq!(three().with(version("b")).unwrap().versions.len(), 3);
    }

    #[test]
    fn a_hundred_versions_leave_room_for_a_pack_and_for_nothing_else() {
        let full =
            (0..MAX_VERSIONS).fold(Registry::default(), |r, i| r.with(version(&i.to_string())).unwrap());
        let refused = full.clone().with(version("one more")).unwrap_err();
        assert_eq!((refused.code(), refused.place()), (Code::InvalidArgument, "models"));
        let pack = serde_json::json!({ "id": "pack-1", "source": "pack" });
        let both = full.with(pack.into()).unwrap();
        assert_eq!(both.versions.len(), MAX_VERSIONS + 1);
        assert!(both.clone().with(version("one more")).is_err());
        assert!(both.remove("7").unwrap().with(version("one more")).is_ok());
    }

    proptest! {
        #[test]
        fn active_and_past_always_name_listed_versions(steps in proptest::collection::vec((0u8..4, 0u8..5), 0..60)) {
            let mut r = Registry::default();
            for (what, which) in steps {
                let id = which.to_string();
                let next = match what {
                    0 => r.clone().with(version(&id)),
                    1 => r.clone().activate(&id),
                    2 => r.clone().rollback(),
                    _ => r.clone().remove(&id),
                };
                r = next.unwrap_or(r);
                for id in r.active.iter().chain(&r.past) {
                    prop_assert!(r.get(id).is_ok());
                }
            }
        }
    }
}
