//! Public string ids and the dense indices behind them.

use super::{Error, Result};
use core::hash::{BuildHasherDefault, Hasher};
use std::collections::HashMap;

/// Longest id, in UTF-8 bytes.
pub const MAX_ID_BYTES: usize = 1024;

/// Refuses ids that are empty, too long, or hold control characters.
pub fn check_id(place: &str, id: &str) -> Result<()> {
    if id.is_empty() {
        return Err(Error::argument(place, "a non-empty id", "an empty string"));
    }
    if id.len() > MAX_ID_BYTES {
        return Err(Error::argument(place, format!("an id of at most {MAX_ID_BYTES} bytes"), id.len()));
    }
    if id.chars().any(char::is_control) {
        return Err(Error::argument(place, "an id without control characters", "one with"));
    }
    Ok(())
}

/// FNV-1a. The standard map draws a random key, and the core has no entropy; ids here are the page's own,
/// so nobody gains from colliding them.
#[derive(Clone, Debug)]
pub struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &b in bytes {
            self.0 = (self.0 ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// A map whose hash does not depend on the run. Its iteration order must never reach a result.
pub type IdMap<K, V> = HashMap<K, V, BuildHasherDefault<Fnv>>;

/// Ids ⇄ dense indices, in order of first appearance.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    ids: Vec<String>,
    index: IdMap<String, u32>,
}

impl Vocabulary {
    /// From ids that must be unique.
    pub fn from_ids(place: &str, ids: Vec<String>) -> Result<Vocabulary> {
        let mut index = IdMap::default();
        index.reserve(ids.len());
        for (i, id) in ids.iter().enumerate() {
            check_id(place, id)?;
            if index.insert(id.clone(), i as u32).is_some() {
                return Err(Error::argument(format!("{place}[{i}]"), "unique ids", format!("{id:?} twice")));
            }
        }
        Ok(Vocabulary { ids, index })
    }

    /// The index of an id, given one where it is new.
    pub fn intern(&mut self, id: &str) -> u32 {
        if let Some(&i) = self.index.get(id) {
            return i;
        }
        let i = self.ids.len() as u32;
        self.ids.push(id.to_owned());
        self.index.insert(id.to_owned(), i);
        i
    }

    /// The index of a known id.
    pub fn get(&self, id: &str) -> Option<u32> {
        self.index.get(id).copied()
    }

    /// The id at an index.
    pub fn id(&self, index: u32) -> &str {
        &self.ids[index as usize]
    }

    /// All ids, by index.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// How many ids there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// True without any id.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interning_gives_dense_indices_in_order_of_appearance() {
        let mut v = Vocabulary::default();
        assert_eq!([v.intern("b"), v.intern("a"), v.intern("b"), v.intern("__proto__")], [0, 1, 0, 2]);
        assert_eq!(v.ids(), ["b", "a", "__proto__"]);
        assert_eq!(v.get("c"), None);
    }

    #[test]
    fn doubled_and_bad_ids_are_refused() {
        for bad in [vec!["a", "a"], vec![""], vec!["a\u{0}b"]] {
            let ids = bad.iter().map(|s| s.to_string()).collect();
            assert!(Vocabulary::from_ids("items", ids).is_err(), "{bad:?}");
        }
        assert!(check_id("item", &"x".repeat(MAX_ID_BYTES)).is_ok());
        assert!(check_id("item", &"x".repeat(MAX_ID_BYTES + 1)).is_err());
    }
}
