//! Rows of ratings into columns.

use super::header::{Origin, RatingColumns};
use super::notes::{MAX_PROBLEMS, Notebook, Numbered, Place, problem};
use super::rows::Row;
use super::values;
use crate::data::interactions::{Interactions, MAX_RATINGS, NO_TIME};
use crate::data::{Scale, Warning};
use crate::ground::{Code, Error, Result, time};

const HALF_STARS: Scale = Scale { min: 0.5, max: 5.0, step: 0.5 };
const WHOLE_STARS: Scale = Scale { min: 1.0, max: 5.0, step: 1.0 };
const OFF_SCALE: &str = "rating-off-scale";

/// The last moment a JavaScript `Date` can hold.
const LAST_MOMENT: f64 = 8.64e15;

/// All ratings so far.
pub(super) struct RatingTable {
    pub(super) columns: Interactions,
    given: Option<Scale>,
    /// The least certain origin seen; `None` before the first file.
    origin: Option<Origin>,
    /// Rows that are off the scale should it turn out to be MovieLens's: the first ones, for the report.
    odd: Vec<Numbered>,
    /// First row of the file being read, and how many of its times there are and look like seconds.
    file_start: usize,
    timed: usize,
    seconds: usize,
    /// Times that were there but no numbers.
    bad_times: usize,
    /// Most rows; a field for the tests' sake.
    pub(super) limit: usize,
}

impl RatingTable {
    /// Empty. `given`: the scale, where the caller knows it.
    pub(super) fn new(given: Option<Scale>, label: String) -> RatingTable {
        RatingTable {
            columns: Interactions { label, ..Interactions::default() },
            given,
            origin: None,
            odd: Vec::new(),
            file_start: 0,
            timed: 0,
            seconds: 0,
            bad_times: 0,
            limit: MAX_RATINGS,
        }
    }

    /// A file of ratings begins.
    pub(super) fn open_file(&mut self, origin: Origin) {
        self.origin = self.origin.max(Some(origin));
        (self.file_start, self.timed, self.seconds) = (self.columns.len(), 0, 0);
    }

    /// Takes one row. Says whether it was used, and whether text had to be read as Latin-1.
    pub(super) fn add(
        &mut self,
        row: Row<'_>,
        c: &RatingColumns,
        place: Place<'_>,
        notes: &mut Notebook,
    ) -> Result<(bool, bool)> {
        let mut refuse = |reason, got: &dyn Fn() -> String| {
            notes.drop_row(place, reason, got);
            Ok((false, false))
        };
        if !c.width.contains(&row.len()) {
            return refuse("ragged-row", &|| row.shown());
        }
        let raw = row.field(c.rating);
        let shown = || values::text(raw).0.into_owned();
        let Some(rating) = values::number(raw, c.comma).filter(|r| r.abs() < f64::from(f32::MAX)) else {
            let reason = if values::is_missing(raw) {
                "rating-missing"
            } else if !c.heading.is_empty() && shown() == c.heading {
                "header-repeated"
            } else {
                "rating-not-a-number"
            };
            return refuse(reason, &shown);
        };
        let fixed = if c.origin == Origin::WholeStars { Some(WHOLE_STARS) } else { None };
        if self.given.or(fixed).is_some_and(|s| !on_scale(s, rating)) {
            return refuse(OFF_SCALE, &shown);
        }
        let (user, item) = match (values::id(row.field(c.user)), values::id(row.field(c.item))) {
            (Ok(user), Ok(item)) => (user, item),
            (Err(reason), _) | (_, Err(reason)) => return refuse(reason, &|| row.shown()),
        };
        if self.columns.len() >= self.limit {
            return Err(Error::new(Code::FileTooLarge, "these are more ratings than fit into the page")
                .at(format!("{}, row {}", place.name, place.row))
                .expected(format!("at most {} ratings", self.limit))
                .hint("Import a sample, for example the ratings of every tenth person."));
        }
        let at = self.time(row, c);
        if c.origin == Origin::MovieLens && self.odd.len() < MAX_PROBLEMS && !on_scale(HALF_STARS, rating) {
            self.odd.push(problem(place, OFF_SCALE, shown()));
        }
        for (column, name) in &c.context {
            let (word, _) = values::text(row.field(*column));
            self.columns.context.say(self.columns.len(), name, word.trim());
        }
        self.columns.push(&user.0, &item.0, rating as f32, at);
        Ok((true, user.1 || item.1))
    }

    fn time(&mut self, row: Row<'_>, c: &RatingColumns) -> f64 {
        let Some(raw) = c.time.map(|i| row.field(i)).filter(|raw| !values::is_missing(raw)) else {
            return NO_TIME;
        };
        match values::number(raw, false) {
            Some(at) if at > 0.0 && at <= LAST_MOMENT => {
                self.timed += 1;
                self.seconds += usize::from(time::looks_like_seconds(at));
                at
            }
            // 0 is 1970 to the second: nobody rated then, it stands for "not known".
            Some(0.0) => NO_TIME,
            _ => {
                self.bad_times += 1;
                NO_TIME
            }
        }
    }

    /// The file is over: its unit of time is decided, for all of its rows alike.
    pub(super) fn close_file(&mut self) {
        if self.seconds * 2 > self.timed {
            for at in &mut self.columns.at[self.file_start..] {
                *at *= 1000.0;
                if *at > LAST_MOMENT {
                    (*at, self.bad_times) = (NO_TIME, self.bad_times + 1);
                }
            }
        }
        self.file_start = self.columns.len();
    }

    /// Decides the scale, leaves out what is not on it, and what was rated twice.
    pub(super) fn finish(mut self, notes: &mut Notebook) -> Result<Interactions> {
        self.columns.scale = match self.given {
            Some(scale) => scale,
            None => {
                let scale = self.settle();
                let fits = |r: &f32| on_scale(scale, f64::from(*r));
                let keep: Vec<u32> = (0..self.columns.len() as u32)
                    .filter(|&r| fits(&self.columns.rating[r as usize]))
                    .collect();
                let off = self.columns.len() - keep.len();
                if off > 0 {
                    notes.count(OFF_SCALE, off);
                    notes.add_problems(core::mem::take(&mut self.odd));
                    self.columns = without_strangers(&self.columns, &keep);
                }
                scale
            }
        };
        if self.columns.is_empty() {
            return Err(Error::new(Code::FileFormat, "there is not one rating to use")
                .expected("rows with a user, an item and a rating")
                .got(notes.summary())
                .hint("Check the separator, the mapping and the scale."));
        }
        if has_duplicates(&self.columns) {
            notes.count("duplicate", self.columns.deduplicate());
        }
        if self.bad_times > 0 {
            notes.warnings.push(Warning::new(
                "timestamp-not-a-number",
                format!(
                    "{} times are no numbers, or no moments; these ratings count as undated.",
                    self.bad_times
                ),
            ));
        }
        self.columns.check()
    }

    /// MovieLens's scale where the files are MovieLens's and the ratings bear it out, else a guess.
    fn settle(&self) -> Scale {
        let ratings = || self.columns.rating.iter().copied();
        let fitting = ratings().filter(|&r| on_scale(HALF_STARS, f64::from(r)));
        let (mut fits, mut halves) = (0usize, false);
        for r in fitting {
            fits += 1;
            halves |= r != r.floor();
        }
        // The header alone proves little: a shop's ten points under the same names must not lose half its rows.
        let borne_out =
            if halves { fits * 2 >= self.columns.len() } else { fits * 10 >= self.columns.len() * 9 };
        match self.origin {
            Some(Origin::WholeStars) => WHOLE_STARS,
            Some(Origin::MovieLens) if borne_out && halves => HALF_STARS,
            Some(Origin::MovieLens) if borne_out => WHOLE_STARS,
            _ => Scale::guess(ratings()),
        }
    }
}

fn on_scale(scale: Scale, rating: f64) -> bool {
    let steps = (rating - scale.min) / scale.step;
    rating >= scale.min && rating <= scale.max && (scale.step == 0.0 || (steps - steps.round()).abs() < 1e-6)
}

/// The given rows, with only those people and items that occur in them.
fn without_strangers(x: &Interactions, rows: &[u32]) -> Interactions {
    let mut kept = Interactions { scale: x.scale, label: x.label.clone(), ..Interactions::default() };
    for &r in rows {
        let r = r as usize;
        let (user, item) = (x.users.id(x.user[r]), x.items.id(x.item[r]));
        kept.push_in(user, item, x.rating[r], x.at[r], &x.context.moment(r));
    }
    kept
}

/// Linear, where deduplication sorts: most files have none.
fn has_duplicates(x: &Interactions) -> bool {
    let mut starts = vec![0usize; x.users.len() + 1];
    for &u in &x.user {
        starts[u as usize + 1] += 1;
    }
    for u in 0..x.users.len() {
        starts[u + 1] += starts[u];
    }
    let mut items = vec![0u32; x.len()];
    let mut next = starts.clone();
    for (&u, &i) in x.user.iter().zip(&x.item) {
        items[next[u as usize]] = i;
        next[u as usize] += 1;
    }
    let mut last_rater = vec![u32::MAX; x.items.len()];
    (0..x.users.len()).any(|u| {
        items[starts[u]..starts[u + 1]]
            .iter()
            .any(|&i| core::mem::replace(&mut last_rater[i as usize], u as u32) == u as u32)
    })
}
