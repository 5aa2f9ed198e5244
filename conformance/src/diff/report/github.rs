//! The comparison as annotations on a GitHub workflow's run.

use super::Report;
use crate::report::github::command;

/// The report as workflow commands: the sum as a notice, an error for each difference that nobody allows and for each
/// row that is stale. GitHub shows the first ten of a kind.
pub(super) fn render(report: &Report) -> String {
    let mut commands = String::new();
    let sum = format!(
        "{}\n{}\n{}",
        report.conclusion(),
        report.original,
        report.candidate
    );
    command(&mut commands, "notice", &report.tool, &sum);
    for difference in report.forbidden() {
        let mut lines = vec![difference.clause_and_level()];
        lines.extend(difference.text.clone());
        lines.extend(difference.story.iter().cloned());
        lines.extend(difference.places.iter().cloned());
        lines.push(difference.again.clone());
        command(&mut commands, "error", &difference.id, &lines.join("\n"));
    }
    for row in &report.stale {
        let title = "allowed, and not there any more";
        command(&mut commands, "error", title, row);
    }
    for one in &report.unasked {
        let text = format!("{}: {}", one.question, one.reason);
        command(&mut commands, "warning", "not asked", &text);
    }
    commands
}
