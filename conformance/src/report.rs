//! What a run found out, as the reporters read it.

use std::time::Duration;

use chat_fixtures::contract::{Area, Level};
use serde::Serialize;

use crate::{
    check::{Check, Mismatch, Outcome},
    transcript::Entry,
};

mod format;

pub use format::{Format, UnknownFormat};

/// A whole run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// `chat-conformance` and its version.
    pub tool: String,
    /// When it began: RFC 3339, UTC.
    pub began: String,
    /// How long it took, in milliseconds.
    pub took: u128,
    /// The URLs asked.
    pub targets: Vec<String>,
    /// How many processes there are behind them, as far as was told.
    pub processes: usize,
    /// The level whose violations fail the run.
    pub level: Level,
    /// Where all randomness came from.
    pub seed: u64,
    /// What every name of the run began with.
    pub prefix: String,
    /// 0 conforms, 1 violations, 2 nothing ran, 3 incomplete.
    pub exit_code: u8,
    /// Each check, in the order of the tables.
    pub results: Vec<CheckResult>,
    /// What the reader has to know besides: what could not be told apart, what is left behind.
    pub notes: Vec<String>,
}

/// What became of one check.
#[derive(Debug, Clone, Serialize)]
pub struct CheckResult {
    /// `WS-3`.
    pub clause: String,
    /// `WS-3/reaches_every_participant`.
    pub check: String,
    /// The clause's level.
    pub level: Level,
    /// The clause's area.
    pub area: Area,
    /// The clause's words, in Markdown.
    pub text: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Whether it makes the exit code other than 0.
    pub fails: bool,
    /// How long it took, in milliseconds.
    pub took: u128,
    /// Why it did not pass, in one sentence; the deviation's reason for one.
    pub reason: Option<String>,
    /// What was expected and what came, for a violation or a deviation.
    pub mismatch: Option<Mismatch>,
    /// What was sent and heard, unless it passed.
    pub transcript: Vec<Entry>,
    /// The command line that runs this check alone with the same seed.
    pub again: String,
}

impl Report {
    /// How many results there are of an outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.results
            .iter()
            .filter(|result| result.outcome == outcome)
            .count()
    }

    /// The exit code these results ask for.
    pub fn exit_code_of(results: &[CheckResult]) -> u8 {
        let fails = |outcomes: &[Outcome]| {
            results
                .iter()
                .any(|result| result.fails && outcomes.contains(&result.outcome))
        };
        if fails(&[Outcome::Violation, Outcome::Deviation, Outcome::Pass]) {
            1
        } else if fails(&[Outcome::Untestable, Outcome::Broken]) {
            3
        } else if results
            .iter()
            .all(|result| result.outcome == Outcome::NotApplicable)
        {
            2
        } else {
            0
        }
    }
}

impl CheckResult {
    /// A result without explanations.
    pub(crate) fn of(check: &Check, outcome: Outcome, took: Duration) -> Self {
        let clause = check.clause();
        Self {
            clause: check.clause_id(),
            check: check.id(),
            level: clause.map_or(Level::Required, |clause| clause.level),
            area: clause.map_or(Area::Http, |clause| clause.area),
            text: clause.map(|clause| clause.text.clone()).unwrap_or_default(),
            outcome,
            fails: false,
            took: took.as_millis(),
            reason: None,
            mismatch: None,
            transcript: Vec::new(),
            again: String::new(),
        }
    }
}
