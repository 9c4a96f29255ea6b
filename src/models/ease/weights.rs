//! The item–item weights, and how they are told from the inverse.

use crate::codec::{Reader, Writer};
use crate::data::ratings::Csr;
use crate::ground::dense::Tiles;
use crate::ground::{Code, Error, Result};

/// Nowhere: an item that takes no part.
const NONE: u32 = u32::MAX;

/// B, sparse, over the items that take part.
#[derive(Clone, Debug, Default)]
pub struct Weights {
    /// Item rows by place, ascending.
    items: Vec<u32>,
    /// Place by item row, or [`NONE`].
    places: Vec<u32>,
    /// B_ij by place i of the item that is liked, then place j of the item that is scored.
    rows: Csr,
    /// √P_ii, by place.
    scale: Vec<f32>,
}

/// Columns of B, to be thinned one by one.
#[derive(Debug)]
pub struct Thinning {
    inverse: Tiles,
    keep: usize,
    /// (i, j, B_ij), column by column.
    kept: Vec<(u32, u32, f32)>,
    scale: Vec<f32>,
    /// Σ 1 / P_jj.
    pub residual: f64,
    column: Vec<f32>,
    sizes: Vec<f32>,
}

impl Thinning {
    /// From −P; the `keep` largest weights of each column stay.
    pub fn new(inverse: Tiles, keep: usize) -> Thinning {
        let n = inverse.order();
        Thinning {
            keep: keep.min(n.saturating_sub(1)),
            kept: Vec::with_capacity(n * keep.min(n)),
            scale: Vec::with_capacity(n),
            residual: 0.0,
            column: vec![0.0; n],
            sizes: Vec::with_capacity(n),
            inverse,
        }
    }

    /// Columns done.
    pub fn done(&self) -> usize {
        self.scale.len()
    }

    /// B_ij = −P_ij / P_jj for one j; false when there is none left.
    pub fn advance(&mut self) -> bool {
        let (n, j) = (self.inverse.order(), self.done());
        if j == n {
            return false;
        }
        let own = -self.inverse.get(j, j);
        for (i, weight) in self.column.iter_mut().enumerate() {
            *weight = self.inverse.get(i, j) / own;
        }
        self.column[j] = 0.0;
        self.scale.push(own.sqrt());
        self.residual += 1.0 / f64::from(own);
        self.sizes.clear();
        self.sizes.extend(self.column.iter().map(|w| w.abs()));
        let least = nth_largest(&mut self.sizes, self.keep);
        // Those of the same size as the least that stays are kept in order, as long as there is room.
        let above = self.column.iter().filter(|w| w.abs() > least).count();
        let mut ties = self.keep - above.min(self.keep);
        for (i, &weight) in self.column.iter().enumerate() {
            let tie = weight.abs() == least && ties > 0;
            if weight != 0.0 && (weight.abs() > least || tie) {
                ties -= usize::from(tie);
                self.kept.push((i as u32, j as u32, weight));
            }
        }
        true
    }

    /// The weights; `items` are the rows of the items by place, of `catalog` items in all.
    pub fn finish(self, items: Vec<u32>, catalog: usize) -> Weights {
        let rows = Csr::new(items.len(), self.kept.iter().copied());
        Weights { places: places(&items, catalog), items, rows, scale: self.scale }
    }
}

/// Place by item row.
pub fn places(items: &[u32], catalog: usize) -> Vec<u32> {
    let mut places = vec![NONE; catalog];
    for (place, &item) in items.iter().enumerate() {
        places[item as usize] = place as u32;
    }
    places
}

/// The n-th largest of some sizes (Hoare's FIND), infinity for n = 0; the order of the sizes is lost.
fn nth_largest(sizes: &mut [f32], n: usize) -> f32 {
    let Some(target) = n.checked_sub(1).filter(|&t| t < sizes.len()) else {
        return if n == 0 { f32::INFINITY } else { 0.0 };
    };
    let (mut low, mut high) = (0, sizes.len() - 1);
    while low < high {
        let pivot = sizes[low + (high - low) / 2];
        let (mut i, mut j) = (low, high);
        loop {
            while sizes[i] > pivot {
                i += 1;
            }
            while sizes[j] < pivot {
                j -= 1;
            }
            if i <= j {
                sizes.swap(i, j);
                i += 1;
                if j == 0 {
                    break;
                }
                j -= 1;
            }
            if i > j {
                break;
            }
        }
        if target <= j {
            high = j;
        } else if target >= i {
            low = i;
        } else {
            break;
        }
    }
    sizes[target]
}

impl Weights {
    fn place(&self, item: u32) -> Option<u32> {
        self.places.get(item as usize).copied().filter(|&p| p != NONE)
    }

    /// The item row of a place.
    pub fn item(&self, place: u32) -> u32 {
        self.items[place as usize]
    }

    /// Weights kept.
    pub fn len(&self) -> usize {
        self.rows.values().len()
    }

    /// True without weights.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Σ x_i B_ij over a history of (item row i, x_i), for all items of the catalog.
    pub fn preferences(&self, history: &mut dyn Iterator<Item = (u32, f32)>) -> Vec<f32> {
        let mut sums = vec![0f32; self.items.len()];
        for (item, x) in history {
            let Some(place) = self.place(item) else { continue };
            let (columns, values) = self.rows.row(place);
            for (&j, &weight) in columns.iter().zip(values) {
                sums[j as usize] += x * weight;
            }
        }
        let mut all = vec![0f32; self.places.len()];
        for (&item, sum) in self.items.iter().zip(sums) {
            all[item as usize] = sum;
        }
        all
    }

    fn at(&self, i: u32, j: u32) -> f32 {
        let (columns, values) = self.rows.row(i);
        columns.binary_search(&j).map_or(0.0, |at| values[at])
    }

    /// B_ij by item rows; 0 where none was kept.
    pub fn weight(&self, liked: u32, scored: u32) -> f32 {
        self.place(liked).zip(self.place(scored)).map_or(0.0, |(i, j)| self.at(i, j))
    }

    /// −P_ij / √(P_ii P_jj), the partial correlation of two items: how alike they are, all others considered. 0 where
    /// no weight was kept.
    pub fn partial(&self, a: u32, b: u32) -> f32 {
        let Some((i, j)) = self.place(a).zip(self.place(b)) else { return 0.0 };
        if i == j {
            return 1.0;
        }
        let ratio = self.scale[j as usize] / self.scale[i as usize];
        let (there, back) = (self.at(i, j) * ratio, self.at(j, i) / ratio);
        let partial = if there == 0.0 { back } else { there };
        partial.clamp(-1.0, 1.0)
    }

    /// Writes them.
    pub fn write(&self, w: &mut Writer) {
        let n = self.items.len() as u32;
        w.u32("ease_items", &self.items);
        w.f32("ease_scale", &[self.scale.len()], &self.scale);
        w.u32("ease_counts", &(0..n).map(|i| self.rows.count(i) as u32).collect::<Vec<_>>());
        let columns: Vec<u32> = (0..n).flat_map(|i| self.rows.row(i).0).copied().collect();
        // Two in one: places are below 2^16.
        let half = |at: usize| columns.get(at).copied().unwrap_or(0);
        let pairs: Vec<u32> =
            (0..columns.len()).step_by(2).map(|at| half(at) | (half(at + 1) << 16)).collect();
        w.u32("ease_columns", &pairs);
        w.f32("ease_weights", &[self.len()], self.rows.values());
    }

    /// Reads what was written, from a file nobody vouches for.
    pub fn read(r: &mut Reader<'_>, catalog: usize) -> Result<Weights> {
        let misfit =
            |place: &str| Error::new(Code::ModelFormat, "the weights are not what they should be").at(place);
        let n = r.len_of("ease_items");
        let items = r.u32("ease_items", n)?;
        let scale = r.f32("ease_scale", &[n])?;
        let counts = r.u32("ease_counts", n)?;
        let size = r.len_of("ease_weights");
        let pairs = r.u32("ease_columns", size.div_ceil(2))?;
        let mut columns: Vec<u32> = pairs.iter().flat_map(|pair| [pair & 0xffff, pair >> 16]).collect();
        if columns.len() > size && columns.pop() != Some(0) {
            return Err(misfit("ease_columns"));
        }
        let values = r.f32("ease_weights", &[size])?;
        let ascending = |list: &[u32], below: usize| {
            list.windows(2).all(|w| w[0] < w[1]) && list.last().is_none_or(|&l| (l as usize) < below)
        };
        if !ascending(&items, catalog) || scale.iter().any(|&s| s.is_nan() || s <= 0.0) {
            return Err(misfit("ease_items"));
        }
        if counts.iter().map(|&c| u64::from(c)).sum::<u64>() != size as u64 {
            return Err(misfit("ease_counts"));
        }
        let mut triples = Vec::with_capacity(size);
        let mut at = 0;
        for (i, &count) in counts.iter().enumerate() {
            let row = at..at + count as usize;
            if !ascending(&columns[row.clone()], n) {
                return Err(misfit("ease_columns"));
            }
            at = row.end;
            triples.extend(row.map(|slot| (i as u32, columns[slot], values[slot])));
        }
        let rows = Csr::new(n, triples.iter().copied());
        Ok(Weights { places: places(&items, catalog), items, rows, scale })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::rng::Rng;

    #[test]
    fn the_nth_largest_is_found() {
        let mut rng = Rng::new(3, 0);
        for n in 1..60usize {
            let sizes: Vec<f32> = (0..n).map(|_| rng.below(20) as f32).collect();
            let mut sorted = sizes.clone();
            sorted.sort_by(|a, b| b.total_cmp(a));
            for k in 1..=n {
                assert_eq!(nth_largest(&mut sizes.clone(), k), sorted[k - 1], "{k} of {n}");
            }
        }
        assert_eq!(nth_largest(&mut [], 3), 0.0);
        assert_eq!(nth_largest(&mut [1.0], 0), f32::INFINITY);
    }
}
