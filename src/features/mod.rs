//! Floor 1: what is known of films, people and moments, as numbers.
//!
//! A [`Spec`] says, as data, what becomes of which field. [`Pipeline::fit`] learns from records whatever has to be
//! learned (words, means, ranges, stand-ins for what is missing), [`Pipeline::apply`] makes rows of a [`Matrix`] of
//! them, and everything that was learned is saved with the model, to be read by people. Whatever a record says, no row
//! holds a NaN. Where the records come from is not known here: they are asked field by field.

pub mod cell;
mod encode;
pub mod labels;
pub mod matrix;
pub mod numbers;
pub mod pipeline;
pub mod presets;
pub mod select;
pub mod spec;
mod words;

#[cfg(test)]
mod tests;

pub use cell::{Cell, Records};
pub use labels::Rule;
pub use matrix::Matrix;
pub use pipeline::{Column, Others, Pipeline};
pub use spec::Spec;
