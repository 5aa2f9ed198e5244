//! Differences that are allowed, as data: what the hardened clauses ask for, and lists of one's own.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context, bail};
use chat_fixtures::{
    base,
    contract::clause,
    replay::{Allowed, Case, Exchange, Recording, means_the_same},
};
use serde::Deserialize;
use serde_json::{Value, json};
use wildmatch::WildMatch;

use crate::rows::Form;

/// Why a difference is allowed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Permit {
    /// The list that says so.
    pub(super) list: String,
    /// Why.
    pub(super) reason: String,
    /// The clause because of which.
    pub(super) clause: Option<String>,
}

/// The lists that were asked for.
#[derive(Debug, Default)]
pub(super) struct Allow {
    hardened: Option<Hardened>,
    rows: Vec<(String, Row)>,
    /// What of them has shown: cases of the recordings, numbers of rows.
    shown: Mutex<(BTreeSet<String>, BTreeSet<usize>)>,
}

/// What `recordings/hardened.toml` says.
#[derive(Debug)]
struct Hardened {
    /// The answers it asks for, each with its clause.
    answers: Vec<(String, Value)>,
}

/// A row of a file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// A group's id or a question, or either with `*` for anything.
    difference: String,
    reason: String,
    clause: Option<String>,
}

impl Allow {
    /// The lists of these names: `hardened`, or files.
    ///
    /// # Errors
    /// When one is neither built in nor a file of the form due.
    pub(super) fn named(names: &[String], recordings: &[&Recording]) -> anyhow::Result<Self> {
        let mut allow = Self::default();
        for name in names {
            if name == HARDENED {
                allow.hardened = Some(Hardened::of(recordings)?);
                continue;
            }
            let text = std::fs::read_to_string(name).with_context(|| {
                format!("--allow {name} is neither built in ({HARDENED}) nor a file to be read")
            })?;
            allow
                .reads(name, &text)
                .with_context(|| format!("--allow {name}"))?;
        }
        Ok(allow)
    }

    fn reads(&mut self, name: &str, text: &str) -> anyhow::Result<()> {
        for row in FORM.rows::<Row>(text)? {
            if let Some(id) = row.clause.as_deref().filter(|id| clause(id).is_none()) {
                bail!("{}: there is no clause {id}", row.difference);
            }
            self.rows.push((name.to_owned(), row));
        }
        Ok(())
    }

    /// Who allows that a recorded question is answered so; `clause` is the hardened one that asks for another answer.
    pub(super) fn recorded(
        &self,
        case: &Case,
        clause: Option<&str>,
        exchange: &Exchange,
    ) -> Option<Permit> {
        let clause = clause.filter(|_| exchange.is_as_meant && self.hardened.is_some())?;
        self.shown().0.insert(case.case.clone());
        Some(hardened(clause))
    }

    /// Who allows that a generated question about these clauses is answered so: what it is answered has to be one of
    /// the answers that a hardened one of them asks for.
    pub(super) fn generated(&self, clauses: &[&str], exchange: &Exchange) -> Option<Permit> {
        let answers = &self.hardened.as_ref()?.answers;
        let Exchange {
            original,
            candidate,
            ..
        } = exchange;
        let is_request = candidate.get("body").is_some();
        // Where a sound server answers a request otherwise, the original has failed.
        if is_request
            && original["status"]
                .as_u64()
                .is_none_or(|status| status < 500)
        {
            return None;
        }
        let said = match candidate.get("connection 1") {
            Some(heard) => heard,
            None => candidate,
        };
        let (clause, _) = answers
            .iter()
            .find(|(clause, due)| clauses.contains(&clause.as_str()) && asks_for(due, said))?;
        Some(hardened(clause))
    }

    /// Who allows a difference of this name, or that of this question.
    pub(super) fn listed(&self, id: &str, question: &str) -> Option<Permit> {
        let (n, (list, row)) = self.rows.iter().enumerate().find(|(_, (_, row))| {
            let pattern = WildMatch::new(&row.difference);
            pattern.matches(id) || pattern.matches(question)
        })?;
        self.shown().1.insert(n);
        Some(Permit {
            list: list.clone(),
            reason: row.reason.clone(),
            clause: row.clause.clone(),
        })
    }

    /// The case of a hardened difference that was asked about, and whether it shows.
    pub(super) fn is_stale(&self, case: &str) -> bool {
        self.hardened.is_some() && !self.shown().0.contains(case)
    }

    /// The rows that were of no use.
    pub(super) fn unused(&self) -> Vec<String> {
        let shown = self.shown();
        let unused = self.rows.iter().enumerate();
        unused
            .filter(|(n, _)| !shown.1.contains(n))
            .map(|(_, (list, row))| format!("{} ({list}: {})", row.difference, row.reason))
            .collect()
    }

    fn shown(&self) -> MutexGuard<'_, (BTreeSet<String>, BTreeSet<usize>)> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hardened {
    fn of(recordings: &[&Recording]) -> anyhow::Result<Self> {
        let allowed = Allowed::hardened()?;
        let mut answers = Vec::new();
        for recording in recordings {
            for case in recording.cases() {
                answers.extend(allowed.answer(case, recording)?);
            }
        }
        Ok(Self { answers })
    }
}

/// Whether an answer is in status, body and frames the one due.
fn asks_for(due: &Value, said: &Value) -> bool {
    let essence = |answer: &Value| json!({"status": answer.get("status"), "body": answer.get("body"), "frames": answer.get("frames")});
    means_the_same(&essence(due), &essence(said))
}

/// What any pair of servers may answer: a page whose address is that of one of them comes from a stranger to the other.
pub(super) fn at_home(case: &Case, servers: [&str; 2]) -> Option<Permit> {
    let origin = case.request.origin()?;
    let [original, candidate] = servers.map(|server| base::origin(server) == origin);
    (original != candidate).then(|| Permit {
        list: "always".to_owned(),
        reason: format!(
            "the page that asks is of {origin}, which is the {} itself",
            if original { "original" } else { "candidate" }
        ),
        clause: None,
    })
}

fn hardened(id: &str) -> Permit {
    Permit {
        list: HARDENED.to_owned(),
        reason: "a sound server answers so".to_owned(),
        clause: Some(id.to_owned()),
    }
}

const FORM: Form = Form {
    table: "difference",
    needs: &[
        (
            "difference",
            "as the report names it, or the question, or either with * for anything",
        ),
        ("reason", "why it is allowed"),
    ],
};
/// The list that is built in.
pub(super) const HARDENED: &str = "hardened";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn exchange(original: Value, candidate: Value) -> Exchange {
        Exchange {
            original,
            candidate,
            places: Vec::new(),
            is_as_meant: false,
            unasked: None,
        }
    }

    #[test]
    fn a_row_that_is_never_needed_is_stale() {
        let mut allow = Allow::default();
        let rows = "[[difference]]\ndifference = 'GET *'\nreason = 'r'\nclause = 'CHAT-2'\n\
                    [[difference]]\ndifference = 'recorded/x'\nreason = 's'\n";
        allow.reads("own.toml", rows).unwrap();
        let permit = allow.listed("GET /api/me/: status otherwise", "recorded/me");
        assert_eq!(permit.unwrap().clause.as_deref(), Some("CHAT-2"));
        assert!(
            allow
                .listed("POST /: status otherwise", "recorded/y")
                .is_none()
        );
        assert_eq!(allow.unused(), ["recorded/x (own.toml: s)"]);
    }

    #[test]
    fn a_row_names_a_clause_that_there_is() {
        let row = "[[difference]]\ndifference = '*'\nreason = 'r'\nclause = 'NO-1'\n";
        assert!(Allow::default().reads("own.toml", row).is_err());
        assert!(
            Allow::default()
                .reads("own.toml", "[[diference]]\n")
                .is_err()
        );
    }

    #[test]
    fn a_generated_answer_is_allowed_where_a_hardened_clause_asks_for_it() {
        let recording = Recording::observed().unwrap();
        let allow = Allow::named(&[HARDENED.to_owned()], &[&recording]).unwrap();
        let heard = |words: &str| json!({"connection 1": {"frames": [{"type": "error", "message": words}, "<open>"]}});
        let sound = exchange(heard("'list' object has no"), heard("Invalid JSON"));
        let permit = allow.generated(&["WS-6", "WS-14"], &sound).unwrap();
        assert_eq!(permit.clause.as_deref(), Some("WS-14"));
        assert!(allow.generated(&["WS-15"], &sound).is_none());
        let unsound = exchange(heard("a"), heard("b"));
        assert!(allow.generated(&["WS-14"], &unsound).is_none());
    }

    #[test]
    fn the_own_page_of_one_server_is_a_strangers_to_the_other() {
        let recording = Recording::extended().unwrap();
        let (here, there) = ("http://127.0.0.1:8000", "http://127.0.0.1:8001");
        for (question, servers, due) in [
            (
                "csrf: origin http://127.0.0.1:8000",
                [here, there],
                "the original itself",
            ),
            (
                "ws: origin http://127.0.0.1:8000",
                [there, here],
                "the candidate itself",
            ),
            ("csrf: origin http://127.0.0.1:8000", [there, there], ""),
            ("csrf: origin http://localhost:8000", [here, there], ""),
            ("csrf: origin <base>", [here, there], ""),
            ("method: HEAD /api/", [here, there], ""),
        ] {
            let case = recording.case(question).unwrap();
            let permit = at_home(case, servers);
            let reason = permit.map(|permit| permit.reason).unwrap_or_default();
            assert!(
                reason.ends_with(due) && reason.is_empty() == due.is_empty(),
                "{question}: {reason}"
            );
        }
    }
}
