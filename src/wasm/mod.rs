//! Floor 6: the façade. Each method decodes, makes one call, and encodes; whatever would need an `if` stands below.
//!
//! Only the shell calls this, from `src/shell/host/`. Numbers that people choose come inside option objects, which
//! are checked; bare numbers here are the shell's own.

mod convert;
mod error;
mod panic;
mod table;

use crate::data::{Event, Item, Scale};
use crate::engine::{self, request};
use crate::ground::fields::FromFields;
use crate::ground::json::Value;
use crate::lifecycle::Registry;
use convert::{byte_arrays, columns, from_js, to_js, with_bytes};
use error::WasmResult;
use wasm_bindgen::prelude::*;

/// Ratings of a community, checked but not taken in yet.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Community(engine::Community);

#[wasm_bindgen]
impl Community {
    /// From columns.
    #[wasm_bindgen(js_name = fromColumns)]
    pub fn from_columns(
        about: JsValue,
        users: Vec<u32>,
        items: Vec<u32>,
        ratings: Vec<f32>,
        at: Option<Vec<f64>>,
        context: Option<Vec<u32>>,
    ) -> WasmResult<Community> {
        Ok(Community(columns(about, users, items, ratings, at, context)?))
    }

    /// From stored bytes.
    pub fn read(bytes: &[u8]) -> WasmResult<Community> {
        Ok(Community(engine::Community::read(bytes)?))
    }

    /// The bytes to store.
    pub fn write(&self) -> WasmResult<Vec<u8>> {
        Ok(self.0.write()?)
    }
}

/// The engine behind the public API.
#[wasm_bindgen]
#[derive(Default)]
#[allow(missing_debug_implementations)]
pub struct Engine(engine::Engine);

#[wasm_bindgen]
impl Engine {
    /// An engine that knows nothing.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Engine {
        panic::install();
        Engine::default()
    }

    /// See [`engine::Engine::declare_scale`].
    #[wasm_bindgen(js_name = declareScale)]
    pub fn declare_scale(&mut self, scale: JsValue) -> WasmResult<()> {
        let scale = Some(from_js("scale", scale)?).filter(|s| *s != Value::Null);
        Ok(self.0.declare_scale(scale.map(|s| Scale::decode("scale", s)).transpose()?)?)
    }

    /// See [`engine::Engine::set_catalog`].
    #[wasm_bindgen(js_name = setCatalog)]
    pub fn set_catalog(&mut self, items: JsValue) -> WasmResult<()> {
        Ok(self.0.set_catalog(Item::decode_all("catalog", from_js("catalog", items)?)?)?)
    }

    /// The items of the catalog.
    #[wasm_bindgen(js_name = catalogItems)]
    pub fn catalog_items(&self) -> WasmResult<JsValue> {
        to_js(self.0.catalog().items().to_vec())
    }

    /// See [`engine::Engine::check_event`].
    #[wasm_bindgen(js_name = checkEvent)]
    pub fn check_event(&self, event: JsValue, now: f64) -> WasmResult<JsValue> {
        to_js(self.0.check_event(&Event::decode("feedback", from_js("feedback", event)?)?, now)?)
    }

    /// See [`engine::Engine::apply_event`].
    #[wasm_bindgen(js_name = applyEvent)]
    pub fn apply_event(&mut self, event: JsValue) -> WasmResult<()> {
        self.0.apply_event(&Event::decode("feedback", from_js("feedback", event)?)?);
        Ok(())
    }

    /// See [`engine::Engine::replay`].
    pub fn replay(&mut self, events: JsValue) -> WasmResult<()> {
        self.0.replay(&Event::decode_all("feedback", from_js("feedback", events)?)?);
        Ok(())
    }

    /// See [`engine::Engine::recommend`].
    pub fn recommend(&mut self, ask: JsValue) -> WasmResult<JsValue> {
        to_js(self.0.recommend(&request::Recommend::decode("recommend", from_js("recommend", ask)?)?)?)
    }

    /// See [`engine::Engine::explain`].
    pub fn explain(&mut self, ask: JsValue) -> WasmResult<JsValue> {
        to_js(self.0.explain(&request::About::decode("explain", from_js("explain", ask)?)?)?)
    }

    /// See [`engine::Engine::predict`].
    pub fn predict(&mut self, ask: JsValue) -> WasmResult<JsValue> {
        to_js(self.0.predict(&request::About::decode("predict", from_js("predict", ask)?)?))
    }

    /// See [`engine::Engine::similar`].
    pub fn similar(&self, ask: JsValue) -> WasmResult<JsValue> {
        to_js(self.0.similar(&request::Similar::decode("similar", from_js("similar", ask)?)?)?)
    }

    /// See [`engine::Engine::item_embedding`].
    #[wasm_bindgen(js_name = itemEmbedding)]
    pub fn item_embedding(&self, item: &str) -> WasmResult<Vec<f32>> {
        Ok(self.0.item_embedding(item)?)
    }

    /// See [`engine::Engine::user_embedding`].
    #[wasm_bindgen(js_name = userEmbedding)]
    pub fn user_embedding(&mut self, user: &str) -> WasmResult<Vec<f32>> {
        Ok(self.0.user_embedding(user)?)
    }

    /// See [`engine::Engine::status`].
    pub fn status(&self) -> WasmResult<JsValue> {
        to_js(self.0.status())
    }

    /// See [`engine::Engine::state_hash`].
    #[wasm_bindgen(js_name = stateHash)]
    pub fn state_hash(&self) -> String {
        self.0.state_hash()
    }

    /// See [`engine::Engine::serve`].
    pub fn serve(&mut self, id: &str, bytes: &[u8]) -> WasmResult<()> {
        Ok(self.0.serve(id, bytes)?)
    }

    /// See [`engine::Engine::unserve`].
    pub fn unserve(&mut self) {
        self.0.unserve();
    }

    /// See [`engine::Engine::pack`]. `parts` is an array of `Uint8Array`s.
    #[wasm_bindgen(js_name = exportPack)]
    pub fn export_pack(&self, ask: JsValue, parts: JsValue) -> WasmResult<Vec<u8>> {
        let ask = engine::pack::Ask::decode("exportPack", from_js("exportPack", ask)?)?;
        Ok(self.0.pack(&ask, &byte_arrays(&parts))?)
    }

    /// See [`engine::Engine::train_prepare`].
    #[wasm_bindgen(js_name = trainPrepare)]
    pub fn train_prepare(&mut self, ask: JsValue) -> WasmResult<()> {
        Ok(self.0.train_prepare(&request::Train::decode("train", from_js("train", ask)?)?)?)
    }

    /// See [`engine::Engine::train_begin`].
    #[wasm_bindgen(js_name = trainBegin)]
    pub fn train_begin(&mut self, ask: JsValue, from: Option<Vec<u8>>) -> WasmResult<JsValue> {
        let ask = request::Train::decode("train", from_js("train", ask)?)?;
        to_js(self.0.train_begin(&ask, from.as_deref())?)
    }

    /// See [`engine::Engine::train_step`].
    #[wasm_bindgen(js_name = trainStep)]
    pub fn train_step(&mut self, budget: u32) -> WasmResult<JsValue> {
        to_js(self.0.train_step(budget as usize)?)
    }

    /// See [`engine::Engine::train_checkpoint`].
    #[wasm_bindgen(js_name = trainCheckpoint)]
    pub fn train_checkpoint(&mut self) -> WasmResult<Option<Vec<u8>>> {
        Ok(self.0.train_checkpoint()?)
    }

    /// See [`engine::Engine::train_resume`].
    #[wasm_bindgen(js_name = trainResume)]
    pub fn train_resume(&mut self, ask: JsValue, bytes: &[u8]) -> WasmResult<()> {
        Ok(self.0.train_resume(&request::Train::decode("train", from_js("train", ask)?)?, bytes)?)
    }

    /// See [`engine::Engine::train_finish`]; `{ version, bytes }`.
    #[wasm_bindgen(js_name = trainFinish)]
    pub fn train_finish(
        &mut self,
        id: &str,
        label: &str,
        created_at: f64,
        training_ms: f64,
    ) -> WasmResult<JsValue> {
        let done = self.0.train_finish(id, label, created_at, training_ms)?;
        with_bytes(done.version, &done.bytes)
    }

    /// See [`engine::Engine::abandon`].
    pub fn abandon(&mut self) {
        self.0.abandon();
    }

    /// See [`engine::Engine::evaluate_begin`].
    #[wasm_bindgen(js_name = evaluateBegin)]
    pub fn evaluate_begin(&mut self, ask: JsValue, given: Option<Community>) -> WasmResult<()> {
        let given = given.map(|c| c.0.interactions);
        Ok(self
            .0
            .evaluate_begin(&request::Evaluate::decode("evaluate", from_js("evaluate", ask)?)?, given)?)
    }

    /// See [`engine::Engine::evaluate_step`].
    #[wasm_bindgen(js_name = evaluateStep)]
    pub fn evaluate_step(&mut self, budget: u32) -> WasmResult<f64> {
        Ok(self.0.evaluate_step(budget as usize)?)
    }

    /// See [`engine::Engine::evaluate_fold_in`].
    #[wasm_bindgen(js_name = evaluateFoldIn)]
    pub fn evaluate_fold_in(&self, ask: JsValue, rating: f64) -> WasmResult<f64> {
        Ok(self.0.evaluate_fold_in(&request::About::decode("predict", from_js("predict", ask)?)?, rating)?)
    }

    /// See [`engine::Engine::evaluate_finish`].
    #[wasm_bindgen(js_name = evaluateFinish)]
    pub fn evaluate_finish(&mut self) -> WasmResult<JsValue> {
        to_js(self.0.evaluate_finish()?)
    }

    /// See [`engine::Engine::search_begin`].
    #[wasm_bindgen(js_name = searchBegin)]
    pub fn search_begin(&mut self, ask: JsValue) -> WasmResult<()> {
        Ok(self.0.search_begin(&request::Sought::decode("search", from_js("search", ask)?)?)?)
    }

    /// See [`engine::Engine::search_step`].
    #[wasm_bindgen(js_name = searchStep)]
    pub fn search_step(&mut self, budget: u32) -> WasmResult<JsValue> {
        to_js(self.0.search_step(budget as usize)?)
    }

    /// See [`engine::Engine::search_stop`].
    #[wasm_bindgen(js_name = searchStop)]
    pub fn search_stop(&mut self) -> WasmResult<()> {
        Ok(self.0.search_stop()?)
    }

    /// See [`engine::Engine::search_finish`].
    #[wasm_bindgen(js_name = searchFinish)]
    pub fn search_finish(&mut self) -> WasmResult<JsValue> {
        to_js(self.0.search_finish()?)
    }

    /// See [`engine::Engine::fingerprint`].
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint()
    }

    /// See [`engine::Engine::import_begin`].
    #[wasm_bindgen(js_name = importBegin)]
    pub fn import_begin(&mut self, ask: JsValue) -> WasmResult<()> {
        Ok(self.0.import_begin(request::Import::decode("importRatings", from_js("importRatings", ask)?)?)?)
    }

    /// See [`engine::Engine::import_file`].
    #[wasm_bindgen(js_name = importFile)]
    pub fn import_file(&mut self, name: &str) -> WasmResult<()> {
        Ok(self.0.import_file(name)?)
    }

    /// See [`engine::Engine::import_push`].
    #[wasm_bindgen(js_name = importPush)]
    pub fn import_push(&mut self, bytes: &[u8]) -> WasmResult<u32> {
        Ok(self.0.import_push(bytes)? as u32)
    }

    /// See [`engine::Engine::import_end`].
    #[wasm_bindgen(js_name = importEnd)]
    pub fn import_end(&mut self) -> WasmResult<()> {
        Ok(self.0.import_end()?)
    }

    /// See [`engine::Engine::import_finish`].
    #[wasm_bindgen(js_name = importFinish)]
    pub fn import_finish(&mut self) -> WasmResult<Community> {
        Ok(Community(self.0.import_finish()?))
    }

    /// See [`engine::Engine::stage`].
    pub fn stage(&self, more: Community, mode: &str) -> WasmResult<Community> {
        Ok(Community(self.0.stage(more.0, mode)?))
    }

    /// See [`engine::Engine::take_in`].
    #[wasm_bindgen(js_name = takeIn)]
    pub fn take_in(&mut self, community: Community) -> WasmResult<()> {
        Ok(self.0.take_in(community.0)?)
    }

    /// See [`engine::Engine::data_report`].
    #[wasm_bindgen(js_name = dataReport)]
    pub fn data_report(&self) -> WasmResult<JsValue> {
        to_js(self.0.data_report())
    }

    /// Panics, for the tests of what a panic does. Never in a published build.
    #[cfg(feature = "faults")]
    pub fn crash(&mut self, message: &str) {
        panic!("{message}");
    }
}

/// See [`engine::kinds`].
#[wasm_bindgen]
pub fn kinds() -> WasmResult<JsValue> {
    to_js(engine::kinds())
}

/// See [`engine::check`].
#[wasm_bindgen]
pub fn check(model: &str, params: JsValue) -> WasmResult<JsValue> {
    let params = Some(from_js("params", params)?).filter(|p| *p != Value::Null);
    to_js(engine::check(model, params)?)
}

/// See [`engine::describe`].
#[wasm_bindgen]
pub fn describe(bytes: &[u8], source: &str, now: f64) -> WasmResult<JsValue> {
    to_js(engine::describe(bytes, source, now)?)
}

/// See [`engine::pack::open_pack`]: an array of `{ version, bytes }`.
#[wasm_bindgen(js_name = openPack)]
pub fn open_pack(bytes: &[u8], now: f64) -> WasmResult<js_sys::Array> {
    engine::pack::open_pack(bytes, now)?.into_iter().map(|p| with_bytes(p.version, p.bytes)).collect()
}

/// See [`engine::registry_step`].
#[wasm_bindgen(js_name = registryStep)]
pub fn registry_step(registry: JsValue, step: &str, id: &str, version: JsValue) -> WasmResult<JsValue> {
    let registry = Registry::decode("registry", from_js("registry", registry)?)?;
    let version = Some(from_js("version", version)?).filter(|v| *v != Value::Null);
    to_js(engine::registry_step(registry, step, id, version)?)
}

/// See [`crate::ground::hash::sha256_hex`].
#[wasm_bindgen]
pub fn sha256(bytes: &[u8]) -> String {
    crate::ground::hash::sha256_hex(bytes)
}

/// A random seed below 2^53, for callers that name none.
#[wasm_bindgen(js_name = randomSeed)]
pub fn random_seed() -> f64 {
    (getrandom::u64().unwrap_or_default() >> 11) as f64
}

/// Twelve random hex digits, for names of versions.
#[wasm_bindgen(js_name = randomId)]
pub fn random_id() -> String {
    format!("{:012x}", getrandom::u64().unwrap_or_default() >> 16)
}

/// The text of the last panic; empty without one. Still readable after the trap that follows a panic.
#[wasm_bindgen(js_name = lastPanic)]
pub fn last_panic() -> String {
    panic::last()
}
