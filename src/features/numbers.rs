//! Numbers: what stands in for missing ones, how they are brought to one size, and which of them are outliers.

use super::cell::Records;
use super::spec::{Missing, Numeric, Scaling};
use crate::ground::Result;
use crate::ground::fields::{Fields, FromFields};
use crate::ground::json::{Value, object};
use crate::ground::math;
use crate::ground::sort::sort_by;

/// Largest number that is reckoned with: its square is still finite.
const LARGEST: f64 = 1e15;
/// Records that are looked at to fill in a number from the nearest.
const NEAREST: usize = 5;
/// Most records that are remembered for that.
const MOST_NEIGHBOURS: usize = 300;
/// Outliers lie beyond the quartiles by more than so many times the distance between them (Tukey, 1977, "far out").
const FAR_OUT: f64 = 3.0;

/// What was learned of a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    pub(super) indicator: bool,
    range: (f64, f64),
    /// Where values are cut off.
    fence: (f64, f64),
    fill: f64,
    shift: f64,
    unit: f64,
    nearest: Option<Nearest>,
}

/// Records to fill in from: the words of another field, and the number.
#[derive(Clone, Debug, PartialEq)]
struct Nearest {
    field: String,
    known: Vec<(Vec<String>, f64)>,
}

/// A number that lies far from the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Outliers {
    /// The field.
    pub field: String,
    /// How many records are far out, or outside what is declared possible.
    pub count: usize,
    /// The farthest.
    pub example: f64,
    /// What is usual.
    pub usual: (f64, f64),
}

impl From<Outliers> for Value {
    fn from(of: Outliers) -> Value {
        object([
            ("field", of.field.into()),
            ("count", of.count.into()),
            ("example", of.example.into()),
            ("low", of.usual.0.into()),
            ("high", of.usual.1.into()),
        ])
    }
}

/// The value at a share of sorted values.
pub(super) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = share * (sorted.len().max(1) - 1) as f64;
    let (low, rest) = (at as usize, at.fract());
    match (sorted.get(low), sorted.get(low + 1)) {
        (Some(a), Some(b)) => a + rest * (b - a),
        (Some(a), None) => *a,
        _ => 0.0,
    }
}

/// Cut off at both ends. `f64::clamp` would bring along the digits of its own panic, 6 kB of them.
fn within(x: f64, (low, high): (f64, f64)) -> f64 {
    x.max(low).min(high)
}

/// Of the precision that is stored.
pub(super) fn stored(x: f64) -> f64 {
    f64::from(x as f32)
}

/// Numbers of a field that are known and possible, ascending.
pub(super) fn possible(of: &dyn Records, field: &str, range: (f64, f64)) -> Vec<f64> {
    let all = (0..of.len()).filter_map(|r| of.cell(r, field).number());
    let mut possible: Vec<f64> = all.filter(|x| *x >= range.0 && *x <= range.1).collect();
    sort_by(&mut possible, f64::total_cmp);
    possible
}

impl Number {
    /// Learns from all records; says which numbers are far out.
    pub fn fit(wanted: &Numeric, field: &str, of: &dyn Records) -> (Number, Option<Outliers>) {
        let known = possible(of, field, wanted.range);
        let (q1, q3) = (quantile(&known, 0.25), quantile(&known, 0.75));
        let reach = FAR_OUT * (q3 - q1);
        let ends = (quantile(&known, 0.0), quantile(&known, 1.0));
        // Where half of all are alike, whatever differs would be an outlier.
        let usual = if reach > 0.0 { (q1 - reach, q3 + reach) } else { ends };
        let outliers = outliers(field, of, (usual.0.max(wanted.range.0), usual.1.min(wanted.range.1)));
        let fence = if wanted.scaling == Scaling::None {
            (-LARGEST, LARGEST)
        } else {
            (stored(ends.0.max(usual.0)), stored(ends.1.min(usual.1)))
        };
        let cut = || known.iter().map(|x| within(*x, fence));
        let mean = if known.is_empty() { 0.0 } else { math::mean(cut()) };
        let fill = match &wanted.missing {
            Missing::Constant(x) => x.clamp(-LARGEST, LARGEST),
            Missing::Mean | Missing::Nearest(_) => mean,
            Missing::Median => quantile(&known, 0.5),
            Missing::Mode => mode(&known),
        };
        let (shift, unit) = match wanted.scaling {
            Scaling::None => (0.0, 1.0),
            Scaling::Standard if known.is_empty() => (0.0, 1.0),
            Scaling::Standard => (mean, math::sqrt(math::mean(cut().map(|x| (x - mean) * (x - mean))))),
            Scaling::MinMax => (fence.0, fence.1 - fence.0),
        };
        let nearest = match &wanted.missing {
            Missing::Nearest(by) => Some(Nearest::fit(by, field, of, wanted.range)),
            _ => None,
        };
        let number = Number {
            indicator: wanted.indicator,
            range: wanted.range,
            fence,
            fill: stored(fill),
            shift: stored(shift),
            unit: if unit > 1e-12 { stored(unit) } else { 1.0 },
            nearest,
        };
        (number, outliers)
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        1 + usize::from(self.indicator)
    }

    /// Fills the columns of one record.
    pub fn apply(&self, of: &dyn Records, record: usize, field: &str, out: &mut [f32]) {
        let known = of.cell(record, field).number().filter(|x| *x >= self.range.0 && *x <= self.range.1);
        let value = known.unwrap_or_else(|| match &self.nearest {
            Some(nearest) => nearest.guess(of, record).unwrap_or(self.fill),
            None => self.fill,
        });
        out[0] = ((within(value, self.fence) - self.shift) / self.unit) as f32;
        if self.indicator {
            out[1] = f32::from(u8::from(known.is_none()));
        }
    }

    pub(super) fn write(&self) -> Value {
        let end = |x: f64| if x.is_finite() { Value::Number(x) } else { Value::Null };
        object([
            ("indicator", self.indicator.into()),
            ("min", end(self.range.0)),
            ("max", end(self.range.1)),
            ("low", self.fence.0.into()),
            ("high", self.fence.1.into()),
            ("fill", self.fill.into()),
            ("shift", self.shift.into()),
            ("unit", self.unit.into()),
            ("nearest", self.nearest.as_ref().map_or(Value::Null, Nearest::write)),
        ])
    }

    pub(super) fn read(f: &mut Fields) -> Result<Number> {
        Ok(Number {
            indicator: f.flag("indicator")?.unwrap_or(false),
            range: (f.number("min")?.unwrap_or(f64::NEG_INFINITY), f.number("max")?.unwrap_or(f64::INFINITY)),
            fence: low_high(f)?,
            fill: f.needed_number("fill")?,
            shift: f.needed_number("shift")?,
            unit: Some(f.needed_number("unit")?).filter(|u| *u > 0.0).unwrap_or(1.0),
            nearest: match f.value("nearest") {
                None => None,
                Some(value) => Some(Nearest::decode(f.place("nearest"), value)?),
            },
        })
    }
}

/// A range that can be clamped to, whatever a file says.
fn low_high(f: &mut Fields) -> Result<(f64, f64)> {
    let (low, high) = (f.needed_number("low")?, f.needed_number("high")?);
    Ok((low.min(high), high.max(low)))
}

fn mode(sorted: &[f64]) -> f64 {
    let (mut best, mut count) = (0.0, 0);
    for run in sorted.chunk_by(|a, b| a == b) {
        if run.len() > count {
            (best, count) = (run[0], run.len());
        }
    }
    best
}

fn outliers(field: &str, of: &dyn Records, usual: (f64, f64)) -> Option<Outliers> {
    let (mut count, mut farthest, mut example) = (0, -1.0, 0.0);
    for x in (0..of.len()).filter_map(|r| of.cell(r, field).number()) {
        let out = (usual.0 - x).max(x - usual.1);
        if out > 0.0 {
            count += 1;
            if out > farthest {
                (farthest, example) = (out, x);
            }
        }
    }
    (count > 0).then(|| Outliers { field: field.to_owned(), count, example, usual })
}

impl Nearest {
    fn fit(by: &str, field: &str, of: &dyn Records, range: (f64, f64)) -> Nearest {
        let mut known = Vec::new();
        let stride = of.len().div_ceil(MOST_NEIGHBOURS).max(1);
        for r in (0..of.len()).step_by(stride) {
            let number = of.cell(r, field).number().filter(|x| *x >= range.0 && *x <= range.1);
            let words = words(of, r, by);
            if let (Some(x), false) = (number, words.is_empty()) {
                known.push((words, stored(x)));
            }
        }
        Nearest { field: by.to_owned(), known }
    }

    /// The mean of the numbers of those that are most alike, by the share of common words (Jaccard).
    fn guess(&self, of: &dyn Records, record: usize) -> Option<f64> {
        let own = words(of, record, &self.field);
        let alike = self.known.iter().enumerate().map(|(at, (theirs, _))| {
            let common = theirs.iter().filter(|w| own.contains(w)).count();
            (at as u32, common as f32 / (own.len() + theirs.len() - common).max(1) as f32)
        });
        let best = crate::ground::top::top_k(alike.filter(|(_, s)| *s > 0.0), NEAREST);
        (!best.is_empty()).then(|| math::mean(best.iter().map(|(at, _)| self.known[*at as usize].1)))
    }

    fn write(&self) -> Value {
        let known = self
            .known
            .iter()
            .map(|(words, x)| object([("words", words.clone().into()), ("value", (*x).into())]));
        object([("field", self.field.as_str().into()), ("known", Value::Array(known.collect()))])
    }
}

impl FromFields for Nearest {
    fn read(f: &mut Fields) -> Result<Nearest> {
        let field = f.needed_text("field")?;
        let mut known = Vec::new();
        for (at, value) in f.list("known")?.into_iter().enumerate() {
            let mut inner = Fields::of(format!("{}[{at}]", f.place("known")), value)?;
            known.push((inner.texts("words")?, inner.needed_number("value")?));
        }
        Ok(Nearest { field, known })
    }
}

fn words(of: &dyn Records, record: usize, field: &str) -> Vec<String> {
    let mut words = Vec::new();
    of.cell(record, field).each_word(&mut |word, _| words.push(word.to_owned()));
    words
}

/// What was learned of a number that becomes ranges: their inner ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Buckets {
    range: (f64, f64),
    edges: Vec<f64>,
}

impl Buckets {
    /// Ranges with about as many records each; values that are alike are never parted.
    pub fn fit(bins: usize, range: (f64, f64), field: &str, of: &dyn Records) -> Buckets {
        let known = possible(of, field, range);
        let mut edges: Vec<f64> =
            (1..bins).map(|b| stored(quantile(&known, b as f64 / bins as f64))).collect();
        edges.dedup();
        edges.retain(|e| known.first().is_some_and(|first| e > first));
        Buckets { range, edges }
    }

    /// Number of columns: ranges, and one for missing.
    pub fn columns(&self) -> usize {
        self.edges.len() + 2
    }

    /// Fills the columns of a number.
    pub fn apply(&self, number: Option<f64>, out: &mut [f32]) {
        let known = number.filter(|x| *x >= self.range.0 && *x <= self.range.1);
        let at = known.map_or(self.edges.len() + 1, |x| self.edges.iter().filter(|e| **e <= x).count());
        out[at] = 1.0;
    }

    /// Names of the columns.
    pub fn names(&self) -> Vec<String> {
        let shown = crate::ground::json::number;
        let mut names = Vec::new();
        for at in 0..=self.edges.len() {
            names.push(match (at.checked_sub(1).map(|b| self.edges[b]), self.edges.get(at)) {
                (None, None) => "any".to_owned(),
                (None, Some(high)) => format!("below {}", shown(*high)),
                (Some(low), None) => format!("from {}", shown(low)),
                (Some(low), Some(high)) => format!("{} to {}", shown(low), shown(*high)),
            });
        }
        names.push("missing".to_owned());
        names
    }

    pub(super) fn write(&self) -> Value {
        let end = |x: f64| if x.is_finite() { Value::Number(x) } else { Value::Null };
        object([("min", end(self.range.0)), ("max", end(self.range.1)), ("edges", self.edges.clone().into())])
    }

    pub(super) fn read(f: &mut Fields) -> Result<Buckets> {
        let range =
            (f.number("min")?.unwrap_or(f64::NEG_INFINITY), f.number("max")?.unwrap_or(f64::INFINITY));
        Ok(Buckets { range, edges: numbers(f, "edges")? })
    }
}

/// A list of numbers.
pub(super) fn numbers(f: &mut Fields, key: &'static str) -> Result<Vec<f64>> {
    let place = f.place(key);
    let mut numbers = Vec::new();
    for value in f.list(key)? {
        numbers.push(value.as_f64().ok_or_else(|| {
            crate::ground::Error::argument(&*place, "numbers", crate::ground::json::write(&value))
        })?);
    }
    Ok(numbers)
}
