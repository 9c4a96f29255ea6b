//! State that is kept and taken up again: one function names its parts, and the same function writes and reads them,
//! so that the two cannot part ways.

use super::{Reader, Writer};
use crate::ground::rng::Rng;
use crate::ground::{Code, Error, Result};

/// A container being written, or one being read.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum Tape<'a> {
    /// Parts are copied to it.
    Write(Writer),
    /// Parts are replaced by what it holds.
    Read(Reader<'a>),
}

impl Tape<'_> {
    /// True while state is taken up again.
    pub fn reads(&self) -> bool {
        matches!(self, Tape::Read(_))
    }

    /// Single-precision numbers. Where `fixed`, as many as there are now.
    fn floats(&mut self, name: &str, values: &mut Vec<f32>, fixed: bool) -> Result<()> {
        match self {
            Tape::Write(w) => w.f32(name, &[values.len()], values),
            Tape::Read(r) => {
                let n = if fixed { values.len() } else { r.len_of(name) };
                *values = r.f32(name, &[n])?;
            }
        }
        Ok(())
    }

    /// Single-precision numbers, as many as there are now.
    pub fn f32(&mut self, name: &str, values: &mut Vec<f32>) -> Result<()> {
        self.floats(name, values, true)
    }

    /// Single-precision numbers, however many.
    pub fn any_f32(&mut self, name: &str, values: &mut Vec<f32>) -> Result<()> {
        self.floats(name, values, false)
    }

    /// Double-precision numbers, however many.
    pub fn f64(&mut self, name: &str, values: &mut Vec<f64>) -> Result<()> {
        match self {
            Tape::Write(w) => w.f64(name, values),
            Tape::Read(r) => {
                let n = r.len_of(name);
                *values = r.f64(name, n)?;
            }
        }
        Ok(())
    }

    /// Indices, as many as there are now.
    pub fn u32(&mut self, name: &str, values: &mut Vec<u32>) -> Result<()> {
        match self {
            Tape::Write(w) => w.u32(name, values),
            Tape::Read(r) => *values = r.u32(name, values.len())?,
        }
        Ok(())
    }

    /// A count.
    pub fn count(&mut self, name: &str, value: &mut usize) -> Result<()> {
        let mut one = vec![*value as f64];
        self.f64(name, &mut one)?;
        match one.as_slice() {
            [x] if *x >= 0.0 && x.fract() == 0.0 && *x <= f64::from(u32::MAX) => *value = *x as usize,
            _ => return Err(Error::new(Code::ModelFormat, "a count is none").at(name)),
        }
        Ok(())
    }

    /// A number.
    pub fn number(&mut self, name: &str, value: &mut f64) -> Result<()> {
        let mut one = vec![*value];
        self.f64(name, &mut one)?;
        *value = *one.first().ok_or_else(|| Error::new(Code::ModelFormat, "a number is missing").at(name))?;
        Ok(())
    }

    /// Where a generator stands.
    pub fn rng(&mut self, name: &str, rng: &mut Rng) -> Result<()> {
        let mut words: Vec<u32> = rng.state().iter().flat_map(|w| [*w as u32, (*w >> 32) as u32]).collect();
        self.u32(name, &mut words)?;
        *rng = Rng::resume(core::array::from_fn(|i| {
            u64::from(words[2 * i]) | (u64::from(words[2 * i + 1]) << 32)
        }));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(tape: &mut Tape<'_>, floats: &mut Vec<f32>, rng: &mut Rng, n: &mut usize) -> Result<()> {
        tape.f32("floats", floats)?;
        tape.rng("rng", rng)?;
        tape.count("n", n)
    }

    #[test]
    fn what_was_written_is_taken_up() {
        let (mut floats, mut rng, mut n) = (vec![1.0, 2.0], Rng::new(1, 2), 7);
        rng.next_u64();
        let mut tape = Tape::Write(Writer::new("test", &crate::ground::json::Value::Null));
        parts(&mut tape, &mut floats, &mut rng, &mut n).unwrap();
        let Tape::Write(w) = tape else { unreachable!() };
        let bytes = w.finish().unwrap();
        let (mut f, mut r, mut m) = (vec![0.0; 2], Rng::new(0, 0), 0);
        let mut tape = Tape::Read(Reader::open(&bytes, "test").unwrap());
        parts(&mut tape, &mut f, &mut r, &mut m).unwrap();
        assert_eq!((f, m), (floats, 7));
        assert_eq!(r.next_u64(), rng.next_u64());
        let mut tape = Tape::Read(Reader::open(&bytes, "test").unwrap());
        assert!(tape.f32("floats", &mut vec![0.0; 3]).is_err(), "another number of them");
    }
}
