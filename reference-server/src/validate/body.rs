//! A request's body, and what a field finds in it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::json::{Object, Text, Value};

use super::errors::{FieldErrors, NON_FIELD_ERRORS, Problem};

/// A body as a parser leaves it. An absent one is an empty object, or an empty form where the media type
/// is a form's.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// `application/json`
    Json(Value),
    /// `application/x-www-form-urlencoded` or `multipart/form-data`
    Form(Form),
}

impl Body {
    /// `{}`: what there is when nothing was sent.
    pub fn empty() -> Self {
        Self::Json(Value::Object(Object::default()))
    }

    /// Names what is sent where an object belongs.
    pub(super) fn expect_object(&self) -> Result<(), FieldErrors> {
        let problem = match self {
            Self::Json(Value::Object(_)) | Self::Form(_) => return Ok(()),
            Self::Json(Value::Null) => Problem::NoData,
            Self::Json(other) => Problem::NotAnObject(other.python_type_name()),
        };
        Err(FieldErrors::one(NON_FIELD_ERRORS, problem))
    }

    /// What is sent for a field with one value. An empty input of a form is no input where the field may
    /// stay away and may not be blank (DRF's `Field.get_value`).
    pub(super) fn single(
        &self,
        name: &str,
        required: bool,
        allow_blank: bool,
    ) -> Option<Cow<'_, Value>> {
        match self {
            Self::Json(json) => json_field(json, name),
            Self::Form(form) => form
                .last(name)
                .filter(|value| required || allow_blank || !value.is_empty())
                .map(|value| Cow::Owned(value.to_value())),
        }
    }

    /// What is sent for a list: in a form the inputs `name`, or else, unless the request is `partial`,
    /// those called `name[0]`, `name[1]`, … in the order of their numbers (DRF's `ListField.get_value`).
    pub(super) fn list(&self, name: &str, partial: bool) -> Option<Cow<'_, Value>> {
        match self {
            Self::Json(json) => json_field(json, name),
            Self::Form(form) => {
                let mut items = form.all(name);
                if items.is_empty() && !partial {
                    items = form.indexed(name);
                }
                (!items.is_empty()).then(|| Cow::Owned(Value::Array(items)))
            }
        }
    }

    /// The text under `name` as it was sent, if it is text that Rust can hold.
    pub(super) fn last_text(&self, name: &str) -> Option<String> {
        match self.single(name, true, true)?.into_owned() {
            Value::String(text) => text.into_string(),
            _ => None,
        }
    }
}

impl From<Value> for Body {
    fn from(json: Value) -> Self {
        Self::Json(json)
    }
}

/// The inputs of a form, names and values, as Django's `QueryDict` keeps them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Form(Vec<(String, FormValue)>);

/// The value of one input.
#[derive(Debug, Clone, PartialEq)]
pub enum FormValue {
    /// What was typed
    Text(String),
    /// An uploaded file, which no field of the contract takes
    File,
}

impl Form {
    /// From the inputs in the order sent.
    pub fn new(mut inputs: Vec<(String, FormValue)>) -> Self {
        // Django reads files into a map of their own and adds them last.
        inputs.sort_by_key(|(_, value)| matches!(value, FormValue::File));
        Self(inputs)
    }

    fn last(&self, name: &str) -> Option<&FormValue> {
        let mut latest_first = self.0.iter().rev();
        latest_first
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    fn all(&self, name: &str) -> Vec<Value> {
        let same_name = self.0.iter().filter(|(key, _)| key == name);
        same_name.map(|(_, value)| value.to_value()).collect()
    }

    fn indexed(&self, name: &str) -> Vec<Value> {
        let mut items = BTreeMap::new();
        for (key, value) in &self.0 {
            let Some((index, rest)) = key.strip_prefix(name).and_then(split_index) else {
                continue;
            };
            let item = match rest {
                "" => value.to_value(),
                // `name[0]key=…` makes a dictionary, which no item of the contract may be.
                _ => Value::Object(Object::default()),
            };
            items.insert(index, item);
        }
        items.into_values().collect()
    }
}

impl From<Vec<(String, String)>> for Form {
    fn from(inputs: Vec<(String, String)>) -> Self {
        let texts = inputs.into_iter();
        Self(
            texts
                .map(|(name, text)| (name, FormValue::Text(text)))
                .collect(),
        )
    }
}

impl FormValue {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }

    /// A file becomes an object: like one it is neither text nor a number.
    fn to_value(&self) -> Value {
        match self {
            Self::Text(text) => Value::String(Text::from(text.clone())),
            Self::File => Value::Object(Object::default()),
        }
    }
}

fn json_field<'a>(json: &'a Value, name: &str) -> Option<Cow<'a, Value>> {
    match json {
        Value::Object(object) => object.get(name).map(Cow::Borrowed),
        _ => None,
    }
}

/// `[12]rest` → a key that sorts as 12 does, however many digits it has, and `rest`, which is one line.
fn split_index(key: &str) -> Option<((usize, &str), &str)> {
    let (digits, rest) = key.strip_prefix('[')?.split_once(']')?;
    let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let rest = rest.strip_suffix('\n').unwrap_or(rest);
    let significant = digits.trim_start_matches('0');
    (whole && !rest.contains('\n')).then_some(((significant.len(), significant), rest))
}
