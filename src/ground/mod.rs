//! Floor 0: what everything stands on. Errors, arithmetic, random numbers, ids and time, each the same on every machine.

pub mod dense;
pub mod error;
pub mod fields;
pub mod hash;
pub mod ids;
pub mod json;
pub mod linalg;
pub mod map;
pub mod math;
pub mod rng;
pub mod simd;
pub mod sort;
pub mod time;
pub mod top;

pub use error::{Code, Error, Result};
