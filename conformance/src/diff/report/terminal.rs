//! The comparison as text for people: each difference and how to see it, then what is allowed; the sum last, where a
//! terminal ends.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::{Difference, Report};
use crate::report::visible::{amount, duration, on_one_line, visible};

/// The report, with ANSI colours where they are wanted.
pub(super) fn render(report: &Report, coloured: bool) -> String {
    let mut page = Page {
        coloured,
        text: String::new(),
    };
    page.heads(report);
    let forbidden: Vec<_> = report.forbidden().collect();
    if !forbidden.is_empty() {
        page.title(
            "Differences",
            forbidden.len(),
            "the candidate answers otherwise than the original",
        );
        for (n, difference) in forbidden.iter().enumerate() {
            page.explains(difference, n < IN_FULL);
        }
    }
    page.list(
        "Stale",
        "allowed, and not there any more: take them off the list",
        &report.stale,
    );
    let unasked = report.unasked.iter();
    let unasked: Vec<_> = unasked
        .map(|one| format!("{}: {}", one.question, one.reason))
        .collect();
    page.list("Not asked", "neither could be asked these", &unasked);
    let allowed = report.allowed().map(|(difference, by)| {
        format!(
            "{} · {} · {}: {}",
            difference.id,
            amount(difference.count, "time"),
            difference.clause_and_level(),
            by.reason
        )
    });
    page.list(
        "Allowed",
        "differences that a list allows",
        &allowed.collect::<Vec<_>>(),
    );
    page.line("");
    page.line(&report.conclusion());
    page.text
}

struct Page {
    coloured: bool,
    text: String,
}

impl Page {
    fn heads(&mut self, report: &Report) {
        let tool = self.styled(BOLD, &report.tool);
        self.line(&format!(
            "{tool} · seed {} · {} · {}",
            report.seed,
            report.began,
            duration(report.took)
        ));
        self.line(&format!("original   {}", visible(&report.original)));
        self.line(&format!("candidate  {}", visible(&report.candidate)));
    }

    fn explains(&mut self, difference: &Difference, in_full: bool) {
        self.line("");
        let id = self.styled(RED.bold(), &visible(&difference.id));
        self.line(&format!(
            "✗ {id} · {} · {}",
            difference.clause_and_level(),
            amount(difference.count, "time")
        ));
        if let Some(text) = &difference.text {
            self.line(&format!("    {}", on_one_line(text, CLAUSE)));
        }
        self.line(&format!("    {}:", difference.length()));
        for (n, step) in difference.story.iter().enumerate() {
            self.line(&format!("    {:3}. {step}", n + 1));
        }
        self.sides(difference);
        let questions: Vec<_> = difference.questions.iter().take(SOME).collect();
        for question in questions {
            self.line(&format!("    shown by {}", on_one_line(question, LINE)));
        }
        if difference.count > SOME {
            self.line(&format!("    and by {} more", difference.count - SOME));
        }
        self.line(&format!("    again: {}", difference.again));
        if in_full {
            self.line("    by hand:");
            for line in visible(&difference.reproduction).lines() {
                self.line(&format!("      {line}"));
            }
        }
    }

    /// Both answers in columns; `≠` marks what differs, and what does not is told once.
    fn sides(&mut self, difference: &Difference) {
        if difference.parts.is_empty() {
            for place in &difference.places {
                self.line(&format!("    {}", on_one_line(place, LINE)));
            }
            return;
        }
        let width = difference.parts.iter().map(|part| part.at.chars().count());
        let width = width.max().unwrap_or_default().clamp(5, 40);
        self.line(&format!(
            "      {:width$}  {:COLUMN$}  candidate",
            "", "original"
        ));
        let differing = difference.parts.iter().filter(|part| part.differs);
        let others = difference.parts.iter().filter(|part| !part.differs);
        for part in differing.take(ROWS).chain(others.take(ROWS)) {
            let nothing = || "(nothing)".to_owned();
            let cell = |text: &Option<String>| {
                text.as_deref()
                    .map_or_else(nothing, |text| on_one_line(text, COLUMN - 1))
            };
            let at = on_one_line(&part.at, 60);
            let text = match part.differs {
                true => {
                    let (original, candidate) = (cell(&part.original), cell(&part.candidate));
                    let row = format!("    ≠ {at:width$}  {original:COLUMN$}  {candidate}");
                    self.styled(RED, &row)
                }
                false => format!("      {at:width$}  {}", cell(&part.original)),
            };
            self.line(&text);
        }
    }

    fn list(&mut self, title: &str, meaning: &str, items: &[String]) {
        if items.is_empty() {
            return;
        }
        self.title(title, items.len(), meaning);
        for item in items {
            self.line(&format!("  {}", on_one_line(item, LINE)));
        }
    }

    fn title(&mut self, title: &str, count: usize, meaning: &str) {
        let title = self.styled(BOLD, &format!("{title} ({count})"));
        self.line("");
        self.line(&format!("{title}: {meaning}"));
    }

    fn styled(&self, style: Style, text: &str) -> String {
        match self.coloured {
            true => format!("{style}{text}{style:#}"),
            false => text.to_owned(),
        }
    }

    fn line(&mut self, text: &str) {
        let _ = writeln!(self.text, "{}", text.trim_end());
    }
}

const BOLD: Style = Style::new().bold();
const RED: Style = AnsiColor::Red.on_default();
/// How many differences come with a script.
const IN_FULL: usize = 10;
/// How many questions of one difference are named.
const SOME: usize = 3;
/// How many parts that differ, and how many that do not, are shown.
const ROWS: usize = 12;
/// How wide a column of answers is.
const COLUMN: usize = 48;
const LINE: usize = 240;
const CLAUSE: usize = 240;
