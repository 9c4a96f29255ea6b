//! What kinds of models there are, for pages that let people choose.

use crate::ground::Result;
use crate::ground::json::{Value, object};
use crate::models::params::{Param, Search, describe};
use crate::models::spec::RECIPES;
use crate::models::{Aim, Spec};

/// Where a search draws a parameter from; `None` where it does not.
fn search(param: &Param) -> Option<Value> {
    let between = |scale: &str, from: f64, to: f64| {
        object([("scale", scale.into()), ("from", from.into()), ("to", to.into())])
    };
    match param.search {
        Search::Fixed => None,
        Search::Linear(from, to) => Some(between("linear", from, to)),
        Search::Log(from, to) => Some(between("log", from, to)),
        Search::Any => Some(object([("scale", "any".into())])),
    }
}

/// Every kind of model with its parameters' ranges, plainest first.
pub fn kinds() -> Value {
    let mut kinds = Vec::new();
    for recipe in RECIPES {
        let mut params = describe(recipe.table);
        if let Value::Array(list) = &mut params {
            for (shown, param) in list.iter_mut().zip(recipe.table) {
                if let (Value::Object(map), Some(search)) = (shown, search(param)) {
                    map.push(("search".to_owned(), search));
                }
            }
        }
        let aim = if recipe.aim == Aim::Lists { "lists" } else { "ratings" };
        kinds.push(object([("name", recipe.name.into()), ("aim", aim.into()), ("params", params)]));
    }
    Value::Array(kinds)
}

/// A configuration with every parameter named; what is wrong with it is refused by its place.
pub fn check(model: &str, params: Option<Value>) -> Result<Value> {
    let spec = Spec::new(model, params)?;
    Ok(object([("model", spec.name().into()), ("params", spec.params())]))
}
