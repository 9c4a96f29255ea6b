//! Items that no rating has reached, known by their description alone: by their kind, genres, tags, people and decade.
//!
//! With f_i the traits of item i (1 where it has one, and a constant), the coefficients of values v_i that a model has
//! for the items it knows are the ridge solution w = M⁻¹ Σ d_i f_i v_i, M = Σ d_i f_i f_iᵀ + λI, and a new item n gets
//! f_nᵀ w. d_i = c_i / (c_i + 50) trusts an item with c_i ratings. Because the map is linear, f_nᵀ w = Σ a_i v_i with
//! a_i = d_i f_iᵀ M⁻¹ f_n: regressing a person's scores is the same as regressing item embeddings and biases and
//! scoring with those (Gantner et al., "Learning Attribute-to-Feature Mappings for Cold-Start Recommendations", ICDM
//! 2010), and it works for models without embeddings, too.
//!
//! What descriptions leave open is the spread: the weighted mean squared residual, widened for the coefficients spent.

use super::{Known, Scorer};
use crate::data::Catalog;
use crate::ground::ids::Vocabulary;
use crate::ground::linalg::{Cholesky, Symmetric};
use crate::ground::math;
use crate::ground::sort::order;

/// Fewest known items with a trait for it to count, and fewest known items at all.
const MIN_ITEMS: usize = 3;
const MIN_KNOWN: usize = 20;
/// Most traits; the commonest are kept.
const MOST_TRAITS: usize = 300;
/// λ, in items: a trait that few share is believed little.
const RIDGE: f64 = 5.0;
/// For the constant: enough to keep the system definite.
const RIDGE_OF_CONSTANT: f64 = 1e-6;
/// Ratings of which an item is trusted half.
const TRUST: f64 = 50.0;

/// What kind of word a trait is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// "movie", "series".
    Type,
    /// A genre.
    Genre,
    /// A tag.
    Tag,
    /// Somebody's name.
    Person,
    /// The decade it came out in.
    Decade,
}

impl Kind {
    const ALL: [Kind; 5] = [Kind::Type, Kind::Genre, Kind::Tag, Kind::Person, Kind::Decade];
    /// First letters of keys.
    const LETTERS: &str = "egtpd";

    /// A word of this kind as a key.
    fn key(self, word: &str) -> String {
        [&Kind::LETTERS[self as usize..=self as usize], word].concat()
    }

    /// The kind and the word of a key.
    fn of(key: &str) -> (Kind, &str) {
        let letter = Kind::LETTERS.find(&key[..1]).unwrap_or(0);
        (Kind::ALL[letter], &key[1..])
    }
}

/// How descriptions speak for items, under one model and catalog.
#[derive(Clone, Debug)]
pub struct Content {
    /// Keys of traits, by column; column 0 is the constant.
    traits: Vocabulary,
    described: Columns,
    /// Catalog index, model row and d of the items both know.
    known: Vec<(u32, u32, f64)>,
    /// M.
    system: Cholesky,
    /// Mean of 1 / (c_i + 1): what the values of known items leave open themselves, in variances of a rating.
    doubt: f64,
}

/// Columns of each catalog item, in one list, and where each item's begin.
#[derive(Clone, Debug)]
struct Columns {
    columns: Vec<u16>,
    starts: Vec<u32>,
}

impl Columns {
    fn of(&self, item: u32) -> &[u16] {
        &self.columns[self.starts[item as usize] as usize..self.starts[item as usize + 1] as usize]
    }
}

/// Coefficients of a set of values.
#[derive(Clone, Debug)]
pub struct Fitted {
    coefficients: Vec<f64>,
    /// Standard deviation of what descriptions do not say.
    pub spread: f64,
}

impl Content {
    /// Learns how traits go together. `rows`: the model's row of each catalog item. `None` where too few items that
    /// the model knows are described.
    pub fn fit(model: &Known, catalog: &Catalog, rows: &[Option<u32>]) -> Option<Content> {
        let traits = common_traits(catalog, rows);
        let (mut columns, mut starts) = (Vec::new(), vec![0u32]);
        for at in 0..catalog.len() {
            each_trait(catalog, at, &mut |key| {
                let column = traits.get(&key).unwrap_or(0) as u16;
                // A word that is said twice counts once.
                if column > 0 && !columns[starts[at] as usize..].contains(&column) {
                    columns.push(column);
                }
            });
            starts.push(columns.len() as u32);
        }
        let described = Columns { columns, starts };
        let mut known = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let Some(row) = row.filter(|_| !described.of(at as u32).is_empty()) else { continue };
            let count = f64::from(model.counts[row as usize]);
            known.push((at as u32, row, count / (count + TRUST)));
        }
        if known.len() < MIN_KNOWN {
            return None;
        }
        let mut m = Symmetric::zeros(traits.len());
        let (mut doubt, mut weight) = (0.0, 1e-9);
        for &(item, row, d) in &known {
            m.add(0, 0, d);
            let columns = described.of(item);
            for (place, &a) in columns.iter().enumerate() {
                m.add(a as usize, 0, d);
                for &b in &columns[..=place] {
                    m.add(a as usize, b as usize, d);
                }
            }
            doubt += d / (f64::from(model.counts[row as usize]) + 1.0);
            weight += d;
        }
        m.add(0, 0, RIDGE_OF_CONSTANT);
        m.add_diagonal(1, RIDGE);
        let system = m.cholesky()?;
        doubt /= weight;
        Some(Content { traits, described, known, system, doubt })
    }

    fn width(&self) -> usize {
        self.traits.len()
    }

    /// Variance of a newcomer's score: what descriptions leave open of the values, and those of the truth.
    pub fn variance(&self, scores: &Fitted, noise: f64) -> f64 {
        scores.spread * scores.spread + noise * noise * self.doubt
    }

    /// True where something is known of the catalog item at an index.
    pub fn describes(&self, item: u32) -> bool {
        !self.described.of(item).is_empty()
    }

    /// Learns values that a model has for its items, by row.
    pub fn learn(&self, values: &[f32]) -> Fitted {
        let mut w = vec![0f64; self.width()];
        for &(item, row, d) in &self.known {
            let v = d * f64::from(values[row as usize]);
            w[0] += v;
            for &c in self.described.of(item) {
                w[c as usize] += v;
            }
        }
        self.system.solve(&mut w);
        let mut fitted = Fitted { coefficients: w, spread: 0.0 };
        let (mut squared, mut weight) = (math::Sum::default(), math::Sum::default());
        for &(item, row, d) in &self.known {
            let e = f64::from(values[row as usize]) - self.value(&fitted, item);
            squared.add(d * e * e);
            weight.add(d);
        }
        let n = self.known.len() as f64;
        let spent = n / (n - self.width() as f64).max(n / 4.0);
        fitted.spread = math::sqrt(spent * squared.value() / weight.value().max(1e-9));
        fitted
    }

    /// What a catalog item's description lets expect.
    pub fn value(&self, fitted: &Fitted, item: u32) -> f64 {
        self.sum(&fitted.coefficients, item)
    }

    /// f_i · w.
    fn sum(&self, w: &[f64], item: u32) -> f64 {
        let mut sum = w[0];
        for &c in self.described.of(item) {
            sum += w[c as usize];
        }
        sum
    }

    /// The traits of an item that lift its value, most first: kind, word, and by how much.
    pub fn lifts(&self, fitted: &Fitted, item: u32) -> Vec<(Kind, &str, f64)> {
        let columns = self.described.of(item);
        let worth = |at: usize| fitted.coefficients[columns[at] as usize];
        let mut lifts = Vec::new();
        for at in order(columns.len(), &mut |a, b| worth(b).total_cmp(&worth(a))) {
            let (kind, word) = Kind::of(self.traits.id(u32::from(columns[at as usize])));
            if worth(at as usize) > 0.0 {
                lifts.push((kind, word, worth(at as usize)));
            }
        }
        lifts
    }

    /// Rows of the model that a described item is made of, with their weights a_i.
    pub fn made_of(&self, item: u32) -> Vec<(u32, f64)> {
        let mut x = vec![0f64; self.width()];
        x[0] = 1.0;
        for &c in self.described.of(item) {
            x[c as usize] = 1.0;
        }
        self.system.solve(&mut x);
        let mut made = Vec::with_capacity(self.known.len());
        for &(item, row, d) in &self.known {
            made.push((row, d * self.sum(&x, item)));
        }
        made
    }

    /// The embedding of a described item; `None` where the model has none.
    pub fn embedding(&self, model: &dyn Scorer, item: u32) -> Option<Vec<f32>> {
        let mut sum = vec![0f64; model.embedding(0)?.len()];
        for (row, weight) in self.made_of(item) {
            for (cell, x) in sum.iter_mut().zip(model.embedding(row)?) {
                *cell += weight * f64::from(x);
            }
        }
        Some(sum.into_iter().map(|x| x as f32).collect())
    }
}

fn each_trait(catalog: &Catalog, at: usize, take: &mut dyn FnMut(String)) {
    let item = &catalog.items()[at];
    if let Some(kind) = &item.kind {
        take(Kind::Type.key(kind));
    }
    for (kind, words) in [(Kind::Genre, &item.genres), (Kind::Tag, &item.tags), (Kind::Person, &item.people)]
    {
        for word in words {
            take(kind.key(word));
        }
    }
    if let Some(year) = item.year.filter(|y| (1000.0..3000.0).contains(y)) {
        take(Kind::Decade.key(&(year as u32 / 10).to_string()));
    }
}

/// The constant, then traits that enough known items share, commonest first, ties by first appearance.
fn common_traits(catalog: &Catalog, rows: &[Option<u32>]) -> Vocabulary {
    let (mut words, mut counts) = (Vocabulary::default(), Vec::new());
    for at in (0..catalog.len()).filter(|&at| rows[at].is_some()) {
        each_trait(catalog, at, &mut |key| {
            let index = words.intern(&key) as usize;
            counts.resize(words.len(), 0usize);
            counts[index] += 1;
        });
    }
    let mut traits = Vocabulary::default();
    traits.intern("");
    for at in order(words.len(), &mut |a, b| counts[b].cmp(&counts[a])) {
        if counts[at as usize] >= MIN_ITEMS && traits.len() <= MOST_TRAITS {
            traits.intern(words.id(at));
        }
    }
    traits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Item;
    use crate::ground::rng::Rng;

    /// Forty known items and two new ones: comedies are worth 2, dramas 4, a good director adds ½, decades nothing.
    fn world() -> (Known, Catalog, Vec<Option<u32>>, Vec<f32>) {
        let mut rng = Rng::new(3, 0);
        let (mut known, mut items, mut rows, mut values) =
            (Known::default(), Vec::new(), Vec::new(), Vec::new());
        for i in 0..42 {
            let (drama, good) = (i % 2 == 1, rng.below(2) == 1);
            let genres = vec![if drama { "Drama" } else { "Comedy" }.to_owned()];
            let people = if good { vec!["Good Hand".to_owned(), format!("Extra {i}")] } else { Vec::new() };
            let year = Some(1960.0 + f64::from(i));
            items.push(Item { id: format!("i{i}"), genres, people, year, ..Item::default() });
            if i < 40 {
                rows.push(Some(values.len() as u32));
                values.push(if drama { 4.0 } else { 2.0 } + if good { 0.5 } else { 0.0 });
                known.counts.push(100);
            } else {
                rows.push(None);
            }
        }
        // Known to both, but nothing is said of it; and one whose only words are rare.
        items.push(Item { id: "silent".into(), ..Item::default() });
        items.push(Item { id: "odd".into(), tags: vec!["unheard of".into()], ..Item::default() });
        rows.extend([Some(40), None]);
        values.push(9.0);
        known.counts.push(1000);
        (known, Catalog::new(items).unwrap(), rows, values)
    }

    #[test]
    fn new_items_get_what_their_traits_are_worth() {
        let (known, catalog, rows, values) = world();
        let content = Content::fit(&known, &catalog, &rows).unwrap();
        let fitted = content.learn(&values);
        for item in [40u32, 41] {
            let good = !catalog.items()[item as usize].people.is_empty();
            let worth = if item % 2 == 1 { 4.0 } else { 2.0 } + if good { 0.5 } else { 0.0 };
            let guess = content.value(&fitted, item);
            assert!((guess - worth).abs() < 0.35, "{item}: {guess} {worth}");
        }
        assert!(fitted.spread < 0.4, "{}", fitted.spread);
        assert!(!content.describes(42) && !content.describes(43), "nothing is known of these");
        let lifts = content.lifts(&fitted, 41);
        assert_eq!((lifts[0].0, lifts[0].1), (Kind::Genre, "Drama"));
        assert!(lifts[0].2 > 0.5);
    }

    /// M is filled cell by cell and only in its lower half: compared with the textbook's sums.
    #[test]
    fn a_value_is_made_of_known_ones_and_solves_the_ridge_equations() {
        let (mut known, catalog, rows, values) = world();
        for (i, count) in known.counts.iter_mut().enumerate() {
            *count = 1 + i as u32;
        }
        let content = Content::fit(&known, &catalog, &rows).unwrap();
        let fitted = content.learn(&values);
        for item in [40u32, 41] {
            let made: f64 =
                content.made_of(item).iter().map(|&(r, a)| a * f64::from(values[r as usize])).sum();
            assert!((made - content.value(&fitted, item)).abs() < 1e-9);
        }
        let n = content.width();
        let dense = |item: u32| {
            let mut f = vec![0.0; n];
            f[0] = 1.0;
            content.described.of(item).iter().for_each(|&c| f[c as usize] = 1.0);
            f
        };
        // Σ d f (v − f·w) = λ w
        let mut left = vec![0.0; n];
        for &(item, row, d) in &content.known {
            let f = dense(item);
            let e = f64::from(values[row as usize]) - content.value(&fitted, item);
            (0..n).for_each(|c| left[c] += d * f[c] * e);
        }
        for c in 0..n {
            let ridge = if c == 0 { RIDGE_OF_CONSTANT } else { RIDGE };
            assert!((left[c] - ridge * fitted.coefficients[c]).abs() < 1e-9, "column {c}");
        }
    }

    #[test]
    fn where_little_is_described_nothing_is_made_up() {
        let (known, catalog, rows, _) = world();
        let few: Vec<Option<u32>> = rows.iter().enumerate().map(|(i, r)| r.filter(|_| i < 19)).collect();
        assert!(Content::fit(&known, &catalog, &few).is_none());
        let bare = catalog.items().iter().map(|i| Item { id: i.id.clone(), ..Item::default() }).collect();
        assert!(Content::fit(&known, &Catalog::new(bare).unwrap(), &rows).is_none());
    }
}
