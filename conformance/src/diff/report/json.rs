//! The comparison for programs. `diff.schema.json` beside the crate says what every field means.

use serde::Serialize;

use super::Report;

/// The report as one JSON document, indented, with a line feed at its end.
pub(super) fn render(report: &Report) -> String {
    let document = Document {
        report: "chat-conformance diff",
        version: VERSION,
        conclusion: report.conclusion(),
        comparison: report,
    };
    let value = serde_json::to_value(&document).unwrap_or_default();
    format!("{value:#}\n")
}

#[derive(Serialize)]
struct Document<'a> {
    report: &'static str,
    version: u32,
    conclusion: String,
    #[serde(flatten)]
    comparison: &'a Report,
}

/// Raised when a field changes its meaning or goes; not for a new one.
const VERSION: u32 = 1;
