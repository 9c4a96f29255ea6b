//! Floor 2: how good scores are. Nothing here knows a model: numbers come in, figures go out.
//!
//! A [`Measure`] takes people in one by one and keeps what each contributes ([`People`]). From that come the figures
//! ([`Metrics`]), their intervals and whether two models really differ ([`Bootstrap`]), and the figures of parts of the
//! people and of the catalog ([`segments()`]), all without asking a model twice.

pub mod beyond;
pub mod bootstrap;
pub mod calibration;
mod metrics;
mod people;
pub mod protocol;
pub mod ranking;
pub mod rating;
mod segments;

pub use beyond::Sets;
pub use bootstrap::{Bootstrap, Difference, Drawn, Interval};
pub use metrics::Metrics;
pub use people::{Figure, People};
pub use protocol::{Frame, Held, Measure, Measured, Scores, recommended_from, relevant_from};
pub use segments::{FEW, Segment, segments};
