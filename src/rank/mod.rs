//! Floor 4, lists: what may be shown, in which order, and what to do where nothing is known.

use crate::ground::json::Value;
use crate::ground::top::top_k;

/// Where a score comes from, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// The person's own ratings.
    Personal,
    /// What is known of the item among all people.
    Popular,
    /// Nothing but that it is in the catalog.
    Catalog,
}

impl From<Tier> for Value {
    fn from(tier: Tier) -> Value {
        match tier {
            Tier::Personal => "personal",
            Tier::Popular => "popular",
            Tier::Catalog => "catalog",
        }
        .into()
    }
}

/// One candidate: an item of the catalog, with the model's row and values where it has them.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// Index in the catalog.
    pub item: u32,
    /// What it is ranked by within its tier.
    pub value: f32,
    /// Where the value comes from.
    pub tier: Tier,
}

/// The best `k`: tier by tier, so that something the model knows comes before what it does not, and a list is never
/// empty while a candidate is left. Ties by catalog order.
pub fn list(candidates: impl Iterator<Item = Candidate>, k: usize) -> Vec<Candidate> {
    let mut tiers: [Vec<Candidate>; 3] = Default::default();
    for c in candidates {
        tiers[c.tier as usize].push(c);
    }
    let mut out = Vec::with_capacity(k.min(1000));
    for tier in &tiers {
        let left = k - out.len();
        let best = top_k(tier.iter().enumerate().map(|(at, c)| (at as u32, c.value)), left);
        out.extend(best.into_iter().map(|(at, _)| tier[at as usize]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_things_come_first_and_the_rest_fills_up() {
        let of = |item, value, tier| Candidate { item, value, tier };
        let all = [
            of(0, 9.0, Tier::Catalog),
            of(1, 1.0, Tier::Personal),
            of(2, 2.0, Tier::Personal),
            of(3, 9.0, Tier::Catalog),
            of(4, 9.9, Tier::Popular),
        ];
        let items = |k| list(all.into_iter(), k).iter().map(|c| c.item).collect::<Vec<_>>();
        assert_eq!(items(10), [2, 1, 4, 0, 3]);
        assert_eq!(items(2), [2, 1]);
        assert!(items(0).is_empty());
    }
}
