//! Values on their way in and out.

use super::error::WasmResult;
use crate::engine::{Community, request};
use crate::ground::fields::FromFields;
use crate::ground::json::Value;
use crate::ground::{Code, Error, Result};
use js_sys::{Array, Object, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};

/// A JavaScript value as a JSON value; NaN, infinities and what is no data are refused by their path. Not by way of
/// `serde_wasm_bindgen`, which ignores `deny_unknown_fields`, lets NaN pass, and would weigh 8 kB more;
/// [`crate::ground::fields`] does the rest.
pub fn from_js(place: &str, value: JsValue) -> Result<Value> {
    read(place, value, 0)
}

/// Deepest nesting that is followed; what goes deeper is a circle or an attack.
const MAX_DEPTH: usize = 16;

fn read(place: &str, value: JsValue, depth: usize) -> Result<Value> {
    let wrong = |expected: &str, got: &str| Err(Error::argument(place, expected, got));
    if depth > MAX_DEPTH {
        return wrong("data a few levels deep", "a circle, or a tower");
    }
    if value.is_null() || value.is_undefined() {
        return Ok(Value::Null);
    }
    if let Some(yes) = value.as_bool() {
        return Ok(Value::Bool(yes));
    }
    if let Some(x) = value.as_f64() {
        return if x.is_finite() {
            Ok(Value::Number(x))
        } else {
            wrong("a finite number", "NaN or infinity")
        };
    }
    if let Some(text) = value.as_string() {
        return Ok(Value::String(text));
    }
    if let Some(list) = value.dyn_ref::<Array>() {
        let items = (0..list.length()).map(|at| read(&format!("{place}[{at}]"), list.get(at), depth + 1));
        return Ok(Value::Array(items.collect::<Result<_>>()?));
    }
    // By `typeof`, not `instanceof`: an object without a prototype is plain data, too.
    if !value.is_object() {
        return wrong("plain data", "something else");
    }
    let mut map = Vec::new();
    for entry in Object::entries(value.unchecked_ref::<Object>()) {
        let entry = entry.unchecked_into::<Array>();
        let key = entry.get(0).as_string().unwrap_or_default();
        let value = read(&format!("{place}.{key}"), entry.get(1), depth + 1)?;
        map.push((key, value));
    }
    Ok(Value::Object(map))
}

/// A reply as a JavaScript value: maps as plain objects; what is absent is left out.
pub fn to_js(value: impl Into<Value>) -> WasmResult<JsValue> {
    encode(&value.into())
}

#[inline(never)]
fn encode(value: &Value) -> WasmResult<JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
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
    context: Option<Vec<u32>>,
) -> Result<Community> {
    let about = request::Columns::decode("interactions", from_js("interactions", about)?)?;
    Community::from_columns(about, users, items, ratings, at, context)
}

/// `{ version, bytes }`.
pub fn with_bytes(version: impl Into<Value>, bytes: &[u8]) -> WasmResult<JsValue> {
    let out = Object::new();
    let version = to_js(version)?;
    // Setting a field of an object made here cannot fail.
    let _ = Reflect::set(&out, &"version".into(), &version);
    let _ = Reflect::set(&out, &"bytes".into(), &Uint8Array::from(bytes));
    Ok(out.into())
}

/// An array of `Uint8Array`s; what is none of either is left out.
pub fn byte_arrays(parts: &JsValue) -> Vec<Vec<u8>> {
    let Some(list) = parts.dyn_ref::<Array>() else { return Vec::new() };
    list.iter().filter_map(|part| part.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec)).collect()
}
