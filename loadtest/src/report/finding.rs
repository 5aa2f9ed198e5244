//! What a search for the capacity has found, in the forms that reports take.

use serde::{Deserialize, Serialize};

use super::Format;
use crate::capacity::Finding;

/// The report of a search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindingReport {
    /// `chat-loadtest` and its version.
    pub tool: String,
    /// The command line, without what may be secret.
    pub command: String,
    /// The limits that had to be kept.
    pub slo: Vec<String>,
    /// What was found.
    pub finding: Finding,
}

impl FindingReport {
    /// The report of this program on a search.
    #[must_use]
    pub fn of(finding: Finding, slo: Vec<String>, command: String) -> Self {
        Self {
            tool: format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")),
            command,
            slo,
            finding,
        }
    }

    /// The report in this form.
    #[must_use]
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Json => serde_json::to_string_pretty(self).unwrap_or_default(),
            _ => self.finding.to_string(),
        }
    }
}
