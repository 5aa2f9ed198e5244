//! Django REST framework's field rules and words: a body in, clean values or every bad field at once out.
//!
//! The serializers of the contract are the tables of this file; how a field of a kind is judged is in
//! `validate/field.rs`, what is said about it in `validate/errors.rs`.

mod body;
mod email;
mod errors;
mod field;
mod frame;
mod username;

pub use body::{Body, Form, FormValue};
pub use email::normalise_email;
pub use errors::{FieldErrors, Problem};
pub use frame::{FrameError, frame_content};
pub use username::normalise_username;

use crate::python::Integer;
use field::{Check, Cleaned, Field, Kind, Run};

const REGISTRATION: &[Field] = &[
    Field {
        name: "username",
        required: true,
        kind: Kind::Text {
            allow_blank: false,
            wrong_type: Problem::NotText,
            checks: &[
                Check::Username,
                Check::NotTaken,
                Check::MaxLength(150),
                Check::NoNull,
                Check::NoSurrogate,
            ],
        },
    },
    Field {
        name: "email",
        required: false,
        kind: Kind::Text {
            allow_blank: true,
            wrong_type: Problem::Email,
            checks: &[
                Check::MaxLength(254),
                Check::NoNull,
                Check::NoSurrogate,
                Check::Email,
            ],
        },
    },
    Field {
        name: "password",
        required: true,
        kind: PLAIN_TEXT,
    },
    Field {
        name: "password_confirm",
        required: true,
        kind: PLAIN_TEXT,
    },
    Field {
        name: "user_type",
        required: false,
        kind: Kind::Choice(&["owner", "student", "staff"]),
    },
];

const CHAT: &[Field] = &[
    Field {
        name: "name",
        required: true,
        kind: Kind::Text {
            allow_blank: false,
            wrong_type: Problem::NotText,
            checks: &[Check::MaxLength(255), Check::NoNull, Check::NoSurrogate],
        },
    },
    Field {
        name: "participant_ids",
        required: false,
        kind: Kind::Integers,
    },
];

const MESSAGE: &[Field] = &[Field {
    name: "content",
    required: true,
    kind: PLAIN_TEXT,
}];

const PLAIN_TEXT: Kind = Kind::Text {
    allow_blank: false,
    wrong_type: Problem::NotText,
    checks: &[Check::NoNull, Check::NoSurrogate],
};

/// A user to be registered, as it is to be stored but for the hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Registration {
    /// Trimmed and NFKC-normalised; may be taken only since it is normalised (REG-7)
    pub username: String,
    /// Trimmed, its domain in lower case; empty if there is none
    pub email: String,
    /// Trimmed
    pub password: String,
    /// `owner`, `student` or `staff`
    pub user_type: String,
}

/// The user name to look up before [`registration`] is asked: trimmed, not normalised. `None` where nobody
/// can have it.
pub fn requested_username(body: &Body) -> Option<String> {
    let fields = REGISTRATION.get(..1)?;
    let name = Run::default().clean(fields, body).ok()?.text("username")?;
    Some(name)
}

/// `POST /api/register/` (REG-1 to REG-6). `taken`: somebody has the [`requested_username`].
///
/// # Errors
/// Every bad field; the two passwords are compared only when all fields are good.
pub fn registration(body: &Body, taken: bool) -> Result<Registration, FieldErrors> {
    let run = Run {
        taken,
        ..Run::default()
    };
    let mut cleaned = run.clean(REGISTRATION, body)?;
    let password = cleaned.text("password").unwrap_or_default();
    if cleaned.text("password_confirm").as_ref() != Some(&password) {
        return Err(FieldErrors::one("password", Problem::PasswordsDiffer));
    }
    let user_type = cleaned.text("user_type");
    Ok(Registration {
        username: normalise_username(&cleaned.text("username").unwrap_or_default()),
        email: normalise_email(&cleaned.text("email").unwrap_or_default()),
        password,
        user_type: user_type.unwrap_or_else(|| "student".to_owned()),
    })
}

/// What somebody logs in with; nothing is trimmed or normalised (REG-6).
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// As sent
    pub username: String,
    /// As sent
    pub password: String,
}

/// `POST /api/login/`. `None`: no pair that anybody could have; the answer is that of a wrong pair (AUTH-10).
///
/// # Errors
/// The body is no object.
pub fn credentials(body: &Body) -> Result<Option<Credentials>, FieldErrors> {
    body.expect_object()?;
    let pair = body.last_text("username").zip(body.last_text("password"));
    Ok(pair
        .filter(|(username, _)| !username.contains('\0'))
        .map(|(username, password)| Credentials { username, password }))
}

/// A chat to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChat {
    /// Trimmed, 1–255 characters
    pub name: String,
    /// As sent: repeats, unknown ones and all; empty if left out
    pub participant_ids: Vec<Integer>,
}

/// `POST /api/chats/` (CHAT-1, CHAT-5).
///
/// # Errors
/// Every bad field.
pub fn new_chat(body: &Body) -> Result<NewChat, FieldErrors> {
    let mut cleaned = Run::default().clean(CHAT, body)?;
    Ok(NewChat {
        name: cleaned.text("name").unwrap_or_default(),
        participant_ids: cleaned.integers("participant_ids").unwrap_or_default(),
    })
}

/// `PUT` and (`partial`) `PATCH` of a chat: the new name, if there is one. `participant_ids` has its types
/// checked and is ignored (CHAT-6).
///
/// # Errors
/// Every bad field.
pub fn renamed_chat(body: &Body, partial: bool) -> Result<Option<String>, FieldErrors> {
    let run = Run {
        partial,
        ..Run::default()
    };
    let mut cleaned: Cleaned = run.clean(CHAT, body)?;
    Ok(cleaned.text("name"))
}

/// `POST /api/chats/{id}/send_message/`: the content, trimmed, never empty (SEND-1 to SEND-6).
///
/// # Errors
/// Every bad field.
pub fn message(body: &Body) -> Result<String, FieldErrors> {
    let mut cleaned = Run::default().clean(MESSAGE, body)?;
    Ok(cleaned.text("content").unwrap_or_default())
}

#[cfg(test)]
mod tests;
