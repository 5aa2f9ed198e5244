//! The report as text for people: the sum first, then what failed and why, then what else has to be known.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use crate::{
    check::Outcome,
    report::{
        CheckResult, LEVELS, OUTCOMES, Report, SECTIONS, Section, difference,
        page_of::by_title,
        telling,
        visible::{amount, duration, on_one_line, visible},
    },
    reproduction,
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

    /// One result with all that is known of it; without transcript and script, unless `in_full`.
    fn explains(&mut self, report: &Report, result: &CheckResult, in_full: bool) {
        self.line("");
        let id = self.styled(style_of(result.outcome).bold(), &visible(&result.check));
        let does_not_fail = if result.fails {
            ""
        } else {
            " · does not fail this run"
        };
        self.line(&format!(
            "{} {id} · {} · {}{does_not_fail}",
            mark_of(result.outcome),
            result.level,
            duration(result.took)
        ));
        self.wrapped("  ", &visible(&result.text));
        match &result.mismatch {
            Some(mismatch) => {
                self.line("");
                self.wrapped("    about    │ ", &visible(&mismatch.what));
                for place in difference::places(mismatch) {
                    if !place.at.is_empty() {
                        self.wrapped("  at ", &visible(&place.at));
                    }
                    self.wrapped("    expected │ ", &visible(&place.expected));
                    self.wrapped("    actual   │ ", &visible(&by_title(&place.actual)));
                }
            }
            None => {
                if let Some(reason) = &result.reason {
                    self.line("");
                    self.wrapped("    because  │ ", &visible(&by_title(reason)));
                }
            }
        }
        if in_full {
            self.tells(report, result);
        }
        self.line("");
        self.line(&format!(
            "  Again: {}",
            on_one_line(&result.again, usize::MAX)
        ));
    }

    fn tells(&mut self, report: &Report, result: &CheckResult) {
        let told = telling::text(report, &result.transcript, BODY);
        if !told.is_empty() {
            self.line("");
            self.line("  What happened, in milliseconds since the check began:");
            if told.len() > LAST {
                let before = amount(told.len() - LAST, "line");
                self.line(&format!(
                    "  ({before} before that; the JSON and HTML reports have them)"
                ));
            }
            for line in told.iter().skip(told.len().saturating_sub(LAST)) {
                self.hanging("  ", MORE, line);
            }
        }
        if let Some(script) = reproduction::script(report, result) {
            self.line("");
            self.line("  By hand:");
            let all = script.lines().count();
            if all > SCRIPT {
                self.line(&format!(
                    "    (a script of {all} lines; the JSON and HTML reports have it)"
                ));
                return;
            }
            self.line("");
            for line in script.lines() {
                self.line(&format!("    {line}"));
            }
        }
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

    /// Names one after the other, none of them broken.
    fn names(&mut self, indent: &str, names: &[String]) {
        let mut line = indent.to_owned();
        for (n, name) in names.iter().enumerate() {
            let comma = if n + 1 < names.len() { "," } else { "" };
            let width = line.chars().count() + name.chars().count() + comma.len() + 1;
            if line != indent && width > WIDTH {
                self.line(&line);
                line = indent.to_owned();
            }
            if line != indent {
                line.push(' ');
            }
            line.push_str(name);
            line.push_str(comma);
        }
        self.line(&line);
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

    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// Text after a label, its further lines below where it began.
    fn wrapped(&mut self, label: &str, text: &str) {
        let mut indent: String = label
            .chars()
            .map(|c| if c == '│' { c } else { ' ' })
            .collect();
        if label.trim().is_empty() {
            indent = label.to_owned();
        }
        self.hanging(label, &indent, text);
    }

    fn hanging(&mut self, first: &str, further: &str, text: &str) {
        let mut indent = first;
        for paragraph in text.replace('\t', "    ").split('\n') {
            let mut rest = paragraph;
            loop {
                let room = WIDTH.saturating_sub(indent.chars().count());
                let (line, more) = rest.split_at(end_of_line(rest, room));
                self.line(&format!("{indent}{line}"));
                indent = further;
                rest = more.trim_start_matches(' ');
                if rest.is_empty() {
                    break;
                }
            }
        }
    }

    fn styled(&self, style: Style, text: &str) -> String {
        if self.coloured {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

/// Whether it lacks what many others lack, and no more can be said of it than of them.
fn has_many_alike(result: &CheckResult, results: &[&CheckResult]) -> bool {
    let alike = results.iter().filter(|other| other.reason == result.reason);
    result.transcript.is_empty() && alike.count() >= MANY
        || result.reason.as_deref() == Some(INTERRUPTED)
}

/// Where a line of so many characters ends: at a space near its end, or before a name that does not fit, or in
/// the middle of a word, for JSON without spaces would leave half of every line empty.
fn end_of_line(text: &str, room: usize) -> usize {
    let Some((end, _)) = text.char_indices().nth(room.max(1)) else {
        return text.len();
    };
    if text[end..].starts_with(' ') {
        return end;
    }
    let space = text[..end].rfind(' ');
    let near = space.filter(|space| {
        let word = text[*space..].split_whitespace().next().unwrap_or_default();
        is_name(word) || text[*space..end].chars().count() <= RAGGED
    });
    near.unwrap_or_else(|| before_marks(text, end))
}

/// Whether it is a word that a reader may want to copy: a check's id, a path.
fn is_name(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/_-.,:;()".contains(c);
    word.len() <= WIDTH / 2 && word.chars().all(plain)
}

/// The same end or an earlier one, so that no comma begins the next line.
fn before_marks(text: &str, mut end: usize) -> usize {
    while text[end..].starts_with([',', ';', '.', ')']) {
        let Some((before, _)) = text[..end].char_indices().next_back() else {
            break;
        };
        if before == 0 {
            break;
        }
        end = before;
    }
    end
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
/// Below the time of a line that goes on.
const MORE: &str = "                ";
const BOLD: Style = Style::new().bold();
/// Columns of a line; commands to paste may be longer.
const WIDTH: usize = 108;
/// How many columns at its end a line may leave free for a word that comes whole.
const RAGGED: usize = 24;
/// How many failing checks are told with transcript and script.
const IN_FULL: usize = 3;
/// How many characters of a body or a frame are shown.
const BODY: usize = 240;
/// How many characters of a reason in a list.
const REASON: usize = 400;
/// How many lines of a transcript.
const LAST: usize = 20;
/// The longest script that is shown.
const SCRIPT: usize = 60;
