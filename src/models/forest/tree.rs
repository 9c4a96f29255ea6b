//! Trees as flat arrays.

use super::bins::Bins;

/// A node: 16 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Node {
    /// A row goes left where its value is not above this. Of a leaf: what it predicts.
    pub split: f32,
    /// The left child within the tree, the right one follows it; 0 for a leaf.
    pub left: u32,
    /// Draws of training rows that came here, at least 1.
    pub draws: u32,
    /// The column looked at.
    pub column: u16,
    /// Place of `split` among the cuts of the column.
    pub code: u8,
}

impl Node {
    /// True without children.
    pub fn is_leaf(&self) -> bool {
        self.left == 0
    }
}

/// Trees. Within one children follow their parents, and inner nodes that stand to the left have their children first:
/// a tree has one layout only.
pub type Trees = Vec<Box<[Node]>>;

/// What a tree predicts for a row.
pub fn walk(tree: &[Node], row: &[f32]) -> f32 {
    let mut node = tree[0];
    while !node.is_leaf() {
        node = tree[node.left as usize + usize::from(row[node.column as usize] > node.split)];
    }
    node.split
}

/// The child a row goes to; a leaf keeps it.
#[inline(always)]
fn next(tree: &[Node], at: usize, row: &[f32]) -> usize {
    let node = &tree[at];
    if node.is_leaf() {
        return at;
    }
    node.left as usize + usize::from(row[node.column as usize] > node.split)
}

/// Adds what a tree predicts for each of some rows, laid end to end. Four rows walk together: while one waits for its
/// node, the others go on.
pub fn walk_all(tree: &[Node], rows: &[f32], width: usize, sums: &mut [f64]) {
    let (wide, rest) = sums.as_chunks_mut::<4>();
    let (blocks, last) = rows.split_at(4 * wide.len() * width);
    for (rows, sums) in blocks.chunks_exact(4 * width).zip(wide) {
        let (front, back) = rows.split_at(2 * width);
        let ((p, q), (r, s)) = (front.split_at(width), back.split_at(width));
        let (mut a, mut b, mut c, mut d) = (0, 0, 0, 0);
        loop {
            let (e, f, g, h) = (next(tree, a, p), next(tree, b, q), next(tree, c, r), next(tree, d, s));
            if (a, b, c, d) == (e, f, g, h) {
                break;
            }
            (a, b, c, d) = (e, f, g, h);
        }
        for (sum, at) in sums.iter_mut().zip([a, b, c, d]) {
            *sum += f64::from(tree[at].split);
        }
    }
    for (row, sum) in last.chunks_exact(width).zip(rest) {
        *sum += f64::from(walk(tree, row));
    }
}

/// What a tree predicts for a binned row.
pub fn walk_codes(tree: &[Node], bins: &Bins, row: usize) -> f32 {
    let mut node = tree[0];
    while !node.is_leaf() {
        let code = bins.codes[node.column as usize * bins.rows + row];
        node = tree[node.left as usize + usize::from(code > node.code)];
    }
    node.split
}
