//! Ratings in compressed sparse rows, with the transpose.

use super::Interactions;

/// Rows of (column, value), in order of column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Csr {
    /// `starts[r]..starts[r + 1]` are the entries of row `r`.
    starts: Vec<u32>,
    columns: Vec<u32>,
    values: Vec<f32>,
}

impl Csr {
    /// From triples, by counting: linear time; entries of a row in the order they come in.
    pub fn new(rows: usize, triples: impl Iterator<Item = (u32, u32, f32)> + Clone) -> Csr {
        let mut starts = vec![0u32; rows + 1];
        for (r, _, _) in triples.clone() {
            starts[r as usize + 1] += 1;
        }
        for r in 0..rows {
            starts[r + 1] += starts[r];
        }
        let n = starts[rows] as usize;
        let (mut next, mut columns, mut values) = (starts.clone(), vec![0u32; n], vec![0f32; n]);
        for (r, c, v) in triples {
            let slot = &mut next[r as usize];
            (columns[*slot as usize], values[*slot as usize]) = (c, v);
            *slot += 1;
        }
        Csr { starts, columns, values }
    }

    /// Of interactions, a row per item. Plain loops: a million ratings are walked three times in each direction.
    pub fn by_item(x: &Interactions) -> Csr {
        let mut starts = vec![0u32; x.items.len() + 1];
        for &item in &x.item {
            starts[item as usize + 1] += 1;
        }
        for i in 0..x.items.len() {
            starts[i + 1] += starts[i];
        }
        let (mut next, mut columns, mut values) = (starts.clone(), vec![0u32; x.len()], vec![0f32; x.len()]);
        for ((&item, &user), &rating) in x.item.iter().zip(&x.user).zip(&x.rating) {
            let slot = &mut next[item as usize];
            (columns[*slot as usize], values[*slot as usize]) = (user, rating);
            *slot += 1;
        }
        Csr { starts, columns, values }
    }

    /// Rows and columns exchanged. Its entries are in order of their column, because rows are walked in order.
    pub fn transpose(&self, columns: usize) -> Csr {
        let mut starts = vec![0u32; columns + 1];
        for &c in &self.columns {
            starts[c as usize + 1] += 1;
        }
        for c in 0..columns {
            starts[c + 1] += starts[c];
        }
        let n = self.columns.len();
        let (mut next, mut rows, mut values) = (starts.clone(), vec![0u32; n], vec![0f32; n]);
        for r in 0..self.rows() as u32 {
            let (columns, ratings) = self.row(r);
            for (&c, &v) in columns.iter().zip(ratings) {
                let slot = &mut next[c as usize];
                (rows[*slot as usize], values[*slot as usize]) = (r, v);
                *slot += 1;
            }
        }
        Csr { starts, columns: rows, values }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Columns and values of a row.
    pub fn row(&self, r: u32) -> (&[u32], &[f32]) {
        let range = self.starts[r as usize] as usize..self.starts[r as usize + 1] as usize;
        (&self.columns[range.clone()], &self.values[range])
    }

    /// Number of entries in a row.
    pub fn count(&self, r: u32) -> usize {
        (self.starts[r as usize + 1] - self.starts[r as usize]) as usize
    }

    /// Adds a number to every value.
    pub fn shift(&mut self, by: f32) {
        self.values.iter_mut().for_each(|v| *v += by);
    }

    /// All values, row after row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }
}

/// The table of ratings by person and by item.
#[derive(Clone, Debug, Default)]
pub struct Ratings {
    /// A row per person.
    pub by_user: Csr,
    /// A row per item.
    pub by_item: Csr,
}

impl Ratings {
    /// Both orders of the same interactions.
    pub fn new(x: &Interactions) -> Ratings {
        let by_user = Csr::by_item(x).transpose(x.users.len());
        Ratings { by_item: by_user.transpose(x.items.len()), by_user }
    }

    /// Number of ratings.
    pub fn len(&self) -> usize {
        self.by_user.values.len()
    }

    /// True without ratings.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_columns_hold_the_same_ratings() {
        let mut x = Interactions::default();
        for (u, i, r) in [("u", "b", 1.0), ("v", "a", 2.0), ("u", "a", 3.0), ("w", "c", 4.0)] {
            x.push(u, i, r, 0.0);
        }
        let t = Ratings::new(&x);
        assert_eq!(t.by_user.row(0), (&[0u32, 1][..], &[1.0f32, 3.0][..]));
        assert_eq!(t.by_item.row(1), (&[0u32, 1][..], &[3.0f32, 2.0][..]));
        assert_eq!((t.by_user.rows(), t.by_item.rows(), t.len()), (3, 3, 4));
        assert_eq!(Ratings::new(&Interactions::default()).by_user.rows(), 0);
    }
}
