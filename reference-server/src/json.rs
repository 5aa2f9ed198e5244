//! JSON as Python's `json.loads` reads it: request bodies and WebSocket frames.
//!
//! What differs from most parsers, and why there is one of our own: lone surrogates are legal (the refusal
//! names them), whole numbers keep every digit up to Python's limit, 1e999 is a number (infinite), of
//! repeated keys the last wins, and the documents Python gives up on are the documents refused here.

use std::hash::{Hash, Hasher};

use indexmap::{Equivalent, IndexMap};

mod error;
mod number;
mod parser;

pub use error::JsonError;
pub use number::Number;
pub use parser::{parse, parse_finite};

use crate::python;

/// Any JSON value. Dropping one is safe: no parser here makes it deeper than 900 levels.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number or a float
    Number(Number),
    /// Text, perhaps with lone surrogates
    String(Text),
    /// `[…]`
    Array(Vec<Value>),
    /// `{…}`
    Object(Object),
}

impl Value {
    /// Python's `type(value).__name__`: `dict`, `list`, `str`, `int`, `float`, `bool`, `NoneType`.
    pub fn python_type_name(&self) -> &'static str {
        match self {
            Self::Null => "NoneType",
            Self::Bool(_) => "bool",
            Self::Number(number) if number.is_float() => "float",
            Self::Number(_) => "int",
            Self::String(_) => "str",
            Self::Array(_) => "list",
            Self::Object(_) => "dict",
        }
    }

    /// Python's `bool(value)`: false for null, false, zero and whatever is empty.
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(value) => *value,
            Self::Number(number) => !number.is_zero(),
            Self::String(text) => !text.lossy.is_empty(),
            Self::Array(items) => !items.is_empty(),
            Self::Object(object) => !object.is_empty(),
        }
    }

    /// Python's `str(value)`; lone surrogates come out as U+FFFD.
    pub fn python_str(&self) -> String {
        match self {
            Self::String(text) => text.lossy.clone(),
            other => {
                let mut out = String::new();
                other.write_repr(&mut out);
                out
            }
        }
    }

    fn write_repr(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("None"),
            Self::Bool(true) => out.push_str("True"),
            Self::Bool(false) => out.push_str("False"),
            Self::Number(number) => out.push_str(&number.to_string()),
            Self::String(text) => python::write_str_repr(&text.lossy, out),
            Self::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { ", " });
                    item.write_repr(out);
                }
                out.push(']');
            }
            Self::Object(object) => {
                out.push('{');
                for (index, (key, value)) in object.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { ", " });
                    python::write_str_repr(&key.lossy, out);
                    out.push_str(": ");
                    value.write_repr(out);
                }
                out.push('}');
            }
        }
    }
}

/// Text of a JSON document. Python's strings may hold lone surrogates (`"\ud800"`), Rust's may not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    lossy: String,
    surrogate: Option<u16>,
}

impl Text {
    /// The text, unless it has a lone surrogate.
    pub fn as_str(&self) -> Option<&str> {
        self.surrogate.is_none().then_some(&*self.lossy)
    }

    /// The text with U+FFFD for each lone surrogate, so with as many code points as in Python.
    pub fn lossy(&self) -> &str {
        &self.lossy
    }

    /// The first lone surrogate, `0xD800..=0xDFFF`.
    pub fn surrogate(&self) -> Option<u16> {
        self.surrogate
    }

    /// The text by value, unless it has a lone surrogate.
    pub fn into_string(self) -> Option<String> {
        match self.surrogate {
            None => Some(self.lossy),
            Some(_) => None,
        }
    }
}

impl From<String> for Text {
    fn from(lossy: String) -> Self {
        Self {
            lossy,
            surrogate: None,
        }
    }
}

/// The text alone, so that an object can be asked for a plain `&str`.
impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.lossy.hash(state);
    }
}

/// An object as a Python dict: a repeated key keeps its first place and its last value.
///
/// Keys that differ only in lone surrogates after the first count as one key.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Object(Box<IndexMap<Text, Value>>);

impl Object {
    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(&Plain(key))
    }

    /// The value of `key` by value; the order of the other keys is lost.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.0.swap_remove(&Plain(key))
    }

    /// Keys and values in Python's order.
    pub fn iter(&self) -> impl Iterator<Item = (&Text, &Value)> {
        self.0.iter()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it is `{}`.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn insert(&mut self, key: Text, value: Value) {
        self.0.insert(key, value);
    }
}

/// A key without surrogates, to look up with.
#[derive(Hash)]
struct Plain<'a>(&'a str);

impl Equivalent<Text> for Plain<'_> {
    fn equivalent(&self, key: &Text) -> bool {
        key.surrogate.is_none() && key.lossy == self.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn read(text: &str) -> Value {
        parse(text).unwrap()
    }

    #[test]
    fn a_value_is_no_larger_than_its_text() {
        assert_eq!(size_of::<Value>(), size_of::<Text>());
    }

    #[test]
    fn truth_and_type_are_pythons() {
        for (text, truthy, name) in [
            ("null", false, "NoneType"),
            ("false", false, "bool"),
            ("true", true, "bool"),
            ("0", false, "int"),
            ("-0", false, "int"),
            ("-0.0", false, "float"),
            ("0e5", false, "float"),
            ("1e-999", false, "float"),
            ("1e999", true, "float"),
            ("7", true, "int"),
            ("\"\"", false, "str"),
            ("\"0\"", true, "str"),
            ("[]", false, "list"),
            ("[0]", true, "list"),
            ("{}", false, "dict"),
            ("{\"\":0}", true, "dict"),
        ] {
            let value = read(text);
            assert_eq!(
                (value.is_truthy(), value.python_type_name()),
                (truthy, name),
                "{text}"
            );
        }
    }

    #[test]
    fn str_of_any_value_is_pythons() {
        let text = r#"["a",1,null,true,{"it's":-0.0,"b":"\n\"'é\u200b"},12.50]"#;
        let expected = r#"['a', 1, None, True, {"it's": -0.0, 'b': '\n"\'é\u200b'}, 12.5]"#;
        assert_eq!(read(text).python_str(), expected);
        assert_eq!(read("\"as it is\"").python_str(), "as it is");
    }

    #[test]
    fn a_repeated_key_keeps_its_place_and_takes_the_last_value() {
        let Value::Object(object) = read(r#"{"a":1,"b":2,"a":3}"#) else {
            unreachable!("an object was written")
        };
        assert_eq!(object.get("a"), Some(&read("3")));
        let keys: Vec<_> = object.iter().map(|(key, _)| key.lossy()).collect();
        assert_eq!(keys, ["a", "b"]);
    }

    #[test]
    fn a_key_with_a_surrogate_is_not_the_key_with_a_replacement_character() {
        let Value::Object(object) = read("{\"\\ud800\":1,\"\u{fffd}\":2}") else {
            unreachable!("an object was written")
        };
        assert_eq!(object.len(), 2);
        assert_eq!(object.get("\u{fffd}"), Some(&read("2")));
    }
}
