//! JSON values: what crosses the boundary in both directions, and what stands in the headers of containers.
//!
//! `serde_json` with derived (de)serializers weighed 60 kB of the 150 kB the whole engine may, gzipped: a deserializer
//! for each struct, and tables for the last bit of numbers nobody writes down. This is a value type, a reader and a
//! writer, compiled once. A number is written with as few decimals as give the same number back, at most fifteen
//! digits; numbers whose every bit counts are stored in tensors.

use super::{Code, Error, Result};

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

/// The text of a value, without blanks; the same value gives the same text.
pub fn write(value: &Value) -> String {
    let mut out = String::new();
    append(&mut out, value);
    out
}

fn append(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
        Value::Number(x) if x.is_finite() => out.push_str(&number(*x)),
        Value::Number(_) => out.push_str("null"),
        Value::String(text) => quote(out, text),
        Value::Array(list) => {
            out.push('[');
            for (at, value) in list.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                append(out, value);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (at, (key, value)) in map.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                quote(out, key);
                out.push(':');
                append(out, value);
            }
            out.push('}');
        }
    }
}

fn quote(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c < ' ' => {
                out.push_str("\\u00");
                let code = c as u32;
                out.extend([code >> 4, code & 15].map(|d| char::from_digit(d, 16).unwrap_or('0')));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// A number as people write it: `0.02`, `3`, `1.5e-9`; "NaN" and "infinity" for what is none.
pub fn number(x: f64) -> String {
    if !x.is_finite() {
        return if x.is_nan() { "NaN" } else { "infinity" }.to_owned();
    }
    if x == x.trunc() && x.abs() < 1e15 {
        return (x as i64).to_string();
    }
    // Bring the number to where fifteen digits are a whole number.
    let (mut y, mut exponent) = (x.abs(), 0i32);
    while y >= 1e15 {
        y /= 10.0;
        exponent += 1;
    }
    while y < 1e-6 {
        y *= 10.0;
        exponent -= 1;
    }
    let (mut digits, mut decimals) = (y.round(), 0usize);
    let mut power = 1.0;
    while digits / power != y && decimals < 21 && digits < 1e14 {
        power *= 10.0;
        decimals += 1;
        digits = (y * power).round();
    }
    let mut text = (digits as u64).to_string();
    if decimals > 0 {
        while text.len() <= decimals {
            text.insert(0, '0');
        }
        text.insert(text.len() - decimals, '.');
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    if x < 0.0 {
        text.insert(0, '-');
    }
    if exponent != 0 {
        text.push('e');
        text.push_str(&exponent.to_string());
    }
    text
}

/// Deepest nesting that is read: what we write is four deep.
const MAX_DEPTH: usize = 32;

/// Reads a text. Doubled keys are refused.
pub fn parse(bytes: &[u8]) -> Result<Value> {
    let text = core::str::from_utf8(bytes).map_err(|_| broken(0))?;
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.blanks();
    if reader.at == text.len() { Ok(value) } else { Err(broken(reader.at)) }
}

fn broken(at: usize) -> Error {
    Error::new(Code::ModelFormat, "this is not JSON as we write it").at(format!("byte {at}"))
}

/// Decimal digits, sign, point and exponent as a number; `None` for anything else. Exact to the last bit up to fifteen
/// digits and a moderate exponent, else to about fifteen digits.
pub fn parse_number(text: &str) -> Option<f64> {
    let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (digits, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (mut mantissa, mut scale, mut seen, mut point) = (0u64, exponent.parse::<i32>().ok()?, false, false);
    for b in digits.bytes() {
        match b {
            b'0'..=b'9' => {
                seen = true;
                if mantissa < 100_000_000_000_000_000 {
                    mantissa = mantissa * 10 + u64::from(b - b'0');
                    scale -= i32::from(point);
                } else {
                    scale += i32::from(!point);
                }
            }
            b'.' if !point => point = true,
            _ => return None,
        }
    }
    let mut value = mantissa as f64;
    // Powers up to 10^22 are exact, so one division or multiplication rounds once.
    while scale < 0 && value != 0.0 {
        let step = (-scale).min(22);
        value /= power_of_ten(step);
        scale += step;
    }
    while scale > 0 && value != 0.0 && value.is_finite() {
        let step = scale.min(22);
        value *= power_of_ten(step);
        scale -= step;
    }
    (seen && value.is_finite()).then_some(if negative { -value } else { value })
}

fn power_of_ten(n: i32) -> f64 {
    (0..n).fold(1.0, |power, _| power * 10.0)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
    }

    /// Steps over one character after blanks, where it is the one.
    fn skip(&mut self, c: u8) -> bool {
        self.blanks();
        let there = self.peek() == c;
        self.at += usize::from(there);
        there
    }

    fn need(&mut self, c: u8) -> Result<()> {
        if self.skip(c) { Ok(()) } else { Err(broken(self.at)) }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value> {
        if !self.text[self.at..].starts_with(word) {
            return Err(broken(self.at));
        }
        self.at += word.len();
        Ok(value)
    }

    fn value(&mut self, depth: usize) -> Result<Value> {
        if depth > MAX_DEPTH {
            return Err(broken(self.at));
        }
        self.blanks();
        match self.peek() {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => self.string().map(Value::String),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => {
                let rest = &self.text[self.at..];
                let end = rest
                    .find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'))
                    .unwrap_or(rest.len());
                let x = parse_number(&rest[..end]).ok_or_else(|| broken(self.at))?;
                self.at += end;
                Ok(Value::Number(x))
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value> {
        self.need(b'[')?;
        let mut list = Vec::new();
        if self.skip(b']') {
            return Ok(Value::Array(list));
        }
        loop {
            list.push(self.value(depth + 1)?);
            if self.skip(b']') {
                return Ok(Value::Array(list));
            }
            self.need(b',')?;
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value> {
        self.need(b'{')?;
        let mut map: Vec<(String, Value)> = Vec::new();
        if self.skip(b'}') {
            return Ok(Value::Object(map));
        }
        loop {
            self.blanks();
            let key = self.string()?;
            if map.iter().any(|(k, _)| *k == key) {
                return Err(broken(self.at));
            }
            self.need(b':')?;
            map.push((key, self.value(depth + 1)?));
            if self.skip(b'}') {
                return Ok(Value::Object(map));
            }
            self.need(b',')?;
        }
    }

    fn string(&mut self) -> Result<String> {
        self.need(b'"')?;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let end = rest.find(['"', '\\']).ok_or_else(|| broken(self.at))?;
            if rest[..end].bytes().any(|b| b < b' ') {
                return Err(broken(self.at));
            }
            out.push_str(&rest[..end]);
            self.at += end + 1;
            if rest.as_bytes()[end] == b'"' {
                return Ok(out);
            }
            out.push(self.escaped()?);
        }
    }

    fn escaped(&mut self) -> Result<char> {
        let c = self.peek();
        self.at += 1;
        Ok(match c {
            b'"' | b'\\' | b'/' => char::from(c),
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => {
                let high = self.hex()?;
                if !(0xd800..0xdc00).contains(&high) {
                    return char::from_u32(high).ok_or_else(|| broken(self.at));
                }
                self.word("\\u", Value::Null)?;
                let low = self.hex()?.wrapping_sub(0xdc00);
                let code = 0x10000 + ((high - 0xd800) << 10) + low;
                char::from_u32(code).filter(|_| low < 0x400).ok_or_else(|| broken(self.at))?
            }
            _ => return Err(broken(self.at)),
        })
    }

    fn hex(&mut self) -> Result<u32> {
        let digits = self.text.get(self.at..self.at + 4).ok_or_else(|| broken(self.at))?;
        self.at += 4;
        digits.chars().try_fold(0, |code, c| Some(code * 16 + c.to_digit(16)?)).ok_or_else(|| broken(self.at))
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
            let value = Value::from(json!({ "x": x, text.clone(): [null, true, text, n, "\u{1}\t"] }));
            prop_assert_eq!(value.get("x").and_then(Value::as_f64), Some(x));
            let ours = write(&value);
            prop_assert_eq!(&parse(ours.as_bytes()).unwrap(), &value);
            let theirs: serde_json::Value = serde_json::from_str(&ours).unwrap();
            prop_assert_eq!(theirs["x"].as_f64(), Some(x));
        }

        #[test]
        fn any_number_reads_back_to_twelve_digits(bits in any::<u64>()) {
            let x = f64::from_bits(bits);
            prop_assume!(x.is_finite() && (x == 0.0 || x.abs() > 1e-290) && x.abs() < 1e290);
            let back = parse_number(&number(x)).unwrap();
            prop_assert!((back - x).abs() <= x.abs() * 1e-12, "{x} {back} {}", number(x));
        }

        #[test]
        fn random_text_never_panics(text in "[\\[\\]{}\",:0-9eE+.\\\\u a-z-]{0,60}") {
            let _ = parse(text.as_bytes());
        }
    }
}
