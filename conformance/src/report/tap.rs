//! The report in the Test Anything Protocol, version 14.

use std::fmt::Write;

use serde_json::Value;

use crate::{
    check::Outcome,
    report::{CheckResult, Report, telling, visible::on_one_line, visible::visible},
};

/// The report as TAP: a line for each check, diagnostics for those that did not pass.
pub fn render(report: &Report) -> String {
    let mut tap = String::from("TAP version 14\n");
    let _ = writeln!(
        tap,
        "# {}, level {}, seed {}",
        comment(&report.tool),
        report.level,
        report.seed
    );
    for target in &report.targets {
        let _ = writeln!(tap, "# {}", comment(target));
    }
    let _ = writeln!(tap, "1..{}", report.results.len());
    for (n, result) in report.results.iter().enumerate() {
        let _ = writeln!(
            tap,
            "{} {} - {}{}",
            status(result),
            n + 1,
            escaped(&result.check),
            directive(result)
        );
        if result.outcome != Outcome::Pass && result.outcome != Outcome::NotApplicable {
            diagnostics(&mut tap, report, result);
        }
    }
    for note in &report.notes {
        let _ = writeln!(tap, "# {}", comment(note));
    }
    let _ = writeln!(
        tap,
        "# {} (exit code {})",
        report.conclusion(),
        report.exit_code
    );
    if report.exit_code == 2 {
        tap.push_str("Bail out! Nothing ran\n");
    }
    tap
}

fn status(result: &CheckResult) -> &'static str {
    match result.outcome {
        Outcome::Pass if !result.fails => "ok",
        Outcome::NotApplicable => "ok",
        _ => "not ok",
    }
}

/// What fails and does not fail the run is "to do" in TAP's words; what does, bears no directive.
fn directive(result: &CheckResult) -> String {
    let reason = on_one_line(result.reason.as_deref().unwrap_or_default(), REASON);
    let reason = escaped(&reason);
    match (result.outcome, result.fails) {
        (Outcome::NotApplicable, _) => format!(" # SKIP {reason}"),
        (_, true) | (Outcome::Pass, _) => String::new(),
        (Outcome::Deviation, _) => format!(" # TODO {reason}"),
        (outcome, false) => format!(" # TODO {outcome}, does not fail this run: {reason}"),
    }
}

/// YAML in which every value is quoted as JSON quotes it.
fn diagnostics(tap: &mut String, report: &Report, result: &CheckResult) {
    let mut line = |key: &str, value: &str| {
        let _ = writeln!(tap, "  {key} {}", Value::from(visible(value)));
    };
    line("---\n  clause:", &result.clause);
    line("outcome:", result.outcome.word());
    line("level:", &result.level.to_string());
    if let Some(reason) = result.reason.as_ref().filter(|_| result.mismatch.is_none()) {
        line("message:", reason);
    }
    if let Some(mismatch) = &result.mismatch {
        line("message:", &mismatch.what);
        line("expected:", &mismatch.expected);
        line("actual:", &mismatch.actual);
    }
    line("again:", &result.again);
    let told = telling::text(report, &result.transcript, BODY);
    if !told.is_empty() {
        tap.push_str("  transcript:\n");
        for line in told.iter().skip(told.len().saturating_sub(LAST)) {
            let _ = writeln!(tap, "    - {}", Value::from(line.as_str()));
        }
    }
    let _ = writeln!(tap, "  duration_ms: {}\n  ...", result.took);
}

fn escaped(text: &str) -> String {
    visible(text).replace('\\', "\\\\").replace('#', "\\#")
}

fn comment(text: &str) -> String {
    on_one_line(text, usize::MAX)
}

/// How many characters of a reason.
const REASON: usize = 300;
/// How many characters of a body or a frame.
const BODY: usize = 200;
/// How many lines of a transcript.
const LAST: usize = 30;
