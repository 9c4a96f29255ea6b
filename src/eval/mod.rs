//! Floor 2: how good scores are. Nothing here knows a model: numbers come in, figures go out.

pub mod protocol;
pub mod ranking;
pub mod rating;

pub use protocol::{Held, Measure, Metrics, Scores, relevant_from};
