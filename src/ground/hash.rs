//! SHA-256 of bytes, as lower-case hex: the name of packs and models, and the proof that two engines agree.

use sha2::{Digest, Sha256};

/// SHA-256 in 64 hex digits.
///
/// ```
/// assert!(tasteprint::ground::hash::sha256_hex(b"").starts_with("e3b0c44298fc1c14"));
/// ```
pub fn sha256_hex(bytes: &[u8]) -> String {
    use core::fmt::Write;
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes).iter() {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
