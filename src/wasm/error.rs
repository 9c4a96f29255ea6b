//! Errors on their way out: plain data with a marker, from which the shell builds its error class. No JavaScript value
//! ever stands in an error of the core.

use crate::ground::Error;
use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

/// Result of façade methods; inside, it is [`crate::ground::Result`].
pub type WasmResult<T> = Result<T, Refusal>;

/// An error that can be thrown.
#[derive(Debug)]
pub struct Refusal(Error);

impl From<Error> for Refusal {
    fn from(e: Error) -> Refusal {
        Refusal(e)
    }
}

impl From<Refusal> for JsValue {
    fn from(Refusal(e): Refusal) -> JsValue {
        let thrown = Object::new();
        let set = |object: &Object, key: &str, value: &str| {
            // Setting a field of an object made here cannot fail.
            let _ = Reflect::set(object, &key.into(), &value.into());
        };
        let details = Object::new();
        let parts =
            [("place", e.place()), ("expected", e.expectation()), ("got", e.found()), ("hint", e.advice())];
        for (key, value) in parts.into_iter().filter(|(_, value)| !value.is_empty()) {
            set(&details, key, value);
        }
        set(&thrown, "code", e.code().as_str());
        set(&thrown, "message", &e.to_string());
        let _ = Reflect::set(&thrown, &"details".into(), &details);
        thrown.into()
    }
}
