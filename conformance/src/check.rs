//! One check: a clause, a name, a story that can fail; and what may come of it.

use std::{fmt, pin::Pin};

use chat_fixtures::{
    answer::NotJson,
    client::ClientError,
    contract::{Clause, clause},
};
use serde::Serialize;

use crate::context::Context;

/// One row of a table of checks.
#[derive(Clone, Copy)]
pub struct Check {
    /// The clause as the tables spell it: `WS_3`.
    pub(crate) spelling: &'static str,
    /// The function's name, which says what holds: `reaches_every_participant`.
    pub name: &'static str,
    /// What the runner has to know beforehand.
    pub marks: &'static [Mark],
    pub(crate) run: Story,
}

/// A check's function.
pub(crate) type Story =
    for<'a> fn(&'a Context) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// What the runner has to know of a check before it runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Runs while no other check does: it measures time, or does what the others would notice.
    Alone,
    /// Waits for tens of seconds because the clause does; runs beside all others, at level `hardened`
    /// or when asked for.
    Waits,
    /// Makes its inputs at random from the seed; not counted among the checks that are written out.
    Generated,
}

/// What a check says: nothing, when all is well.
pub type Verdict = Result<(), Failure>;

/// Why a check did not pass.
#[derive(Debug, Clone)]
pub enum Failure {
    /// The server does otherwise than the clause says.
    Violation(Mismatch),
    /// The target cannot have it: says what would make it testable.
    NotApplicable(String),
    /// Should have been possible, and was not: says what was missing.
    Untestable(String),
    /// The suite's own fault.
    Broken(String),
}

/// What was expected and what came.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Mismatch {
    /// What was looked at, as `bob's next frame`.
    pub what: String,
    /// What the clause asks for.
    pub expected: String,
    /// What the server did.
    pub actual: String,
}

/// What became of a check in a run; the words are those of the JSON report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It holds.
    Pass,
    /// It does not.
    Violation,
    /// It does not, and is listed as a known deviation.
    Deviation,
    /// The target cannot have it.
    #[serde(rename = "not applicable")]
    NotApplicable,
    /// Should have been possible, and was not.
    Untestable,
    /// The suite's own fault.
    Broken,
}

impl Check {
    /// The clause it asks about.
    ///
    /// The tables are held against the contract when the crate is built, so there always is one.
    pub fn clause(&self) -> Option<&'static Clause> {
        clause(&self.clause_id())
    }

    /// The clause's id: `WS-3`.
    pub fn clause_id(&self) -> String {
        self.spelling.replace('_', "-")
    }

    /// `WS-3/reaches_every_participant`.
    pub fn id(&self) -> String {
        format!("{}/{}", self.clause_id(), self.name)
    }

    /// Whether it has this mark.
    pub fn is(&self, mark: Mark) -> bool {
        self.marks.contains(&mark)
    }
}

impl Failure {
    /// A violation: what was looked at, what the clause asks for, what came.
    pub fn violation(
        what: impl fmt::Display,
        expected: impl fmt::Display,
        actual: impl fmt::Display,
    ) -> Self {
        Self::Violation(Mismatch {
            what: what.to_string(),
            expected: expected.to_string(),
            actual: actual.to_string(),
        })
    }

    /// The same failure as one of the preparations: what a check needs but is not about.
    #[must_use]
    pub fn in_preparation(self, of: &str) -> Self {
        match self {
            Self::Violation(mismatch) => {
                Self::Untestable(format!("to {of} was not possible: {mismatch}"))
            }
            other => other,
        }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Unexpected { step, status, body } => {
                Self::violation(step, "that it succeeds", format!("{status} {body}"))
            }
            ClientError::Unheard { step, heard } => Self::violation(step, "the frame due", heard),
            ClientError::Late { what, after } => Self::violation(
                what,
                format!("an answer within {after:?}"),
                "no answer in that time",
            ),
            ClientError::Broken { what, reason } => Self::violation(what, "an answer", reason),
            ClientError::NotJson(error) => error.into(),
            ClientError::Unsendable { .. } => Self::Broken(error.to_string()),
        }
    }
}

impl From<NotJson> for Failure {
    fn from(error: NotJson) -> Self {
        Self::violation("the answer", "JSON", error)
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: expected {}, got {}",
            self.what, self.expected, self.actual
        )
    }
}

impl Outcome {
    /// In the words of the reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Violation => "violation",
            Self::Deviation => "deviation",
            Self::NotApplicable => "not applicable",
            Self::Untestable => "untestable",
            Self::Broken => "broken",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id())
    }
}

/// The table at the top of a file of checks: a clause of the contract, the function that asks about it,
/// and its [`Mark`]s if it has any.
///
/// ```ignore
/// checks! {
///     WS_3 => reaches_every_participant,
///     AUTH_2p => takes_as_long_for_an_unknown_user [Alone],
/// }
/// ```
#[macro_export]
macro_rules! checks {
    ($($clause:ident => $check:ident $([$($mark:ident),+])?),* $(,)?) => {
        /// This file's checks.
        pub(crate) const CHECKS: &[$crate::check::Check] = &[$(
            $crate::check::Check {
                spelling: stringify!($clause),
                name: stringify!($check),
                marks: &[$($($crate::check::Mark::$mark),+)?],
                run: |cx| Box::pin($check(cx)),
            }
        ),*];
    };
}
