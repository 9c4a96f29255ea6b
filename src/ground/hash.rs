//! SHA-256, as lower-case hex: the name of packs and models, and the proof that two engines agree.

use sha2::{Digest, Sha256};

/// A running hash.
#[derive(Clone, Debug, Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Takes more bytes in.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// 64 hex digits.
    pub fn hex(self) -> String {
        use core::fmt::Write;
        let mut hex = String::with_capacity(64);
        for byte in self.0.finalize().iter() {
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    }
}

/// SHA-256 of bytes, in 64 hex digits.
///
/// ```
/// assert!(tasteprint::ground::hash::sha256_hex(b"").starts_with("e3b0c44298fc1c14"));
/// ```
pub fn sha256_hex(bytes: &[u8]) -> String {
    let mut hasher = Hasher::default();
    hasher.update(bytes);
    hasher.hex()
}
