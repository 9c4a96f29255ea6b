//! Writing JSON values as text.
//!
//! `serde_json` reads; it could write too, but its shortest-digits printer brings 25 kB of tables that do not compress.
//! Here a number is written with as few decimals as give the same number back, at most fifteen digits: enough for
//! everything that stands in our texts. Numbers whose every bit counts are stored in tensors.

use serde_json::Value;

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
        Value::Number(n) => match n.as_i64() {
            Some(whole) => out.push_str(&whole.to_string()),
            None => out.push_str(&number(n.as_f64().unwrap_or(f64::NAN))),
        },
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn numbers_are_written_as_people_write_them() {
        let cases = [0.02, 3.0, -4.5, 0.1, 1e15, 1.5e-9, 123456.789, 1_700_000_000_000.0, 0.0, 5e-324];
        let texts: Vec<String> = cases.into_iter().map(number).collect();
        assert_eq!(
            texts[..8],
            ["0.02", "3", "-4.5", "0.1", "100000000000000e1", "0.0000015e-3", "123456.789", "1700000000000"]
        );
        assert_eq!(number(f64::NAN), "NaN");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(n in -1_000_000i64..1_000_000, decimals in 0u32..7, text in "\\PC*") {
            let x = n as f64 / [1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6][decimals as usize];
            let value = json!({ "x": x, text.clone(): [null, true, text, n] });
            let back: Value = serde_json::from_str(&write(&value)).unwrap();
            prop_assert_eq!(back["x"].as_f64(), Some(x));
            prop_assert_eq!(write(&back), write(&value));
        }

        #[test]
        fn any_number_reads_back_to_fifteen_digits(bits in any::<u64>()) {
            let x = f64::from_bits(bits);
            prop_assume!(x.is_finite() && (x == 0.0 || x.abs() > 1e-290) && x.abs() < 1e290);
            let back: f64 = number(x).parse().unwrap();
            prop_assert!((back - x).abs() <= x.abs() * 1e-12, "{x} {back} {}", number(x));
        }
    }
}
