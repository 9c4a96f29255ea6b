//! The importer as a whole: helpers, and what holds for any bytes.

mod formats;
mod refusals;

use super::*;
use proptest::prelude::*;

type Files<'a> = &'a [(&'a str, &'a [u8])];

fn import_in(files: Files<'_>, options: Options, chunk: usize) -> Result<Imported> {
    let mut importer = Importer::new(options);
    for (name, bytes) in files {
        importer.start_file(name)?;
        for part in bytes.chunks(chunk) {
            importer.push(part)?;
        }
        importer.end_file()?;
    }
    importer.finish()
}

fn import(files: Files<'_>) -> Result<Imported> {
    import_in(files, Options::default(), usize::MAX)
}

fn one(name: &str, text: &str) -> Result<Imported> {
    import(&[(name, text.as_bytes())])
}

fn mapped(text: &str, user: &str, item: &str, rating: &str) -> Result<Imported> {
    let mapping =
        Mapping { user: user.into(), item: item.into(), rating: rating.into(), ..Mapping::default() };
    import_in(
        &[("shop.csv", text.as_bytes())],
        Options { mapping: Some(mapping), ..Options::default() },
        usize::MAX,
    )
}

fn dropped(notes: &Notes) -> Vec<(&str, usize)> {
    notes.dropped.iter().map(|d| (d.reason.as_str(), d.count)).collect()
}

fn codes(notes: &Notes) -> Vec<&str> {
    notes.warnings.iter().map(|w| w.code.as_str()).collect()
}

/// Everything an import says, to compare two of them.
fn told(result: Result<Imported>) -> String {
    match result {
        Ok(Imported { interactions: x, items, notes }) => {
            let ids = (x.users.ids(), x.items.ids());
            format!("{:?}", (ids, x.user, x.item, x.rating, x.at, x.scale, items, notes))
        }
        Err(e) => e.to_string(),
    }
}

const MOVIES: &str =
    "movieId,title,genres\r\n1,\"Matrix, The (1999)\",Action|Sci-Fi\r\n2,Babylon 5,(no genres listed)\r\n";
const RATINGS: &str =
    "userId,movieId,rating,timestamp\r\nu,1,4.5,964982703\r\nu,2,3.0,964981247\r\nv,9,5.0,\r\n";

const NAMES: [&str; 8] =
    ["ratings.csv", "movies.csv", "tags.csv", "u.data", "u.item", "ratings.dat", "movies.dat", "a.txt"];

proptest! {
    #[test]
    fn chunks_do_not_matter(
        header in prop_oneof![Just("userId,movieId,rating,timestamp"), Just("user;item;stars;title"), Just("item\tuser\tscore")],
        rows in proptest::collection::vec("[uv]{0,2}[,;\t][ab\"]{0,2}[,;\t][0-7.,]{0,3}[,;\té\u{0}]{0,1}[0-9]{0,2}", 0..30),
        ending in prop_oneof![Just("\n"), Just("\r\n"), Just("\r"), Just("\n\n")],
        bom: bool,
        size in 1usize..20,
    ) {
        let start = if bom { "\u{feff}" } else { "" };
        let text = format!("{start}{header}{ending}{}", rows.join(ending));
        let files: Files<'_> = &[("x/some.csv", text.as_bytes()), ("ratings.csv", RATINGS.as_bytes()), ("movies.csv", MOVIES.as_bytes())];
        let whole = told(import(files));
        prop_assert_eq!(told(import_in(files, Options::default(), size)), whole);
    }

    #[test]
    fn chunks_do_not_matter_where_a_file_is_longer_than_what_is_looked_at(size in 1usize..5000, rows in 2000usize..4000) {
        let text: String = (0..rows).map(|i| format!("{},{},{}.5,9{i}\n", i % 7, i % 301, i % 7)).collect();
        let text = format!("userId,movieId,rating,timestamp\n{text}");
        let files: Files<'_> = &[("ratings.csv", text.as_bytes())];
        prop_assert_eq!(told(import_in(files, Options::default(), size)), told(import(files)));
    }

    #[test]
    fn random_bytes_never_panic(name in 0usize..NAMES.len(), bytes in proptest::collection::vec(any::<u8>(), 0..300), size in 1usize..50) {
        let _ = import_in(&[(NAMES[name], &bytes)], Options::default(), size);
        let after = [b"userId,movieId,rating,timestamp\n".as_slice(), &bytes].concat();
        prop_assert_eq!(told(import_in(&[("r.csv", &after)], Options::default(), size)), told(import(&[("r.csv", &after)])));
    }

    #[test]
    fn nearly_right_text_never_panics(name in 0usize..NAMES.len(), text in "[0-9a(é,|:;\t\"\r\n<)-]{0,200}") {
        let _ = import(&[(NAMES[name], text.as_bytes()), ("ratings.csv", RATINGS.as_bytes())]);
    }
}
