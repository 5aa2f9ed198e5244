//! What a run found out, as the reporters read it; a file for each form of report.

use chat_fixtures::output::Outputs;
use serde::{Deserialize, Serialize};

use crate::{measurement::Measurement, verdict::Verdict};

pub mod advice;
pub mod chart;
mod command;
pub mod finding;
mod format;
pub mod hdr;
pub mod html;
pub mod json;
pub mod junit;
mod pictures;
pub mod prometheus;
mod rows;
mod sheet;
pub mod terminal;
mod visible;

pub use command::redacted;
pub use finding::FindingReport;
pub use format::{FORMATS, Format, ReportTo};

/// A whole run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// `chat-loadtest` and its version.
    pub tool: String,
    /// The command line, without what may be secret.
    pub command: String,
    /// What is to be held of the run.
    pub verdict: Verdict,
    /// What it has shown.
    pub measurement: Measurement,
}

impl Report {
    /// The report of this program on a run that was asked for by this command line
    /// ([`redacted`] takes out what may be secret).
    #[must_use]
    pub fn of(measurement: Measurement, verdict: Verdict, command: String) -> Self {
        Self {
            tool: format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")),
            command,
            verdict,
            measurement,
        }
    }

    /// Writes it, in the form and to the place of each output.
    ///
    /// # Errors
    /// The first that could not be written.
    pub fn write_to(&self, outputs: Outputs<Format>) -> anyhow::Result<()> {
        outputs.write_each(|format, is_coloured| match (format, is_coloured) {
            (Format::Terminal, true) => terminal::render_coloured(self),
            _ => format.render(self),
        })
    }
}
