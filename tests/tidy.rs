//! The floors of the house, and what must not be found below the façade: read from the sources, because nothing in the
//! language holds one module of a crate away from another.
//!
//! The checker reads tokens, not lines: comments and texts may say anything, and a path counts wherever it stands (in
//! a `use`, inside an expression, in test code).
#![cfg(not(target_arch = "wasm32"))]

use std::path::{Path, PathBuf};

/// Rooms by floor. Neighbours on one floor do not import each other.
const FLOORS: &[(&str, u8)] = &[
    ("ground", 0),
    ("data", 1),
    ("features", 1),
    ("codec", 1),
    ("models", 2),
    ("eval", 2),
    ("train", 3),
    ("learn", 4),
    ("rank", 4),
    ("explain", 4),
    ("lifecycle", 4),
    ("engine", 5),
    ("wasm", 6),
];

/// Where the outside world begins: clock, entropy, JavaScript and global state live here or nowhere.
const FACADE: u8 = 6;

const MOST_LINES: usize = 450;

/// Roots under `std` that reach out of the program.
const OUTSIDE: &[&str] = &["time", "fs", "net", "env", "io", "process", "thread"];

/// Crates that reach out of the program.
const FOREIGN: &[&str] = &["js_sys", "web_sys", "wasm_bindgen", "serde_wasm_bindgen", "getrandom"];

/// Types that make a `static` a hidden argument.
const SHARED: &[&str] =
    &["Mutex", "RwLock", "OnceLock", "LazyLock", "OnceCell", "LazyCell", "Cell", "RefCell"];

fn floor(room: &str) -> Option<u8> {
    FLOORS.iter().find(|f| f.0 == room).map(|f| f.1)
}

// --- Tokens -----------------------------------------------------------------------------------------------------

/// Words and single signs (`::` is one), without comments, texts and lifetimes.
fn tokens(source: &str) -> Vec<String> {
    let c: Vec<char> = source.chars().collect();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut out: Vec<String> = Vec::new();
    let mut i = 0;
    while i < c.len() {
        let next = c.get(i + 1).copied().unwrap_or(' ');
        match c[i] {
            '/' if next == '/' => i = end_of(&c, i, &['\n']),
            '/' if next == '*' => i = end_of_comment(&c, i),
            '"' => i = end_of_text(&c, i),
            // Raw and byte texts: r"", r#""#, b"", br#""#; `r#type` is a word.
            'r' | 'b' | 'c' if starts_text(&c, i) => i = end_of_prefixed(&c, i),
            '\'' => i = end_of_quote(&c, i),
            ':' if next == ':' => {
                out.push("::".into());
                i += 2;
            }
            w if is_word(w) => {
                let from = i;
                while i < c.len() && is_word(c[i]) {
                    i += 1;
                }
                out.push(c[from..i].iter().collect());
            }
            s if s.is_whitespace() => i += 1,
            s => {
                out.push(s.into());
                i += 1;
            }
        }
    }
    out
}

fn end_of(c: &[char], from: usize, any: &[char]) -> usize {
    (from..c.len()).find(|&i| any.contains(&c[i])).unwrap_or(c.len())
}

fn end_of_comment(c: &[char], from: usize) -> usize {
    let (mut i, mut depth) = (from, 0);
    while i + 1 < c.len() {
        match (c[i], c[i + 1]) {
            ('/', '*') => depth += 1,
            ('*', '/') if depth == 1 => return i + 2,
            ('*', '/') => depth -= 1,
            _ => {
                i += 1;
                continue;
            }
        }
        i += 2;
    }
    c.len()
}

/// Past a text that begins with the quote at `from`.
fn end_of_text(c: &[char], from: usize) -> usize {
    let mut i = from + 1;
    while i < c.len() && c[i] != '"' {
        i += if c[i] == '\\' { 2 } else { 1 };
    }
    i + 1
}

fn starts_text(c: &[char], from: usize) -> bool {
    if from > 0 && (c[from - 1].is_alphanumeric() || c[from - 1] == '_') {
        return false;
    }
    let quote = (from..c.len()).find(|&i| !matches!(c[i], 'r' | 'b' | 'c' | '#')).unwrap_or(from);
    quote - from <= 12 && c.get(quote) == Some(&'"')
}

fn end_of_prefixed(c: &[char], from: usize) -> usize {
    let quote = end_of(c, from, &['"']);
    let raw = c[from..quote].contains(&'r');
    if !raw {
        return end_of_text(c, quote);
    }
    let hashes = c[from..quote].iter().filter(|&&x| x == '#').count();
    let closes = |i: usize| c[i] == '"' && (1..=hashes).all(|h| c.get(i + h) == Some(&'#'));
    (quote + 1..c.len()).find(|&i| closes(i)).map_or(c.len(), |i| i + 1 + hashes)
}

/// Past a character or a lifetime.
fn end_of_quote(c: &[char], from: usize) -> usize {
    match (c.get(from + 1), c.get(from + 2)) {
        (Some('\\'), _) => end_of(c, from + 3, &['\'']) + 1,
        (Some(_), Some('\'')) => from + 3,
        _ => (from + 1..c.len()).find(|&i| !(c[i].is_alphanumeric() || c[i] == '_')).unwrap_or(c.len()),
    }
}

// --- Paths ------------------------------------------------------------------------------------------------------

/// What a path's first step under the crate's root is; `*` for all of it.
fn reached(tokens: &[String], file: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    // Names of inline modules with the depth of braces they were opened at.
    let (mut inline, mut depth): (Vec<(String, usize)>, usize) = (Vec::new(), 0);
    let mut i = 0;
    while i < tokens.len() {
        let word = tokens[i].as_str();
        let continues = i > 0 && tokens[i - 1] == "::";
        match word {
            "mod" if tokens.get(i + 2).is_some_and(|t| t == "{") => {
                inline.push((tokens[i + 1].clone(), depth));
                depth += 1;
                i += 3;
                continue;
            }
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                inline.retain(|m| m.1 < depth);
            }
            "crate" | "super" | "self" if !continues => {
                let here: Vec<String> =
                    file.iter().cloned().chain(inline.iter().map(|m| m.0.clone())).collect();
                let mut at = i;
                tree(tokens, &mut at, &here, &mut found);
                // The walk goes on inside groups, whose paths are relative; they were taken in already.
                i = at.max(i + 1);
                continue;
            }
            _ => {}
        }
        i += 1;
    }
    found
}

/// One path or one branch of a `use`, relative to `base`.
fn tree(tokens: &[String], at: &mut usize, base: &[String], found: &mut Vec<String>) {
    let mut base: Vec<String> = base.to_vec();
    let mut stepped = false;
    loop {
        let Some(word) = tokens.get(*at) else { return };
        match word.as_str() {
            "crate" => base.clear(),
            "super" => {
                base.pop();
            }
            "self" => {}
            "{" => {
                *at += 1;
                while tokens.get(*at).is_some_and(|t| t != "}") {
                    tree(tokens, at, &base, found);
                    if tokens.get(*at).is_some_and(|t| t != "}") {
                        *at += 1;
                    }
                }
                *at += 1;
                return;
            }
            name => {
                if base.is_empty() {
                    found.push(name.to_owned());
                }
                // What follows lies below a room and says no more about floors.
                stepped = true;
                base.push(name.to_owned());
            }
        }
        *at += 1;
        if tokens.get(*at).is_some_and(|t| t == "::") {
            *at += 1;
            continue;
        }
        // `use crate as other` would hide every later path.
        if !stepped && base.is_empty() && tokens.get(*at).is_some_and(|t| t == "as") {
            found.push("*".into());
        }
        while tokens.get(*at).is_some_and(|t| t == "as") {
            *at += 2;
        }
        return;
    }
}

// --- Rules ------------------------------------------------------------------------------------------------------

/// Everything wrong with one file, `path` relative to `src`.
fn check(path: &str, source: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let lines = source.lines().count();
    if lines > MOST_LINES {
        wrong.push(format!("{path}: {lines} lines; a file over {MOST_LINES} holds two rooms"));
    }
    let module = module_of(path);
    let tokens = tokens(source);
    let own = match module.first() {
        None => u8::MAX,
        Some(room) => match floor(room) {
            Some(own) => own,
            None => {
                wrong.push(format!(
                    "{path}: {room} has no floor; give it one in tests/tidy.rs and in ARCHITECTURE.md"
                ));
                return wrong;
            }
        },
    };
    for room in reached(&tokens, &module) {
        match floor(&room) {
            _ if module.first() == Some(&room) => {}
            Some(other) if other < own => {}
            Some(other) => wrong.push(format!("{path}: floor {own} imports {room} of floor {other}")),
            None => wrong.push(format!("{path}: imports {room:?} from the root, which is no room")),
        }
    }
    // The root belongs to the core; only the façade is outside it.
    if own != FACADE {
        outside(path, &tokens, &mut wrong);
    }
    if path != "ground/ids.rs" && tokens.iter().any(|t| t == "HashMap" || t == "HashSet") {
        wrong.push(format!("{path}: a HashMap, whose order differs from run to run; use ground::ids::IdMap"));
    }
    wrong
}

fn module_of(path: &str) -> Vec<String> {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let steps = path.split('/').filter(|s| !matches!(*s, "mod" | "lib"));
    steps.map(str::to_owned).collect()
}

fn outside(path: &str, tokens: &[String], wrong: &mut Vec<String>) {
    for (i, word) in tokens.iter().enumerate() {
        let is = |at: usize, what: &str| tokens.get(at).is_some_and(|t| t == what);
        if FOREIGN.contains(&word.as_str()) {
            wrong.push(format!("{path}: {word} below the façade"));
        }
        if word == "std" && is(i + 1, "::") {
            for part in first_parts(tokens, i + 2) {
                if OUTSIDE.contains(&part.as_str()) {
                    wrong.push(format!("{path}: std::{part} below the façade"));
                }
            }
        }
        if word == "std" && is(i + 1, "as") || word == "std" && is(i + 1, "::") && is(i + 2, "*") {
            wrong.push(format!("{path}: std under another name hides what it is used for"));
        }
        if word == "thread_local" {
            wrong.push(format!("{path}: thread_local below the façade"));
        }
        if word == "static" {
            let kind: Vec<&str> =
                tokens[i + 1..].iter().map(String::as_str).take_while(|t| !matches!(*t, "=" | ";")).collect();
            let shared = |t: &&str| SHARED.contains(t) || t.starts_with("Atomic");
            if is(i + 1, "mut") || kind.iter().any(shared) {
                wrong.push(format!("{path}: global state below the façade: static {}", kind.join(" ")));
            }
        }
    }
}

/// The next step of a path, or each of a group's.
fn first_parts(tokens: &[String], at: usize) -> Vec<String> {
    if tokens.get(at).is_none_or(|t| t != "{") {
        return tokens.get(at).into_iter().cloned().collect();
    }
    let (mut parts, mut depth, mut fresh) = (Vec::new(), 0, false);
    for token in &tokens[at..] {
        match token.as_str() {
            "{" => (depth, fresh) = (depth + 1, depth == 0),
            "}" if depth == 1 => break,
            "}" => depth -= 1,
            "," => fresh = depth == 1,
            name if fresh => {
                parts.push(name.to_owned());
                fresh = false;
            }
            _ => {}
        }
    }
    parts
}

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

#[test]
fn the_floors_hold() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 50, "only {} sources were found", files.len());
    let wrong: Vec<String> = files
        .iter()
        .flat_map(|file| {
            let path = file.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
            check(&path, &std::fs::read_to_string(file).unwrap())
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

// --- The checker can fail ----------------------------------------------------------------------------------------

/// The file is refused, and the complaint holds `complaint`.
fn refused(path: &str, source: &str, complaint: &str) {
    let wrong = check(path, source);
    assert!(wrong.iter().any(|w| w.contains(complaint)), "{path}: {source}\n{wrong:?} lacks {complaint:?}");
}

fn accepted(path: &str, source: &str) {
    assert_eq!(check(path, source), Vec::<String>::new(), "{path}: {source}");
}

#[test]
fn upward_and_sideways_imports_are_found_however_they_are_written() {
    let engine = "floor 1 imports engine of floor 5";
    for source in [
        "use crate::engine::Engine;",
        "use crate::{engine, ground};",
        "use crate::{ground::{ids, Error}, engine::{reply, Engine}};",
        "fn f() { let e = crate::engine::Engine::new(); }",
        "fn f(x: &crate :: engine::Engine) {}",
        "use super::super::engine::Engine;",
        "use super::{super::engine, Scale};",
        "pub use crate::engine;",
        "#[cfg(test)] mod tests { use crate::engine::Engine; }",
        "#[cfg(test)] mod tests { use super::super::super::engine; }",
        "mod a { mod b { } use super::super::super::engine; }",
        "impl From<crate::engine::Engine> for u8 {}",
        "fn f() -> &'static str { crate::engine::NAME }",
    ] {
        refused("data/scale.rs", source, engine);
    }
    refused("data/mod.rs", "use super::engine::Engine;", engine);
    refused("data/import/values.rs", "use super::super::super::engine;", engine);
    refused("data/scale.rs", "use crate::codec::Reader;", "imports codec of floor 1");
    refused("learn/live.rs", "use crate::rank::list;", "floor 4 imports rank of floor 4");
    refused("engine/mod.rs", "use crate::wasm;", "floor 5 imports wasm of floor 6");
    refused("data/scale.rs", "use crate::*;", "no room");
    refused("data/scale.rs", "use crate as house; fn f() { house::engine::x() }", "no room");
    refused("attic/mod.rs", "", "attic has no floor");
}

#[test]
fn imports_that_point_down_or_stay_at_home_are_accepted() {
    for source in [
        "use crate::ground::{Code, Error, ids::{self, check_id}};",
        "use super::{Scale, ratings::Csr}; use super::super::ground::math; use self::inner::X;",
        "#[cfg(test)] mod tests { use super::*; use super::super::ratings; }",
        "//! See [`crate::engine`].\n/* crate::engine /* nested */ crate::wasm */ const X: &str = \"crate::engine\";",
        "const A: &str = r#\"crate::engine \"quoted\" \"#; const B: char = '\"'; const C: &[u8] = b\"crate::wasm\";",
        "const D: char = '\\''; fn f<'a>(x: &'a str) -> &'static str { \"\\\"crate::engine\" }",
        "pub(in crate::data) mod items; pub(super) fn f() {} fn engine(engine: u8) -> u8 { engine }",
    ] {
        accepted("data/scale.rs", source);
    }
    accepted("ground/top.rs", "use super::math; use crate::ground::ids;");
    accepted("data/mod.rs", "#[cfg(test)] mod tests { use super::*; use super::super::ground; }");
    accepted("lib.rs", "pub mod ground; #[cfg(target_arch = \"wasm32\")] mod wasm;");
    accepted(
        "wasm/mod.rs",
        "use crate::{engine, ground}; use wasm_bindgen::prelude::*; use std::sync::Mutex;",
    );
}

#[test]
fn clock_files_network_entropy_and_javascript_are_found_below_the_facade() {
    for (source, complaint) in [
        ("use std::time::Instant;", "std::time"),
        ("fn f() { std::time::SystemTime::now(); }", "std::time"),
        ("use std::{collections::BTreeMap, fs::File};", "std::fs"),
        ("use std::{sync::{Arc}, net};", "std::net"),
        ("fn f() { std::env::var(\"HOME\"); }", "std::env"),
        ("use std::io::Read;", "std::io"),
        ("fn f() { std::thread::spawn(|| {}); }", "std::thread"),
        ("use std::*;", "another name"),
        ("use std as s;", "another name"),
        ("use wasm_bindgen::JsValue;", "wasm_bindgen"),
        ("fn f() { js_sys::Date::now(); }", "js_sys"),
        ("use web_sys::console;", "web_sys"),
        ("fn seed() -> u64 { getrandom::u64().unwrap() }", "getrandom"),
    ] {
        refused("engine/mod.rs", source, complaint);
        refused("lib.rs", source, complaint);
        accepted("wasm/mod.rs", source);
    }
    accepted("engine/mod.rs", "use std::collections::BTreeMap; const V: &str = env!(\"CARGO_PKG_VERSION\");");
    accepted("engine/mod.rs", "use std::{collections::{BTreeMap, BTreeSet}, borrow::Cow};");
}

#[test]
fn random_maps_are_found_everywhere_but_where_the_hash_is_fixed() {
    refused("data/scale.rs", "use std::collections::HashMap;", "HashMap");
    refused("wasm/mod.rs", "fn f() -> std::collections::HashSet<u8> { todo() }", "HashMap");
    accepted("ground/ids.rs", "use std::collections::HashMap;");
}

#[test]
fn global_state_is_found_below_the_facade() {
    for source in [
        "static mut COUNT: u32 = 0;",
        "static LAST: std::sync::Mutex<String> = std::sync::Mutex::new(String::new());",
        "use std::sync::OnceLock; static MODEL: OnceLock<u8> = OnceLock::new();",
        "fn f() { static N: core::sync::atomic::AtomicU32 = core::sync::atomic::AtomicU32::new(0); }",
    ] {
        refused("models/mod.rs", source, "global state");
        accepted("wasm/panic.rs", source);
    }
    refused("models/mod.rs", "thread_local! { static X: u8 = 1; }", "thread_local");
    accepted(
        "models/mod.rs",
        "static NAMES: [&str; 2] = [\"a\", \"b\"]; fn f() -> &'static str { NAMES[0] }",
    );
}

#[test]
fn long_files_are_found() {
    refused("data/scale.rs", &"\n".repeat(MOST_LINES + 1), "451 lines");
    accepted("data/scale.rs", &"\n".repeat(MOST_LINES));
}
