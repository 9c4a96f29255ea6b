//! From records to a matrix: learned once, applied as often as wanted, and saved with the model.

use super::cell::{Cell, Records};
use super::encode::{Encoded, Encoder, Sample};
use super::matrix::Matrix;
use super::numbers::Outliers;
use super::select::select;
use super::spec::{Encode, Spec};
use super::words::{Means, PARTS};
use crate::ground::fields::{Fields, FromFields};
use crate::ground::json::{Value, object};
use crate::ground::{Code, Error, Result};

/// The format of what [`Pipeline::write`] writes.
const VERSION: f64 = 1.0;
/// Most columns before selection: crossing two long vocabularies would fill the memory.
const MOST_COLUMNS: usize = 20_000;

/// Most records that words, means and ranges are learned from.
const MOST_SAMPLED: usize = 20_000;
/// Most numbers of records that columns are selected by; of wide rows, there are fewer.
const MOST_CELLS: usize = 4_000_000;

/// A column of the matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The field it comes from; two joined by " × " for a product.
    pub field: String,
    /// Which of the field's columns; empty where there is one.
    pub part: String,
}

impl From<Column> for Value {
    fn from(of: Column) -> Value {
        object([("field", of.field.into()), ("part", Some(of.part).filter(|p| !p.is_empty()).into())])
    }
}

/// What a fit has to say besides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notes {
    /// Fields with numbers that lie far from the others.
    pub outliers: Vec<Outliers>,
    /// Columns that were left out.
    pub dropped: Vec<Column>,
}

/// What targets say by word, learned without a part of the records each; by feature.
#[derive(Clone, Debug)]
pub struct Others(Vec<Option<Vec<Means>>>);

/// Some of the records.
struct Chosen<'a> {
    records: &'a dyn Records,
    rows: &'a [usize],
}

impl Records for Chosen<'_> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn cell(&self, record: usize, field: &str) -> Cell<'_> {
        self.records.cell(self.rows[record], field)
    }
}

/// A pipeline that learns in bounded steps, always from the same records: of very many, from an even sample. What
/// targets say by word is learned from all, since no sample would know rare words.
#[derive(Debug, Default)]
pub struct Learning {
    rows: Vec<usize>,
    features: Vec<Encoded>,
    others: Vec<Option<Vec<Means>>>,
    outliers: Vec<Outliers>,
    /// Once all features are known: the pipeline, and the rows that columns are selected by, as far as they are made.
    sample: Option<(Pipeline, Matrix, usize)>,
}

impl Learning {
    /// Begins.
    pub fn new(records: &dyn Records) -> Learning {
        let stride = records.len().div_ceil(MOST_SAMPLED).max(1);
        Learning { rows: (0..records.len()).step_by(stride).collect(), ..Learning::default() }
    }

    /// A feature, or some rows; true when it is done.
    pub fn advance(
        &mut self,
        spec: &Spec,
        records: &dyn Records,
        target: &[f32],
        budget: usize,
    ) -> Result<bool> {
        let next = spec.features.get(self.features.len()).filter(|_| self.sample.is_none());
        if let Some(wanted) = next {
            let some = Chosen { records, rows: &self.rows };
            let (whole, sample) = (Sample { records, target }, Sample { records: &some, target: &[] });
            let means = match wanted.encode {
                Encode::Target(smoothing) => Some(whole.others(&wanted.field, smoothing)),
                _ => None,
            };
            let (encoded, outliers) = Encoded::fit(wanted, if means.is_some() { &whole } else { &sample });
            self.features.push(encoded);
            self.others.push(means);
            self.outliers.extend(outliers);
            return Ok(false);
        }
        let Some((pipeline, matrix, done)) = &mut self.sample else {
            let place = |name: &String| self.features.iter().position(|f| f.field == *name).unwrap_or(0);
            let cross = spec.cross.iter().map(|[a, b]| [place(a), place(b)]).collect();
            let pipeline = Pipeline::of(core::mem::take(&mut self.features), cross)?;
            let most = (MOST_CELLS / pipeline.width.max(1)).max(1);
            let stride = self.rows.len().div_ceil(most).max(1);
            self.rows = self.rows.iter().copied().step_by(stride).collect();
            let matrix = Matrix::zeros(self.rows.len(), pipeline.width);
            self.sample = Some((pipeline, matrix, 0));
            return Ok(false);
        };
        let others = Others(core::mem::take(&mut self.others));
        let many = (budget / (pipeline.width + 1)).max(1);
        let until = done.saturating_add(many).min(self.rows.len());
        for at in *done..until {
            pipeline.whole_row(&others, records, self.rows[at], matrix.row_mut(at));
        }
        *done = until;
        self.others = others.0;
        Ok(until == self.rows.len())
    }

    /// What was learned, once it is done.
    pub fn finish(self, spec: &Spec, target: &[f32]) -> (Pipeline, Others, Notes) {
        let (mut pipeline, matrix, _) = self.sample.expect("it is done");
        let of_sample: Vec<f32> = self.rows.iter().map(|&r| target[r]).collect();
        pipeline.kept = select(spec.select, &matrix, &of_sample);
        let mut notes = Notes { outliers: self.outliers, dropped: Vec::new() };
        for (at, column) in pipeline.all_columns().into_iter().enumerate() {
            if pipeline.kept.binary_search(&(at as u32)).is_err() {
                notes.dropped.push(column);
            }
        }
        (pipeline, Others(self.others), notes)
    }
}

/// Everything that was learned of the fields.
#[derive(Clone, Debug)]
pub struct Pipeline {
    features: Vec<Encoded>,
    /// Pairs of places in `features` whose columns are multiplied.
    cross: Vec<[usize; 2]>,
    /// Columns of the whole that stay.
    kept: Vec<u32>,
    /// Where each feature's columns begin, and how many there are in all.
    starts: Vec<usize>,
    width: usize,
}

impl Pipeline {
    /// Learns from records and what is to be predicted of them, all at once.
    pub fn learn(spec: &Spec, records: &dyn Records, target: &[f32]) -> Result<(Pipeline, Others, Notes)> {
        let mut learning = Learning::new(records);
        while !learning.advance(spec, records, target, usize::MAX)? {}
        Ok(learning.finish(spec, target))
    }

    fn whole_row(&self, others: &Others, records: &dyn Records, record: usize, whole: &mut [f32]) {
        self.encode(records, record, &|_| true, whole);
        for (at, means) in others.0.iter().enumerate() {
            if let Some(means) = means {
                let cell = records.cell(record, &self.features[at].field);
                means[record % PARTS].apply(cell, &mut whole[self.starts[at]..=self.starts[at]]);
            }
        }
        self.multiply(whole);
    }

    /// The row of a record that was learned from: it is not told its own answer. `whole` is scratch.
    pub fn taught(
        &self,
        others: &Others,
        of: &dyn Records,
        record: usize,
        whole: &mut [f32],
        out: &mut [f32],
    ) {
        whole.fill(0.0);
        self.whole_row(others, of, record, whole);
        self.gather(whole, out);
    }

    /// Learns from records, and gives their matrix.
    pub fn fit(spec: &Spec, records: &dyn Records, target: &[f32]) -> Result<(Pipeline, Matrix, Notes)> {
        let (pipeline, others, notes) = Pipeline::learn(spec, records, target)?;
        let mut matrix = Matrix::zeros(records.len(), pipeline.columns());
        let mut whole = vec![0f32; pipeline.width];
        for r in 0..records.len() {
            pipeline.taught(&others, records, r, &mut whole, matrix.row_mut(r));
        }
        Ok((pipeline, matrix, notes))
    }

    fn of(features: Vec<Encoded>, cross: Vec<[usize; 2]>) -> Result<Pipeline> {
        let (mut starts, mut width) = (Vec::new(), 0usize);
        for feature in &features {
            starts.push(width);
            width += feature.columns();
        }
        for &[a, b] in &cross {
            width = width.saturating_add(features[a].columns().saturating_mul(features[b].columns()));
        }
        if width > MOST_COLUMNS {
            return Err(Error::new(Code::InvalidArgument, "these features have too many columns")
                .at("features.cross")
                .expected(format!("at most {MOST_COLUMNS}"))
                .got(width)
                .hint("Keep fewer words (`most`), or cross fewer fields."));
        }
        Ok(Pipeline { features, cross, kept: Vec::new(), starts, width })
    }

    /// Keeps some columns of the matrix, ascending, and gives those that go.
    pub fn keep(&mut self, columns: &[u32]) -> Vec<Column> {
        let names = self.names();
        let gone = |at: &usize| columns.binary_search(&(*at as u32)).is_err();
        let gone = (0..names.len()).filter(gone).map(|at| names[at].clone()).collect();
        self.kept = columns.iter().map(|&at| self.kept[at as usize]).collect();
        gone
    }

    /// Number of columns of a matrix.
    pub fn columns(&self) -> usize {
        self.kept.len()
    }

    /// Length of the scratch that rows are put together in.
    pub fn width(&self) -> usize {
        self.width
    }

    fn all_columns(&self) -> Vec<Column> {
        let mut all = Vec::with_capacity(self.width);
        let column = |field: &str, part: String| Column { field: field.to_owned(), part };
        for feature in &self.features {
            all.extend(feature.names().into_iter().map(|part| column(&feature.field, part)));
        }
        for &[a, b] in &self.cross {
            let field = format!("{} × {}", self.features[a].field, self.features[b].field);
            for x in self.features[a].names() {
                for y in self.features[b].names() {
                    all.push(column(&field, format!("{x} × {y}")));
                }
            }
        }
        all
    }

    /// Names of the columns of a matrix.
    pub fn names(&self) -> Vec<Column> {
        let all = self.all_columns();
        self.kept.iter().map(|&at| all[at as usize].clone()).collect()
    }

    /// Puts the columns of some fields into a scratch row, which is 0 there before.
    pub fn encode(&self, of: &dyn Records, record: usize, fields: &dyn Fn(&str) -> bool, whole: &mut [f32]) {
        for (feature, &start) in self.features.iter().zip(&self.starts) {
            if fields(&feature.field) {
                feature.apply(of, record, &mut whole[start..start + feature.columns()]);
            }
        }
    }

    /// Multiplies pairs; all fields must stand.
    fn multiply(&self, whole: &mut [f32]) {
        let mut at = self.starts.last().map_or(0, |s| s + self.features[self.features.len() - 1].columns());
        for &[a, b] in &self.cross {
            for x in 0..self.features[a].columns() {
                for y in 0..self.features[b].columns() {
                    whole[at] = whole[self.starts[a] + x] * whole[self.starts[b] + y];
                    at += 1;
                }
            }
        }
    }

    fn gather(&self, whole: &[f32], out: &mut [f32]) {
        for (x, &at) in out.iter_mut().zip(&self.kept) {
            *x = whole[at as usize];
        }
    }

    /// A row of the matrix from a scratch row in which all fields stand.
    pub fn finish(&self, whole: &mut [f32], out: &mut [f32]) {
        self.multiply(whole);
        self.gather(whole, out);
    }

    /// The matrix of records.
    pub fn apply(&self, of: &dyn Records) -> Matrix {
        let mut matrix = Matrix::zeros(of.len(), self.columns());
        let mut whole = vec![0f32; self.width];
        for r in 0..of.len() {
            whole.fill(0.0);
            self.encode(of, r, &|_| true, &mut whole);
            self.finish(&mut whole, matrix.row_mut(r));
        }
        matrix
    }

    /// Fields that are among the features.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.features.iter().map(|f| f.field.as_str())
    }

    /// Places of some fields' columns in a scratch row.
    pub fn places(&self, fields: &dyn Fn(&str) -> bool) -> Vec<u32> {
        let mut places = Vec::new();
        for (feature, &start) in self.features.iter().zip(&self.starts) {
            if fields(&feature.field) {
                places.extend(start as u32..(start + feature.columns()) as u32);
            }
        }
        places
    }

    /// The words a field knows, where it is one of words.
    pub fn words(&self, field: &str) -> Option<Vec<String>> {
        let feature = self.features.iter().find(|f| f.field == field)?;
        match &feature.encoder {
            Encoder::Words(words) => Some(words.names().into_iter().take(words.len()).collect()),
            _ => None,
        }
    }

    /// Whether a word means something to a field: one of its own, however it is written, or any where it has none.
    pub fn recognises(&self, field: &str, word: &str) -> bool {
        let of = |feature: &Encoded| match &feature.encoder {
            Encoder::Words(words) => words.find(word).is_some(),
            _ => true,
        };
        self.features.iter().filter(|f| f.field == field).any(of)
    }

    /// Everything that was learned, to be read by people and by [`Pipeline::decode`].
    pub fn write(&self) -> Value {
        let cross = self.cross.iter().map(|[a, b]| Value::Array(vec![(*a).into(), (*b).into()]));
        object([
            ("version", VERSION.into()),
            ("features", Value::Array(self.features.iter().map(Encoded::write).collect())),
            ("cross", Value::Array(cross.collect())),
            ("columns", self.kept.clone().into()),
        ])
    }
}

impl FromFields for Pipeline {
    fn read(f: &mut Fields) -> Result<Pipeline> {
        let wrong = |place: String| {
            Error::new(Code::ModelFormat, "what was learned of the features does not fit together").at(place)
        };
        if f.needed_number("version")? != VERSION {
            return Err(wrong(f.place("version")));
        }
        let mut features = Vec::new();
        for (at, value) in f.list("features")?.into_iter().enumerate() {
            features.push(Encoded::decode(format!("{}[{at}]", f.place("features")), value)?);
        }
        let mut cross = Vec::new();
        for value in f.list("cross")? {
            let inside = |v: &Value| v.as_count().map(|n| n as usize).filter(|n| *n < features.len());
            match value.as_array().map(|pair| pair.iter().filter_map(inside).collect::<Vec<_>>()).as_deref() {
                Some(&[a, b]) => cross.push([a, b]),
                _ => return Err(wrong(f.place("cross"))),
            }
        }
        let mut pipeline = Pipeline::of(features, cross)?;
        for value in f.list("columns")? {
            let at = value.as_count().filter(|at| *at < pipeline.width as u64);
            pipeline.kept.push(at.ok_or_else(|| wrong(f.place("columns")))? as u32);
        }
        if pipeline.kept.is_empty() || !pipeline.kept.is_sorted() {
            return Err(wrong(f.place("columns")));
        }
        Ok(pipeline)
    }
}
