//! Which columns a training keeps, and what its report says of those that stay.

use super::fit::{Lessons, Made, Stage};
use super::judge::{Judge, LEAST_REPORTED_BY, MOST_CHOSEN_BY, MOST_REPORTED_BY};
use super::learner::Pupil;
use crate::ground::Result;
use crate::models::liked_from;
use crate::models::logistic::LogisticParams;
use std::rc::Rc;

impl Lessons {
    /// An even sample of the records.
    fn sample(&self, most: usize) -> Vec<u32> {
        let n = self.gathered.item.len();
        (0..n as u32).step_by(n.div_ceil(most).max(1)).collect()
    }

    /// Whether each of some records was liked. A forest, which learns ratings, asks the ratings themselves.
    fn labels(&self, rows: &[u32]) -> Vec<bool> {
        let liked = liked_from(self.data.scale);
        let of = |&r: &u32| match self.kind.labels {
            true => self.liked[r as usize],
            false => f64::from(self.gathered.rating[r as usize]) >= liked,
        };
        rows.iter().map(of).collect()
    }

    /// On to the next choice of columns, or to learning. What cannot be judged keeps all its columns.
    pub(super) fn choose(&self, mut made: Box<Made>) -> Result<Stage> {
        let columns = made.matrix.columns();
        if let Some(most) = made.select.l1.take().filter(|most| *most < columns) {
            let rows = self.sample(MOST_CHOSEN_BY);
            // One row of a class is enough to ask which column tells it apart.
            let params = LogisticParams { min_samples: 2, ..LogisticParams::default() };
            let some = Rc::new(made.matrix.pick(&rows));
            if let Some(judge) = Judge::path(some, &self.labels(&rows), params) {
                return Ok(Stage::Choose(made, judge, most));
            }
        }
        if let Some(most) = made.select.permutation.take().filter(|most| *most < columns) {
            let rows = self.sample(MOST_CHOSEN_BY);
            let all = self.target();
            let target = rows.iter().map(|&r| all[r as usize]).collect();
            if let Some(judge) = Judge::grow(Rc::new(made.matrix.pick(&rows)), target, self.seed) {
                return Ok(Stage::Choose(made, judge, most));
            }
        }
        let pupil = Pupil::begin(&self.settings, &self.task(&made), self.seed)?;
        Ok(Stage::Learn(made, pupil))
    }

    /// What is to be found out about the columns for the report; nothing where it would be chance.
    pub(super) fn judge(&self, made: &Made) -> Option<Judge> {
        if self.gathered.item.len() < LEAST_REPORTED_BY {
            return None;
        }
        let rows = self.sample(MOST_REPORTED_BY);
        let some = Rc::new(made.matrix.pick(&rows));
        if self.kind.labels {
            let params = LogisticParams { min_samples: 2, ..LogisticParams::of(&self.settings) };
            return Judge::path(some, &self.labels(&rows), params);
        }
        Judge::grow(some, rows.iter().map(|&r| self.gathered.rating[r as usize]).collect(), self.seed)
    }
}
