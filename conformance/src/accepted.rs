//! What a request brings that has to succeed, where the clause does not say with which 2xx.

use chat_fixtures::answer::Answer;
use serde_json::Value;

use crate::{
    check::Failure,
    expect::{expect, shown},
};

/// The answer is a success: its JSON body, or null where there is no body.
///
/// # Errors
/// A violation that shows status and body.
pub(crate) fn accepted(answer: &Answer, what: &str) -> Result<Value, Failure> {
    expect(
        (200..300).contains(&answer.status),
        what,
        "a success (2xx)",
        shown(answer),
    )?;
    if answer.body.is_empty() {
        return Ok(Value::Null);
    }
    Ok(answer.json()?)
}

/// The answer is a success with a list: its entries.
///
/// # Errors
/// A violation that shows status and body.
pub(crate) fn accepted_list(answer: &Answer, what: &str) -> Result<Vec<Value>, Failure> {
    match accepted(answer, what)? {
        Value::Array(entries) => Ok(entries),
        _ => Err(Failure::violation(what, "a list", shown(answer))),
    }
}
