//! From ratings to a trained model, in bounded steps: count what is known of everybody without each rating itself, learn
//! the features, make the rows, and learn from them.

use super::judge::{Judge, Verdict};
use super::learner::{Learner, Pupil, Said, Task, check};
use super::records::{Clock, Gathered, Numbers, UNKNOWN};
use super::taste::{MATCHES, Taste, Traits, of_item};
use super::{FOREST, Kind, LOGISTIC, declared_rule, declared_spec};
use crate::codec::Tape;
use crate::data::{Catalog, Interactions};
use crate::features::pipeline::{self, Learning};
use crate::features::spec::Select;
use crate::features::{Matrix, Others, Pipeline, Spec};
use crate::ground::sort::order;
use crate::ground::{Error, Result, time};
use crate::models::fit::{Fit, Lesson};
use crate::models::params::Settings;
use crate::models::{Known, Model, Unsettled};
use std::rc::Rc;

/// Most ratings that rows are made of; of more, an even sample.
const MOST_ROWS: usize = 150_000;
/// What counting a rating costs, and making a column of a row, in units of budget.
const COUNT_COST: usize = 4;
const COLUMN_COST: usize = 1;

/// Parts of the ratings: what is known of people and items beside a rating is counted from the other parts.
pub(super) const PARTS: usize = 5;

/// The part of a rating: the same whatever stands around it.
fn part(data: &Interactions, row: usize) -> usize {
    let mixed = u64::from(data.user[row]).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ u64::from(data.item[row]).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((mixed ^ (mixed >> 29)) >> 7) as usize % PARTS
}

/// What happens next.
#[allow(clippy::large_enum_variant)] // there is one
pub(super) enum Stage {
    /// Count what is known besides each rating, person by person.
    Count(usize),
    /// Learn the features.
    Features(Box<(Spec, Vec<f32>, Learning)>),
    /// Make rows.
    Rows(Box<Made>, usize),
    /// Find out which columns are to stay.
    Choose(Box<Made>, Judge, usize),
    /// Learn.
    Learn(Box<Made>, Pupil),
    /// Find out what to say of the columns.
    Judge(Box<Made>, Box<(Learner, Said)>, Judge),
    Done(Box<Made>, Box<(Learner, Said)>, Option<Verdict>),
    Over,
}

/// Features, and the rows made of them.
pub(super) struct Made {
    pub(super) pipeline: Pipeline,
    others: Others,
    pub(super) notes: pipeline::Notes,
    pub(super) matrix: Rc<Matrix>,
    whole: Vec<f32>,
    /// What is still to be selected by.
    pub(super) select: Select,
}

/// A fit under way.
pub struct Lessons {
    pub(super) kind: &'static Kind,
    pub(super) settings: Settings,
    pub(super) seed: u64,
    pub(super) known: Known,
    pub(super) gathered: Gathered,
    pub(super) traits: Traits,
    pub(super) liked: Vec<bool>,
    pub(super) data: Interactions,
    /// Rows of the data by person, and where each person's begin.
    by_person: Vec<u32>,
    starts: Vec<u32>,
    /// Place among the records of each row of the data; `u32::MAX` for those that no row is made of.
    record_of: Vec<u32>,
    /// Σ of ratings and how many, by item and part.
    pub(super) sums: Vec<[[f64; 2]; PARTS]>,
    /// Whether there is more than one person: of one alone nothing can be learned that differs between people.
    several: bool,
    progress: f64,
    taste: Taste,
    stage: Stage,
}

impl core::fmt::Debug for Lessons {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} of {} rows", self.kind.name, self.gathered.item.len())
    }
}

/// All items there are: those of the ratings first, by their rows, then the rest of the catalog.
fn everything(data: &Interactions, catalog: Option<&Catalog>) -> (Known, Vec<Option<u32>>) {
    let mut known = Known::of(data);
    for id in catalog.iter().flat_map(|c| c.ids().ids()) {
        known.ids.intern(id);
    }
    known.counts.resize(known.ids.len(), 0);
    let places = known.ids.ids().iter().map(|id| catalog.and_then(|c| c.ids().get(id))).collect();
    (known, places)
}

/// Begins, whichever of the two it is.
pub fn begin(settings: &Settings, lesson: &Lesson<'_>, seed: u64) -> Result<Box<dyn Fit>> {
    let kind = if settings.find("trees").is_some() { &FOREST } else { &LOGISTIC };
    Ok(Box::new(Lessons::new(kind, settings, lesson, seed)?))
}

impl Lessons {
    /// Prepares the counting.
    fn new(kind: &'static Kind, settings: &Settings, lesson: &Lesson<'_>, seed: u64) -> Result<Lessons> {
        let data = lesson.data;
        let (known, places) = everything(data, lesson.catalog);
        let stride = data.len().div_ceil(MOST_ROWS).max(1);
        let now = data.at.iter().copied().fold(0.0, f64::max);
        let clock = Clock { now, ahead: declared_spec(settings)?.utc_offset * time::MINUTE };
        let catalog = lesson.catalog.cloned().unwrap_or_default();
        let mut gathered = Gathered { catalog, places, clock, ..Gathered::default() };
        let traits = gathered.traits();
        let rule = declared_rule(settings, data.scale)?;
        let (mut liked, mut record_of) = (Vec::new(), vec![u32::MAX; data.len()]);
        for r in (0..data.len()).step_by(stride) {
            gathered.item.push(data.item[r]);
            gathered.rating.push(data.rating[r]);
            gathered.facts.push(data.facts.of(r));
            gathered.at.push(data.at[r]);
            gathered.numbers.push(UNKNOWN);
            if !data.context.is_empty() {
                gathered.moments.push(data.context.moment(r));
            }
            record_of[r] = gathered.item.len() as u32 - 1;
            // A regression of likings has no use for a rating of which nothing says whether it was liked.
            let label =
                if kind.labels { rule.decide(&gathered, gathered.item.len() - 1) } else { Some(true) };
            match label {
                Some(label) => liked.push(label),
                None => {
                    gathered.item.pop();
                    gathered.rating.pop();
                    gathered.facts.pop();
                    gathered.at.pop();
                    gathered.numbers.pop();
                    gathered.moments.pop();
                    record_of[r] = u32::MAX;
                }
            }
        }
        check(settings, &liked)?;
        let by_person = order(data.len(), &mut |a, b| data.user[a].cmp(&data.user[b]));
        let mut starts = vec![0u32];
        for at in 1..=by_person.len() {
            let of = |at: usize| by_person.get(at).map(|&r| data.user[r as usize]);
            if of(at) != of(at - 1) {
                starts.push(at as u32);
            }
        }
        let starts_of = starts.len();
        let mut sums = vec![[[0f64; 2]; PARTS]; known.len()];
        for r in 0..data.len() {
            let cell = &mut sums[data.item[r] as usize][part(data, r)];
            cell[0] += f64::from(data.rating[r]);
            cell[1] += 1.0;
        }
        Ok(Lessons {
            taste: Taste::new(&traits),
            data: data.clone(),
            kind,
            settings: settings.clone(),
            seed,
            known,
            gathered,
            traits,
            liked,
            by_person,
            starts,
            record_of,
            sums,
            several: starts_of > 2,
            progress: 0.0,
            stage: Stage::Count(0),
        })
    }

    /// What is known besides the ratings of each part of a person's; gives how many those are in all. Leaving out single
    /// ratings would not do: the mean of all others is high where the one left out is low, which a tree finds at once.
    fn count(&mut self, person: usize) -> usize {
        let Lessons { data, traits, taste, gathered, record_of, sums, .. } = self;
        let (mean, clock) = (f64::from(self.known.mean), gathered.clock);
        let rows = &self.by_person[self.starts[person] as usize..self.starts[person + 1] as usize];
        let of = |r: u32| {
            let r = r as usize;
            (data.item[r], f64::from(data.rating[r]), data.facts.of(r))
        };
        let count = |taste: &mut Taste, r: u32, sign: f64| {
            let (item, rating, fact) = of(r);
            taste.count(traits, item, rating, fact, sign);
            taste.time(clock, data.at[r as usize], sign);
        };
        for &r in rows {
            count(taste, r, 1.0);
        }
        for fold in 0..PARTS {
            let held = || rows.iter().copied().filter(|&r| part(data, r as usize) == fold);
            for r in held() {
                count(taste, r, -1.0);
            }
            let own = if self.several { taste.numbers(mean, clock) } else { UNKNOWN };
            for r in held().filter(|&r| record_of[r as usize] != u32::MAX) {
                let (mut numbers, item): (Numbers, u32) = (own, data.item[r as usize]);
                numbers[MATCHES].copy_from_slice(&taste.matches(traits, item, mean));
                let others = (0..PARTS).filter(|p| *p != fold).map(|p| sums[item as usize][p]);
                let (sum, n) = others.fold((0.0, 0.0), |(sum, n), [s, c]| (sum + s, n + c));
                of_item(&mut numbers, n, sum, mean);
                gathered.numbers[record_of[r as usize] as usize] = numbers;
            }
            for r in held() {
                count(taste, r, 1.0);
            }
        }
        taste.clear(traits, rows.iter().map(|&r| data.item[r as usize]));
        rows.len()
    }

    pub(super) fn task<'a>(&'a self, made: &Made) -> Task<'a> {
        Task { matrix: made.matrix.clone(), ratings: &self.gathered.rating, liked: &self.liked }
    }

    /// What is to be predicted, record by record.
    pub(super) fn target(&self) -> Vec<f32> {
        match self.kind.labels {
            true => self.liked.iter().map(|&l| f32::from(u8::from(l))).collect(),
            false => self.gathered.rating.clone(),
        }
    }

    fn made(&self, (spec, target, learning): (Spec, Vec<f32>, Learning)) -> Result<Made> {
        let (pipeline, others, notes) = learning.finish(&spec, &target);
        if pipeline.columns() == 0 {
            return Err(Error::argument("params.features", "a field with at least one column here", "none")
                .hint("Nobody has said anything of these fields; `vector` takes an `embedding` of the model that serves."));
        }
        let whole = vec![0f32; pipeline.width()];
        let matrix = Rc::new(Matrix::zeros(self.gathered.item.len(), pipeline.columns()));
        Ok(Made { pipeline, others, notes, matrix, whole, select: spec.select })
    }

    /// One stage's worth, or as much of it as `left` allows.
    fn work(&mut self, stage: Stage, left: &mut usize) -> Result<Stage> {
        Ok(match stage {
            Stage::Count(person) if person + 1 < self.starts.len() => {
                *left = left.saturating_sub(1 + COUNT_COST * self.count(person));
                Stage::Count(person + 1)
            }
            Stage::Count(_) => {
                *left = 0;
                let spec = declared_spec(&self.settings)?;
                Stage::Features(Box::new((spec, self.target(), Learning::new(&self.gathered))))
            }
            Stage::Features(mut learning) => {
                let (spec, target, begun) = &mut *learning;
                let done = begun.advance(spec, &self.gathered, target, *left)?;
                *left = 0;
                if done { Stage::Rows(Box::new(self.made(*learning)?), 0) } else { Stage::Features(learning) }
            }
            Stage::Rows(mut made, row) if row < self.gathered.item.len() => {
                let Made { pipeline, others, matrix, whole, .. } = &mut *made;
                let rows = Rc::get_mut(matrix).expect("nobody else has the rows yet");
                pipeline.taught(others, &self.gathered, row, whole, rows.row_mut(row));
                *left = left.saturating_sub(1 + COLUMN_COST * pipeline.width());
                Stage::Rows(made, row + 1)
            }
            Stage::Rows(made, _) => {
                *left = 0;
                self.choose(made)?
            }
            Stage::Choose(mut made, judge, most) => {
                let judge = judge.advance(*left, self.seed);
                *left = 0;
                if let Judge::Said(verdict) = judge {
                    let columns = verdict.best(most);
                    made.notes.dropped.extend(made.pipeline.keep(&columns));
                    made.matrix = Rc::new(made.matrix.select(&columns));
                    self.choose(made)?
                } else {
                    Stage::Choose(made, judge, most)
                }
            }
            Stage::Learn(made, mut pupil) => {
                let done = pupil.advance(*left);
                self.progress = self.progress.max(pupil.progress());
                *left = 0;
                if done {
                    let learned = Box::new(pupil.finish(&self.task(&made)));
                    match self.judge(&made) {
                        Some(judge) => Stage::Judge(made, learned, judge),
                        None => Stage::Done(made, learned, None),
                    }
                } else {
                    Stage::Learn(made, pupil)
                }
            }
            Stage::Judge(made, learned, judge) => {
                let judge = judge.advance(*left, self.seed);
                *left = 0;
                match judge {
                    Judge::Said(verdict) => Stage::Done(made, learned, Some(verdict)),
                    judge => Stage::Judge(made, learned, judge),
                }
            }
            done => done,
        })
    }
}

impl Fit for Lessons {
    fn advance(&mut self, budget: usize) -> Result<Option<f64>> {
        let mut left = budget.max(1);
        while left > 0 {
            let stage = core::mem::replace(&mut self.stage, Stage::Over);
            self.stage = self.work(stage, &mut left)?;
            if let Stage::Done(_, learned, _) = &self.stage {
                return Ok(Some(learned.1.loss));
            }
            // Only an unbounded caller wants all stages at once.
            if budget == usize::MAX {
                left = budget;
            }
        }
        Ok(None)
    }

    fn within_epoch(&self) -> f64 {
        match &self.stage {
            Stage::Count(person) => 0.1 * *person as f64 / self.starts.len().max(1) as f64,
            Stage::Features(_) => 0.1,
            Stage::Rows(_, row) => 0.1 + 0.2 * *row as f64 / self.gathered.item.len().max(1) as f64,
            Stage::Choose(..) => 0.3,
            Stage::Learn(..) => 0.3 + 0.6 * self.progress,
            Stage::Judge(..) => 0.9,
            Stage::Done(..) | Stage::Over => 1.0,
        }
    }

    fn stops_early(&self) -> bool {
        false
    }

    fn close(mut self: Box<Self>, _: &Interactions) -> Unsettled {
        let mut left = usize::MAX;
        loop {
            let stage = core::mem::replace(&mut self.stage, Stage::Over);
            match stage {
                Stage::Done(made, learned, verdict) => {
                    return Model::Tabular(self.model(*made, *learned, verdict.as_ref())).into();
                }
                stage => {
                    // A training that is ended early is finished: there is no half a model to serve from.
                    let next = self.work(stage, &mut left);
                    self.stage = next.expect("what could be refused was refused while it learned");
                    left = usize::MAX;
                }
            }
        }
    }

    fn state(&mut self, _: &mut Tape<'_>) -> Result<()> {
        Ok(())
    }
}
