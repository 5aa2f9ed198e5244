//! Which questions both are asked: all, or those that the patterns of the command line choose.

use std::collections::BTreeSet;

use anyhow::bail;
use chat_fixtures::{contract::clause, replay::Recording};
use wildmatch::WildMatch;

use super::{
    kinds::{KINDS, Kind},
    plans::{PLANS, PlanKind},
    recorded::Recorded,
    search,
};
use crate::select::near;

/// What both are asked.
#[derive(Debug)]
pub(super) struct Questions {
    pub(super) recorded: Vec<Recorded>,
    pub(super) kinds: Vec<&'static Kind>,
    pub(super) plans: Vec<&'static PlanKind>,
}

impl Questions {
    /// Those that one of the patterns takes by name or by clause; all without patterns.
    ///
    /// # Errors
    /// When a pattern takes none, and what it may have meant.
    pub(super) fn chosen(only: &[String]) -> anyhow::Result<Self> {
        let recorded = [Recording::observed()?, Recording::extended()?];
        let recorded = recorded.into_iter().map(Recorded::new);
        let mut questions = Self {
            recorded: recorded.collect::<Result<_, _>>()?,
            kinds: KINDS.iter().collect(),
            plans: PLANS.iter().collect(),
        };
        if only.is_empty() {
            return Ok(questions);
        }
        let names = questions.names();
        let patterns: Vec<_> = only.iter().map(|text| WildMatch::new(text)).collect();
        for (text, pattern) in only.iter().zip(&patterns) {
            if !names.iter().any(|name| pattern.matches(name)) {
                bail!(
                    "--only {text}: there is no such question{}",
                    meant(text, names)
                );
            }
        }
        let takes = |id: &str, clauses: &[&str]| {
            let takes = |name| patterns.iter().any(|pattern| pattern.matches(name));
            takes(id) || clauses.iter().any(|clause| takes(clause))
        };
        for recorded in &mut questions.recorded {
            recorded.keeps(|id, clause| takes(id, clause.as_slice()));
        }
        questions
            .kinds
            .retain(|kind| takes(&kind.id(), kind.clauses));
        questions
            .plans
            .retain(|kind| takes(&kind.id(), &[kind.clause]));
        Ok(questions)
    }

    /// By which one can ask for them: their own names, and those of their clauses.
    fn names(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for (id, clause) in self.recorded.iter().flat_map(Recorded::names) {
            names.insert(id);
            names.extend(clause.map(str::to_owned));
        }
        for kind in &self.kinds {
            names.insert(kind.id());
            names.extend(kind.clauses.iter().map(|&clause| clause.to_owned()));
        }
        for kind in &self.plans {
            names.extend([kind.id(), kind.clause.to_owned()]);
        }
        names
    }

    /// How many there are, more or less.
    pub(super) fn count(&self, cases: u32) -> usize {
        let recorded: usize = self.recorded.iter().map(Recorded::judged).sum();
        let drawn: u32 = self
            .kinds
            .iter()
            .map(|kind| cases.div_ceil(kind.every))
            .sum();
        recorded + drawn as usize + self.plans.len() * search::plans_of(cases) as usize
    }
}

/// What somebody may have meant who asked for this, and how questions are named.
fn meant(text: &str, names: BTreeSet<String>) -> String {
    if clause(text).is_some() {
        return format!("; none is asked for the sake of this clause alone; {NAMED}");
    }
    // What most names begin with makes none of them alike.
    let own = |name: &str| {
        let own = name
            .split_once('/')
            .filter(|(kind, _)| KINDS_OF.contains(kind));
        own.map_or(name, |(_, own)| own).to_owned()
    };
    let near = near(&own(text), names, own);
    let perhaps = match near.is_empty() {
        true => String::new(),
        false => format!("; perhaps {}", near.join(", ")),
    };
    format!("{perhaps}; {NAMED}")
}

const KINDS_OF: [&str; 2] = ["recorded", "generated"];
const NAMED: &str = "they are named recorded/… as in fixtures/recordings, generated/CLAUSE/…, or by the clause for whose \
                     sake they are asked, as in --only 'recorded/*' or --only WS-3";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn chosen(only: &[&str]) -> anyhow::Result<usize> {
        let only: Vec<_> = only.iter().map(|&text| text.to_owned()).collect();
        Ok(Questions::chosen(&only)?.count(1))
    }

    #[test]
    fn questions_are_chosen_by_name_and_by_clause() {
        let all = chosen(&[]).unwrap();
        let one = ["generated/WS-14/any_json_that_is_no_object"];
        let alone = chosen(&one).unwrap();
        let of_clause = chosen(&["WS-14"]).unwrap();
        assert!(0 < alone && alone < of_clause && of_clause < all);
        assert_eq!(chosen(&[one[0], "WS-14"]).unwrap(), of_clause);
    }

    #[test]
    fn a_question_that_is_none_has_near_ones() {
        for (only, due) in [
            (
                &["WS-3", "generated/WS-3/any_sequence_with_connection"][..],
                "perhaps generated/WS-3/any_sequence_with_connections",
            ),
            (
                &["any_sequence_of_requests"],
                "perhaps generated/HIST-2/any_sequence_of_requests",
            ),
            (&["WS_3"], "perhaps WS-3"),
            (&["CHAT-2"], "none is asked for the sake of this clause"),
            (
                &["recorded/zzz"],
                "no such question; they are named recorded/…",
            ),
        ] {
            let said = chosen(only).unwrap_err().to_string();
            assert!(said.contains(due), "{said}");
        }
    }
}
