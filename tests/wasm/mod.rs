//! The façade as the shell sees it, through its JavaScript: what becomes of values on their way in and out.
//!
//! This program links the library, so the façade's classes are among its own exports, and the module the test runner
//! has loaded and started is the one that gives them.

mod js;

use crate::golden::community;
use js::{Glue, error, field, js, keys, number, text};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
async fn errors_are_data_with_a_code_a_message_and_details() {
    let glue = Glue::load().await;
    let engine = glue.engine();
    let e = error(engine.call("recommend", &[js("({ k: 0 })")]));
    assert_eq!(keys(&e), ["code", "message", "details"]);
    assert_eq!(text(&e, "code"), "invalid-argument");
    let details = field(&e, "details");
    assert_eq!(keys(&details), ["place", "expected", "got"], "what is empty is left out");
    assert_eq!(text(&details, "place"), "k");
    assert_eq!(text(&details, "expected"), "a whole number from 1 to 1000");
    assert_eq!(text(&details, "got"), "0");
    assert_eq!(
        text(&e, "message"),
        "this value cannot be used, at k, expected a whole number from 1 to 1000, got 0."
    );
    let hinted = error(engine.call("exportPack", &[]));
    assert_eq!(text(&hinted, "code"), "no-model");
    assert_eq!(keys(&field(&hinted, "details")), ["hint"]);
    // The object is not spoilt by an error: the next call is answered.
    assert_eq!(number(&engine.call("status", &[]).unwrap(), "events"), 0.0);
}

#[test]
async fn what_is_no_number_is_refused_by_its_place() {
    let glue = Glue::load().await;
    let engine = glue.engine();
    for (ask, place) in [
        ("({ k: NaN })", "recommend.k"),
        ("({ k: Infinity })", "recommend.k"),
        ("({ items: NaN })", "recommend.items"),
        ("({ caution: -Infinity })", "recommend.caution"),
        ("({ k: '10' })", "recommend.k"),
        ("({ k: true })", "recommend.k"),
        ("({ k: [10] })", "recommend.k"),
        ("({ explain: 1 })", "recommend.explain"),
        ("({ explain: 'false' })", "recommend.explain"),
        ("({ items: 'i0' })", "recommend.items"),
        ("({ items: ['a', 1] })", "recommend.items[1]"),
        ("({ profile: 7 })", "recommend.profile"),
        ("({ context: 'funny' })", "recommend.context"),
        ("({ K: 10 })", "recommend.K"),
        ("({ ['__proto__']: 1 })", "recommend.__proto__"),
        ("5", "recommend"),
        ("'k'", "recommend"),
        ("[1]", "recommend"),
    ] {
        let e = error(engine.call("recommend", &[js(ask)]));
        assert_eq!(text(&field(&e, "details"), "place"), place, "{ask}: {}", text(&e, "message"));
        if ask.contains("NaN") || ask.contains("Infinity") {
            assert_eq!(text(&field(&e, "details"), "expected"), "a finite number", "{ask}: at the door");
        }
    }
}

#[test]
async fn what_is_no_data_is_refused() {
    let glue = Glue::load().await;
    let engine = glue.engine();
    for ask in ["() => 1", "Symbol('k')", "10n", "({ k: () => 1 })", "({ k: Symbol() })", "({ k: 10n })"] {
        let e = error(engine.call("recommend", &[js(&format!("({ask})"))]));
        assert_eq!(text(&e, "code"), "invalid-argument", "{ask}");
    }
}

/// A structured clone keeps circles, so they reach the engine from across a worker too.
#[test]
async fn circles_and_towers_are_refused_and_do_not_bring_the_engine_down() {
    let glue = Glue::load().await;
    let engine = glue.engine();
    for ask in [
        "(() => { const o = {}; o.context = o; return o; })()",
        "(() => { const a = []; a.push(a); return { items: a }; })()",
        "(() => { let o = {}; for (let i = 0; i < 1e5; i++) o = { context: o }; return o; })()",
    ] {
        let e = error(engine.call("recommend", &[js(ask)]));
        assert_eq!(text(&e, "code"), "invalid-argument", "{ask}");
        assert_eq!(number(&engine.call("status", &[]).unwrap(), "events"), 0.0, "it is still there");
    }
}

#[test]
async fn undefined_and_null_are_the_same_as_left_out() {
    let glue = Glue::load().await;
    let engine = glue.engine();
    engine
        .call(
            "setCatalog",
            &[js("Array.from({ length: 12 }, (_, i) => ({ id: `i${i}`, title: 't', year: undefined }))")],
        )
        .unwrap();
    for ask in [
        "undefined",
        "null",
        "({})",
        "({ k: undefined })",
        "({ k: null, items: undefined, context: null })",
        "Object.create(null)",
    ] {
        let reply = engine.call("recommend", &[js(ask)]).unwrap();
        let list = js_sys::Array::from(&field(&reply, "list"));
        assert_eq!(list.length(), 10, "{ask}");
        assert_eq!(
            keys(&list.get(0)),
            ["item", "score", "rank", "confidence", "source", "tier"],
            "no reasons, no key"
        );
    }
}

#[test]
async fn nan_comes_out_as_nan() {
    let glue = Glue::load().await;
    let p = glue.engine().call("predict", &[js("({ item: 'nowhere' })")]).unwrap();
    assert!(number(&p, "value").is_nan());
    assert_eq!((text(&p, "tier"), text(&p, "reason")), ("none".into(), "no-model".into()));
    assert!(!keys(&p).contains(&"confidence".to_owned()));
}

#[test]
async fn columns_are_typed_arrays_and_views_of_them() {
    let glue = Glue::load().await;
    let about = "({ userIds: ['u', 'v'], itemIds: ['a', 'b'], label: 'two' })";
    let columns = |users: &str, items: &str, ratings: &str, at: &str| {
        glue.call_static("Community", "fromColumns", &[js(about), js(users), js(items), js(ratings), js(at)])
    };
    let given = columns(
        "new Uint32Array([9, 0, 1, 9]).subarray(1, 3)",
        "new Uint32Array([0, 1])",
        "new Float32Array([4.5, 0.5])",
        "new Float64Array([1.7e12, 1.8e12])",
    )
    .unwrap();
    let bytes = given.call("write", &[]).unwrap();
    let back = glue.call_static("Community", "read", core::slice::from_ref(&bytes)).unwrap();
    assert_eq!(js::bytes(&back.call("write", &[]).unwrap()), js::bytes(&bytes));
    let engine = glue.engine();
    engine.call("takeIn", &[back.0]).unwrap();
    let report = engine.call("dataReport", &[]).unwrap();
    assert_eq!((number(&report, "ratings"), number(&report, "mean")), (2.0, 2.5));
    assert_eq!((number(&report, "from"), number(&report, "to")), (1.7e12, 1.8e12));
    assert!(columns("new Uint32Array(0)", "new Uint32Array(0)", "new Float32Array(0)", "undefined").is_ok());
    for (users, items, ratings, at, place) in [
        ("new Uint32Array([2])", "new Uint32Array([0])", "new Float32Array([4])", "undefined", "users[0]"),
        ("new Uint32Array([-1])", "new Uint32Array([0])", "new Float32Array([4])", "undefined", "users[0]"),
        ("new Uint32Array([0])", "new Uint32Array([0, 1])", "new Float32Array([4])", "undefined", "items"),
        (
            "new Uint32Array([0])",
            "new Uint32Array([0])",
            "new Float32Array([NaN])",
            "undefined",
            "ratings[0]",
        ),
        (
            "new Uint32Array([0])",
            "new Uint32Array([0])",
            "new Float32Array([4])",
            "new Float64Array([NaN])",
            "at[0]",
        ),
        (
            "new Uint32Array([0])",
            "new Uint32Array([0])",
            "new Float32Array([4])",
            "new Float64Array(0)",
            "at",
        ),
    ] {
        let e = error(columns(users, items, ratings, at).map(|c| c.0));
        assert_eq!(text(&field(&e, "details"), "place"), place, "{}", text(&e, "message"));
    }
}

#[test]
async fn ids_come_back_as_they_were_given_and_too_long_ones_not_at_all() {
    let glue = Glue::load().await;
    let engine = glue.engine();
    // 1,024 bytes of UTF-8: 256 signs of four bytes, which are two of JavaScript's units each.
    let ids = "['🎬'.repeat(256), '片', '__proto__', 'constructor', 'e\\u0301', '\\u202eabc', ' ', '9007199254740993']";
    engine.call("setCatalog", &[js(&format!("{ids}.map((id) => ({{ id, title: id }}))"))]).unwrap();
    let reply = engine.call("recommend", &[js("({ k: 100 })")]).unwrap();
    let came = js_sys::Array::from(&field(&reply, "list"));
    let given = js_sys::Array::from(&js(ids));
    assert_eq!(came.length(), given.length());
    for at in 0..given.length() {
        assert_eq!(field(&came.get(at), "item"), given.get(at));
    }
    for (bad, expected) in [
        ("'🎬'.repeat(256) + 'x'", "an id of at most 1024 bytes"),
        ("''", "a non-empty id"),
        ("'a\\u0000b'", "an id without control characters"),
    ] {
        let e = error(engine.call("setCatalog", &[js(&format!("[{{ id: {bad}, title: 't' }}]"))]));
        assert_eq!(text(&field(&e, "details"), "expected"), expected);
    }
    assert_eq!(number(&engine.call("status", &[]).unwrap(), "catalog"), 8.0, "nothing has changed");
}

#[test]
async fn a_training_through_the_facade_gives_the_golden_bytes() {
    let glue = Glue::load().await;
    let engine = glue.engine();
    let x = community::community().interactions;
    let columns = [
        js(
            "({ userIds: Array.from({ length: 200 }, (_, u) => `u${u}`), itemIds: Array.from({ length: 100 }, (_, i) => `i${i}`) })",
        ),
        js_sys::Uint32Array::from(&x.user[..]).into(),
        js_sys::Uint32Array::from(&x.item[..]).into(),
        js_sys::Float32Array::from(&x.rating[..]).into(),
        JsValue::UNDEFINED,
    ];
    let given = glue.call_static("Community", "fromColumns", &columns).unwrap();
    let staged = engine.call("stage", &[given.0, "replace".into()]).unwrap();
    engine.call("takeIn", &[staged]).unwrap();
    let ask = js(
        "({ model: 'matrix-factorization', params: { factors: 16, epochs: 10 }, validation: { split: 'none' }, patience: 0, seed: 7 })",
    );
    let too_little = engine.call("trainBegin", &[ask]).unwrap();
    assert!(too_little.is_null() || too_little.is_undefined(), "{too_little:?}");
    while text(&engine.call("trainStep", &[3000.into()]).unwrap(), "phase") != "done" {}
    let done = engine.call("trainFinish", &["v".into(), "label".into(), 1.8e12.into(), 12.5.into()]).unwrap();
    let (version, bytes) = (field(&done, "version"), js::bytes(&field(&done, "bytes")));
    let golden: serde_json::Value =
        serde_json::from_str(include_str!("../golden/matrix-factorization.json")).unwrap();
    assert_eq!(golden["hash"], text(&version, "hash"));
    assert_eq!(
        glue.call("sha256", &[js_sys::Uint8Array::from(&bytes[..]).into()]).unwrap(),
        text(&version, "hash")
    );
    assert_eq!(number(&version, "bytes"), bytes.len() as f64, "a number, not a BigInt");
    assert_eq!((number(&version, "createdAt"), number(&version, "trainingMs")), (1.8e12, 12.5));
    assert_eq!(number(&field(&version, "params"), "factors"), 16.0);
    assert_eq!(js_sys::Array::from(&field(&version, "history")).length(), 10);
    assert!(!keys(&version).contains(&"metrics".to_owned()), "nothing was held out");
}

#[test]
async fn seeds_up_to_the_last_exact_whole_number_come_back_exactly() {
    let glue = Glue::load().await;
    let engine = glue.engine();
    let rows = "Array.from({ length: 12 }, (_, i) => ({ seq: i + 1, profile: `p${i % 2}`, item: `i${i}`, type: 'rate', rating: 4, at: 1.7e12 }))";
    engine.call("replay", &[js(rows)]).unwrap();
    engine.call("trainBegin", &[js("({ model: 'popularity', seed: Number.MAX_SAFE_INTEGER })")]).unwrap();
    while text(&engine.call("trainStep", &[1000.into()]).unwrap(), "phase") != "done" {}
    let done = engine.call("trainFinish", &["v".into(), "".into(), 0.into(), 0.into()]).unwrap();
    assert_eq!(number(&field(&done, "version"), "seed"), 9_007_199_254_740_991.0);
    for seed in ["2 ** 53", "-1", "0.5", "NaN", "'7'", "7n"] {
        let ask = js(&format!("({{ model: 'popularity', seed: {seed} }})"));
        assert_eq!(text(&error(engine.call("trainBegin", &[ask])), "code"), "invalid-argument", "{seed}");
    }
}

#[test]
async fn replies_are_plain_objects() {
    let glue = Glue::load().await;
    let engine = glue.engine();
    engine
        .call("setCatalog", &[js("[{ id: 'a', title: 'A', genres: ['Drama'], extra: { kept: 1 } }]")])
        .unwrap();
    for (name, ask) in [
        ("status", JsValue::UNDEFINED),
        ("recommend", js("({ explain: true })")),
        ("predict", js("({ item: 'a' })")),
    ] {
        let reply = engine.call(name, &[ask]).unwrap();
        let plain = js_sys::Reflect::get_prototype_of(&reply).unwrap();
        assert_eq!(JsValue::from(plain), js("Object.prototype"), "{name}");
        assert!(js_sys::JSON::stringify(&reply).is_ok(), "{name}");
    }
}

#[test]
async fn a_list_of_versions_keeps_what_it_is_given() {
    let glue = Glue::load().await;
    let step = |registry: JsValue, step: &str, id: &str, version: JsValue| {
        glue.call("registryStep", &[registry, step.into(), id.into(), version])
    };
    let version = || js("({ id: 'a', label: 'ü', params: { x: 0.1 }, more: [1, null, 'y'] })");
    let listed = step(js("({ versions: [], past: [] })"), "add", "a", version()).unwrap();
    let active = step(listed, "activate", "a", JsValue::UNDEFINED).unwrap();
    assert_eq!(text(&active, "active"), "a");
    let kept = js_sys::Array::from(&field(&active, "versions")).get(0);
    assert_eq!(js_sys::JSON::stringify(&kept).unwrap(), js_sys::JSON::stringify(&version()).unwrap());
    let e = error(step(active, "activate", "b", JsValue::UNDEFINED));
    assert_eq!(text(&e, "code"), "unknown-version");
}

#[test]
async fn names_and_seeds_drawn_here_are_fit_for_use() {
    let glue = Glue::load().await;
    let (a, b) = (glue.call("randomSeed", &[]).unwrap(), glue.call("randomSeed", &[]).unwrap());
    for seed in [&a, &b] {
        let seed = seed.as_f64().unwrap();
        assert!(seed >= 0.0 && seed.fract() == 0.0 && seed < 9_007_199_254_740_992.0);
    }
    assert_ne!(a, b);
    let id = glue.call("randomId", &[]).unwrap().as_string().unwrap();
    assert!(id.len() == 12 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
    assert_ne!(glue.call("randomId", &[]).unwrap(), id);
}
