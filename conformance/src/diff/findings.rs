//! Where the lanes of a comparison put what they find, while they run side by side.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use super::{
    allow::{Allow, Permit},
    finding::{Finding, Findings},
    progress::Line,
};

/// What all lanes share.
#[derive(Debug)]
pub(super) struct Found<'a> {
    /// The differences that are allowed.
    pub(super) allow: &'a Allow,
    pub(super) line: &'a Line,
    pub(super) findings: &'a Mutex<Findings>,
    pub(super) stop: &'a CancellationToken,
}

impl Found<'_> {
    /// Whether nothing more is to be asked.
    pub(super) fn is_over(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// One difference more.
    pub(super) fn found(&self, mut finding: Finding) {
        if finding.permit.is_none() {
            finding.permit = self.listed(&finding);
        }
        if finding.permit.is_none() {
            self.line.tells(&finding);
        }
        self.findings().add(&finding);
    }

    /// So many recorded questions more have been asked.
    pub(super) fn recorded(&self, n: usize) {
        self.findings().recorded += n;
        self.line.goes_on(n);
    }

    /// So many generated ones more.
    pub(super) fn generated(&self, n: usize) {
        self.findings().generated += n;
        self.line.goes_on(n);
    }

    /// A question that neither could be asked.
    pub(super) fn unasked(&self, question: &str, reason: &str) {
        let unasked = (question.to_owned(), reason.to_owned());
        self.findings().unasked.push(unasked);
    }

    /// A list of one's own allows a difference if it allows all its causes.
    fn listed(&self, finding: &Finding) -> Option<Permit> {
        let mut permit = None;
        for cause in finding.causes() {
            permit = Some(self.allow.listed(&cause.to_string(), &finding.question)?);
        }
        permit
    }

    fn findings(&self) -> MutexGuard<'_, Findings> {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
