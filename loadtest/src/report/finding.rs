//! The report of a search for the capacity, as its reporters read it; a file for each form.

use anyhow::bail;
use chat_fixtures::output::{Form, Outputs};
use serde::{Deserialize, Serialize};

use crate::{
    capacity::{Answer, Finding},
    report::Format,
    threshold::Threshold,
};

mod advice;
pub mod html;
pub mod json;
pub mod junit;
mod pictures;
mod rows;
pub mod terminal;

/// A whole search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindingReport {
    /// `chat-loadtest` and its version.
    pub tool: String,
    /// The command line, without what may be secret.
    pub command: String,
    /// When the first probe began: RFC 3339.
    pub began: String,
    /// The base URLs, in the order of their numbers.
    pub targets: Vec<String>,
    /// What the device is: processor, cores, memory.
    pub machine: String,
    /// The limits that had to be kept.
    pub slo: Vec<Threshold>,
    /// What was found.
    pub finding: Finding,
    /// The program's exit code ([`exit_code`]).
    pub exit_code: u8,
}

/// What a report says beside the finding.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The command line ([`redacted`](crate::report::redacted) takes out what may be secret).
    pub command: String,
    /// When the first probe began: RFC 3339.
    pub began: String,
    /// The base URLs, in the order of their numbers.
    pub targets: Vec<String>,
    /// What the device is.
    pub machine: String,
    /// The limits that had to be kept.
    pub slo: Vec<Threshold>,
}

impl FindingReport {
    /// The report of this program on a search.
    #[must_use]
    pub fn of(finding: Finding, about: About) -> Self {
        Self {
            tool: format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")),
            command: about.command,
            began: about.began,
            targets: about.targets,
            machine: about.machine,
            slo: about.slo,
            exit_code: exit_code(&finding),
            finding,
        }
    }

    /// The exit code in a word: `within`, `missed`, `stopped` or `invalid`, as of a run.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self.exit_code {
            CARRIES => "within",
            NOTHING_HELD => "missed",
            BROKEN_OFF => "stopped",
            _ => "invalid",
        }
    }

    /// Writes it, in the form and to the place of each output. A form that a search does not have is no document,
    /// and an error.
    ///
    /// # Errors
    /// The first that could not be written.
    pub fn write_to(&self, outputs: Outputs<Format>) -> anyhow::Result<()> {
        let known: Vec<_> = Format::of_searches().collect();
        if let Some(form) = outputs.forms().find(|form| !known.contains(form)) {
            bail!("a search has no report as {}", form.name());
        }
        outputs.write_each(|format, is_coloured| match (format, is_coloured) {
            (Format::Terminal, true) => terminal::render_coloured(self),
            _ => format.render_search(self).unwrap_or_default(),
        })
    }
}

/// 0 when a load held and the deployment set the end, the search or its time; 1 when no load held; 2 when somebody broke
/// it off before anything was known to fail; 4 when the device set the end, so that nobody knows the deployment's.
#[must_use]
pub fn exit_code(finding: &Finding) -> u8 {
    // Where something broke that was not the deployment's, it was the device.
    let by_device = finding.missed.is_some() && finding.broke.is_none();
    match finding.answer {
        Answer::DeviceBrokeFirst => DEVICE,
        Answer::OutOfTime if by_device => DEVICE,
        Answer::Interrupted if finding.capacity.is_some() || finding.broke.is_none() => BROKEN_OFF,
        _ if finding.capacity.is_none() => NOTHING_HELD,
        _ => CARRIES,
    }
}

const CARRIES: u8 = 0;
const NOTHING_HELD: u8 = 1;
const BROKEN_OFF: u8 = 2;
const DEVICE: u8 = 4;
