//! Floor 4: the life of models. Versions are listed, activated, rolled back and removed.

pub mod registry;

pub use registry::{Registry, Version};
