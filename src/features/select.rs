//! Which columns are worth keeping, as far as that can be said without a model.

use super::matrix::Matrix;
use super::numbers::quantile;
use super::spec::Select;
use crate::ground::math;
use crate::ground::sort::{order, sort_by};

/// Values of a column or of the target are looked at in so many ranges.
const RANGES: usize = 8;

/// Variance of a column.
pub fn variance(of: &Matrix, column: usize) -> f64 {
    let values = || of.column(column).map(f64::from);
    let mean = math::mean(values());
    math::mean(values().map(|x| (x - mean) * (x - mean)))
}

/// The range of each value: as many ranges with as many values each as values allow.
fn ranges(values: &[f64]) -> Vec<usize> {
    let mut sorted = values.to_vec();
    sort_by(&mut sorted, f64::total_cmp);
    let mut edges: Vec<f64> = (1..RANGES).map(|b| quantile(&sorted, b as f64 / RANGES as f64)).collect();
    edges.dedup();
    values.iter().map(|x| edges.iter().filter(|e| **e < *x).count()).collect()
}

/// What a column says of the target, in nats: Σ p(a, b) ln(p(a, b) / p(a) p(b)) over ranges of both.
pub fn mutual_information(column: impl Iterator<Item = f32>, target: &[f32]) -> f64 {
    let column: Vec<f64> = column.map(f64::from).collect();
    let target: Vec<f64> = target.iter().map(|&y| f64::from(y)).collect();
    if column.is_empty() {
        return 0.0;
    }
    let mut both = [[0f64; RANGES]; RANGES];
    for (a, b) in ranges(&column).into_iter().zip(ranges(&target)) {
        both[a][b] += 1.0 / column.len() as f64;
    }
    let mut information = 0.0;
    for a in 0..RANGES {
        let of_a: f64 = both[a].iter().sum();
        for b in 0..RANGES {
            let of_b: f64 = both.iter().map(|row| row[b]).sum();
            if both[a][b] > 0.0 {
                information += both[a][b] * math::ln(both[a][b] / (of_a * of_b));
            }
        }
    }
    information.max(0.0)
}

/// Columns that stay, ascending; at least one of those there are.
pub fn select(wanted: Select, of: &Matrix, target: &[f32]) -> Vec<u32> {
    // Rounding leaves a constant column a little variance.
    let least = wanted.variance.max(1e-12);
    let mut kept: Vec<u32> = (0..of.columns() as u32).filter(|&c| variance(of, c as usize) > least).collect();
    if let Some(most) = wanted.mutual_information.filter(|most| *most < kept.len()) {
        let says: Vec<f64> =
            kept.iter().map(|&c| mutual_information(of.column(c as usize), target)).collect();
        let best = order(kept.len(), &mut |a, b| says[b].total_cmp(&says[a]));
        kept = best[..most].iter().map(|&at| kept[at as usize]).collect();
        sort_by(&mut kept, u32::cmp);
    }
    if kept.is_empty() && of.columns() > 0 {
        kept.push(0);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_says_everything_says_the_entropy_and_a_constant_says_nothing() {
        let target: Vec<f32> = (0..400).map(|r| (r % 4) as f32).collect();
        let all = mutual_information(target.iter().copied(), &target);
        assert!((all - math::ln(4.0)).abs() < 1e-12, "{all}");
        assert_eq!(mutual_information((0..400).map(|_| 1.0), &target), 0.0);
        let parity = mutual_information((0..400).map(|r| (r % 2) as f32), &target);
        assert!((parity - math::ln(2.0)).abs() < 1e-12, "{parity}");
        let beside = mutual_information((0..400).map(|r| (r / 4 % 2) as f32), &target);
        assert!(beside < 1e-12, "{beside}");
    }

    #[test]
    fn what_is_constant_goes_and_what_says_most_stays() {
        let rows = 200;
        let mut m = Matrix::zeros(rows, 4);
        let mut target = Vec::new();
        for r in 0..rows {
            m.row_mut(r).copy_from_slice(&[1.0, (r % 2) as f32, (r % 7) as f32, (r / 2 % 2) as f32]);
            target.push((r / 2 % 2) as f32);
        }
        assert_eq!(select(Select::default(), &m, &target), [1, 2, 3]);
        let one = Select { mutual_information: Some(1), ..Select::default() };
        assert_eq!(select(one, &m, &target), [3]);
        let none = Select { variance: 100.0, ..Select::default() };
        assert_eq!(select(none, &m, &target), [0], "a matrix has a column");
    }
}
