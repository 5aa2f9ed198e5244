//! What the results mean for the run: which of them fail it, which were known.

use chat_fixtures::contract::Level;
use time::OffsetDateTime;

use crate::{
    check::{Check, Outcome},
    deviations::{Deviation, Deviations, Shows},
    report::CheckResult,
};

/// By what a run is judged.
#[derive(Debug)]
pub struct Rules<'a> {
    /// The level whose violations fail it.
    pub level: Level,
    /// Clauses that have to hold, and have to be testable, whatever their level.
    pub required: &'a [String],
    /// What is known to be otherwise.
    pub deviations: Option<&'a Deviations>,
}

/// Marks each result that makes the exit code other than 0; the notes for the reader.
pub fn judge(results: &mut [CheckResult], checks: &[&Check], rules: &Rules<'_>) -> Vec<String> {
    let rows = rules.deviations.map_or(&[][..], |list| &list.rows);
    for result in results.iter_mut() {
        let required = rules.required.contains(&result.clause);
        if required && result.outcome == Outcome::NotApplicable {
            result.outcome = Outcome::Untestable;
        }
        let asked = required || result.level <= rules.level;
        result.fails = asked
            && matches!(
                result.outcome,
                Outcome::Violation | Outcome::Untestable | Outcome::Broken
            );
    }
    let mut notes = Vec::new();
    for row in rows {
        applies(row, results, checks);
        if row.is_due(today()) {
            notes.push(format!(
                "the deviation {} was to be looked at again by {}",
                row.check, row.review
            ));
        }
    }
    notes
}

/// A violation that is listed is a deviation; a list that names what does not show is stale.
fn applies(row: &Deviation, results: &mut [CheckResult], checks: &[&Check]) {
    let all: Vec<_> = crate::checks::all()
        .filter(|check| row.is_about(check))
        .map(Check::id)
        .collect();
    let everything_ran = all
        .iter()
        .all(|id| checks.iter().any(|check| check.id() == *id));
    let mut mine: Vec<_> = results
        .iter_mut()
        .filter(|result| all.contains(&result.check))
        .collect();
    for result in &mut mine {
        if result.outcome == Outcome::Violation {
            result.outcome = Outcome::Deviation;
            result.fails = false;
            result.reason = Some(format!("{} ({})", row.reason, row.evidence));
        }
    }
    // A row about several checks says that one of them at least shows it: that takes all of them to deny.
    let denied = everything_ran && mine.iter().all(|result| result.outcome == Outcome::Pass);
    if row.shows == Shows::Always && denied {
        for result in mine {
            result.fails = true;
            result.reason = Some(format!(
                "passes, although listed as a deviation that always shows ({}): the list is stale",
                row.reason
            ));
        }
    }
}

fn today() -> (u16, u8, u8) {
    let now = OffsetDateTime::now_utc();
    let year = u16::try_from(now.year()).unwrap_or(0);
    (year, now.month().into(), now.day())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use std::time::Duration;

    use super::*;
    use crate::{checks, report::Report};

    /// The first check of a clause as the only result, judged.
    fn judged(outcome: Outcome, rules: &Rules<'_>) -> (CheckResult, Vec<String>) {
        let check = checks::all().next().unwrap();
        let mut results = [CheckResult::of(check, outcome, Duration::ZERO)];
        let notes = judge(&mut results, &[check], rules);
        let [result] = results;
        (result, notes)
    }

    fn rules(level: Level) -> Rules<'static> {
        Rules {
            level,
            required: &[],
            deviations: None,
        }
    }

    fn listed(shows: Shows, review: &str) -> Deviations {
        Deviations {
            name: "a list".to_owned(),
            rows: vec![Deviation {
                check: checks::all().next().unwrap().id(),
                shows,
                reason: "known".to_owned(),
                evidence: "seen".to_owned(),
                review: review.parse().unwrap(),
            }],
        }
    }

    fn exit(result: CheckResult) -> u8 {
        Report::exit_code_of(&[result])
    }

    #[test]
    fn what_is_asked_fails_the_run() {
        for (outcome, code) in [
            (Outcome::Pass, 0),
            (Outcome::Violation, 1),
            (Outcome::NotApplicable, 2),
            (Outcome::Untestable, 3),
            (Outcome::Broken, 3),
        ] {
            let (result, _) = judged(outcome, &rules(Level::Hardened));
            assert_eq!(exit(result), code, "{outcome}");
        }
    }

    #[test]
    fn a_required_clause_has_to_be_testable() {
        let check = checks::all().next().unwrap();
        let rules = Rules {
            required: &[check.clause_id()],
            ..rules(Level::Required)
        };
        let (result, _) = judged(Outcome::NotApplicable, &rules);
        assert_eq!(result.outcome, Outcome::Untestable);
        assert_eq!(exit(result), 3);
    }

    #[test]
    fn a_listed_violation_is_a_deviation_and_a_stale_list_fails() {
        for (shows, outcome, code) in [
            (Shows::Always, Outcome::Violation, 0),
            (Shows::Sometimes, Outcome::Violation, 0),
            (Shows::Always, Outcome::Pass, 1),
            (Shows::Sometimes, Outcome::Pass, 0),
            (Shows::Always, Outcome::Untestable, 3),
        ] {
            let list = listed(shows, "9999-12-31");
            let rules = Rules {
                deviations: Some(&list),
                ..rules(Level::Hardened)
            };
            let (result, notes) = judged(outcome, &rules);
            assert_eq!(exit(result), code, "{shows:?} {outcome}");
            assert!(notes.is_empty());
        }
    }

    #[test]
    fn a_row_past_its_review_date_is_a_note() {
        let list = listed(Shows::Sometimes, "2020-01-01");
        let rules = Rules {
            deviations: Some(&list),
            ..rules(Level::Hardened)
        };
        let (result, notes) = judged(Outcome::Pass, &rules);
        assert_eq!(exit(result), 0);
        assert_eq!(notes.len(), 1, "{notes:?}");
    }
}
