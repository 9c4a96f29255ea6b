//! Lists of neighbours: of each item those most like it, best first.

use crate::codec::{Reader, Writer};
use crate::data::ratings::Csr;
use crate::ground::sort::sort_by;
use crate::ground::top::top_k;
use crate::ground::{Code, Error, Result};

/// A list per item.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Neighbours {
    /// By the item that has neighbours, best first.
    lists: Csr,
    /// The same by the item that is a neighbour: whom a rating speaks to.
    listed: Csr,
}

/// Lists being made, item after item.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    counts: Vec<u32>,
    items: Vec<u32>,
    values: Vec<f32>,
}

impl Listing {
    /// Adds the list of the next item: the `keep` best of some candidates, of equals the later row first. (Which of
    /// equals comes first matters where a list is cut: LensKit's published predictions agree with this order.)
    pub fn add(&mut self, candidates: &mut Vec<(u32, f32)>, keep: usize) {
        if candidates.len() / 4 > keep {
            *candidates = best(candidates.iter().copied(), keep);
        } else {
            sort_by(candidates, |a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
            candidates.truncate(keep);
        }
        self.counts.push(candidates.len() as u32);
        self.items.extend(candidates.iter().map(|c| c.0));
        self.values.extend(candidates.iter().map(|c| c.1));
    }

    /// The lists of all items.
    pub fn finish(self) -> Neighbours {
        let lists = rows(&self.counts, &self.items, &self.values);
        // Not three copies at once.
        drop(self);
        Neighbours::new(lists)
    }
}

/// The `k` best of some (row, similarity), best first, of equals the later row first.
pub(super) fn best(some: impl Iterator<Item = (u32, f32)>, k: usize) -> Vec<(u32, f32)> {
    // Rows counted from the other end, because `top_k` has the lower of equals first.
    let turned = some.map(|(j, s)| (u32::MAX - j, s));
    top_k(turned, k).into_iter().map(|(j, s)| (u32::MAX - j, s)).collect()
}

/// Sparse rows from how long each is.
fn rows(counts: &[u32], items: &[u32], values: &[f32]) -> Csr {
    let of = counts.iter().enumerate().flat_map(|(row, &n)| core::iter::repeat_n(row as u32, n as usize));
    Csr::new(counts.len(), of.zip(items.iter().zip(values)).map(|(row, (&j, &v))| (row, j, v)))
}

impl Neighbours {
    fn new(lists: Csr) -> Neighbours {
        let entries = (0..lists.rows() as u32).flat_map(|i| {
            let (items, values) = lists.row(i);
            items.iter().zip(values).map(move |(&j, &s)| (j, i, s))
        });
        Neighbours { listed: Csr::new(lists.rows(), entries), lists }
    }

    /// The items in whose lists an item stands, ascending, and how alike they are.
    pub fn listing(&self, item: u32) -> (&[u32], &[f32]) {
        self.listed.row(item)
    }

    /// The neighbours of an item and how alike they are, best first.
    pub fn of(&self, item: u32) -> (&[u32], &[f32]) {
        self.lists.row(item)
    }

    /// How alike two items are; 0 where neither stands in the other's list.
    pub fn likeness(&self, a: u32, b: u32) -> f32 {
        let find = |a: u32, b: u32| {
            let (items, values) = self.of(a);
            items.iter().position(|&j| j == b).map(|at| values[at])
        };
        find(a, b).or_else(|| find(b, a)).unwrap_or(0.0)
    }

    /// Writes them.
    pub fn write(&self, w: &mut Writer, name: &str) {
        let rows = 0..self.lists.rows() as u32;
        let counts: Vec<u32> = rows.clone().map(|i| self.lists.count(i) as u32).collect();
        let items: Vec<u32> = rows.flat_map(|i| self.of(i).0).copied().collect();
        w.u32(&format!("{name}_counts"), &counts);
        w.u32(&format!("{name}_items"), &items);
        w.f32(&format!("{name}_values"), &[items.len()], self.lists.values());
    }

    /// Reads what was written, from a file nobody vouches for.
    pub fn read(r: &mut Reader<'_>, name: &str, items: usize) -> Result<Neighbours> {
        let rows = read_rows(r, name, items, items)?;
        let best_first = (0..items as u32).all(|i| rows.row(i).1.windows(2).all(|w| w[0] >= w[1]));
        if !best_first || rows.values().iter().any(|s| s.is_nan() || *s <= 0.0) {
            return Err(misfit(&format!("{name}_values")));
        }
        Ok(Neighbours::new(rows))
    }
}

pub(super) fn misfit(place: &str) -> Error {
    Error::new(Code::ModelFormat, "the rows are not what they should be").at(place)
}

/// Sparse rows as they were written: a count per row, columns, values.
pub(super) fn read_rows(r: &mut Reader<'_>, name: &str, n: usize, columns: usize) -> Result<Csr> {
    let [counts, items, values] = ["counts", "items", "values"].map(|part| format!("{name}_{part}"));
    let lengths = r.u32(&counts, n)?;
    let size = r.len_of(&items);
    let (all, numbers) = (r.u32(&items, size)?, r.f32(&values, &[size])?);
    if lengths.iter().map(|&n| u64::from(n)).sum::<u64>() != size as u64 {
        return Err(misfit(&counts));
    }
    if all.iter().any(|&j| j as usize >= columns) {
        return Err(misfit(&items));
    }
    Ok(rows(&lengths, &all, &numbers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_stay_and_of_equals_the_later_row_comes_first() {
        let mut short = vec![(0, 0.5), (3, 0.9), (4, 0.5), (2, 0.1)];
        let mut listing = Listing::default();
        listing.add(&mut Vec::new(), 2);
        listing.add(&mut short.clone(), 2);
        // Twelve times as many candidates take the other way.
        short.extend((10..60).map(|j| (j, 0.01)));
        listing.add(&mut short, 3);
        (3..5).for_each(|_| listing.add(&mut Vec::new(), 2));
        let lists = listing.finish();
        assert_eq!(lists.of(0), (&[][..], &[][..]));
        assert_eq!(lists.of(1), (&[3, 4][..], &[0.9, 0.5][..]));
        assert_eq!(lists.of(2), (&[3, 4, 0][..], &[0.9, 0.5, 0.5][..]));
        assert_eq!(lists.listing(4), (&[1, 2][..], &[0.5, 0.5][..]));
        assert_eq!([lists.likeness(1, 3), lists.likeness(3, 1), lists.likeness(0, 3)], [0.9, 0.9, 0.0]);
    }

    #[test]
    fn lists_from_a_file_are_checked() {
        let read = |counts: &[u32], items: &[u32], values: &[f32]| {
            let mut w = Writer::new("test", &crate::ground::json::Value::Null);
            w.u32("n_counts", counts);
            w.u32("n_items", items);
            w.f32("n_values", &[values.len()], values);
            let bytes = w.finish().unwrap();
            Neighbours::read(&mut Reader::open(&bytes, "test").unwrap(), "n", 2)
        };
        assert_eq!(read(&[1, 0], &[1], &[0.5]).unwrap().of(0), (&[1][..], &[0.5][..]));
        assert!(read(&[2, 0], &[1], &[0.5]).is_err(), "more than there are");
        assert!(read(&[1, 0], &[2], &[0.5]).is_err(), "no such item");
        assert!(read(&[2, 0], &[0, 1], &[0.5, 0.6]).is_err(), "out of order");
        assert!(read(&[1, 0], &[1], &[-0.5]).is_err(), "not alike");
    }
}
