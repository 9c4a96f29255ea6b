//! Floor 4, real time: one event in, bounded work, the next list reflects it.

mod live;

pub use live::{Live, Nudge};
