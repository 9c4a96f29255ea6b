//! Kept samples in containers.

use super::FmParams;
use super::draw::Prior;
use super::fit::Sample;
use super::moments::Words;
use crate::codec::{Reader, Tape, Writer};
use crate::data::context::Circumstance;
use crate::ground::fields::FromFields;
use crate::ground::ids::Vocabulary;
use crate::ground::json::{Value, object};
use crate::ground::{Code, Error, Result};
use crate::models::mf::Table;

/// Writes or takes up samples, as many as there are.
pub(super) fn samples(tape: &mut Tape<'_>, samples: &mut [Sample]) -> Result<()> {
    // A container has few tensors: all samples share them.
    let mut scalars: Vec<f64> = Vec::new();
    let mut numbers: Vec<f32> = Vec::new();
    for s in samples.iter() {
        scalars.push(s.alpha);
        scalars.extend(s.prior.mean.iter().chain(&s.prior.precision));
        for table in [Some(&s.items), s.history.as_ref(), s.moments.as_ref()].into_iter().flatten() {
            numbers.extend(table.bias.iter().chain(table.factors.iter()));
        }
    }
    let expected = (scalars.len(), numbers.len());
    tape.f64("sample_scalars", &mut scalars)?;
    tape.any_f32("sample_tables", &mut numbers)?;
    if (scalars.len(), numbers.len()) != expected {
        return Err(Error::new(Code::ModelFormat, "samples of another shape").at("sample_tables"));
    }
    let (mut scalars, mut numbers) = (scalars.into_iter(), numbers.into_iter());
    for s in samples.iter_mut() {
        let prior = &mut s.prior;
        let cells = core::iter::once(&mut s.alpha).chain(&mut prior.mean).chain(&mut prior.precision);
        cells.zip(&mut scalars).for_each(|(cell, x)| *cell = x);
        for table in [Some(&mut s.items), s.history.as_mut(), s.moments.as_mut()].into_iter().flatten() {
            let cells = table.bias.iter_mut().chain(table.factors.iter_mut());
            cells.zip(&mut numbers).for_each(|(cell, x)| *cell = x);
        }
    }
    Ok(())
}

/// Writes samples for serving, without padding.
pub(super) fn write(w: &mut Writer, samples: &[Sample], words: &Words, factors: usize) {
    let alphas: Vec<f64> = samples.iter().map(|s| s.alpha).collect();
    w.f64("alpha", &alphas);
    let join = |of: &dyn Fn(&Sample) -> &Vec<f64>| -> Vec<f64> {
        samples.iter().flat_map(|s| of(s).iter().copied()).collect()
    };
    w.f64("prior_mean", &join(&|s| &s.prior.mean));
    w.f64("prior_precision", &join(&|s| &s.prior.precision));
    let items: Vec<&Table> = samples.iter().map(|s| &s.items).collect();
    tables(w, "item", &items, factors);
    let history: Vec<&Table> = samples.iter().filter_map(|s| s.history.as_ref()).collect();
    tables(w, "history", &history, factors);
    let moments: Vec<&Table> = samples.iter().filter_map(|s| s.moments.as_ref()).collect();
    if !moments.is_empty() {
        w.json("context", &Value::Array(words.kinds.iter().map(kind).collect()));
        tables(w, "context", &moments, factors);
    }
}

fn kind((name, words): &(String, Vocabulary)) -> Value {
    object([("name", name.as_str().into()), ("words", words.ids().to_vec().into())])
}

fn tables(w: &mut Writer, name: &str, all: &[&Table], factors: usize) {
    let rows: usize = all.iter().map(|t| t.len()).sum();
    let bias: Vec<f32> = all.iter().flat_map(|t| t.bias.iter().copied()).collect();
    let mut flat = Vec::with_capacity(rows * factors);
    for table in all {
        (0..table.len()).for_each(|row| flat.extend_from_slice(&table.row(row)[..factors]));
    }
    w.f32(&format!("{name}_bias"), &[rows], &bias);
    w.f32(&format!("{name}_factors"), &[rows, factors], &flat);
}

/// Reads what was written.
pub(super) fn read(r: &mut Reader<'_>, params: &FmParams, items: usize) -> Result<(Vec<Sample>, Words)> {
    let (n, k) = (r.len_of("alpha"), params.factors);
    if n == 0 || n > params.samples {
        return Err(Error::new(Code::ModelFormat, "the number of samples is wrong").at("alpha").got(n));
    }
    let alphas = r.f64("alpha", n)?;
    let means = r.f64("prior_mean", n * (k + 1))?;
    let precisions = r.f64("prior_precision", n * (k + 1))?;
    if alphas.iter().chain(&precisions).any(|&x| x <= 0.0) {
        return Err(Error::new(Code::ModelFormat, "a precision is not positive").at("prior_precision"));
    }
    let all = Table::read(r, "item", n * items, k)?;
    let history = if params.history > 0 { Some(Table::read(r, "history", n * items, k)?) } else { None };
    let mut words = Words::default();
    let mut moments = None;
    if r.has("context") {
        for value in Circumstance::decode_all("context", r.json("context")?)? {
            words.kinds.push((value.name, value.words));
        }
        moments = Some(Table::read(r, "context", n * words.len(), k)?);
    }
    let part = |table: &Table, s: usize| {
        let rows = table.len() / n;
        let mut one = Table::zeros(rows, k);
        one.bias.copy_from_slice(&table.bias[s * rows..(s + 1) * rows]);
        for row in 0..rows {
            one.row_mut(row).copy_from_slice(table.row(s * rows + row));
        }
        one
    };
    let samples = (0..n).map(|s| Sample {
        items: part(&all, s),
        history: history.as_ref().map(|h| part(h, s)),
        moments: moments.as_ref().map(|m| part(m, s)),
        alpha: alphas[s],
        prior: Prior {
            mean: means[s * (k + 1)..(s + 1) * (k + 1)].to_vec(),
            precision: precisions[s * (k + 1)..(s + 1) * (k + 1)].to_vec(),
        },
    });
    Ok((samples.collect(), words))
}
