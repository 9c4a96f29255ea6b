//! A dense matrix of features.

use crate::ground::{Error, Result};

/// A row per observation, a column per feature, in single precision and row after row. Every number is finite: what is
/// missing has been filled in before it comes here.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matrix {
    columns: usize,
    values: Vec<f32>,
}

impl Matrix {
    /// Zeros.
    pub fn zeros(rows: usize, columns: usize) -> Matrix {
        Matrix { columns, values: vec![0.0; rows * columns] }
    }

    /// From rows laid end to end; `place` names them in errors.
    pub fn new(place: &str, columns: usize, values: Vec<f32>) -> Result<Matrix> {
        if columns == 0 || !values.len().is_multiple_of(columns) {
            let expected = format!("rows of {columns} numbers, at least one in each");
            return Err(Error::argument(place, expected, format!("{} numbers", values.len())));
        }
        if let Some(at) = values.iter().position(|v| !v.is_finite()) {
            let place = format!("{place}[{}][{}]", at / columns, at % columns);
            return Err(Error::argument(place, "a finite number", "NaN or infinity"));
        }
        Ok(Matrix { columns, values })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.values.len().checked_div(self.columns).unwrap_or(0)
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// One observation.
    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }

    /// One observation, to be filled in. Whoever writes keeps every number finite.
    pub fn row_mut(&mut self, row: usize) -> &mut [f32] {
        &mut self.values[row * self.columns..(row + 1) * self.columns]
    }

    /// One feature of all observations.
    pub fn column(&self, column: usize) -> impl Iterator<Item = f32> + Clone + '_ {
        self.values.iter().skip(column).step_by(self.columns.max(1)).copied()
    }

    /// Rows laid end to end.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Some of the columns, in the order they are named.
    pub fn select(&self, columns: &[u32]) -> Matrix {
        let mut some = Matrix::zeros(self.rows(), columns.len());
        for row in 0..self.rows() {
            let from = self.row(row);
            for (to, &c) in some.row_mut(row).iter_mut().zip(columns) {
                *to = from[c as usize];
            }
        }
        some
    }

    /// Some of the rows, in the order they are named.
    pub fn pick(&self, rows: &[u32]) -> Matrix {
        let mut picked = Matrix::zeros(rows.len(), self.columns);
        for (to, &from) in rows.iter().enumerate() {
            picked.row_mut(to).copy_from_slice(self.row(from as usize));
        }
        picked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_columns_are_where_they_should_be() {
        let m = Matrix::new("x", 3, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
        assert_eq!((m.rows(), m.columns()), (2, 3));
        assert_eq!(m.row(1), [4.0, 5.0, 6.0]);
        assert_eq!(m.column(2).collect::<Vec<_>>(), [3.0, 6.0]);
        assert_eq!(m.select(&[2, 0]).values(), [3.0, 1.0, 6.0, 4.0]);
        assert_eq!(m.pick(&[1, 1]).values(), [4.0, 5.0, 6.0, 4.0, 5.0, 6.0]);
        assert_eq!(Matrix::default().rows(), 0);
    }

    #[test]
    fn ragged_and_infinite_numbers_are_refused_with_their_place() {
        assert!(Matrix::new("x", 2, vec![1.0; 3]).is_err());
        assert!(Matrix::new("x", 0, Vec::new()).is_err());
        let e = Matrix::new("x", 2, vec![0.0, 0.0, 0.0, f32::NAN]).unwrap_err();
        assert_eq!(e.place(), "x[1][1]");
    }
}
