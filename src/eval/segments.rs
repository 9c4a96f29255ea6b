//! Figures of parts of the people and of the catalog: a mean hides whom a model fails.
//!
//! People by their training ratings: *new* has fewer than [`FEW`], which is where fold-in is still learning who they
//! are; of the others, *light* has fewer than their median and *heavy* has at least that. Items: *popular* are the fewest
//! that hold half of the training ratings, the *tail* is all others ([`super::beyond::popular`]).

use super::people::{Figure, People};
use crate::ground::json::written_as;
use crate::ground::sort::sort_by;

/// Fewer training ratings make somebody new.
pub const FEW: u32 = 10;

/// One segment; what nobody in it has is `None`.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// "new", "light", "heavy" (people); "popular", "tail" (items).
    pub name: &'static str,
    /// People behind the ranking figures.
    pub users: usize,
    /// Held-out ratings.
    pub ratings: usize,
    /// Root mean squared error.
    pub rmse: Option<f64>,
    /// Recall at k.
    pub recall: Option<f64>,
    /// nDCG at k.
    pub ndcg: Option<f64>,
}

written_as!(Segment { name => "name", users => "users", ratings => "ratings", rmse => "rmse", recall => "recall", ndcg => "ndcg" });

fn segment(name: &'static str, people: &People, [rmse, recall, ndcg]: [Figure; 3]) -> Segment {
    Segment {
        name,
        users: people.weight(ndcg) as usize,
        ratings: people.weight(rmse) as usize,
        rmse: people.figure(rmse),
        recall: people.figure(recall),
        ndcg: people.figure(ndcg),
    }
}

/// All five, the empty ones too.
pub fn segments(people: &People) -> Vec<Segment> {
    let mut known: Vec<u32> = people.history().iter().copied().filter(|&n| n >= FEW).collect();
    sort_by(&mut known, u32::cmp);
    let median = known.get(known.len() / 2).copied().unwrap_or(FEW);
    let of_all = [Figure::Rmse, Figure::Recall, Figure::Ndcg];
    vec![
        segment("new", &people.filtered(&|n| n < FEW), of_all),
        segment("light", &people.filtered(&|n| n >= FEW && n < median), of_all),
        segment("heavy", &people.filtered(&|n| n >= FEW && n >= median), of_all),
        segment("popular", people, [Figure::RmsePopular, Figure::RecallPopular, Figure::NdcgPopular]),
        segment("tail", people, [Figure::RmseTail, Figure::RecallTail, Figure::NdcgTail]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_in_one_segment() {
        let mut people = People::default();
        for (who, history) in [3usize, 9, 10, 20, 30, 40].into_iter().enumerate() {
            people.begin(who as u32, history);
            people.add(Figure::Rmse, history as f64, 1.0);
            people.add(Figure::RmseTail, history as f64, 1.0);
            people.add(Figure::Ndcg, f64::from(history > 9), 1.0);
        }
        let s = segments(&people);
        let names: Vec<_> = s.iter().map(|s| (s.name, s.users, s.ratings)).collect();
        // The median of 10, 20, 30, 40 is 30: half of them have fewer.
        assert_eq!(
            names,
            [("new", 2, 2), ("light", 2, 2), ("heavy", 2, 2), ("popular", 0, 0), ("tail", 0, 6)]
        );
        assert_eq!((s[0].ndcg, s[1].ndcg, s[3].rmse), (Some(0.0), Some(1.0), None));
        assert_eq!(s[0].rmse, Some(6f64.sqrt()));
        assert_eq!(segments(&People::default()).len(), 5);
    }
}
