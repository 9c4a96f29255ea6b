//! JSON values: what crosses the boundary in both directions, and what stands in the headers of containers.
//!
//! `serde_json` with derived (de)serializers weighed 60 kB of the 150 kB the whole engine may, gzipped: a deserializer
//! for each struct, and tables for the last bit of numbers nobody writes down. This is a value type, a reader and a
//! writer, compiled once. A number is written with as few decimals as give the same number back, at most fifteen
//! digits; numbers whose every bit counts are stored in tensors.

mod parse;
mod write;

pub use parse::{parse, parse_number};
pub use write::{number, write};

/// A JSON value. Objects keep the order of their keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing.
    #[default]
    Null,
    /// Yes or no.
    Bool(bool),
    /// Any number.
    Number(f64),
    /// A text.
    String(String),
    /// A list.
    Array(Vec<Value>),
    /// Keys and values.
    Object(Vec<(String, Value)>),
}

/// An object. What is `Null` is left out: to JavaScript that is the same as `undefined`.
pub fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    collect(&mut entries.into_iter())
}

#[inline(never)]
fn collect(entries: &mut dyn Iterator<Item = (&str, Value)>) -> Value {
    let there = entries.filter(|(_, v)| *v != Value::Null);
    Value::Object(there.map(|(key, value)| (key.to_owned(), value)).collect())
}

/// Says how a struct is written: its fields, and the keys they get.
macro_rules! written_as {
    ($type:ty { $($field:ident => $key:literal),* $(,)? }) => {
        impl From<$type> for $crate::ground::json::Value {
            fn from(of: $type) -> $crate::ground::json::Value {
                $crate::ground::json::object([$(($key, of.$field.into())),*])
            }
        }
    };
}
pub(crate) use written_as;

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl From<$type> for Value {
            fn from(x: $type) -> Value {
                Value::Number(x as f64)
            }
        }
    )*};
}
numbers!(f64, f32, u32, u64, usize);

impl From<bool> for Value {
    fn from(yes: bool) -> Value {
        Value::Bool(yes)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::String(text)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(maybe: Option<T>) -> Value {
        maybe.map_or(Value::Null, Into::into)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(list: Vec<T>) -> Value {
        Value::Array(list.into_iter().map(Into::into).collect())
    }
}

impl Value {
    /// The value of a key; `None` for what is no object.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Object(map) => map.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The text, where it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number, where it is one.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Number(x) => Some(*x),
            _ => None,
        }
    }

    /// The number, where it is whole, not negative, and exact in a double.
    pub fn as_count(&self) -> Option<u64> {
        self.as_f64()
            .filter(|x| *x >= 0.0 && *x <= 9_007_199_254_740_991.0 && x.trunc() == *x)
            .map(|x| x as u64)
    }

    /// The list, where it is one.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Value::Array(list) => Some(list),
            _ => None,
        }
    }
}

impl serde::Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, s: S) -> core::result::Result<S::Ok, S::Error> {
        match self {
            Value::Null => s.serialize_unit(),
            Value::Bool(yes) => s.serialize_bool(*yes),
            Value::Number(x) => s.serialize_f64(*x),
            Value::String(text) => s.serialize_str(text),
            Value::Array(list) => s.collect_seq(list),
            Value::Object(map) => s.collect_map(map.iter().map(|(k, v)| (k, v))),
        }
    }
}

/// Tests write their values with `serde_json::json!`.
#[cfg(test)]
impl From<serde_json::Value> for Value {
    fn from(theirs: serde_json::Value) -> Value {
        parse(theirs.to_string().as_bytes()).expect("their text is JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn numbers_are_written_as_people_write_them() {
        let cases = [0.02, 3.0, -4.5, 0.1, 123456.789, 1_700_000_000_000.0, 0.0];
        let texts: Vec<String> = cases.into_iter().map(number).collect();
        assert_eq!(texts, ["0.02", "3", "-4.5", "0.1", "123456.789", "1700000000000", "0"]);
        assert_eq!([number(f64::NAN), number(f64::NEG_INFINITY)], ["NaN", "infinity"]);
    }

    #[test]
    fn what_is_no_json_is_refused() {
        let deep = "[".repeat(100);
        for bad in [
            "",
            "{",
            "[1,]",
            "{\"a\":1,\"a\":2}",
            "tru",
            "\"\\x\"",
            "\"\\ud800\"",
            "1 2",
            "-",
            "1.2.3",
            "\"\n\"",
            &deep,
        ] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(parse(b"\xff").is_err());
    }

    #[test]
    fn absent_values_are_left_out_of_objects() {
        let made = object([("a", 1.0.into()), ("b", None::<f64>.into()), ("c", vec!["x"].into())]);
        assert_eq!(write(&made), r#"{"a":1,"c":["x"]}"#);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(n in -1_000_000i64..1_000_000, decimals in 0usize..7, text in "\\PC*") {
            let x = n as f64 / [1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6][decimals];
            // A key that cannot be the other one: of two keys that are alike only the last would stay.
            let key = format!("{text}.");
            let value = Value::from(json!({ "x": x, key: [null, true, text, n, "\u{1}\t"] }));
            prop_assert_eq!(value.get("x").and_then(Value::as_f64), Some(x));
            let ours = write(&value);
            prop_assert_eq!(&parse(ours.as_bytes()).unwrap(), &value);
            let theirs: serde_json::Value = serde_json::from_str(&ours).unwrap();
            prop_assert_eq!(theirs["x"].as_f64(), Some(x));
        }

        #[test]
        fn any_number_reads_back_to_twelve_digits(bits in any::<u64>()) {
            let x = f64::from_bits(bits);
            if !x.is_finite() || (x != 0.0 && x.abs() <= 1e-290) || x.abs() >= 1e290 {
                return Ok(());
            }
            let back = parse_number(&number(x)).unwrap();
            prop_assert!((back - x).abs() <= x.abs() * 1e-12, "{x} {back} {}", number(x));
        }

        #[test]
        fn random_text_never_panics(text in "[\\[\\]{}\",:0-9eE+.\\\\u a-z-]{0,60}") {
            let _ = parse(text.as_bytes());
        }
    }
}
