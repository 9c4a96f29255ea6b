//! Reading JSON objects that come from outside, field by field.
//!
//! Derived deserializers cost 2 to 4 kB of wasm for each struct and say neither where a wrong value stands nor which
//! option was misspelt; these readers are compiled once (70 kB less in all) and name both.

use super::json::{Value, write};
use super::{Code, Error, Result};

/// An object under way of being read. Fields are taken out; what is left over at the end was not known.
#[derive(Debug)]
pub struct Fields {
    place: String,
    map: Vec<(String, Value)>,
    asked: Vec<&'static str>,
}

/// What can be read from an object.
pub trait FromFields: Sized {
    /// Takes its fields out.
    fn read(fields: &mut Fields) -> Result<Self>;

    /// Reads an object that must hold nothing else. `place` names it in errors.
    fn decode(place: impl Into<String>, value: Value) -> Result<Self> {
        let mut fields = Fields::of(place, value)?;
        let read = Self::read(&mut fields)?;
        fields.finish()?;
        Ok(read)
    }

    /// Reads a list of objects that may hold more than is asked for.
    fn decode_all(place: &str, value: Value) -> Result<Vec<Self>> {
        let Value::Array(list) = value else { return Err(Error::argument(place, "an array", write(&value))) };
        let mut all = Vec::with_capacity(list.len());
        for (at, value) in list.into_iter().enumerate() {
            all.push(Self::read(&mut Fields::of(format!("{place}[{at}]"), value)?)?);
        }
        Ok(all)
    }
}

impl Fields {
    /// The fields of an object; `null` counts as one without any. `place` names it in errors.
    pub fn of(place: impl Into<String>, value: Value) -> Result<Fields> {
        let place = place.into();
        let map = match value {
            Value::Object(map) => map,
            Value::Null => Vec::new(),
            other => return Err(Error::argument(place, "an object", write(&other))),
        };
        Ok(Fields { place, map, asked: Vec::new() })
    }

    /// Where a field stands.
    pub fn place(&self, key: &str) -> String {
        format!("{}.{key}", self.place)
    }

    /// Any value; `null` is the same as left out.
    pub fn value(&mut self, key: &'static str) -> Option<Value> {
        self.asked.push(key);
        let at = self.map.iter().position(|(k, _)| k == key)?;
        Some(self.map.swap_remove(at).1).filter(|v| *v != Value::Null)
    }

    fn wrong(&self, key: &str, expected: &str, got: Value) -> Error {
        Error::argument(self.place(key), expected, write(&got))
    }

    /// A number.
    pub fn number(&mut self, key: &'static str) -> Result<Option<f64>> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::Number(x)) => Ok(Some(x)),
            Some(other) => Err(self.wrong(key, "a number", other)),
        }
    }

    /// A text.
    pub fn text(&mut self, key: &'static str) -> Result<Option<String>> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong(key, "a string", other)),
        }
    }

    /// A text that must be there.
    pub fn needed_text(&mut self, key: &'static str) -> Result<String> {
        self.text(key)?.ok_or_else(|| self.wrong(key, "a string", Value::Null))
    }

    /// A number that must be there.
    pub fn needed_number(&mut self, key: &'static str) -> Result<f64> {
        self.number(key)?.ok_or_else(|| self.wrong(key, "a number", Value::Null))
    }

    /// Yes or no.
    pub fn flag(&mut self, key: &'static str) -> Result<Option<bool>> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(other) => Err(self.wrong(key, "true or false", other)),
        }
    }

    /// A list of anything; empty where it is left out.
    pub fn list(&mut self, key: &'static str) -> Result<Vec<Value>> {
        match self.value(key) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => Ok(list),
            Some(other) => Err(self.wrong(key, "an array", other)),
        }
    }

    /// A list of texts; empty where it is left out.
    pub fn texts(&mut self, key: &'static str) -> Result<Vec<String>> {
        let mut texts = Vec::new();
        for (at, value) in self.list(key)?.into_iter().enumerate() {
            match value {
                Value::String(text) => texts.push(text),
                other => {
                    return Err(Error::argument(
                        format!("{}[{at}]", self.place(key)),
                        "a string",
                        write(&other),
                    ));
                }
            }
        }
        Ok(texts)
    }

    /// Another object.
    pub fn fields(&mut self, key: &'static str) -> Result<Option<Fields>> {
        let place = self.place(key);
        self.value(key).map(|v| Fields::of(place, v)).transpose()
    }

    /// Refuses what nobody asked for: a misspelt option that silently became the default would be a lie.
    pub fn finish(self) -> Result<()> {
        match self.map.first() {
            None => Ok(()),
            Some((key, _)) => Err(Error::new(Code::UnknownOption, "this option does not exist")
                .at(self.place(key))
                .expected(format!("one of {}", self.asked.join(", ")))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn wrong_and_unknown_fields_are_named() {
        let mut f =
            Fields::of("recommend", json!({ "k": "ten", "excludeseen": true, "items": ["a", 1] }).into())
                .unwrap();
        assert_eq!(f.number("k").unwrap_err().place(), "recommend.k");
        assert_eq!(f.texts("items").unwrap_err().place(), "recommend.items[1]");
        assert_eq!(f.flag("excludeSeen").unwrap(), None);
        let e = f.finish().unwrap_err();
        assert_eq!((e.code(), e.place()), (Code::UnknownOption, "recommend.excludeseen"));
        assert!(e.expectation().contains("excludeSeen"));
        assert!(Fields::of("x", json!([]).into()).is_err());
        assert!(Fields::of("x", Value::Null).unwrap().finish().is_ok());
    }
}
