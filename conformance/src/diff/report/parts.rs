//! Both answers part by part, side by side.

use chat_fixtures::replay::Exchange;
use serde::Serialize;
use serde_json::Value;

use crate::report::visible::on_one_line;

/// One part of both answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::diff) struct Part {
    /// Where it is: `body/participants/0/email`.
    pub(in crate::diff) at: String,
    /// What the original has there, symbols in the place of its own ids; nothing, if nothing is there.
    pub(in crate::diff) original: Option<String>,
    /// What the candidate has there; not told where it means the same.
    pub(in crate::diff) candidate: Option<String>,
    /// Whether they part here.
    pub(in crate::diff) differs: bool,
}

/// The parts of both answers, in the original's order; what only the candidate has comes last.
pub(super) fn parts(exchange: &Exchange) -> Vec<Part> {
    let (mut original, mut candidate) = (Vec::new(), Vec::new());
    leaves("", &exchange.original, &mut original);
    leaves("", &exchange.candidate, &mut candidate);
    let differs = |at: &str| exchange.places.iter().any(|place| is_within(at, &place.at));
    let of = |leaves: &[(String, String)], at: &str| {
        let leaf = leaves.iter().find(|(place, _)| place == at);
        leaf.map(|(_, value)| value.clone())
    };
    let mut parts: Vec<Part> = Vec::new();
    for (at, _) in original.iter().chain(&candidate) {
        if parts.iter().any(|part| part.at == *at) {
            continue;
        }
        let differs = differs(at);
        let candidate = of(&candidate, at);
        parts.push(Part {
            at: at.clone(),
            original: of(&original, at),
            candidate: candidate.filter(|_| differs),
            differs,
        });
    }
    parts
}

/// Whether a part is at a place or below it, or a place below the part.
fn is_within(at: &str, place: &str) -> bool {
    let below = |long: &str, short: &str| {
        long.strip_prefix(short)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    below(at, place) || below(place, at)
}

fn leaves(at: &str, value: &Value, all: &mut Vec<(String, String)>) {
    let below = |key: &str| match at {
        "" => key.to_owned(),
        at => format!("{at}/{key}"),
    };
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (key, value) in fields {
                leaves(&below(key), value, all);
            }
        }
        Value::Array(values) if !values.is_empty() => {
            for (n, value) in values.iter().enumerate() {
                leaves(&below(&n.to_string()), value, all);
            }
        }
        Value::Null if at.is_empty() => {}
        leaf => all.push((at.to_owned(), on_one_line(&leaf.to_string(), SHOWN))),
    }
}

/// How many characters of one part are told.
const SHOWN: usize = 400;

#[cfg(test)]
mod tests {
    use chat_fixtures::replay::{Parts, Place};
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_differs_tells_the_candidates_part() {
        let exchange = Exchange {
            original: json!({"status": 200, "body": {"id": "<ana>", "name": "ana"}}),
            candidate: json!({"status": 200, "body": {"id": 7, "name": "eva", "more": []}}),
            places: ["body/name", "body/more"]
                .map(|at| Place {
                    at: at.to_owned(),
                    parts: Parts::Otherwise,
                    reason: String::new(),
                })
                .to_vec(),
            is_as_meant: false,
            unasked: None,
        };
        let part = |at: &str, original: Option<&str>, candidate: Option<&str>| Part {
            at: at.to_owned(),
            original: original.map(str::to_owned),
            candidate: candidate.map(str::to_owned),
            differs: candidate.is_some(),
        };
        let mut found = parts(&exchange);
        found.sort_by(|a, b| a.at.cmp(&b.at));
        assert_eq!(
            found,
            [
                part("body/id", Some("\"<ana>\""), None),
                part("body/more", None, Some("[]")),
                part("body/name", Some("\"ana\""), Some("\"eva\"")),
                part("status", Some("200"), None),
            ]
        );
    }
}
