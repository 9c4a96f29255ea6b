//! The engine as its callers see it, on one small world: two camps who love the opposite halves of twelve items, and
//! one catalog item nobody has rated.

mod data;
mod lists;
mod moments;
mod newcomers;
mod pack;
mod people;
mod table;
mod work;

use super::reply::{List, TrainedModel};
use super::request::Columns;
use super::{Community, Engine};
use crate::data::feedback::Kind;
use crate::data::{Event, Item};
use crate::ground::fields::FromFields;
use serde_json::{Value, json};

const NOW: f64 = 1.8e12;

fn ask<T: FromFields>(value: Value) -> T {
    T::decode("ask", value.into()).unwrap()
}

/// A value of the core, to be looked into.
fn seen(value: &crate::ground::json::Value) -> Value {
    serde_json::from_str(&crate::ground::json::write(value)).unwrap()
}

/// Ratings of forty people: 4.5 where the item is of the half they love, 1.5 where it is not. Each left one out.
fn camps() -> Community {
    let (mut user, mut item, mut rating, mut at) = (vec![], vec![], vec![], vec![]);
    for (u, i) in (0..40u32).flat_map(|u| (0..12u32).map(move |i| (u, i))).filter(|(u, i)| *i != u % 12) {
        user.push(u);
        item.push(i);
        rating.push(if loves(u, i) { 4.5 } else { 1.5 });
        at.push(f64::from(u * 12 + i + 1) * 1e9);
    }
    let about = Columns {
        user_ids: (0..40).map(|u| format!("u{u}")).collect(),
        item_ids: (0..12).map(|i| format!("i{i}")).collect(),
        label: Some("two camps".into()),
        ..Columns::default()
    };
    Community::from_columns(about, user, item, rating, Some(at), None).unwrap()
}

fn loves(user: u32, item: u32) -> bool {
    user.is_multiple_of(2) == (item < 6)
}

fn items(ids: impl IntoIterator<Item = impl Into<String>>) -> Vec<Item> {
    let item = |id: String| Item { title: id.to_uppercase(), id, ..Item::default() };
    ids.into_iter().map(|id| item(id.into())).collect()
}

fn train(engine: &mut Engine, what: Value) -> TrainedModel {
    assert_eq!(engine.train_begin(&ask(what), None).unwrap(), None);
    while engine.train_step(1000).unwrap().phase != "done" {}
    engine.train_finish("v1", "first", NOW, 12.0).unwrap()
}

fn factors() -> Value {
    json!({ "model": "matrix-factorization", "params": { "factors": 4, "epochs": 40 }, "seed": 1,
        "validation": { "split": "none" } })
}

/// Knows the camps and twelve items and one more, and serves from a model with factors.
fn engine() -> Engine {
    let mut engine = Engine::new();
    let mut catalog = items((0..13).map(|i| format!("i{i}")));
    // However the site praises it: what no model knows comes after what one does.
    catalog[12].popularity = Some(1e6);
    engine.set_catalog(catalog).unwrap();
    engine.take_in(camps()).unwrap();
    let trained = train(&mut engine, factors());
    engine.serve("v1", &trained.bytes).unwrap();
    engine
}

fn event(item: &str, kind: Kind, rating: Option<f64>) -> Event {
    Event {
        seq: 0.0,
        profile: "me".into(),
        item: item.into(),
        kind,
        rating,
        completion: None,
        would_watch_again: None,
        context: None,
        score: None,
        at: NOW,
    }
}

fn rate(item: &str, rating: impl Into<Option<f64>>) -> Event {
    event(item, Kind::Rate, rating.into())
}

fn list(engine: &mut Engine, what: Value) -> List {
    engine.recommend(&ask(what)).unwrap()
}

fn ids(list: &List) -> Vec<&str> {
    list.list.iter().map(|r| r.item.as_str()).collect()
}
