//! What a training leaves behind: the model, with every item's own columns ready, and its report.

use super::Tabular;
use super::fit::{Lessons, Made};
use super::judge::Verdict;
use super::learner::{Learner, Said};
use super::records::{Row, UNKNOWN, is_of_item};
use super::taste::of_item;
use crate::data::interactions::{Fact, NO_TIME};
use crate::features::Matrix;
use crate::features::select::variance;
use crate::ground::json::{Value, object};
use crate::ground::math;

impl Lessons {
    /// The model, and what there is to say of it.
    pub(super) fn model(
        self,
        made: Made,
        (learner, said): (Learner, Said),
        verdict: Option<&Verdict>,
    ) -> Tabular {
        let mut known = self.known;
        known.set_noise(said.noise * said.noise);
        let deviations: Vec<f64> =
            (0..made.matrix.columns()).map(|c| math::sqrt(variance(&made.matrix, c))).collect();
        let importance = learner.importance(&deviations);
        let columns =
            made.pipeline.names().into_iter().zip(importance).enumerate().map(|(at, (column, share))| {
                let Value::Object(mut map) = Value::from(column) else {
                    unreachable!("a column is an object")
                };
                map.push(("importance".to_owned(), share.into()));
                map.extend(verdict.map(|verdict| verdict.of(at)));
                Value::Object(map)
            });
        let report = object([
            ("columns", Value::Array(columns.collect())),
            ("dropped", made.notes.dropped.into()),
            ("outliers", made.notes.outliers.into()),
            ("fit", said.figures),
        ]);
        let places = made.pipeline.places(&|field| is_of_item(field));
        let mut items = Matrix::zeros(known.len(), places.len());
        let mut whole = vec![0f32; made.pipeline.width()];
        let mean = f64::from(known.mean);
        for item in 0..known.len() as u32 {
            let mut numbers = UNKNOWN;
            let all = self.sums[item as usize].iter();
            let (sum, n) = all.fold((0.0, 0.0), |(sum, n), [s, c]| (sum + s, n + c));
            of_item(&mut numbers, n, sum, mean);
            let row = Row {
                item: self.gathered.described(item),
                numbers,
                moment: None,
                fact: Fact::default(),
                rating: None,
                at: NO_TIME,
                clock: self.gathered.clock,
            };
            whole.fill(0.0);
            made.pipeline.encode(&row, 0, &|field| is_of_item(field), &mut whole);
            for (cell, &at) in items.row_mut(item as usize).iter_mut().zip(&places) {
                *cell = whole[at as usize];
            }
        }
        let clock = self.gathered.clock;
        Tabular::new(
            self.kind,
            self.settings,
            known,
            made.pipeline,
            items,
            self.traits,
            learner,
            report,
            clock,
        )
    }
}
