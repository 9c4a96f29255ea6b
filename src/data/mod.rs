//! Floor 1: catalog, feedback, interactions and their circumstances, splits, the report on their quality, and the importers.

pub mod catalog;
pub mod context;
pub mod feedback;
pub mod import;
pub mod interactions;
pub mod negatives;
pub mod quality;
pub mod ratings;
pub mod scale;
pub mod split;

pub use catalog::{Catalog, Item};
pub use context::{Contexts, Moment};
pub use feedback::{Event, Feedback, Kind, Warning};
pub use interactions::Interactions;
pub use ratings::Ratings;
pub use scale::Scale;
