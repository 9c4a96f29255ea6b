//! The best k of many scored things.

/// The `k` highest scores, best first, ties by the lower index; NaN never gets in.
pub fn top_k(scored: impl Iterator<Item = (u32, f32)>, k: usize) -> Vec<(u32, f32)> {
    let mut best: Vec<(u32, f32)> = Vec::with_capacity(k.min(1024) + 1);
    if k == 0 {
        return best;
    }
    // Few candidates get past the worst of the best, so keeping the list sorted beats sorting what is scored.
    for (item, score) in scored.filter(|s| !s.1.is_nan()) {
        let better = |o: &(u32, f32)| o.1 > score || (o.1 == score && o.0 < item);
        if best.len() == k && best.last().is_some_and(better) {
            continue;
        }
        best.insert(best.partition_point(better), (item, score));
        best.truncate(k);
    }
    best
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
