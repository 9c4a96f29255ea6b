//! Values on their way in and out.

use super::error::WasmResult;
use crate::engine::reply::TrainedModel;
use crate::engine::{Community, request};
use crate::ground::{Code, Error, Result};
use js_sys::{Object, Reflect, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

/// Decodes; what does not fit is an error that names the place.
pub fn from_js<T: DeserializeOwned>(place: &str, value: JsValue) -> Result<T> {
    serde_wasm_bindgen::from_value(value)
        .map_err(|e| Error::new(Code::InvalidArgument, "this cannot be read").at(place).got(e))
}

/// Encodes: maps as plain objects, nothing as `undefined`.
pub fn to_js<T: Serialize + ?Sized>(value: &T) -> WasmResult<JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    Ok(value
        .serialize(&serializer)
        .map_err(|e| Error::new(Code::InvalidArgument, "this reply cannot be encoded").got(e))?)
}

/// Columns of interactions.
pub fn columns(
    about: JsValue,
    users: Vec<u32>,
    items: Vec<u32>,
    ratings: Vec<f32>,
    at: Option<Vec<f64>>,
) -> Result<Community> {
    let about = request::decode("interactions", from_js("interactions", about)?)?;
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
