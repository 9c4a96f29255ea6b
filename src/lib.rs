//! The core of tasteprint: a recommender that lives in a web page.
//!
//! A browser holds one person's feedback, and collaborative models learned from that alone mean nothing. So there are
//! two kinds of knowledge, kept apart: a **pack** of community knowledge (item factors, biases, anonymous archetypes:
//! immutable, shipped beside the page) and a **profile** of personal knowledge (the feedback log and what follows from
//! it), which never leaves the device. Serving a person is *fold-in*: solving for them given fixed item factors.
//!
//! The modules in reading order, from the ground up; each floor imports only from those below (`tests/tidy.rs`):
//!
//! | floor | modules | |
//! |---|---|---|
//! | 0 | [`ground`] | errors, arithmetic, random numbers, ids, time |
//! | 1 | [`data`], [`features`], [`codec`] | catalog, feedback, ratings, splits, importers; matrices of features; the tensor container |
//! | 2 | [`models`], [`eval`] | scorers; metrics and their protocol |
//! | 3 | [`train`] | epochs, early stopping, evaluation |
//! | 4 | [`learn`], [`rank`], [`explain`], [`lifecycle`] | real time; lists; reasons; versions |
//! | 5 | [`engine`] | the one API boundary: plain structs in and out |
//! | 6 | `wasm` | the JavaScript façade, compiled for wasm32 only |
//!
//! Below floor 6 there is no clock, no IO, no entropy, no JavaScript and no global state: times, seeds, ids and bytes
//! come as arguments. The same data, seed and version give the same bytes on every machine.
//!
//! What this crate does **not** do: it has no server, opens no connection, and keeps nothing by itself.

pub mod ground;

pub mod codec;
pub mod data;
pub mod features;

pub mod eval;
pub mod models;

pub mod train;

pub mod explain;
pub mod learn;
pub mod lifecycle;
pub mod rank;

pub mod engine;

#[cfg(target_arch = "wasm32")]
mod wasm;
