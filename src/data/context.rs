//! Circumstances of ratings: mood, company, length of the evening, and whatever a site declares.

use crate::ground::fields::{Fields, FromFields};
use crate::ground::ids::{Vocabulary, check_id};
use crate::ground::json::{Value, number as shown, object, write};
use crate::ground::map::SortedMap;
use crate::ground::{Error, Result};

/// Stands for a circumstance that is not known.
pub const UNSAID: u32 = u32::MAX;

/// Most kinds of circumstances, and most words for one of them.
pub const MOST_KINDS: usize = 32;
/// Longest name or word, in bytes.
const LONGEST: usize = 200;

/// One kind of circumstance, row by row.
#[derive(Clone, Debug, Default)]
pub struct Circumstance {
    /// Its name, "mood".
    pub name: String,
    /// What was said of it.
    pub words: Vocabulary,
    /// Index of the word, row by row; [`UNSAID`] where nothing is known. Rows beyond the end are unsaid.
    pub of: Vec<u32>,
}

/// All kinds of circumstances of a table of ratings.
#[derive(Clone, Debug, Default)]
pub struct Contexts {
    /// Kinds, in order of first appearance.
    pub kinds: Vec<Circumstance>,
}

/// The circumstances of one moment: names and words.
pub type Moment = SortedMap<String, String>;

impl Circumstance {
    /// Index of a row's word.
    pub fn at(&self, row: usize) -> u32 {
        self.of.get(row).copied().unwrap_or(UNSAID)
    }

    /// A row's word.
    pub fn word(&self, row: usize) -> Option<&str> {
        match self.at(row) {
            UNSAID => None,
            at => Some(self.words.id(at)),
        }
    }
}

impl Contexts {
    /// True where nothing is known of any rating.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// What is known of a row, as one number per kind.
    pub fn key(&self, row: usize) -> impl Iterator<Item = u32> + '_ {
        self.kinds.iter().map(move |k| k.at(row))
    }

    /// What was said of a row by a kind's name.
    pub fn word(&self, row: usize, name: &str) -> Option<&str> {
        self.kinds.iter().find(|k| k.name == name)?.word(row)
    }

    /// Names and words of a row.
    pub fn moment(&self, row: usize) -> Moment {
        let mut moment = Moment::default();
        for kind in &self.kinds {
            if let Some(word) = kind.word(row) {
                moment.insert(kind.name.clone(), word.to_owned());
            }
        }
        moment
    }

    /// Says something of a row. Words that stand for "nothing known" (empty, NA) are not kept.
    pub fn say(&mut self, row: usize, name: &str, word: &str) {
        if word == "NA" || check_id("", word).is_err() || check_id("", name).is_err() {
            return;
        }
        let at = match self.kinds.iter().position(|k| k.name == name) {
            Some(at) => at,
            None => {
                self.kinds.push(Circumstance { name: name.to_owned(), ..Circumstance::default() });
                self.kinds.len() - 1
            }
        };
        let kind = &mut self.kinds[at];
        if kind.of.len() <= row {
            kind.of.resize(row + 1, UNSAID);
        }
        kind.of[row] = kind.words.intern(word);
    }

    /// The same of some rows.
    pub fn rows(&self, rows: &[u32]) -> Contexts {
        let pick = |kind: &Circumstance| Circumstance {
            name: kind.name.clone(),
            words: kind.words.clone(),
            of: rows.iter().map(|&r| kind.at(r as usize)).collect(),
        };
        Contexts { kinds: self.kinds.iter().map(pick).collect() }
    }

    /// Checks what came from outside, for so many rows.
    pub fn check(&self, rows: usize) -> Result<()> {
        if self.kinds.len() > MOST_KINDS {
            return Err(Error::argument("context", format!("at most {MOST_KINDS} kinds"), self.kinds.len()));
        }
        for (at, kind) in self.kinds.iter().enumerate() {
            let place = format!("context.{}", kind.name);
            if self.kinds[..at].iter().any(|k| k.name == kind.name) {
                return Err(Error::argument(place, "each kind once", "one twice"));
            }
            if kind.of.len() > rows {
                return Err(Error::argument(
                    place,
                    format!("{rows} rows, as many as ratings"),
                    kind.of.len(),
                ));
            }
            let size = kind.words.len();
            if let Some(row) = kind.of.iter().position(|&w| w != UNSAID && w as usize >= size) {
                let place = format!("{place}[{row}]");
                return Err(Error::argument(
                    place,
                    format!("an index below {size}, or 2³² − 1"),
                    kind.of[row],
                ));
            }
        }
        Ok(())
    }
}

/// A moment from an object of words, numbers, and yes or no; `place` names it in errors.
pub fn moment(place: &str, value: Option<&Value>) -> Result<Moment> {
    let mut moment = Moment::default();
    let map = match value {
        None | Some(Value::Null) => return Ok(moment),
        Some(Value::Object(map)) => map,
        Some(other) => return Err(Error::argument(place, "an object", write(other))),
    };
    if map.len() > MOST_KINDS {
        return Err(Error::argument(place, format!("at most {MOST_KINDS} kinds"), map.len()));
    }
    for (name, value) in map {
        let place = format!("{place}.{name}");
        let word = match value {
            Value::Null => continue,
            Value::String(word) => word.clone(),
            Value::Number(x) => shown(*x),
            Value::Bool(yes) => (if *yes { "yes" } else { "no" }).to_owned(),
            other => return Err(Error::argument(place, "a word, a number, true or false", write(other))),
        };
        if name.len() > LONGEST || word.len() > LONGEST {
            return Err(Error::argument(place, format!("at most {LONGEST} bytes"), "more"));
        }
        if !word.is_empty() {
            check_id(&place, name)?;
            check_id(&place, &word)?;
            moment.insert(name.clone(), word);
        }
    }
    Ok(moment)
}

impl FromFields for Circumstance {
    /// Name and words; what was said row by row comes beside.
    fn read(f: &mut Fields) -> Result<Circumstance> {
        let (name, words) = (f.needed_text("name")?, f.texts("words")?);
        Ok(Circumstance { name, words: Vocabulary::from_ids(&f.place("words"), words)?, of: Vec::new() })
    }
}

impl From<&Contexts> for Value {
    /// Names and words; what was said row by row stands in a tensor of its own.
    fn from(of: &Contexts) -> Value {
        let kind = |k: &Circumstance| {
            object([("name", k.name.as_str().into()), ("words", k.words.ids().to_vec().into())])
        };
        Value::Array(of.kinds.iter().map(kind).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_rows_is_found_again() {
        let mut c = Contexts::default();
        c.say(0, "mood", "funny");
        c.say(3, "mood", "sad");
        c.say(1, "place", "home");
        c.say(2, "place", "NA");
        assert_eq!(c.kinds.len(), 2);
        assert_eq!(c.kinds[0].word(3), Some("sad"));
        assert_eq!((c.kinds[0].word(1), c.kinds[1].word(2), c.kinds[1].word(9)), (None, None, None));
        let some = c.rows(&[3, 1]);
        assert_eq!((some.kinds[0].word(0), some.kinds[1].word(1)), (Some("sad"), Some("home")));
        assert_eq!(some.moment(1).get("place").map(String::as_str), Some("home"));
        assert!(c.check(4).is_ok());
        assert_eq!(c.check(3).unwrap_err().place(), "context.mood");
        c.kinds[1].of[1] = 7;
        assert_eq!(c.check(4).unwrap_err().place(), "context.place[1]");
    }

    #[test]
    fn moments_are_words_whatever_they_were() {
        let value =
            serde_json::json!({ "mood": "funny", "hour": 21, "alone": true, "with": null, "where": "" });
        let m = moment("context", Some(&value.into())).unwrap();
        let said: Vec<_> = m.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(said, [("alone", "yes"), ("hour", "21"), ("mood", "funny")]);
        let e = moment("context", Some(&serde_json::json!({ "mood": ["a"] }).into())).unwrap_err();
        assert_eq!(e.place(), "context.mood");
        assert!(moment("context", Some(&Value::Number(1.0))).is_err());
    }
}
