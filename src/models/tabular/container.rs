//! Models of features in containers.

use super::learner::Learner;
use super::records::Clock;
use super::taste::{Lists, Traits};
use super::{Kind, Tabular};
use crate::codec::{Reader, Writer};
use crate::features::{Matrix, Pipeline};
use crate::ground::fields::FromFields;
use crate::ground::{Code, Error, Result};
use crate::models::params::Settings;
use crate::models::{Known, Model};

pub(super) fn write(model: &Tabular, w: &mut Writer) {
    w.json("pipeline", &model.pipeline.write());
    w.json("report", &model.report);
    w.f64("clock", &[model.clock.now, model.clock.ahead]);
    w.f32("items", &[model.items.rows(), model.items.columns()], model.items.values());
    for (at, lists) in model.traits.0.iter().enumerate() {
        w.u32(&format!("traits_{at}"), &lists.of);
        w.u32(&format!("traits_{at}_starts"), &lists.starts);
    }
    model.learner.write(w);
}

pub(super) fn read(
    kind: &'static Kind,
    settings: &Settings,
    known: Known,
    r: &mut Reader<'_>,
) -> Result<Model> {
    let pipeline = Pipeline::decode("pipeline", r.json("pipeline")?)?;
    let report = r.json("report")?;
    let clock = r.f64("clock", 2)?;
    let clock = Clock { now: clock[0], ahead: clock[1] };
    let places = pipeline.places(&|field| super::is_of_item(field));
    let values = r.f32("items", &[known.len(), places.len()])?;
    let items = if places.is_empty() || known.is_empty() {
        Matrix::zeros(known.len(), places.len())
    } else {
        Matrix::new("items", places.len(), values)?
    };
    let mut traits = Traits::default();
    for (at, lists) in traits.0.iter_mut().enumerate() {
        let name = format!("traits_{at}");
        let of = r.u32(&name, r.len_of(&name))?;
        let starts = r.u32(&format!("{name}_starts"), known.len() + 1)?;
        let fits =
            starts.is_sorted() && starts.first() == Some(&0) && starts.last() == Some(&(of.len() as u32));
        let size = of.iter().max().map_or(0, |most| most + 1);
        if !fits || size as usize > of.len() {
            return Err(Error::new(Code::ModelFormat, "lists of traits do not fit together").at(name));
        }
        *lists = Lists { starts, of, size };
    }
    let learner = Learner::read(settings, r, pipeline.columns())?;
    Ok(Tabular::new(kind, settings.clone(), known, pipeline, items, traits, learner, report, clock).into())
}
