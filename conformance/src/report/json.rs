//! The report for programs. `report.schema.json` beside the crate says what every field means.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    report::{CheckResult, OUTCOMES, Report, visible::visible},
    reproduction,
};

/// The report as one JSON document, indented, with a line feed at its end.
pub fn render(report: &Report) -> String {
    let document = Document {
        report: "chat-conformance",
        version: VERSION,
        verdict: report.verdict(),
        conclusion: visible(&report.conclusion()),
        counts: OUTCOMES
            .iter()
            .map(|outcome| (outcome.word().to_owned(), report.count(*outcome).into()))
            .collect(),
        run: report,
    };
    let mut value = serde_json::to_value(&document).unwrap_or_default();
    // The script is made of the rest, so it is no part of a result.
    if let Some(results) = value.get_mut("results").and_then(Value::as_array_mut) {
        for (value, result) in results.iter_mut().zip(&report.results) {
            add_reproduction(value, report, result);
        }
    }
    format!("{value:#}\n")
}

#[derive(Serialize)]
struct Document<'a> {
    report: &'static str,
    version: u32,
    verdict: &'static str,
    conclusion: String,
    counts: Map<String, Value>,
    #[serde(flatten)]
    run: &'a Report,
}

fn add_reproduction(value: &mut Value, report: &Report, result: &CheckResult) {
    if let Some(fields) = value.as_object_mut() {
        let script = reproduction::script(report, result);
        fields.insert("reproduction".to_owned(), script.into());
    }
}

/// Raised when a field changes its meaning or goes; not for a new one.
const VERSION: u32 = 1;
