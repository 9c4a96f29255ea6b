//! The catalog: what can be recommended.

use crate::ground::fields::{Fields, FromFields};
use crate::ground::ids::Vocabulary;
use crate::ground::json::{Value, object};
use crate::ground::{Error, Result};
use std::rc::Rc;

/// Most items a catalog may hold.
pub const MAX_ITEMS: usize = 500_000;

/// One film, series or other thing. Missing facts are `None` or empty, never invented.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Item {
    /// The site's id.
    pub id: String,
    /// Shown to people.
    pub title: String,
    /// For example "movie" or "series".
    pub kind: Option<String>,
    /// Any vocabulary.
    pub genres: Vec<String>,
    /// Year of release.
    pub year: Option<f64>,
    /// Minutes.
    pub duration: Option<f64>,
    /// Free words.
    pub tags: Vec<String>,
    /// Directors, actors.
    pub people: Vec<String>,
    /// What the site says of it.
    pub description: Option<String>,
    /// Milliseconds since 1970 at which the item came into the catalog.
    pub added_at: Option<f64>,
    /// The site's own measure, ≥ 0.
    pub popularity: Option<f64>,
    /// Where a pack's model sees it among other items; never the site's to give.
    pub embedding: Option<Rc<[f32]>>,
}

impl From<Item> for Value {
    fn from(of: Item) -> Value {
        let texts = |list: Vec<String>| if list.is_empty() { Value::Null } else { list.into() };
        object([
            ("id", of.id.into()),
            ("title", of.title.into()),
            ("type", of.kind.into()),
            ("genres", texts(of.genres)),
            ("year", of.year.into()),
            ("duration", of.duration.into()),
            ("tags", texts(of.tags)),
            ("people", texts(of.people)),
            ("description", of.description.into()),
            ("addedAt", of.added_at.into()),
            ("popularity", of.popularity.into()),
        ])
    }
}

impl FromFields for Item {
    fn read(f: &mut Fields) -> Result<Item> {
        let id = f.needed_text("id")?;
        Ok(Item {
            title: f.text("title")?.unwrap_or_else(|| id.clone()),
            id,
            kind: f.text("type")?,
            genres: f.texts("genres")?,
            year: f.number("year")?,
            duration: f.number("duration")?,
            tags: f.texts("tags")?,
            people: f.texts("people")?,
            description: f.text("description")?,
            added_at: f.number("addedAt")?,
            popularity: f.number("popularity")?,
            embedding: None,
        })
    }
}

/// Items by id and by dense index.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    items: Vec<Item>,
    ids: Vocabulary,
    genres: Vocabulary,
    genres_of: Vec<Vec<u32>>,
}

impl Catalog {
    /// Checks and indexes items. Nothing is kept where one is refused.
    pub fn new(items: Vec<Item>) -> Result<Catalog> {
        if items.len() > MAX_ITEMS {
            return Err(Error::argument("catalog", format!("at most {MAX_ITEMS} items"), items.len()));
        }
        for (i, item) in items.iter().enumerate() {
            for (field, value) in [
                ("year", item.year),
                ("duration", item.duration),
                ("addedAt", item.added_at),
                ("popularity", item.popularity),
            ] {
                if value.is_some_and(|v| !v.is_finite()) {
                    return Err(Error::argument(
                        format!("catalog[{i}].{field}"),
                        "a finite number",
                        "NaN or infinity",
                    )
                    .hint("Leave the field out where it is not known."));
                }
            }
        }
        let ids = Vocabulary::from_ids("catalog", items.iter().map(|i| i.id.clone()).collect())?;
        let mut genres = Vocabulary::default();
        let genres_of = items.iter().map(|i| i.genres.iter().map(|g| genres.intern(g)).collect()).collect();
        Ok(Catalog { items, ids, genres, genres_of })
    }

    /// Says where each item lies among the others, or that nothing is known of that.
    pub fn embed(&mut self, of: &dyn Fn(&str) -> Option<Vec<f32>>) {
        for item in &mut self.items {
            item.embedding = of(&item.id).map(Rc::from);
        }
    }

    /// All items, by index.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The item of an id.
    pub fn get(&self, id: &str) -> Option<&Item> {
        self.ids.get(id).map(|i| &self.items[i as usize])
    }

    /// Ids ⇄ indices.
    pub fn ids(&self) -> &Vocabulary {
        &self.ids
    }

    /// All genres that occur.
    pub fn genres(&self) -> &Vocabulary {
        &self.genres
    }

    /// The genres of the item at an index.
    pub fn genres_of(&self, item: u32) -> &[u32] {
        &self.genres_of[item as usize]
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// True without items.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(id: &str, genres: &[&str]) -> Item {
        Item {
            id: id.into(),
            title: id.into(),
            genres: genres.iter().map(|g| g.to_string()).collect(),
            ..Item::default()
        }
    }

    #[test]
    fn items_are_found_by_id_and_genres_are_shared() {
        let c = Catalog::new(vec![item("a", &["Drama"]), item("b", &["War", "Drama"])]).unwrap();
        assert_eq!(c.get("b").unwrap().id, "b");
        assert!(c.get("z").is_none());
        assert_eq!(c.genres_of(1), [1, 0]);
        assert_eq!(c.genres().ids(), ["Drama", "War"]);
    }

    #[test]
    fn doubled_ids_and_infinite_years_are_refused_with_their_place() {
        let e = Catalog::new(vec![item("a", &[]), item("a", &[])]).unwrap_err();
        assert_eq!(e.place(), "catalog[1]");
        let e = Catalog::new(vec![Item { year: Some(f64::NAN), ..item("a", &[]) }]).unwrap_err();
        assert_eq!(e.place(), "catalog[0].year");
    }
}
