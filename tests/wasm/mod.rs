//! The façade as the shell sees it, in a browser. Its classes are exports of this very program too, because it links
//! the library; the module the test runner has loaded gives them, started already.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
async fn what_is_there() {
    let glue = js_sys::eval("Array.from(performance.getEntriesByType('resource')).map(r => r.name).concat([location.href]).join(' ')").unwrap();
    panic!("{glue:?}");
}
