//! What a file is: by its name first, then by its first bytes.

use super::Mapping;
use super::header::{self, Header, ItemColumns, Origin, Plan, RatingColumns};
use super::rows::Rows;
use crate::ground::{Code, Error, Result};

/// So many first bytes decide. Always the same number, so that the size of the chunks cannot matter.
pub(super) const HEAD: usize = 1 << 14;

/// A file we can read.
pub(super) struct Opened {
    pub(super) rows: Rows,
    pub(super) plan: Plan,
    /// The first row holds names.
    pub(super) header: bool,
    /// Mapped columns this file lacks, and those it has.
    pub(super) absent: Vec<String>,
    pub(super) names: Vec<String>,
    /// The format is known to be Latin-1, so that need not be said.
    pub(super) latin1: bool,
}

/// What to do with a file after a look at its first bytes.
pub(super) enum Verdict {
    /// Read it.
    Read(Box<Opened>),
    /// Leave it out. The error is for the case that nothing better comes.
    Ignore(Error),
}

/// True for files that are not looked into: text for people, tables of no use here, what archivers leave behind.
pub(super) fn is_ignored(name: &str) -> bool {
    const TABLES: &[&str] = &[
        "links.csv",
        "genome-scores.csv",
        "genome-tags.csv",
        "users.dat",
        "u.user",
        "u.genre",
        "u.info",
        "u.occupation",
    ];
    const READ: &[&str] = &["csv", "tsv", "tab", "txt", "dat", "data", "item"];
    let base = base_name(name);
    let ending = base.rsplit_once('.').map_or("", |(_, ending)| ending);
    base.is_empty()
        || base.starts_with('.')
        || base.starts_with("readme")
        || TABLES.contains(&base.as_str())
        || !READ.contains(&ending)
}

fn base_name(name: &str) -> String {
    name.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase()
}

/// Decides, see [`Verdict`]. A text file without a mapping may be prose, where nothing is an error.
pub(super) fn look(name: &str, head: &[u8], whole: bool, mapping: Option<&Mapping>) -> Result<Verdict> {
    match judge(name, head, whole, mapping) {
        Err(error) if mapping.is_none() && base_name(name).ends_with(".txt") => Ok(Verdict::Ignore(error)),
        verdict => verdict,
    }
}

/// `head`: the first [`HEAD`] bytes without a byte-order mark, or the whole file where it is shorter.
fn judge(name: &str, head: &[u8], whole: bool, mapping: Option<&Mapping>) -> Result<Verdict> {
    refuse_foreign(name, head)?;
    let base = base_name(name);
    let first = head.split(|&b| b == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let opened = if base == "u.item" && first.contains(&b'|') {
        fixed(Plan::FlaggedItems, "|")
    } else if base == "u.data" && first.first().is_some_and(u8::is_ascii_digit) {
        fixed(Plan::Ratings(fixed_ratings(Origin::WholeStars)), "\t")
    } else if first.windows(2).filter(|w| w == b"::").count() >= 2 {
        let plan = if base.starts_with("movies") {
            Plan::Items(ItemColumns { item: 0, title: Some(1), genres: Some(2), year: None, width: 3 })
        } else if base.starts_with("tags") {
            Plan::Tags { item: 1, tag: 2, width: 3..=4 }
        } else {
            Plan::Ratings(fixed_ratings(Origin::MovieLens))
        };
        fixed(plan, "::")
    } else {
        match header::read(head, whole, name, mapping)? {
            Header::Unknown(error) => return Ok(Verdict::Ignore(error)),
            Header::Known { plan, separator, absent, names } => {
                Opened { rows: Rows::quoted(separator), plan, header: true, absent, names, latin1: false }
            }
        }
    };
    Ok(Verdict::Read(Box::new(opened)))
}

/// The formats of MovieLens before 2014: no header, no quotes, Latin-1.
fn fixed(plan: Plan, separator: &'static str) -> Opened {
    Opened {
        rows: Rows::plain(separator),
        plan,
        header: false,
        absent: Vec::new(),
        names: Vec::new(),
        latin1: true,
    }
}

/// user, item, rating and, most often, timestamp.
fn fixed_ratings(origin: Origin) -> RatingColumns {
    RatingColumns {
        user: 0,
        item: 1,
        rating: 2,
        time: Some(3),
        title: None,
        genres: None,
        context: Vec::new(),
        width: 3..=4,
        comma: true,
        heading: String::new(),
        origin,
    }
}

/// Web pages and binary files that carry the name of a table.
fn refuse_foreign(name: &str, head: &[u8]) -> Result<()> {
    let error = |what: &str, got: &str, hint: &str| {
        Err(Error::new(Code::FileFormat, what)
            .at(name)
            .expected("rows of text with a header")
            .got(got)
            .hint(hint))
    };
    let start = head.trim_ascii_start();
    if start.starts_with(b"<") {
        return error(
            "this file is a web page and not a table",
            "an HTML page",
            "A server most likely answered the download with an error page; download the file again.",
        );
    }
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return error("this file is not UTF-8 text", "UTF-16 text", "Save it again as “CSV UTF-8”.");
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"\x1f\x8b") {
        return error(
            "this file is packed",
            "a zip or gzip archive",
            "Unpack it first, or give it its own ending.",
        );
    }
    if head.contains(&0) {
        return Err(binary(name, None));
    }
    Ok(())
}

/// A zero byte: no text has one.
pub(super) fn binary(name: &str, row: Option<usize>) -> Error {
    Error::new(Code::FileFormat, "this file is binary and not text")
        .at(row.map_or(name.to_owned(), |row| format!("{name}, row {row}")))
        .expected("rows of text")
        .got("a zero byte")
        .hint("Export the table as CSV, in UTF-8.")
}
