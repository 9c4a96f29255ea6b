//! Which model, with which parameters. Everything the rest of the house needs to know of a kind of model before there
//! is one stands in [`RECIPES`]: a new model is a folder, a recipe, and an arm of [`super::Model`].

use super::fit::{Fit, Lesson};
use super::params::{Declared, Param, Settings};
use super::{Known, Model, als, ease, ensemble, fm, item_knn, mf, ncf, popularity, tabular};
use crate::codec::Reader;
use crate::data::Interactions;
use crate::ground::json::Value;
use crate::ground::{Code, Error, Result};

/// What a model is good at: what its validation curve shows, and what it is chosen by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// Predicted ratings: root mean squared error.
    Ratings,
    /// Lists: nDCG.
    Lists,
}

/// A kind of model.
#[derive(Debug)]
pub struct Recipe {
    /// The public name.
    pub name: &'static str,
    /// Its parameters.
    pub table: &'static [Param],
    /// Parameters that are declared as data.
    pub declared: &'static [Declared],
    /// What it is good at.
    pub aim: Aim,
    /// Whether one person's ratings are enough to learn something.
    pub personal: fn(&Settings) -> bool,
    /// Whether it learns from the circumstances of ratings whatever its parameters are.
    pub circumstances: bool,
    /// Bytes it needs to learn from so many people, items and ratings.
    pub memory: fn(&Settings, &Interactions) -> usize,
    /// Begins to learn; `seed` draws whatever is drawn.
    pub begin: fn(&Settings, &Lesson<'_>, u64) -> Result<Box<dyn Fit>>,
    /// Reads what [`super::Scorer::write`] wrote; rows of people and of archetypes stand in the body.
    pub read: fn(&Settings, Known, &mut Reader<'_>, (usize, usize)) -> Result<Model>,
}

/// All kinds, plainest first.
pub static RECIPES: &[Recipe] = &[
    popularity::RECIPE,
    item_knn::RECIPE,
    mf::RECIPE,
    als::RECIPE,
    ease::RECIPE,
    fm::RECIPE,
    ncf::RECIPE,
    tabular::FOREST_RECIPE,
    tabular::LOGISTIC_RECIPE,
    ensemble::RECIPE,
];

/// A kind of model with checked parameters.
#[derive(Clone)]
pub struct Spec {
    recipe: &'static Recipe,
    settings: Settings,
}

impl core::fmt::Debug for Spec {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} {}", self.name(), crate::ground::json::write(&self.params()))
    }
}

impl PartialEq for Spec {
    fn eq(&self, other: &Spec) -> bool {
        self.name() == other.name() && self.settings == other.settings
    }
}

/// Most bytes a training may ask for: wasm memory ends at 4 GiB, and data, the serving model and copies are in it too.
const MOST_BYTES: usize = 1 << 30;

impl Spec {
    /// From the public name and parameters as they came.
    pub fn new(model: &str, params: Option<Value>) -> Result<Spec> {
        Spec::at(model, "params", params.unwrap_or_default())
    }

    /// The same; `place` names the parameters in errors.
    pub fn at(model: &str, place: &str, params: Value) -> Result<Spec> {
        let recipe = RECIPES.iter().find(|r| r.name == model).ok_or_else(|| {
            let names: Vec<String> = RECIPES.iter().map(|r| format!("\"{}\"", r.name)).collect();
            Error::argument("model", names.join(", "), format!("{model:?}"))
        })?;
        Ok(Spec { recipe, settings: Settings::read_declared(recipe.table, recipe.declared, place, params)? })
    }

    /// The public name.
    pub fn name(&self) -> &'static str {
        self.recipe.name
    }

    /// The parameters, defaults filled in.
    pub fn params(&self) -> Value {
        self.settings.value()
    }

    /// The parameters.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The parameters, to be changed within their ranges.
    pub fn settings_mut(&mut self) -> &mut Settings {
        &mut self.settings
    }

    /// What it is good at.
    pub fn aim(&self) -> Aim {
        self.recipe.aim
    }

    /// Whether it learns from the circumstances of ratings, too.
    pub fn sees_circumstances(&self) -> bool {
        self.recipe.circumstances || self.settings.find("context") == Some(1.0)
    }

    /// Bytes it needs to learn.
    pub fn memory(&self, data: &Interactions) -> usize {
        (self.recipe.memory)(&self.settings, data)
    }

    /// Whether one person's ratings are enough to learn something.
    pub fn is_personal(&self) -> bool {
        (self.recipe.personal)(&self.settings)
    }

    /// Epochs it takes; 1 for a closed form.
    pub fn epochs(&self) -> usize {
        self.settings.find("epochs").map_or(1, |x| x as usize)
    }

    /// Begins to learn; refuses what would not fit into wasm's memory before it is allocated.
    pub fn begin(&self, lesson: &Lesson<'_>, seed: u64) -> Result<Box<dyn Fit>> {
        let bytes = self.memory(lesson.data);
        if bytes > MOST_BYTES {
            return Err(Error::new(Code::OutOfMemory, "this model would not fit into memory")
                .at("params")
                .expected(format!("at most {} MB", MOST_BYTES >> 20))
                .got(format!("{} MB", bytes >> 20))
                .hint("Ask for fewer factors, fewer items, or less data."));
        }
        (self.recipe.begin)(&self.settings, lesson, seed)
    }

    /// Reads the model of these parameters.
    pub(super) fn read(&self, known: Known, r: &mut Reader<'_>, rows: (usize, usize)) -> Result<Model> {
        (self.recipe.read)(&self.settings, known, r, rows)
    }
}
