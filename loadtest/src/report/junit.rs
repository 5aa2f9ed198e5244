//! The report for CI servers, in JUnit's XML.

use std::time::Duration;

use quick_junit::{
    NonSuccessKind, Property, Report as Suites, TestCase, TestCaseStatus, TestSuite,
};

use crate::{
    measurement::Rule,
    report::{Report, advice, rows, visible::visible},
    threshold::{Subject, Threshold, counted::Kind},
    verdict::Judged,
};

/// The report as XML: a case for each limit, those included that hold of every run; one for whether the run is valid,
/// one for whether every message arrived as it should, and one for its end where it was stopped. A limit that is
/// missed is a failure, an invalid or a stopped run an error. Broken promises that no
/// limit asks about do not fail the run, so they do not fail here: they are skipped, with their words.
#[must_use]
pub fn render(report: &Report) -> String {
    let took = Duration::try_from_secs_f64(report.measurement.measured_s).unwrap_or_default();
    let mut suite = TestSuite::new(visible(&report.measurement.load.scenario));
    suite.set_time(took);
    suite.add_properties(properties(report));
    suite.add_test_case(validity(report));
    suite.add_test_case(integrity(report));
    suite.add_test_cases(report.verdict.stopped.iter().map(|so_far| {
        let status = said(
            NonSuccessKind::Error,
            "stopped",
            &format!("stopped {so_far}"),
        );
        case("the run came to its end", "end", status)
    }));
    suite.add_test_cases(report.verdict.thresholds.iter().map(limit));
    suite.add_test_cases(report.verdict.goose.iter().map(limit_of_goose));
    let mut suites = Suites::new("chat-loadtest");
    suites.set_time(took);
    suites.add_test_suite(suite);
    // It fails when the text cannot be written, and a string always can.
    suites.to_string().unwrap_or_default()
}

fn properties(report: &Report) -> Vec<Property> {
    let run = &report.measurement;
    let mut facts = vec![
        ("tool", report.tool.clone()),
        ("command", report.command.clone()),
        ("began", run.began.clone()),
        ("load", rows::asked(&run.load)),
        ("seed", run.load.seed.to_string()),
        ("verdict", report.verdict.word().to_owned()),
        ("exit_code", report.verdict.exit_code.to_string()),
        ("look_next", advice::of(report)),
    ];
    facts.extend(run.targets.iter().map(|target| ("target", target.clone())));
    facts.extend(run.remarks.iter().map(|remark| ("remark", remark.clone())));
    facts
        .into_iter()
        .map(|(name, value)| Property::new(name, visible(&value)))
        .collect()
}

fn validity(report: &Report) -> TestCase {
    let verdict = &report.verdict;
    let status = match verdict.is_valid() {
        true => TestCaseStatus::success(),
        false => said(
            NonSuccessKind::Error,
            "invalid",
            &verdict.invalid.join("; "),
        ),
    };
    case("the run is a measurement of the server", "validity", status)
}

fn integrity(report: &Report) -> TestCase {
    let (found, _) = rows::bad(&report.measurement);
    let wrong: Vec<_> = found
        .iter()
        .filter(|bad| bad.is_wrong)
        .map(|bad| bad.text.as_str())
        .collect();
    let is_asked = report
        .verdict
        .missed()
        .any(|judged| is_about_promises(&judged.threshold));
    let status = match (wrong.is_empty(), is_asked) {
        (true, _) => TestCaseStatus::success(),
        (false, true) => said(NonSuccessKind::Failure, "integrity", &wrong.join(", ")),
        (false, false) => {
            let mut status = TestCaseStatus::skipped();
            status.set_type("integrity");
            status.set_message(format!(
                "{}; no limit that is missed asks about it",
                wrong.join(", ")
            ));
            status
        }
    };
    case(
        "every message arrived once, in order, where it belongs",
        "integrity",
        status,
    )
}

fn limit(judged: &Judged) -> TestCase {
    let class = match judged.always {
        Some(_) => "load",
        None => "limit",
    };
    let limit = judged.threshold.to_string();
    held(&limit, class, judged.is_met, &rows::stands_at(judged))
}

fn limit_of_goose(rule: &Rule) -> TestCase {
    held(&rows::of_goose(rule), "limit", rule.is_met, rule.told())
}

fn held(limit: &str, class: &str, is_met: bool, told: &str) -> TestCase {
    let status = match is_met {
        true => TestCaseStatus::success(),
        false => said(NonSuccessKind::Failure, "limit missed", told),
    };
    let mut case = case(limit, class, status);
    case.set_system_out(visible(told));
    case
}

fn is_about_promises(threshold: &Threshold) -> bool {
    match &threshold.subject {
        Subject::Count(counted) | Subject::Ratio(counted) | Subject::PerSecond(counted) => {
            counted.kind == Kind::Wrong
        }
        Subject::Times(..) => false,
    }
}

/// A case that failed or erred, and with what words.
pub(super) fn said(kind: NonSuccessKind, of: &str, message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(of);
    status.set_message(visible(message));
    status
}

/// A case of a class among this program's.
pub(super) fn case(name: &str, class: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(visible(name), status);
    case.set_classname(format!("chat-loadtest.{class}"));
    case
}
