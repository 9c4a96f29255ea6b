//! Quality of ranked lists. `hits` says of each place of a list, from the top, whether the item there was relevant;
//! `relevant` is how many relevant items there were.

use crate::ground::math;

/// Precision at k: relevant items among the first k places / k. A list shorter than k is not made better by that.
/// (Herlocker et al. 2004, §4.2.)
pub fn precision_at(hits: &[bool], k: usize) -> f64 {
    count(hits, k) / k as f64
}

/// Recall at k: relevant items among the first k places / relevant items. NaN without a relevant item.
pub fn recall_at(hits: &[bool], relevant: usize, k: usize) -> f64 {
    count(hits, k) / if relevant == 0 { f64::NAN } else { relevant as f64 }
}

/// Normalised discounted cumulative gain at k with binary relevance: Σ hit_j / log₂(j + 1) over the places j = 1…k,
/// divided by the same sum for the best possible list, which has min(k, relevant) hits at its top. NaN without a
/// relevant item. (Järvelin and Kekäläinen, "Cumulated Gain-Based Evaluation of IR Techniques", ACM TOIS 2002.)
pub fn ndcg_at(hits: &[bool], relevant: usize, k: usize) -> f64 {
    // Of any base: it cancels.
    let gain = |j: usize| 1.0 / math::ln(j as f64 + 2.0);
    let found: f64 = (0..hits.len().min(k)).filter(|&j| hits[j]).map(gain).sum();
    let best: f64 = (0..relevant.min(k)).map(gain).sum();
    if relevant == 0 { f64::NAN } else { found / best }
}

fn count(hits: &[bool], k: usize) -> f64 {
    hits.iter().take(k).filter(|&&h| h).count() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn by_hand() {
        let hits = [true, false, true, false, false];
        assert_eq!(precision_at(&hits, 5), 0.4);
        assert_eq!(precision_at(&hits, 10), 0.2);
        assert_eq!(recall_at(&hits, 4, 5), 0.5);
        // 1/log2(2) + 1/log2(4) = 1.5 of 1 + 0.6309297535714575 + 0.5 = 2.1309297535714573 for three relevant items.
        assert!((ndcg_at(&hits, 3, 5) - 1.5 / 2.130_929_753_571_457_3).abs() < 1e-12);
        assert!(ndcg_at(&hits, 0, 5).is_nan() && recall_at(&hits, 0, 5).is_nan());
    }

    proptest! {
        #[test]
        fn bounds_hold_and_a_perfect_list_scores_one(hits in proptest::collection::vec(any::<bool>(), 1..30), k in 1usize..20) {
            let relevant = hits.iter().filter(|&&h| h).count();
            prop_assume!(relevant > 0);
            for value in [precision_at(&hits, k), recall_at(&hits, relevant, k), ndcg_at(&hits, relevant, k)] {
                prop_assert!((0.0..=1.0).contains(&value));
            }
            let mut best = hits.clone();
            best.sort_by_key(|h| !h);
            prop_assert!((ndcg_at(&best, relevant, k) - 1.0).abs() < 1e-12);
            prop_assert!(ndcg_at(&best, relevant, k) >= ndcg_at(&hits, relevant, k) - 1e-12);
        }
    }
}
