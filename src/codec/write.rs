//! Writing a container.

use super::MAX_TENSORS;
use super::half::to_half;
use super::layout::{Dtype, Entry, Envelope, header};
use crate::ground::json::{self, Value};
use crate::ground::sort::sort_by;
use crate::ground::{Code, Error, Result};

/// How single-precision tensors are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// As they are.
    #[default]
    Single,
    /// As halves, where all of a tensor's numbers fit; short ones as they are, for they weigh nothing.
    Half,
}

/// Tensors of fewer numbers are not halved.
const HALVED_FROM: usize = 64;

/// Collects tensors and writes them in one go.
#[derive(Debug)]
pub struct Writer {
    kind: &'static str,
    body: String,
    precision: Precision,
    tensors: Vec<(Entry, Vec<u8>)>,
    refusal: Option<Error>,
}

impl Writer {
    /// A container of a kind, with a JSON body.
    pub fn new(kind: &'static str, body: &Value) -> Writer {
        let precision = Precision::Single;
        Writer { kind, body: json::write(body), precision, tensors: Vec::new(), refusal: None }
    }

    /// Chooses how single-precision tensors are written from here on.
    pub fn set_precision(&mut self, precision: Precision) {
        self.precision = precision;
    }

    fn put(&mut self, name: &str, dtype: Dtype, shape: &[usize], bytes: Vec<u8>) {
        // A tensor without data would share its offset with the next; readers know that what is missing is empty.
        if !bytes.is_empty() {
            self.tensors.push((Entry { name: name.to_owned(), dtype, shape: shape.to_vec() }, bytes));
        }
    }

    /// Single-precision numbers, row by row. What is not finite makes [`Writer::finish`] refuse.
    pub fn f32(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        if let Some(v) = values.iter().find(|v| !v.is_finite()) {
            let e = Error::new(Code::InvalidArgument, "a model holds a number that is not finite")
                .at(name)
                .got(if v.is_nan() { "NaN" } else { "infinity" });
            self.refusal.get_or_insert(e);
        }
        if self.precision == Precision::Half && values.len() >= HALVED_FROM {
            let halves: Option<Vec<u16>> = values.iter().map(|&v| to_half(v)).collect();
            if let Some(halves) = halves {
                let bytes = halves.into_iter().flat_map(u16::to_le_bytes).collect();
                return self.put(name, Dtype::F16, shape, bytes);
            }
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

    /// Bytes as they are: a container within this one.
    pub fn bytes(&mut self, name: &str, bytes: Vec<u8>) {
        self.put(name, Dtype::U8, &[bytes.len()], bytes);
    }

    /// A JSON value too long for the body.
    pub fn json(&mut self, name: &str, value: &Value) {
        let text = json::write(value).into_bytes();
        self.put(name, Dtype::U8, &[text.len()], text);
    }

    /// The bytes; the same content gives the same bytes.
    pub fn finish(self) -> Result<Vec<u8>> {
        if let Some(e) = self.refusal {
            return Err(e);
        }
        let Writer { kind, body, mut tensors, .. } = self;
        assert!(tensors.len() <= MAX_TENSORS, "a layout of ours has at most {MAX_TENSORS} tensors");
        sort_by(&mut tensors, |(a, _), (b, _)| a.dtype.cmp(&b.dtype).then_with(|| a.name.cmp(&b.name)));
        let (entries, parts): (Vec<Entry>, Vec<Vec<u8>>) = tensors.into_iter().unzip();
        let data = parts.concat();
        drop(parts);
        let header = header(&Envelope::new(kind, body, &data), &entries);
        Ok([&(header.len() as u64).to_le_bytes()[..], &header, &data].concat())
    }
}
