//! JavaScript by hand: calls by name, values from their source text.

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

/// What a call gives or throws.
pub type Reply = Result<JsValue, JsValue>;

/// A value from its source text.
pub fn js(source: &str) -> JsValue {
    js_sys::eval(source).unwrap_or_else(|e| panic!("{source}: {e:?}"))
}

/// A property; it has to be there.
pub fn field(object: &JsValue, name: &str) -> JsValue {
    assert!(Reflect::has(object, &name.into()).unwrap_or(false), "no {name:?} in {object:?}");
    Reflect::get(object, &name.into()).unwrap()
}

/// A property that is a text.
pub fn text(object: &JsValue, name: &str) -> String {
    field(object, name).as_string().unwrap_or_else(|| panic!("{name:?} of {object:?} is no text"))
}

/// A property that is a number.
pub fn number(object: &JsValue, name: &str) -> f64 {
    field(object, name).as_f64().unwrap_or_else(|| panic!("{name:?} of {object:?} is no number"))
}

/// Names of the properties, in order.
pub fn keys(object: &JsValue) -> Vec<String> {
    Object::keys(object.unchecked_ref::<Object>()).iter().map(|k| k.as_string().unwrap()).collect()
}

/// The bytes of an array of them.
pub fn bytes(value: &JsValue) -> Vec<u8> {
    value.dyn_ref::<Uint8Array>().unwrap_or_else(|| panic!("{value:?} is no Uint8Array")).to_vec()
}

/// What was thrown; it has to be plain data of ours, not an accident.
pub fn error(reply: Reply) -> JsValue {
    match reply {
        Ok(value) => panic!("this should have been refused, and gave {value:?}"),
        Err(e) => {
            assert!(!e.is_instance_of::<js_sys::Error>(), "an accident: {e:?}");
            e
        }
    }
}

/// The module with the façade's classes.
pub struct Glue(JsValue);

/// An object of one of them.
pub struct Instance(pub JsValue);

fn call(object: &JsValue, name: &str, arguments: &[JsValue]) -> Reply {
    let method: Function = field(object, name).dyn_into().unwrap();
    method.apply(object, &arguments.iter().collect::<Array>())
}

impl Glue {
    /// The very module that runs this test: a second one would have a memory of its own, and nobody has started it.
    pub async fn load() -> Glue {
        let import: Promise =
            js("import(new URL('/wasm-bindgen-test', location.href).href)").unchecked_into();
        Glue(import.await.unwrap())
    }

    /// A function.
    pub fn call(&self, name: &str, arguments: &[JsValue]) -> Reply {
        call(&self.0, name, arguments)
    }

    /// A function of a class.
    pub fn call_static(&self, class: &str, name: &str, arguments: &[JsValue]) -> Result<Instance, JsValue> {
        call(&field(&self.0, class), name, arguments).map(Instance)
    }

    /// A new engine.
    pub fn engine(&self) -> Instance {
        let class: Function = field(&self.0, "Engine").dyn_into().unwrap();
        Instance(Reflect::construct(&class, &Array::new()).unwrap())
    }
}

impl Instance {
    /// A method.
    pub fn call(&self, name: &str, arguments: &[JsValue]) -> Reply {
        call(&self.0, name, arguments)
    }
}
