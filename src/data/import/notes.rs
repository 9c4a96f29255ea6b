//! What was left out while reading, and why.

use crate::data::Warning;
use crate::ground::json::written_as;
use crate::ground::map::SortedMap;
use crate::ground::sort::sort_by;

/// Rows reported with their place; the rest is only counted.
pub(super) const MAX_PROBLEMS: usize = 20;

/// How many rows one reason cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// For example "ragged-row" or "duplicate".
    pub reason: String,
    /// Rows.
    pub count: usize,
}

written_as!(Dropped { reason => "reason", count => "count" });

/// One row that was not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file's name, as it was given.
    pub file: String,
    /// From 1; the header and empty lines are counted, as in a spreadsheet.
    pub row: usize,
    /// The reason it is counted under.
    pub reason: String,
    /// What stood there.
    pub got: String,
}

written_as!(Problem { file => "file", row => "row", reason => "reason", got => "got" });

/// All that deserves a word after an import.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notes {
    /// Rows not used, most frequent reason first.
    pub dropped: Vec<Dropped>,
    /// The first 20 of them.
    pub problems: Vec<Problem>,
    /// Things accepted, but worth saying.
    pub warnings: Vec<Warning>,
}

written_as!(Notes { dropped => "dropped", problems => "problems", warnings => "warnings" });

/// The place of a row: number and name of its file, number of the row.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) file: usize,
    pub(super) name: &'a str,
    pub(super) row: usize,
}

/// A problem with the number of its file, for the order in the report.
pub(super) type Numbered = (usize, Problem);

/// Notes in the making.
#[derive(Debug, Default)]
pub(super) struct Notebook {
    dropped: SortedMap<&'static str, usize>,
    problems: Vec<Numbered>,
    pub(super) warnings: Vec<Warning>,
}

impl Notebook {
    /// Counts a row that is not used. `got` is called only where it will be shown.
    pub(super) fn drop_row(&mut self, place: Place<'_>, reason: &'static str, got: impl FnOnce() -> String) {
        self.count(reason, 1);
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem(place, reason, got()));
        }
    }

    /// Counts rows without a place.
    pub(super) fn count(&mut self, reason: &'static str, count: usize) {
        if count > 0 {
            *self.dropped.or_default(reason) += count;
        }
    }

    /// Adds problems that turned out to be problems only at the end.
    pub(super) fn add_problems(&mut self, late: Vec<Numbered>) {
        self.problems.extend(late);
        sort_by(&mut self.problems, |a, b| (a.0, a.1.row).cmp(&(b.0, b.1.row)));
        self.problems.truncate(MAX_PROBLEMS);
    }

    /// For an error: "3 ragged-row, 1 empty-id".
    pub(super) fn summary(&self) -> String {
        let rows: Vec<String> = self.dropped().iter().map(|d| format!("{} {}", d.count, d.reason)).collect();
        if rows.is_empty() { "none".to_owned() } else { format!("none; rows not used: {}", rows.join(", ")) }
    }

    fn dropped(&self) -> Vec<Dropped> {
        let mut list: Vec<Dropped> = self
            .dropped
            .iter()
            .map(|(reason, &count)| Dropped { reason: (*reason).to_owned(), count })
            .collect();
        // Stable: equal counts stay in the order of their names.
        sort_by(&mut list, |a, b| b.count.cmp(&a.count));
        list
    }

    /// The finished notes.
    pub(super) fn close(self) -> Notes {
        let dropped = self.dropped();
        Notes {
            dropped,
            problems: self.problems.into_iter().map(|(_, p)| p).collect(),
            warnings: self.warnings,
        }
    }
}

/// A problem as it will be reported; long text is cut.
pub(super) fn problem(place: Place<'_>, reason: &str, got: String) -> Numbered {
    let got = match got.char_indices().nth(120) {
        Some((end, _)) => format!("{}…", &got[..end]),
        None => got,
    };
    (place.file, Problem { file: place.name.to_owned(), row: place.row, reason: reason.to_owned(), got })
}
