//! Columns as codes. Values are put into at most 256 bins, and a tree sees which bin a value is in, in one byte. A
//! column with no more different values than that has a bin for each, so nothing is lost; else bins hold about the
//! same number of rows. Between neighbouring bins lies a cut, half way from the largest value of one to the smallest of
//! the next: `code <= k` says the same of a row as `value <= cuts[k]`, to the last bit.

/// Most bins of a column.
pub const BINS: usize = 256;

/// Binned rows.
#[derive(Clone, Debug, Default)]
pub struct Bins {
    /// Number of rows.
    pub rows: usize,
    /// Codes, column after column.
    pub codes: Vec<u8>,
    /// Cuts of each column, ascending, one fewer than its bins.
    pub cuts: Vec<Vec<f32>>,
}

impl Bins {
    /// No column yet.
    pub fn new(rows: usize, columns: usize) -> Bins {
        Bins { rows, codes: Vec::with_capacity(rows * columns), cuts: Vec::with_capacity(columns) }
    }

    /// The codes of a column.
    pub fn column(&self, column: usize) -> &[u8] {
        &self.codes[column * self.rows..(column + 1) * self.rows]
    }

    /// Cuts of all columns, none of those that are not binned yet.
    pub fn padded(&self, columns: usize) -> Vec<Vec<f32>> {
        let mut cuts = self.cuts.clone();
        cuts.resize(columns, Vec::new());
        cuts
    }

    /// Bins the next column, given as one finite value for each row.
    pub fn push(&mut self, values: impl Iterator<Item = f32>) {
        let sorted =
            sort(values.enumerate().map(|(row, v)| (u64::from(rank(v)) << 32) | row as u64).collect());
        let start = self.codes.len();
        self.codes.resize(start + self.rows, 0);
        let codes = &mut self.codes[start..];
        let value = |at: usize| (sorted[at] >> 32) as u32;
        let different = 1 + (1..sorted.len()).filter(|&i| value(i) != value(i - 1)).count();
        let (mut cuts, mut begun) = (Vec::new(), 0);
        for (i, &pair) in sorted.iter().enumerate() {
            let changes = i > 0 && value(i) != value(i - 1);
            // A bin is closed once it holds its share of the rows that are left, shared among the bins that are left.
            let full = (i - begun) * (BINS - cuts.len()) >= sorted.len() - begun;
            if changes && cuts.len() + 1 < BINS && (different <= BINS || full) {
                cuts.push(between(unrank(value(i - 1)), unrank(value(i))));
                begun = i;
            }
            codes[pair as u32 as usize] = cuts.len() as u8;
        }
        self.cuts.push(cuts);
    }
}

/// Half way from `a` up to `b`, never as far as `b`.
fn between(a: f32, b: f32) -> f32 {
    let half = (0.5 * f64::from(a) + 0.5 * f64::from(b)) as f32;
    if half < b { half } else { a }
}

/// Whole numbers in the order of the values; zeros of both signs are one.
fn rank(value: f32) -> u32 {
    let bits = (value + 0.0).to_bits();
    if bits >> 31 == 1 { !bits } else { bits | (1 << 31) }
}

fn unrank(rank: u32) -> f32 {
    f32::from_bits(if rank >> 31 == 1 { rank & !(1 << 31) } else { !rank })
}

/// By the upper half, equal ones in the order they come: byte after byte. `ground::sort` takes ten times as long, which
/// on a column of 200,000 is longer than a step may be.
fn sort(mut from: Vec<u64>) -> Vec<u64> {
    let mut to = vec![0; from.len()];
    for byte in 4..8 {
        let digit = |x: u64| (x >> (8 * byte)) as usize & 255;
        let mut starts = [0usize; 257];
        from.iter().for_each(|&x| starts[digit(x) + 1] += 1);
        if starts.contains(&from.len()) {
            continue;
        }
        (0..256).for_each(|d| starts[d + 1] += starts[d]);
        for &x in &from {
            to[starts[digit(x)]] = x;
            starts[digit(x)] += 1;
        }
        core::mem::swap(&mut from, &mut to);
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn binned(values: &[f32]) -> Bins {
        let mut bins = Bins::new(values.len(), 1);
        bins.push(values.iter().copied());
        bins
    }

    #[test]
    fn few_values_have_a_bin_each_and_cuts_lie_half_way() {
        let bins = binned(&[3.0, -1.0, 0.0, -0.0, 3.0, 5.0]);
        assert_eq!(bins.column(0), [2, 0, 1, 1, 2, 3]);
        assert_eq!(bins.cuts, [[-0.5, 1.5, 4.0]]);
        assert!(binned(&[7.0; 9]).cuts[0].is_empty());
        assert_eq!(binned(&[f32::MIN, f32::MAX]).cuts, [[0.0]]);
        // Half way between neighbours lies no number; rounding goes up or down.
        for bits in 0..2 {
            let [low, high] = [bits, bits + 1].map(|b| f32::from_bits(1.0f32.to_bits() + b));
            assert_eq!(binned(&[low, high]).cuts, [[low]]);
        }
    }

    #[test]
    fn many_values_share_bins_evenly_and_frequent_ones_keep_their_own() {
        let mut values: Vec<f32> = (0..10_000).map(|i| ((i * 7919) % 10_000) as f32).collect();
        values.extend([-5.0; 3_000]);
        let bins = binned(&values);
        assert_eq!(bins.cuts[0].len(), 255);
        let mut sizes = [0; 256];
        bins.codes.iter().for_each(|&c| sizes[c as usize] += 1);
        assert_eq!(sizes[0], 3_000);
        assert!(sizes[1..].iter().all(|n| (38..=41).contains(n)), "{sizes:?}");
    }

    proptest! {
        #[test]
        fn a_code_says_what_the_value_says(values in prop::collection::vec(-1e30f32..1e30, 1..900)) {
            let bins = binned(&values);
            prop_assert!(bins.cuts[0].is_sorted_by(|a, b| a < b));
            for (&v, &code) in values.iter().zip(bins.column(0)) {
                let below = bins.cuts[0].iter().filter(|&&cut| v > cut).count();
                prop_assert_eq!(below, usize::from(code));
            }
        }
    }
}
