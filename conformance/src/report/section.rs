//! Where a report tells of a result: what fails the run first, what merely has to be known after it.

use crate::{check::Outcome, report::CheckResult};

/// A part of a report. Results that passed are in none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Violations that fail the run.
    Violations,
    /// Checks that passed although the list of deviations says that they never do.
    Stale,
    /// The suite's own faults.
    Broken,
    /// What should have been possible and was not.
    Untestable,
    /// Violations of a level that was not asked for.
    Tolerated,
    /// Known deviations.
    Deviations,
    /// What the target cannot have.
    NotApplicable,
}

impl Section {
    /// The one a result belongs to.
    pub fn of(result: &CheckResult) -> Option<Self> {
        match (result.outcome, result.fails) {
            (Outcome::Violation, true) => Some(Self::Violations),
            (Outcome::Violation, false) => Some(Self::Tolerated),
            (Outcome::Pass, true) => Some(Self::Stale),
            (Outcome::Pass, false) => None,
            (Outcome::Broken, _) => Some(Self::Broken),
            (Outcome::Untestable, _) => Some(Self::Untestable),
            (Outcome::Deviation, _) => Some(Self::Deviations),
            (Outcome::NotApplicable, _) => Some(Self::NotApplicable),
        }
    }

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Violations => "Violations",
            Self::Stale => "Stale deviations",
            Self::Broken => "Broken",
            Self::Untestable => "Untestable",
            Self::Tolerated => "Violations that do not fail this run",
            Self::Deviations => "Known deviations",
            Self::NotApplicable => "Not applicable",
        }
    }

    /// What it means that a result is in it.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Violations => "the server does otherwise than the clause says",
            Self::Stale => "they pass, though listed as never passing: take them off the list",
            Self::Broken => "the suite's own fault, not the server's",
            Self::Untestable => "should have been possible, and was not",
            Self::Tolerated => "of clauses above the level that was asked for",
            Self::Deviations => "violations that are listed, each with its reason",
            Self::NotApplicable => "the target cannot have it; what would make it testable",
        }
    }
}

/// Every section, in the order reports tell them.
pub const SECTIONS: [Section; 7] = [
    Section::Violations,
    Section::Stale,
    Section::Broken,
    Section::Untestable,
    Section::Tolerated,
    Section::Deviations,
    Section::NotApplicable,
];
