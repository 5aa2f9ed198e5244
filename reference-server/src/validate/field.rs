//! How a field of each kind is judged: presence, null, blank, type, then all of its checks, in DRF's order.

use crate::json::Value;
use crate::python::{self, Integer};

use super::body::Body;
use super::email::is_email;
use super::errors::{FieldErrors, Problem, Problems};
use super::username::is_username;

/// One field of a serializer. None of the contract's may be null.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) kind: Kind,
}

/// What a field holds.
pub(super) enum Kind {
    /// Text, or a number as text; trimmed before anything is checked
    Text {
        allow_blank: bool,
        wrong_type: Problem,
        checks: &'static [Check],
    },
    /// One of these texts
    Choice(&'static [&'static str]),
    /// A list of whole numbers
    Integers,
}

/// What a trimmed text is held against; each failure is reported, in the order of the list.
pub(super) enum Check {
    Username,
    NotTaken,
    /// In code points
    MaxLength(usize),
    NoNull,
    NoSurrogate,
    Email,
}

/// What the fields cannot know by themselves.
#[derive(Default)]
pub(super) struct Run {
    /// A PATCH: what is missing is left as it is
    pub(super) partial: bool,
    /// Somebody has the user name
    pub(super) taken: bool,
}

/// The good values of a body, by field; what was left out is not there.
#[derive(Default)]
pub(super) struct Cleaned(Vec<(&'static str, Clean)>);

enum Clean {
    Text(String),
    Integers(Vec<Integer>),
}

impl Cleaned {
    /// The text of a field, by value.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Clean::Text(text) => Some(text),
            Clean::Integers(_) => None,
        }
    }

    /// The numbers of a field, by value.
    pub(super) fn integers(&mut self, name: &str) -> Option<Vec<Integer>> {
        match self.take(name)? {
            Clean::Integers(numbers) => Some(numbers),
            Clean::Text(_) => None,
        }
    }

    fn take(&mut self, name: &str) -> Option<Clean> {
        let index = self.0.iter().position(|(field, _)| *field == name)?;
        Some(self.0.swap_remove(index).1)
    }
}

impl Run {
    /// Judges every field of the serializer; unknown keys of the body are ignored.
    pub(super) fn clean(&self, fields: &[Field], body: &Body) -> Result<Cleaned, FieldErrors> {
        body.expect_object()?;
        let mut cleaned = Cleaned::default();
        let mut errors = FieldErrors::default();
        for field in fields {
            match self.field(field, body) {
                Ok(Some(value)) => cleaned.0.push((field.name, value)),
                Ok(None) => {}
                Err(problems) => errors.push(field.name, problems),
            }
        }
        if errors.is_empty() {
            Ok(cleaned)
        } else {
            Err(errors)
        }
    }

    fn field(&self, field: &Field, body: &Body) -> Result<Option<Clean>, Problems> {
        let allow_blank = matches!(
            field.kind,
            Kind::Text {
                allow_blank: true,
                ..
            }
        );
        let input = match field.kind {
            Kind::Integers => body.list(field.name, self.partial),
            _ => body.single(field.name, field.required, allow_blank),
        };
        let input = match input.as_deref() {
            None if field.required && !self.partial => return Err(Problem::Required.into()),
            None => return Ok(None),
            Some(Value::Null) => return Err(Problem::Null.into()),
            Some(input) => input,
        };
        let clean = match &field.kind {
            Kind::Text {
                wrong_type, checks, ..
            } => Clean::Text(self.text(input, allow_blank, wrong_type, checks)?),
            Kind::Choice(choices) => Clean::Text(choice(input, choices)?),
            Kind::Integers => Clean::Integers(integers(input)?),
        };
        Ok(Some(clean))
    }

    fn text(
        &self,
        input: &Value,
        allow_blank: bool,
        wrong_type: &Problem,
        checks: &[Check],
    ) -> Result<String, Problems> {
        let printed;
        let (text, surrogate) = match input {
            Value::String(text) => (text.lossy(), text.surrogate()),
            Value::Number(number) => {
                printed = number.to_string();
                (&*printed, None)
            }
            _ => return Err(wrong_type.clone().into()),
        };
        let text = python::str_strip(text);
        if text.is_empty() {
            return if allow_blank {
                Ok(String::new())
            } else {
                Err(Problem::Blank.into())
            };
        }
        let failed = checks
            .iter()
            .filter_map(|check| match *check {
                Check::Username => (!is_username(text)).then_some(Problem::Username),
                Check::NotTaken => self.taken.then_some(Problem::Taken),
                // The first character past the limit is enough to know.
                Check::MaxLength(limit) => text.chars().nth(limit).map(|_| Problem::TooLong(limit)),
                Check::NoNull => text.contains('\0').then_some(Problem::NullCharacter),
                Check::NoSurrogate => surrogate.map(Problem::Surrogate),
                Check::Email => (!is_email(text)).then_some(Problem::Email),
            })
            .collect::<Vec<_>>();
        if failed.is_empty() {
            Ok(text.to_owned())
        } else {
            Err(Problems::Field(failed))
        }
    }
}

fn choice(input: &Value, choices: &[&str]) -> Result<String, Problems> {
    let text = input.python_str();
    if choices.contains(&&*text) {
        Ok(text)
    } else {
        Err(Problem::NotAChoice(text).into())
    }
}

fn integers(input: &Value) -> Result<Vec<Integer>, Problems> {
    let Value::Array(items) = input else {
        return Err(Problem::NotAList(input.python_type_name()).into());
    };
    let mut numbers = Vec::with_capacity(items.len());
    let mut bad = Vec::new();
    for (index, item) in items.iter().enumerate() {
        match integer(item) {
            Ok(number) => numbers.push(number),
            Err(problem) => bad.push((index, vec![problem])),
        }
    }
    if bad.is_empty() {
        Ok(numbers)
    } else {
        Err(Problems::Items(bad))
    }
}

/// DRF's `IntegerField`: whatever Python prints as a whole number, a fraction of zeros aside.
fn integer(item: &Value) -> Result<Integer, Problem> {
    const MAX_CHARACTERS: usize = 1000;
    let number = match item {
        Value::Null => return Err(Problem::Null),
        Value::String(text) if text.lossy().chars().nth(MAX_CHARACTERS).is_some() => {
            return Err(Problem::IntegerTooLong);
        }
        Value::String(text) => text.as_str().and_then(whole),
        Value::Number(number) => whole(&number.to_string()),
        _ => None,
    };
    number.ok_or(Problem::NotAnInteger)
}

/// `int(text)` without the `\.0*\s*$` at its end.
fn whole(text: &str) -> Option<Integer> {
    let digits = text
        .trim_end_matches(python::is_space)
        .trim_end_matches('0');
    python::parse_int(digits.strip_suffix('.').unwrap_or(text))
}
