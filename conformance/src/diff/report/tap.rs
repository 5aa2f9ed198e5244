//! The comparison in the Test Anything Protocol, version 14.

use std::fmt::Write;

use super::Report;
use crate::report::visible::on_one_line;

/// The report: a point for each difference, each row that is stale, each question that could not be asked; one that
/// passes, where there is none.
pub(super) fn render(report: &Report) -> String {
    let mut points: Vec<String> = Vec::new();
    for difference in &report.differences {
        let id = description(&difference.id);
        points.push(match &difference.allowed {
            Some(by) => format!("not ok - {id} # TODO allowed: {}", description(&by.reason)),
            None => format!("not ok - {id}"),
        });
    }
    let stale = report.stale.iter();
    points.extend(stale.map(|row| format!("not ok - not there any more: {}", description(row))));
    let unasked = report.unasked.iter();
    points.extend(unasked.map(|one| format!("not ok - not asked: {}", description(&one.question))));
    if points.is_empty() {
        points.push("ok - they mean the same".to_owned());
    }
    let mut text = format!("TAP version 14\n1..{}\n", points.len());
    for point in points {
        let _ = writeln!(text, "{point}");
    }
    let _ = writeln!(text, "# {}", report.conclusion());
    if report.cut_short {
        text.push_str("Bail out! It was interrupted.\n");
    }
    text
}

fn description(text: &str) -> String {
    on_one_line(text, 200)
        .replace('\\', "\\\\")
        .replace('#', "\\#")
}
