//! The comparison for CI servers, in JUnit's XML.

use std::time::Duration;

use quick_junit::{
    NonSuccessKind, Property, Report as Suites, TestCase, TestCaseStatus, TestSuite,
};

use super::{Difference, Report};
use crate::report::visible::visible;

/// The report as XML: a case for each difference, a failure unless it is allowed; what could not be asked is an error.
pub(super) fn render(report: &Report) -> String {
    let mut suites = Suites::new("chat-conformance diff");
    let took = Duration::from_millis(report.took.try_into().unwrap_or(u64::MAX));
    suites.set_time(took);
    let mut suite = TestSuite::new("differences");
    let property = |name: &str, value: &str| Property::new(name, visible(value));
    suite.add_properties([
        property("tool", &report.tool),
        property("began", &report.began),
        property("original", &report.original),
        property("candidate", &report.candidate),
        property("seed", &report.seed.to_string()),
        property("conclusion", &report.conclusion()),
        property("exit_code", &report.exit_code.to_string()),
    ]);
    suite.set_time(took);
    suite.add_test_cases(report.differences.iter().map(case));
    let fails = |kind, name: &str, text: &str| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_message(visible(text));
        TestCase::new(visible(name), status)
    };
    for row in &report.stale {
        let text = "allowed, and not there any more";
        suite.add_test_case(fails(NonSuccessKind::Failure, row, text));
    }
    for one in &report.unasked {
        suite.add_test_case(fails(NonSuccessKind::Error, &one.question, &one.reason));
    }
    if report.cut_short {
        let text = "it was interrupted";
        suite.add_test_case(fails(
            NonSuccessKind::Error,
            "all questions are asked",
            text,
        ));
    }
    if suite.test_cases.is_empty() {
        suite.add_test_case(TestCase::new(
            "they mean the same",
            TestCaseStatus::success(),
        ));
    }
    suites.add_test_suite(suite);
    // It fails when the text cannot be written, and a string always can.
    suites.to_string().unwrap_or_default()
}

fn case(difference: &Difference) -> TestCase {
    let status = match &difference.allowed {
        Some(by) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(visible(&format!("allowed by {}: {}", by.list, by.reason)));
            status
        }
        None => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(visible(&difference.places.join("; ")));
            status.set_description(description(difference));
            status
        }
    };
    let mut case = TestCase::new(visible(&difference.id), status);
    case.set_classname(difference.clause.clone().unwrap_or_default());
    case.add_property(Property::new("count", difference.count.to_string()));
    case
}

fn description(difference: &Difference) -> String {
    let story: Vec<_> = difference
        .story
        .iter()
        .enumerate()
        .map(|(n, step)| format!("{:3}. {step}", n + 1))
        .collect();
    let parts: Vec<_> = difference
        .parts
        .iter()
        .filter(|part| part.differs)
        .map(|part| {
            let told = |side: &Option<String>| side.clone().unwrap_or_else(|| "(nothing)".into());
            format!(
                "{}\n  original:  {}\n  candidate: {}",
                part.at,
                told(&part.original),
                told(&part.candidate)
            )
        })
        .collect();
    let clause = difference.clause_and_level();
    let text = difference.text.clone().unwrap_or_default();
    visible(&format!(
        "{clause}: {text}\n\n{}:\n{}\n\n{}\n\nagain: {}\n\n{}",
        difference.length(),
        story.join("\n"),
        parts.join("\n"),
        difference.again,
        difference.reproduction
    ))
}
