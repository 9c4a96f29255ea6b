//! Values as text.

use super::Value;

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
