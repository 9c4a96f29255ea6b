//! One program for the tests that look at the core from outside: linked once, and once to a browser. What can run on
//! both machines does: `test` below is wasm-bindgen's attribute on wasm32 and the standard one elsewhere, so each test
//! is one source and is seen green on both (a native run alone proves nothing about wasm).

mod contract;
mod golden;
mod known;
#[cfg(not(target_arch = "wasm32"))]
mod properties;
#[cfg(target_arch = "wasm32")]
mod wasm;
mod world;
