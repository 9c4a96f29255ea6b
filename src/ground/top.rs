//! The best k of many scored things.

/// The `k` highest scores, best first, ties by the lower index; NaN never gets in.
pub fn top_k(scored: impl Iterator<Item = (u32, f32)>, k: usize) -> Vec<(u32, f32)> {
    let better = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    let mut all: Vec<(u32, f32)> = scored.filter(|s| !s.1.is_nan()).collect();
    if k == 0 {
        return Vec::new();
    }
    if all.len() > k {
        all.select_nth_unstable_by(k - 1, better);
        all.truncate(k);
    }
    all.sort_unstable_by(better);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_come_first_and_ties_keep_their_order() {
        let scores = [1.0, 3.0, f32::NAN, 3.0, 2.0];
        let top = |k| top_k(scores.iter().enumerate().map(|(i, &s)| (i as u32, s)), k);
        assert_eq!(top(3), [(1, 3.0), (3, 3.0), (4, 2.0)]);
        assert_eq!(top(9).len(), 4);
        assert!(top(0).is_empty());
    }
}
