//! The header: one way to write it down, used by the writer to make it and by the reader to check it.

use super::{MAJOR, MINOR};
use crate::ground::hash::Hasher;
use crate::ground::json::{self, Value, object};

/// Types of values; those of wider values come first in a file, so that data stays aligned to its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dtype {
    /// Double precision.
    F64,
    /// Single precision.
    F32,
    /// Counts and indices.
    U32,
    /// Half precision.
    F16,
    /// Text.
    U8,
}

impl Dtype {
    /// Bytes of one value.
    pub fn size(self) -> usize {
        match self {
            Dtype::F64 => 8,
            Dtype::F32 | Dtype::U32 => 4,
            Dtype::F16 => 2,
            Dtype::U8 => 1,
        }
    }

    /// The name in the header.
    pub fn name(self) -> &'static str {
        match self {
            Dtype::F64 => "F64",
            Dtype::F32 => "F32",
            Dtype::U32 => "U32",
            Dtype::F16 => "F16",
            Dtype::U8 => "U8",
        }
    }

    /// The type of a name.
    pub fn of(name: &str) -> Option<Dtype> {
        [Dtype::F64, Dtype::F32, Dtype::U32, Dtype::F16, Dtype::U8].into_iter().find(|d| d.name() == name)
    }
}

/// One tensor's place.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its type.
    pub dtype: Dtype,
    /// Its shape.
    pub shape: Vec<usize>,
}

impl Entry {
    /// Bytes of the tensor; `None` where that is more than memory holds.
    pub fn bytes(&self) -> Option<usize> {
        self.shape.iter().try_fold(self.dtype.size(), |n, &d| n.checked_mul(d))
    }
}

/// What the header says besides tensors.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// "tasteprint-model" and the like.
    pub format: String,
    /// Version it was written with.
    pub major: u64,
    /// Version it was written with.
    pub minor: u64,
    /// SHA-256 of body and data.
    pub hash: String,
    /// A JSON text.
    pub body: String,
}

impl Envelope {
    /// Of what is written now.
    pub fn new(kind: &str, body: String, data: &[u8]) -> Envelope {
        let hash = content_hash(&body, data);
        Envelope {
            format: format!("tasteprint-{kind}"),
            major: MAJOR.into(),
            minor: MINOR.into(),
            hash,
            body,
        }
    }
}

/// SHA-256 of body and data.
pub fn content_hash(body: &str, data: &[u8]) -> String {
    let mut hasher = Hasher::default();
    hasher.update(body.as_bytes());
    hasher.update(data);
    hasher.hex()
}

/// The header's bytes, padding included. `entries` are in the order of their data.
pub fn header(envelope: &Envelope, entries: &[Entry]) -> Vec<u8> {
    let Envelope { format, major, minor, hash, body } = envelope;
    let ours = object([
        ("body", body.as_str().into()),
        ("format", format.as_str().into()),
        ("hash", hash.as_str().into()),
        ("major", (*major).into()),
        ("minor", (*minor).into()),
    ]);
    let meta = json::write(&object([("tasteprint", json::write(&ours).into())]));
    let mut text = format!("{{\"__metadata__\":{meta}");
    let mut from = 0;
    for entry in entries {
        let to = from + entry.bytes().expect("the caller has the bytes");
        let shape = json::write(&Value::from(entry.shape.clone()));
        let (name, dtype) = (json::write(&Value::from(entry.name.as_str())), entry.dtype.name());
        text +=
            &format!(",{name}:{{\"dtype\":\"{dtype}\",\"shape\":{shape},\"data_offsets\":[{from},{to}]}}");
        from = to;
    }
    text.push('}');
    let mut bytes = text.into_bytes();
    bytes.resize(bytes.len().next_multiple_of(8), b' ');
    bytes
}
