//! Parameters of models as data: each stands once, with its key, default, range and the range a search looks in. The
//! struct a model computes with, the check of what callers send, what a version remembers and the list that pages show
//! are all made from that one place by the macro `parameters`.

use crate::ground::fields::Fields;
use crate::ground::json::{Value, number as shown, object, write};
use crate::ground::{Error, Result};

/// What a parameter may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Range {
    /// A whole number, both ends included.
    Whole(f64, f64),
    /// A number, both ends included.
    Number(f64, f64),
    /// A number above the first, up to the second.
    Above(f64, f64),
    /// One of these words; the value is its place.
    Choice(&'static [&'static str]),
    /// `true` (1) or `false` (0).
    Flag,
}

/// Where a search draws from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Search {
    /// It is left at its default.
    Fixed,
    /// Evenly between two values.
    Linear(f64, f64),
    /// Evenly in the logarithm.
    Log(f64, f64),
    /// Every choice, or both flags.
    Any,
}

/// One parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Param {
    /// The public key.
    pub name: &'static str,
    /// The value where none is given.
    pub default: f64,
    /// What is allowed.
    pub range: Range,
    /// What is tried by a search.
    pub search: Search,
}

impl Param {
    /// A value as callers write it.
    fn shown(&self, value: f64) -> Value {
        match self.range {
            Range::Choice(words) => words[value as usize].into(),
            Range::Flag => Value::Bool(value != 0.0),
            _ => value.into(),
        }
    }

    fn expected(&self) -> String {
        match self.range {
            Range::Whole(low, high) => format!("a whole number, {} to {}", shown(low), shown(high)),
            Range::Number(low, high) => format!("{} to {}", shown(low), shown(high)),
            Range::Above(low, high) => format!("above {}, up to {}", shown(low), shown(high)),
            Range::Choice(words) => words.join(", "),
            Range::Flag => "true or false".to_owned(),
        }
    }

    fn take(&self, value: &Value) -> Option<f64> {
        match (self.range, value) {
            (Range::Choice(words), Value::String(word)) => {
                words.iter().position(|w| w == word).map(|at| at as f64)
            }
            (Range::Flag, Value::Bool(flag)) => Some(f64::from(u8::from(*flag))),
            (_, Value::Number(x)) => Some(*x).filter(|x| self.allows(*x)),
            _ => None,
        }
    }

    /// True for a number within the range.
    pub fn allows(&self, x: f64) -> bool {
        match self.range {
            Range::Whole(low, high) => x.fract() == 0.0 && (low..=high).contains(&x),
            Range::Number(low, high) => (low..=high).contains(&x),
            Range::Above(low, high) => x > low && x <= high,
            Range::Choice(_) | Range::Flag => false,
        }
    }

    /// What a page needs to show a field for it.
    fn describe(&self) -> Value {
        let (kind, low, high) = match self.range {
            Range::Whole(low, high) => ("whole", low, high),
            Range::Number(low, high) => ("number", low, high),
            Range::Above(low, high) => ("above", low, high),
            Range::Choice(words) => {
                let words: Vec<String> = words.iter().map(|&w| w.to_owned()).collect();
                return object([
                    ("name", self.name.into()),
                    ("kind", "choice".into()),
                    ("choices", words.into()),
                    ("default", self.shown(self.default)),
                ]);
            }
            Range::Flag => {
                return object([
                    ("name", self.name.into()),
                    ("kind", "flag".into()),
                    ("default", self.shown(self.default)),
                ]);
            }
        };
        object([
            ("name", self.name.into()),
            ("kind", kind.into()),
            ("min", low.into()),
            ("max", high.into()),
            ("default", self.default.into()),
        ])
    }
}

/// A parameter that is declared as data: an object, or a word that stands for one.
#[derive(Clone, Copy, Debug)]
pub struct Declared {
    /// The public key.
    pub name: &'static str,
    /// Checks what callers send, and says what is remembered of it; `place` names it in errors.
    pub check: fn(&str, Value) -> Result<Value>,
}

/// Checked values of a table of parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    table: &'static [Param],
    values: Vec<f64>,
    declared: Vec<(&'static str, Value)>,
}

impl Settings {
    /// All defaults.
    pub fn defaults(table: &'static [Param]) -> Settings {
        Settings { table, values: table.iter().map(|p| p.default).collect(), declared: Vec::new() }
    }

    /// Reads an object at `place`; what is left out takes its default, what is not known is refused.
    pub fn read(table: &'static [Param], place: &str, given: Value) -> Result<Settings> {
        Settings::read_declared(table, &[], place, given)
    }

    /// The same, with parameters that are declared as data.
    pub fn read_declared(
        table: &'static [Param],
        declared: &'static [Declared],
        place: &str,
        given: Value,
    ) -> Result<Settings> {
        let mut settings = Settings::defaults(table);
        let mut fields = Fields::of(place, given)?;
        for (param, cell) in table.iter().zip(&mut settings.values) {
            let Some(value) = fields.value(param.name) else { continue };
            *cell = param.take(&value).ok_or_else(|| {
                Error::argument(fields.place(param.name), param.expected(), write(&value))
                    .hint(format!("The default is {}.", write(&param.shown(param.default))))
            })?;
        }
        for &Declared { name, check } in declared {
            if let Some(value) = fields.value(name) {
                settings.declared.push((name, check(&fields.place(name), value)?));
            }
        }
        fields.finish()?;
        Ok(settings)
    }

    /// What was declared under a name.
    pub fn declared(&self, name: &str) -> Option<&Value> {
        self.declared.iter().find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// The value of a parameter the table has.
    pub fn get(&self, name: &str) -> f64 {
        let at = self.table.iter().position(|p| p.name == name).expect("a model asks for its own parameters");
        self.values[at]
    }

    /// The value of a parameter, where the table has it.
    pub fn find(&self, name: &str) -> Option<f64> {
        self.table.iter().position(|p| p.name == name).map(|at| self.values[at])
    }

    /// Sets a value that is known to be allowed: a search draws within ranges.
    pub fn set(&mut self, name: &str, value: f64) {
        let at = self.table.iter().position(|p| p.name == name).expect("a search knows the table");
        self.values[at] = value;
    }

    /// The table.
    pub fn table(&self) -> &'static [Param] {
        self.table
    }

    /// As callers write them, every parameter named.
    pub fn value(&self) -> Value {
        let pairs = self.table.iter().zip(&self.values).map(|(p, &v)| (p.name.to_owned(), p.shown(v)));
        let declared = self.declared.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        Value::Object(pairs.chain(declared).collect())
    }
}

/// The ranges of a table, for pages and configuration files.
pub fn describe(table: &'static [Param]) -> Value {
    Value::Array(table.iter().map(Param::describe).collect())
}

/// A field of a struct of parameters.
pub trait Field {
    /// From the number a [`Settings`] holds.
    fn from_number(x: f64) -> Self;
    /// And back.
    fn number(self) -> f64;
}

impl Field for f64 {
    fn from_number(x: f64) -> f64 {
        x
    }
    fn number(self) -> f64 {
        self
    }
}

impl Field for usize {
    fn from_number(x: f64) -> usize {
        x as usize
    }
    fn number(self) -> f64 {
        self as f64
    }
}

impl Field for bool {
    fn from_number(x: f64) -> bool {
        x != 0.0
    }
    fn number(self) -> f64 {
        f64::from(u8::from(self))
    }
}

/// A struct whose fields are the parameters of a model, and its table. `usize` is for whole numbers and choices.
macro_rules! parameters {
    ($(#[$about:meta])* $name:ident {
        $($(#[$doc:meta])* $field:ident: $type:ty = $key:literal, $default:expr, $range:expr, $search:expr;)*
    }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $name { $($(#[$doc])* pub $field: $type,)* }

        impl $name {
            /// Keys, defaults and ranges.
            pub const TABLE: &'static [$crate::models::params::Param] = &[
                $($crate::models::params::Param { name: $key, default: $default, range: $range, search: $search },)*
            ];

            /// From checked values.
            pub fn of(settings: &$crate::models::params::Settings) -> $name {
                use $crate::models::params::Field;
                $name { $($field: <$type>::from_number(settings.get($key)),)* }
            }

            /// As checked values.
            pub fn settings(&self) -> $crate::models::params::Settings {
                use $crate::models::params::Field;
                let mut settings = $crate::models::params::Settings::defaults($name::TABLE);
                $(settings.set($key, self.$field.number());)*
                settings
            }
        }

        impl Default for $name {
            fn default() -> $name {
                $name::of(&$crate::models::params::Settings::defaults($name::TABLE))
            }
        }
    };
}
pub(crate) use parameters;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::Code;

    parameters! {
        /// Of nothing.
        Toy {
            /// How many.
            many: usize = "many", 3.0, Range::Whole(1.0, 9.0), Search::Linear(2.0, 5.0);
            /// How much.
            much: f64 = "much", 0.5, Range::Above(0.0, 1.0), Search::Log(0.1, 1.0);
            /// Whether.
            whether: bool = "whether", 0.0, Range::Flag, Search::Any;
            /// Which.
            which: usize = "which", 1.0, Range::Choice(&["left", "right"]), Search::Any;
        }
    }

    fn read(text: serde_json::Value) -> Result<Toy> {
        Settings::read(Toy::TABLE, "params", text.into()).map(|s| Toy::of(&s))
    }

    #[test]
    fn what_is_left_out_is_the_default_and_what_is_given_is_read() {
        assert_eq!(read(serde_json::json!({})).unwrap(), Toy::default());
        let given = serde_json::json!({ "many": 9, "much": 1, "which": "left", "whether": true });
        let toy = read(given.clone()).unwrap();
        assert_eq!(toy, Toy { many: 9, much: 1.0, which: 0, whether: true });
        let back: Value = toy.settings().value();
        assert_eq!(back, given.into(), "what is remembered is what was given");
    }

    #[test]
    fn limits_are_part_of_the_range_and_what_lies_beyond_is_named() {
        for (bad, place) in [
            (serde_json::json!({ "many": 0 }), "params.many"),
            (serde_json::json!({ "many": 1.5 }), "params.many"),
            (serde_json::json!({ "many": "3" }), "params.many"),
            (serde_json::json!({ "much": 0 }), "params.much"),
            (serde_json::json!({ "much": 1.1 }), "params.much"),
            (serde_json::json!({ "which": "up" }), "params.which"),
            (serde_json::json!({ "which": 0 }), "params.which"),
            (serde_json::json!({ "whether": 1 }), "params.whether"),
        ] {
            assert_eq!(read(bad.clone()).unwrap_err().place(), place, "{bad}");
        }
        let e = read(serde_json::json!({ "mny": 1 })).unwrap_err();
        assert_eq!((e.code(), e.place()), (Code::UnknownOption, "params.mny"));
        assert!(Settings::read(Toy::TABLE, "params", Value::Number(f64::NAN)).is_err());
        assert!(!Toy::TABLE[1].allows(f64::NAN));
    }
}
