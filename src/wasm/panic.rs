//! What a panic leaves behind. After it the engine object is dead (wasm-bindgen's borrow is never given back); the
//! shell ends the worker, starts another and replays. The text is kept so that the error can say what happened.

use std::sync::{Mutex, Once};

static LAST: Mutex<String> = Mutex::new(String::new());
static INSTALLED: Once = Once::new();

/// Installs the hook, once.
pub fn install() {
    INSTALLED.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let text = info.to_string();
            web_sys::console::error_1(&text.as_str().into());
            if let Ok(mut last) = LAST.lock() {
                *last = text;
            }
        }));
    });
}

/// The text of the last panic.
pub fn last() -> String {
    LAST.lock().map(|last| last.clone()).unwrap_or_default()
}
