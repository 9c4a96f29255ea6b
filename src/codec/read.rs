//! Reading a container that may come from an enemy.

use super::half::from_half;
use super::layout::{Dtype, Entry, Envelope, content_hash, header};
use super::{MAJOR, MAX_BYTES, MAX_HEADER, MAX_TENSORS};
use crate::ground::ids::check_id;
use crate::ground::json::number as shown;
use crate::ground::json::{self, Value};
use crate::ground::{Code, Error, Result};

/// A checked container; tensors are taken out by name, and whatever is left over is an error.
#[derive(Debug)]
pub struct Reader<'a> {
    tensors: Vec<(Entry, &'a [u8])>,
    body: Value,
}

fn refuse(what: &str) -> Error {
    Error::new(Code::ModelFormat, what)
        .hint("The file is damaged or was not written by tasteprint; fetch it anew.")
}

/// The metadata under our key.
fn envelope(meta: &Value) -> Option<Envelope> {
    let ours: Value = json::parse(meta.get("tasteprint")?.as_str()?.as_bytes()).ok()?;
    let text = |key: &str| ours.get(key)?.as_str().map(str::to_owned);
    let (major, minor) = (ours.get("major")?.as_count()?, ours.get("minor")?.as_count()?);
    Some(Envelope { format: text("format")?, major, minor, hash: text("hash")?, body: text("body")? })
}

/// One tensor's entry, and where its data begins.
fn entry(name: &str, value: &Value) -> Option<(usize, Entry)> {
    let shape = value
        .get("shape")?
        .as_array()?
        .iter()
        .map(|d| Some(d.as_count()? as usize))
        .collect::<Option<_>>()?;
    let entry = Entry { name: name.to_owned(), dtype: Dtype::of(value.get("dtype")?.as_str()?)?, shape };
    let tame = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !name.starts_with('_');
    (tame && entry.bytes()? > 0)
        .then_some((value.get("data_offsets")?.as_array()?.first()?.as_count()? as usize, entry))
}

impl<'a> Reader<'a> {
    /// Checks sizes, header, version and content hash. `kind` is what the caller expects to find.
    pub fn open(bytes: &'a [u8], kind: &str) -> Result<Reader<'a>> {
        let head: [u8; 8] = bytes
            .get(..8)
            .and_then(|b| b.try_into().ok())
            .ok_or_else(|| refuse("this file is too short").expected("at least 8 bytes").got(bytes.len()))?;
        if bytes.len() > MAX_BYTES {
            return Err(refuse("this file is too large")
                .expected(format!("at most {MAX_BYTES} bytes"))
                .got(bytes.len()));
        }
        let length = u64::from_le_bytes(head);
        if length > MAX_HEADER as u64 || length as usize > bytes.len() - 8 {
            return Err(refuse("this is not a tensor container")
                .at("header length")
                .expected(format!("at most {MAX_HEADER} bytes, within the file"))
                .got(length));
        }
        let (text, data) = bytes[8..].split_at(length as usize);
        let parsed: Value =
            json::parse(text).map_err(|e| refuse("the header cannot be read").at("header").got(e))?;
        let envelope = parsed.get("__metadata__").and_then(envelope).ok_or_else(|| {
            refuse("the metadata is not ours").at("__metadata__").expected("one key, \"tasteprint\"")
        })?;
        let format = format!("tasteprint-{kind}");
        if envelope.format != format {
            return Err(refuse("this is another kind of file").expected(format).got(envelope.format));
        }
        if envelope.major > MAJOR.into() {
            return Err(Error::new(Code::ModelVersion, "this file was written by a newer tasteprint")
                .expected(format!("format version {MAJOR}"))
                .got(envelope.major)
                .hint("Update the package; the file has been left as it is."));
        }
        let mut entries = Vec::new();
        let Value::Object(map) = &parsed else { return Err(refuse("the header is no object")) };
        for (name, value) in map.iter().filter(|(name, _)| name != "__metadata__") {
            let entry = entry(name, value)
                .ok_or_else(|| refuse("this tensor is not one of ours").at(name).got(json::write(value)))?;
            entries.push(entry);
        }
        if entries.len() > MAX_TENSORS {
            let expected = format!("at most {MAX_TENSORS} tensors");
            return Err(refuse("there are too many tensors").expected(expected).got(entries.len()));
        }
        crate::ground::sort::sort_by(&mut entries, |a, b| a.0.cmp(&b.0));
        let entries: Vec<Entry> = entries.into_iter().map(|(_, entry)| entry).collect();
        let total = entries.iter().try_fold(0usize, |sum, e| sum.checked_add(e.bytes()?));
        if total != Some(data.len()) {
            let (expected, got) = (
                format!("{} bytes", data.len()),
                total.map_or("too many to count".to_owned(), |t| format!("{t} bytes")),
            );
            return Err(refuse("the tensors do not fill the file").at("data").expected(expected).got(got));
        }
        // Everything that was understood, written down again: what differs was a lie or somebody else's dialect.
        if header(&envelope, &entries) != text {
            return Err(refuse("the header is not written as we write it").at("header"));
        }
        if envelope.hash != content_hash(&envelope.body, data) {
            return Err(refuse("the content does not match its hash").at("hash"));
        }
        let body =
            json::parse(envelope.body.as_bytes()).map_err(|e| refuse("the body cannot be read").got(e))?;
        let (mut rest, mut tensors) = (data, Vec::with_capacity(entries.len()));
        for entry in entries {
            let (part, after) = rest.split_at(entry.bytes().unwrap_or_default());
            tensors.push((entry, part));
            rest = after;
        }
        Ok(Reader { tensors, body })
    }

    /// The JSON body.
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// True where a tensor of this name is still to be read.
    pub fn has(&self, name: &str) -> bool {
        self.tensors.iter().any(|(e, _)| e.name == name)
    }

    /// Values in a tensor that is still to be read; 0 where there is none.
    pub fn len_of(&self, name: &str) -> usize {
        let entry = self.tensors.iter().find(|(e, _)| e.name == name);
        entry.map_or(0, |(e, _)| e.shape.iter().product())
    }

    fn take(&mut self, name: &str, dtype: Dtype, rank: usize) -> Result<(&'a [u8], Vec<usize>)> {
        let Some(at) = self.tensors.iter().position(|(e, _)| e.name == name) else {
            return Err(refuse("a tensor is missing").at(name));
        };
        let (entry, data) = self.tensors.swap_remove(at);
        if entry.dtype != dtype || entry.shape.len() != rank {
            let expected = format!("{} of rank {rank}", dtype.name());
            let got = format!("{} of shape {:?}", entry.dtype.name(), entry.shape);
            return Err(refuse("a tensor is of another type").at(name).expected(expected).got(got));
        }
        Ok((data, entry.shape))
    }

    /// True where a tensor of `len` values is left out because there are none.
    fn left_out(&self, name: &str, len: usize) -> bool {
        len == 0 && !self.has(name)
    }

    /// True for a tensor that was written in half precision.
    fn is_half(&self, name: &str) -> bool {
        self.tensors.iter().any(|(e, _)| e.name == name && e.dtype == Dtype::F16)
    }

    /// Numbers of exactly this shape, all finite; halves become single precision.
    pub fn f32(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        if self.left_out(name, shape.iter().product()) {
            return Ok(Vec::new());
        }
        let half = self.is_half(name);
        let (data, got) = self.take(name, if half { Dtype::F16 } else { Dtype::F32 }, shape.len())?;
        if got != shape {
            return Err(refuse("a tensor has another shape")
                .at(name)
                .expected(format!("{shape:?}"))
                .got(format!("{got:?}")));
        }
        // Tensor data need not be aligned, so it is copied number by number.
        let values: Vec<f32> = if half {
            data.as_chunks::<2>().0.iter().map(|b| from_half(u16::from_le_bytes(*b))).collect()
        } else {
            data.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect()
        };
        match values.iter().position(|v| !v.is_finite()) {
            Some(i) => Err(refuse("a tensor holds a number that is not finite")
                .at(format!("{name}[{i}]"))
                .got(shown(f64::from(values[i])))),
            None => Ok(values),
        }
    }

    /// `len` double-precision numbers, all finite.
    pub fn f64(&mut self, name: &str, len: usize) -> Result<Vec<f64>> {
        if self.left_out(name, len) {
            return Ok(Vec::new());
        }
        let (data, got) = self.take(name, Dtype::F64, 1)?;
        let values: Vec<f64> = data.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect();
        if got != [len] || values.iter().any(|v| !v.is_finite()) {
            return Err(refuse("a tensor is not what it should be")
                .at(name)
                .expected(format!("{len} finite numbers")));
        }
        Ok(values)
    }

    /// `len` counts or indices.
    pub fn u32(&mut self, name: &str, len: usize) -> Result<Vec<u32>> {
        if self.left_out(name, len) {
            return Ok(Vec::new());
        }
        let (data, got) = self.take(name, Dtype::U32, 1)?;
        if got != [len] {
            return Err(refuse("a tensor has another shape")
                .at(name)
                .expected(format!("[{len}]"))
                .got(format!("{got:?}")));
        }
        Ok(data.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect())
    }

    /// `len` ids, each checked; that they are unique is for [`crate::ground::ids::Vocabulary::from_ids`] to say.
    pub fn ids(&mut self, name: &str, len: usize) -> Result<Vec<String>> {
        if self.left_out(name, len) {
            return Ok(Vec::new());
        }
        let (data, _) = self.take(name, Dtype::U8, 1)?;
        let text = core::str::from_utf8(data).map_err(|e| refuse("ids are not UTF-8").at(name).got(e))?;
        let ids: Vec<String> = text.split('\n').map(str::to_owned).collect();
        if ids.len() != len {
            return Err(refuse("the number of ids is wrong")
                .at(name)
                .expected(len.to_string())
                .got(ids.len()));
        }
        for id in &ids {
            check_id(name, id).map_err(|e| refuse("an id cannot be used").at(name).got(e))?;
        }
        Ok(ids)
    }

    /// Bytes as they are.
    pub fn bytes(&mut self, name: &str) -> Result<&'a [u8]> {
        self.take(name, Dtype::U8, 1).map(|(data, _)| data)
    }

    /// A JSON value.
    pub fn json(&mut self, name: &str) -> Result<Value> {
        let (data, _) = self.take(name, Dtype::U8, 1)?;
        json::parse(data).map_err(|e| refuse("a part cannot be read").at(name).got(e))
    }

    /// Refuses what nobody asked for.
    pub fn finish(self) -> Result<()> {
        match self.tensors.first() {
            Some((entry, _)) => Err(refuse("there is a tensor nobody knows").at(&entry.name)),
            None => Ok(()),
        }
    }
}
