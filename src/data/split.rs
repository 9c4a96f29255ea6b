//! Splits of interactions into what is learned from and what is held out: seeded, disjoint, complete.

use super::Interactions;
use crate::ground::json::number as shown;
use crate::ground::rng::Rng;
use crate::ground::sort::sort_by;
use crate::ground::{Error, Result};

/// How to split.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Split {
    /// Hold nothing out.
    None,
    /// A seeded share of all rows.
    Random {
        /// Share held out, 0 to 1, exclusive.
        fraction: f64,
    },
    /// The latest share of all rows; needs times.
    Time {
        /// Share held out, 0 to 1, exclusive.
        fraction: f64,
    },
    /// The last rows of each person who has more than that; needs times, or takes the last in order.
    LeaveLast {
        /// Rows held out per person, ≥ 1.
        n: usize,
    },
}

/// Row numbers of both parts, ascending.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// Learned from.
    pub train: Vec<u32>,
    /// Held out.
    pub test: Vec<u32>,
}

impl Parts {
    fn from_mask(held: &[bool]) -> Parts {
        let pick = |want: bool| (0..held.len() as u32).filter(|&r| held[r as usize] == want).collect();
        Parts { train: pick(false), test: pick(true) }
    }
}

impl Split {
    /// In words, for a report.
    pub fn words(self) -> String {
        let percent = |fraction: f64| shown((fraction * 1000.0).round() / 10.0);
        match self {
            Split::None => "nothing held out".to_owned(),
            Split::Random { fraction } => format!("random {} % held out", percent(fraction)),
            Split::Time { fraction } => format!("latest {} % held out", percent(fraction)),
            Split::LeaveLast { n } => format!("last {n} of each person held out"),
        }
    }

    /// Checks the numbers.
    pub fn check(self, place: &str) -> Result<Split> {
        match self {
            Split::Random { fraction } | Split::Time { fraction } if !(fraction > 0.0 && fraction < 1.0) => {
                Err(Error::argument(format!("{place}.fraction"), "above 0 and below 1", shown(fraction)))
            }
            Split::LeaveLast { n: 0 } => Err(Error::argument(format!("{place}.n"), "1 or more", 0)),
            _ => Ok(self),
        }
    }

    /// Splits. The same seed gives the same parts.
    pub fn apply(self, x: &Interactions, seed: u64) -> Result<Parts> {
        let n = x.len();
        let mut held = vec![false; n];
        let by_time = |rows: &mut Vec<u32>| {
            sort_by(rows, |&a, &b| x.at[a as usize].total_cmp(&x.at[b as usize]).then(a.cmp(&b)));
        };
        match self.check("split")? {
            Split::None => {}
            Split::Random { fraction } => {
                for r in shuffled(n, seed).into_iter().take(share(n, fraction)) {
                    held[r as usize] = true;
                }
            }
            Split::Time { fraction } => {
                if !x.has_times() {
                    return Err(Error::argument(
                        "split",
                        "ratings with times for a split by time",
                        "ratings without",
                    )
                    .hint("Use { split: \"random\" } or { split: \"leave-last\" }."));
                }
                let mut rows: Vec<u32> = (0..n as u32).collect();
                by_time(&mut rows);
                for &r in &rows[n - share(n, fraction)..] {
                    held[r as usize] = true;
                }
            }
            Split::LeaveLast { n: last } => {
                let mut rows_of = vec![Vec::new(); x.users.len()];
                for r in 0..n as u32 {
                    rows_of[x.user[r as usize] as usize].push(r);
                }
                for rows in rows_of.iter_mut().filter(|rows| rows.len() > last) {
                    by_time(rows);
                    for &r in &rows[rows.len() - last..] {
                        held[r as usize] = true;
                    }
                }
            }
        }
        Ok(Parts::from_mask(&held))
    }
}

/// Seeded k-fold: every row is held out exactly once.
pub fn k_fold(n: usize, folds: usize, seed: u64) -> Result<Vec<Parts>> {
    if folds < 2 || folds > n.max(2) {
        return Err(Error::argument("folds", format!("2 to {}", n.max(2)), folds));
    }
    let order = shuffled(n, seed);
    Ok((0..folds)
        .map(|f| {
            let mut held = vec![false; n];
            for &r in order.iter().skip(f).step_by(folds) {
                held[r as usize] = true;
            }
            Parts::from_mask(&held)
        })
        .collect())
}

/// A seeded share of `n` rows, at least one, ascending. Of one seed the smaller share is part of the larger one.
pub fn part(n: usize, fraction: f64, seed: u64) -> Vec<u32> {
    let mut order: Vec<u32> = (0..n as u32).collect();
    // Another stream than that of the splits: their order has been drawn from already.
    Rng::new(seed, 7).shuffle(&mut order);
    order.truncate(share(n, fraction).max(1));
    sort_by(&mut order, u32::cmp);
    order
}

fn share(n: usize, fraction: f64) -> usize {
    ((n as f64 * fraction).round() as usize).min(n)
}

fn shuffled(n: usize, seed: u64) -> Vec<u32> {
    let mut order: Vec<u32> = (0..n as u32).collect();
    Rng::new(seed, 3).shuffle(&mut order);
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn data(n: usize) -> Interactions {
        let mut x = Interactions::default();
        for i in 0..n {
            x.push(&format!("u{}", i % 3), &format!("i{i}"), 3.0, 1.0 + ((i * 7) % n) as f64);
        }
        x
    }

    #[test]
    fn a_split_by_time_holds_out_the_latest() {
        let x = data(10);
        let parts = Split::Time { fraction: 0.3 }.apply(&x, 0).unwrap();
        let latest = |rows: &[u32]| rows.iter().map(|&r| x.at[r as usize]).fold(0.0, f64::max);
        let first = parts.test.iter().map(|&r| x.at[r as usize]).fold(f64::MAX, f64::min);
        assert_eq!(parts.test.len(), 3);
        assert!(latest(&parts.train) < first);
    }

    #[test]
    fn leaving_the_last_out_spares_people_with_too_little() {
        let mut x = data(9);
        x.push("lonely", "i0", 3.0, 1.0);
        let parts = Split::LeaveLast { n: 1 }.apply(&x, 0).unwrap();
        assert_eq!(parts.test.len(), 3);
        assert!(parts.train.contains(&9));
    }

    #[test]
    fn bad_fractions_are_refused_at_the_limits() {
        for f in [0.0, 1.0, -0.1, f64::NAN] {
            assert!(Split::Random { fraction: f }.apply(&data(4), 0).is_err(), "{f}");
        }
        assert!(Split::LeaveLast { n: 0 }.apply(&data(4), 0).is_err());
        assert!(k_fold(10, 1, 0).is_err());
    }

    proptest! {
        #[test]
        fn smaller_shares_are_part_of_larger_ones(n in 1usize..300, seed in 0u64..1000) {
            let parts = [0.05, 0.3, 0.7, 1.0].map(|fraction| part(n, fraction, seed));
            for pair in parts.windows(2) {
                prop_assert!(pair[0].iter().all(|row| pair[1].binary_search(row).is_ok()));
            }
            prop_assert_eq!(&parts[3], &(0..n as u32).collect::<Vec<_>>());
            prop_assert!(parts.iter().all(|p| !p.is_empty() && p.is_sorted()));
            prop_assert_eq!(parts[1].len(), share(n, 0.3).max(1));
        }

        #[test]
        fn parts_are_disjoint_complete_and_seeded(n in 4usize..200, seed in 0u64..1000, fraction in 0.05f64..0.95) {
            let x = data(n);
            for split in [Split::Random { fraction }, Split::Time { fraction }, Split::LeaveLast { n: 2 }, Split::None] {
                let parts = split.apply(&x, seed).unwrap();
                let mut all = [parts.train.clone(), parts.test.clone()].concat();
                all.sort_unstable();
                prop_assert_eq!(all, (0..n as u32).collect::<Vec<_>>());
                prop_assert_eq!(split.apply(&x, seed).unwrap(), parts);
            }
            let folds = k_fold(n, 4, seed).unwrap();
            let mut tests: Vec<u32> = folds.iter().flat_map(|p| p.test.clone()).collect();
            tests.sort_unstable();
            prop_assert_eq!(tests, (0..n as u32).collect::<Vec<_>>());
        }
    }
}
