//! `random-forest` and `logistic-regression`: models of what is known of films, people and moments
//! ([`crate::features`]), in place of who rated what. They learn from one person's ratings as well as from many's.
//!
//! A row says what is known of an item, of a person without the rating it stands for, of how the two go together, and of
//! the moment ([`records`]). A forest expects the rating itself; a regression the chance that it was liked by a rule
//! that is data ([`crate::features::Rule`]), which becomes a rating by the means of both classes.

mod choose;
mod container;
mod done;
mod fit;
mod judge;
mod learner;
mod own;
pub mod records;
mod taste;
#[cfg(test)]
mod tests;

pub use learner::Learner;
pub use own::Own;
pub use taste::Taste;

use super::forest::ForestParams;
use super::logistic::LogisticParams;
use super::params::{Declared, Settings};
use super::person::Past;
use super::spec::{Aim, Recipe};
use super::{Known, Model, People, Person, Scorer, Solved, liked_from};
use crate::codec::Writer;
use crate::data::interactions::{Fact, NO_TIME};
use crate::data::{Moment, Scale};
use crate::features::presets::{PRESETS, preset};
use crate::features::spec::{Encode, Missing, Numeric};
use crate::features::{Column, Matrix, Pipeline, Rule, Spec};
use crate::ground::fields::FromFields;
use crate::ground::json::{Value, write};
use crate::ground::{Error, Result};
use records::{Clock, FACT_FIELDS, Row, TIME_FIELDS, UNKNOWN, circumstance, is_field, is_of_item};
use taste::{MATCHES, Traits};

/// One of the two.
#[derive(Debug)]
pub struct Kind {
    /// The public name.
    pub name: &'static str,
    /// Whether it learns likings in place of ratings.
    pub labels: bool,
}

static FOREST: Kind = Kind { name: "random-forest", labels: false };
static LOGISTIC: Kind = Kind { name: "logistic-regression", labels: true };

/// The forest.
pub const FOREST_RECIPE: Recipe = Recipe {
    name: FOREST.name,
    table: ForestParams::TABLE,
    declared: &[Declared { name: "features", check: check_features }],
    aim: Aim::Ratings,
    personal: |_| true,
    circumstances: true,
    memory: |settings, data| {
        data.len() * 400 + settings.find("trees").unwrap_or(0.0) as usize * data.len() * 8
    },
    begin: fit::begin,
    read: |settings, known, r, _| container::read(&FOREST, settings, known, r),
};

/// The regression.
pub const LOGISTIC_RECIPE: Recipe = Recipe {
    name: LOGISTIC.name,
    table: LogisticParams::TABLE,
    declared: &[
        Declared { name: "features", check: check_features },
        Declared { name: "label", check: check_label },
    ],
    aim: Aim::Ratings,
    personal: |_| true,
    circumstances: true,
    memory: |_, data| data.len() * 600,
    begin: fit::begin,
    read: |settings, known, r, _| container::read(&LOGISTIC, settings, known, r),
};

/// Fields whose words can say which items are alike.
const WORD_FIELDS: &[&str] = &["type", "genres", "tags", "people"];

fn check_features(place: &str, value: Value) -> Result<Value> {
    if let Value::String(name) = &value {
        let known = PRESETS.contains(&name.as_str());
        let expected = || format!("{}, or a spec", PRESETS.join(", "));
        return if known { Ok(value) } else { Err(Error::argument(place, expected(), write(&value))) };
    }
    let spec = Spec::decode(place, value.clone())?;
    for (at, feature) in spec.features.iter().enumerate() {
        if let Encode::Number(Numeric { missing: Missing::Nearest(field), .. }) = &feature.encode
            && !WORD_FIELDS.contains(&field.as_str())
        {
            let place = format!("{place}.features[{at}].missing.nearest");
            return Err(Error::argument(place, WORD_FIELDS.join(", "), format!("{field:?}")));
        }
    }
    match spec.features.iter().position(|f| !is_field(&f.field)) {
        None => Ok(value),
        Some(at) => {
            let fields =
                [records::ITEM_FIELDS, &records::NUMBER_FIELDS, FACT_FIELDS, TIME_FIELDS].concat().join(", ");
            let expected = format!("{fields} or context.…");
            let got = format!("{:?}", spec.features[at].field);
            Err(Error::argument(format!("{place}.features[{at}].field"), expected, got))
        }
    }
}

/// Fields that labels may speak of.
const LABEL_FIELDS: &[&str] = &["rating", "completion", "wouldWatchAgain", "score"];

/// Most conditions of a label: it is kept with every version.
const MOST_CONDITIONS: usize = 100;

fn check_label(place: &str, value: Value) -> Result<Value> {
    let rule = Rule::decode(place, value, LABEL_FIELDS)?;
    let (mut count, mut wrong) = (0, None);
    rule.each(&mut |field, value| {
        count += 1;
        let expected = if field == "wouldWatchAgain" { "true or false" } else { "a number" };
        let fits = matches!(value, Value::Bool(_)) == (field == "wouldWatchAgain");
        if !fits || matches!(value, Value::String(_)) {
            wrong.get_or_insert((format!("{expected} to compare {field} with"), write(value)));
        }
    });
    match wrong {
        Some((expected, got)) => Err(Error::argument(place, expected, got)),
        None if count > MOST_CONDITIONS => {
            Err(Error::argument(place, format!("at most {MOST_CONDITIONS} conditions"), count))
        }
        None => Ok(rule.into()),
    }
}

/// The spec that settings declare.
fn declared_spec(settings: &Settings) -> Result<Spec> {
    match settings.declared("features") {
        Some(Value::String(name)) => Ok(preset(name).expect("its name was checked")),
        Some(value) => Spec::decode("params.features", value.clone()),
        None => Ok(preset("standard").expect("there is one")),
    }
}

/// The rule that settings declare.
fn declared_rule(settings: &Settings, scale: Scale) -> Result<Rule> {
    match settings.declared("label") {
        Some(value) => Rule::decode("params.label", value.clone(), LABEL_FIELDS),
        None => Ok(Rule::positive(liked_from(scale))),
    }
}

/// A trained model.
#[derive(Clone, Debug)]
pub struct Tabular {
    kind: &'static Kind,
    settings: Settings,
    /// Ids, counts, scale: items that were rated, then the rest of the catalog.
    pub known: Known,
    /// What was learned of the features.
    pub pipeline: Pipeline,
    /// Columns of a row that stay the same of an item, and where they stand.
    items: Matrix,
    places: Vec<u32>,
    traits: Traits,
    /// What learned from the rows.
    pub learner: Learner,
    /// Importance of the columns, what was left out, outliers, how good it is.
    pub report: Value,
    /// What tells the time.
    clock: Clock,
    expected: Vec<f32>,
    circumstances: Vec<(String, Vec<String>)>,
}

impl Tabular {
    #[allow(clippy::too_many_arguments)] // the parts it is read and made of
    fn new(
        kind: &'static Kind,
        settings: Settings,
        known: Known,
        pipeline: Pipeline,
        items: Matrix,
        traits: Traits,
        learner: Learner,
        report: Value,
        clock: Clock,
    ) -> Tabular {
        let places = pipeline.places(&|field| is_of_item(field));
        // A kind of which no column stayed makes no difference.
        let kept = pipeline.names();
        let used = |field: &str| kept.iter().any(|c| c.field.split(" × ").any(|part| part == field));
        let mut circumstances: Vec<(String, Vec<String>)> = Vec::new();
        for field in pipeline.fields().filter(|f| used(f)) {
            let Some(kind) = circumstance(field) else { continue };
            if !circumstances.iter().any(|(name, _)| name == kind) {
                circumstances.push((kind.to_owned(), pipeline.words(field).unwrap_or_default()));
            }
        }
        let mut model = Tabular {
            kind,
            settings,
            known,
            pipeline,
            items,
            places,
            traits,
            learner,
            report,
            clock,
            expected: Vec::new(),
            circumstances,
        };
        model.expected = model.scores(&Own::nobody(&model.traits), None);
        model
    }

    /// Nothing known of the moment, nor of how something was watched.
    fn any_time<'a>(&self, moment: Option<&'a Moment>) -> Row<'a> {
        Row {
            item: None,
            numbers: UNKNOWN,
            moment,
            fact: Fact::default(),
            rating: None,
            at: NO_TIME,
            clock: self.clock,
        }
    }

    /// Rows of some items for somebody, of whose watching `about` says what else is known.
    fn rows(&self, items: impl ExactSizeIterator<Item = u32>, taste: &Taste, about: Row<'_>) -> Matrix {
        let mean = f64::from(self.known.mean);
        let mut row = Row { numbers: taste.numbers(mean, self.clock), ..about };
        // What goes for all items is put in place once.
        let mut base = vec![0f32; self.pipeline.width()];
        let varies = |field: &str| field.starts_with("match.");
        self.pipeline.encode(&row, 0, &|f| !is_of_item(f) && !varies(f), &mut base);
        let changes = self.pipeline.fields().any(varies);
        let mut whole = base.clone();
        let mut rows = Matrix::zeros(items.len(), self.pipeline.columns());
        for (at, item) in items.enumerate() {
            whole.copy_from_slice(&base);
            for (&place, &x) in self.places.iter().zip(self.items.row(item as usize)) {
                whole[place as usize] = x;
            }
            if changes {
                row.numbers[MATCHES].copy_from_slice(&taste.matches(&self.traits, item, mean));
                self.pipeline.encode(&row, 0, &varies, &mut whole);
            }
            self.pipeline.finish(&mut whole, rows.row_mut(at));
        }
        rows
    }

    /// What of a moment makes a difference.
    fn means_something(&self, moment: &Moment) -> Moment {
        let mut known = Moment::default();
        for (kind, word) in moment.iter().filter(|(kind, word)| self.recognises(kind, word)) {
            known.insert(kind.clone(), word.clone());
        }
        known
    }

    /// Expected ratings of all items.
    fn scores(&self, own: &Own, moment: Option<&Moment>) -> Vec<f32> {
        let rows = self.rows(0..self.known.len() as u32, &own.taste, self.any_time(moment));
        own.learner.as_ref().unwrap_or(&self.learner).expect(&rows).into_iter().map(|x| x as f32).collect()
    }

    fn solved(&self, own: Own, count: usize, moment: Option<&Moment>) -> Person {
        let ratings = self.scores(&own, moment);
        Person::Solved(Solved { ratings, count, own: Some(Box::new(own)), ..Solved::default() })
    }
}

impl Scorer for Tabular {
    fn name(&self) -> &'static str {
        self.kind.name
    }

    fn known(&self) -> &Known {
        &self.known
    }

    fn settings(&self) -> Settings {
        self.settings.clone()
    }

    fn baseline(&self, item: u32) -> f64 {
        f64::from(self.expected[item as usize])
    }

    fn effort(&self, ratings: usize, _: usize) -> usize {
        let row = self.learner.effort() / 4 + self.pipeline.width();
        1000 + 4 * ratings + self.known.len() * row / 40
    }

    fn fold_in(&self, history: &[(u32, f64)]) -> Person {
        self.recall(&Past { ratings: history.to_vec(), beside: Vec::new() })
    }

    fn recall(&self, past: &Past) -> Person {
        if past.ratings.is_empty() {
            return Person::Anyone;
        }
        self.solved(self.own(past), past.ratings.len(), None)
    }

    fn expect(&self, past: &Past, items: &[u32]) -> Vec<f64> {
        let own = self.own(past);
        let rows = self.rows(items.iter().copied(), &own.taste, self.any_time(None));
        own.learner.as_ref().unwrap_or(&self.learner).expect(&rows)
    }

    fn circumstances(&self) -> Vec<(String, Vec<String>)> {
        self.circumstances.clone()
    }

    fn recognises(&self, kind: &str, word: &str) -> bool {
        let of_kind = |field: &&str| circumstance(field) == Some(kind);
        self.circumstances.iter().any(|(name, _)| name == kind)
            && self.pipeline.fields().filter(of_kind).any(|field| self.pipeline.recognises(field, word))
    }

    fn score_in(&self, person: &Person, moment: &Moment, item: u32) -> (f64, f64) {
        let variance = self.variance(person, item);
        let known = self.means_something(moment);
        if known.is_empty() {
            return (self.score(person, item), variance);
        }
        let nobody;
        let own = match person {
            Person::Solved(Solved { own: Some(own), .. }) => own,
            _ => {
                nobody = Own::nobody(&self.traits);
                &nobody
            }
        };
        let row = self.rows(core::iter::once(item), &own.taste, self.any_time(Some(&known)));
        let score = own.learner.as_ref().unwrap_or(&self.learner).expect(&row)[0];
        // In single precision, as all of them are kept.
        (f64::from(score as f32), variance)
    }

    fn in_moment(&self, person: &Person, moment: &Moment) -> Option<Person> {
        let known = self.means_something(moment);
        if known.is_empty() {
            return None;
        }
        let (own, count) = match person {
            Person::Solved(Solved { own: Some(own), count, .. }) => ((**own).clone(), *count),
            _ => (Own::nobody(&self.traits), 0),
        };
        Some(self.solved(own, count, Some(&known)))
    }

    fn features(&self, person: &Person, item: u32) -> Vec<(Column, f64)> {
        let Person::Solved(Solved { own: Some(own), .. }) = person else { return Vec::new() };
        let of = |taste: &Taste| self.rows(core::iter::once(item), taste, self.any_time(None));
        let (somebody, anybody) = (of(&own.taste), of(&Taste::new(&self.traits)));
        let learner = own.learner.as_ref().unwrap_or(&self.learner);
        let parts = learner.difference(somebody.row(0), &self.learner, anybody.row(0));
        self.pipeline.names().into_iter().zip(parts).filter(|(_, x)| *x != 0.0).collect()
    }

    /// The share of traits that both have of those that one has.
    fn likeness(&self, a: u32, b: u32) -> Option<f32> {
        Some(if a == b { 1.0 } else { self.traits.shared(a, b) })
    }

    fn report(&self) -> Value {
        self.report.clone()
    }

    /// Features, not ratings, are what a score comes from.
    fn contributions(&self, _: &Person, _: u32, history: &[(u32, f64)]) -> Vec<f64> {
        vec![0.0; history.len()]
    }

    fn write(&self, w: &mut Writer, _: People) {
        container::write(self, w);
    }
}

/// Wraps a model.
impl From<Tabular> for Model {
    fn from(model: Tabular) -> Model {
        Model::Tabular(model)
    }
}
