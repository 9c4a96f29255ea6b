//! What a record says of one field.

use crate::ground::json::number as shown;

/// What stands in a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing is known.
    Missing,
    /// A number; yes is 1 and no is 0.
    Number(f64),
    /// One word, or a text.
    Word(&'a str),
    /// Several words.
    Words(&'a [String]),
    /// Words with a weight each.
    Weights(&'a [(String, f64)]),
    /// Numbers of a fixed length.
    Vector(&'a [f32]),
}

impl Cell<'_> {
    /// The number that stands there, where it is one that can be reckoned with.
    pub fn number(self) -> Option<f64> {
        match self {
            Cell::Number(x) => Some(x).filter(|x| x.is_finite()),
            _ => None,
        }
    }

    /// Hands over each word with its weight; a number counts as the word it is written as. True where there was any.
    pub fn each_word(self, take: &mut dyn FnMut(&str, f64)) -> bool {
        match self {
            Cell::Word(word) => take(word, 1.0),
            Cell::Words(words) => words.iter().for_each(|w| take(w, 1.0)),
            Cell::Weights(words) => words.iter().for_each(|(w, x)| take(w, *x)),
            Cell::Number(x) if x.is_finite() => take(&shown(x), 1.0),
            _ => {}
        }
        match self {
            Cell::Words(words) => !words.is_empty(),
            Cell::Weights(words) => !words.is_empty(),
            Cell::Number(x) => x.is_finite(),
            Cell::Word(_) => true,
            Cell::Missing | Cell::Vector(_) => false,
        }
    }
}

/// Records under each other, asked field by field.
pub trait Records {
    /// How many there are.
    fn len(&self) -> usize;

    /// True without any.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What one of them says of a field; [`Cell::Missing`] for a field it has never heard of.
    fn cell(&self, record: usize, field: &str) -> Cell<'_>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_words_too_and_nothing_is_no_word() {
        let said = |cell: Cell<'_>| {
            let mut all = Vec::new();
            let any = cell.each_word(&mut |w, x| all.push((w.to_owned(), x)));
            (any, all)
        };
        assert_eq!(said(Cell::Number(1999.0)), (true, vec![("1999".to_owned(), 1.0)]));
        assert_eq!(said(Cell::Number(f64::NAN)), (false, Vec::new()));
        assert_eq!(said(Cell::Words(&[])), (false, Vec::new()));
        assert_eq!(said(Cell::Missing), (false, Vec::new()));
        assert_eq!(Cell::Number(f64::INFINITY).number(), None);
        assert_eq!(Cell::Word("7").number(), None);
    }
}
