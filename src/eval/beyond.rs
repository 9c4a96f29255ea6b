//! What accuracy does not say of lists: how surprising, how alike, how evenly spread over the catalog.

use crate::data::Interactions;
use crate::ground::math;
use crate::ground::sort::order;

/// Self-information of an item in bits, −log₂ of the share of people who know it: 0 for what everybody has rated, 1
/// for what every second person has. What nobody has rated counts as if one person had. The novelty of a list is the
/// mean over its items (Vargas and Castells, "Rank and Relevance in Novelty and Diversity Metrics for Recommender
/// Systems", RecSys 2011, popularity-based discovery; Zhou et al., PNAS 2010).
pub fn self_information(count: u32, people: usize) -> f64 {
    math::ln(people as f64 / f64::from(count.max(1))) / math::ln(2.0)
}

/// Intra-list diversity: 1 − the mean similarity of all pairs of the list (Smyth and McClave, "Similarity vs.
/// Diversity", ICCBR 2001; Ziegler et al., WWW 2005). NaN for fewer than two items.
pub fn diversity(list: &[u32], similarity: &dyn Fn(u32, u32) -> f64) -> f64 {
    let (mut sum, mut pairs) = (0.0, 0.0);
    for (at, &a) in list.iter().enumerate() {
        for &b in &list[at + 1..] {
            sum += similarity(a, b);
            pairs += 1.0;
        }
    }
    1.0 - sum / pairs
}

/// |A ∩ B| / |A ∪ B| of two ascending sets; 0 for two empty ones, of which nothing is known. (Jaccard 1912.)
pub fn jaccard(a: &[u32], b: &[u32]) -> f64 {
    let (mut i, mut j, mut both) = (0, 0, 0usize);
    while i < a.len() && j < b.len() {
        let (x, y) = (a[i], b[j]);
        both += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    let any = a.len() + b.len() - both;
    if any == 0 { 0.0 } else { both as f64 / any as f64 }
}

/// Catalog coverage: share of the items that stand in at least one list. `shown` is how often each item did.
/// (Herlocker et al. 2004, §4.3.)
pub fn coverage(shown: &[u32]) -> f64 {
    shown.iter().filter(|&&n| n > 0).count() as f64 / shown.len().max(1) as f64
}

/// Gini index of how often items are shown: 0 where all are shown equally often, 1 where one item takes every place.
/// 1/(n − 1) Σ_j (2j − n − 1) p_j with the shares p ascending, j = 1…n (Castells, Hurley and Vargas, "Novelty and
/// Diversity in Recommender Systems", Recommender Systems Handbook 2015). NaN where nothing is shown.
pub fn gini(shown: &[u32]) -> f64 {
    let n = shown.len() as f64;
    if shown.len() < 2 {
        return if shown.iter().any(|&x| x > 0) { 0.0 } else { f64::NAN };
    }
    let ascending = order(shown.len(), &mut |a, b| shown[a].cmp(&shown[b]));
    let (mut weighted, mut total) = (0.0, 0.0);
    for (j, &item) in ascending.iter().enumerate() {
        let x = f64::from(shown[item as usize]);
        weighted += (2.0 * (j as f64 + 1.0) - n - 1.0) * x;
        total += x;
    }
    weighted / ((n - 1.0) * total)
}

/// The popular items: the fewest that together hold half of the training ratings, ties by index. All others are the
/// long tail. By halves, because then both sides have about as many held-out ratings to be measured by.
pub fn popular(counts: &[u32]) -> Vec<bool> {
    let total: u64 = counts.iter().map(|&n| u64::from(n)).sum();
    let (mut popular, mut held) = (vec![false; counts.len()], 0u64);
    for item in order(counts.len(), &mut |a, b| counts[b].cmp(&counts[a])) {
        if 2 * held >= total {
            break;
        }
        popular[item as usize] = true;
        held += u64::from(counts[item as usize]);
    }
    popular
}

/// Share of the places in lists that items of the long tail take. NaN where nothing is shown.
pub fn tail_share(shown: &[u32], popular: &[bool]) -> f64 {
    let sum = |all: bool| -> f64 {
        let counted = shown.iter().zip(popular).filter(|(_, popular)| all || !**popular);
        counted.map(|(&n, _)| f64::from(n)).sum()
    };
    sum(false) / sum(true)
}

/// A set per item that says what it is like: its genres, or the people who rated it. Two items are as similar as their
/// sets are ([`jaccard`]).
#[derive(Clone, Debug, Default)]
pub struct Sets {
    starts: Vec<u32>,
    members: Vec<u32>,
}

impl Sets {
    /// Most people whose ratings say what an item is like.
    const SAMPLE: usize = 1024;

    /// From a set per item, each ascending.
    pub fn new<'a>(sets: impl Iterator<Item = &'a [u32]>) -> Sets {
        let mut all = Sets { starts: vec![0], members: Vec::new() };
        for set in sets {
            all.members.extend_from_slice(set);
            all.starts.push(all.members.len() as u32);
        }
        all
    }

    /// Who rated what, where nothing else is known of the items: every n-th person of a large crowd, so that the work
    /// does not grow with it.
    pub fn raters(x: &Interactions) -> Sets {
        let stride = x.users.len().div_ceil(Sets::SAMPLE).max(1);
        let sampled: Vec<usize> =
            (0..x.len()).filter(|&r| (x.user[r] as usize).is_multiple_of(stride)).collect();
        // By person first and then by item, each by counting: every set is ascending, in linear time.
        let by_person = grouped(&sampled, x.users.len(), &|r| x.user[r]).1;
        let (starts, rows) = grouped(&by_person, x.items.len(), &|r| x.item[r]);
        Sets { starts, members: rows.into_iter().map(|r| x.user[r]).collect() }
    }

    /// The set of an item.
    pub fn of(&self, item: u32) -> &[u32] {
        &self.members[self.starts[item as usize] as usize..self.starts[item as usize + 1] as usize]
    }

    /// How alike two items are, 0 to 1.
    pub fn similarity(&self, a: u32, b: u32) -> f64 {
        jaccard(self.of(a), self.of(b))
    }
}

/// Rows in order of their group, and where each group starts; rows of one group keep their order.
fn grouped(rows: &[usize], groups: usize, of: &dyn Fn(usize) -> u32) -> (Vec<u32>, Vec<usize>) {
    let mut starts = vec![0u32; groups + 1];
    for &r in rows {
        starts[of(r) as usize + 1] += 1;
    }
    for group in 0..groups {
        starts[group + 1] += starts[group];
    }
    let (mut next, mut sorted) = (starts.clone(), vec![0; rows.len()]);
    for &r in rows {
        let slot = &mut next[of(r) as usize];
        sorted[*slot as usize] = r;
        *slot += 1;
    }
    (starts, sorted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn novelty_by_hand() {
        assert_eq!(self_information(8, 8), 0.0);
        assert!((self_information(2, 8) - 2.0).abs() < 1e-12);
        assert_eq!(self_information(0, 8), self_information(1, 8));
    }

    #[test]
    fn diversity_by_hand() {
        let sets: [&[u32]; 4] = [&[1, 2], &[1, 2], &[2, 3], &[]];
        let sets = Sets::new(sets.into_iter());
        let similarity = |a, b| sets.similarity(a, b);
        assert_eq!((similarity(0, 1), similarity(3, 3)), (1.0, 0.0));
        assert!((similarity(0, 2) - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(diversity(&[0, 1], &similarity), 0.0);
        // Pairs: 1, 1/3, 1/3.
        assert!((diversity(&[0, 1, 2], &similarity) - (1.0 - 5.0 / 9.0)).abs() < 1e-12);
        assert!(diversity(&[0], &similarity).is_nan());
    }

    #[test]
    fn raters_are_sets_of_people() {
        let mut x = Interactions::default();
        for (u, i) in [("w", "a"), ("u", "b"), ("u", "a"), ("v", "b"), ("w", "b")] {
            x.push(u, i, 3.0, 0.0);
        }
        let sets = Sets::raters(&x);
        assert_eq!((sets.of(0), sets.of(1)), (&[0u32, 1][..], &[0u32, 1, 2][..]));
        let mut many = Interactions::default();
        (0..5000).for_each(|u| many.push(&format!("u{u}"), "a", 3.0, 0.0));
        assert_eq!(Sets::raters(&many).of(0).len(), 1000, "every fifth");
    }

    #[test]
    fn spread_over_the_catalog_by_hand() {
        let shown = [0, 4, 0, 4];
        assert_eq!(coverage(&shown), 0.5);
        // Ascending shares 0, 0, ½, ½: (−3·0 − 1·0 + 1·½ + 3·½) / 3.
        assert!((gini(&shown) - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!((gini(&[2, 2, 2]), gini(&[0, 7, 0])), (0.0, 1.0));
        assert!(gini(&[0, 0]).is_nan() && gini(&[]).is_nan());
        // 5 of 10 ratings are the first item's.
        assert_eq!(popular(&[5, 2, 2, 1]), [true, false, false, false]);
        assert_eq!(popular(&[2, 4, 2, 1]), [true, true, false, false]);
        assert_eq!(popular(&[0, 0]), [false, false]);
        assert_eq!(tail_share(&shown, &[false, true, false, false]), 0.5);
    }
}
