//! What counts as liked, as data: conditions on fields, joined by `all` and `any`.
//!
//! A condition on something that was not said decides nothing. `all` is false where one of its parts is, and true where
//! one is and none is false; `any` is true where one is. Where nothing decides, there is no label, and a record is not
//! learned from.

use super::cell::{Cell, Records};
use crate::ground::fields::Fields;
use crate::ground::json::{Value, object, write};
use crate::ground::{Error, Result};

/// How deep conditions may stand in each other.
const DEEPEST: usize = 8;

/// How a number or word is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Less,
    AtMost,
    Equal,
    Unequal,
    AtLeast,
    More,
}

const OPS: [(&str, Op); 6] = [
    ("<", Op::Less),
    ("<=", Op::AtMost),
    ("==", Op::Equal),
    ("!=", Op::Unequal),
    (">=", Op::AtLeast),
    (">", Op::More),
];

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    /// All that are decided.
    All(Vec<Rule>),
    /// One of them.
    Any(Vec<Rule>),
    /// A comparison.
    #[doc(hidden)]
    Compare(Comparison),
}

/// A field compared with a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    field: String,
    op: Op,
    value: Value,
}

impl Rule {
    /// The default: rated `liked` or more, and not said to be enough for once.
    pub fn positive(liked: f64) -> Rule {
        let compare = |field: &str, op, value| Rule::Compare(Comparison { field: field.into(), op, value });
        Rule::All(vec![
            compare("rating", Op::AtLeast, liked.into()),
            compare("wouldWatchAgain", Op::Equal, true.into()),
        ])
    }

    /// From JSON; `place` names it in errors. `known` are the fields there are.
    pub fn decode(place: &str, value: Value, known: &[&str]) -> Result<Rule> {
        Rule::read(place, value, known, 0)
    }

    fn read(place: &str, value: Value, known: &[&str], depth: usize) -> Result<Rule> {
        if depth > DEEPEST {
            return Err(Error::argument(
                place,
                format!("at most {DEEPEST} conditions in each other"),
                "more",
            ));
        }
        let mut f = Fields::of(place, value)?;
        for (key, join) in [("all", Rule::All as fn(Vec<Rule>) -> Rule), ("any", Rule::Any)] {
            let Some(list) = f.value(key) else { continue };
            f.finish()?;
            let Value::Array(list) = list else {
                return Err(Error::argument(
                    format!("{place}.{key}"),
                    "an array of conditions",
                    write(&list),
                ));
            };
            let mut rules = Vec::new();
            for (at, rule) in list.into_iter().enumerate() {
                rules.push(Rule::read(&format!("{place}.{key}[{at}]"), rule, known, depth + 1)?);
            }
            if rules.is_empty() {
                return Err(Error::argument(format!("{place}.{key}"), "at least one condition", "none"));
            }
            return Ok(join(rules));
        }
        let field = f.needed_text("field")?;
        if !known.contains(&field.as_str()) {
            return Err(Error::argument(f.place("field"), known.join(", "), format!("{field:?}")));
        }
        let (op, value) = match f.value("is") {
            Some(value @ Value::Bool(_)) => (Op::Equal, value),
            Some(other) => return Err(Error::argument(f.place("is"), "true or false", write(&other))),
            None => {
                let name = f.needed_text("op")?;
                let op = OPS.iter().find(|(n, _)| *n == name).map(|(_, op)| *op);
                let value = match f.value("value") {
                    Some(value @ (Value::Number(_) | Value::String(_) | Value::Bool(_))) => value,
                    other => {
                        let got = write(&other.unwrap_or_default());
                        return Err(Error::argument(
                            f.place("value"),
                            "a number, a text, true or false",
                            got,
                        ));
                    }
                };
                (op.ok_or_else(|| Error::argument(f.place("op"), "<, <=, ==, !=, >= or >", &name))?, value)
            }
        };
        f.finish()?;
        Ok(Rule::Compare(Comparison { field, op, value }))
    }

    /// Hands over every comparison: its field and its value.
    pub fn each(&self, take: &mut dyn FnMut(&str, &Value)) {
        match self {
            Rule::All(rules) | Rule::Any(rules) => rules.iter().for_each(|rule| rule.each(take)),
            Rule::Compare(c) => take(&c.field, &c.value),
        }
    }

    /// What it says of a record; `None` where nothing decides.
    pub fn decide(&self, of: &dyn Records, record: usize) -> Option<bool> {
        match self {
            Rule::All(rules) => {
                let mut answer = None;
                for rule in rules {
                    match rule.decide(of, record) {
                        Some(false) => return Some(false),
                        Some(true) => answer = Some(true),
                        None => {}
                    }
                }
                answer
            }
            Rule::Any(rules) => {
                let mut answer = None;
                for rule in rules {
                    match rule.decide(of, record) {
                        Some(true) => return Some(true),
                        Some(false) => answer = Some(false),
                        None => {}
                    }
                }
                answer
            }
            Rule::Compare(c) => c.decide(of.cell(record, &c.field)),
        }
    }
}

impl Comparison {
    fn decide(&self, cell: Cell<'_>) -> Option<bool> {
        use core::cmp::Ordering::{Equal, Greater, Less};
        let order = match (&self.value, cell) {
            (Value::Number(x), Cell::Number(y)) => y.partial_cmp(x)?,
            (Value::Bool(x), Cell::Number(y)) => (y != 0.0).cmp(x),
            (Value::String(x), Cell::Word(y)) => y.cmp(x.as_str()),
            // Of several words one is enough.
            (Value::String(x), Cell::Words(all)) if !all.is_empty() => {
                if all.contains(x) {
                    Equal
                } else {
                    Less
                }
            }
            _ => return None,
        };
        Some(match self.op {
            Op::Less => order == Less,
            Op::AtMost => order != Greater,
            Op::Equal => order == Equal,
            Op::Unequal => order != Equal,
            Op::AtLeast => order != Less,
            Op::More => order == Greater,
        })
    }
}

impl From<Rule> for Value {
    fn from(rule: Rule) -> Value {
        let list = |rules: Vec<Rule>| Value::Array(rules.into_iter().map(Into::into).collect());
        match rule {
            Rule::All(rules) => object([("all", list(rules))]),
            Rule::Any(rules) => object([("any", list(rules))]),
            Rule::Compare(c) => {
                let op = OPS.iter().find(|(_, op)| *op == c.op).map_or("==", |(name, _)| name);
                object([("field", c.field.into()), ("op", op.into()), ("value", c.value)])
            }
        }
    }
}
