//! Quality of ranked lists. `hits` says of each place of a list, from the top, whether the item there was relevant;
//! `relevant` is how many relevant items there were.

use crate::ground::math;
use crate::ground::sort::order;

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

/// Average precision at k: the mean of the precision at each relevant place, Σ_j hit_j · precision_at(j) over the places
/// j = 1…k, divided by min(k, relevant), which the best possible list reaches. NaN without a relevant item. Its mean over
/// people is MAP. (Manning, Raghavan and Schütze, "Introduction to Information Retrieval", 2008, §8.4.)
pub fn average_precision_at(hits: &[bool], relevant: usize, k: usize) -> f64 {
    let (mut found, mut sum) = (0.0, 0.0);
    for (j, _) in hits.iter().take(k).enumerate().filter(|(_, hit)| **hit) {
        found += 1.0;
        sum += found / (j + 1) as f64;
    }
    if relevant == 0 { f64::NAN } else { sum / relevant.min(k) as f64 }
}

/// Reciprocal rank: 1 / place of the first relevant item among the first k, 0 without one. Its mean over people is MRR.
/// (Voorhees, "The TREC-8 Question Answering Track Report", 1999.)
pub fn reciprocal_rank_at(hits: &[bool], k: usize) -> f64 {
    hits.iter().take(k).position(|&h| h).map_or(0.0, |j| 1.0 / (j + 1) as f64)
}

/// Whether a relevant item is among the first k, as 1 or 0. Its mean over people is the hit rate. (Deshpande and
/// Karypis, "Item-Based Top-N Recommendation Algorithms", ACM TOIS 2004.)
pub fn hit_at(hits: &[bool], k: usize) -> f64 {
    count(hits, k).min(1.0)
}

/// Precision and recall over rated items only. The person's held-out items are ordered by predicted rating (ties keep
/// their order); recommended are the first k with a prediction of at least `recommended_from`, relevant are ratings of
/// at least `relevant_from`. Precision is 0 where nothing is recommended, recall is 0 where nothing is relevant. (The
/// recipe in the documentation of Surprise, "How to compute precision@k and recall@k".) `pairs` are (predicted, rated).
pub fn rated_precision_recall_at(
    pairs: &[(f64, f64)],
    k: usize,
    recommended_from: f64,
    relevant_from: f64,
) -> (f64, f64) {
    let order = order(pairs.len(), &mut |a, b| pairs[b].0.total_cmp(&pairs[a].0));
    let first = order.iter().take(k).map(|&at| pairs[at as usize]);
    let (mut recommended, mut hits) = (0.0, 0.0);
    for (_, rated) in first.filter(|p| p.0 >= recommended_from) {
        recommended += 1.0;
        hits += f64::from(u8::from(rated >= relevant_from));
    }
    let relevant = pairs.iter().filter(|p| p.1 >= relevant_from).count() as f64;
    // Without any there are no hits, and 0 over 1 is the 0 that is asked for.
    (hits / f64::max(recommended, 1.0), hits / relevant.max(1.0))
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
        // (1/1 + 2/3) of three relevant items.
        assert!((average_precision_at(&hits, 3, 5) - 5.0 / 9.0).abs() < 1e-12);
        assert_eq!(average_precision_at(&hits, 3, 2), 0.5);
        assert_eq!((reciprocal_rank_at(&hits, 5), hit_at(&hits, 5)), (1.0, 1.0));
        let late = [false, false, true];
        assert_eq!((reciprocal_rank_at(&late, 3), hit_at(&late, 3)), (1.0 / 3.0, 1.0));
        assert_eq!((reciprocal_rank_at(&late, 2), hit_at(&late, 2)), (0.0, 0.0));
        for nothing in [ndcg_at, average_precision_at] {
            assert!(nothing(&hits, 0, 5).is_nan());
        }
        assert!(recall_at(&hits, 0, 5).is_nan());
    }

    #[test]
    fn rated_items_by_hand() {
        let pairs = [(4.5, 5.0), (3.6, 2.0), (3.4, 4.0), (4.0, 4.0), (1.0, 1.0)];
        let at = |k| rated_precision_recall_at(&pairs, k, 3.5, 4.0);
        // By prediction: 5, 4, 2 are recommended; 4 is relevant and is not.
        assert_eq!(at(10), (2.0 / 3.0, 2.0 / 3.0));
        assert_eq!(at(1), (1.0, 1.0 / 3.0));
        assert_eq!(rated_precision_recall_at(&pairs[4..], 10, 3.5, 4.0), (0.0, 0.0));
        assert_eq!(rated_precision_recall_at(&[], 10, 3.5, 4.0), (0.0, 0.0));
    }

    proptest! {
        #[test]
        fn bounds_hold_and_a_perfect_list_scores_one(hits in proptest::collection::vec(any::<bool>(), 1..30), k in 1usize..20) {
            let relevant = hits.iter().filter(|&&h| h).count();
            prop_assume!(relevant > 0);
            let average = average_precision_at(&hits, relevant, k);
            let (first, any) = (reciprocal_rank_at(&hits, k), hit_at(&hits, k));
            for value in [precision_at(&hits, k), recall_at(&hits, relevant, k), ndcg_at(&hits, relevant, k), average] {
                prop_assert!((0.0..=1.0).contains(&value));
                prop_assert!((value > 0.0) == (any > 0.0));
            }
            prop_assert!(first <= any && (first > 0.0) == (any > 0.0));
            let mut best = hits.clone();
            best.sort_by_key(|h| !h);
            prop_assert!((ndcg_at(&best, relevant, k) - 1.0).abs() < 1e-12);
            prop_assert!((average_precision_at(&best, relevant, k) - 1.0).abs() < 1e-12);
            prop_assert!(ndcg_at(&best, relevant, k) >= ndcg_at(&hits, relevant, k) - 1e-12);
        }
    }
}
