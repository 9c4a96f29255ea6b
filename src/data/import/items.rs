//! Rows of items and tags into the catalog.

use super::header::ItemColumns;
use super::notes::{Notebook, Place};
use super::rows::Row;
use super::values;
use crate::data::Item;
use crate::data::catalog::MAX_ITEMS;
use crate::ground::ids::Vocabulary;
use crate::ground::sort::sort_by;
use crate::ground::{Code, Error, Result};

/// The flags of `u.item`, in order. The first, "unknown", says that none is known.
const FLAGGED_GENRES: [&str; 18] = [
    "Action",
    "Adventure",
    "Animation",
    "Children's",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Fantasy",
    "Film-Noir",
    "Horror",
    "Musical",
    "Mystery",
    "Romance",
    "Sci-Fi",
    "Thriller",
    "War",
    "Western",
];

/// id, title, release date, video release date, URL, "unknown" and the genres.
const FLAGGED_WIDTH: usize = 6 + FLAGGED_GENRES.len();

/// Tags kept per item, and characters kept per tag.
const MAX_TAGS: usize = 10;
const MAX_TAG_CHARS: usize = 100;

/// What an item is called whose title is not known.
pub(in crate::data) fn placeholder(id: &str) -> String {
    format!("Item {id}")
}

/// Items in order of their rows, and tags.
#[derive(Default)]
pub(super) struct ItemTable {
    ids: Vocabulary,
    items: Vec<Item>,
    /// The item is known only from a row of ratings, and a row of its own may still come.
    aside: Vec<bool>,
    tagged: Vocabulary,
    tags: Vocabulary,
    /// Tagged item and tag, a row each.
    given: Vec<(u32, u32)>,
}

impl ItemTable {
    /// True without any item.
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Takes a row of an item file. Says whether text had to be read as Latin-1.
    pub(super) fn add(
        &mut self,
        row: Row<'_>,
        c: &ItemColumns,
        place: Place<'_>,
        notes: &mut Notebook,
    ) -> Result<bool> {
        if row.len() != c.width {
            notes.drop_row(place, "ragged-row", || row.shown());
            return Ok(false);
        }
        let (title, genres) = (c.title.map(|i| row.field(i)), c.genres.map(|i| row.field(i)));
        let (mut item, mut latin1) = describe(title, genres);
        if let Some(column) = c.year {
            let (text, odd) = values::text(row.field(column));
            item.year = item.year.or_else(|| values::four_digit_year(&text));
            latin1 |= odd;
        }
        Ok(self.keep(row, row.field(c.item), item, place, notes)? || latin1)
    }

    /// Takes a row of `u.item`.
    pub(super) fn add_flagged(&mut self, row: Row<'_>, place: Place<'_>, notes: &mut Notebook) -> Result<()> {
        if row.len() != FLAGGED_WIDTH {
            notes.drop_row(place, "ragged-row", || row.shown());
            return Ok(());
        }
        let (mut item, _) = describe(Some(row.field(1)), None);
        // "01-Jan-1995"
        let date = values::text(row.field(2)).0;
        let released = date.rsplit('-').next().and_then(values::four_digit_year);
        item.year = released.or(item.year);
        let flags = FLAGGED_GENRES.iter().enumerate();
        let set = flags.filter(|(i, _)| row.field(6 + i).trim_ascii() == b"1");
        item.genres = set.map(|(_, genre)| (*genre).to_owned()).collect();
        self.keep(row, row.field(0), item, place, notes).map(|_| ())
    }

    fn keep(
        &mut self,
        row: Row<'_>,
        id: &[u8],
        mut item: Item,
        place: Place<'_>,
        notes: &mut Notebook,
    ) -> Result<bool> {
        let (id, latin1) = match values::id(id) {
            Ok(id) => id,
            Err(reason) => {
                notes.drop_row(place, reason, || row.shown());
                return Ok(false);
            }
        };
        item.id = id.clone().into_owned();
        match self.ids.get(&id) {
            Some(i) if self.aside[i as usize] => {
                self.aside[i as usize] = false;
                self.items[i as usize] = item;
            }
            Some(_) => notes.drop_row(place, "duplicate-item", || row.shown()),
            None => self.push(item, false, place)?,
        }
        Ok(latin1)
    }

    /// Takes title and genres from a row of ratings; the first row that has any decides.
    pub(super) fn add_aside(
        &mut self,
        id: &[u8],
        title: Option<&[u8]>,
        genres: Option<&[u8]>,
        place: Place<'_>,
    ) -> Result<bool> {
        let Ok((id, _)) = values::id(id) else { return Ok(false) };
        if self.ids.get(&id).is_some() || [title, genres].into_iter().flatten().all(values::is_missing) {
            return Ok(false);
        }
        let (item, latin1) = describe(title, genres);
        self.push(Item { id: id.into_owned(), ..item }, true, place)?;
        Ok(latin1)
    }

    fn push(&mut self, item: Item, aside: bool, place: Place<'_>) -> Result<()> {
        if self.items.len() >= MAX_ITEMS {
            return Err(Error::new(Code::FileTooLarge, "these are more items than a catalog holds")
                .at(format!("{}, row {}", place.name, place.row))
                .expected(format!("at most {MAX_ITEMS} items"))
                .hint("Import only the items that may be recommended."));
        }
        self.ids.intern(&item.id);
        self.items.push(item);
        self.aside.push(aside);
        Ok(())
    }

    /// Takes a tag of an item. Tags of items nobody described or rated come to nothing in the end.
    pub(super) fn add_tag(
        &mut self,
        row: Row<'_>,
        item: usize,
        tag: usize,
        place: Place<'_>,
        notes: &mut Notebook,
    ) -> bool {
        let (id, odd) = match values::id(row.field(item)) {
            Ok(id) => id,
            Err(reason) => {
                notes.drop_row(place, reason, || row.shown());
                return false;
            }
        };
        let (tag, latin1) = values::text(row.field(tag));
        let tag: String =
            tag.to_ascii_lowercase().chars().filter(|c| !c.is_control()).take(MAX_TAG_CHARS).collect();
        if tag.is_empty() {
            notes.drop_row(place, "empty-tag", || row.shown());
            return false;
        }
        self.given.push((self.tagged.intern(&id), self.tags.intern(&tag)));
        odd || latin1
    }

    /// The catalog: described items in order of their rows, then rated items nobody described. Says how many those are.
    pub(super) fn finish(mut self, rated: &Vocabulary) -> Result<(Vec<Item>, usize)> {
        let described = self.items.len();
        for id in rated.ids() {
            if self.ids.get(id).is_none() {
                self.items.push(Item { id: id.clone(), title: placeholder(id), ..Item::default() });
            }
        }
        let undescribed = self.items.len() - described;
        if self.items.len() > MAX_ITEMS {
            return Err(Error::new(Code::FileTooLarge, "these are more items than a catalog holds")
                .expected(format!("at most {MAX_ITEMS} items"))
                .got(self.items.len())
                .hint("Leave out the ratings of items that are never recommended."));
        }
        let mut tags_of = most_frequent(&mut self.given, &self.tags, self.tagged.len());
        for item in &mut self.items {
            if item.title.is_empty() {
                item.title = placeholder(&item.id);
            }
            if let Some(i) = self.tagged.get(&item.id) {
                item.tags = core::mem::take(&mut tags_of[i as usize]);
            }
        }
        Ok((self.items, undescribed))
    }
}

/// An item without its id, and whether its text had to be read as Latin-1.
fn describe(title: Option<&[u8]>, genres: Option<&[u8]>) -> (Item, bool) {
    let (title, odd) = values::text(title.unwrap_or_default());
    let (genres, latin1) = values::text(genres.unwrap_or_default());
    let (title, year) = values::title_and_year(&title);
    (Item { title, year, genres: values::genres(&genres), ..Item::default() }, odd || latin1)
}

/// The tags of each item: most often given first, then by the alphabet.
fn most_frequent(given: &mut Vec<(u32, u32)>, tags: &Vocabulary, items: usize) -> Vec<Vec<String>> {
    sort_by(given, Ord::cmp);
    let mut counted: Vec<Vec<(usize, &str)>> = vec![Vec::new(); items];
    for run in given.chunk_by(|a, b| a == b) {
        let (item, tag) = run[0];
        counted[item as usize].push((run.len(), tags.id(tag)));
    }
    let top = |mut list: Vec<(usize, &str)>| {
        sort_by(&mut list, |a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        list.into_iter().take(MAX_TAGS).map(|(_, tag)| tag.to_owned()).collect()
    };
    counted.into_iter().map(top).collect()
}
