//! The report of a search as text for people: the answer first, then every probe, then what to do next.

use anstyle::Style;

use super::{
    FindingReport, advice,
    rows::{self, ProbeRow},
};
use crate::{
    figure::amount,
    report::{
        sheet::{BOLD, Sheet, green, red, yellow},
        visible::{moment, visible},
    },
};

/// The report without colour.
#[must_use]
pub fn render(report: &FindingReport) -> String {
    written(Sheet::new(false), report)
}

/// The report with ANSI colours.
#[must_use]
pub fn render_coloured(report: &FindingReport) -> String {
    written(Sheet::new(true), report)
}

fn written(mut sheet: Sheet, report: &FindingReport) -> String {
    heads(&mut sheet, report);
    answer(&mut sheet, report);
    probes(&mut sheet, report);
    remarks(&mut sheet, report);
    let label = sheet.styled(BOLD, "Next");
    sheet.line("");
    sheet.wrapped(
        &format!("{label}: "),
        "Next: ".len(),
        &visible(&advice::of(report)),
    );
    sheet.text
}

fn heads(sheet: &mut Sheet, report: &FindingReport) {
    let finding = &report.finding;
    let mark = match report.word() {
        "within" => "✓",
        "missed" => "✗",
        _ => "!",
    };
    let sentence = visible(&finding.sentence);
    let conclusion = sheet.styled(tone(report.word()).bold(), &sentence);
    sheet.line(&format!(
        "{mark} {conclusion} (exit code {})",
        report.exit_code
    ));
    sheet.line("");
    let load = finding.load.as_ref();
    let scenario = load.map_or("capacity", |load| load.scenario.as_str());
    let label = load.and_then(|load| load.label.as_deref());
    let label = label.map(|label| format!(" · {}", visible(label)));
    sheet.hanging(
        "  ",
        &format!(
            "{} · {} · {} from {}{}",
            visible(&report.tool),
            visible(scenario),
            rows::effort(report),
            moment(&report.began),
            label.unwrap_or_default()
        ),
    );
    if let Some(load) = load {
        sheet.hanging("  ", &rows::asked(load));
        let targets: Vec<_> = report
            .targets
            .iter()
            .map(|target| visible(target))
            .collect();
        let processes = amount(load.processes.into(), "process");
        sheet.hanging("  ", &format!("{} ({processes})", targets.join(" · ")));
    }
}

fn answer(sheet: &mut Sheet, report: &FindingReport) {
    sheet.title("Answer");
    let limits: Vec<_> = report.slo.iter().map(ToString::to_string).collect();
    let confirmed = report.finding.confirmed;
    let confirmed = (confirmed.of > 0).then(|| {
        format!(
            "held again {} of {} times, {} were wanted",
            confirmed.met, confirmed.of, confirmed.wanted
        )
    });
    let facts = [
        ("limits", Some(visible(&limits.join(", ")))),
        ("range", rows::range(report)),
        ("confirmed", confirmed),
        ("knee", rows::knee(report)),
        ("bottleneck", rows::bottleneck(report)),
        ("server CPU", server_cpu(report)),
        (
            "device",
            Some(visible(&report.machine)).filter(|machine| !machine.is_empty()),
        ),
    ];
    for (label, text) in facts {
        if let Some(text) = text {
            sheet.hanging(&format!("  {label:LABEL$}"), &text);
        }
    }
}

fn probes(sheet: &mut Sheet, report: &FindingReport) {
    let rows = rows::probes(report);
    if rows.is_empty() {
        return;
    }
    sheet.title("Probes, by load");
    let heads: Vec<_> = rows::heads(report).into_iter().map(str::to_owned).collect();
    let widths = widths(&heads, &rows);
    sheet.line(&format!("  {}", cells(&heads, &widths)));
    for row in rows {
        let mark = if row.is_answer { "→" } else { " " };
        let begin = format!("{mark} {}   ", cells(&row.cells, &widths));
        let indent = begin.chars().count();
        let word = sheet.styled(tone(row.tone), row.word);
        sheet.line(&format!("{begin}{word}{}", why(&row, indent)));
    }
}

/// Why a load did not hold, below its row: a sentence would tear the table.
fn why(row: &ProbeRow, indent: usize) -> String {
    if row.why.is_empty() {
        return String::new();
    }
    let room = ROW.saturating_sub(indent + row.word.chars().count() + 2);
    if row.why.chars().count() <= room {
        return format!(": {}", row.why);
    }
    format!("\n{:8}{}", "", row.why)
}

fn cells(cells: &[String], widths: &[usize]) -> String {
    let cells = cells.iter().zip(widths);
    cells
        .map(|(cell, width)| format!("{cell:>width$}"))
        .collect()
}

/// As wide as what stands in each column, and no narrower than most figures are.
fn widths(heads: &[String], rows: &[ProbeRow]) -> Vec<usize> {
    let widest = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.cells.get(column));
        let widest = cells.map(|cell| cell.chars().count() + 2).max();
        widest.unwrap_or_default().max(NARROWEST)
    };
    (0..heads.len()).map(widest).collect()
}

/// Whose shares stand beside the probes.
fn server_cpu(report: &FindingReport) -> Option<String> {
    let servers = rows::servers(report);
    (!servers.is_empty()).then(|| format!("of a core, by {}", servers.join(" + ")))
}

fn remarks(sheet: &mut Sheet, report: &FindingReport) {
    if report.finding.remarks.is_empty() {
        return;
    }
    sheet.title("Remarks");
    for remark in &report.finding.remarks {
        sheet.hanging("  – ", &visible(remark));
    }
}

fn tone(word: &str) -> Style {
    match word {
        "within" => green(),
        "missed" => red(),
        _ => yellow(),
    }
}

/// Columns of a figure.
const NARROWEST: usize = 11;
/// Columns of a label.
const LABEL: usize = 15;
/// Columns of a row of the table with its reason.
const ROW: usize = 130;
