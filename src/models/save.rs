//! Models ⇄ containers.

use super::spec::Spec;
use super::{Known, Model};
use crate::codec::{Reader, Writer};
use crate::data::Scale;
use crate::ground::fields::{Fields, FromFields};
use crate::ground::ids::Vocabulary;
use crate::ground::json::{Value, written_as};
use crate::ground::{Code, Error, Result};

/// What a container says besides its tensors.
struct Body {
    model: String,
    scale: Scale,
    items: usize,
    users: usize,
    archetypes: usize,
    params: Value,
}

written_as!(Body { model => "model", scale => "scale", items => "items", users => "users", archetypes => "archetypes", params => "params" });

impl FromFields for Body {
    fn read(f: &mut Fields) -> Result<Body> {
        let scale = f.value("scale").unwrap_or_default();
        Ok(Body {
            model: f.needed_text("model")?,
            scale: Scale::decode(f.place("scale"), scale)?,
            items: f.needed_number("items")? as usize,
            users: f.needed_number("users")? as usize,
            archetypes: f.needed_number("archetypes")? as usize,
            params: f.value("params").unwrap_or_default(),
        })
    }
}

/// Who is in a written model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum People {
    /// Rows of the people it was trained on: for a model that stays in its browser.
    Keep,
    /// None at all: for a pack.
    Drop,
}

impl Model {
    /// The bytes of a model; the same model gives the same bytes.
    pub fn write(&self, people: People) -> Result<Vec<u8>> {
        let known = self.known();
        let (users, archetypes) = self.rows(people);
        let body = Body {
            model: self.name().to_owned(),
            scale: known.scale,
            items: known.len(),
            users,
            archetypes,
            params: self.settings().value(),
        };
        let mut w = Writer::new("model", &body.into());
        w.f32("mean_and_noise", &[2], &[known.mean, known.noise]);
        w.ids("item_ids", known.ids.ids());
        w.u32("counts", &known.counts);
        self.scorer().write(&mut w, people);
        w.finish()
    }

    /// A model from bytes nobody vouches for.
    pub fn read(bytes: &[u8]) -> Result<Model> {
        let mut r = Reader::open(bytes, "model")?;
        let body = Body::decode("body", r.body().clone()).map_err(misfit)?;
        let fits = |n: usize| n <= crate::data::interactions::MAX_RATINGS;
        let both = r.f32("mean_and_noise", &[2])?;
        let (mean, noise) = (both[0], both[1]);
        if ![body.items, body.users, body.archetypes].into_iter().all(fits) || noise <= 0.0 {
            return Err(Error::new(Code::ModelFormat, "the body is not what it should be").at("body"));
        }
        let ids = Vocabulary::from_ids("item_ids", r.ids("item_ids", body.items)?)?;
        let counts = r.u32("counts", body.items)?;
        let known = Known { scale: body.scale, mean, noise, ids, counts };
        let spec = Spec::new(&body.model, Some(body.params)).map_err(misfit)?;
        let model = spec.read(known, &mut r, (body.users, body.archetypes))?;
        r.finish()?;
        Ok(model)
    }
}

/// A body that says what cannot be is a matter of the file, not of the caller.
fn misfit(e: Error) -> Error {
    Error::new(Code::ModelFormat, "the body is not what it should be")
        .at(e.place())
        .expected(e.expectation())
        .got(e.found())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Interactions;
    use crate::models::fit::Lesson;
    use crate::models::spec::RECIPES;

    fn models() -> Vec<Model> {
        let mut x = Interactions::default();
        for u in 0..60 {
            for i in 0..5 {
                x.push(&format!("person {u}"), &format!("i{i}"), ((u * i) % 9 + 2) as f32 * 0.5, 0.0);
            }
        }
        let lesson = Lesson { data: &x, catalog: None };
        let kinds = RECIPES.iter().map(|recipe| {
            let mut spec = Spec::new(recipe.name, None).unwrap();
            if spec.settings().find("factors").is_some() {
                spec.settings_mut().set("factors", 3.0);
            }
            let mut fit = spec.begin(&lesson, 1).unwrap();
            for _ in 0..spec.epochs().min(20) {
                while fit.advance(usize::MAX).unwrap().is_none() {}
            }
            fit.finish(&x)
        });
        kinds.collect()
    }

    #[test]
    fn a_model_read_back_writes_the_same_bytes_and_scores_the_same() {
        for model in models() {
            let bytes = model.write(People::Keep).unwrap();
            let back = Model::read(&bytes).unwrap();
            assert_eq!(back.write(People::Keep).unwrap(), bytes);
            let person = |m: &Model| m.score_all(&m.fold_in(&[(0, 4.0), (3, 1.0)]));
            assert_eq!(person(&model), person(&back));
        }
    }

    /// A pack says nothing of anybody: no row, no id, no tensor with a row per person.
    #[test]
    fn a_pack_holds_no_people() {
        for model in models() {
            let bytes = model.write(People::Drop).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains("person ") && !text.contains("user_"), "{}", model.name());
            let back = Model::read(&bytes).unwrap();
            assert!(back.trained_embedding("person 3").is_none());
            assert!(back.archetypes().is_none_or(|a| a.people.iter().all(|&n| n >= 20)));
        }
        let kept = models()[1].write(People::Keep).unwrap();
        assert!(String::from_utf8_lossy(&kept).contains("person 59"), "the check above can fail");
    }
}
