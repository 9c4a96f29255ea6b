//! Words: which are known, which columns they stand in, what is hashed, how they become points, and what they say of
//! what is to be predicted.

use super::cell::Cell;
use super::numbers::stored;
use super::spec::Wording;
use crate::ground::Result;
use crate::ground::fields::Fields;
use crate::ground::ids::Vocabulary;
use crate::ground::json::{Value, object};
use crate::ground::math;
use crate::ground::rng::Rng;
use crate::ground::sort::order;
use core::hash::Hasher;

/// Whether a word can be remembered: what holds no letters, or a whole page, is none.
fn is_word(word: &str) -> bool {
    crate::ground::ids::check_id("", word).is_ok()
}

/// Known words; other ways to write one lead to it.
#[derive(Clone, Debug)]
pub struct Words {
    known: Vocabulary,
    /// Written otherwise: lower case, and the known word.
    ways: Vec<(String, u32)>,
    pub(super) unknown: bool,
}

impl Words {
    /// The words to be known: those that were declared, else the commonest of `cells`.
    pub fn fit<'a>(wanted: &Wording, cells: &mut dyn Iterator<Item = Cell<'a>>) -> Words {
        let mut known = Vocabulary::default();
        let mut ways = Vec::new();
        for all in &wanted.fixed {
            let at = known.intern(&all[0]);
            ways.extend(all.iter().map(|way| (lower(way), at)));
        }
        if wanted.fixed.is_empty() {
            let (mut said, mut counts) = (Vocabulary::default(), Vec::new());
            for cell in cells {
                cell.each_word(&mut |word, _| {
                    if is_word(word) {
                        let at = said.intern(word) as usize;
                        counts.resize(said.len(), 0usize);
                        counts[at] += 1;
                    }
                });
            }
            // Ties by spelling: the order of records must not decide.
            let by_count = &mut |a: usize, b: usize| {
                counts[b].cmp(&counts[a]).then_with(|| said.id(a as u32).cmp(said.id(b as u32)))
            };
            for at in order(said.len(), by_count).into_iter().take(wanted.most) {
                if counts[at as usize] >= wanted.least {
                    known.intern(said.id(at));
                }
            }
        }
        Words { known, ways, unknown: wanted.unknown }
    }

    /// How many words are known.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// The column of a word.
    pub fn find(&self, word: &str) -> Option<usize> {
        let known = self.known.get(word).map(|at| at as usize);
        known.or_else(|| {
            let lower = lower(word);
            self.ways.iter().find(|(way, _)| *way == lower).map(|(_, at)| *at as usize)
        })
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.len() + if self.unknown { 2 } else { 0 }
    }

    /// Fills the columns of a record: a column per word, then one for words that are not known, and one for nothing.
    pub fn apply(&self, cell: Cell<'_>, out: &mut [f32]) {
        let n = self.len();
        let any = cell.each_word(&mut |word, weight| match self.find(word) {
            Some(at) => out[at] = weight.clamp(-1e6, 1e6) as f32,
            None if self.unknown => out[n] = 1.0,
            None => {}
        });
        if self.unknown && !any {
            out[n + 1] = 1.0;
        }
    }

    /// Names of the columns.
    pub fn names(&self) -> Vec<String> {
        let mut names = self.known.ids().to_vec();
        if self.unknown {
            names.extend(["other".to_owned(), "missing".to_owned()]);
        }
        names
    }

    pub(super) fn write(&self) -> Value {
        let ways =
            self.ways.iter().map(|(way, at)| object([("way", way.as_str().into()), ("of", (*at).into())]));
        object([
            ("words", self.known.ids().to_vec().into()),
            ("ways", Value::Array(ways.collect())),
            ("unknown", self.unknown.into()),
        ])
    }

    pub(super) fn read(f: &mut Fields) -> Result<Words> {
        let known = Vocabulary::from_ids(&f.place("words"), f.texts("words")?)?;
        let mut ways = Vec::new();
        for value in f.list("ways")? {
            let mut inner = Fields::of(f.place("ways"), value)?;
            let of = inner.needed_number("of")?;
            ways.push((inner.needed_text("way")?, (of.max(0.0) as u32).min(known.len().max(1) as u32 - 1)));
        }
        Ok(Words { known, ways, unknown: f.flag("unknown")?.unwrap_or(false) })
    }
}

/// Where a word is hashed to, and its sign.
fn hashed(word: &str, buckets: usize) -> (usize, f32) {
    let mut hasher = crate::ground::ids::Fnv::default();
    hasher.write(word.as_bytes());
    // The last bits of FNV-1a hardly depend on the first letters; fold the rest in.
    let h = hasher.finish();
    let h = h ^ (h >> 32);
    ((h % buckets as u64) as usize, if (h >> 31) & 1 == 0 { 1.0 } else { -1.0 })
}

/// Words in so many columns (Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", ICML 2009).
pub fn hash(cell: Cell<'_>, out: &mut [f32]) {
    let buckets = out.len();
    cell.each_word(&mut |word, weight| {
        let (at, sign) = hashed(word, buckets);
        out[at] += sign * weight.clamp(-1e6, 1e6) as f32;
    });
}

/// In small letters, as far as Latin, Greek and Cyrillic go: the tables for all writing weigh 5 kB.
fn lower(text: &str) -> String {
    let small = |c: char| match c {
        'A'..='Z' | 'À'..='Ö' | 'Ø'..='Þ' | 'Α'..='Ω' | 'А'..='Я' => {
            char::from_u32(c as u32 + 32).unwrap_or(c)
        }
        'Ѐ'..='Џ' => char::from_u32(c as u32 + 80).unwrap_or(c),
        c => c,
    };
    text.chars().map(small).collect()
}

/// What stands between words: whatever is no letter or digit of ASCII, and the signs of other writing.
fn separates(c: char) -> bool {
    match c {
        '\u{0}'..='\u{7f}' => !c.is_ascii_alphanumeric(),
        '\u{80}'..='\u{bf}' | '×' | '÷' | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{303f}' => true,
        _ => false,
    }
}

/// Words of a text: letters and digits, two or more, in lower case.
fn each_token(cell: Cell<'_>, take: &mut dyn FnMut(&str)) {
    cell.each_word(&mut |text, _| {
        for token in text.split(separates).filter(|t| t.chars().nth(1).is_some()) {
            take(&lower(token));
        }
    });
}

/// How rare each column's words are: ln((1 + n) / (1 + texts with it)) + 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Rarity(Vec<f64>);

impl Rarity {
    /// Counts.
    pub fn fit<'a>(buckets: usize, cells: &mut dyn Iterator<Item = Cell<'a>>) -> Rarity {
        let (mut texts, mut with) = (0usize, vec![0usize; buckets]);
        let mut there = vec![false; buckets];
        for cell in cells {
            texts += 1;
            there.fill(false);
            each_token(cell, &mut |token| there[hashed(token, buckets).0] = true);
            with.iter_mut().zip(&there).for_each(|(n, t)| *n += usize::from(*t));
        }
        let rarity = |n: usize| math::ln((1.0 + texts as f64) / (1.0 + n as f64)) + 1.0;
        Rarity(with.into_iter().map(|n| stored(rarity(n))).collect())
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.0.len()
    }

    /// Counts of a text's words, times how rare they are, to length 1.
    pub fn apply(&self, cell: Cell<'_>, out: &mut [f32]) {
        each_token(cell, &mut |token| {
            let (at, sign) = hashed(token, self.0.len());
            out[at] += sign;
        });
        out.iter_mut().zip(&self.0).for_each(|(x, r)| *x = (f64::from(*x) * r) as f32);
        let length = math::sqrt(out.iter().map(|x| f64::from(x * x)).sum());
        if length > 0.0 {
            out.iter_mut().for_each(|x| *x = (f64::from(*x) / length) as f32);
        }
    }

    pub(super) fn write(&self) -> Value {
        object([("rarity", self.0.clone().into())])
    }

    pub(super) fn read(f: &mut Fields) -> Result<Rarity> {
        Ok(Rarity(super::numbers::numbers(f, "rarity")?))
    }
}

/// Words as points: the directions in which records differ most in their words (principal components of the columns).
#[derive(Clone, Debug)]
pub struct Points {
    words: Words,
    factors: usize,
    /// A row per word.
    points: Vec<f64>,
}

impl Points {
    /// Rounds of subspace iteration: the leading directions are right to three digits long before.
    const ROUNDS: usize = 30;

    /// Learns the words and their points.
    pub fn fit<'a>(factors: usize, wanted: &Wording, cells: &mut dyn Iterator<Item = Cell<'a>>) -> Points {
        let all: Vec<Cell<'a>> = cells.collect();
        let words = Words::fit(wanted, &mut all.iter().copied());
        let n = words.len();
        let mut together = vec![0f64; n * n];
        let mut said = vec![0f64; n];
        for cell in &all {
            let mut there = Vec::new();
            cell.each_word(&mut |word, _| there.extend(words.find(word)));
            for &a in &there {
                said[a] += 1.0;
                there.iter().for_each(|&b| together[a * n + b] += 1.0);
            }
        }
        let count = all.len().max(1) as f64;
        for a in 0..n {
            for b in 0..n {
                together[a * n + b] = together[a * n + b] / count - said[a] * said[b] / (count * count);
            }
        }
        let mut rng = Rng::new(0, 0);
        let mut points: Vec<f64> = (0..n * factors).map(|_| rng.normal()).collect();
        for _ in 0..Points::ROUNDS {
            let before = points.clone();
            for a in 0..n {
                for f in 0..factors {
                    points[a * factors + f] =
                        (0..n).map(|b| together[a * n + b] * before[b * factors + f]).sum();
                }
            }
            orthonormal(&mut points, n, factors);
        }
        points.iter_mut().for_each(|x| *x = stored(*x));
        Points { words, factors, points }
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.factors
    }

    /// The middle of a record's words.
    pub fn apply(&self, cell: Cell<'_>, out: &mut [f32]) {
        let mut count = 0;
        cell.each_word(&mut |word, _| {
            if let Some(at) = self.words.find(word) {
                count += 1;
                let row = &self.points[at * self.factors..(at + 1) * self.factors];
                out.iter_mut().zip(row).for_each(|(x, p)| *x += *p as f32);
            }
        });
        if count > 1 {
            out.iter_mut().for_each(|x| *x /= count as f32);
        }
    }

    pub(super) fn write(&self) -> Value {
        let Value::Object(mut map) = self.words.write() else { return Value::Null };
        map.push(("factors".to_owned(), self.factors.into()));
        map.push(("points".to_owned(), self.points.clone().into()));
        Value::Object(map)
    }

    pub(super) fn read(f: &mut Fields) -> Result<Points> {
        let words = Words::read(f)?;
        let (factors, mut points) =
            (f.needed_number("factors")?.clamp(1.0, 32.0) as usize, super::numbers::numbers(f, "points")?);
        points.resize(words.len() * factors, 0.0);
        Ok(Points { words, factors, points })
    }
}

/// Makes columns orthogonal and of length 1, one after the other (Gram–Schmidt); a column that has nothing of its own
/// becomes 0.
fn orthonormal(columns: &mut [f64], n: usize, k: usize) {
    for c in 0..k {
        for before in 0..c {
            let common: f64 = (0..n).map(|r| columns[r * k + c] * columns[r * k + before]).sum();
            (0..n).for_each(|r| columns[r * k + c] -= common * columns[r * k + before]);
        }
        let length = math::sqrt((0..n).map(|r| columns[r * k + c] * columns[r * k + c]).sum());
        let by = if length > 1e-12 { 1.0 / length } else { 0.0 };
        (0..n).for_each(|r| columns[r * k + c] *= by);
    }
}

/// Parts of the records that a target encoding is learned and applied in, so that no record is told its own answer.
pub(super) const PARTS: usize = 5;

/// Means of what is to be predicted, by word, drawn to the mean of all (Micci-Barreca, "A Preprocessing Scheme for
/// High-Cardinality Categorical Attributes", SIGKDD Explorations 2001).
#[derive(Clone, Debug)]
pub struct Means {
    words: Vocabulary,
    /// Of each word.
    means: Vec<f64>,
    /// Of all.
    mean: f64,
}

impl Means {
    /// Learns from records (cell, target) that `counts` says count.
    pub fn fit<'a>(smoothing: f64, records: &mut dyn Iterator<Item = (Cell<'a>, f64)>) -> Means {
        let (mut words, mut sums, mut counts) = (Vocabulary::default(), Vec::new(), Vec::new());
        let (mut all, mut n) = (math::Sum::default(), 0usize);
        for (cell, target) in records {
            all.add(target);
            n += 1;
            cell.each_word(&mut |word, _| {
                if !is_word(word) {
                    return;
                }
                let at = words.intern(word) as usize;
                sums.resize(words.len(), 0f64);
                counts.resize(words.len(), 0f64);
                sums[at] += target;
                counts[at] += 1.0;
            });
        }
        let mean = stored(all.value() / n.max(1) as f64);
        let drawn = |(sum, n): (&f64, &f64)| stored((sum + smoothing * mean) / (n + smoothing).max(1e-9));
        Means { means: sums.iter().zip(&counts).map(drawn).collect(), words, mean }
    }

    /// The mean over a record's words; of all where none is known.
    pub fn apply(&self, cell: Cell<'_>, out: &mut [f32]) {
        let (mut sum, mut count) = (0.0, 0usize);
        cell.each_word(&mut |word, _| {
            if let Some(at) = self.words.get(word) {
                sum += self.means[at as usize];
                count += 1;
            }
        });
        out[0] = if count == 0 { self.mean } else { sum / count as f64 } as f32;
    }

    pub(super) fn write(&self) -> Value {
        object([
            ("words", self.words.ids().to_vec().into()),
            ("means", self.means.clone().into()),
            ("mean", self.mean.into()),
        ])
    }

    pub(super) fn read(f: &mut Fields) -> Result<Means> {
        let words = Vocabulary::from_ids(&f.place("words"), f.texts("words")?)?;
        let (mut means, mean) = (super::numbers::numbers(f, "means")?, f.needed_number("mean")?);
        means.resize(words.len(), mean);
        Ok(Means { words, means, mean })
    }
}
