//! Worlds with one right answer: anybody can see what must come first, so there is no tolerance and no excuse.

use super::{EXAMINEES, Examinee};
use crate::world::{ids, items, knowing, list, rate, train};
use serde_json::json;
use tasteprint::data::{Interactions, Item};
use tasteprint::engine::Engine;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// People and items on one board.
const SIDE: usize = 24;

fn same_colour(user: usize, item: usize) -> bool {
    user % 2 == item % 2
}

/// Withheld: the diagonal, and of each person's other colour every third field.
fn withheld(user: usize, item: usize) -> bool {
    user == item || (!same_colour(user, item) && (user + item).is_multiple_of(3))
}

/// A checkerboard: fields of one's own colour are rated 5, those of the other 1, so that every item and every person
/// has the same ratings up to the withheld fields and only who rated what can tell them apart.
fn board() -> Interactions {
    let mut x = Interactions::default();
    for user in 0..SIDE {
        for item in (0..SIDE).filter(|&item| !withheld(user, item)) {
            let rating = if same_colour(user, item) { 5.0 } else { 1.0 };
            x.push(&format!("u{user}"), &format!("i{item}"), rating, 0.0);
        }
    }
    x
}

/// The colours, said: for models that know films by what is said of them.
fn coloured() -> Vec<Item> {
    let mut fields = items((0..SIDE).map(|i| format!("i{i}")));
    for (at, field) in fields.iter_mut().enumerate() {
        field.genres = vec![if at % 2 == 0 { "white" } else { "black" }.to_owned()];
    }
    fields
}

/// Serves with default parameters: what everybody gets has to get this right.
fn serving(e: &Examinee) -> Engine {
    let mut engine = knowing(board());
    if e.described {
        engine.set_catalog(coloured()).unwrap();
    }
    let trained = train(&mut engine, e.with("{}"));
    engine.serve("board", &trained.bytes).unwrap();
    engine
}

#[test]
fn the_withheld_field_of_ones_own_colour_comes_first() {
    for e in EXAMINEES {
        let (mut engine, x) = (serving(e), board());
        for r in 0..x.len() {
            let (user, item) = (x.users.id(x.user[r]), x.items.id(x.item[r]));
            engine.apply_event(&rate(user, item, f64::from(x.rating[r])));
        }
        let mut right = 0;
        for user in 0..SIDE {
            let l = list(&mut engine, json!({ "profile": format!("u{user}"), "k": 100 }));
            let left = (0..SIDE).filter(|&item| withheld(user, item)).count();
            assert_eq!(l.list.len(), left, "{}: u{user} is shown all that was withheld", e.name);
            assert!(left > 3, "there is something to get wrong");
            right += usize::from(ids(&l)[0] == format!("i{user}"));
        }
        match e.personal {
            true => assert_eq!(right, SIDE, "{}", e.name),
            false => assert!(right < SIDE / 2, "{} cannot know, {right} of {SIDE} right", e.name),
        }
    }
}

#[test]
fn somebody_new_is_seen_for_what_they_are_after_four_ratings() {
    for e in EXAMINEES.iter().filter(|e| e.personal) {
        let mut engine = serving(e);
        for colour in 0..2 {
            let name = format!("new {colour}");
            for item in 0..4 {
                let rating = if same_colour(colour, item) { 5.0 } else { 1.0 };
                engine.apply_event(&rate(&name, &format!("i{item}"), rating));
            }
            let l = list(&mut engine, json!({ "profile": name, "k": SIDE / 2 - 2 }));
            for id in ids(&l) {
                let item: usize = id[1..].parse().unwrap();
                assert!(
                    same_colour(colour, item),
                    "{}: {name} is shown {id} before all of their own",
                    e.name
                );
            }
        }
    }
}
