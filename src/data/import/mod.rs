//! The importer: files of ratings and items, in chunks of any size, into columns and a catalog.
//!
//! It does no IO: the caller reads (and unzips) and hands over names and bytes. The result depends on the bytes alone
//! and never on how they were cut. Read are MovieLens's files of all years and any delimited text with a header whose
//! names are known or mapped. A bad row is left out, counted and, among the first twenty, reported with its place; a
//! file that is not what its name says ends the import.

mod header;
pub(in crate::data) mod items;
mod notes;
mod ratings;
mod rows;
mod sniff;
mod tables;
#[cfg(test)]
mod tests;
mod values;

pub use notes::{Dropped, Notes, Problem};

use super::{Interactions, Item, Scale};
use crate::ground::{Error, Result};
use notes::Place;
use sniff::{HEAD, Opened, Verdict};
use tables::Tables;

/// Which column is what: the values are names from the file's header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// The column of the people's ids.
    pub user: String,
    /// The column of the items' ids.
    pub item: String,
    /// The column of the ratings.
    pub rating: String,
    /// The column of the times; numbers, in seconds or milliseconds since 1970.
    pub timestamp: Option<String>,
    /// The column of the items' titles.
    pub title: Option<String>,
    /// The column of the items' genres, separated by `|`, `,` or `;`.
    pub genres: Option<String>,
    /// Columns of circumstances: mood, company, place.
    pub context: Vec<String>,
}

impl Mapping {
    fn required(&self) -> [&str; 3] {
        [&self.user, &self.item, &self.rating]
    }

    fn all(&self) -> impl Iterator<Item = &str> {
        let optional = [&self.timestamp, &self.title, &self.genres];
        let named = optional.into_iter().filter_map(|name| name.as_deref());
        self.required().into_iter().chain(named).chain(self.context.iter().map(String::as_str))
    }
}

/// What the caller knows about the files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// For headers that are not MovieLens's or otherwise plain.
    pub mapping: Option<Mapping>,
    /// The scale of the ratings. Default: MovieLens's for its files, else a guess.
    pub scale: Option<Scale>,
    /// Shown beside everything learned from the data.
    pub label: String,
}

/// What an import gives.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// The ratings; each pair of user and item once, the latest.
    pub interactions: Interactions,
    /// The described items in order of their rows, then the rated items nobody described.
    pub items: Vec<Item>,
    /// What was left out.
    pub notes: Notes,
}

/// Reads files in chunks. After an `Err` the import is over: every later call gives the same error.
///
/// ```
/// use tasteprint::data::import::{Importer, Options};
/// let mut importer = Importer::new(Options::default());
/// importer.start_file("ratings.csv")?;
/// importer.push(b"userId,movieId,rating,timest")?;
/// importer.push(b"amp\n1,10,4.5,964982703\n")?;
/// importer.end_file()?;
/// let imported = importer.finish()?;
/// assert_eq!(imported.interactions.at, [964_982_703_000.0]);
/// assert_eq!(imported.items[0].title, "Item 10");
/// # Ok::<(), tasteprint::ground::Error>(())
/// ```
pub struct Importer {
    mapping: Option<Mapping>,
    file: Option<File>,
    /// Files begun.
    files: usize,
    tables: Tables,
    failed: Option<Error>,
}

impl core::fmt::Debug for Importer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Importer")
            .field("rows", &self.rows())
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

struct File {
    name: String,
    number: usize,
    state: State,
}

enum State {
    Ignored,
    /// Its first bytes are being gathered.
    Waiting(Vec<u8>),
    Reading(Box<Opened>),
}

impl Importer {
    /// An importer that has seen nothing.
    pub fn new(options: Options) -> Importer {
        let Options { mapping, scale, label } = options;
        Importer {
            mapping,
            file: None,
            files: 0,
            failed: scale.and_then(|s| s.check("scale").err()),
            tables: Tables::new(scale, label),
        }
    }

    /// A file begins. `name` may hold folders, as in a zip; only its last part tells the format.
    pub fn start_file(&mut self, name: &str) -> Result<()> {
        self.attempt(|importer| {
            importer.close()?;
            importer.files += 1;
            let state = if sniff::is_ignored(name) {
                importer.tables.ignore(name, None);
                State::Ignored
            } else {
                State::Waiting(Vec::new())
            };
            importer.file = Some(File { name: name.to_owned(), number: importer.files, state });
            Ok(())
        })
    }

    /// The next bytes of the file.
    pub fn push(&mut self, bytes: &[u8]) -> Result<()> {
        self.attempt(|importer| {
            let Some(file) = &mut importer.file else {
                return Err(Error::argument("push", "a call of start_file before", "none"));
            };
            let mut rest = bytes;
            if let State::Waiting(head) = &mut file.state {
                let taken = bytes.len().min(HEAD - head.len());
                head.extend_from_slice(&bytes[..taken]);
                rest = &bytes[taken..];
                if head.len() == HEAD {
                    file.look(false, importer.mapping.as_ref(), &mut importer.tables)?;
                }
            }
            file.feed(rest, &mut importer.tables)
        })
    }

    /// The file is over.
    pub fn end_file(&mut self) -> Result<()> {
        self.attempt(Importer::close)
    }

    /// Rows read so far, the headers left aside: for progress.
    pub fn rows(&self) -> usize {
        self.tables.rows()
    }

    /// All files are over: puts everything together.
    pub fn finish(mut self) -> Result<Imported> {
        self.end_file()?;
        self.tables.finish()
    }

    fn close(&mut self) -> Result<()> {
        let Some(mut file) = self.file.take() else { return Ok(()) };
        if matches!(file.state, State::Waiting(_)) {
            file.look(true, self.mapping.as_ref(), &mut self.tables)?;
        }
        file.end(&mut self.tables)
    }

    /// Half a file is in the tables after an error, so nothing may be built on them any more.
    fn attempt(&mut self, work: impl FnOnce(&mut Importer) -> Result<()>) -> Result<()> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let result = work(self);
        self.failed = result.as_ref().err().cloned();
        result
    }
}

impl File {
    /// Decides what the file is and reads the bytes gathered so far.
    fn look(&mut self, whole: bool, mapping: Option<&Mapping>, tables: &mut Tables) -> Result<()> {
        let State::Waiting(head) = core::mem::replace(&mut self.state, State::Ignored) else { return Ok(()) };
        let mut head = head.as_slice();
        while let Some(rest) = head.strip_prefix(b"\xef\xbb\xbf") {
            head = rest;
        }
        match sniff::look(&self.name, head, whole, mapping).map_err(|e| self.placed(e))? {
            Verdict::Ignore(reason) => {
                tables.ignore(&self.name, Some(reason));
                Ok(())
            }
            Verdict::Read(opened) => {
                tables.open(&opened);
                self.state = State::Reading(opened);
                self.feed(head, tables)
            }
        }
    }

    fn feed(&mut self, bytes: &[u8], tables: &mut Tables) -> Result<()> {
        let State::Reading(opened) = &mut self.state else { return Ok(()) };
        let Opened { rows, plan, header, latin1, .. } = &mut **opened;
        let place = Place { file: self.number, name: &self.name, row: 0 };
        let result = rows.feed(bytes, |row| tables.take(row, plan, header, *latin1, place));
        result.map_err(|e| self.placed(e))
    }

    fn end(&mut self, tables: &mut Tables) -> Result<()> {
        let State::Reading(opened) = &mut self.state else { return Ok(()) };
        let Opened { rows, plan, header, latin1, .. } = &mut **opened;
        let place = Place { file: self.number, name: &self.name, row: 0 };
        let result = rows.end(|row| tables.take(row, plan, header, *latin1, place));
        tables.close(plan);
        result.map_err(|e| self.placed(e))
    }

    /// The splitter of rows does not know the file's name.
    fn placed(&self, error: Error) -> Error {
        let place = format!("{}, {}", self.name, error.place());
        if error.place().starts_with("row ") { error.at(place) } else { error }
    }
}
