//! What is wrong with a body, in Django REST framework's words.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::python::Integer;

/// The name under which DRF speaks of the body as a whole.
pub(super) const NON_FIELD_ERRORS: &str = "non_field_errors";

/// One thing that is wrong. `Display` is what the client reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The body is null.
    #[error("No data provided")]
    NoData,
    /// The body is of this Python type.
    #[error("Invalid data. Expected a dictionary, but got {0}.")]
    NotAnObject(&'static str),
    /// A field is missing.
    #[error("This field is required.")]
    Required,
    /// A field is null.
    #[error("This field may not be null.")]
    Null,
    /// A text is empty, or white space alone.
    #[error("This field may not be blank.")]
    Blank,
    /// Neither text nor a number.
    #[error("Not a valid string.")]
    NotText,
    /// More code points than this.
    #[error("Ensure this field has no more than {0} characters.")]
    TooLong(usize),
    /// U+0000 in a text.
    #[error("Null characters are not allowed.")]
    NullCharacter,
    /// This lone surrogate in a text.
    #[error("Surrogate characters are not allowed: U+{0:X}.")]
    Surrogate(u16),
    /// Characters that a user name may not have.
    #[error(
        "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters."
    )]
    Username,
    /// Somebody has the user name.
    #[error("A user with that username already exists.")]
    Taken,
    /// Not an e-mail address.
    #[error("Enter a valid email address.")]
    Email,
    /// Not one of the choices; what it is, as Python prints it.
    #[error("\"{0}\" is not a valid choice.")]
    NotAChoice(String),
    /// Not a list but of this Python type.
    #[error("Expected a list of items but got type \"{0}\".")]
    NotAList(&'static str),
    /// Not a whole number.
    #[error("A valid integer is required.")]
    NotAnInteger,
    /// Text of more than 1000 characters where a number belongs.
    #[error("String value too large.")]
    IntegerTooLong,
    /// The two passwords are not the same.
    #[error("Passwords don't match.")]
    PasswordsDiffer,
    /// No user has this id.
    #[error("Invalid pk \"{0}\" - object does not exist.")]
    UnknownUser(Integer),
}

/// The body of a 400: fields and what is wrong with each, in the order of the serializer.
///
/// Serializes as `{field: [text, …]}`, for lists with bad items as `{field: {"1": [text, …], …}}`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldErrors(Vec<(&'static str, Problems)>);

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problems {
    /// The field itself
    Field(Vec<Problem>),
    /// Items of a list, by index
    Items(Vec<(usize, Vec<Problem>)>),
}

impl FieldErrors {
    /// The user name was free, but is taken once it is normalised, or since it was looked up (REG-7).
    pub fn username_taken() -> Self {
        Self::one("username", Problem::Taken)
    }

    /// A participant to be does not exist (CHAT-8).
    pub fn unknown_participant(id: Integer) -> Self {
        Self::one("participant_ids", Problem::UnknownUser(id))
    }

    pub(super) fn one(field: &'static str, problem: Problem) -> Self {
        Self(vec![(field, problem.into())])
    }

    pub(super) fn push(&mut self, field: &'static str, problems: Problems) {
        self.0.push((field, problems));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self::Field(vec![problem])
    }
}

impl Serialize for FieldErrors {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (field, problems) in &self.0 {
            map.serialize_entry(field, problems)?;
        }
        map.end()
    }
}

impl Serialize for Problems {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Field(problems) => serializer.collect_seq(problems),
            Self::Items(items) => {
                serializer.collect_map(items.iter().map(|(index, list)| (index.to_string(), list)))
            }
        }
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
