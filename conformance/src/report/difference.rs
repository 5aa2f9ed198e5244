//! Expected and actual side by side: of JSON the places that differ, of long text the part that does.

use serde_json::Value;

use crate::{check::Mismatch, report::visible::amount};

/// One place where expected and actual differ.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Place {
    /// Where in the JSON: `message.sender.id`; empty, when it is about the whole.
    pub(crate) at: String,
    /// What the clause asks for there.
    pub(crate) expected: String,
    /// What came.
    pub(crate) actual: String,
}

/// The places where the two differ; the whole of both, when it is short or nothing smaller can be named.
pub(crate) fn places(mismatch: &Mismatch) -> Vec<Place> {
    let (expected, actual) = (&mismatch.expected, &mismatch.actual);
    if expected.chars().count().max(actual.chars().count()) > SHORT
        && let (Some((status, body)), Some((other_status, other_body))) =
            (read(expected), read(actual))
    {
        let mut places = Vec::new();
        if status != other_status {
            places.push(place("status", status, other_status));
        }
        compare("", &body, &other_body, &mut places);
        // What is only in the answer may be allowed there, so it is told last.
        places.sort_by_key(|place| place.expected == NOT_MENTIONED);
        if (1..=MANY).contains(&places.len()) {
            return places;
        }
    }
    vec![place("", expected, actual)]
}

/// Status and body of `403 {"detail": …}`; any JSON without a status.
fn read(text: &str) -> Option<(&str, Value)> {
    let (status, body) = match text.split_once(' ') {
        Some((status, body)) if status.len() == 3 && status.bytes().all(|b| b.is_ascii_digit()) => {
            (status, body)
        }
        _ => ("", text),
    };
    let body: Value = serde_json::from_str(body).ok()?;
    (body.is_object() || body.is_array()).then_some((status, body))
}

fn compare(at: &str, expected: &Value, actual: &Value, places: &mut Vec<Place>) {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            for (key, value) in expected {
                let at = if at.is_empty() {
                    key.clone()
                } else {
                    format!("{at}.{key}")
                };
                match actual.get(key) {
                    Some(actual) => compare(&at, value, actual, places),
                    None => places.push(place(&at, &value.to_string(), MISSING)),
                }
            }
            for (key, value) in actual
                .iter()
                .filter(|(key, _)| !expected.contains_key(*key))
            {
                let at = if at.is_empty() {
                    key.clone()
                } else {
                    format!("{at}.{key}")
                };
                places.push(place(&at, NOT_MENTIONED, &value.to_string()));
            }
        }
        (Value::Array(expected), Value::Array(actual)) => {
            for n in 0..expected.len().max(actual.len()) {
                let at = format!("{at}[{n}]");
                match (expected.get(n), actual.get(n)) {
                    (Some(expected), Some(actual)) => compare(&at, expected, actual, places),
                    (Some(expected), None) => {
                        places.push(place(&at, &expected.to_string(), MISSING))
                    }
                    (None, Some(actual)) => {
                        places.push(place(&at, NOT_MENTIONED, &actual.to_string()))
                    }
                    (None, None) => {}
                }
            }
        }
        _ if expected == actual => {}
        _ => places.push(place(at, &expected.to_string(), &actual.to_string())),
    }
}

/// Both, cut to the part that differs if they are long.
fn place(at: &str, expected: &str, actual: &str) -> Place {
    let same = expected
        .chars()
        .zip(actual.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let skipped = if expected.chars().count().max(actual.chars().count()) > LONG {
        same.saturating_sub(BEFORE)
    } else {
        0
    };
    let part = |text: &str| {
        let all = text.chars().count();
        let start = if skipped > 0 {
            format!(
                "(the first {} are the same) …",
                amount(skipped, "character")
            )
        } else {
            String::new()
        };
        let shown: String = text.chars().skip(skipped).take(LONG).collect();
        let end = if skipped + LONG < all {
            format!("… ({} in all)", amount(all, "character"))
        } else {
            String::new()
        };
        format!("{start}{shown}{end}")
    };
    Place {
        at: at.to_owned(),
        expected: part(expected),
        actual: part(actual),
    }
}

const MISSING: &str = "(missing)";
const NOT_MENTIONED: &str = "(not mentioned)";
/// Up to how many characters both are shown whole.
const SHORT: usize = 60;
/// How many characters of a long text are shown.
const LONG: usize = 600;
/// How many characters before the first difference are shown.
const BEFORE: usize = 40;
/// More places than this say less than the whole.
const MANY: usize = 8;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn between(expected: &str, actual: &str) -> Vec<(String, String, String)> {
        let mismatch = Mismatch {
            what: String::new(),
            expected: expected.to_owned(),
            actual: actual.to_owned(),
        };
        places(&mismatch)
            .into_iter()
            .map(|place| (place.at, place.expected, place.actual))
            .collect()
    }

    fn row(at: &str, expected: &str, actual: &str) -> (String, String, String) {
        (at.to_owned(), expected.to_owned(), actual.to_owned())
    }

    #[test]
    fn of_json_only_what_differs_is_told() {
        let user = json!({"id": 5, "username": "alice", "email": "alice@example.com", "user_type": "student"});
        let mut other = user.clone();
        other["id"] = 7.into();
        other["extra"] = true.into();
        let event =
            |user| json!({"type": "message", "message": {"id": 1, "sender": user}}).to_string();
        assert_eq!(
            between(&event(user), &event(other)),
            [
                row("message.sender.id", "5", "7"),
                row("message.sender.extra", "(not mentioned)", "true")
            ]
        );
    }

    #[test]
    fn an_answers_status_is_a_place_too() {
        let expected =
            r#"403 {"detail": "Authentication credentials were not provided.", "list": [1, 2]}"#;
        let actual =
            r#"401 {"list": [1], "detail": "Authentication credentials were not provided."}"#;
        assert_eq!(
            between(expected, actual),
            [
                row("status", "403", "401"),
                row("list[1]", "2", "(missing)")
            ]
        );
    }

    #[test]
    fn short_ones_are_told_whole_and_long_ones_where_they_part() {
        assert_eq!(between("1", "2"), [row("", "1", "2")]);
        let long = "x".repeat(2_000);
        let rows = between(&format!("{long}a"), &format!("{long}b"));
        assert!(
            rows[0]
                .1
                .starts_with("(the first 1,960 characters are the same) …xxx"),
            "{rows:?}"
        );
        assert!(rows[0].1.ends_with('a') && rows[0].2.ends_with('b'));
    }
}
