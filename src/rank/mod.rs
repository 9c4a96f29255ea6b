//! Floor 4, lists: what may be shown, in which order, and what to do where nothing is known.

use crate::ground::json::Value;
use crate::ground::top::top_k;

/// Where a score comes from, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// The person's own ratings.
    Personal,
    /// What the item's description lets expect, because no rating has reached it.
    Content,
    /// What is known of the item among all people.
    Popular,
    /// Nothing but that it is in the catalog.
    Catalog,
}

impl Tier {
    /// The name callers see.
    pub fn as_str(self) -> &'static str {
        match self {
            Tier::Personal => "personal",
            Tier::Content => "content",
            Tier::Popular => "popular",
            Tier::Catalog => "catalog",
        }
    }
}

impl From<Tier> for Value {
    fn from(tier: Tier) -> Value {
        tier.as_str().into()
    }
}

/// Candidates whose values can be compared stand on one shelf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// In the model's own measure.
    Model,
    /// By mean ratings, where the model's measure is another.
    Means,
    /// By what the site says of them.
    Catalog,
}

/// One candidate: an item of the catalog, with its value.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// Index in the catalog.
    pub item: u32,
    /// What it is ranked by on its shelf.
    pub value: f32,
    /// Where the value comes from.
    pub tier: Tier,
    /// What it can be compared with.
    pub shelf: Shelf,
}

/// The best `k`: shelf by shelf, so that something the model can judge comes before what it cannot, and a list is never
/// empty while a candidate is left. Ties by catalog order.
pub fn list(candidates: impl Iterator<Item = Candidate>, k: usize) -> Vec<Candidate> {
    let mut shelves: [Vec<Candidate>; 3] = Default::default();
    for c in candidates {
        shelves[c.shelf as usize].push(c);
    }
    let mut out = Vec::with_capacity(k.min(1000));
    for shelf in &shelves {
        let left = k - out.len();
        let best = top_k(shelf.iter().enumerate().map(|(at, c)| (at as u32, c.value)), left);
        out.extend(best.into_iter().map(|(at, _)| shelf[at as usize]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_things_come_first_and_the_rest_fills_up() {
        let of = |item, value, tier, shelf| Candidate { item, value, tier, shelf };
        let all = [
            of(0, 9.0, Tier::Catalog, Shelf::Catalog),
            of(1, 1.0, Tier::Personal, Shelf::Model),
            of(2, 2.0, Tier::Personal, Shelf::Model),
            of(3, 9.0, Tier::Catalog, Shelf::Catalog),
            of(4, 9.9, Tier::Popular, Shelf::Means),
            of(5, 1.5, Tier::Content, Shelf::Model),
        ];
        let items = |k| list(all.into_iter(), k).iter().map(|c| c.item).collect::<Vec<_>>();
        assert_eq!(items(10), [2, 5, 1, 4, 0, 3]);
        assert_eq!(items(2), [2, 5]);
        assert!(items(0).is_empty());
    }
}
