//! The report for CI servers, in JUnit's XML.

use std::time::Duration;

use chat_fixtures::contract::Area;
use quick_junit::{
    NonSuccessKind, Property, Report as Suites, TestCase, TestCaseStatus, TestSuite,
};

use crate::{
    check::Outcome,
    report::{
        CheckResult, Report, telling,
        visible::{on_one_line, visible},
    },
    reproduction,
};

/// The report as XML: a suite for each area of the contract, a case for each check. A violation is a
/// failure; what could not be asked an error; what need not hold is skipped.
pub fn render(report: &Report) -> String {
    let mut suites = Suites::new("chat-conformance");
    suites.set_time(milliseconds(report.took));
    let mut areas: Vec<Area> = Vec::new();
    for result in &report.results {
        if !areas.contains(&result.area) {
            areas.push(result.area);
        }
    }
    for area in areas {
        let mut suite = TestSuite::new(area.to_string());
        suite.add_properties(properties(report));
        let results = report.results.iter().filter(|result| result.area == area);
        suite.set_time(milliseconds(
            results.clone().map(|result| result.took).sum(),
        ));
        suite.add_test_cases(results.map(|result| case(report, result)));
        suites.add_test_suite(suite);
    }
    // It fails when the text cannot be written, and a string always can.
    suites.to_string().unwrap_or_default()
}

fn properties(report: &Report) -> Vec<Property> {
    let property = |name: &str, value: &str| Property::new(name, visible(value));
    let mut properties = vec![
        property("tool", &report.tool),
        property("began", &report.began),
        property("level", &report.level.to_string()),
        property("seed", &report.seed.to_string()),
        property("processes", &report.processes.to_string()),
        property("verdict", report.verdict()),
        property("exit_code", &report.exit_code.to_string()),
    ];
    properties.extend(
        report
            .targets
            .iter()
            .map(|target| property("target", target)),
    );
    properties.extend(report.notes.iter().map(|note| property("note", note)));
    properties
}

fn case(report: &Report, result: &CheckResult) -> TestCase {
    let reason = on_one_line(result.reason.as_deref().unwrap_or_default(), REASON);
    let mut status = match (result.outcome, result.fails) {
        (Outcome::Pass, false) => TestCaseStatus::success(),
        (Outcome::Pass | Outcome::Violation | Outcome::Deviation, true) => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
        (Outcome::Untestable | Outcome::Broken, true) => {
            TestCaseStatus::non_success(NonSuccessKind::Error)
        }
        (Outcome::NotApplicable, _) | (_, false) => TestCaseStatus::skipped(),
    };
    status.set_type(result.outcome.word());
    status.set_message(match (result.outcome, result.fails) {
        (Outcome::Violation | Outcome::Untestable | Outcome::Broken, false) => {
            format!("{}, does not fail this run: {reason}", result.outcome)
        }
        (Outcome::Deviation, false) => format!("known deviation: {reason}"),
        _ => reason,
    });
    if result.outcome != Outcome::Pass && result.outcome != Outcome::NotApplicable {
        status.set_description(description(report, result));
    }
    let mut case = TestCase::new(visible(&result.check), status);
    case.set_classname(visible(&result.clause));
    case.set_time(milliseconds(result.took));
    case.add_property(Property::new("level", result.level.to_string()));
    case.add_property(Property::new("outcome", result.outcome.word()));
    if result.fails {
        let told = telling::text(report, &result.transcript, BODY);
        if !told.is_empty() {
            case.set_system_out(visible(&told.join("\n")));
        }
    }
    case
}

fn description(report: &Report, result: &CheckResult) -> String {
    let mut parts = vec![format!("{}: {}", result.clause, result.text)];
    match &result.mismatch {
        Some(mismatch) => parts.push(format!(
            "{}\nexpected: {}\nactual:   {}",
            mismatch.what, mismatch.expected, mismatch.actual
        )),
        None => parts.extend(result.reason.clone()),
    }
    parts.push(format!("again: {}", result.again));
    if result.fails {
        parts.extend(reproduction::script(report, result));
    }
    visible(&parts.join("\n\n"))
}

fn milliseconds(took: u128) -> Duration {
    Duration::from_millis(took.try_into().unwrap_or(u64::MAX))
}

/// How many characters of a reason.
const REASON: usize = 400;
/// How many characters of a body or a frame.
const BODY: usize = 400;
