//! The one error of the crate.
//!
//! # Design
//!
//! One public type with a stable [`Code`] rather than an enum per module: everything leaves through one door (the
//! JavaScript boundary), where callers branch on the code and people read the sentence. The parts of the sentence
//! (place, expectation, what came, hint) stay apart so that a page can show them its own way.
//! Bad input is an `Err` and changes nothing; a broken invariant is a panic.

use core::fmt;

/// Result of everything that can be refused.
pub type Result<T> = core::result::Result<T, Error>;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Stable codes; their text is what JavaScript sees.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// All codes, for table tests.
            pub const ALL: &[Code] = &[$(Code::$name,)*];

            /// The code as JavaScript sees it.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)* }
            }
        }
    };
}

codes! {
    /// A value of the wrong kind, or out of its range.
    InvalidArgument = "invalid-argument",
    /// An option key that does not exist.
    UnknownOption = "unknown-option",
    /// A rating that is not on the declared scale.
    RatingOffScale = "rating-off-scale",
    /// An item that is neither in the catalog nor in the model.
    UnknownItem = "unknown-item",
    /// A profile without any feedback.
    UnknownProfile = "unknown-profile",
    /// A model version that is not listed.
    UnknownVersion = "unknown-version",
    /// An option the active model cannot honour.
    Unsupported = "unsupported",
    /// Too little, or too much of one kind, to learn anything from.
    NotEnoughData = "not-enough-data",
    /// Nothing trained is active.
    NoModel = "no-model",
    /// A file that is not what it should be.
    FileFormat = "file-format",
    /// A file beyond the limits.
    FileTooLarge = "file-too-large",
    /// A pack, model or snapshot whose bytes are not what our writer makes.
    ModelFormat = "model-format",
    /// A pack, model or snapshot of a newer major version.
    ModelVersion = "model-version",
    /// The work would not fit into memory.
    OutOfMemory = "out-of-memory",
    /// Something else is under way.
    Busy = "busy",
}

/// What was wrong, where, what was expected, what came, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Parts>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Parts {
    code: Code,
    what: String,
    place: String,
    expected: String,
    got: String,
    hint: String,
}

impl Error {
    /// A new error; `what` is the first half of the sentence, without a full stop.
    #[cold]
    #[inline(never)]
    pub fn new(code: Code, what: impl Into<String>) -> Error {
        Error(Box::new(Parts {
            code,
            what: what.into(),
            place: String::new(),
            expected: String::new(),
            got: String::new(),
            hint: String::new(),
        }))
    }

    /// An argument out of its range.
    #[cold]
    pub fn argument(place: impl Into<String>, expected: impl Into<String>, got: impl fmt::Display) -> Error {
        Error::new(Code::InvalidArgument, "this value cannot be used").at(place).expected(expected).got(got)
    }

    /// Where: the path of an option, a row of a file, the name of a tensor.
    pub fn at(mut self, place: impl Into<String>) -> Error {
        self.0.place = place.into();
        self
    }

    /// What would have been right.
    pub fn expected(mut self, expected: impl Into<String>) -> Error {
        self.0.expected = expected.into();
        self
    }

    /// What came instead; cut to 120 characters.
    pub fn got(self, got: impl fmt::Display) -> Error {
        self.got_text(&got)
    }

    #[inline(never)]
    fn got_text(mut self, got: &dyn fmt::Display) -> Error {
        let text = got.to_string();
        self.0.got = match text.char_indices().nth(120) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        };
        self
    }

    /// What to do next, a whole sentence.
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        self.0.hint = hint.into();
        self
    }

    /// The stable code.
    ///
    /// ```
    /// use tasteprint::ground::{Code, Error};
    /// assert_eq!(Error::new(Code::Busy, "training is under way").code(), Code::Busy);
    /// ```
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// Where it happened; empty where there is no place.
    pub fn place(&self) -> &str {
        &self.0.place
    }

    /// What would have been right; may be empty.
    pub fn expectation(&self) -> &str {
        &self.0.expected
    }

    /// What came instead; may be empty.
    pub fn found(&self) -> &str {
        &self.0.got
    }

    /// What to do next; may be empty.
    pub fn advice(&self) -> &str {
        &self.0.hint
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { what, place, expected, got, hint, .. } = &*self.0;
        f.write_str(what)?;
        for (word, text) in [("at", place), ("expected", expected), ("got", got)] {
            if !text.is_empty() {
                write!(f, ", {word} {text}")?;
            }
        }
        f.write_str(".")?;
        if !hint.is_empty() {
            write!(f, " {hint}")?;
        }
        Ok(())
    }
}

impl core::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_text() {
        let mut texts: Vec<_> = Code::ALL.iter().map(|c| c.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), Code::ALL.len());
    }

    #[test]
    fn the_sentence_holds_every_part_in_order() {
        let e = Error::argument("params.factors", "1 to 512", 0).hint("Leave it out for the default.");
        assert_eq!(
            e.to_string(),
            "this value cannot be used, at params.factors, expected 1 to 512, got 0. Leave it out for the default."
        );
    }

    #[test]
    fn long_values_are_cut_between_characters() {
        let e = Error::new(Code::FileFormat, "x").got("é".repeat(500));
        assert_eq!(e.found().chars().count(), 121);
    }
}
