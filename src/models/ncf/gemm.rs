//! Products of small matrices in single precision, row by row in memory, widths padded to [`LANES`]: what a network of
//! a few thin layers over some hundred rows is made of. Sums run in the order of the inner index, always.

use crate::ground::math::LANES;
use crate::ground::simd::F32x8;

/// Rows whose sums stay in registers together: four times eight lanes fill half of what a machine has, the rest is
/// for what they are multiplied by.
const ROWS: usize = 4;

/// How the left matrix stands in memory: the value of row i, column l is at `i · row + l · step`. Steps of 1 read a
/// matrix, rows of 1 its transpose.
#[derive(Clone, Copy, Debug)]
pub struct Left<'a> {
    /// The values.
    pub of: &'a [f32],
    /// From one row to the next.
    pub row: usize,
    /// From one column to the next.
    pub step: usize,
}

impl<'a> Left<'a> {
    /// A matrix with rows of `width`.
    pub fn plain(of: &'a [f32], width: usize) -> Left<'a> {
        Left { of, row: width, step: 1 }
    }

    /// The transpose of a matrix with rows of `width`.
    pub fn turned(of: &'a [f32], width: usize) -> Left<'a> {
        Left { of, row: 1, step: width }
    }
}

/// A matrix to be multiplied from the right, or added to: its values and the length of its rows, of which the first
/// columns may be all that is meant.
pub type Right<'a> = (&'a [f32], usize);

/// C += A B, where A has `rows` rows and `inner` columns and B has `columns` columns, a multiple of [`LANES`].
pub fn multiply_add(
    (c, width): (&mut [f32], usize),
    a: Left<'_>,
    b: Right<'_>,
    (rows, inner, columns): (usize, usize, usize),
) {
    if inner == 0 {
        return;
    }
    let mut i = 0;
    while i < rows {
        let many = rows - i >= ROWS;
        let mut j = 0;
        while j < columns {
            let at = i * width + j;
            if many {
                four(&mut c[at..], width, &a, i, (&b.0[j..], b.1), inner);
            } else {
                one(&mut c[at..], &a, i, (&b.0[j..], b.1), inner);
            }
            j += LANES;
        }
        i += if many { ROWS } else { 1 };
    }
}

#[inline(always)]
fn lanes(x: &[f32]) -> F32x8 {
    F32x8::load(x[..LANES].try_into().expect("eight are taken"))
}

#[inline(always)]
fn add(to: &mut [f32], sum: F32x8) {
    let to: &mut [f32; LANES] = (&mut to[..LANES]).try_into().expect("eight are taken");
    (F32x8::load(to) + sum).store(to);
}

fn four(c: &mut [f32], width: usize, a: &Left<'_>, i: usize, (b, b_width): Right<'_>, inner: usize) {
    let zero = F32x8::splat(0.0);
    let (mut s0, mut s1, mut s2, mut s3) = (zero, zero, zero, zero);
    let (r0, r1, r2, r3) =
        (&a.of[i * a.row..], &a.of[(i + 1) * a.row..], &a.of[(i + 2) * a.row..], &a.of[(i + 3) * a.row..]);
    let (mut x, mut y) = (0, 0);
    for _ in 0..inner {
        let b = lanes(&b[y..]);
        s0 = s0 + F32x8::splat(r0[x]) * b;
        s1 = s1 + F32x8::splat(r1[x]) * b;
        s2 = s2 + F32x8::splat(r2[x]) * b;
        s3 = s3 + F32x8::splat(r3[x]) * b;
        x += a.step;
        y += b_width;
    }
    add(c, s0);
    add(&mut c[width..], s1);
    add(&mut c[2 * width..], s2);
    add(&mut c[3 * width..], s3);
}

fn one(c: &mut [f32], a: &Left<'_>, i: usize, (b, b_width): Right<'_>, inner: usize) {
    let mut sum = F32x8::splat(0.0);
    let row = &a.of[i * a.row..];
    for l in 0..inner {
        sum = sum + F32x8::splat(row[l * a.step]) * lanes(&b[l * b_width..]);
    }
    add(c, sum);
}

/// The transpose of a matrix of `rows` rows and `columns` columns.
pub fn transposed(of: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    let mut out = vec![0f32; rows * columns];
    for r in 0..rows {
        for c in 0..columns {
            out[c * rows + r] = of[r * columns + c];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::rng::Rng;

    #[test]
    fn products_are_those_of_the_definition() {
        let mut rng = Rng::new(1, 0);
        for (rows, inner, columns) in [(1, 3, 8), (4, 8, 16), (7, 5, 24), (9, 0, 8), (0, 2, 8)] {
            let mut some = |n: usize| (0..n).map(|_| rng.below(9) as f32 - 4.0).collect::<Vec<f32>>();
            let (a, b, c) = (some(rows * inner), some(inner * columns), some(rows * columns));
            let turned = transposed(&a, rows, inner);
            for left in [Left::plain(&a, inner), Left::turned(&turned, rows)] {
                let mut got = c.clone();
                if rows > 0 {
                    multiply_add((&mut got, columns), left, (&b, columns), (rows, inner, columns));
                }
                for i in 0..rows {
                    for j in 0..columns {
                        let sum: f32 = (0..inner).map(|l| a[i * inner + l] * b[l * columns + j]).sum();
                        assert_eq!(got[i * columns + j], c[i * columns + j] + sum);
                    }
                }
            }
        }
    }
}
