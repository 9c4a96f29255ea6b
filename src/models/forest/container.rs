//! Forests in containers. A tree is the list of its nodes from left to right, each before its children, so no index
//! is written and none can be wrong: a column or the mark of a leaf, then in lists of their own, for inner nodes the
//! place of the threshold among the column's cuts, for leaves the value and the draws. About 8 bytes for a leaf and the
//! split above it.

use super::bins::BINS;
use super::judge::Score;
use super::params::DEEPEST;
use super::tree::{Node, Trees};
use super::{Facts, Forest};
use crate::codec::{Reader, Writer};
use crate::ground::{Code, Error, Result};

/// Most trees of a file.
const MOST: usize = 1000;

fn misfit(what: &str) -> Error {
    Error::new(Code::ModelFormat, "a forest is not what it should be").at(what)
}

/// Bytes of a column; the largest number of so many bytes marks a leaf.
fn width(columns: usize) -> usize {
    if columns < 255 { 1 } else { 2 }
}

/// Seven bits a byte, the lowest first; the top bit says that more follow.
fn put(bytes: &mut Vec<u8>, mut count: u32) {
    while count >= 128 {
        bytes.push(count as u8 | 128);
        count >>= 7;
    }
    bytes.push(count as u8);
}

/// A count as [`put`] writes it, above 0.
fn take(bytes: &mut core::slice::Iter<'_, u8>) -> Option<u32> {
    let mut count = 0u64;
    for shift in [0, 7, 14, 21, 28] {
        let byte = *bytes.next()?;
        count |= u64::from(byte & 127) << shift;
        if byte < 128 {
            return u32::try_from(count).ok().filter(|&c| byte > 0 && c > 0);
        }
    }
    None
}

/// Writes trees and the cuts their splits are at.
pub(super) fn write_trees(w: &mut Writer, trees: &Trees, cuts: &[Vec<f32>]) {
    let width = width(cuts.len());
    let sizes: Vec<u32> = trees.iter().map(|t| t.len() as u32).collect();
    let total = trees.iter().map(|t| t.len()).sum::<usize>();
    let (mut columns, mut codes) = (Vec::with_capacity(total * width), Vec::with_capacity(total / 2));
    let (mut values, mut draws) = (Vec::with_capacity(total / 2 + 1), Vec::with_capacity(total / 2 + 1));
    for tree in trees {
        let mut stack = vec![0];
        while let Some(at) = stack.pop() {
            let node = &tree[at as usize];
            let column = if node.is_leaf() { u16::MAX } else { node.column };
            columns.extend_from_slice(&column.to_le_bytes()[..width]);
            if node.is_leaf() {
                values.push(node.split);
                put(&mut draws, node.draws);
            } else {
                codes.push(node.code);
                stack.extend([node.left + 1, node.left]);
            }
        }
    }
    let counts: Vec<u32> = cuts.iter().map(|c| c.len() as u32).collect();
    // Bits, lest a writer of halves moves a threshold across the values it divides.
    let bits: Vec<u32> = cuts.iter().flatten().map(|c| c.to_bits()).collect();
    w.u32("forest_cut_counts", &counts);
    w.u32("forest_cuts", &bits);
    w.u32("forest_sizes", &sizes);
    w.bytes("forest_columns", columns);
    w.bytes("forest_codes", codes);
    w.f32("forest_values", &[values.len()], &values);
    w.bytes("forest_draws", draws);
}

/// Bytes, or none where there are none.
fn bytes<'a>(r: &mut Reader<'a>, name: &str) -> Result<&'a [u8]> {
    if r.len_of(name) == 0 { Ok(&[]) } else { r.bytes(name) }
}

fn read_cuts(r: &mut Reader<'_>, columns: usize) -> Result<Vec<Vec<f32>>> {
    let counts = r.u32("forest_cut_counts", columns)?;
    if counts.iter().any(|&n| n as usize >= BINS) {
        return Err(misfit("forest_cut_counts"));
    }
    let total = counts.iter().map(|&n| n as usize).sum();
    let bits = r.u32("forest_cuts", total)?;
    let mut rest = bits.iter().map(|&b| f32::from_bits(b));
    let cuts: Vec<Vec<f32>> = counts.iter().map(|&n| rest.by_ref().take(n as usize).collect()).collect();
    if cuts.iter().any(|c| !c.iter().all(|x| x.is_finite()) || !c.is_sorted_by(|a, b| a < b)) {
        return Err(misfit("forest_cuts"));
    }
    Ok(cuts)
}

/// Reads at most `most` trees over so many columns, and their cuts.
pub(super) fn read_trees(r: &mut Reader<'_>, columns: usize, most: usize) -> Result<(Trees, Vec<Vec<f32>>)> {
    let cuts = read_cuts(r, columns)?;
    let trees = r.len_of("forest_sizes");
    if trees > most {
        return Err(misfit("forest_sizes"));
    }
    let sizes = r.u32("forest_sizes", trees)?;
    let width = width(columns);
    let named = bytes(r, "forest_columns")?;
    let total: u64 = sizes.iter().map(|&n| u64::from(n)).sum();
    // A tree has an odd number of nodes; that each fits together is seen below.
    if sizes.iter().any(|n| n % 2 == 0) || total * width as u64 != named.len() as u64 {
        return Err(misfit("forest_sizes"));
    }
    let (inner, leaves) = ((total as usize - trees) / 2, (total as usize + trees) / 2);
    let codes = bytes(r, "forest_codes")?;
    let values = r.f32("forest_values", &[leaves])?;
    let draws = bytes(r, "forest_draws")?;
    if codes.len() != inner {
        return Err(misfit("forest_codes"));
    }
    let (mut named, mut codes) = (named.chunks_exact(width), codes.iter());
    let (mut values, mut draws) = (values.iter(), draws.iter());
    let mut all = Trees::with_capacity(trees);
    for &size in &sizes {
        let mut tree = Vec::with_capacity(size as usize);
        tree.push(Node::default());
        let mut stack = vec![(0usize, 0)];
        while let Some((at, depth)) = stack.pop() {
            let name = named.next().ok_or_else(|| misfit("forest_columns"))?;
            if name.iter().all(|&b| b == 255) {
                let split = *values.next().ok_or_else(|| misfit("forest_values"))?;
                let draws = take(&mut draws).ok_or_else(|| misfit("forest_draws"))?;
                tree[at] = Node { split, draws, ..Node::default() };
                continue;
            }
            let column = name.iter().rev().fold(0, |c, &b| (c << 8) | u16::from(b));
            let code = *codes.next().ok_or_else(|| misfit("forest_codes"))?;
            let left = tree.len();
            let known = cuts.get(usize::from(column)).ok_or_else(|| misfit("forest_columns"))?;
            let split = *known.get(usize::from(code)).ok_or_else(|| misfit("forest_codes"))?;
            if left + 2 > size as usize || depth == DEEPEST {
                return Err(misfit("forest_columns"));
            }
            tree[at] = Node { split, left: left as u32, draws: 0, column, code };
            tree.resize(left + 2, Node::default());
            stack.extend([(left + 1, depth + 1), (left, depth + 1)]);
        }
        if tree.len() != size as usize {
            return Err(misfit("forest_sizes"));
        }
        for at in (0..tree.len()).rev().filter(|&at| tree[at].left > 0).collect::<Vec<_>>() {
            let left = tree[at].left as usize;
            let draws = tree[left].draws.checked_add(tree[left + 1].draws);
            tree[at].draws = draws.ok_or_else(|| misfit("forest_draws"))?;
        }
        all.push(tree.into());
    }
    if draws.next().is_some() {
        return Err(misfit("forest_draws"));
    }
    Ok((all, cuts))
}

impl Forest {
    /// Writes everything; the same forest gives the same bytes.
    pub fn write(&self, w: &mut Writer) {
        let Facts { rows, labels, bootstrap, seed } = self.facts;
        let flags = u32::from(labels) | (u32::from(bootstrap) << 1);
        w.u32("forest_facts", &[rows as u32, flags, seed as u32, (seed >> 32) as u32]);
        w.f64("forest_importance", &self.importance);
        if let Some(Score { rows, rmse, r2, accuracy }) = self.score {
            let score = [rows as f64, rmse, r2].into_iter().chain(accuracy);
            w.f64("forest_score", &score.collect::<Vec<_>>());
        }
        write_trees(w, &self.trees, &self.cuts);
    }

    /// Reads what was written, for rows of so many columns.
    pub fn read(r: &mut Reader<'_>, columns: usize) -> Result<Forest> {
        let facts = r.u32("forest_facts", 4)?;
        if facts[1] > 3 || columns == 0 || columns >= usize::from(u16::MAX) {
            return Err(misfit("forest_facts"));
        }
        let facts = Facts {
            rows: facts[0] as usize,
            labels: facts[1] & 1 == 1,
            bootstrap: facts[1] & 2 == 2,
            seed: u64::from(facts[2]) | (u64::from(facts[3]) << 32),
        };
        let importance = r.f64("forest_importance", columns)?;
        let known = r.len_of("forest_score");
        let score = match *r.f64("forest_score", known)?.as_slice() {
            [] => None,
            [rows, rmse, r2] if !facts.labels => Some((rows, rmse, r2, None)),
            [rows, rmse, r2, accuracy] if facts.labels => Some((rows, rmse, r2, Some(accuracy))),
            _ => return Err(misfit("forest_score")),
        };
        let score = score.map(|(rows, rmse, r2, accuracy)| Score { rows: rows as usize, rmse, r2, accuracy });
        let (trees, cuts) = read_trees(r, columns, MOST)?;
        if trees.is_empty() {
            return Err(misfit("forest_sizes"));
        }
        let chance = |node: &Node| (0.0..=1.0).contains(&node.split);
        if facts.labels && !trees.iter().flatten().filter(|n| n.is_leaf()).all(chance) {
            return Err(misfit("forest_values"));
        }
        Ok(Forest { trees, cuts, importance, score, facts })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{friedman, grown};
    use super::super::{Contributions, ForestParams, Target};
    use super::*;
    use crate::ground::json::Value;
    use proptest::prelude::*;

    const WORDS: [&str; 4] = ["forest_facts", "forest_cut_counts", "forest_cuts", "forest_sizes"];
    const BYTES: [&str; 3] = ["forest_columns", "forest_codes", "forest_draws"];

    /// A file in parts, to be damaged behind the back of its hash.
    #[derive(Clone)]
    struct Parts {
        words: [Vec<u32>; 4],
        bytes: [Vec<u8>; 3],
        values: Vec<f32>,
        importance: Vec<f64>,
        score: Vec<f64>,
    }

    fn packed(fill: &dyn Fn(&mut Writer)) -> Vec<u8> {
        let mut w = Writer::new("test", &Value::Null);
        fill(&mut w);
        w.finish().unwrap()
    }

    fn parts(forest: &Forest) -> Parts {
        let file = packed(&|w| forest.write(w));
        let mut r = Reader::open(&file, "test").unwrap();
        let n = |r: &Reader<'_>, name| r.len_of(name);
        let parts = Parts {
            words: WORDS.map(|name| r.u32(name, n(&r, name)).unwrap()),
            bytes: BYTES.map(|name| r.bytes(name).unwrap().to_vec()),
            values: r.f32("forest_values", &[n(&r, "forest_values")]).unwrap(),
            importance: r.f64("forest_importance", n(&r, "forest_importance")).unwrap(),
            score: r.f64("forest_score", n(&r, "forest_score")).unwrap(),
        };
        r.finish().unwrap();
        parts
    }

    fn read(parts: &Parts, columns: usize) -> Result<Forest> {
        let file = packed(&|w| {
            WORDS.iter().zip(&parts.words).for_each(|(name, words)| w.u32(name, words));
            BYTES.iter().zip(&parts.bytes).for_each(|(name, bytes)| w.bytes(name, bytes.clone()));
            w.f32("forest_values", &[parts.values.len()], &parts.values);
            w.f64("forest_importance", &parts.importance);
            w.f64("forest_score", &parts.score);
        });
        let mut r = Reader::open(&file, "test").unwrap();
        let forest = Forest::read(&mut r, columns)?;
        r.finish()?;
        Ok(forest)
    }

    fn small(labels: bool) -> Forest {
        let (x, y) = friedman(60, 5, 1);
        let yes: Vec<bool> = y.iter().map(|&y| y > 14.0).collect();
        let target = if labels { Target::Labels(&yes) } else { Target::Values(&y) };
        grown(&x, &target, ForestParams { trees: 3, ..ForestParams::default() })
    }

    #[test]
    fn what_was_written_is_read_back() {
        let wide = friedman(40, 300, 2);
        let wide =
            grown(&wide.0, &Target::Values(&wide.1), ForestParams { trees: 2, ..ForestParams::default() });
        let whole = ForestParams { trees: 1, bootstrap: false, ..ForestParams::default() };
        let stump = grown(&crate::features::Matrix::zeros(300, 2), &Target::Values(&[1.0; 300]), whole);
        assert_eq!(stump.trees[0][0].draws, 300, "more than seven bits");
        for forest in [small(false), small(true), wide, stump] {
            let file = packed(&|w| forest.write(w));
            let mut r = Reader::open(&file, "test").unwrap();
            let again = Forest::read(&mut r, forest.columns()).unwrap();
            r.finish().unwrap();
            assert!(again == forest && packed(&|w| again.write(w)) == file);
        }
    }

    #[test]
    fn every_lie_is_found() {
        let whole = parts(&small(true));
        assert!(read(&whole, 5).is_ok());
        let refused = |name: &str, damage: &dyn Fn(&mut Parts)| {
            let mut parts = whole.clone();
            damage(&mut parts);
            let e = read(&parts, 5).expect_err(name);
            assert_eq!(e.code(), Code::ModelFormat, "{name}");
        };
        assert!(read(&whole, 6).is_err() && read(&whole, 4).is_err() && read(&whole, 0).is_err());
        refused("flags", &|p| p.words[0][1] = 4);
        refused("a score of another kind", &|p| p.words[0][1] = 2);
        refused("too many cuts", &|p| p.words[1][0] = 256);
        refused("cuts out of order", &|p| p.words[2].swap(0, 1));
        refused("a cut that is no number", &|p| p.words[2][0] = f32::NAN.to_bits());
        refused("an even number of nodes", &|p| p.words[3][0] += 1);
        refused("nodes of the next tree", &|p| {
            (p.words[3][0], p.words[3][1]) = (p.words[3][0] - 2, p.words[3][1] + 2)
        });
        refused("a tree without nodes", &|p| p.words[3].push(0));
        refused("no tree", &|p| p.words[3].clear());
        refused("a tree that is endless", &|p| p.bytes[0].fill(0));
        refused("a tree that ends at once", &|p| p.bytes[0][0] = 255);
        refused("a column that is none", &|p| p.bytes[0][0] = 5);
        refused("a cut that is none", &|p| p.bytes[1][0] = 255);
        refused("no draws", &|p| p.bytes[2][0] = 0);
        refused("draws that go on", &|p| *p.bytes[2].last_mut().unwrap() |= 128);
        refused("one draw too many", &|p| p.bytes[2].push(1));
        refused("more draws than can be counted", &|p| {
            for byte in core::mem::take(&mut p.bytes[2]) {
                p.bytes[2].extend([255, 255, 255, 255, 7 + byte]);
            }
        });
        refused("a chance above one", &|p| p.values[0] = 1.5);
        refused("a value too few", &|p| _ = p.values.pop());
        refused("importance of other columns", &|p| p.importance.push(0.0));
        refused("a score cut short", &|p| p.score.truncate(2));
        // A way of 65 splits, and the leaves beside it.
        let deep = |splits: usize| Parts {
            words: [
                whole.words[0].clone(),
                whole.words[1].clone(),
                whole.words[2].clone(),
                vec![2 * splits as u32 + 1],
            ],
            bytes: [[vec![0; splits], vec![255; splits + 1]].concat(), vec![0; splits], vec![1; splits + 1]],
            values: vec![0.5; splits + 1],
            ..whole.clone()
        };
        assert_eq!(read(&deep(64), 5).unwrap().contributions(&[0.5; 5]).parts.len(), 5);
        assert_eq!(read(&deep(65), 5).unwrap_err().code(), Code::ModelFormat);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn damage_is_an_error_or_another_forest(which in 0usize..7, at: prop::sample::Index, value: u32, cut: bool) {
            let mut parts = parts(&small(false));
            if which < 4 {
                let words = &mut parts.words[which];
                let at = at.index(words.len());
                if cut { words.truncate(at) } else { words[at] = value }
            } else {
                let bytes = &mut parts.bytes[which - 4];
                let at = at.index(bytes.len());
                if cut { bytes.truncate(at) } else { bytes[at] = value as u8 }
            }
            match read(&parts, 5) {
                Ok(forest) => {
                    let row = [0.3, 0.9, -4.0, 1e30, 0.0];
                    let Contributions { base, parts } = forest.contributions(&row);
                    let predicted = forest.predict(&row);
                    prop_assert!((base + parts.iter().sum::<f64>() - predicted).abs() < 1e-6 * predicted.abs().max(1.0));
                }
                Err(e) => prop_assert_eq!(e.code(), Code::ModelFormat),
            }
        }
    }
}
