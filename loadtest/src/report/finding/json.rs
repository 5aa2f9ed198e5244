//! The report of a search for programs. `finding.schema.json` beside the crate's sources says what every field means.

use serde::Serialize;

use super::{FindingReport, advice};

/// The report as one JSON document, indented, with a line feed at its end.
#[must_use]
pub fn render(report: &FindingReport) -> String {
    let document = Document {
        report: NAME,
        version: VERSION,
        conclusion: &report.finding.sentence,
        look_next: advice::of(report),
        search: report,
    };
    // It fails for maps whose keys are no strings, and there are none.
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text + "\n"
}

#[derive(Serialize)]
struct Document<'a> {
    report: &'static str,
    version: u32,
    conclusion: &'a str,
    look_next: String,
    #[serde(flatten)]
    search: &'a FindingReport,
}

const NAME: &str = "chat-loadtest capacity";
/// Raised when a field changes its meaning or goes; not for a new one.
const VERSION: u32 = 1;
