//! Models ⇄ containers.

use super::spec::Spec;
use super::{Known, Model};
use crate::codec::{Precision, Reader, Writer};
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
        self.write_in(people, Precision::Single)
    }

    /// The same, in a chosen precision.
    pub fn write_in(&self, people: People, precision: Precision) -> Result<Vec<u8>> {
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
        w.set_precision(precision);
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
    use crate::models::fit::Finish;
    use crate::models::fit::Lesson;
    use crate::models::params::Range;
    use crate::models::spec::{RECIPES, Recipe};

    /// Models of each kind, learned from 61 people so called.
    fn models(called: &str) -> Vec<Model> {
        let mut x = Interactions::default();
        for u in 0..61 {
            for i in 0..5 {
                x.push(&format!("{called} {u}"), &format!("i{i}"), ((u * i) % 9 + 2) as f32 * 0.5, 0.0);
            }
        }
        let lesson = Lesson { data: &x, catalog: None };
        let mut all = Vec::new();
        for mut spec in RECIPES.iter().flat_map(variants) {
            if spec.settings().find("factors").is_some() {
                spec.settings_mut().set("factors", 3.0);
            }
            let mut fit = spec.begin(&lesson, 1).unwrap();
            for _ in 0..spec.epochs().min(20) {
                while fit.advance(usize::MAX).unwrap().is_none() {}
            }
            all.push(fit.finish(&x));
        }
        all
    }

    /// A kind with its defaults, and with every word and flag it can be given.
    fn variants(recipe: &Recipe) -> Vec<Spec> {
        let plain = || Spec::new(recipe.name, None).unwrap();
        let mut all = vec![plain()];
        for param in recipe.table {
            let values = match param.range {
                Range::Choice(words) => words.len(),
                Range::Flag => 2,
                _ => 0,
            };
            for value in (0..values).map(|v| v as f64).filter(|v| *v != param.default) {
                let mut spec = plain();
                spec.settings_mut().set(param.name, value);
                all.push(spec);
            }
        }
        all
    }

    #[test]
    fn a_model_read_back_writes_the_same_bytes_and_scores_the_same() {
        for model in models("person") {
            let bytes = model.write(People::Keep).unwrap();
            let back = Model::read(&bytes).unwrap();
            assert_eq!(back.write(People::Keep).unwrap(), bytes);
            let person = |m: &Model| m.score_all(&m.fold_in(&[(0, 4.0), (3, 1.0)]));
            assert_eq!(person(&model), person(&back));
        }
    }

    /// A pack says nothing of anybody: no id, no tensor with a row per person, and not one person's row within another.
    #[test]
    fn a_pack_holds_no_people() {
        // 61 people: no other count in these models is the same.
        let (mut found, people) = (0, 61);
        for (named, renamed) in models("person").into_iter().zip(models("anybody")) {
            let (kept, bytes) = (named.write(People::Keep).unwrap(), named.write(People::Drop).unwrap());
            assert_eq!(
                bytes,
                renamed.write(People::Drop).unwrap(),
                "{}: ids of people leave no trace",
                named.name()
            );
            for half in [Precision::Single, Precision::Half] {
                let bytes = named.write_in(People::Drop, half).unwrap();
                let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
                assert!(!String::from_utf8_lossy(&bytes).contains("person "), "{}", named.name());
                for (name, tensor) in tensors.tensors() {
                    assert!(
                        !tensor.shape().contains(&people),
                        "{}: {name} {:?}",
                        named.name(),
                        tensor.shape()
                    );
                }
            }
            // Whatever is kept for each person at home: none of those rows stands anywhere in the pack.
            let ours = safetensors::SafeTensors::deserialize(&kept).unwrap();
            for (name, tensor) in
                ours.tensors().into_iter().filter(|(_, t)| t.shape().first() == Some(&people))
            {
                for row in tensor.data().chunks_exact(tensor.data().len() / people) {
                    let telling = row.len() >= 8 && row.iter().filter(|&&b| b != 0).count() >= 6;
                    let there = telling && bytes.windows(row.len()).any(|window| window == row);
                    assert!(!there, "{}: a row of {name}", named.name());
                    found += usize::from(telling);
                }
            }
            let back = Model::read(&bytes).unwrap();
            assert!(back.trained_embedding("person 3").is_none());
            assert!(back.archetypes().is_none_or(|a| a.people.iter().all(|&n| n >= 20)));
        }
        assert!(found >= people, "the check above can fail: {found} rows of people were looked for");
    }
}
