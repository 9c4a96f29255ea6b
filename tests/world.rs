//! Helpers: an engine driven as the façade drives it, with requests as the JSON a page would send.

use serde_json::Value;
use tasteprint::data::feedback::Kind;
use tasteprint::data::{Event, Interactions, Item};
use tasteprint::engine::reply::{List, TrainedModel};
use tasteprint::engine::{Community, Engine};
use tasteprint::ground::Result;
use tasteprint::ground::fields::FromFields;
use tasteprint::ground::json;

/// The clock of these tests.
pub const NOW: f64 = 1.8e12;

/// A request, decoded as the façade decodes it.
pub fn ask<T: FromFields>(value: Value) -> T {
    T::decode("ask", ours(&value)).unwrap()
}

/// A value as the core has it.
pub fn ours(value: &Value) -> json::Value {
    json::parse(value.to_string().as_bytes()).unwrap()
}

/// Knows these ratings and nothing else.
pub fn knowing(interactions: Interactions) -> Engine {
    let mut engine = Engine::new();
    engine.take_in(Community { interactions, ..Community::default() }).unwrap();
    engine
}

/// Trains to the end in steps of `budget` ratings.
pub fn train_in_steps(engine: &mut Engine, what: Value, budget: usize) -> Result<TrainedModel> {
    let too_little = engine.train_begin(&ask(what), None)?;
    assert_eq!(too_little, None);
    while engine.train_step(budget)?.phase != "done" {}
    engine.train_finish("trained", "a test", NOW, 1.0)
}

/// Trains to the end.
pub fn train(engine: &mut Engine, what: Value) -> TrainedModel {
    train_in_steps(engine, what, 10_000).unwrap()
}

/// A rating, or the withdrawal of one.
pub fn rate(profile: &str, item: &str, rating: impl Into<Option<f64>>) -> Event {
    Event {
        seq: 0.0,
        profile: profile.into(),
        item: item.into(),
        kind: Kind::Rate,
        rating: rating.into(),
        completion: None,
        would_watch_again: None,
        context: None,
        score: None,
        at: NOW,
    }
}

/// The list somebody asks for.
pub fn list(engine: &mut Engine, what: Value) -> List {
    engine.recommend(&ask(what)).unwrap()
}

/// The items of a list.
pub fn ids(list: &List) -> Vec<&str> {
    list.list.iter().map(|r| r.item.as_str()).collect()
}

/// Items without any fact but their title.
pub fn items<T: Into<String>>(ids: impl IntoIterator<Item = T>) -> Vec<Item> {
    let item = |id: String| Item { title: id.clone(), id, ..Item::default() };
    ids.into_iter().map(|id| item(id.into())).collect()
}
