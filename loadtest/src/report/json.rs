//! The report for programs. `report.schema.json` beside the crate's sources says what every field means.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::report::{Report, advice};

/// The report as one JSON document, indented, with a line feed at its end.
#[must_use]
pub fn render(report: &Report) -> String {
    let document = Document {
        report: NAME,
        version: VERSION,
        conclusion: report.verdict.conclusion(),
        look_next: advice::of(report),
        run: report,
    };
    // It fails for maps whose keys are no strings, and there are none.
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text + "\n"
}

/// Reads what [`render`] wrote.
///
/// # Errors
/// When it is no such document, or one of another version.
pub fn read(text: &str) -> Result<Report, Unreadable> {
    let head: Head = serde_json::from_str(text)?;
    if head.report != NAME {
        return Err(Unreadable::Another(head.report));
    }
    if head.version != VERSION {
        return Err(Unreadable::Version(head.version));
    }
    Ok(serde_json::from_str(text)?)
}

/// Why a text is no report of ours.
#[derive(Debug, Error)]
pub enum Unreadable {
    /// Not JSON, or not of this form.
    #[error("it is no report as `--report json=PATH` writes it: {0}")]
    Form(#[from] serde_json::Error),
    /// Another program's.
    #[error("it is a report of {0:?}, not of {NAME}")]
    Another(String),
    /// A version that this program does not know.
    #[error("it is of version {0}; this program reads version {VERSION}")]
    Version(u32),
}

#[derive(Serialize)]
struct Document<'a> {
    report: &'static str,
    version: u32,
    conclusion: String,
    look_next: String,
    #[serde(flatten)]
    run: &'a Report,
}

#[derive(Deserialize)]
struct Head {
    report: String,
    version: u32,
}

const NAME: &str = "chat-loadtest";
/// Raised when a field changes its meaning or goes; not for a new one.
const VERSION: u32 = 1;
