//! Packs: models of a community in one file, with where they come from.
//!
//! A pack is a container (see [`crate::codec`]) of kind "pack". Its body says what it is — `{ label, licence, catalog,
//! createdBy, precision, models }`, where `catalog` is the SHA-256 of the catalog it was made beside and `models` their
//! number —, the tensor `versions` is a JSON text with an entry per model, and `model_00`, `model_01`… are the models'
//! own containers, without any row of a person. Nothing in it depends on when or where it was made: the same models
//! give the same bytes, and the SHA-256 of those names it. A single model's container, which is what packs used to be,
//! is read too.

use super::{Active, Engine, describe};
use crate::codec::{Precision, Reader, Writer};
use crate::data::{Catalog, Item};
use crate::ground::fields::{Fields, FromFields};
use crate::ground::hash::{Hasher, sha256_hex};
use crate::ground::json::{Value, object, write};
use crate::ground::sort::order;
use crate::ground::{Code, Error, Result};
use crate::models::{Model, People};

/// Most models in a pack.
const MOST_MODELS: usize = 20;
/// Longest label and licence, in bytes.
const MOST_LABEL: usize = 200;
const MOST_LICENCE: usize = 50_000;

/// What a pack is to say of itself, and which versions go into it.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// Whose ratings it was made from. Default: what the first version says.
    pub label: Option<String>,
    /// On which terms it may be used.
    pub licence: Option<String>,
    /// "f32" (default) or "f16".
    pub precision: Precision,
    /// Entries of the list of versions, in the order of their bytes; the first one serves first.
    pub versions: Vec<Value>,
}

impl FromFields for Ask {
    fn read(f: &mut Fields) -> Result<Ask> {
        let bounded = |place: String, text: Option<String>, most: usize| match text {
            Some(t) if t.len() > most => {
                Err(Error::argument(place, format!("at most {most} bytes"), t.len()))
            }
            text => Ok(text.filter(|t| !t.is_empty())),
        };
        let (label, licence) = (f.text("label")?, f.text("licence")?);
        let precision = match f.text("precision")?.as_deref().unwrap_or("f32") {
            "f32" => Precision::Single,
            "f16" => Precision::Half,
            other => {
                return Err(Error::argument(
                    f.place("precision"),
                    "\"f32\" or \"f16\"",
                    format!("{other:?}"),
                ));
            }
        };
        Ok(Ask {
            label: bounded(f.place("label"), label, MOST_LABEL)?,
            licence: bounded(f.place("licence"), licence, MOST_LICENCE)?,
            precision,
            versions: f.list("versions")?,
        })
    }
}

/// A model of a pack.
#[derive(Debug)]
pub struct Part<'a> {
    /// Its entry for the list of versions.
    pub version: Value,
    /// Its container.
    pub bytes: &'a [u8],
}

impl Engine {
    /// A pack of the serving model.
    pub fn export_pack(&self) -> Result<Vec<u8>> {
        self.pack(&Ask::default(), &[])
    }

    /// A pack of models given as bytes, or, without any, of the serving one.
    pub fn pack(&self, ask: &Ask, parts: &[Vec<u8>]) -> Result<Vec<u8>> {
        if parts.is_empty() {
            let Some(Active { model, .. }) = &self.active else {
                return Err(Error::new(Code::NoModel, "there is no model to make a pack from")
                    .hint("Train one first."));
            };
            return build(ask, &self.catalog, &mut core::iter::once(Ok(model.clone())));
        }
        if parts.len() != ask.versions.len() || parts.len() > MOST_MODELS {
            return Err(Error::argument("versions", format!("1 to {MOST_MODELS}"), parts.len()));
        }
        build(ask, &self.catalog, &mut parts.iter().map(|bytes| read_model(bytes)))
    }
}

fn build(ask: &Ask, catalog: &Catalog, models: &mut dyn Iterator<Item = Result<Model>>) -> Result<Vec<u8>> {
    let (mut parts, mut versions) = (Vec::new(), Vec::new());
    for (at, model) in models.enumerate() {
        let bytes = model?.write_in(People::Drop, ask.precision)?;
        if parts.contains(&bytes) {
            return Err(Error::argument(format!("versions[{at}]"), "each model once", "the same one again"));
        }
        versions.push(match ask.versions.get(at) {
            Some(version) => entry(at, version)?,
            None => entry(at, &describe(&bytes, "pack", 0.0)?.into())?,
        });
        parts.push(bytes);
    }
    // A pack made of a pack keeps its name and its terms.
    let said = |key: &str, place: &str| {
        let texts = ask.versions.iter().filter_map(|v| v.get(place)?.get(key)?.as_str());
        texts.filter(|t| !t.is_empty()).map(str::to_owned).next()
    };
    let label = ask.label.clone().or_else(|| said("label", "origin")).or_else(|| said("label", "data"));
    let body = object([
        ("label", label.into()),
        ("licence", ask.licence.clone().or_else(|| said("licence", "origin")).into()),
        ("catalog", (!catalog.is_empty()).then(|| catalog_hash(catalog)).into()),
        ("createdBy", concat!("tasteprint ", env!("CARGO_PKG_VERSION")).into()),
        ("precision", if ask.precision == Precision::Half { "f16" } else { "f32" }.into()),
        ("models", parts.len().into()),
    ]);
    let mut w = Writer::new("pack", &body);
    w.json("versions", &Value::Array(versions));
    for (at, bytes) in parts.into_iter().enumerate() {
        w.bytes(&part_name(at), bytes);
    }
    w.finish()
}

fn part_name(at: usize) -> String {
    format!("model_{at:02}")
}

/// What is told of a version: nothing that depends on when or where it was trained.
fn entry(at: usize, version: &Value) -> Result<Value> {
    let data = version.get("data");
    if data.and_then(|d| d.get("feedback")).and_then(Value::as_f64).is_some_and(|n| n > 0.0) {
        let what = "this version learned from this browser's own feedback; a pack is for a community's";
        return Err(Error::new(Code::Unsupported, what)
            .at(format!("versions[{at}]"))
            .hint("Train on imported ratings of many people."));
    }
    let told = TOLD.iter().filter_map(|&(key, _)| Some((key.to_owned(), version.get(key)?.clone())));
    Ok(Value::Object(told.collect()))
}

/// SHA-256 of what the engine knows of a catalog's items, in order of their ids.
pub fn catalog_hash(catalog: &Catalog) -> String {
    let items: &[Item] = catalog.items();
    let mut hasher = Hasher::default();
    for at in order(items.len(), &mut |a, b| items[a].id.cmp(&items[b].id)) {
        hasher.update(write(&items[at as usize].clone().into()).as_bytes());
        hasher.update(b"\n");
    }
    hasher.hex()
}

/// A model from its own container, or the first one of a pack.
pub fn read_model(bytes: &[u8]) -> Result<Model> {
    match Model::read(bytes) {
        Err(e) if e.found() == "tasteprint-pack" => {
            let mut r = Reader::open(bytes, "pack")?;
            Model::read(r.bytes(&part_name(0))?)
        }
        read => read,
    }
}

/// The models of a pack that nobody vouches for, each read as a trial.
pub fn open_pack(bytes: &[u8], now: f64) -> Result<Vec<Part<'_>>> {
    let mut r = match Reader::open(bytes, "pack") {
        Err(e) if e.found() == "tasteprint-model" => {
            return Ok(vec![Part { version: describe(bytes, "pack", now)?.into(), bytes }]);
        }
        read => read?,
    };
    let misfit = |place: &str, got: &str| {
        Error::new(Code::ModelFormat, "the pack says what cannot be").at(place).got(got)
    };
    let body = r.body().clone();
    let count = body.get("models").and_then(Value::as_count).unwrap_or_default() as usize;
    if !(1..=MOST_MODELS).contains(&count) {
        return Err(misfit("body.models", "another number of models"));
    }
    let Value::Array(told) = r.json("versions")? else { return Err(misfit("versions", "no list")) };
    if told.len() != count {
        return Err(misfit("versions", "another number of models"));
    }
    let mut origin = vec![("pack".to_owned(), sha256_hex(bytes).into())];
    for key in ["label", "licence", "catalog", "createdBy", "precision"] {
        let said = body.get(key).filter(|v| is_text(v));
        origin.extend(said.map(|text| (key.to_owned(), text.clone())));
    }
    let mut parts = Vec::with_capacity(count);
    for (at, told) in told.iter().enumerate() {
        let bytes = r.bytes(&part_name(at))?;
        let Value::Object(mut version) = describe(bytes, "pack", now)?.into() else {
            unreachable!("a version is written as an object")
        };
        for (key, fits) in TOLD {
            let Some(value) = told.get(key) else { continue };
            if !fits(value) {
                return Err(misfit(&format!("versions[{at}].{key}"), &write(value)));
            }
            version.retain(|(k, _)| k != key);
            version.push(((*key).to_owned(), value.clone()));
        }
        version.push(("origin".to_owned(), Value::Object(origin.clone())));
        parts.push(Part { version: Value::Object(version), bytes });
    }
    r.finish()?;
    Ok(parts)
}

type Fits = fn(&Value) -> bool;

/// What a pack tells of a version, and what that may be: pages show it, so a text must not stand for a number.
const TOLD: &[(&str, Fits)] = &[
    ("label", is_text),
    ("seed", |v| numbers_only(v, 0)),
    ("metrics", |v| numbers_only(v, 1)),
    ("baseline", |v| numbers_only(v, 1)),
    ("history", |v| numbers_only(v, 2)),
    ("data", labelled_numbers),
];

fn is_text(value: &Value) -> bool {
    value.as_str().is_some()
}

fn numbers_only(value: &Value, depth: usize) -> bool {
    match value {
        Value::Number(_) => true,
        Value::Array(list) => depth > 0 && list.iter().all(|v| numbers_only(v, depth - 1)),
        Value::Object(map) => depth > 0 && map.iter().all(|(_, v)| numbers_only(v, depth - 1)),
        _ => false,
    }
}

fn labelled_numbers(value: &Value) -> bool {
    let Value::Object(map) = value else { return false };
    map.iter().all(|(key, v)| if key == "label" { is_text(v) } else { numbers_only(v, 0) })
}
