//! The report as text for people: the sum first, then what failed and why, then what else has to be known.

mod explained;
mod lines;

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use crate::{
    check::Outcome,
    report::{
        CheckResult, LEVELS, OUTCOMES, Report, SECTIONS, Section,
        visible::{amount, duration, on_one_line, visible},
    },
    runner::INTERRUPTED,
};

/// The report without colour.
pub fn render(report: &Report) -> String {
    Page::new(false).of(report)
}

/// The report with ANSI colours.
pub fn render_coloured(report: &Report) -> String {
    Page::new(true).of(report)
}

struct Page {
    coloured: bool,
    text: String,
}

impl Page {
    fn new(coloured: bool) -> Self {
        let text = String::new();
        Self { coloured, text }
    }

    fn of(mut self, report: &Report) -> String {
        self.heads(report);
        self.counts(report);
        for section in SECTIONS {
            let results: Vec<_> = report.of(section).collect();
            if results.is_empty() {
                continue;
            }
            let title = self.styled(BOLD, &format!("{} ({})", section.title(), results.len()));
            self.line("");
            self.line(&format!("{title}: {}", section.meaning()));
            match section {
                Section::Violations | Section::Broken => {
                    for (n, result) in results.into_iter().enumerate() {
                        self.explains(report, result, n < IN_FULL);
                    }
                }
                Section::Untestable => {
                    let (alike, own): (Vec<_>, Vec<_>) = results
                        .iter()
                        .partition(|result| has_many_alike(result, &results));
                    for result in own {
                        self.explains(report, result, false);
                    }
                    self.counted(&alike);
                }
                Section::NotApplicable => self.groups(&results),
                Section::Stale | Section::Tolerated | Section::Deviations => self.lists(&results),
            }
        }
        self.closes(report);
        self.text
    }

    fn heads(&mut self, report: &Report) {
        let processes = match report.processes {
            1 => "1 process".to_owned(),
            n => format!("{n} processes"),
        };
        let tool = self.styled(BOLD, &visible(&report.tool));
        self.line(&format!(
            "{tool} · level {} · seed {} · {} · {}",
            report.level,
            report.seed,
            visible(&report.began),
            duration(report.took)
        ));
        self.wrapped(
            "",
            &format!(
                "{} · {processes}",
                on_one_line(&report.targets.join(" · "), usize::MAX)
            ),
        );
        self.line("");
        for headline in &report.headlines {
            self.hanging("", "  ", &visible(headline));
        }
        if !report.headlines.is_empty() {
            self.line("");
        }
    }

    fn counts(&mut self, report: &Report) {
        let mut line = format!("{:10}", "");
        for outcome in OUTCOMES {
            let _ = write!(line, "{:>16}", outcome.word());
        }
        self.line(&line);
        for level in LEVELS {
            let mut line = format!("{level:10}");
            for outcome in OUTCOMES {
                let _ = write!(line, "{:>16}", report.count_at(level, outcome));
            }
            self.line(&line);
        }
        let mut line = format!("{:10}", "all");
        for outcome in OUTCOMES {
            let n = format!("{:>16}", report.count(outcome));
            let style = if report.count(outcome) > 0 {
                style_of(outcome)
            } else {
                Style::new()
            };
            line.push_str(&self.styled(style, &n));
        }
        self.line(&line);
    }

    fn lists(&mut self, results: &[&CheckResult]) {
        for result in results {
            let reason = result.reason.as_deref().unwrap_or_default();
            let line = format!(
                "{} {} · {}",
                mark_of(result.outcome),
                visible(&result.check),
                result.level
            );
            let line = if reason.is_empty() {
                line
            } else {
                format!("{line} · {}", on_one_line(reason, REASON))
            };
            self.hanging("  ", "    ", &line);
        }
    }

    /// Many checks lack the same thing, so each is told once with those that lack it.
    fn groups(&mut self, results: &[&CheckResult]) {
        let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
        for result in results {
            let reason = result.reason.as_deref().unwrap_or("(no reason is known)");
            let check = visible(&result.check);
            match groups.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, checks)) => checks.push(check),
                None => groups.push((reason, vec![check])),
            }
        }
        for (reason, checks) in groups {
            self.hanging("  – ", "    ", &on_one_line(reason, REASON));
            self.names("    ", &checks);
        }
    }

    /// What so many checks have in common that their names would tell nothing: a line for each reason.
    fn counted(&mut self, results: &[&CheckResult]) {
        let mut counts: Vec<(&str, usize)> = Vec::new();
        for result in results {
            let reason = result.reason.as_deref().unwrap_or_default();
            match counts.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, n)) => *n += 1,
                None => counts.push((reason, 1)),
            }
        }
        for (reason, n) in counts {
            let line = format!(
                "? {} because: {}",
                amount(n, "check"),
                on_one_line(reason, REASON)
            );
            self.line("");
            self.hanging("", "  ", &line);
        }
    }

    fn closes(&mut self, report: &Report) {
        if !report.notes.is_empty() {
            self.line("");
            let title = self.styled(BOLD, "Notes");
            self.line(&title);
            for note in &report.notes {
                self.hanging("  – ", "    ", &on_one_line(note, usize::MAX));
            }
        }
        self.line("");
        let style = match report.exit_code {
            0 => style_of(Outcome::Pass),
            1 => style_of(Outcome::Violation),
            _ => style_of(Outcome::Untestable),
        };
        let conclusion = self.styled(style.bold(), &report.conclusion());
        self.hanging(
            "",
            "",
            &format!("{conclusion} (exit code {})", report.exit_code),
        );
    }
}

/// Whether it lacks what many others lack, and no more can be said of it than of them.
fn has_many_alike(result: &CheckResult, results: &[&CheckResult]) -> bool {
    let alike = results.iter().filter(|other| other.reason == result.reason);
    result.transcript.is_empty() && alike.count() >= MANY
        || result.reason.as_deref() == Some(INTERRUPTED)
}

fn mark_of(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "✓",
        Outcome::Violation => "✗",
        Outcome::Deviation => "≈",
        Outcome::NotApplicable => "–",
        Outcome::Untestable => "?",
        Outcome::Broken => "!",
    }
}

fn style_of(outcome: Outcome) -> Style {
    let colour = match outcome {
        Outcome::Pass => AnsiColor::Green,
        Outcome::Violation | Outcome::Broken => AnsiColor::Red,
        Outcome::Deviation | Outcome::Untestable => AnsiColor::Yellow,
        Outcome::NotApplicable => return Style::new(),
    };
    colour.on_default()
}

/// How many that lack the same are counted instead of told one by one.
const MANY: usize = 8;
const BOLD: Style = Style::new().bold();
/// How many failing checks are told with transcript and script.
const IN_FULL: usize = 3;
/// How many characters of a reason in a list.
const REASON: usize = 400;
