//! One field, learned: the step from a cell to its columns.

use super::cell::{Cell, Records};
use super::numbers::{Buckets, Number, Outliers};
use super::spec::{Encode, Feature};
use super::words::{Means, PARTS, Points, Rarity, Words, hash};
use crate::ground::fields::{Fields, FromFields};
use crate::ground::json::{Value, object};
use crate::ground::{Code, Error, Result};

/// What was learned of a field.
#[derive(Clone, Debug)]
pub(super) enum Encoder {
    Number(Number),
    Buckets(Buckets),
    Words(Words),
    Hash(usize),
    TfIdf(Rarity),
    Embedding(Points),
    Target(Means),
    Vector(usize),
}

/// A field, and what was learned of it.
#[derive(Clone, Debug)]
pub(super) struct Encoded {
    pub field: String,
    pub encoder: Encoder,
}

/// What a feature learns from.
pub(super) struct Sample<'a> {
    pub records: &'a dyn Records,
    /// What is to be predicted, record by record.
    pub target: &'a [f32],
}

impl Sample<'_> {
    fn cells<'s>(&'s self, field: &'s str) -> impl Iterator<Item = Cell<'s>> + 's {
        (0..self.records.len()).map(move |r| self.records.cell(r, field))
    }

    /// Means of all records but those of a part.
    fn means(&self, field: &str, smoothing: f64, but: Option<usize>) -> Means {
        let cells = self.cells(field).zip(self.target).enumerate();
        let kept = cells.filter(|(at, _)| but != Some(at % PARTS));
        Means::fit(smoothing, &mut kept.map(|(_, (cell, &y))| (cell, f64::from(y))))
    }

    /// Of each part, what the others say.
    pub fn others(&self, field: &str, smoothing: f64) -> Vec<Means> {
        (0..PARTS).map(|part| self.means(field, smoothing, Some(part))).collect()
    }
}

impl Encoded {
    /// Learns; says which numbers are far out.
    pub fn fit(wanted: &Feature, sample: &Sample<'_>) -> (Encoded, Option<Outliers>) {
        let field = wanted.field.as_str();
        let mut cells = sample.cells(field);
        let mut outliers = None;
        let encoder = match &wanted.encode {
            Encode::Number(numeric) => {
                let (number, out) = Number::fit(numeric, field, sample.records);
                outliers = out;
                Encoder::Number(number)
            }
            Encode::Buckets(bins, range) => {
                Encoder::Buckets(Buckets::fit(*bins, *range, field, sample.records))
            }
            Encode::Words(wording) => Encoder::Words(Words::fit(wording, &mut cells)),
            Encode::Hash(buckets) => Encoder::Hash(*buckets),
            Encode::TfIdf(buckets) => Encoder::TfIdf(Rarity::fit(*buckets, &mut cells)),
            Encode::Embedding(factors, wording) => {
                Encoder::Embedding(Points::fit(*factors, wording, &mut cells))
            }
            Encode::Target(smoothing) => Encoder::Target(sample.means(field, *smoothing, None)),
            Encode::Vector => {
                let length = |cell| if let Cell::Vector(v) = cell { v.len() } else { 0 };
                Encoder::Vector(cells.map(length).max().unwrap_or(0).min(512))
            }
        };
        (Encoded { field: wanted.field.clone(), encoder }, outliers)
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        match &self.encoder {
            Encoder::Number(n) => n.columns(),
            Encoder::Buckets(b) => b.columns(),
            Encoder::Words(w) => w.columns(),
            Encoder::Hash(n) | Encoder::Vector(n) => *n,
            Encoder::TfIdf(r) => r.columns(),
            Encoder::Embedding(p) => p.columns(),
            Encoder::Target(_) => 1,
        }
    }

    /// Fills the columns, which are 0 before.
    pub fn apply(&self, of: &dyn Records, record: usize, out: &mut [f32]) {
        let cell = of.cell(record, &self.field);
        match &self.encoder {
            Encoder::Number(n) => n.apply(of, record, &self.field, out),
            Encoder::Buckets(b) => b.apply(cell.number(), out),
            Encoder::Words(w) => w.apply(cell, out),
            Encoder::Hash(_) => hash(cell, out),
            Encoder::TfIdf(r) => r.apply(cell, out),
            Encoder::Embedding(p) => p.apply(cell, out),
            Encoder::Target(m) => m.apply(cell, out),
            Encoder::Vector(_) => {
                if let Cell::Vector(v) = cell {
                    let finite = |x: f32| if x.is_finite() { x.clamp(-1e15, 1e15) } else { 0.0 };
                    out.iter_mut().zip(v).for_each(|(x, v)| *x = finite(*v));
                }
            }
        }
    }

    /// Names of the columns within the field.
    pub fn names(&self) -> Vec<String> {
        let numbered = |n: usize| (1..=n).map(|at| at.to_string()).collect();
        match &self.encoder {
            Encoder::Number(n) if n.indicator => vec![String::new(), "missing".to_owned()],
            Encoder::Number(_) => vec![String::new()],
            Encoder::Buckets(b) => b.names(),
            Encoder::Words(w) => w.names(),
            Encoder::Target(_) => vec!["mean".to_owned()],
            Encoder::Hash(_) | Encoder::TfIdf(_) | Encoder::Embedding(_) | Encoder::Vector(_) => {
                numbered(self.columns())
            }
        }
    }

    pub fn write(&self) -> Value {
        let (kind, learned) = match &self.encoder {
            Encoder::Number(n) => ("number", n.write()),
            Encoder::Buckets(b) => ("buckets", b.write()),
            Encoder::Words(w) => ("words", w.write()),
            Encoder::Hash(n) => ("hash", object([("columns", (*n).into())])),
            Encoder::TfIdf(r) => ("tf-idf", r.write()),
            Encoder::Embedding(p) => ("embedding", p.write()),
            Encoder::Target(m) => ("target", m.write()),
            Encoder::Vector(n) => ("vector", object([("columns", (*n).into())])),
        };
        object([("field", self.field.as_str().into()), ("encode", kind.into()), ("learned", learned)])
    }
}

impl FromFields for Encoded {
    fn read(f: &mut Fields) -> Result<Encoded> {
        let (field, kind) = (f.needed_text("field")?, f.needed_text("encode")?);
        let place = f.place("learned");
        let mut inner = Fields::of(place, f.value("learned").unwrap_or_default())?;
        let columns = |inner: &mut Fields| -> Result<usize> {
            Ok(inner.needed_number("columns")?.clamp(0.0, 4096.0) as usize)
        };
        let encoder = match kind.as_str() {
            "number" => Encoder::Number(Number::read(&mut inner)?),
            "buckets" => Encoder::Buckets(Buckets::read(&mut inner)?),
            "words" => Encoder::Words(Words::read(&mut inner)?),
            "hash" => Encoder::Hash(columns(&mut inner)?.max(1)),
            "tf-idf" => Encoder::TfIdf(Rarity::read(&mut inner)?),
            "embedding" => Encoder::Embedding(Points::read(&mut inner)?),
            "target" => Encoder::Target(Means::read(&mut inner)?),
            "vector" => Encoder::Vector(columns(&mut inner)?),
            _ => {
                return Err(Error::new(Code::ModelFormat, "this encoding is not known")
                    .at(f.place("encode"))
                    .got(kind));
            }
        };
        Ok(Encoded { field, encoder })
    }
}
