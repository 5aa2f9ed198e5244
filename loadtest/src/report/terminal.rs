//! The report as text for people: the verdict first, then what it rests on, then where to look.

use anstyle::Style;

use crate::{
    figure::{amount, number},
    report::{
        Report, advice,
        rows::{self, CELLS, PROCESS_CELLS},
        sheet::{BOLD, Sheet, green, red, widest, yellow},
        visible::{moment, visible},
    },
};

/// The report without colour.
#[must_use]
pub fn render(report: &Report) -> String {
    Sheet::new(false).of(report)
}

/// The report with ANSI colours.
#[must_use]
pub fn render_coloured(report: &Report) -> String {
    Sheet::new(true).of(report)
}

impl Sheet {
    fn of(mut self, report: &Report) -> String {
        self.heads(report);
        self.limits(report);
        self.messages(report);
        self.times(report);
        self.processes(report);
        let run = &report.measurement;
        let device = rows::device(run)
            .into_iter()
            .map(|(label, text)| (label.to_owned(), text));
        self.facts("This device", device.collect());
        self.facts("Server", rows::servers(run));
        self.facts("Workers", rows::workers(run));
        self.remarks(report);
        self.closes(report);
        self.text
    }

    fn heads(&mut self, report: &Report) {
        let run = &report.measurement;
        let style = tone(report).bold();
        let conclusion = self.styled(style, &visible(&report.verdict.conclusion()));
        self.line(&format!(
            "{} {conclusion} (exit code {})",
            mark(report),
            report.verdict.exit_code
        ));
        self.line("");
        let label = run
            .load
            .label
            .as_deref()
            .map(|label| format!(" · {}", visible(label)));
        self.hanging(
            "  ",
            &format!(
                "{} · {} for {} s from {} · seed {}{}",
                visible(&report.tool),
                visible(&run.load.scenario),
                number(run.measured_s),
                moment(&run.began),
                run.load.seed,
                label.unwrap_or_default()
            ),
        );
        self.hanging("  ", &rows::asked(&run.load));
        let targets: Vec<_> = run.targets.iter().map(|target| visible(target)).collect();
        self.hanging(
            "  ",
            &format!(
                "{} ({})",
                targets.join(" · "),
                amount(run.load.processes.into(), "process")
            ),
        );
    }

    fn limits(&mut self, report: &Report) {
        let ours = report.verdict.thresholds.iter().map(|judged| {
            let limit = judged.threshold.to_string();
            (limit, judged.is_met, rows::stands_at(judged))
        });
        let gooses = report.verdict.goose.iter();
        let gooses = gooses.map(|rule| (rows::of_goose(rule), rule.is_met, rule.told().to_owned()));
        let limits: Vec<_> = ours.chain(gooses).collect();
        if limits.is_empty() {
            return;
        }
        self.title("Limits");
        let width = widest(limits.iter().map(|(limit, ..)| visible(limit)));
        for (limit, is_met, told) in &limits {
            let (word, style) = match is_met {
                true => ("✓ kept  ", green()),
                false => ("✗ missed", red()),
            };
            let word = self.styled(style, word);
            let limit = visible(limit);
            self.line(&format!("  {word}  {limit:width$}  {}", visible(told)));
        }
    }

    fn messages(&mut self, report: &Report) {
        let run = &report.measurement;
        self.title("Messages");
        for (label, text) in rows::traffic(run) {
            self.hanging(&format!("  {label:LABEL$}"), &text);
        }
        let (found, none) = rows::bad(run);
        for bad in &found {
            let style = if bad.is_wrong { red() } else { yellow() };
            let label = self.styled(
                style,
                if bad.is_wrong {
                    "✗ wrong"
                } else {
                    "! trouble"
                },
            );
            let pad = if bad.is_wrong { LABEL - 7 } else { LABEL - 9 };
            self.line(&format!(
                "  {label}{:pad$}{} – {}",
                "", bad.text, bad.meaning
            ));
        }
        if !none.is_empty() {
            self.hanging(&format!("  {:LABEL$}", "none"), &none.join(", "));
        }
    }

    fn times(&mut self, report: &Report) {
        let times = rows::times(&report.measurement);
        if times.is_empty() {
            return;
        }
        let width = widest(times.iter().map(|row| row.name.clone())).max(14);
        self.title("Times");
        self.cells("", width, &CELLS.map(str::to_owned), "");
        for row in times {
            self.cells(&row.name, width, &row.cells, &row.meaning);
        }
    }

    fn processes(&mut self, report: &Report) {
        let processes = rows::processes(&report.measurement);
        if processes.is_empty() {
            return;
        }
        let width = widest(processes.iter().map(|row| row.name.clone())).max(14);
        self.title("By the process that the hearers are connected to");
        self.cells("", width, &PROCESS_CELLS.map(str::to_owned), "");
        for row in processes {
            self.cells(&row.name, width, &row.cells, "");
        }
    }

    fn cells(&mut self, name: &str, width: usize, cells: &[String], meaning: &str) {
        let cells: String = cells.iter().map(|cell| format!("{cell:>11}")).collect();
        self.line(&format!("  {name:width$}{cells}   {meaning}"));
    }

    fn facts(&mut self, title: &str, facts: Vec<(String, String)>) {
        if facts.is_empty() {
            return;
        }
        self.title(title);
        let width = widest(facts.iter().map(|(label, _)| label.clone())).max(LABEL - 2) + 2;
        for (label, text) in facts {
            self.hanging(&format!("  {label:width$}"), &text);
        }
    }

    fn remarks(&mut self, report: &Report) {
        let remarks = &report.measurement.remarks;
        if remarks.is_empty() {
            return;
        }
        self.title("Remarks");
        for remark in remarks {
            self.hanging("  – ", &visible(remark));
        }
    }

    fn closes(&mut self, report: &Report) {
        self.line("");
        let label = self.styled(BOLD, "Next");
        let indent = "Next: ".len();
        let text = visible(&advice::of(report));
        self.wrapped(&format!("{label}: "), indent, &text);
    }
}

fn mark(report: &Report) -> &'static str {
    match report.verdict.word() {
        "within" => "✓",
        "missed" => "✗",
        _ => "!",
    }
}

fn tone(report: &Report) -> Style {
    match report.verdict.word() {
        "within" => green(),
        "missed" => red(),
        _ => yellow(),
    }
}

/// Columns of a label.
const LABEL: usize = 15;
