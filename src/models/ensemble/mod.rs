//! `ensemble`: several models as one. Each is trained on parts of the ratings and predicts the rest; the weights with
//! which they miss least there (`weights.rs`) mix what they predict once they are trained on everything. A member that
//! cannot be trained is left out, and said to be.

mod fit;
#[cfg(test)]
mod tests;
mod weights;

use super::params::{Declared, Range, Search, Settings, parameters};
use super::person::Past;
use super::spec::{Aim, Recipe, Spec};
use super::{Known, Model, People, Person, Scorer};
use crate::codec::{Reader, Writer};
use crate::data::Moment;
use crate::features::Column;
use crate::ground::fields::Fields;
use crate::ground::json::{Value, object};
use crate::ground::{Code, Error, Result, math};

parameters! {
    /// How it weighs.
    EnsembleParams {
        /// Parts that are predicted by what was learned of the others; every member is trained once more than that.
        folds: usize = "folds", 3.0, Range::Whole(2.0, 10.0), Search::Fixed;
        /// Ratings by which weights are drawn to equal ones.
        shrinkage: f64 = "shrinkage", 50.0, Range::Number(0.0, 100_000.0), Search::Fixed;
    }
}

/// Most members.
const MOST: usize = 8;
/// Members where none are named.
const MEMBERS: [&str; 2] = ["factorization-machine", "random-forest"];

/// The kind.
pub const RECIPE: Recipe = Recipe {
    name: "ensemble",
    table: EnsembleParams::TABLE,
    declared: &[Declared { name: "members", check }],
    aim: Aim::Ratings,
    personal: |settings| members(settings).is_ok_and(|all| all.iter().any(Spec::is_personal)),
    circumstances: true,
    memory: |settings, data| {
        let members = members(settings).unwrap_or_default();
        members.iter().map(|m| m.memory(data)).max().unwrap_or(0) + data.len() * 60
    },
    begin: fit::begin,
    read: |settings, known, r, _| read(settings, known, r),
};

/// Checks members, and names all of their parameters.
fn check(place: &str, value: Value) -> Result<Value> {
    let list = value.as_array().map(<[Value]>::to_vec).unwrap_or_default();
    if !(1..=MOST).contains(&list.len()) {
        let expected = format!("an array of 1 to {MOST} models");
        return Err(Error::argument(place, expected, crate::ground::json::write(&value)));
    }
    let mut members = Vec::new();
    for (at, member) in list.into_iter().enumerate() {
        let place = format!("{place}[{at}]");
        let mut f = Fields::of(&*place, member)?;
        let (model, params) = (f.needed_text("model")?, f.value("params").unwrap_or_default());
        f.finish()?;
        if model == RECIPE.name {
            return Err(Error::argument(
                format!("{place}.model"),
                "a model that is not an ensemble itself",
                model,
            ));
        }
        let spec = Spec::at(&model, &format!("{place}.params"), params)?;
        members.push(object([("model", spec.name().into()), ("params", spec.params())]));
    }
    Ok(Value::Array(members))
}

/// The members that settings declare.
fn members(settings: &Settings) -> Result<Vec<Spec>> {
    match settings.declared("members").and_then(Value::as_array) {
        None => MEMBERS.iter().map(|name| Spec::new(name, None)).collect(),
        Some(list) => {
            let member = |m: &Value| {
                let model = m.get("model").and_then(Value::as_str).unwrap_or_default();
                Spec::new(model, m.get("params").cloned())
            };
            list.iter().map(member).collect()
        }
    }
}

/// A trained model.
#[derive(Clone, Debug)]
pub struct Ensemble {
    settings: Settings,
    /// Ids, counts, scale: those that all members know.
    known: Known,
    /// Members, and how much each counts.
    pub members: Vec<(Model, f64)>,
    report: Value,
}

impl Ensemble {
    /// A weighted sum over members, each seeing the person in its own way.
    fn mixed(&self, person: &Person, of: &dyn Fn(&Model, &Person) -> f64) -> f64 {
        self.each(person).map(|(model, own, weight)| weight * of(model, own)).sum()
    }

    fn each<'a>(&'a self, person: &'a Person) -> impl Iterator<Item = (&'a Model, &'a Person, f64)> {
        self.members.iter().enumerate().map(move |(at, (model, weight))| {
            let own = match person {
                Person::Together(all) => &all[at],
                _ => &Person::Anyone,
            };
            (model, own, *weight)
        })
    }
}

impl Scorer for Ensemble {
    fn name(&self) -> &'static str {
        RECIPE.name
    }

    fn known(&self) -> &Known {
        &self.known
    }

    fn settings(&self) -> Settings {
        self.settings.clone()
    }

    fn baseline(&self, item: u32) -> f64 {
        self.members.iter().map(|(model, weight)| weight * model.baseline(item)).sum()
    }

    fn fold_in(&self, history: &[(u32, f64)]) -> Person {
        self.recall(&Past { ratings: history.to_vec(), beside: Vec::new() })
    }

    fn recall(&self, past: &Past) -> Person {
        if past.ratings.is_empty() {
            return Person::Anyone;
        }
        Person::Together(self.members.iter().map(|(model, _)| model.recall(past)).collect())
    }

    fn effort(&self, ratings: usize, asked: usize) -> usize {
        self.members.iter().map(|(model, _)| model.effort(ratings, asked)).sum()
    }

    fn score(&self, person: &Person, item: u32) -> f64 {
        self.mixed(person, &|model, own| model.score(own, item))
    }

    fn score_all(&self, person: &Person) -> Vec<f32> {
        let mut sums = vec![0f64; self.known.len()];
        for (model, own, weight) in self.each(person) {
            let scores = model.score_all(own);
            sums.iter_mut().zip(scores).for_each(|(sum, x)| *sum += weight * f64::from(x));
        }
        sums.into_iter().map(|x| x as f32).collect()
    }

    /// As if all were wrong in the same way: they learn from the same ratings.
    fn variance(&self, person: &Person, item: u32) -> f64 {
        let deviation = self.mixed(person, &|model, own| math::sqrt(model.variance(own, item)));
        deviation * deviation
    }

    fn contributions(&self, person: &Person, item: u32, history: &[(u32, f64)]) -> Vec<f64> {
        let mut sums = vec![0f64; history.len()];
        for (model, own, weight) in self.each(person).filter(|(_, own, _)| own.is_personal()) {
            let parts = model.contributions(own, item, history);
            sums.iter_mut().zip(parts).for_each(|(sum, x)| *sum += weight * x);
        }
        sums
    }

    fn features(&self, person: &Person, item: u32) -> Vec<(Column, f64)> {
        let mut all: Vec<(Column, f64)> = Vec::new();
        for (model, own, weight) in self.each(person) {
            for (column, x) in model.features(own, item) {
                match all.iter_mut().find(|(known, _)| *known == column) {
                    Some((_, sum)) => *sum += weight * x,
                    None => all.push((column, weight * x)),
                }
            }
        }
        all
    }

    fn circumstances(&self) -> Vec<(String, Vec<String>)> {
        let mut all: Vec<(String, Vec<String>)> = Vec::new();
        for (name, words) in self.members.iter().flat_map(|(model, _)| model.circumstances()) {
            match all.iter_mut().find(|(known, _)| *known == name) {
                None => all.push((name, words)),
                // Without words it is a number, of which any will do.
                Some((_, known)) if known.is_empty() || words.is_empty() => known.clear(),
                Some((_, known)) => {
                    let new: Vec<String> = words.into_iter().filter(|w| !known.contains(w)).collect();
                    known.extend(new);
                }
            }
        }
        all
    }

    fn in_moment(&self, person: &Person, moment: &Moment) -> Option<Person> {
        let moved: Vec<Option<Person>> =
            self.each(person).map(|(model, own, _)| model.in_moment(own, moment)).collect();
        if moved.iter().all(Option::is_none) {
            return None;
        }
        let stay = self.each(person).map(|(_, own, _)| own.clone());
        Some(Person::Together(moved.into_iter().zip(stay).map(|(moved, own)| moved.unwrap_or(own)).collect()))
    }

    fn score_in(&self, person: &Person, moment: &Moment, item: u32) -> (f64, f64) {
        let (mut score, mut deviation) = (0.0, 0.0);
        for (model, own, weight) in self.each(person) {
            let (one, variance) = model.score_in(own, moment, item);
            score += weight * one;
            deviation += weight * math::sqrt(variance);
        }
        (score, deviation * deviation)
    }

    fn recognises(&self, kind: &str, word: &str) -> bool {
        self.members.iter().any(|(model, _)| model.recognises(kind, word))
    }

    /// By the first member that can say.
    fn likeness(&self, a: u32, b: u32) -> Option<f32> {
        self.members.iter().find_map(|(model, _)| model.likeness(a, b))
    }

    fn people(&self) -> u32 {
        self.members.iter().map(|(model, _)| model.people()).max().unwrap_or(0)
    }

    fn report(&self) -> Value {
        self.report.clone()
    }

    fn write(&self, w: &mut Writer, people: People) {
        let weights: Vec<f64> = self.members.iter().map(|(_, weight)| *weight).collect();
        w.f64("weights", &weights);
        w.json("report", &self.report);
        for (at, (model, _)) in self.members.iter().enumerate() {
            // A member that cannot be written leaves a container that cannot be read, and is found there.
            w.bytes(&format!("member_{at}"), model.write(people).unwrap_or_default());
        }
    }
}

fn read(settings: &Settings, known: Known, r: &mut Reader<'_>) -> Result<Model> {
    let wrong = |place: &str| Error::new(Code::ModelFormat, "these members do not fit together").at(place);
    let n = r.len_of("weights");
    let weights = r.f64("weights", n)?;
    let sum: f64 = weights.iter().sum();
    if !(1..=MOST).contains(&n) || weights.iter().any(|w| *w < 0.0) || (sum - 1.0).abs() > 1e-6 {
        return Err(wrong("weights"));
    }
    let report = r.json("report")?;
    let mut members = Vec::new();
    for (at, weight) in weights.into_iter().enumerate() {
        let name = format!("member_{at}");
        let model = Model::read(r.bytes(&name)?)?;
        // Rows of all members are those of the ensemble, and none is an ensemble itself.
        let ids = model.ids().ids();
        if ids.len() < known.len() || ids[..known.len()] != *known.ids.ids() || model.name() == RECIPE.name {
            return Err(wrong(&name));
        }
        members.push((model, weight));
    }
    Ok(Model::Ensemble(Ensemble { settings: settings.clone(), known, members, report }))
}
