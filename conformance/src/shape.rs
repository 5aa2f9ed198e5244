//! The shapes of CONTRACT.md: User, Message, Chat, Timestamp.

use serde_json::{Value, json};
use time::{PrimitiveDateTime, macros::format_description};

use crate::{
    check::{Failure, Verdict},
    expect::expect,
};

/// A User: `id`, `username`, `email`, `user_type`; other fields are allowed (level `required`).
///
/// # Errors
/// A violation that names the field.
pub fn expect_user(user: &Value, what: &str) -> Verdict {
    let is = user.get("id").is_some_and(Value::is_u64)
        && user.get("username").is_some_and(Value::is_string)
        && user.get("email").is_some_and(Value::is_string)
        && matches!(
            user.get("user_type").and_then(Value::as_str),
            Some("owner" | "student" | "staff")
        );
    expect(is, what, "a User {id, username, email, user_type}", user)
}

/// A Message: `id`, `chat`, `sender`, `content`, `timestamp`; other fields are allowed (level `required`).
///
/// # Errors
/// A violation that names the field.
pub fn expect_message(message: &Value, what: &str) -> Verdict {
    let is = message.get("id").is_some_and(Value::is_u64)
        && message.get("chat").is_some_and(Value::is_u64)
        && message.get("content").is_some_and(Value::is_string)
        && message.get("timestamp").is_some_and(Value::is_string);
    expect(
        is,
        what,
        "a Message {id, chat, sender, content, timestamp}",
        message,
    )?;
    expect_user(&message["sender"], &format!("the sender of {what}"))
}

/// A Chat: `id`, `name`, `participants`, `messages`, `created_at`; other fields are allowed (level `required`).
///
/// # Errors
/// A violation that names the field.
pub fn expect_chat(chat: &Value, what: &str) -> Verdict {
    let is = chat.get("id").is_some_and(Value::is_u64)
        && chat.get("name").is_some_and(Value::is_string)
        && chat.get("participants").is_some_and(Value::is_array)
        && chat.get("messages").is_some_and(Value::is_array)
        && chat.get("created_at").is_some_and(Value::is_string);
    expect(
        is,
        what,
        "a Chat {id, name, participants, messages, created_at}",
        chat,
    )?;
    for user in chat["participants"].as_array().into_iter().flatten() {
        expect_user(user, &format!("a participant of {what}"))?;
    }
    for message in chat["messages"].as_array().into_iter().flatten() {
        expect_message(message, &format!("a message of {what}"))?;
    }
    Ok(())
}

/// What a Message is to everybody alike: id, chat, sender, content, timestamp.
pub(crate) fn core_of(message: &Value) -> Value {
    json!({
        "id": message["id"],
        "chat": message["chat"],
        "sender": message["sender"]["id"],
        "content": message["content"],
        "timestamp": message["timestamp"],
    })
}

/// An object with exactly these keys, whatever their values (level `parity`).
///
/// # Errors
/// A violation that shows the keys there are.
pub fn expect_keys(value: &Value, keys: &[&str], what: &str) -> Verdict {
    let mut expected: Vec<_> = keys.to_vec();
    expected.sort_unstable();
    let mut actual: Vec<_> = match value {
        Value::Object(fields) => fields.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    actual.sort_unstable();
    expect(
        actual == expected,
        what,
        format!("the fields {}", expected.join(", ")),
        value,
    )
}

/// A Timestamp, in the contract's form: UTC, `Z`, six digits of microseconds, or no fraction at all when they
/// are zero.
///
/// # Errors
/// A violation that shows it.
pub fn timestamp(value: &Value, what: &str) -> Result<PrimitiveDateTime, Failure> {
    let text = value.as_str().unwrap_or_default();
    let whole = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    let fraction =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
    let read = if text.contains('.') {
        PrimitiveDateTime::parse(text, &fraction)
            .ok()
            .filter(|at| at.microsecond() != 0)
    } else {
        PrimitiveDateTime::parse(text, &whole).ok()
    };
    read.ok_or_else(|| Failure::violation(what, "a time like 2026-01-02T03:04:05.678901Z", value))
}
