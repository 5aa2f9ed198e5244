//! Assertions that return what was expected and what came, instead of panicking.

use std::fmt;

use chat_fixtures::{answer::Answer, people::Connection, socket::Heard};
use serde::Serialize;
use serde_json::Value;

use crate::check::{Failure, Verdict};

/// `actual` is `expected`.
///
/// # Errors
/// A violation that shows both, as JSON.
pub fn expect_eq<T: PartialEq + Serialize>(actual: T, expected: T, what: &str) -> Verdict {
    expect(
        actual == expected,
        what,
        in_json(&expected),
        in_json(&actual),
    )
}

/// A value as whoever writes a server reads it: in the contract's own notation, not in ours.
pub(crate) fn in_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| error.to_string())
}

/// Two JSON values mean the same; the order of keys carries nothing.
///
/// # Errors
/// A violation that shows both.
pub fn expect_json(actual: &Value, expected: &Value, what: &str) -> Verdict {
    expect(actual == expected, what, expected, actual)
}

/// Every field of `expected` is in `actual` with that value; other fields are allowed (level `required`).
///
/// # Errors
/// A violation that shows both.
pub fn expect_fields(actual: &Value, expected: &Value, what: &str) -> Verdict {
    expect(contains(actual, expected), what, expected, actual)
}

/// The condition holds.
///
/// # Errors
/// A violation.
pub fn expect(
    holds: bool,
    what: impl fmt::Display,
    expected: impl fmt::Display,
    actual: impl fmt::Display,
) -> Verdict {
    if holds {
        Ok(())
    } else {
        Err(Failure::violation(what, expected, actual))
    }
}

/// The answer has this status; its JSON body, or null where there is no body.
///
/// # Errors
/// A violation that shows status and body.
pub fn expect_status(answer: &Answer, status: u16, what: &str) -> Result<Value, Failure> {
    expect(answer.status == status, what, status, shown(answer))?;
    if answer.body.is_empty() {
        return Ok(Value::Null);
    }
    Ok(answer.json()?)
}

/// The answer has this status and exactly this JSON body (level `parity`).
///
/// # Errors
/// A violation that shows status and body.
pub fn expect_answer(answer: &Answer, status: u16, body: &Value, what: &str) -> Verdict {
    let same = answer.status == status && answer.json().is_ok_and(|actual| actual == *body);
    expect(same, what, format!("{status} {body}"), shown(answer))
}

/// The answer is a refusal (level `required`): a status of 4xx.
///
/// # Errors
/// A violation that shows status and body.
pub fn expect_refused(answer: &Answer, what: &str) -> Verdict {
    expect(
        (400..500).contains(&answer.status),
        what,
        "a refusal (4xx)",
        shown(answer),
    )
}

/// The connection's next frame is exactly this Event.
///
/// # Errors
/// A violation that shows what came instead.
pub async fn expect_next(connection: &mut Connection, event: &Value, what: &str) -> Verdict {
    let patience = connection.patience;
    let heard = connection.socket.next_within(patience).await;
    let same = matches!(&heard, Heard::Text(text)
        if serde_json::from_str::<Value>(text).is_ok_and(|actual| actual == *event));
    match heard {
        // In full, so that a report can tell the places that differ.
        Heard::Text(text) => expect(same, what, event, text),
        other => expect(same, what, event, other),
    }
}

/// Status and the start of the body, for a reader.
pub(crate) fn shown(answer: &Answer) -> String {
    let body: String = answer.text().chars().take(SHOWN).collect();
    format!("{} {body}", answer.status)
}

fn contains(actual: &Value, expected: &Value) -> bool {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => expected.iter().all(|(key, value)| {
            actual
                .get(key)
                .is_some_and(|actual| contains(actual, value))
        }),
        (Value::Array(actual), Value::Array(expected)) => {
            actual.len() == expected.len()
                && actual.iter().zip(expected).all(|(a, e)| contains(a, e))
        }
        _ => actual == expected,
    }
}

/// How many characters of a body are shown.
const SHOWN: usize = 4096;
