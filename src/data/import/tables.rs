//! Where the rows of all files go, and what becomes of them together.

use super::Imported;
use super::header::Plan;
use super::items::ItemTable;
use super::notes::{Notebook, Place};
use super::ratings::RatingTable;
use super::rows::Row;
use super::sniff::{self, Opened};
use crate::data::{Scale, Warning};
use crate::ground::{Code, Error, Result};

/// Where rows go.
pub(super) struct Tables {
    pub(super) ratings: RatingTable,
    items: ItemTable,
    notes: Notebook,
    /// Rows seen, headers left aside.
    rows: usize,
    ignored: Vec<String>,
    /// Why the first table that was left out was left out.
    reason: Option<Error>,
    /// Mapped columns that were not where the ratings are; another file may have them.
    absent: Vec<String>,
    /// The names of all columns of all files.
    names: Vec<String>,
    rated: bool,
    latin1: bool,
}

impl Tables {
    /// Empty tables.
    pub(super) fn new(scale: Option<Scale>, label: String) -> Tables {
        Tables {
            ratings: RatingTable::new(scale, label),
            items: ItemTable::default(),
            notes: Notebook::default(),
            rows: 0,
            ignored: Vec::new(),
            reason: None,
            absent: Vec::new(),
            names: Vec::new(),
            rated: false,
            latin1: false,
        }
    }

    /// Rows seen, headers left aside.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// A file is left out; `reason`: where it might have been meant to be read.
    pub(super) fn ignore(&mut self, name: &str, reason: Option<Error>) {
        self.ignored.push(name.to_owned());
        self.reason = self.reason.take().or(reason);
    }

    /// A file that can be read begins.
    pub(super) fn open(&mut self, opened: &Opened) {
        if let Plan::Ratings(columns) = &opened.plan {
            self.rated = true;
            self.ratings.open_file(columns.origin);
        }
        self.absent.extend_from_slice(&opened.absent);
        self.names.extend_from_slice(&opened.names);
    }

    /// A file is over.
    pub(super) fn close(&mut self, plan: &Plan) {
        if matches!(plan, Plan::Ratings(_)) {
            self.ratings.close_file();
        }
    }

    /// Takes a row. `header`: it is the first and holds names; `latin1`: the format says so and it need not be said.
    pub(super) fn take(
        &mut self,
        row: Row<'_>,
        plan: &Plan,
        header: &mut bool,
        latin1: bool,
        file: Place<'_>,
    ) -> Result<()> {
        if core::mem::take(header) {
            return Ok(());
        }
        let place = Place { row: row.number, ..file };
        if row.has_zero_byte() {
            return Err(sniff::binary(place.name, Some(place.row)));
        }
        self.rows += 1;
        let odd = match plan {
            Plan::Ratings(c) => {
                let (used, mut odd) = self.ratings.add(row, c, place, &mut self.notes)?;
                if used && (c.title.is_some() || c.genres.is_some()) {
                    let (title, genres) = (c.title.map(|i| row.field(i)), c.genres.map(|i| row.field(i)));
                    odd |= self.items.add_aside(row.field(c.item), title, genres, place)?;
                }
                odd
            }
            Plan::Items(c) => self.items.add(row, c, place, &mut self.notes)?,
            Plan::FlaggedItems => {
                self.items.add_flagged(row, place, &mut self.notes)?;
                false
            }
            Plan::Tags { width, .. } if !width.contains(&row.len()) => {
                self.notes.drop_row(place, "ragged-row", || row.shown());
                false
            }
            Plan::Tags { item, tag, .. } => self.items.add_tag(row, *item, *tag, place, &mut self.notes),
        };
        self.latin1 |= odd && !latin1;
        Ok(())
    }

    /// All files are over.
    pub(super) fn finish(self) -> Result<Imported> {
        let Tables { ratings, items, mut notes, ignored, reason, absent, names, rated, latin1, .. } = self;
        if !rated {
            return Err(no_ratings(&items, &ignored, reason));
        }
        if let Some(name) = absent.into_iter().find(|name| !names.contains(name)) {
            return Err(Error::new(Code::FileFormat, "the mapping names a column that is not in the files")
                .at("mapping")
                .expected(name)
                .got(names.join(", "))
                .hint("Give the names exactly as the header writes them."));
        }
        if latin1 {
            let message = "Some text was not UTF-8 and was read as Latin-1; look at a few accented letters.";
            notes.warnings.push(Warning::new("not-utf-8", message));
        }
        if !ignored.is_empty() {
            let message = format!("Not used: {}.", listed(&ignored));
            notes.warnings.push(Warning::new("file-ignored", message));
        }
        let interactions = ratings.finish(&mut notes)?;
        let (items, undescribed) = items.finish(&interactions.items)?;
        if undescribed > 0 {
            let message =
                format!("{undescribed} rated items have no title; they are shown as “Item” and their id.");
            notes.warnings.push(Warning::new("items-without-title", message));
        }
        Ok(Imported { interactions, items, notes: notes.close() })
    }
}

/// No file of ratings among the files: which is missing depends on what came.
fn no_ratings(items: &ItemTable, ignored: &[String], reason: Option<Error>) -> Error {
    if !items.is_empty() {
        return Error::new(Code::FileFormat, "the file with the ratings is missing")
            .expected("ratings.csv, ratings.dat or u.data beside the file of items")
            .got("items only")
            .hint("Import both files together, or the whole zip as it was downloaded.");
    }
    reason.unwrap_or_else(|| {
        Error::new(Code::FileFormat, "there is no file of ratings")
            .expected("ratings.csv, ratings.dat, u.data or a table with a header")
            .got(if ignored.is_empty() { "no file".to_owned() } else { listed(ignored) })
            .hint("Choose the file with the ratings, or the whole zip as it was downloaded.")
    })
}

/// A zip may hold thousands of files; nobody reads on after ten.
fn listed(names: &[String]) -> String {
    let shown = names[..names.len().min(10)].join(", ");
    if names.len() > 10 { format!("{shown} and {} more", names.len() - 10) } else { shown }
}
