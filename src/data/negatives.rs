//! Items somebody did not choose: a sample of the catalog in which each item says how many it stands for, so that sums
//! over all items can be estimated from some (Horvitz and Thompson, "A Generalization of Sampling Without Replacement
//! from a Finite Universe", JASA 1952).

use crate::ground::math;
use crate::ground::rng::Rng;

/// Items drawn with probabilities that follow √(count + 1): between "all alike", which spends most draws on what nobody
/// would look at, and "by popularity", which forgets the rest.
#[derive(Clone, Debug)]
pub struct Negatives {
    /// Running sums of the weights.
    cumulative: Vec<f64>,
}

impl Negatives {
    /// From how often each item was chosen.
    pub fn new(counts: &[u32]) -> Negatives {
        let mut total = 0.0;
        let weight = |&n: &u32| {
            total += math::sqrt(f64::from(n) + 1.0);
            total
        };
        Negatives { cumulative: counts.iter().map(weight).collect() }
    }

    fn total(&self) -> f64 {
        self.cumulative.last().copied().unwrap_or(0.0)
    }

    /// One item; there must be some.
    pub fn draw(&self, rng: &mut Rng) -> u32 {
        let at = rng.unit() * self.total();
        self.cumulative.partition_point(|&c| c <= at).min(self.cumulative.len() - 1) as u32
    }

    /// The probability that an item is among so many draws: 1 − (1 − p)ⁿ.
    pub fn reach(&self, item: u32, draws: usize) -> f64 {
        let i = item as usize;
        let before = if i == 0 { 0.0 } else { self.cumulative[i - 1] };
        let p = (self.cumulative[i] - before) / self.total();
        -libm::expm1(draws as f64 * libm::log1p(-p))
    }
}

/// About `most` items without any chance, for sums that must not depend on it: item and the natural logarithm of how
/// many it stands for. Systematic sampling with probabilities min(1, c (count + 1)): what is chosen often is always in
/// it. All items where there are no more.
pub fn spread(counts: &[u32], most: usize) -> Vec<(u32, f32)> {
    if counts.len() <= most {
        return (0..counts.len() as u32).map(|i| (i, 0.0)).collect();
    }
    let weight = |n: u32| f64::from(n) + 1.0;
    // c, so that the probabilities sum to `most`: a few rounds suffice, and no sum depends on its last digits.
    let mut c = 0.0;
    let mut expected = 0.0;
    for _ in 0..30 {
        c = if expected > 0.0 {
            c * most as f64 / expected
        } else {
            most as f64 / counts.iter().map(|&n| weight(n)).sum::<f64>()
        };
        expected = counts.iter().map(|&n| (c * weight(n)).min(1.0)).sum();
    }
    let mut out = Vec::with_capacity(most + 1);
    let mut due = 0.5;
    for (i, &n) in counts.iter().enumerate() {
        let p = (c * weight(n)).min(1.0);
        due += p;
        if due >= 1.0 {
            due -= 1.0;
            out.push((i as u32, -math::ln(p) as f32));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts() -> Vec<u32> {
        (0..1000u32).map(|i| 40_000 / (i + 1)).collect()
    }

    #[test]
    fn draws_reach_items_as_often_as_is_said() {
        let negatives = Negatives::new(&[0, 3, 8, 0]);
        let mut rng = Rng::new(1, 0);
        let (rounds, draws) = (20_000, 3);
        let mut met = [0u32; 4];
        for _ in 0..rounds {
            let mut seen = [false; 4];
            (0..draws).for_each(|_| seen[negatives.draw(&mut rng) as usize] = true);
            met.iter_mut().zip(seen).for_each(|(n, s)| *n += u32::from(s));
        }
        for (i, n) in met.into_iter().enumerate() {
            let p = negatives.reach(i as u32, draws);
            let share = f64::from(n) / f64::from(rounds);
            assert!((share - p).abs() < 0.02, "item {i}: {share} {p}");
        }
        assert!((negatives.reach(2, 1) - 3.0 / 7.0).abs() < 1e-12);
    }

    #[test]
    fn few_items_stand_for_all() {
        let counts = counts();
        let some = spread(&counts, 200);
        assert!((190..=210).contains(&some.len()), "{}", some.len());
        assert!(some.windows(2).all(|w| w[0].0 < w[1].0), "each once");
        assert!(
            some[..50].iter().enumerate().all(|(i, s)| *s == (i as u32, 0.0)),
            "what is popular stands for itself"
        );
        let all: f64 = some.iter().map(|s| libm::exp(f64::from(s.1))).sum();
        assert!((all - 1000.0).abs() < 100.0, "{all}");
        assert_eq!(spread(&counts[..7], 7).len(), 7);
        assert!(spread(&[], 5).is_empty());
    }
}
