//! Models ⇄ containers.

use super::mf::{Archetypes, MatrixFactorization, MfParams, Table};
use super::popularity::PopularityParams;
use super::{Model, Popularity};
use crate::codec::{Reader, Writer};
use crate::data::Scale;
use crate::ground::fields::{Fields, FromFields};
use crate::ground::ids::Vocabulary;
use crate::ground::json::{Value, object, written_as};
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
        match self {
            Model::Popularity(m) => {
                let body = body(self, 0, 0, object([("shrinkage", m.shrinkage.into())]));
                let mut w = Writer::new("model", &body);
                w.f32("mean_and_noise", &[2], &[m.mean, m.noise]);
                w.ids("item_ids", m.ids.ids());
                w.f32("means", &[m.means.len()], &m.means);
                w.u32("counts", &m.counts);
                w.finish()
            }
            Model::MatrixFactorization(m) => {
                let users = m.users.as_ref().filter(|_| people == People::Keep);
                let params = m.params.into();
                let n_users = users.map_or(0, |(ids, _)| ids.len());
                let mut w = Writer::new("model", &body(self, n_users, m.archetypes.people.len(), params));
                w.f32("mean_and_noise", &[2], &[m.mean, m.noise]);
                w.ids("item_ids", m.ids.ids());
                w.u32("counts", &m.counts);
                write_table(&mut w, "item", &m.items, m.params.factors);
                if let Some((ids, table)) = users {
                    w.ids("user_ids", ids.ids());
                    write_table(&mut w, "user", table, m.params.factors);
                }
                w.u32("archetype_people", &m.archetypes.people);
                write_table(&mut w, "archetype", &m.archetypes.centres, m.params.factors);
                w.finish()
            }
        }
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
        let scale = body.scale;
        let ids = Vocabulary::from_ids("item_ids", r.ids("item_ids", body.items)?)?;
        let counts = r.u32("counts", body.items)?;
        let model = match body.model.as_str() {
            "popularity" => Model::Popularity(Popularity {
                shrinkage: PopularityParams::decode("params", body.params)
                    .and_then(PopularityParams::check)
                    .map_err(misfit)?,
                scale,
                mean,
                noise,
                means: r.f32("means", &[body.items])?,
                ids,
                counts,
            }),
            "matrix-factorization" => {
                let params =
                    MfParams::decode("params", body.params).and_then(MfParams::check).map_err(misfit)?;
                let items = read_table(&mut r, "item", body.items, params.factors)?;
                let users = match body.users {
                    0 => None,
                    n => {
                        let ids = Vocabulary::from_ids("user_ids", r.ids("user_ids", n)?)?;
                        Some((ids, read_table(&mut r, "user", n, params.factors)?))
                    }
                };
                let people = r.u32("archetype_people", body.archetypes)?;
                let centres = read_table(&mut r, "archetype", body.archetypes, params.factors)?;
                Model::MatrixFactorization(MatrixFactorization {
                    params,
                    scale,
                    mean,
                    noise,
                    ids,
                    items,
                    counts,
                    users,
                    archetypes: Archetypes { centres, people },
                })
            }
            other => {
                return Err(Error::new(Code::ModelFormat, "this kind of model is not known")
                    .at("model")
                    .got(other));
            }
        };
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

fn body(model: &Model, users: usize, archetypes: usize, params: Value) -> Value {
    let body = Body {
        model: model.name().to_owned(),
        scale: model.scale(),
        items: model.ids().len(),
        users,
        archetypes,
        params,
    };
    body.into()
}

fn write_table(w: &mut Writer, name: &str, table: &Table, factors: usize) {
    w.f32(&format!("{name}_bias"), &[table.len()], &table.bias);
    let unpadded: Vec<f32> = (0..table.len()).flat_map(|row| &table.row(row)[..factors]).copied().collect();
    w.f32(&format!("{name}_factors"), &[table.len(), factors], &unpadded);
}

fn read_table(r: &mut Reader<'_>, name: &str, rows: usize, factors: usize) -> Result<Table> {
    let bias = r.f32(&format!("{name}_bias"), &[rows])?;
    let flat = r.f32(&format!("{name}_factors"), &[rows, factors])?;
    let mut table = Table::zeros(rows, factors);
    table.bias = bias;
    for (row, values) in flat.chunks_exact(factors).enumerate() {
        table.row_mut(row)[..factors].copy_from_slice(values);
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Interactions;
    use crate::models::mf::{Fit, MfParams};

    fn models() -> [Model; 2] {
        let mut x = Interactions::default();
        for u in 0..60 {
            for i in 0..5 {
                x.push(&format!("person {u}"), &format!("i{i}"), ((u * i) % 9 + 2) as f32 * 0.5, 0.0);
            }
        }
        let params = MfParams { factors: Some(3.0), ..MfParams::default() }.check().unwrap();
        let mut fit = Fit::new(&x, params, 1);
        fit.advance(usize::MAX);
        [
            Model::Popularity(Popularity::fit(&x, 5.0)),
            Model::MatrixFactorization(MatrixFactorization::new(&x, fit, 1)),
        ]
    }

    #[test]
    fn a_model_read_back_writes_the_same_bytes_and_scores_the_same() {
        for model in models() {
            let bytes = model.write(People::Keep).unwrap();
            let back = Model::read(&bytes).unwrap();
            assert_eq!(back.write(People::Keep).unwrap(), bytes);
            let person = |m: &Model| m.score_all(&m.person(&[(0, 4.0), (3, 1.0)]));
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
            match Model::read(&bytes).unwrap() {
                Model::MatrixFactorization(m) => {
                    assert!(m.users.is_none());
                    assert!(m.archetypes.people.iter().all(|&n| n >= 20));
                }
                Model::Popularity(_) => {}
            }
        }
        let kept = models()[1].write(People::Keep).unwrap();
        assert!(String::from_utf8_lossy(&kept).contains("person 59"), "the check above can fail");
    }
}
