//! Text as values. It may come from an enemy: depth is bounded, doubled keys are refused.

use super::Value;
use crate::ground::{Code, Error, Result};

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
