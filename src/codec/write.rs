//! Writing a container.

use super::{Envelope, KEY, MAJOR, MAX_TENSORS, MINOR, content_hash};
use crate::ground::{Code, Error, Result};
use safetensors::{Dtype, View};
use std::borrow::Cow;

/// Collects tensors and writes them in one go.
#[derive(Debug)]
pub struct Writer {
    format: String,
    body: String,
    tensors: Vec<(String, Tensor)>,
    refusal: Option<Error>,
}

#[derive(Debug)]
struct Tensor {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl View for &Tensor {
    fn dtype(&self) -> Dtype {
        self.dtype
    }
    fn shape(&self) -> &[usize] {
        &self.shape
    }
    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }
    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

impl Writer {
    /// A container of a kind, with a JSON body.
    pub fn new(kind: &str, body: &serde_json::Value) -> Writer {
        Writer {
            format: format!("tasteprint-{kind}"),
            body: body.to_string(),
            tensors: Vec::new(),
            refusal: None,
        }
    }

    fn put(&mut self, name: &str, dtype: Dtype, shape: &[usize], bytes: Vec<u8>) {
        // A tensor without data would share its offset with the next; readers know that what is missing is empty.
        if bytes.is_empty() {
            return;
        }
        self.tensors.push((name.to_owned(), Tensor { dtype, shape: shape.to_vec(), bytes }));
    }

    /// Single-precision numbers, row by row. What is not finite makes [`Writer::finish`] refuse.
    pub fn f32(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        if let Some(v) = values.iter().find(|v| !v.is_finite()) {
            let e = Error::new(Code::InvalidArgument, "a model holds a number that is not finite")
                .at(name)
                .got(v);
            self.refusal.get_or_insert(e);
        }
        self.put(name, Dtype::F32, shape, values.iter().flat_map(|v| v.to_le_bytes()).collect());
    }

    /// Double-precision numbers.
    pub fn f64(&mut self, name: &str, values: &[f64]) {
        self.put(name, Dtype::F64, &[values.len()], values.iter().flat_map(|v| v.to_le_bytes()).collect());
    }

    /// Counts or indices.
    pub fn u32(&mut self, name: &str, values: &[u32]) {
        self.put(name, Dtype::U32, &[values.len()], values.iter().flat_map(|v| v.to_le_bytes()).collect());
    }

    /// Ids, as one UTF-8 text with a line each (ids hold no control characters).
    pub fn ids(&mut self, name: &str, ids: &[String]) {
        let text = ids.join("\n").into_bytes();
        self.put(name, Dtype::U8, &[text.len()], text);
    }

    /// A JSON value too long for the body.
    pub fn json<T: serde::Serialize>(&mut self, name: &str, value: &T) {
        let text = serde_json::to_vec(value).expect("what we store has string keys and finite numbers");
        self.put(name, Dtype::U8, &[text.len()], text);
    }

    /// The bytes; the same content gives the same bytes.
    pub fn finish(self) -> Result<Vec<u8>> {
        if let Some(e) = self.refusal {
            return Err(e);
        }
        assert!(self.tensors.len() <= MAX_TENSORS, "a layout of ours has at most {MAX_TENSORS} tensors");
        let Writer { format, body, tensors, .. } = self;
        // The hash covers the data section, whose order the crate decides: lay it out once to learn it.
        let lay_out = |hash: String| {
            let envelope =
                Envelope { format: format.clone(), major: MAJOR, minor: MINOR, hash, body: body.clone() };
            let text = serde_json::to_string(&envelope).expect("an envelope of strings and numbers");
            let meta = Some([(KEY.to_owned(), text)].into_iter().collect());
            safetensors::serialize(tensors.iter().map(|(name, t)| (name.as_str(), t)), meta)
                .map_err(|e| Error::new(Code::OutOfMemory, "this model is too large to be written").got(e))
        };
        let draft = lay_out("0".repeat(64))?;
        let header = u64::from_le_bytes(draft[..8].try_into().expect("eight bytes")) as usize;
        lay_out(content_hash(&body, &draft[8 + header..]))
    }
}
