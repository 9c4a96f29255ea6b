//! The community's ratings: imported or given, checked, staged, and only then taken in.

use super::Engine;
use super::request::{Columns, Import};
use crate::codec::{Reader, Writer};
use crate::data::context::Circumstance;
use crate::data::import::{self, Importer, Notes};
use crate::data::interactions::NO_TIME;
use crate::data::quality;
use crate::data::{Catalog, Contexts, Interactions, Item, Scale};
use crate::ground::fields::{Fields, FromFields};
use crate::ground::ids::Vocabulary;
use crate::ground::json::{Value, object, write};
use crate::ground::{Code, Error, Result};

/// Ratings, the items they came with, and what was left out.
#[derive(Clone, Debug, Default)]
pub struct Community {
    /// Ratings.
    pub interactions: Interactions,
    /// The catalog that came with them; empty where the site's own stays.
    pub items: Vec<Item>,
    /// Dropped rows, problems, warnings: [`Notes`] as they are reported.
    pub notes: Value,
}

impl Community {
    /// From columns that crossed the boundary; those of circumstances one after the other.
    pub fn from_columns(
        about: Columns,
        user: Vec<u32>,
        item: Vec<u32>,
        rating: Vec<f32>,
        at: Option<Vec<f64>>,
        context: Option<Vec<u32>>,
    ) -> Result<Community> {
        let scale = about.scale.unwrap_or_else(|| Scale::guess(rating.iter().copied()));
        let at = at.unwrap_or_else(|| vec![NO_TIME; rating.len()]);
        let (mut circumstances, said) = (about.context, context.unwrap_or_default());
        let expected = circumstances.kinds.len() * rating.len();
        if said.len() != expected {
            return Err(Error::argument(
                "context",
                format!("{expected} numbers, a column per kind"),
                said.len(),
            ));
        }
        for (kind, of) in circumstances.kinds.iter_mut().zip(said.chunks(rating.len().max(1))) {
            kind.of = of.to_vec();
        }
        let mut interactions = Interactions {
            users: Vocabulary::from_ids("userIds", about.user_ids)?,
            items: Vocabulary::from_ids("itemIds", about.item_ids)?,
            user,
            item,
            rating,
            at,
            scale,
            label: about.label.unwrap_or_default(),
            context: circumstances,
            ..Interactions::default()
        }
        .check()?;
        let doubled = interactions.deduplicate();
        let mut notes = Notes::default();
        if doubled > 0 {
            notes.dropped.push(import::Dropped { reason: "duplicate".into(), count: doubled });
        }
        Ok(Community { interactions, items: Vec::new(), notes: notes.into() })
    }

    /// Both together; where both rate the same, the later one counts. Items of `more` replace those of the same id.
    fn merge(mut self, more: Community) -> Result<Community> {
        if self.interactions.is_empty() {
            self.interactions.scale = more.interactions.scale;
        }
        if self.interactions.scale != more.interactions.scale {
            return Err(Error::argument(
                "scale",
                write(&self.interactions.scale.into()),
                write(&more.interactions.scale.into()),
            )
            .hint("Ratings on different scales cannot be merged; use mode \"replace\"."));
        }
        let x = &more.interactions;
        for r in 0..x.len() {
            let (user, item) = (x.users.id(x.user[r]), x.items.id(x.item[r]));
            self.interactions.push_in(user, item, x.rating[r], x.at[r], &x.context.moment(r));
        }
        self.interactions.deduplicate();
        let mut known = Vocabulary::default();
        for item in &self.items {
            known.intern(&item.id);
        }
        for item in more.items {
            match known.intern(&item.id) as usize {
                at if at < self.items.len() => self.items[at] = item,
                _ => self.items.push(item),
            }
        }
        self.notes = more.notes;
        Ok(self)
    }

    /// The bytes to store.
    pub fn write(&self) -> Result<Vec<u8>> {
        let x = &self.interactions;
        let body = object([
            ("label", x.label.as_str().into()),
            ("scale", x.scale.into()),
            ("ratings", x.len().into()),
            ("users", x.users.len().into()),
            ("items", x.items.len().into()),
            ("context", Some(&x.context).filter(|c| !c.is_empty()).map(Value::from).into()),
        ]);
        let mut w = Writer::new("data", &body);
        w.ids("user_ids", x.users.ids());
        w.ids("item_ids", x.items.ids());
        w.u32("user", &x.user);
        w.u32("item", &x.item);
        w.f32("rating", &[x.len()], &x.rating);
        w.f64("at", &x.at);
        for (at, kind) in x.context.kinds.iter().enumerate() {
            let of: Vec<u32> = (0..x.len()).map(|r| kind.at(r)).collect();
            w.u32(&format!("context_{at}"), &of);
        }
        w.json("catalog", &self.items.clone().into());
        w.json("notes", &self.notes);
        w.finish()
    }

    /// From stored bytes, checked again.
    pub fn read(bytes: &[u8]) -> Result<Community> {
        let mut r = Reader::open(bytes, "data")?;
        let mut body = Fields::of("body", r.body().clone())?;
        let ratings = body.needed_number("ratings")? as usize;
        let (users, items) = (body.needed_number("users")? as usize, body.needed_number("items")? as usize);
        let scale = body.value("scale").unwrap_or_default();
        let mut context = Contexts::default();
        for (at, value) in body.list("context")?.into_iter().enumerate() {
            let mut kind = Circumstance::decode(format!("body.context[{at}]"), value)?;
            kind.of = r.u32(&format!("context_{at}"), ratings)?;
            context.kinds.push(kind);
        }
        let interactions = Interactions {
            users: Vocabulary::from_ids("user_ids", r.ids("user_ids", users)?)?,
            items: Vocabulary::from_ids("item_ids", r.ids("item_ids", items)?)?,
            user: r.u32("user", ratings)?,
            item: r.u32("item", ratings)?,
            rating: r.f32("rating", &[ratings])?,
            at: r.f64("at", ratings)?,
            scale: Scale::decode("body.scale", scale)?,
            label: body.text("label")?.unwrap_or_default(),
            context,
            ..Interactions::default()
        }
        .check()?;
        let items = Item::decode_all("catalog", r.json("catalog")?)?;
        let notes = r.json("notes")?;
        r.finish()?;
        Ok(Community { interactions, items, notes })
    }
}

impl Engine {
    /// Begins to import files.
    pub fn import_begin(&mut self, ask: Import) -> Result<()> {
        if self.importer.is_some() {
            return Err(
                Error::new(Code::Busy, "an import is under way").hint("Wait for it to end, or abort it.")
            );
        }
        let label = ask.label.unwrap_or_default();
        self.importer =
            Some(Importer::new(import::Options { mapping: ask.mapping, scale: ask.scale, label }));
        Ok(())
    }

    fn importer(&mut self) -> Result<&mut Importer> {
        self.importer.as_mut().ok_or_else(super::work::no_work)
    }

    /// A file begins.
    pub fn import_file(&mut self, name: &str) -> Result<()> {
        self.importer()?.start_file(name)
    }

    /// More of its bytes; gives the number of rows read so far.
    pub fn import_push(&mut self, bytes: &[u8]) -> Result<usize> {
        let importer = self.importer()?;
        importer.push(bytes)?;
        Ok(importer.rows())
    }

    /// The file ends.
    pub fn import_end(&mut self) -> Result<()> {
        self.importer()?.end_file()
    }

    /// All files are in: what came of them, not yet taken in.
    pub fn import_finish(&mut self) -> Result<Community> {
        let importer = self.importer.take().ok_or_else(super::work::no_work)?;
        let done = importer.finish()?;
        Ok(Community { interactions: done.interactions, items: done.items, notes: done.notes.into() })
    }

    /// What the community would be with more ratings: in place of the old ones, or added to them.
    pub fn stage(&self, more: Community, mode: &str) -> Result<Community> {
        match mode {
            "replace" => Ok(more),
            "merge" => self.community().merge(more),
            other => Err(Error::argument("mode", "\"replace\" or \"merge\"", format!("{other:?}"))),
        }
    }

    fn community(&self) -> Community {
        Community {
            interactions: self.community.clone().unwrap_or_default(),
            items: if self.catalog_imported { self.catalog.items().to_vec() } else { Vec::new() },
            notes: self.notes.clone(),
        }
    }

    /// Takes a community in. Its catalog, where it has one, takes the place of the site's.
    pub fn take_in(&mut self, community: Community) -> Result<()> {
        let catalog = (!community.items.is_empty()).then(|| Catalog::new(community.items)).transpose()?;
        if let Some(catalog) = catalog {
            (self.catalog_imported, self.catalog_implied) = (true, false);
            self.catalog = catalog;
            self.refresh_rows();
        }
        self.take_means(&community.interactions);
        self.community = Some(community.interactions);
        self.notes = community.notes;
        Ok(())
    }

    /// What is in the data, and what was left out of it: a `DataReport`; `null` without any.
    pub fn data_report(&self) -> Value {
        let Some(community) = &self.community else { return Value::Null };
        let report: Value = quality::report(community, self.catalog.items(), &Notes::default()).into();
        let Value::Object(mut report) = report else { return report };
        for (part, all) in &mut report {
            if let (Some(noted), Value::Array(all)) = (self.notes.get(part).and_then(Value::as_array), all) {
                all.splice(0..0, noted.iter().cloned());
            }
        }
        Value::Object(report)
    }

    /// The community's ratings, for a container of their own.
    pub fn write_community(&self) -> Result<Vec<u8>> {
        match &self.community {
            Some(_) => self.community().write(),
            None => Err(Error::new(Code::InvalidArgument, "there are no community ratings")),
        }
    }
}
