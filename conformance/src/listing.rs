//! `--list`: every clause with its checks.

use chat_fixtures::contract::clauses;
use serde_json::{Value, json};

use crate::{
    check::{Check, Mark},
    checks,
    select::Selection,
};

/// The clauses of these checks, for people; with every check chosen, every clause, one without a check too.
pub fn as_text(selection: &Selection) -> String {
    let mut text = String::new();
    for (clause, checks) in rows(selection) {
        text += &format!("{:8} {:9} {}\n", clause.id, clause.level, clause.text);
        for check in checks {
            text += &format!("         {}{}\n", check.id(), marks(check));
        }
    }
    text
}

/// The same for programs: an array of clauses.
pub fn as_json(selection: &Selection) -> String {
    let rows: Vec<Value> = rows(selection)
        .into_iter()
        .map(|(clause, checks)| {
            json!({
                "clause": clause.id,
                "level": clause.level,
                "area": clause.area,
                "source": clause.source,
                "text": clause.text,
                "checks": checks.iter().map(|check| json!({
                    "check": check.id(),
                    "waits": check.is(Mark::Waits),
                    "generated": check.is(Mark::Generated),
                })).collect::<Vec<_>>(),
            })
        })
        .collect();
    format!("{:#}", Value::Array(rows))
}

fn rows(
    selection: &Selection,
) -> Vec<(
    &'static chat_fixtures::contract::Clause,
    Vec<&'static Check>,
)> {
    let left_out = selection.left_out.iter().map(|(check, _)| *check);
    let chosen: Vec<_> = selection.checks.iter().copied().chain(left_out).collect();
    let everything = chosen.len() == checks::all().count();
    clauses()
        .iter()
        .map(|clause| {
            let mine = |check: &&&Check| check.clause_id() == clause.id;
            (clause, chosen.iter().filter(mine).copied().collect())
        })
        .filter(|(_, checks): &(_, Vec<_>)| everything || !checks.is_empty())
        .collect()
}

fn marks(check: &Check) -> String {
    let words: Vec<_> = [(Mark::Waits, "waits"), (Mark::Generated, "generated")]
        .into_iter()
        .filter(|(mark, _)| check.is(*mark))
        .map(|(_, word)| word)
        .collect();
    match words.is_empty() {
        true => String::new(),
        false => format!(" ({})", words.join(", ")),
    }
}
