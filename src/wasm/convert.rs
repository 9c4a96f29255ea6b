//! Values on their way in and out.

use super::error::WasmResult;
use crate::engine::reply::TrainedModel;
use crate::engine::{Community, request};
use crate::ground::fields::FromFields;
use crate::ground::{Code, Error, Result};
use js_sys::{Object, Reflect, Uint8Array};
use serde::Serialize;
use serde_json::Value;
use wasm_bindgen::JsValue;

/// A JavaScript value as a JSON value. `serde_wasm_bindgen` ignores `deny_unknown_fields` and is compiled anew for
/// each type it meets; this way it meets one, and [`crate::ground::fields`] does the rest.
pub fn from_js(place: &str, value: JsValue) -> Result<Value> {
    serde_wasm_bindgen::from_value(value)
        .map_err(|e| Error::new(Code::InvalidArgument, "this cannot be read").at(place).got(e))
}

/// Encodes: maps as plain objects. A number that is none becomes `null`.
pub fn to_js<T: Serialize + ?Sized>(value: &T) -> WasmResult<JsValue> {
    let refused = |e: String| Error::new(Code::InvalidArgument, "this reply cannot be encoded").got(e);
    let value = serde_json::to_value(value).map_err(|e| refused(e.to_string()))?;
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    Ok(value.serialize(&serializer).map_err(|e| refused(e.to_string()))?)
}

/// Columns of interactions.
pub fn columns(
    about: JsValue,
    users: Vec<u32>,
    items: Vec<u32>,
    ratings: Vec<f32>,
    at: Option<Vec<f64>>,
) -> Result<Community> {
    let about = request::Columns::decode("interactions", from_js("interactions", about)?)?;
    Community::from_columns(about, users, items, ratings, at)
}

/// `{ version, bytes }`.
pub fn trained(done: TrainedModel) -> WasmResult<JsValue> {
    let out = Object::new();
    let version = to_js(&done.version)?;
    // Setting a field of an object made here cannot fail.
    let _ = Reflect::set(&out, &"version".into(), &version);
    let _ = Reflect::set(&out, &"bytes".into(), &Uint8Array::from(done.bytes.as_slice()));
    Ok(out.into())
}
