//! What is refused, left out and said about it.

use super::*;
use crate::ground::Code;
use crate::ground::ids::MAX_ID_BYTES;

#[test]
fn headers_that_cannot_be_used_are_refused_with_a_hint() {
    let e = mapped("uid,iid,stars\n1,2,3\n", "uid", "item", "stars").unwrap_err();
    assert_eq!((e.expectation(), e.found(), e.place()), ("item", "uid, iid, stars", "shop.csv"));
    let e = one("ratings.csv", "1,2,3.5,964982703\n1,3,4,964982703\n").unwrap_err();
    assert_eq!((e.place(), e.found()), ("ratings.csv, row 1", "1, 2, 3.5, 964982703"));
    assert!(e.advice().contains("mapping"));
    let e = one("ratings.csv", "userId,movieId,rating,rating\n1,2,3,4\n").unwrap_err();
    assert_eq!(e.place(), "ratings.csv, column 4");
    assert!(e.advice().contains("mapping"));
    let e = one("films.csv", "viewer,film,verdict\na,b,3\n").unwrap_err();
    assert!(e.advice().contains("mapping") && e.found() == "viewer, film, verdict");
    let e = one("ratings.csv", "\n\n").unwrap_err();
    assert!(e.to_string().starts_with("this file has no rows, at ratings.csv, expected a header and rows."));
}

#[test]
fn things_that_are_no_tables_are_refused_by_name() {
    for (bytes, word) in [
        (&b"\xef\xbb\xbf \n<!DOCTYPE html><html>"[..], "an HTML page"),
        (b"\xff\xfeu\0s\0", "UTF-16 text"),
        (b"PK\x03\x04rest", "a zip or gzip archive"),
        (b"\x89PNG\0", "a zero byte"),
        (b"userId,movieId,rating\n1,2,3\n1,2\0,3\n", "a zero byte"),
    ] {
        let e = import(&[("ratings.csv", bytes)]).unwrap_err();
        assert_eq!((e.code(), e.found()), (Code::FileFormat, word));
        assert!(e.place().starts_with("ratings.csv"));
    }
    // Beyond the bytes that are looked at first, the row is named.
    let late = [b"userId,movieId,rating\n", &b"1,2,3\n".repeat(HEAD)[..], b"\0"].concat();
    assert_eq!(import(&[("r.csv", &late)]).unwrap_err().place(), format!("r.csv, row {}", HEAD + 2));
    // A page or picture that only lies beside the ratings does no harm.
    let files: Files<'_> = &[
        ("index.html", b"<html>"),
        ("a.txt", b"1, 2\n"),
        ("__MACOSX/._ratings.csv", b"\0"),
        ("ratings.csv", RATINGS.as_bytes()),
    ];
    assert!(import(files).is_ok());
}

#[test]
fn bad_rows_are_left_out_counted_and_reported_with_their_place() {
    let long = "x".repeat(MAX_ID_BYTES + 1);
    let text = format!(
        "userId,movieId,rating,timestamp\n1,2,4.5,1\n1,2\n1,2,five,1\n\n1,2,7,1\n,2,3,1\n{long},2,3,1\n1,2,,1\nuserId,movieId,rating,timestamp\n1,2,3,1,9\n1,3,2,1\n1,4,2,1\n"
    );
    let i = one("ratings.csv", &text).unwrap();
    assert_eq!(i.interactions.rating, [4.5, 2.0, 2.0]);
    assert_eq!(
        dropped(&i.notes),
        [
            ("ragged-row", 2),
            ("empty-id", 1),
            ("header-repeated", 1),
            ("id-too-long", 1),
            ("rating-missing", 1),
            ("rating-not-a-number", 1),
            ("rating-off-scale", 1)
        ]
    );
    let places: Vec<(usize, &str)> = i.notes.problems.iter().map(|p| (p.row, p.reason.as_str())).collect();
    assert_eq!(
        places,
        [
            (3, "ragged-row"),
            (4, "rating-not-a-number"),
            (6, "rating-off-scale"),
            (7, "empty-id"),
            (8, "id-too-long"),
            (9, "rating-missing"),
            (10, "header-repeated"),
            (11, "ragged-row")
        ]
    );
    assert_eq!((i.notes.problems[1].got.as_str(), i.notes.problems[0].got.as_str()), ("five", "1 | 2"));
    let many = format!("userId,movieId,rating\n1,2,3\n{}", "x\n".repeat(50));
    let notes = one("ratings.csv", &many).unwrap().notes;
    assert_eq!((notes.problems.len(), dropped(&notes)), (20, vec![("ragged-row", 50)]));
}

#[test]
fn imports_without_a_rating_say_what_is_missing() {
    let e = one("movies.csv", MOVIES).unwrap_err();
    assert_eq!(e.code(), Code::FileFormat);
    assert!(e.to_string().contains("ratings.csv"));
    assert_eq!(import(&[]).unwrap_err().found(), "no file");
    let pictures: Vec<(&str, &[u8])> = vec![("a.jpg", b"x"); 12];
    assert!(import(&pictures).unwrap_err().found().ends_with("a.jpg and 2 more"));
    assert_eq!(one("data.zip", "PK").unwrap_err().found(), "data.zip");
    let e = one("ratings.csv", "userId,movieId,rating\n1,2,x\n1\n").unwrap_err();
    assert_eq!(e.found(), "none; rows not used: 1 ragged-row, 1 rating-not-a-number");
}

#[test]
fn calls_in_the_wrong_order_and_too_many_ratings_are_errors_that_last() {
    let mut importer = Importer::new(Options::default());
    let e = importer.push(b"x").unwrap_err();
    assert_eq!(importer.start_file("ratings.csv").unwrap_err(), e);
    assert_eq!(importer.finish().unwrap_err(), e);

    let mut importer = Importer::new(Options::default());
    importer.tables.ratings.limit = 2;
    importer.start_file("ratings.csv").unwrap();
    importer.push(RATINGS.as_bytes()).unwrap();
    let e = importer.end_file().unwrap_err();
    assert_eq!((e.code(), e.place()), (Code::FileTooLarge, "ratings.csv, row 4"));
}

#[test]
fn notes_are_written_in_the_words_of_the_public_api() {
    let notes = one("r.csv", "user,item,rating\na,x,3\na\n").unwrap().notes;
    let json = serde_json::from_str::<serde_json::Value>(&crate::ground::json::write(&notes.into())).unwrap();
    assert_eq!(json["dropped"], serde_json::json!([{ "reason": "ragged-row", "count": 1 }]));
    assert_eq!(
        json["problems"],
        serde_json::json!([{ "file": "r.csv", "row": 3, "reason": "ragged-row", "got": "a" }])
    );
    assert_eq!(json["warnings"][0]["code"], "items-without-title");
}
