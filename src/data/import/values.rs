//! What stands in one field: text, ids, numbers, titles with their years, genres.

use crate::ground::ids::MAX_ID_BYTES;
use std::borrow::Cow;

/// Text of a field without the spaces around it, and whether it had to be read as Latin-1.
pub(super) fn text(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    let bytes = bytes.trim_ascii();
    match str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), false),
        // Latin-1 is the first 256 code points, so every byte is a character and nothing can fail.
        Err(_) => (Cow::Owned(bytes.iter().map(|&b| char::from(b)).collect()), true),
    }
}

/// An id fit for the catalog, or the reason why its row is dropped.
pub(super) fn id(bytes: &[u8]) -> Result<(Cow<'_, str>, bool), &'static str> {
    let (text, latin1) = text(bytes);
    match text.as_ref() {
        "" => Err("empty-id"),
        t if t.len() > MAX_ID_BYTES => Err("id-too-long"),
        t if t.chars().any(char::is_control) => Err("control-character-in-id"),
        _ => Ok((text, latin1)),
    }
}

/// The usual ways to write "not known".
pub(super) fn is_missing(bytes: &[u8]) -> bool {
    matches!(bytes.trim_ascii(), b"" | b"NA" | b"N/A" | b"NaN" | b"nan" | b"null" | b"NULL" | b"\\N" | b"-")
}

/// A finite number. `comma`: the decimal sign may be a comma.
pub(super) fn number(bytes: &[u8], comma: bool) -> Option<f64> {
    let bytes = bytes.trim_ascii();
    let (negative, digits) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let (mut mantissa, mut decimals, mut seen, mut point) = (0u64, 0usize, 0usize, false);
    for &b in digits {
        match b {
            b'0'..=b'9' => {
                // Fifteen digits fit into a double exactly; more go the slow way.
                if seen == 15 {
                    return slow_number(bytes, comma);
                }
                seen += 1;
                mantissa = mantissa * 10 + u64::from(b - b'0');
                decimals += usize::from(point);
            }
            b'.' if !point => point = true,
            b',' if comma && !point => point = true,
            _ => return slow_number(bytes, comma),
        }
    }
    if seen == 0 {
        return None;
    }
    // Both sides of the division are exact, so it rounds once: the same double as `str::parse` gives.
    const TENS: [f64; 16] =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    let value = mantissa as f64 / TENS[decimals];
    Some(if negative { -value } else { value })
}

/// Exponents, a plus sign and long numbers, by way of the JSON reader, which is there anyway: the standard library's
/// parser has 10 kB of tables for the last bit of numbers nobody rates with.
fn slow_number(bytes: &[u8], comma: bool) -> Option<f64> {
    if bytes.iter().any(|b| !matches!(b, b'0'..=b'9' | b'.' | b',' | b'e' | b'E' | b'+' | b'-')) {
        return None;
    }
    let text = str::from_utf8(bytes).ok()?;
    let text = match (text.contains(','), comma && !text.contains('.')) {
        (false, _) => text.to_owned(),
        (true, true) => text.replacen(',', ".", 1),
        (true, false) => return None,
    };
    crate::ground::json::parse_number(text.strip_prefix('+').unwrap_or(&text))
}

/// A title as it is shown, and the year that stood in brackets at its end.
pub(super) fn title_and_year(raw: &str) -> (String, Option<f64>) {
    let raw = raw.trim();
    let inner = raw.strip_suffix(')').and_then(|t| t.rsplit_once('('));
    if let Some((before, inside)) = inner
        && let Some(year) = bracketed_year(inside)
        && !before.trim().is_empty()
    {
        return (without_inverted_article(before.trim()), Some(year));
    }
    (without_inverted_article(raw), None)
}

/// "1995", and for series "2006–2007" or "2006–": the first year counts.
fn bracketed_year(text: &str) -> Option<f64> {
    let year = four_digit_year(text.get(..4)?)?;
    let rest = &text[4..];
    let span = rest.is_empty()
        || (rest.starts_with(['-', '–']) && rest.chars().all(|c| matches!(c, '-' | '–' | ' ' | '0'..='9')));
    span.then_some(year)
}

/// A year a film can be of.
pub(super) fn four_digit_year(text: &str) -> Option<f64> {
    let digits = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    let year = text.parse::<u16>().ok().filter(|_| digits)?;
    (1800..=2100).contains(&year).then(|| f64::from(year))
}

/// "Title, The" → "The Title"; the same inside a foreign title in brackets.
fn without_inverted_article(title: &str) -> String {
    let Some((main, rest)) = title.split_once(" (") else {
        return article_first(title);
    };
    match rest.strip_suffix(')').filter(|inner| !inner.contains(['(', ')'])) {
        Some(inner) => {
            let alias = if inner.starts_with("a.k.a. ") { "a.k.a. " } else { "" };
            format!("{} ({alias}{})", article_first(main), article_first(&inner[alias.len()..]))
        }
        None => format!("{} ({rest}", article_first(main)),
    }
}

fn article_first(title: &str) -> String {
    const ARTICLES: &[&str] = &[
        "The", "A", "An", "Le", "La", "Les", "L'", "Un", "Une", "El", "Los", "Las", "Il", "Lo", "Der", "Die",
        "Das", "Ein", "Eine",
    ];
    match title.rsplit_once(", ") {
        Some((rest, "L'")) => format!("L'{rest}"),
        Some((rest, article)) if ARTICLES.contains(&article) => format!("{article} {rest}"),
        _ => title.to_owned(),
    }
}

/// Genres separated by `|`, or by `,` and `;` as other sources write them.
pub(super) fn genres(text: &str) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    let parts = text.split(|c| if text.contains('|') { c == '|' } else { matches!(c, ',' | ';') });
    for genre in parts.map(str::trim) {
        let none = genre.is_empty()
            || genre.eq_ignore_ascii_case("(no genres listed)")
            || is_missing(genre.as_bytes());
        if !none && !list.iter().any(|g| g == genre) {
            list.push(genre.to_owned());
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn titles_lose_their_year_and_get_their_article_back() {
        for (raw, title, year) in [
            ("Toy Story (1995)", "Toy Story", Some(1995.0)),
            ("Matrix, The (1999)", "The Matrix", Some(1999.0)),
            ("Avventura, L' (Adventure, The) (1960)", "L'Avventura (The Adventure)", Some(1960.0)),
            ("Lamerica (a.k.a. Promise, The) (1994)", "Lamerica (a.k.a. The Promise)", Some(1994.0)),
            ("Death Note: Desu nôto (2006–2007)", "Death Note: Desu nôto", Some(2006.0)),
            ("Land Before Time III (1995) (V)", "Land Before Time III (1995) (V)", None),
            ("Two Friends (1986) ", "Two Friends", Some(1986.0)),
            ("Babylon 5", "Babylon 5", None),
            ("2001 (0001)", "2001 (0001)", None),
            ("(1995)", "(1995)", None),
            ("Me, Myself", "Me, Myself", None),
            ("Odd (é995)", "Odd (é995)", None),
            ("", "", None),
        ] {
            assert_eq!(title_and_year(raw), (title.to_owned(), year), "{raw}");
        }
    }

    #[test]
    fn genres_are_split_and_the_absence_of_genres_is_none() {
        assert_eq!(genres("Action|Drama|Action"), ["Action", "Drama"]);
        assert_eq!(genres("Action, Sci-Fi; War"), ["Action", "Sci-Fi", "War"]);
        assert!(genres("(no genres listed)").is_empty() && genres("").is_empty() && genres("N/A").is_empty());
    }

    #[test]
    fn numbers_are_only_numbers() {
        let n = |s: &str| number(s.as_bytes(), false);
        assert_eq!(
            [n("4"), n(" 4.5 "), n("-1"), n("+3"), n("1e1"), n(".5")].map(Option::unwrap),
            [4.0, 4.5, -1.0, 3.0, 10.0, 0.5]
        );
        for bad in ["", ".", "-", "inf", "NaN", "4,5", "1.2.3", "five", "1e999", "0x10", "4 5"] {
            assert_eq!(n(bad), None, "{bad:?}");
        }
        assert_eq!(number(b"3,5", true), Some(3.5));
        assert_eq!(number(b"1.000,5", true), None);
        assert_eq!(number(b"1234567890123456,5", true), Some(1_234_567_890_123_456.5));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_latin1() {
        assert_eq!(text(b" caf\xe9 "), (Cow::Borrowed("café"), true));
        assert_eq!(text("café".as_bytes()), (Cow::Borrowed("café"), false));
    }

    #[test]
    fn ids_are_checked_at_the_limits() {
        assert!(id(&[b'x'; MAX_ID_BYTES]).is_ok());
        assert_eq!(id(&[b'x'; MAX_ID_BYTES + 1]), Err("id-too-long"));
        assert_eq!(id(b"  "), Err("empty-id"));
        assert_eq!(id(b"a\x07b"), Err("control-character-in-id"));
    }

    proptest! {
        #[test]
        fn numbers_are_the_same_as_the_standard_librarys(text in "-?[0-9]{1,25}(\\.[0-9]{0,20})?(e-?[0-9])?") {
            let (ours, theirs) = (number(text.as_bytes(), false).unwrap(), text.parse::<f64>().unwrap());
            prop_assert!((ours - theirs).abs() <= theirs.abs() * 1e-15, "{ours} {theirs}");
        }
    }
}
