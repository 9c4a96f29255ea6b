//! Floor 1: one container for packs, models and data sets: the safetensors format, under stricter rules of our own.
//!
//! ```text
//! 8 bytes      length of the header, little-endian
//! header       JSON, padded with blanks to a multiple of 8:
//!              {"__metadata__":{"tasteprint":"…"},"name":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},…}
//! data         the tensors, without holes, in the order of the header: widest type first, then by name
//! ```
//!
//! The value under `tasteprint` is a JSON text `{ "body", "format", "hash", "major", "minor" }`; `hash` is the SHA-256
//! of the body's text and the data section. A reader rebuilds the header from what it understood and compares bytes:
//! doubled keys, unknown fields, odd orders and blanks have nowhere to hide.
//!
//! The format is read and written here because the `safetensors` crate and its map weigh 35 kB of the 150 kB the
//! whole engine may; a test reads our files with that crate, so they stay what they claim to be.

mod half;
mod layout;
mod read;
mod tape;
mod write;

pub use read::Reader;
pub use tape::Tape;
pub use write::{Precision, Writer};

/// Version of the layouts written here. A newer major version is refused, a newer minor one is read.
pub const MAJOR: u32 = 1;
/// See [`MAJOR`].
pub const MINOR: u32 = 0;

/// Largest header, in bytes.
pub const MAX_HEADER: usize = 1 << 20;
/// Most tensors in one container.
pub const MAX_TENSORS: usize = 64;
/// Largest container, in bytes: wasm memory ends at 4 GiB, and a container is held twice while it is read.
pub const MAX_BYTES: usize = 1 << 30;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::Code;
    use proptest::prelude::*;

    fn sample() -> Vec<u8> {
        let mut w = Writer::new("test", &serde_json::json!({ "mean": 3.5 }).into());
        w.f32("table", &[2, 2], &[1.0, 2.0, 3.0, 4.0]);
        w.u32("counts", &[7, 8]);
        w.ids("ids", &["a".into(), "b".into()]);
        w.finish().unwrap()
    }

    /// The header of a sample, changed as text, with the data section as it was.
    fn with_header(change: impl Fn(String) -> String) -> Vec<u8> {
        let bytes = sample();
        let n = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let header = change(String::from_utf8(bytes[8..8 + n].to_vec()).unwrap());
        [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &bytes[8 + n..]].concat()
    }

    fn refusal(bytes: &[u8]) -> (Code, String) {
        let read = || {
            let mut r = Reader::open(bytes, "test")?;
            r.f32("table", &[2, 2])?;
            r.u32("counts", 2)?;
            r.ids("ids", 2)?;
            r.finish()
        };
        let e = read().expect_err("this container must be refused");
        (e.code(), e.to_string())
    }

    #[test]
    fn what_was_written_is_read_and_the_bytes_are_the_same_each_time() {
        let bytes = sample();
        assert_eq!(bytes, sample());
        let mut r = Reader::open(&bytes, "test").unwrap();
        assert_eq!(r.body().get("mean").and_then(|m| m.as_f64()), Some(3.5));
        assert_eq!(r.f32("table", &[2, 2]).unwrap(), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(r.u32("counts", 2).unwrap(), [7, 8]);
        assert_eq!(r.ids("ids", 2).unwrap(), ["a", "b"]);
        r.finish().unwrap();
    }

    #[test]
    fn the_safetensors_crate_reads_what_we_write() {
        let bytes = sample();
        let theirs = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        let table = theirs.tensor("table").unwrap();
        assert_eq!((table.shape(), table.data().len()), (&[2usize, 2][..], 16));
        assert_eq!(theirs.tensor("ids").unwrap().data(), b"a\nb");
        assert_eq!(theirs.names().len(), 3);
    }

    #[test]
    fn halves_weigh_half_and_are_read_as_single_precision() {
        let table: Vec<f32> = (0..100).map(|i| (i as f32 - 50.0) / 64.0).collect();
        let made = |precision, last: f32| {
            let mut values = table.clone();
            values[99] = last;
            let mut w = Writer::new("test", &serde_json::json!({}).into());
            w.set_precision(precision);
            w.f32("table", &[10, 10], &values);
            w.f32("few", &[2], &[0.1, 1e6]);
            w.u32("counts", &[1]);
            (w.finish().unwrap(), values)
        };
        let read = |bytes: &[u8]| {
            let mut r = Reader::open(bytes, "test").unwrap();
            assert_eq!(r.f32("few", &[2]).unwrap(), [0.1, 1e6], "short tensors stay as they are");
            r.u32("counts", 1).unwrap();
            let table = r.f32("table", &[10, 10]).unwrap();
            r.finish().unwrap();
            table
        };
        let (single, values) = made(Precision::Single, 0.25);
        let (half, _) = made(Precision::Half, 0.25);
        assert_eq!(single.len() - half.len(), 200);
        assert_eq!((read(&single), read(&half)), (values.clone(), values), "these are exact in halves");
        let theirs = safetensors::SafeTensors::deserialize(&half).unwrap();
        assert_eq!(theirs.tensor("table").unwrap().dtype(), safetensors::Dtype::F16);
        let (rounded, _) = made(Precision::Half, 0.1);
        assert_eq!(read(&rounded)[99], 0.099_975_586);
        let (wide, values) = made(Precision::Half, 1e5);
        assert_eq!(read(&wide), values, "what does not fit keeps its tensor in single precision");
    }

    #[test]
    fn every_lie_is_refused() {
        let tensor =
            |name: &str| format!(r#""{name}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}},"table""#);
        let cases: Vec<(&str, Vec<u8>)> = vec![
            ("empty", vec![]),
            ("short", sample()[..20].to_vec()),
            ("trailing byte", [sample(), vec![0]].concat()),
            ("cut", sample()[..sample().len() - 1].to_vec()),
            ("flipped payload", {
                let mut b = sample();
                let last = b.len() - 1;
                b[last] ^= 1;
                b
            }),
            (
                "huge header",
                [&(MAX_HEADER as u64 + 1).to_le_bytes()[..], &vec![b' '; MAX_HEADER + 1]].concat(),
            ),
            ("not json", with_header(|h| h.replace('{', "["))),
            ("html", b"<!DOCTYPE html><html></html>".to_vec()),
            (
                "doubled tensor",
                with_header(|h| {
                    let at = h.find("\"table\"").unwrap();
                    let end = h[at..].find('}').unwrap() + at + 1;
                    h.replacen("\"table\"", &format!("{},\"table\"", &h[at..end]), 1)
                }),
            ),
            ("unknown field", with_header(|h| h.replacen("\"dtype\"", "\"extra\":1,\"dtype\"", 1))),
            ("odd name", with_header(|h| h.replacen("\"table\"", &tensor("__proto__"), 1))),
            ("empty tensor", with_header(|h| h.replacen("\"table\"", &tensor("more"), 1))),
            ("unasked tensor", with_header(|h| h.replacen("\"counts\"", "\"more\"", 1))),
            ("other dtype", with_header(|h| h.replacen("\"F32\"", "\"I32\"", 1))),
            ("other shape", with_header(|h| h.replacen("[2,2]", "[4,1]", 1))),
            ("other body", with_header(|h| h.replacen("3.5", "4.5", 1))),
            ("other format", with_header(|h| h.replacen("tasteprint-test", "tasteprint-pest", 1))),
            (
                "second metadata key",
                with_header(|h| h.replacen("{\"tasteprint\"", "{\"x\":\"\",\"tasteprint\"", 1)),
            ),
        ];
        for (name, bytes) in cases {
            let (code, text) = refusal(&bytes);
            assert_eq!(code, Code::ModelFormat, "{name}: {text}");
        }
        let newer = with_header(|h| h.replacen("\\\"major\\\":1", "\\\"major\\\":2", 1));
        assert_eq!(refusal(&newer).0, Code::ModelVersion);
    }

    #[test]
    fn what_is_not_finite_is_refused() {
        let mut w = Writer::new("test", &serde_json::json!({}).into());
        w.f32("table", &[2, 2], &[1.0, f32::NAN, 3.0, 4.0]);
        assert!(w.finish().is_err());
    }

    proptest! {
        #[test]
        fn any_flipped_byte_is_refused(at in 0usize..500, bit in 0u8..8) {
            let mut bytes = sample();
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            // A changed padding blank is the only harmless byte, and even that breaks the JSON.
            let read = || {
                let mut r = Reader::open(&bytes, "test")?;
                let table = r.f32("table", &[2, 2])?;
                r.u32("counts", 2)?;
                r.ids("ids", 2)?;
                r.finish().map(|()| table)
            };
            if let Ok(table) = read() {
                prop_assert_eq!(table, vec![1.0, 2.0, 3.0, 4.0]);
            }
        }

        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Reader::open(&bytes, "test").is_err());
        }
    }
}
