//! The protocol: held-out ratings are predicted, and all items a person has not rated before are ranked. What every
//! person contributes is kept ([`People`]); figures, intervals, segments and comparisons are read off that.

use super::beyond::{self, Sets};
use super::calibration::{self, Reliability};
use super::metrics::Metrics;
use super::people::{Figure, People};
use super::ranking;
use crate::data::{Interactions, Scale};
use crate::ground::top::top_k;
use std::rc::Rc;

/// One person's held-out ratings, and what must not be ranked for them.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// Held-out (item, rating).
    pub test: Vec<(u32, f64)>,
    /// Items learned from: left out of the ranking, in ascending order.
    pub seen: Vec<u32>,
}

/// What a model says for one person.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    /// Predicted ratings of the held-out items, in their order, clipped to the scale.
    pub predicted: Vec<f64>,
    /// Standard deviation of each of those ratings around its prediction, where the model knows one.
    pub deviation: Option<Vec<f64>>,
    /// What every item is ranked by.
    pub ranked: Vec<f32>,
}

/// The lowest rating that counts as relevant: three quarters up the scale (4 of 5 stars, 8 of 10 points).
pub fn relevant_from(min: f64, max: f64) -> f64 {
    min + 0.75 * (max - min)
}

/// The lowest prediction that recommends a rated item: two thirds up the scale (3.5 of half to five stars).
pub fn recommended_from(min: f64, max: f64) -> f64 {
    (min + 2.0 * max) / 3.0
}

/// What is measured against: the same for every model.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Length of lists.
    k: usize,
    relevant_from: f64,
    recommended_from: f64,
    /// Half a step below the lowest relevant rating: where a continuous prediction changes sides.
    boundary: f64,
    popular: Vec<bool>,
    /// Self-information of each item.
    information: Vec<f32>,
    alike: Sets,
}

impl Frame {
    /// Lists of `k` over the items of `train`. `alike` says what each item is like; without it, who rated it does.
    pub fn new(train: &Interactions, k: usize, alike: Option<Sets>) -> Frame {
        let Scale { min, max, step } = train.scale;
        let (mut counts, mut known) = (vec![0u32; train.items.len()], vec![false; train.users.len()]);
        for (&user, &item) in train.user.iter().zip(&train.item) {
            counts[item as usize] += 1;
            known[user as usize] = true;
        }
        let people = known.into_iter().filter(|&k| k).count();
        let from = relevant_from(min, max);
        let lowest = if step > 0.0 { min + step * ((from - min) / step - 1e-9).ceil() } else { from };
        Frame {
            k,
            relevant_from: from,
            recommended_from: recommended_from(min, max),
            boundary: lowest - 0.5 * step,
            popular: beyond::popular(&counts),
            information: counts.iter().map(|&n| beyond::self_information(n, people) as f32).collect(),
            alike: alike.unwrap_or_else(|| Sets::raters(train)),
        }
    }
}

/// A measurement under way: people are added one by one, so that the caller can pause.
#[derive(Clone, Debug)]
pub struct Measure {
    frame: Rc<Frame>,
    people: People,
    reliability: Reliability,
    shown: Vec<u32>,
    /// True where there is one person: then the rows are their ratings.
    alone: bool,
}

/// The row of the lists of somebody who is alone; their ratings' rows are named by the items.
const LISTS: u32 = u32::MAX;

/// What a measurement came to.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The figures.
    pub metrics: Metrics,
    /// What stands behind them.
    pub people: People,
    /// What was said of relevance, and what came of it; empty for a model that says nothing.
    pub reliability: Reliability,
}

impl Measure {
    /// Nobody yet. Of one person who is `alone` each rating is a row of its own, since how sure a figure is can only be
    /// told by drawing ratings where there are no people to be drawn.
    pub fn new(frame: Rc<Frame>, alone: bool) -> Measure {
        let shown = vec![0; frame.popular.len()];
        Measure { frame, people: People::default(), reliability: Reliability::default(), shown, alone }
    }

    /// Adds one person. Nobody without held-out ratings needs to be asked for.
    pub fn add(&mut self, who: u32, held: &Held, scores: &Scores) {
        if held.test.is_empty() {
            return;
        }
        if !self.alone {
            self.people.begin(who, held.seen.len());
        }
        self.add_ratings(held, scores);
        self.add_list(held, &scores.ranked);
    }

    fn add_ratings(&mut self, held: &Held, scores: &Scores) {
        let (frame, people) = (&self.frame, &mut self.people);
        let mut pairs = Vec::with_capacity(held.test.len());
        for (at, (&predicted, &(item, rating))) in scores.predicted.iter().zip(&held.test).enumerate() {
            if self.alone {
                people.begin(item, held.seen.len());
            }
            let error = predicted - rating;
            let segment = if frame.popular[item as usize] { Figure::RmsePopular } else { Figure::RmseTail };
            people.add(Figure::Rmse, error * error, 1.0);
            people.add(segment, error * error, 1.0);
            people.add(Figure::Mae, error.abs(), 1.0);
            pairs.push((predicted, rating));
            if let Some(deviation) = scores.deviation.as_ref().map(|d| d[at]) {
                let relevant = rating >= frame.relevant_from;
                let p = calibration::probability_above(frame.boundary, predicted, deviation);
                self.reliability.add(p, relevant);
                people.add(Figure::LogLoss, calibration::log_loss(p, relevant), 1.0);
                let within = calibration::within_90(rating, predicted, deviation);
                people.add(Figure::Coverage90, f64::from(u8::from(within)), 1.0);
            }
        }
        if self.alone {
            people.begin(LISTS, held.seen.len());
        }
        let (precision, recall) =
            ranking::rated_precision_recall_at(&pairs, frame.k, frame.recommended_from, frame.relevant_from);
        people.add(Figure::RatedPrecision, precision, 1.0);
        people.add(Figure::RatedRecall, recall, 1.0);
    }

    fn add_list(&mut self, held: &Held, ranked: &[f32]) {
        let (frame, k) = (&self.frame, self.frame.k);
        let relevant: Vec<u32> =
            held.test.iter().filter(|t| t.1 >= frame.relevant_from).map(|t| t.0).collect();
        if relevant.is_empty() {
            return;
        }
        let unseen = || {
            let mut seen = held.seen.iter().copied().peekable();
            ranked.iter().enumerate().map(|(i, &s)| (i as u32, s)).filter(move |(i, _)| {
                let is_seen = seen.peek() == Some(i);
                if is_seen {
                    seen.next();
                }
                !is_seen
            })
        };
        let list: Vec<u32> = top_k(unseen(), k).into_iter().map(|(i, _)| i).collect();
        let hits: Vec<bool> = list.iter().map(|i| relevant.contains(i)).collect();
        let n = relevant.len();
        let mut add = |figure, value| self.people.add(figure, value, 1.0);
        add(Figure::Precision, ranking::precision_at(&hits, k));
        add(Figure::Recall, ranking::recall_at(&hits, n, k));
        add(Figure::Ndcg, ranking::ndcg_at(&hits, n, k));
        add(Figure::Map, ranking::average_precision_at(&hits, n, k));
        add(Figure::Mrr, ranking::reciprocal_rank_at(&hits, k));
        add(Figure::HitRate, ranking::hit_at(&hits, k));
        for (popular, recall, ndcg) in [
            (true, Figure::RecallPopular, Figure::NdcgPopular),
            (false, Figure::RecallTail, Figure::NdcgTail),
        ] {
            let of_segment = |i: &u32| frame.popular[*i as usize] == popular;
            let n = relevant.iter().filter(|i| of_segment(i)).count();
            let hits: Vec<bool> = list.iter().zip(&hits).map(|(i, &hit)| hit && of_segment(i)).collect();
            add(recall, ranking::recall_at(&hits, n, k));
            add(ndcg, ranking::ndcg_at(&hits, n, k));
        }
        let (of_relevant, of_others): (Vec<_>, Vec<_>) = unseen().partition(|(i, _)| relevant.contains(i));
        let scores = |of: Vec<(u32, f32)>| of.into_iter().map(|x| x.1).collect::<Vec<_>>();
        add(Figure::Auc, calibration::auc(&scores(of_relevant), &scores(of_others)));
        let information: f64 = list.iter().map(|&i| f64::from(frame.information[i as usize])).sum();
        add(Figure::Novelty, information / list.len() as f64);
        add(Figure::Diversity, beyond::diversity(&list, &|a, b| frame.alike.similarity(a, b)));
        for i in list {
            self.shown[i as usize] += 1;
        }
    }

    /// The figures, and what they were made of.
    pub fn finish(self) -> Measured {
        let Measure { frame, people, reliability, shown, .. } = self;
        let metrics = Metrics::new(&people, &reliability, &shown, &frame.popular, frame.k);
        Measured { metrics, people, reliability }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::math;

    /// Three people learned from six ratings of four items: the first two items have three and the rest one or two.
    fn frame(k: usize) -> Rc<Frame> {
        let mut x =
            Interactions { scale: Scale { min: 1.0, max: 5.0, step: 1.0 }, ..Interactions::default() };
        for (u, i) in [("a", "0"), ("b", "0"), ("c", "0"), ("a", "1"), ("b", "2"), ("c", "3")] {
            x.push(u, i, 3.0, 0.0);
        }
        Rc::new(Frame::new(&x, k, None))
    }

    /// Four people, four items, lists of two, worked by hand.
    #[test]
    fn by_hand() {
        let people = [
            Held { test: vec![(1, 5.0), (2, 2.0)], seen: vec![0] },
            Held { test: vec![(0, 4.0), (3, 4.0)], seen: vec![] },
            Held { test: vec![(2, 1.0)], seen: vec![] },
            Held::default(),
        ];
        let mut measure = Measure::new(frame(2), false);
        for (person, held) in people.iter().enumerate() {
            let predicted = held.test.iter().map(|t| t.1 - 1.0).collect();
            let ranked = if person == 0 { vec![9.0, 3.0, 2.0, 1.0] } else { vec![4.0, 3.0, f32::NAN, 1.0] };
            let deviation = (person > 0).then(|| vec![0.5; 2]);
            measure.add(person as u32, held, &Scores { predicted, ranked, deviation });
        }
        let Measured { metrics: m, people, reliability } = measure.finish();
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-6, "{a} is not {b}");
        // Person 0: list 1, 2 → one hit of one. Person 1: list 0, 1 → one hit of two. Person 2 has nothing relevant.
        assert_eq!((m.ratings, m.users, m.k), (5, 2, 2));
        assert_eq!((m.rmse, m.mae), (1.0, 1.0));
        assert_eq!((m.precision, m.recall, m.hit_rate, m.mrr), (0.5, 0.75, 1.0, 1.0));
        let second = 1.0 / (1.0 + math::ln(2.0) / math::ln(3.0));
        close(m.ndcg, (1.0 + second) / 2.0);
        close(m.map, 0.75);
        // Person 0: 1 above 2 and 3. Person 1: 0 above both others, 3 above the NaN only.
        close(m.auc, (1.0 + 0.75) / 2.0);
        // Predictions are one below: 4 is recommended and relevant, 1 is not; 3 and 3 are not; 0 is not.
        assert_eq!((m.rated_precision, m.rated_recall), (1.0 / 3.0, 1.0 / 3.0));
        assert_eq!(m.coverage, 0.75);
        // Shown once, twice and once of four: ascending 0, 1, 1, 2.
        close(m.gini.unwrap(), (-1.0 + 1.0 + 3.0 * 2.0) / (3.0 * 4.0));
        // Item 0 alone holds half of the ratings.
        assert_eq!(m.tail_share, Some(0.75));
        let bits = math::ln(3.0) / math::ln(2.0);
        close(m.novelty.unwrap(), (bits + bits / 2.0) / 2.0);
        // Raters: 1 {a}, 2 {b}: nothing in common. 0 {a, b, c}, 1 {a}: a third.
        close(m.diversity.unwrap(), (1.0 + 2.0 / 3.0) / 2.0);
        // Of persons 1 and 2: off by two deviations each, so outside of the interval; z = −1, −1 and −7.
        assert_eq!(m.coverage90, Some(0.0));
        let p = math::normal_cdf(-1.0);
        close(m.log_loss.unwrap(), -2.0 * math::ln(p) / 3.0);
        close(m.ece.unwrap(), (1.0 - p) * 2.0 / 3.0);
        assert_eq!(reliability.points().len(), 2);
        assert_eq!((people.who(), people.history()), (&[0, 1, 2][..], &[1, 0, 0][..]));
        assert_eq!(people.weight(Figure::RmsePopular), 1.0);
        assert_eq!(
            (people.figure(Figure::RecallPopular), people.figure(Figure::RecallTail)),
            (Some(1.0), Some(0.5))
        );
        assert_eq!(Metrics::mean(&[m, m]).ratings, 10);
        let nobody = Measure::new(frame(2), false).finish().metrics;
        assert_eq!(
            (nobody.ndcg, nobody.novelty, nobody.users),
            (0.0, None, 0),
            "nobody: zeros, and users says so"
        );
        assert_eq!(Metrics::mean(&[m, nobody]).novelty, None);
    }

    #[test]
    fn what_is_relevant_and_what_is_recommended() {
        assert_eq!((relevant_from(1.0, 5.0), relevant_from(0.5, 5.0)), (4.0, 3.875));
        assert_eq!(recommended_from(0.5, 5.0), 3.5);
        // The lowest relevant rating is 4 on both scales; predictions turn half a step below.
        assert_eq!(frame(1).boundary, 3.5);
        assert_eq!(Frame::new(&Interactions::default(), 1, None).boundary, 3.75);
    }
}
