//! Time as the core sees it: milliseconds since 1970, given by the caller. Nothing here reads a clock.

/// Milliseconds since 1970 (UTC).
pub type Millis = f64;

/// One day.
pub const DAY: Millis = 86_400_000.0;

/// One minute.
pub const MINUTE: Millis = 60_000.0;

/// One hour.
pub const HOUR: Millis = 3_600_000.0;

/// 1990-01-01: a timestamp in milliseconds before it was most likely given in seconds.
const PLAUSIBLE_FROM: Millis = 631_152_000_000.0;

/// True where a positive time is so early that it was most likely meant in seconds.
///
/// ```
/// use tasteprint::ground::time::looks_like_seconds;
/// assert!(looks_like_seconds(1_445_714_994.0));
/// assert!(!looks_like_seconds(1_445_714_994_000.0));
/// ```
pub fn looks_like_seconds(at: Millis) -> bool {
    at > 0.0 && at < PLAUSIBLE_FROM && at * 1000.0 >= PLAUSIBLE_FROM
}
