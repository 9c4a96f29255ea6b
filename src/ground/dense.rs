//! Large dense matrices in single precision: the inverse of a symmetric positive definite one, and what normal
//! equations over rows of factors need. Everything is in [`F32x8`] and in a fixed order, so results have the same bits
//! on every machine and for any division of the work into steps.

use super::math::LANES;
use super::simd::{F32x4, F32x8};

/// Rows and columns of a tile: three of them (16 kB each) live in the nearest caches while they are multiplied.
pub const TILE: usize = 64;

const PANELS: usize = TILE / LANES;
/// Rows whose sums stay in registers while two tiles are multiplied.
const ROWS: usize = 4;

/// 64 × 64 numbers as eight panels of eight columns: `tile[c / 8][r][c % 8]` stands in row r, column c. So whatever a
/// product reads next is next in memory.
pub type Tile = [[[f32; LANES]; TILE]; PANELS];

/// Zeros.
pub const ZERO: Tile = [[[0.0; LANES]; TILE]; PANELS];

/// One step of a product: four rows of `a`, column `$k`, times eight columns of `b`, row `$k`.
macro_rules! step {
    ($sums:ident, $a:ident, $b:ident, $($k:literal)*) => {$(
        let b = F32x8::load(&$b[$k]);
        $sums.0 = $sums.0 + F32x8::splat($a[0][$k]) * b;
        $sums.1 = $sums.1 + F32x8::splat($a[1][$k]) * b;
        $sums.2 = $sums.2 + F32x8::splat($a[2][$k]) * b;
        $sums.3 = $sums.3 + F32x8::splat($a[3][$k]) * b;
    )*};
}

/// C += A B.
pub fn multiply_add(c: &mut Tile, a: &Tile, b: &Tile) {
    for (c, b) in c.iter_mut().zip(b) {
        let b = b.as_chunks::<LANES>().0;
        for (at, c) in c.as_chunks_mut::<ROWS>().0.iter_mut().enumerate() {
            let [c0, c1, c2, c3] = c;
            let mut sums = (F32x8::load(c0), F32x8::load(c1), F32x8::load(c2), F32x8::load(c3));
            for (a, b) in a.iter().zip(b) {
                let a = &a.as_chunks::<ROWS>().0[at];
                step!(sums, a, b, 0 1 2 3 4 5 6 7);
            }
            sums.0.store(c0);
            sums.1.store(c1);
            sums.2.store(c2);
            sums.3.store(c3);
        }
    }
}

fn transposed(tile: &Tile) -> Tile {
    let mut out = ZERO;
    for r in 0..TILE {
        for c in 0..TILE {
            out[r / LANES][c][r % LANES] = tile[c / LANES][r][c % LANES];
        }
    }
    out
}

fn negated(tile: &Tile) -> Tile {
    tile.map(|panel| panel.map(|row| row.map(|x| -x)))
}

/// The inverse of a symmetric positive definite tile (Gauss–Jordan, in double precision); `None` for another.
fn inverted(tile: &Tile) -> Option<Tile> {
    let mut a = vec![[0f64; TILE]; TILE];
    for (r, row) in a.iter_mut().enumerate() {
        for (c, x) in row.iter_mut().enumerate() {
            *x = f64::from(tile[c / LANES][r][c % LANES]);
        }
    }
    for k in 0..TILE {
        let pivot = a[k][k];
        if !(pivot > 0.0 && pivot.is_finite()) {
            return None;
        }
        let mut own = a[k].map(|x| x / pivot);
        own[k] = 1.0 / pivot;
        for (r, row) in a.iter_mut().enumerate() {
            if r == k {
                *row = own;
                continue;
            }
            let weight = core::mem::take(&mut row[k]);
            for (x, y) in row.iter_mut().zip(&own) {
                *x -= weight * y;
            }
        }
    }
    let mut out = ZERO;
    for (r, row) in a.iter().enumerate() {
        for (c, &x) in row.iter().enumerate() {
            out[c / LANES][r][c % LANES] = x as f32;
        }
    }
    Some(out)
}

/// A symmetric matrix of any order as tiles of its lower triangle: half the memory of all of it. The last tiles are
/// filled up with rows of the identity, which no sum and no inverse of the rest takes notice of.
#[derive(Debug)]
pub struct Tiles {
    order: usize,
    side: usize,
    tiles: Vec<Tile>,
}

impl Tiles {
    /// Zeros, and the identity beyond the order.
    pub fn zeros(order: usize) -> Tiles {
        let side = order.div_ceil(TILE);
        let mut tiles = Tiles { order, side, tiles: vec![ZERO; side * (side + 1) / 2] };
        for i in order..side * TILE {
            tiles.set(i, i, 1.0);
        }
        tiles
    }

    /// Bytes that a matrix of an order and its inversion need.
    pub fn bytes(order: usize) -> usize {
        let side = order.div_ceil(TILE);
        (side * (side + 1) / 2 + 2 * side) * size_of::<Tile>()
    }

    /// Number of rows.
    pub fn order(&self) -> usize {
        self.order
    }

    /// Where the tile of rows `i` and columns `j` ≤ `i` stands.
    fn at(i: usize, j: usize) -> usize {
        i * (i + 1) / 2 + j
    }

    /// The value in row `i`, column `j`.
    pub fn get(&self, i: usize, j: usize) -> f32 {
        let (i, j) = (i.max(j), i.min(j));
        self.tiles[Tiles::at(i / TILE, j / TILE)][j % TILE / LANES][i % TILE][j % LANES]
    }

    /// Changes the value in row `i`, column `j`, and its mirror image.
    pub fn set(&mut self, i: usize, j: usize, x: f32) {
        let (i, j) = (i.max(j), i.min(j));
        let tile = &mut self.tiles[Tiles::at(i / TILE, j / TILE)];
        tile[j % TILE / LANES][i % TILE][j % LANES] = x;
        if i / TILE == j / TILE {
            tile[i % TILE / LANES][j % TILE][i % LANES] = x;
        }
    }
}

/// An inversion under way, in place: block by block the sweep operator (Goodnight, "A Tutorial on the SWEEP Operator",
/// American Statistician 1979), which for a symmetric positive definite matrix needs no exchange of rows and takes n³
/// operations, all but n² · 64 of them products of tiles. For each block K of 64 rows: with D = A_KK⁻¹ and B = A_IK for
/// all others I, A_IJ −= B_I D B_Jᵀ, A_IK = B_I D, A_KK = −D. When all have had their turn, A is −A⁻¹.
#[derive(Debug)]
pub struct Sweep {
    matrix: Tiles,
    /// −B_I D and B_Iᵀ, for the block at hand.
    left: Vec<Tile>,
    right: Vec<Tile>,
    inverse: Tile,
    /// Whose turn it is, and the tile that is next: first those of the column, then those of the triangle.
    block: usize,
    row: usize,
    column: Option<usize>,
}

impl Sweep {
    /// Nothing done yet.
    pub fn new(matrix: Tiles) -> Sweep {
        let side = matrix.side;
        Sweep {
            matrix,
            left: vec![ZERO; side],
            right: vec![ZERO; side],
            inverse: ZERO,
            block: 0,
            row: 0,
            column: None,
        }
    }

    /// Share of the work that is done.
    pub fn done(&self) -> f64 {
        let side = self.matrix.side;
        let within =
            self.column.map_or(0, |c| Tiles::at(self.row, c)) as f64 / self.matrix.tiles.len().max(1) as f64;
        (self.block as f64 + within) / side.max(1) as f64
    }

    /// Multiplies up to `tiles` tiles. `Some(true)` when the inverse is ready, `None` where there is none: the matrix
    /// is not positive definite, or nearly not.
    pub fn advance(&mut self, tiles: usize) -> Option<bool> {
        for _ in 0..tiles {
            if self.block == self.matrix.side {
                return Some(true);
            }
            match self.column {
                None => self.prepare()?,
                Some(column) => self.update(column),
            }
        }
        Some(self.block == self.matrix.side)
    }

    /// −B_I D and B_Iᵀ of one I.
    fn prepare(&mut self) -> Option<()> {
        let (i, k) = (self.row, self.block);
        if i == 0 {
            self.inverse = inverted(&self.matrix.tiles[Tiles::at(k, k)])?;
        }
        if i != k {
            let stored = &self.matrix.tiles[Tiles::at(i.max(k), i.min(k))];
            let mirrored = transposed(stored);
            let (b, transpose) = if i > k { (stored, &mirrored) } else { (&mirrored, stored) };
            self.right[i] = *transpose;
            self.left[i] = ZERO;
            multiply_add(&mut self.left[i], &negated(b), &self.inverse);
        }
        self.row += 1;
        if self.row == self.matrix.side {
            (self.row, self.column) = (0, Some(0));
        }
        Some(())
    }

    /// One tile of the triangle.
    fn update(&mut self, j: usize) {
        let (i, k) = (self.row, self.block);
        let tile = &mut self.matrix.tiles[Tiles::at(i, j)];
        match (i == k, j == k) {
            (false, false) => multiply_add(tile, &self.left[i], &self.right[j]),
            (false, true) => *tile = negated(&self.left[i]),
            (true, false) => *tile = transposed(&negated(&self.left[j])),
            (true, true) => *tile = negated(&self.inverse),
        }
        self.column = Some(j + 1);
        if j == i {
            (self.row, self.column) = (i + 1, Some(0));
        }
        if self.row == self.matrix.side {
            (self.block, self.row, self.column) = (self.block + 1, 0, None);
        }
    }

    /// −A⁻¹, once [`Sweep::advance`] said that it is ready.
    pub fn negative_inverse(self) -> Tiles {
        self.matrix
    }
}

/// A row of numbers in blocks of [`LANES`].
pub type Row<'a> = &'a [[f32; LANES]];

/// Rows in pairs of blocks, and whether one is left over: two blocks at a time halve what a loop costs.
macro_rules! pairs {
    ($n:ident, $($row:ident)*) => {
        ($((&$row[..$n], $row[..$n].as_chunks::<2>().0)),*)
    };
}

/// Products of four rows with one vector: the vector is read once for all of them.
#[inline(always)]
pub fn dot_four([a, b, c, d]: [Row<'_>; 4], x: Row<'_>) -> F32x4 {
    let n = x.len();
    let ((a, aa), (b, bb), (c, cc), (d, dd), (_, xx)) = pairs!(n, a b c d x);
    let zero = F32x8::splat(0.0);
    let (mut s, mut t, mut u, mut v) = (zero, zero, zero, zero);
    macro_rules! block {
        ($x:expr, $a:expr, $b:expr, $c:expr, $d:expr) => {
            let y = F32x8::load(&$x);
            s = s + F32x8::load(&$a) * y;
            t = t + F32x8::load(&$b) * y;
            u = u + F32x8::load(&$c) * y;
            v = v + F32x8::load(&$d) * y;
        };
    }
    for l in 0..n / 2 {
        block!(xx[l][0], aa[l][0], bb[l][0], cc[l][0], dd[l][0]);
        block!(xx[l][1], aa[l][1], bb[l][1], cc[l][1], dd[l][1]);
    }
    if n % 2 == 1 {
        let l = n - 1;
        block!(x[l], a[l], b[l], c[l], d[l]);
    }
    F32x4::sums(s, t, u, v)
}

/// Adds four rows with a weight each: the sum is read and written once for all of them.
#[inline(always)]
pub fn add_four(sum: &mut [[f32; LANES]], [a, b, c, d]: [Row<'_>; 4], weights: F32x4) {
    let n = sum.len();
    let ((a, aa), (b, bb), (c, cc), (d, dd)) = pairs!(n, a b c d);
    let [s, t, u, v] = weights.spread();
    macro_rules! block {
        ($sum:expr, $a:expr, $b:expr, $c:expr, $d:expr) => {
            let first = s * F32x8::load(&$a) + t * F32x8::load(&$b);
            let second = u * F32x8::load(&$c) + v * F32x8::load(&$d);
            (F32x8::load(&$sum) + (first + second)).store(&mut $sum);
        };
    }
    let (pairs, last) = sum.as_chunks_mut::<2>();
    for l in 0..n / 2 {
        block!(pairs[l][0], aa[l][0], bb[l][0], cc[l][0], dd[l][0]);
        block!(pairs[l][1], aa[l][1], bb[l][1], cc[l][1], dd[l][1]);
    }
    if let [last] = last {
        let l = n - 1;
        block!(*last, a[l], b[l], c[l], d[l]);
    }
}

/// Adds Σ y yᵀ over four rows to a Gram matrix whose rows are as long as theirs.
pub fn add_gram(gram: &mut [[f32; LANES]], rows: [Row<'_>; 4]) {
    let n = rows[0].len();
    let [a, b, c, d] = rows;
    for i in 0..n * LANES {
        let (block, lane) = (i / LANES, i % LANES);
        let weights = [a[block][lane], b[block][lane], c[block][lane], d[block][lane]];
        add_four(&mut gram[i * n..(i + 1) * n], rows, F32x4::load(&weights));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::rng::Rng;

    /// XᵀX + I of a random X with a row more than columns.
    fn positive(n: usize) -> Tiles {
        let mut rng = Rng::new(n as u64, 0);
        let x: Vec<f32> = (0..(n + 1) * n).map(|_| rng.normal() as f32).collect();
        let mut a = Tiles::zeros(n);
        for i in 0..n {
            for j in 0..=i {
                let dot: f32 = (0..=n).map(|r| x[r * n + i] * x[r * n + j]).sum();
                a.set(i, j, dot + if i == j { 1.0 } else { 0.0 });
            }
        }
        a
    }

    fn inverse(a: Tiles, step: usize) -> Tiles {
        let mut sweep = Sweep::new(a);
        while !sweep.advance(step).unwrap() {
            assert!((0.0..1.0).contains(&sweep.done()));
        }
        assert!(sweep.done() == 1.0 || sweep.matrix.side == 0);
        sweep.negative_inverse()
    }

    #[test]
    fn tiles_are_multiplied() {
        let mut rng = Rng::new(1, 0);
        let mut random = || ZERO.map(|p| p.map(|r| r.map(|_| rng.below(9) as f32 - 4.0)));
        let (a, b, start) = (random(), random(), random());
        let mut c = start;
        multiply_add(&mut c, &a, &b);
        let at = |t: &Tile, r: usize, c: usize| t[c / LANES][r][c % LANES];
        for r in 0..TILE {
            for col in 0..TILE {
                let want: f32 = (0..TILE).map(|k| at(&a, r, k) * at(&b, k, col)).sum();
                assert_eq!(at(&c, r, col), at(&start, r, col) + want, "small whole numbers are exact");
                assert_eq!(at(&transposed(&a), col, r), at(&a, r, col));
            }
        }
    }

    #[test]
    fn a_matrix_times_its_inverse_is_one() {
        for n in [0, 1, 5, 63, 64, 65, 150] {
            let minus = inverse(positive(n), 3);
            let a = positive(n);
            assert_eq!(minus.order(), n);
            for i in 0..n {
                for j in 0..n {
                    let dot: f64 = (0..n).map(|k| f64::from(a.get(i, k)) * f64::from(minus.get(k, j))).sum();
                    let want = if i == j { -1.0 } else { 0.0 };
                    assert!((dot - want).abs() < 2e-3, "order {n}, {i}, {j}: {dot}");
                }
            }
        }
    }

    #[test]
    fn steps_of_any_size_give_the_same_bits() {
        let (whole, single) = (inverse(positive(200), usize::MAX), inverse(positive(200), 1));
        for i in 0..200 {
            assert!((0..200).all(|j| whole.get(i, j).to_bits() == single.get(i, j).to_bits()));
        }
    }

    #[test]
    fn what_has_no_inverse_is_refused() {
        let mut a = positive(70);
        (0..70).for_each(|j| a.set(69, j, 0.0));
        assert!(Sweep::new(a).advance(usize::MAX).is_none());
        let mut a = positive(3);
        a.set(1, 1, f32::NAN);
        assert!(Sweep::new(a).advance(usize::MAX).is_none());
    }

    #[test]
    fn rows_go_by_four() {
        let mut rng = Rng::new(2, 0);
        let rows: Vec<Vec<f32>> = (0..5).map(|_| (0..24).map(|_| rng.below(9) as f32).collect()).collect();
        let row = |r: usize| rows[r].as_chunks::<LANES>().0;
        let four = [row(0), row(1), row(2), row(3)];
        let products = dot_four(four, row(4));
        let mut sum = row(4).to_vec();
        add_four(&mut sum, four, F32x4::load(&[1.0, -2.0, 3.0, 0.5]));
        let mut gram = vec![[1.0; LANES]; 24 * 3];
        add_gram(&mut gram, four);
        let (sum, gram) = (sum.as_flattened(), gram.as_flattened());
        let dot = |r: usize| rows[r].iter().zip(&rows[4]).map(|(a, b)| a * b).sum::<f32>();
        let lanes = products.spread().map(|lane| lane.sum() / 8.0);
        assert_eq!(lanes, [dot(0), dot(1), dot(2), dot(3)]);
        assert_eq!(products.sum(), dot(0) + dot(1) + dot(2) + dot(3));
        for i in 0..24 {
            let want = rows[4][i] + rows[0][i] - 2.0 * rows[1][i] + 3.0 * rows[2][i] + 0.5 * rows[3][i];
            assert_eq!(sum[i], want);
            for j in 0..24 {
                let dot: f32 = (0..4).map(|r| rows[r][i] * rows[r][j]).sum();
                assert_eq!(gram[i * 24 + j], 1.0 + dot);
            }
        }
    }
}
