//! The report as annotations on a GitHub workflow's run.

use std::fmt::Write;

use crate::report::{
    CheckResult, OUTCOMES, Report, SECTIONS, Section,
    visible::{shortened, visible},
};

/// The report as workflow commands: the sum as a notice, an error for each check that fails the run, a
/// warning for each that differs without failing it. GitHub shows the first ten of a kind.
pub fn render(report: &Report) -> String {
    let mut commands = String::new();
    let counts: Vec<_> = OUTCOMES
        .iter()
        .map(|outcome| (*outcome, report.count(*outcome)))
        .filter(|(_, n)| *n > 0)
        .map(|(outcome, n)| format!("{n} {outcome}"))
        .collect();
    let sum = format!(
        "{}\n{}\n{}",
        report.conclusion(),
        counts.join(", "),
        report.targets.join("\n")
    );
    command(
        &mut commands,
        "notice",
        &format!("{}, level {}", report.tool, report.level),
        &sum,
    );
    for section in SECTIONS {
        for result in report.of(section) {
            let kind = match section {
                Section::NotApplicable | Section::Deviations => continue,
                _ if result.fails => "error",
                _ => "warning",
            };
            command(
                &mut commands,
                kind,
                &format!("{} {}", result.check, result.outcome),
                &told(result, section),
            );
        }
    }
    commands
}

fn told(result: &CheckResult, section: Section) -> String {
    let mut lines = vec![
        format!("{}: {}", section.title(), section.meaning()),
        result.text.clone(),
    ];
    match &result.mismatch {
        Some(mismatch) => {
            lines.push(mismatch.what.clone());
            lines.push(format!(
                "expected: {}",
                shortened(&mismatch.expected, SHOWN)
            ));
            lines.push(format!("actual: {}", shortened(&mismatch.actual, SHOWN)));
        }
        None => lines.extend(result.reason.clone()),
    }
    lines.push(result.again.clone());
    lines.join("\n")
}

pub(crate) fn command(commands: &mut String, kind: &str, title: &str, message: &str) {
    let _ = writeln!(
        commands,
        "::{kind} title={}::{}",
        property(title),
        data(message)
    );
}

/// As GitHub's own toolkit escapes what follows the second `::`.
fn data(text: &str) -> String {
    visible(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// And what stands before it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// How many characters of expected and actual.
const SHOWN: usize = 600;
