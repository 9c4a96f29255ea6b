//! How sure a figure is: the bootstrap over people. The people measured are drawn anew, with replacement, a thousand
//! times; the middle 95 % of what comes out is the interval (Efron and Tibshirani, "An Introduction to the Bootstrap",
//! 1993, §13.3: percentile intervals). People are drawn whole, with all their ratings, because ratings of one person go
//! wrong together: for RMSE they are clusters (§8.6 there; Davison and Hinkley 1997, §3.8).
//!
//! Two models measured on the same people are drawn with the same seed, so the n-th drawing is the same for both and
//! the difference of their n-th figures is the paired bootstrap.

use super::people::{Figure, HALF, People, WIDTH};
use crate::ground::json::written_as;
use crate::ground::math::LANES;
use crate::ground::rng::Rng;
use crate::ground::simd::F32x8;
use crate::ground::sort::sort_by;

/// How often people are drawn anew.
pub const RESAMPLES: usize = 1000;

/// Fewest people who can show a difference: of five that differ by chance, all fall on one side more often than once in
/// twenty times.
const FEWEST: usize = 6;

/// People drawn for one unit of a budget: adding up a row is that much less work than a rating's gradient.
const PER_UNIT: usize = 8;

/// The middle 95 %.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// 2.5 % lie below.
    pub low: f64,
    /// 2.5 % lie above.
    pub high: f64,
}

written_as!(Interval { low => "low", high => "high" });

/// A figure of one model against that of another, on the same people.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// This model's figure − the other's.
    pub difference: f64,
    /// 95 % interval of it.
    pub low: f64,
    /// 95 % interval of it.
    pub high: f64,
    /// How likely a difference at least as far from 0 is where there is none, by the share of drawings that fell on the
    /// other side of 0, doubled for both sides; never 0, because a thousand drawings cannot show that.
    pub p: f64,
    /// True where the interval does not hold 0, and there are people enough to tell.
    pub real: bool,
}

written_as!(Difference { difference => "difference", low => "low", high => "high", p => "p", real => "real" });

/// Drawings under way.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    people: People,
    rng: Rng,
    resamples: usize,
    /// Figures of each drawing, one after another; NaN where nobody drawn has one.
    drawn: Vec<f64>,
}

impl Bootstrap {
    /// The same seed and number of people give the same drawings.
    pub fn new(people: People, seed: u64) -> Bootstrap {
        Bootstrap { people, rng: Rng::new(seed, 5), resamples: RESAMPLES, drawn: Vec::new() }
    }

    /// Draws as often as a budget of that many ratings allows, at least once; gives the share done.
    pub fn advance(&mut self, budget: usize) -> f64 {
        let mut left = budget.saturating_mul(PER_UNIT);
        loop {
            let done = self.drawn.len() / Figure::ALL.len();
            if done >= self.resamples {
                return 1.0;
            }
            if left == 0 {
                return done as f64 / self.resamples as f64;
            }
            self.draw();
            left = left.saturating_sub(self.people.len().max(1));
        }
    }

    fn draw(&mut self) {
        let mut sums = [F32x8::splat(0.0); WIDTH / LANES];
        let n = self.people.len();
        for _ in 0..n {
            let row = self.people.row(self.rng.below(n));
            for (sum, cells) in sums.iter_mut().zip(row.as_chunks::<LANES>().0) {
                *sum = *sum + F32x8::load(cells);
            }
        }
        let mut cells = [0f32; WIDTH];
        for (sum, to) in sums.iter().zip(cells.as_chunks_mut::<LANES>().0) {
            sum.store(to);
        }
        for &figure in Figure::ALL {
            let (sum, weight) = (f64::from(cells[figure as usize]), f64::from(cells[HALF + figure as usize]));
            self.drawn.push(figure.value(sum, weight).unwrap_or(f64::NAN));
        }
    }

    /// What was drawn.
    pub fn finish(self) -> Drawn {
        Drawn { people: self.people, drawn: self.drawn }
    }
}

/// People and the figures of their drawings.
#[derive(Clone, Debug)]
pub struct Drawn {
    people: People,
    drawn: Vec<f64>,
}

impl Drawn {
    /// The people that were drawn from.
    pub fn people(&self) -> &People {
        &self.people
    }

    fn series(&self, figure: Figure) -> impl Iterator<Item = f64> {
        self.drawn.iter().skip(figure as usize).step_by(Figure::ALL.len()).copied()
    }

    /// How many have a figure.
    fn bearers(&self, figure: Figure) -> usize {
        (0..self.people.len()).filter(|&at| self.people.row(at)[HALF + figure as usize] > 0.0).count()
    }

    /// The 95 % interval of a figure; `None` where nobody has it, or one alone: drawn anew, they stay the same.
    pub fn interval(&self, figure: Figure) -> Option<Interval> {
        if self.bearers(figure) < 2 {
            return None;
        }
        middle(self.series(figure).collect()).map(|(low, high, _)| Interval { low, high })
    }

    /// How this model differs from another one; `None` unless both were measured on the same people and have the figure.
    pub fn against(&self, other: &Drawn, figure: Figure) -> Option<Difference> {
        let bearers = self.bearers(figure);
        if self.people.who() != other.people.who() || self.drawn.len() != other.drawn.len() || bearers < 2 {
            return None;
        }
        let difference = self.people.figure(figure)? - other.people.figure(figure)?;
        let series = self.series(figure).zip(other.series(figure)).map(|(a, b)| a - b).collect();
        let (low, high, p) = middle(series)?;
        let real = bearers >= FEWEST && (low > 0.0 || high < 0.0);
        Some(Difference { difference, low, high, p, real })
    }
}

/// The 2.5 % and 97.5 % quantiles, and the p-value of lying away from 0.
fn middle(mut values: Vec<f64>) -> Option<(f64, f64, f64)> {
    values.retain(|x| !x.is_nan());
    if values.is_empty() {
        return None;
    }
    sort_by(&mut values, f64::total_cmp);
    let (not_above, not_below) =
        (values.partition_point(|&x| x <= 0.0), values.len() - values.partition_point(|&x| x < 0.0));
    let p = 2.0 * (not_above.min(not_below) + 1) as f64 / (values.len() + 1) as f64;
    Some((quantile(&values, 0.025), quantile(&values, 0.975), p.min(1.0)))
}

/// Linear between the two nearest of ascending values (Hyndman and Fan 1996, type 7).
fn quantile(ascending: &[f64], q: f64) -> f64 {
    let at = q * (ascending.len() - 1) as f64;
    let (below, above) = (ascending[at as usize], ascending[(at as usize + 1).min(ascending.len() - 1)]);
    below + (above - below) * (at - at.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(n: u32, ndcg: impl Fn(u32) -> f64) -> People {
        let mut people = People::default();
        for who in 0..n {
            people.begin(who, 10);
            people.add(Figure::Ndcg, ndcg(who), 1.0);
            people.add(Figure::Rmse, f64::from(who % 3), f64::from(1 + who % 2));
        }
        people
    }

    fn drawn(people: People) -> Drawn {
        let mut b = Bootstrap::new(people, 3);
        while b.advance(5) < 1.0 {}
        b.finish()
    }

    #[test]
    fn quantiles_by_hand() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.5), 2.0);
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
        assert_eq!((quantile(&[7.0], 0.1), quantile(&[1.0, 2.0], 1.0)), (7.0, 2.0));
    }

    /// The interval of a mean is close to the one the normal distribution gives: ± 1.96 · √(variance / n).
    #[test]
    fn intervals_are_as_wide_as_theory_says() {
        let d = drawn(people(400, |who| f64::from(who % 2)));
        let i = d.interval(Figure::Ndcg).unwrap();
        let half = 1.96 * (0.25f64 / 400.0).sqrt();
        assert!((i.low - (0.5 - half)).abs() < 0.01 && (i.high - (0.5 + half)).abs() < 0.01, "{i:?}");
        let rmse = d.interval(Figure::Rmse).unwrap();
        let center = d.people().figure(Figure::Rmse).unwrap();
        assert!(rmse.low < center && center < rmse.high);
        assert_eq!(d.interval(Figure::Map), None);
        assert_eq!(drawn(People::default()).interval(Figure::Ndcg), None);
    }

    #[test]
    fn a_difference_that_everybody_has_is_real_and_noise_is_not() {
        let base = |who: u32| f64::from(who * 37 % 100) / 100.0;
        let (a, b) = (drawn(people(200, |w| base(w) + 0.01)), drawn(people(200, base)));
        let d = a.against(&b, Figure::Ndcg).unwrap();
        // Far inside either model's own interval, and yet certain: everybody is better off.
        assert!(d.real && (d.difference - 0.01).abs() < 1e-6 && d.p < 0.003, "{d:?}");
        assert!(a.interval(Figure::Ndcg).unwrap().low < b.people().figure(Figure::Ndcg).unwrap());
        let noise = drawn(people(200, |w| base(w) + if w % 2 == 0 { 0.1 } else { -0.1 }));
        let d = noise.against(&b, Figure::Ndcg).unwrap();
        assert!(!d.real && d.p > 0.05, "{d:?}");
        let same = b.against(&b, Figure::Ndcg).unwrap();
        assert_eq!((same.low, same.high, same.p, same.real), (0.0, 0.0, 1.0, false));
        assert!(a.against(&drawn(people(199, base)), Figure::Ndcg).is_none(), "other people");
    }

    #[test]
    fn a_few_people_can_show_no_difference_and_one_no_interval() {
        let of = |n, more: f64| drawn(people(n, |who| f64::from(who) / 100.0 + more));
        for (n, real) in [(2, false), (5, false), (6, true)] {
            let d = of(n, 0.5).against(&of(n, 0.0), Figure::Ndcg).unwrap();
            assert!(d.low > 0.0 && d.real == real, "{n}: {d:?}");
        }
        assert_eq!(of(1, 0.5).interval(Figure::Ndcg), None);
        assert_eq!(of(1, 0.5).against(&of(1, 0.0), Figure::Ndcg), None);
    }

    #[test]
    fn small_budgets_draw_the_same() {
        let mut whole = Bootstrap::new(people(50, f64::from), 9);
        assert_eq!(whole.advance(usize::MAX), 1.0);
        let mut bits = Bootstrap::new(people(50, f64::from), 9);
        while bits.advance(1) < 1.0 {}
        let bits_of = |b: Bootstrap| b.drawn.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert!(bits_of(whole) == bits_of(bits));
    }
}
