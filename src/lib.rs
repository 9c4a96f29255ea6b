//! tasteprint
pub mod ground;
pub mod data;
pub mod models;
