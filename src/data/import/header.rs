//! Which column is what: by the header's names, by a mapping, or by the format.

use super::Mapping;
use super::rows::Rows;
use super::values;
use crate::ground::{Code, Error, Result};
use core::ops::RangeInclusive;

/// Columns of a file of ratings.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RatingColumns {
    pub(super) user: usize,
    pub(super) item: usize,
    pub(super) rating: usize,
    pub(super) time: Option<usize>,
    pub(super) title: Option<usize>,
    pub(super) genres: Option<usize>,
    /// Columns of circumstances, and their names.
    pub(super) context: Vec<(usize, String)>,
    /// How many fields a row has.
    pub(super) width: RangeInclusive<usize>,
    /// `3,5` is a number.
    pub(super) comma: bool,
    /// The header's word for the rating, to know a repeated header by; empty without a header.
    pub(super) heading: String,
    pub(super) origin: Origin,
}

/// What the format says about the scale. Ordered: the least certain of several files decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// `u.data`: one to five stars.
    WholeStars,
    /// Other files of MovieLens: whole or half stars.
    MovieLens,
    /// Anything.
    Unknown,
}

/// Columns of a file of items.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ItemColumns {
    pub(super) item: usize,
    pub(super) title: Option<usize>,
    pub(super) genres: Option<usize>,
    pub(super) year: Option<usize>,
    pub(super) width: usize,
}

/// What is done with the rows of a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Plan {
    /// Ratings.
    Ratings(RatingColumns),
    /// Items.
    Items(ItemColumns),
    /// `u.item`, with a flag per genre.
    FlaggedItems,
    /// Tags people gave.
    Tags { item: usize, tag: usize, width: RangeInclusive<usize> },
}

/// What a header turned out to be.
pub(super) enum Header {
    /// Understood; the first row is not data. Mapped columns that stand elsewhere or nowhere are listed.
    Known { plan: Plan, separator: u8, absent: Vec<String>, names: Vec<String> },
    /// Names we do not know: some other table.
    Unknown(Error),
}

/// Names of columns that speak of circumstances.
const CIRCUMSTANCES: [&str; 8] =
    ["mood", "group", "session", "device", "companion", "location", "weather", "weekday"];

const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// Reads the header of a delimited file. `head`: its first bytes; `whole`: there are no more.
pub(super) fn read(head: &[u8], whole: bool, file: &str, mapping: Option<&Mapping>) -> Result<Header> {
    let mut widest: (u8, Vec<String>) = (b',', Vec::new());
    for separator in SEPARATORS {
        let Some(names) = first_row(head, whole, separator)? else { continue };
        if let Some((plan, absent)) = plan(&names, separator, mapping) {
            refuse_doubled(&names, file, mapping)?;
            return Ok(Header::Known { plan, separator, absent, names });
        }
        if names.len() > widest.1.len() {
            widest = (separator, names);
        }
    }
    let (_, names) = widest;
    let columns = names.join(", ");
    if names.is_empty() {
        return Ok(Header::Unknown(
            Error::new(Code::FileFormat, "this file has no rows")
                .at(file)
                .expected("a header and rows")
                .hint("The download may have been cut off; download the file again."),
        ));
    }
    if names.len() > 1 && names.iter().any(|n| values::number(n.as_bytes(), true).is_some()) {
        return Err(Error::new(Code::FileFormat, "this file has no header: its first row is data")
            .at(format!("{file}, row 1"))
            .expected("the names of the columns, for example userId,movieId,rating,timestamp")
            .got(columns)
            .hint("Add a first row with the names of the columns; with other names, say which is which with `mapping`."));
    }
    if let Some(mapping) = mapping {
        let absent: Vec<&str> =
            mapping.required().into_iter().filter(|n| !names.iter().any(|c| c == n)).collect();
        return Err(Error::new(Code::FileFormat, "the mapping names a column that is not in this file")
            .at(file)
            .expected(absent.join(", "))
            .got(columns)
            .hint("Give the names exactly as the header writes them."));
    }
    refuse_doubled(&names, file, mapping)?;
    Ok(Header::Unknown(
        Error::new(Code::FileFormat, "these columns are not known")
            .at(file)
            .expected("a column each for the user, the item and the rating")
            .got(columns)
            .hint("Say which column is which: { mapping: { user: \"…\", item: \"…\", rating: \"…\" } }."),
    ))
}

/// The first row with this separator, if it is complete.
fn first_row(head: &[u8], whole: bool, separator: u8) -> Result<Option<Vec<String>>> {
    let mut first = None;
    let mut rows = Rows::quoted(separator);
    let mut each = |row: super::rows::Row<'_>| {
        if first.is_none() {
            first = Some((0..row.len()).map(|i| values::text(row.field(i)).0.into_owned()).collect());
        }
        Ok(())
    };
    rows.feed(head, &mut each)?;
    if whole {
        rows.end(&mut each)?;
    }
    Ok(first)
}

/// What the names mean, and which mapped columns are not among them; `None` where they mean nothing to us.
fn plan(names: &[String], separator: u8, mapping: Option<&Mapping>) -> Option<(Plan, Vec<String>)> {
    match mapping {
        Some(mapping) => mapped(names, separator, mapping).or_else(|| {
            // A mapping speaks of the ratings; MovieLens's item and tag files beside them are read as ever.
            named(names, separator)
                .filter(|plan| !matches!(plan, Plan::Ratings(_)))
                .map(|plan| (plan, Vec::new()))
        }),
        None => named(names, separator).map(|plan| (plan, Vec::new())),
    }
}

fn mapped(names: &[String], separator: u8, m: &Mapping) -> Option<(Plan, Vec<String>)> {
    let at = |name: &str| names.iter().position(|n| n == name);
    let optional = |name: &Option<String>| name.as_deref().and_then(at);
    let item = at(&m.item)?;
    let (title, genres, time) = (optional(&m.title), optional(&m.genres), optional(&m.timestamp));
    if let (Some(user), Some(rating)) = (at(&m.user), at(&m.rating)) {
        let optional = [&m.timestamp, &m.title, &m.genres].into_iter().flatten();
        let absent = optional.chain(&m.context).filter(|n| at(n).is_none()).cloned().collect();
        let context = m.context.iter().filter_map(|name| Some((at(name)?, name.clone()))).collect();
        let plain = ratings(names, rating, separator);
        let columns = RatingColumns { user, item, rating, time, title, genres, context, ..plain };
        return Some((Plan::Ratings(columns), absent));
    }
    // A second file, of items, under the same mapping.
    (at(&m.user).is_none() && at(&m.rating).is_none() && (title.is_some() || genres.is_some())).then(|| {
        (Plan::Items(ItemColumns { item, title, genres, year: None, width: names.len() }), Vec::new())
    })
}

fn named(names: &[String], separator: u8) -> Option<Plan> {
    let plain = |n: &String| n.to_ascii_lowercase().replace(['_', '-', ' '], "");
    let plain: Vec<String> = names.iter().map(plain).collect();
    // The more telling name first: a file may have both `timestamp` and `date`.
    let find = |wanted: &[&str]| wanted.iter().find_map(|w| plain.iter().position(|n| n == w));
    let user = find(&["userid", "user"]);
    let item = find(&["itemid", "movieid", "item"]);
    let rating = find(&["rating", "score", "stars"]);
    let time = find(&["timestamp", "time", "date"]);
    let (title, genres) = (find(&["title"]), find(&["genres", "genre"]));
    match (user, item, rating) {
        (Some(user), Some(item), Some(rating)) => {
            let said = |(_, name): &(usize, &String)| CIRCUMSTANCES.contains(&name.as_str());
            let context =
                plain.iter().enumerate().filter(said).map(|(at, name)| (at, name.clone())).collect();
            let columns = ratings(names, rating, separator);
            let columns = RatingColumns { user, item, rating, time, title, genres, context, ..columns };
            Some(Plan::Ratings(columns))
        }
        (Some(_), Some(item), None) => {
            find(&["tag"]).map(|tag| Plan::Tags { item, tag, width: names.len()..=names.len() })
        }
        (None, Some(item), None) if title.is_some() => {
            Some(Plan::Items(ItemColumns { item, title, genres, year: find(&["year"]), width: names.len() }))
        }
        _ => None,
    }
}

/// What all files of ratings with a header have in common.
fn ratings(names: &[String], rating: usize, separator: u8) -> RatingColumns {
    let movielens = names.len() >= 3 && names[..3] == ["userId", "movieId", "rating"];
    RatingColumns {
        user: 0,
        item: 1,
        rating: 2,
        time: None,
        title: None,
        genres: None,
        context: Vec::new(),
        width: names.len()..=names.len(),
        comma: separator != b',',
        heading: names[rating].clone(),
        origin: if movielens { Origin::MovieLens } else { Origin::Unknown },
    }
}

fn refuse_doubled(names: &[String], file: &str, mapping: Option<&Mapping>) -> Result<()> {
    let matters = |name: &str| match mapping {
        Some(m) => m.all().any(|n| n == name),
        None => !name.is_empty(),
    };
    let doubled = (1..names.len()).find(|&i| matters(&names[i]) && names[..i].contains(&names[i]));
    match doubled {
        None => Ok(()),
        Some(i) => Err(Error::new(Code::FileFormat, "two columns of this file have the same name")
            .at(format!("{file}, column {}", i + 1))
            .expected("each name once")
            .got(names.join(", "))
            .hint("Rename one of them in the file; a `mapping` then says which column is which.")),
    }
}
