//! Biases and factors of people or items.

use crate::codec::{Reader, Tape, Writer};
use crate::ground::Result;
use crate::ground::ids::Vocabulary;
use crate::ground::math;
use crate::ground::rng::Rng;
use ndarray::Array2;

/// Factors and biases of one side, rows padded with zeros to a multiple of [`math::LANES`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// One bias per row.
    pub bias: Vec<f32>,
    /// One row of factors per row.
    pub factors: Array2<f32>,
}

impl Table {
    /// Zeros.
    pub fn zeros(rows: usize, factors: usize) -> Table {
        Table { bias: vec![0.0; rows], factors: Array2::zeros((rows, math::padded(factors))) }
    }

    /// Seeded random factors and zero biases.
    pub fn random(rows: usize, factors: usize, init_scale: f64, rng: &mut Rng) -> Table {
        let mut table = Table::zeros(rows, factors);
        // Scaled so that the first products have the same spread whatever the number of factors.
        let scale = init_scale / math::sqrt(math::sqrt(factors as f64));
        for row in 0..rows {
            for x in &mut table.row_mut(row)[..factors] {
                *x = (rng.normal() * scale) as f32;
            }
        }
        table
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.bias.len()
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.bias.is_empty()
    }

    /// The factors of a row, padding included.
    #[inline]
    pub fn row(&self, index: usize) -> &[f32] {
        let width = self.factors.ncols();
        &self.factors.as_slice().expect("tables are in standard layout")[index * width..(index + 1) * width]
    }

    /// The factors of a row, to be changed; what is padding must stay zero.
    #[inline]
    pub fn row_mut(&mut self, index: usize) -> &mut [f32] {
        let width = self.factors.ncols();
        &mut self.factors.as_slice_mut().expect("tables are in standard layout")
            [index * width..(index + 1) * width]
    }

    /// Takes over the rows of another table whose ids occur here; rows must be as wide. A row of zeros is of something
    /// that was never learned of: there the own one stays.
    pub fn take(&mut self, ids: &Vocabulary, other: &Table, other_ids: &Vocabulary) {
        for (row, id) in ids.ids().iter().enumerate() {
            let Some(theirs) = other_ids.get(id).map(|at| at as usize) else { continue };
            if other.bias[theirs] != 0.0 || other.row(theirs).iter().any(|&x| x != 0.0) {
                self.bias[row] = other.bias[theirs];
                self.row_mut(row).copy_from_slice(other.row(theirs));
            }
        }
    }

    /// False where a number ran away.
    pub fn all_finite(&self) -> bool {
        self.bias.iter().chain(self.factors.iter()).all(|x| x.is_finite())
    }

    /// Writes bias and factors, without padding.
    pub fn write(&self, w: &mut Writer, name: &str, factors: usize) {
        w.f32(&format!("{name}_bias"), &[self.len()], &self.bias);
        let unpadded: Vec<f32> = (0..self.len()).flat_map(|row| &self.row(row)[..factors]).copied().collect();
        w.f32(&format!("{name}_factors"), &[self.len(), factors], &unpadded);
    }

    /// Reads what was written.
    pub fn read(r: &mut Reader<'_>, name: &str, rows: usize, factors: usize) -> Result<Table> {
        let bias = r.f32(&format!("{name}_bias"), &[rows])?;
        let flat = r.f32(&format!("{name}_factors"), &[rows, factors])?;
        let mut table = Table::zeros(rows, factors);
        table.bias = bias;
        for (row, values) in flat.chunks_exact(factors).enumerate() {
            table.row_mut(row)[..factors].copy_from_slice(values);
        }
        Ok(table)
    }

    /// Writes or takes up bias and factors.
    pub fn state(&mut self, tape: &mut Tape<'_>, name: &str) -> Result<()> {
        tape.f32(&format!("{name}_bias"), &mut self.bias)?;
        let shape = self.factors.raw_dim();
        let mut flat = core::mem::take(&mut self.factors).into_raw_vec_and_offset().0;
        let done = tape.f32(&format!("{name}_factors"), &mut flat);
        if done.is_ok() {
            self.factors = Array2::from_shape_vec(shape, flat).expect("a tape keeps the number of values");
        }
        done
    }
}
