//! tasteprint
pub mod ground;
pub mod codec;
pub mod data;
pub mod models;
pub mod eval;
pub mod train;
pub mod learn;
pub mod rank;
pub mod explain;
pub mod lifecycle;
