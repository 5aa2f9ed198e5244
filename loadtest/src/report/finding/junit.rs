//! The report of a search for CI servers, in JUnit's XML.

use std::time::Duration;

use quick_junit::{
    NonSuccessKind, Property, Report as Suites, TestCase, TestCaseStatus, TestSuite,
};

use super::{FindingReport, advice};
use crate::{
    capacity::Outcome,
    figure::rate,
    report::{
        junit::{case, said},
        visible::visible,
    },
    threshold::Threshold,
};

/// The report as XML: a case for the answer, which fails and errs as the exit code says, and one for each limit.
#[must_use]
pub fn render(report: &FindingReport) -> String {
    let took = Duration::try_from_secs_f64(report.finding.took_s).unwrap_or_default();
    let mut suite = TestSuite::new("capacity");
    suite.set_time(took);
    suite.add_properties(properties(report));
    suite.add_test_case(answer(report));
    suite.add_test_cases(report.slo.iter().map(|limit| kept(report, limit)));
    let mut suites = Suites::new("chat-loadtest");
    suites.set_time(took);
    suites.add_test_suite(suite);
    // It fails when the text cannot be written, and a string always can.
    suites.to_string().unwrap_or_default()
}

fn properties(report: &FindingReport) -> Vec<Property> {
    let finding = &report.finding;
    let load = |load: Option<f64>| load.map_or_else(|| "none".to_owned(), |load| load.to_string());
    let mut facts = vec![
        ("tool", report.tool.clone()),
        ("command", report.command.clone()),
        ("began", report.began.clone()),
        ("capacity_per_second", load(finding.capacity)),
        ("missed_per_second", load(finding.missed)),
        ("exit_code", report.exit_code.to_string()),
        ("look_next", advice::of(report)),
    ];
    facts.extend(
        report
            .targets
            .iter()
            .map(|target| ("target", target.clone())),
    );
    facts.extend(
        finding
            .remarks
            .iter()
            .map(|remark| ("remark", remark.clone())),
    );
    facts
        .into_iter()
        .map(|(name, value)| Property::new(name, visible(&value)))
        .collect()
}

fn answer(report: &FindingReport) -> TestCase {
    let sentence = &report.finding.sentence;
    let status = match report.word() {
        "within" => TestCaseStatus::success(),
        "missed" => said(NonSuccessKind::Failure, "nothing held", sentence),
        "stopped" => said(NonSuccessKind::Error, "stopped", sentence),
        _ => said(NonSuccessKind::Error, "invalid", sentence),
    };
    let mut case = case("a load that holds was found", "capacity.answer", status);
    case.set_system_out(visible(sentence));
    case
}

/// A limit is kept at the capacity. Where no load held, the limit that was missed there has failed, and of the
/// others nobody knows.
fn kept(report: &FindingReport, limit: &Threshold) -> TestCase {
    let name = limit.to_string();
    let capacity = report.finding.capacity;
    let above = |load: f64| capacity.is_none_or(|capacity| load > capacity);
    let missed = report.finding.curve.iter().rev().find_map(|point| {
        let Outcome::Missed { limit: missed, .. } = &point.outcome else {
            return None;
        };
        let is_told = above(point.load) && missed.starts_with(&name);
        is_told.then(|| format!("at {}: {missed}", rate(point.load)))
    });
    let status = match (capacity, &missed) {
        (Some(_), _) => TestCaseStatus::success(),
        (None, Some(missed)) => said(NonSuccessKind::Failure, "limit missed", missed),
        (None, None) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message("no load held, for another reason");
            status
        }
    };
    let mut case = case(&name, "capacity.limit", status);
    let kept = capacity.map(|load| format!("kept at {}", rate(load)));
    let told: Vec<_> = kept.into_iter().chain(missed).collect();
    case.set_system_out(visible(&told.join("; ")));
    case
}
