//! Reading a container that may come from an enemy.

use super::{Envelope, KEY, MAJOR, MAX_BYTES, MAX_HEADER, MAX_TENSORS, content_hash};
use crate::ground::ids::check_id;
use crate::ground::{Code, Error, Result};
use safetensors::{Dtype, SafeTensors};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::collections::BTreeMap;

/// A checked container; tensors are taken out by name, and whatever is left over is an error.
#[derive(Debug)]
pub struct Reader<'a> {
    tensors: SafeTensors<'a>,
    names: Vec<String>,
    body: serde_json::Value,
}

/// One tensor's entry; the crate's own type lets unknown fields pass.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Info {
    #[serde(rename = "dtype")]
    _dtype: String,
    #[serde(rename = "shape")]
    _shape: Vec<u64>,
    data_offsets: (u64, u64),
}

/// The header, refusing doubled keys, which a map would silently drop.
#[derive(Default)]
struct Header {
    meta: BTreeMap<String, String>,
    tensors: BTreeMap<String, Info>,
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(d: D) -> core::result::Result<Header, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Header;
            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("a map of tensors")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> core::result::Result<Header, A::Error> {
                use serde::de::Error;
                let mut header = Header::default();
                while let Some(name) = map.next_key::<String>()? {
                    let known = if name == "__metadata__" {
                        let doubled = !header.meta.is_empty();
                        header.meta = map.next_value()?;
                        doubled
                    } else {
                        header.tensors.insert(name.clone(), map.next_value()?).is_some()
                    };
                    if known {
                        return Err(A::Error::custom(format_args!("{name:?} stands there twice")));
                    }
                }
                Ok(header)
            }
        }
        d.deserialize_map(Fields)
    }
}

fn refuse(what: &str) -> Error {
    Error::new(Code::ModelFormat, what)
        .hint("The file is damaged or was not written by tasteprint; fetch it anew.")
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
        let (header, data) = bytes[8..].split_at(length as usize);
        let header: Header = serde_json::from_slice(header)
            .map_err(|e| refuse("the header cannot be read").at("header").got(e))?;
        if header.tensors.len() > MAX_TENSORS {
            let expected = format!("at most {MAX_TENSORS} tensors");
            return Err(refuse("there are too many tensors").expected(expected).got(header.tensors.len()));
        }
        for (name, info) in &header.tensors {
            let tame =
                name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'.');
            if !tame || name.starts_with('_') {
                return Err(refuse("a tensor has a name we do not use").at(name.escape_debug().to_string()));
            }
            // Our writer leaves empty tensors out; one that is there may share its offset with another.
            if info.data_offsets.0 >= info.data_offsets.1 {
                return Err(refuse("a tensor is empty").at(name));
            }
        }
        let envelope = match (header.meta.get(KEY), header.meta.len()) {
            (Some(text), 1) => text,
            _ => {
                return Err(refuse("the metadata is not ours")
                    .at("__metadata__")
                    .expected("one key, \"tasteprint\""));
            }
        };
        let envelope: Envelope = serde_json::from_str(envelope)
            .map_err(|e| refuse("the metadata cannot be read").at("__metadata__.tasteprint").got(e))?;
        let format = format!("tasteprint-{kind}");
        if envelope.format != format {
            return Err(refuse("this is another kind of file").expected(format).got(envelope.format));
        }
        if envelope.major > MAJOR {
            return Err(Error::new(Code::ModelVersion, "this file was written by a newer tasteprint")
                .expected(format!("format version {MAJOR}"))
                .got(envelope.major)
                .hint("Update the package; the file has been left as it is."));
        }
        if envelope.hash != content_hash(&envelope.body, data) {
            return Err(refuse("the content does not match its hash").at("hash"));
        }
        let tensors =
            SafeTensors::deserialize(bytes).map_err(|e| refuse("the tensors do not fit the file").got(e))?;
        let body =
            serde_json::from_str(&envelope.body).map_err(|e| refuse("the body cannot be read").got(e))?;
        Ok(Reader { tensors, names: header.tensors.into_keys().collect(), body })
    }

    /// The JSON body.
    pub fn body(&self) -> &serde_json::Value {
        &self.body
    }

    /// The body as a struct.
    pub fn body_as<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_value(self.body.clone())
            .map_err(|e| refuse("the body is not what it should be").at("body").got(e))
    }

    /// True where a tensor of that name is still there.
    pub fn has(&self, name: &str) -> bool {
        self.names.iter().any(|n| n == name)
    }

    fn take(&mut self, name: &str, dtype: Dtype, rank: usize) -> Result<(&'a [u8], Vec<usize>)> {
        let at = self.names.iter().position(|n| n == name);
        let view = at.and_then(|_| self.tensors.tensor(name).ok());
        let (Some(at), Some(view)) = (at, view) else {
            return Err(refuse("a tensor is missing").at(name));
        };
        if view.dtype() != dtype || view.shape().len() != rank {
            let expected = format!("{dtype:?} of rank {rank}");
            let got = format!("{:?} of shape {:?}", view.dtype(), view.shape());
            return Err(refuse("a tensor is of another type").at(name).expected(expected).got(got));
        }
        self.names.swap_remove(at);
        Ok((view.data(), view.shape().to_vec()))
    }

    /// True where a tensor of `len` values is left out because there are none.
    fn left_out(&self, name: &str, len: usize) -> bool {
        len == 0 && !self.has(name)
    }

    /// Numbers of exactly this shape, all finite.
    pub fn f32(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        if self.left_out(name, shape.iter().product()) {
            return Ok(Vec::new());
        }
        let (data, got) = self.take(name, Dtype::F32, shape.len())?;
        if got != shape {
            return Err(refuse("a tensor has another shape")
                .at(name)
                .expected(format!("{shape:?}"))
                .got(format!("{got:?}")));
        }
        // Tensor data need not be aligned, so it is copied number by number.
        let values: Vec<f32> = data.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        match values.iter().position(|v| !v.is_finite()) {
            Some(i) => Err(refuse("a tensor holds a number that is not finite")
                .at(format!("{name}[{i}]"))
                .got(values[i])),
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

    /// A JSON value.
    pub fn json<T: serde::de::DeserializeOwned>(&mut self, name: &str) -> Result<T> {
        let (data, _) = self.take(name, Dtype::U8, 1)?;
        serde_json::from_slice(data).map_err(|e| refuse("a part cannot be read").at(name).got(e))
    }

    /// Refuses what nobody asked for.
    pub fn finish(self) -> Result<()> {
        match self.names.first() {
            Some(name) => Err(refuse("there is a tensor nobody knows").at(name)),
            None => Ok(()),
        }
    }
}
