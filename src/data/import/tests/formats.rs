//! What is read, and into what.

use super::*;

#[test]
fn movielens_since_2014() {
    let tags = "userId,movieId,tag,timestamp\n1,1,Cyberpunk,1\n2,1,cyberpunk,1\n2,1,hackers,1\n2,77,nobody,1\n1,9, A b ,1\n";
    let i = import(&[
        ("ml/links.csv", b"movieId,imdbId,tmdbId\n1,2,3\n"),
        ("ml/movies.csv", MOVIES.as_bytes()),
        ("ml/ratings.csv", RATINGS.as_bytes()),
        ("ml/tags.csv", tags.as_bytes()),
        ("ml/README.txt", b"Summary\n=======\n\0<html>"),
    ])
    .unwrap();
    let x = &i.interactions;
    assert_eq!(
        (x.users.ids(), x.items.ids()),
        (&["u".to_owned(), "v".into()][..], &["1".to_owned(), "2".into(), "9".into()][..])
    );
    assert_eq!((x.scale, &x.rating[..]), (Scale { min: 0.5, max: 5.0, step: 0.5 }, &[4.5, 3.0, 5.0][..]));
    assert_eq!(x.at, [964_982_703_000.0, 964_981_247_000.0, 0.0]);
    assert_eq!(
        i.items,
        [
            Item {
                id: "1".into(),
                title: "The Matrix".into(),
                genres: vec!["Action".into(), "Sci-Fi".into()],
                year: Some(1999.0),
                tags: vec!["cyberpunk".into(), "hackers".into()],
                ..Item::default()
            },
            Item { id: "2".into(), title: "Babylon 5".into(), ..Item::default() },
            Item { id: "9".into(), title: "Item 9".into(), tags: vec!["a b".into()], ..Item::default() },
        ]
    );
    assert_eq!(codes(&i.notes), ["file-ignored", "items-without-title"]);
    assert!(i.notes.warnings[0].message.contains("ml/links.csv, ml/README.txt"));
    assert!(i.notes.dropped.is_empty() && i.notes.problems.is_empty());
}

#[test]
fn movielens_100k() {
    let flags = "0|0|0|1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|1";
    let item =
        format!("1|Am\u{1}lie, Le (1994)|01-Jan-1995||http://x|{flags}\n2|unknown||||1{}\n", "|0".repeat(18));
    let latin1: Vec<u8> = item.bytes().map(|b| if b == 1 { 0xe9 } else { b }).collect();
    let i = import(&[
        ("u.data", b"7\t1\t3\t881250949\n7\t2\t6\t881250949\n8\t1\t5\t881250950\n"),
        ("u.item", &latin1),
    ])
    .unwrap();
    assert_eq!(i.interactions.scale, Scale { min: 1.0, max: 5.0, step: 1.0 });
    assert_eq!(i.interactions.at[0], 881_250_949_000.0);
    assert_eq!((i.items[0].title.as_str(), i.items[0].year), ("Le Amélie", Some(1995.0)));
    assert_eq!(
        (&i.items[0].genres[..], i.items[1].genres.len()),
        (&["Animation".to_owned(), "Western".into()][..], 0)
    );
    assert_eq!(
        i.notes.problems,
        [Problem { file: "u.data".into(), row: 2, reason: "rating-off-scale".into(), got: "6".into() }]
    );
    assert!(i.notes.warnings.is_empty(), "Latin-1 is what u.item is in");
}

#[test]
fn movielens_1m_and_10m() {
    let i = import(&[
        ("ml-1m/movies.dat", b"1::Toy Story (1995)::Animation|Children's\n2::Caf\xe9::Drama\n"),
        ("ml-1m/users.dat", b"1::F::1::10::48067\n"),
        ("ml-1m/ratings.dat", b"1::1::5::978300760\n1::2::4::978302109\n"),
    ])
    .unwrap();
    assert_eq!((i.items[0].title.as_str(), i.items[1].title.as_str()), ("Toy Story", "Café"));
    assert_eq!(i.interactions.scale, Scale { min: 1.0, max: 5.0, step: 1.0 });
    assert_eq!(codes(&i.notes), ["file-ignored"]);
    let ten_million = one("ratings.dat", "1::1::4.5::978300760\n1::2::4::978302109\n").unwrap();
    assert_eq!(ten_million.interactions.scale, Scale::default());
}

#[test]
fn tables_with_the_usual_names() {
    for text in [
        "userId\tmovieId\trating\ttimestamp\tfold\n1\t7\t5\t978300760\t1\n1\t8\t4\t\t2\n",
        "\u{feff}User_ID;Item ID;Stars;Date\n1;7;5,0;978300760\n1;8;4,0;NA\n",
        "score,time,item,user\r5,978300760000,7,1\r4,,8,1\r",
        "\"userid\",\"itemid\",\"rating\",\"timestamp\"\n\"1\",\"7\",\"5\",\"978300760\"\n1,8,4,null",
    ] {
        let i = one("table.csv", text).unwrap();
        assert_eq!(i.interactions.items.ids(), ["7", "8"], "{text}");
        assert_eq!(i.interactions.rating, [5.0, 4.0], "{text}");
        assert_eq!(i.interactions.at, [978_300_760_000.0, 0.0], "{text}");
        assert_eq!(i.interactions.scale, Scale { min: 1.0, max: 5.0, step: 1.0 }, "{text}");
    }
}

#[test]
fn circumstances_come_along_and_the_same_film_may_come_in_several() {
    let text = "user,item,rating,Mood,Where\na,x,5,funny,home\na,x,1,sad,NA\na,x,2,sad,\nb,x,3,,cinema\n";
    let words = |i: &Imported, name: &str| -> Vec<Option<String>> {
        let of = |r| i.interactions.context.word(r, name).map(str::to_owned);
        (0..i.interactions.len()).map(of).collect()
    };
    let i = one("table.csv", text).unwrap();
    assert_eq!(i.interactions.rating, [5.0, 2.0, 3.0]);
    assert_eq!(words(&i, "mood"), [Some("funny".into()), Some("sad".into()), None]);
    assert!(i.interactions.context.kinds.len() == 1, "places are not among the names that are known");
    let name = |n: &str| n.to_owned();
    let mapping = Mapping {
        user: name("user"),
        item: name("item"),
        rating: name("rating"),
        context: vec![name("Where")],
        ..Mapping::default()
    };
    let options = Options { mapping: Some(mapping), ..Options::default() };
    let i = import_in(&[("shop.csv", text.as_bytes())], options, 5).unwrap();
    assert_eq!(words(&i, "Where"), [Some("home".into()), None, Some("cinema".into())]);
}

#[test]
fn a_mapping_names_the_columns() {
    let text = "who;what;name;kinds;points;when\na;x;Café (1999);War|Drama;3,5;1700000000000\nb;x;;;9;1700000000001\nb;y;;;10;1700000000002\n";
    let mapping = Mapping {
        user: "who".into(),
        item: "what".into(),
        rating: "points".into(),
        timestamp: Some("when".into()),
        title: Some("name".into()),
        genres: Some("kinds".into()),
        context: Vec::new(),
    };
    let options = |mapping: &Mapping| Options {
        mapping: Some(mapping.clone()),
        label: "shop".into(),
        ..Options::default()
    };
    let i = import_in(&[("shop.csv", text.as_bytes())], options(&mapping), 5).unwrap();
    assert_eq!((i.interactions.label.as_str(), i.interactions.at[0]), ("shop", 1_700_000_000_000.0));
    assert_eq!(i.interactions.scale, Scale { min: 0.5, max: 10.0, step: 0.5 });
    assert_eq!(
        (i.items[0].title.as_str(), i.items[0].year, i.items[0].genres.len()),
        ("Café", Some(1999.0), 2)
    );
    assert_eq!((i.items[1].title.as_str(), i.items.len()), ("Item y", 2));

    // The titles may stand in a file of their own; in neither file, that is an error.
    let split: Files<'_> =
        &[("r.csv", b"who,what,points,when\na,x,3,1\n"), ("i.csv", b"what,name,kinds\nx,Ex,War\n")];
    assert_eq!(import_in(split, options(&mapping), 3).unwrap().items[0].title, "Ex");
    let e = import_in(&split[..1], options(&mapping), 3).unwrap_err();
    assert_eq!((e.place(), e.expectation(), e.found()), ("mapping", "name", "who, what, points, when"));
}

#[test]
fn the_declared_scale_holds_and_a_shops_ten_points_are_not_taken_for_movielens() {
    let scale = Some(Scale { min: 0.0, max: 1.0, step: 0.1 });
    let text: &[u8] = b"user,item,rating\na,x,0.3\na,y,0.35\na,z,1.1\nb,x,0.7\n";
    let i = import_in(&[("r.csv", text)], Options { scale, ..Options::default() }, 3).unwrap();
    assert_eq!((i.interactions.rating.len(), dropped(&i.notes)), (2, vec![("rating-off-scale", 2)]));
    let bad = Options { scale: Some(Scale { min: 5.0, max: 1.0, step: 1.0 }), ..Options::default() };
    assert_eq!(import_in(&[("r.csv", text)], bad, 3).unwrap_err().place(), "scale");

    let shop = "userId,movieId,rating\n1,1,7.5\n1,2,9\n1,3,3.5\n1,4,8\n";
    assert_eq!(
        one("ratings.csv", shop).unwrap().interactions.scale,
        Scale { min: 0.5, max: 10.0, step: 0.5 }
    );
    // A file that is not MovieLens's beside one that is: nothing is known about the scale of both.
    let mixed: Files<'_> = &[
        ("a.csv", b"user,item,rating\nx,y,7\n"),
        ("ratings.csv", &[b"userId,movieId,rating\n", &b"1,1,3\n".repeat(20)[..]].concat()),
    ];
    assert_eq!(import(mixed).unwrap().interactions.scale.max, 10.0);
    // People whose only ratings are off the scale are not in the data.
    let mut text = "userId,movieId,rating\nstranger,99,50\n".to_owned();
    (0..20).for_each(|i| text.push_str(&format!("u,{i},4\n")));
    let x = one("ratings.csv", &text).unwrap().interactions;
    assert_eq!((x.users.ids(), x.items.len(), x.scale.max), (&["u".to_owned()][..], 20, 5.0));
}

#[test]
fn the_last_rating_of_a_pair_stands() {
    let i = one(
        "ratings.csv",
        "userId,movieId,rating,timestamp\n1,2,3,978300761\n1,3,3,978300761\n1,2,4,978300760\n",
    )
    .unwrap();
    assert_eq!((&i.interactions.rating[..], dropped(&i.notes)), (&[3.0, 3.0][..], vec![("duplicate", 1)]));
}

#[test]
fn items_are_kept_once_and_a_row_of_their_own_comes_first() {
    let ratings: &[u8] = b"user,item,rating,title\na,x,3,From the ratings\n";
    let items: &[u8] = b"item,title,genre,year\nx,Own,War,1999\nx,Twice,War,1999\n,Nameless,War,\n";
    for files in [[("r.csv", ratings), ("i.csv", items)], [("i.csv", items), ("r.csv", ratings)]] {
        let i = import(&files).unwrap();
        assert_eq!((i.items.len(), i.items[0].title.as_str(), i.items[0].year), (1, "Own", Some(1999.0)));
        assert_eq!(dropped(&i.notes), [("duplicate-item", 1), ("empty-id", 1)]);
    }
}

#[test]
fn text_that_is_not_utf8_is_latin1_with_one_warning() {
    let i = import(&[("r.csv", b"user,item,rating\nRen\xe9,x,3\nRen\xe9,y,4\n")]).unwrap();
    assert_eq!(i.interactions.users.ids(), ["René"]);
    assert_eq!(codes(&i.notes), ["not-utf-8", "items-without-title"]);
}

#[test]
fn times_are_numbers_in_one_unit_per_file() {
    let read = |times: [&str; 3]| {
        let rows: String = times.iter().enumerate().map(|(i, t)| format!("a,{i},3,{t}\n")).collect();
        one("r.csv", &format!("user,item,rating,time\n{rows}")).unwrap()
    };
    assert_eq!(
        read(["978300760", "978300761.5", "-"]).interactions.at,
        [978_300_760_000.0, 978_300_761_500.0, 0.0]
    );
    assert_eq!(
        read(["978300760000", "978300761000", "5"]).interactions.at,
        [978_300_760_000.0, 978_300_761_000.0, 5.0]
    );
    // One odd value does not make seconds of a file in milliseconds.
    assert_eq!(read(["978300760000", "978300761000", "978300762"]).interactions.at[0], 978_300_760_000.0);
    // A time that no calendar holds once it is taken for seconds like the others.
    assert_eq!(read(["978300760", "978300761", "9e14"]).interactions.at[2], 0.0);
    let odd = read(["2020-01-01", "-5", "0"]);
    assert_eq!(odd.interactions.at, [0.0; 3]);
    assert!(odd.notes.warnings[0].message.starts_with("2 times"));
}
