//! The community's ratings: stored, read back, merged, replaced, imported.

use super::*;
use crate::data::Scale;
use crate::ground::Code;
use crate::ground::ids::Vocabulary;

fn small(rows: &[(&str, &str, f32, f64)]) -> Community {
    let mut community = Community::default();
    for &(user, item, rating, at) in rows {
        community.interactions.push(user, item, rating, at);
    }
    community
}

fn rows(c: &Community) -> Vec<(&str, &str, f32)> {
    let x = &c.interactions;
    (0..x.len()).map(|r| (x.users.id(x.user[r]), x.items.id(x.item[r]), x.rating[r])).collect()
}

#[test]
fn what_is_stored_is_read_back_to_the_byte() {
    let mut full = camps();
    full.items = items(["i0", "ünïcode 片", "i1"]);
    full.items[0].genres = vec!["Drama".into()];
    full.items[1].year = Some(1999.0);
    full.notes = json!({ "dropped": [{ "reason": "ragged-row", "count": 3 }] }).into();
    for community in [full, small(&[]), small(&[("u\u{2028}", "a b", 0.5, 0.0)])] {
        let bytes = community.write().unwrap();
        let back = Community::read(&bytes).unwrap();
        assert_eq!(back.write().unwrap(), bytes);
        assert_eq!(rows(&back), rows(&community));
        assert_eq!((&back.items, &back.notes), (&community.items, &community.notes));
        assert_eq!(back.interactions.at, community.interactions.at);
        assert_eq!(back.interactions.label, community.interactions.label);
        assert_eq!(back.interactions.scale, community.interactions.scale);
    }
    let mut e = Engine::new();
    assert_eq!(e.write_community().unwrap_err().code(), Code::InvalidArgument);
    e.take_in(camps()).unwrap();
    assert_eq!(e.write_community().unwrap(), camps().write().unwrap());
}

#[test]
fn bytes_that_are_something_else_are_refused() {
    let mut e = engine();
    let bytes = camps().write().unwrap();
    let mut flipped = bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    for bad in [&b""[..], b"userId,movieId", &bytes[..bytes.len() - 1], &flipped] {
        assert_eq!(Community::read(bad).unwrap_err().code(), Code::ModelFormat);
        assert_eq!(e.serve("x", bad).unwrap_err().code(), Code::ModelFormat);
    }
    assert_eq!(e.serve("x", &bytes).unwrap_err().code(), Code::ModelFormat, "data is no model");
    let model = e.export_pack().unwrap();
    assert_eq!(Community::read(&model).unwrap_err().code(), Code::ModelFormat, "a model is no data");
    assert_eq!(e.status().active.as_deref(), Some("v1"));
}

#[test]
fn columns_are_checked_and_doubled_rows_are_counted() {
    let about = || Columns {
        user_ids: vec!["u".into()],
        item_ids: vec!["a".into(), "b".into()],
        ..Columns::default()
    };
    let c = Community::from_columns(about(), vec![0, 0, 0], vec![0, 1, 0], vec![1.0, 2.0, 4.0], None, None)
        .unwrap();
    assert_eq!(rows(&c), [("u", "b", 2.0), ("u", "a", 4.0)]);
    assert_eq!(seen(&c.notes)["dropped"], json!([{ "reason": "duplicate", "count": 1 }]));
    assert_eq!(c.interactions.scale, Scale { min: 1.0, max: 5.0, step: 1.0 }, "guessed");
    let refuse = |about, user, item, rating: Vec<f32>, at| {
        Community::from_columns(about, user, item, rating, at, None).unwrap_err().place().to_owned()
    };
    assert_eq!(refuse(about(), vec![1], vec![0], vec![1.0], None), "users[0]");
    assert_eq!(refuse(about(), vec![0], vec![2], vec![1.0], None), "items[0]");
    assert_eq!(refuse(about(), vec![0], vec![0], vec![f32::NAN], None), "ratings[0]");
    assert_eq!(refuse(about(), vec![0, 0], vec![0], vec![1.0], None), "users");
    assert_eq!(refuse(about(), vec![0], vec![0], vec![1.0], Some(vec![f64::NAN])), "at[0]");
    let twice = Columns { item_ids: vec!["a".into(), "a".into()], ..about() };
    assert_eq!(refuse(twice, vec![0], vec![0], vec![1.0], None), "itemIds[1]");
    let odd = Columns { scale: Some(Scale { min: 1.0, max: 3.0, step: 1.0 }), ..about() };
    assert_eq!(refuse(odd, vec![0], vec![0], vec![4.0], None), "ratings[0]");
}

#[test]
fn merging_keeps_the_later_rating_and_replacing_keeps_nothing() {
    let mut e = Engine::new();
    let mut first = small(&[("u", "a", 1.0, 10.0), ("u", "b", 2.0, 20.0), ("v", "a", 3.0, 10.0)]);
    first.items = items(["a", "b"]);
    e.take_in(first).unwrap();
    let more = || {
        let mut more = small(&[("u", "a", 5.0, 11.0), ("u", "b", 5.0, 19.0), ("w", "c", 4.0, 5.0)]);
        more.items = items(["c", "b"]);
        more.items[1].title = "new title".into();
        more
    };
    let merged = e.stage(more(), "merge").unwrap();
    let mut seen = rows(&merged);
    seen.sort_by(|x, y| x.partial_cmp(y).unwrap());
    assert_eq!(seen, [("u", "a", 5.0), ("u", "b", 2.0), ("v", "a", 3.0), ("w", "c", 4.0)]);
    let titles: Vec<_> = merged.items.iter().map(|i| (i.id.as_str(), i.title.as_str())).collect();
    assert_eq!(titles, [("a", "A"), ("b", "new title"), ("c", "C")]);
    assert_eq!(e.status().ratings, 3, "staging changes nothing");
    assert_eq!(rows(&e.stage(more(), "replace").unwrap()).len(), 3);
    assert_eq!(e.stage(more(), "add").unwrap_err().place(), "mode");
    let mut ten = more();
    ten.interactions.scale = Scale { min: 0.0, max: 10.0, step: 1.0 };
    assert_eq!(e.stage(ten.clone(), "merge").unwrap_err().place(), "scale");
    assert!(Engine::new().stage(ten, "merge").is_ok(), "nothing there yet: its scale is the scale");
    e.take_in(merged).unwrap();
    assert_eq!((e.status().ratings, e.status().catalog), (4, 3));
}

#[test]
fn the_sites_catalog_stays_until_data_brings_its_own() {
    let mut e = Engine::new();
    e.set_catalog(items(["a", "b", "c"])).unwrap();
    e.take_in(small(&[("u", "a", 1.0, 0.0)])).unwrap();
    assert_eq!(e.status().catalog, 3);
    assert!(e.stage(small(&[]), "merge").unwrap().items.is_empty(), "the site's items are not the data's");
    let mut own = small(&[("u", "x", 1.0, 0.0)]);
    own.items = items(["x"]);
    e.take_in(own).unwrap();
    assert_eq!(e.catalog().ids().ids(), ["x"]);
    let mut doubled = small(&[("u", "y", 1.0, 0.0)]);
    doubled.items = items(["y", "y"]);
    assert_eq!(e.take_in(doubled).unwrap_err().place(), "catalog[1]");
    assert_eq!((e.catalog().ids().ids(), e.status().ratings), (&["x".to_owned()][..], 1), "nothing changed");
}

#[test]
fn a_report_says_what_is_in_the_data() {
    let mut e = Engine::new();
    assert_eq!(seen(&e.data_report()), Value::Null);
    e.take_in(camps()).unwrap();
    let report = seen(&e.data_report());
    assert_eq!(
        (&report["ratings"], &report["users"], &report["items"]),
        (&json!(440), &json!(40), &json!(12))
    );
    assert_eq!(report["label"], "two camps");
}

#[test]
fn files_are_imported_staged_and_only_then_taken_in() {
    let mut e = Engine::new();
    assert!(e.import_push(b"x").is_err() && e.import_end().is_err() && e.import_finish().is_err());
    e.import_begin(ask(json!({ "label": "mine" }))).unwrap();
    e.import_file("ratings.csv").unwrap();
    e.import_push(b"userId,movieId,rating,timestamp\n1,10,4.5,9647").unwrap();
    e.import_push(b"82703\n2,10,3,964982703\n").unwrap();
    e.import_end().unwrap();
    let community = e.import_finish().unwrap();
    assert_eq!(rows(&community), [("1", "10", 4.5), ("2", "10", 3.0)]);
    assert_eq!((e.status().ratings, e.status().catalog), (0, 0));
    assert!(e.import_finish().is_err(), "it is over");
    let staged = e.stage(community, "replace").unwrap();
    e.take_in(staged).unwrap();
    assert_eq!((e.status().ratings, e.status().catalog), (2, 1));
    e.import_begin(ask(json!({}))).unwrap();
    e.abandon();
    assert!(e.import_push(b"x").is_err(), "abandoned");
    let mut spoiled = camps();
    spoiled.interactions.users = Vocabulary::default();
    assert!(spoiled.interactions.check().is_err());
}
