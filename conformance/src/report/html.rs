//! The report for people, as one HTML file without outside resources.

use chat_fixtures::{contract::Level, page::page};
use serde::Serialize;

use crate::{
    check::{Mismatch, Outcome},
    report::{
        CheckResult, LEVELS, OUTCOMES, Report, SECTIONS, Section, difference,
        page_of::{by_title, titled},
        telling::{self, Line},
        visible::{amount, duration, on_one_line, visible},
    },
    reproduction,
};

mod clauses;
mod markdown;

use clauses::{Chapter, chapters};
use markdown::{Piece, pieces};

/// The report as a page. Whatever comes from the server is text in it, never markup.
pub fn render(report: &Report) -> String {
    page(
        &[("page.html", include_str!("page.html"))],
        &Page::of(report),
    )
}

#[derive(Serialize)]
struct Page {
    conclusion: String,
    tone: &'static str,
    tool: String,
    began: String,
    level: Level,
    seed: u64,
    processes: usize,
    exit_code: u8,
    targets: Vec<String>,
    headlines: Vec<String>,
    notes: Vec<String>,
    took: String,
    outcomes: Vec<Badge>,
    rows: Vec<Row>,
    parts: Vec<Part>,
    areas: Vec<Chapter>,
}

/// An outcome as a reader sees it: a mark, a word and a colour, of which one alone would do.
#[derive(Serialize)]
struct Badge {
    mark: &'static str,
    word: &'static str,
    class: String,
    count: usize,
}

#[derive(Serialize)]
struct Row {
    level: Level,
    counts: Vec<usize>,
}

#[derive(Serialize)]
struct Part {
    title: &'static str,
    meaning: &'static str,
    class: String,
    results: Vec<Told>,
}

/// A result with all that explains it.
#[derive(Serialize)]
struct Told {
    check: String,
    anchor: String,
    level: Level,
    badge: Badge,
    open: bool,
    text: Vec<Piece>,
    /// The reason, short enough for the line that is shown while the rest is folded away.
    why: Option<String>,
    reason: Option<String>,
    mismatch: Option<Mismatch>,
    places: Vec<Sides>,
    lines: Vec<Line>,
    /// How many they are, and whether they are shown at once.
    story: String,
    short: bool,
    script: Option<String>,
    again: String,
    took: String,
}

/// What was due and what came, at one place.
#[derive(Serialize)]
struct Sides {
    at: String,
    expected: String,
    actual: String,
    /// The page of HTML that `actual` tells by its title.
    page: Option<String>,
}

impl Page {
    fn of(report: &Report) -> Self {
        let parts = SECTIONS
            .into_iter()
            .filter_map(|section| part(report, section));
        Self {
            conclusion: visible(&report.conclusion()),
            tone: match report.exit_code {
                0 => "pass",
                1 => "violation",
                _ => "untestable",
            },
            tool: visible(&report.tool),
            began: visible(&report.began),
            level: report.level,
            seed: report.seed,
            processes: report.processes,
            exit_code: report.exit_code,
            targets: report
                .targets
                .iter()
                .map(|target| visible(target))
                .collect(),
            headlines: report.headlines.iter().map(|line| visible(line)).collect(),
            notes: report.notes.iter().map(|note| visible(note)).collect(),
            took: duration(report.took),
            outcomes: OUTCOMES
                .into_iter()
                .map(|outcome| badge(outcome, report.count(outcome)))
                .collect(),
            rows: LEVELS
                .into_iter()
                .map(|level| Row {
                    level,
                    counts: OUTCOMES
                        .map(|outcome| report.count_at(level, outcome))
                        .to_vec(),
                })
                .collect(),
            parts: parts.collect(),
            areas: chapters(report),
        }
    }
}

fn part(report: &Report, section: Section) -> Option<Part> {
    let results: Vec<_> = report
        .of(section)
        .enumerate()
        .map(|(n, result)| told(report, result, section, n))
        .collect();
    (!results.is_empty()).then(|| Part {
        title: section.title(),
        meaning: section.meaning(),
        class: results
            .first()
            .map(|told| told.badge.class.clone())
            .unwrap_or_default(),
        results,
    })
}

fn told(report: &Report, result: &CheckResult, section: Section, n: usize) -> Told {
    let lines = telling::lines(report, &result.transcript, BODY);
    Told {
        check: visible(&result.check),
        anchor: anchor(&result.check),
        level: result.level,
        badge: badge(result.outcome, 0),
        open: section == Section::Violations && n < OPEN,
        text: pieces(&visible(&result.text)),
        why: result
            .reason
            .as_deref()
            .map(|reason| on_one_line(&by_title(reason), WHY)),
        reason: result
            .reason
            .as_deref()
            .map(|reason| visible(&by_title(reason))),
        places: result.mismatch.as_ref().map(places).unwrap_or_default(),
        mismatch: result.mismatch.clone().map(|mismatch| Mismatch {
            what: visible(&mismatch.what),
            expected: visible(&mismatch.expected),
            actual: visible(&mismatch.actual),
        }),
        story: amount(lines.len(), "line"),
        short: lines.len() <= SHORT,
        lines,
        script: reproduction::script(report, result),
        again: visible(&result.again),
        took: duration(result.took),
    }
}

fn places(mismatch: &Mismatch) -> Vec<Sides> {
    difference::places(mismatch)
        .into_iter()
        .map(|place| {
            let (actual, page) = match titled(&place.actual) {
                Some((short, page)) => (short, Some(visible(&page))),
                None => (place.actual, None),
            };
            Sides {
                at: visible(&place.at),
                expected: visible(&place.expected),
                actual: visible(&actual),
                page,
            }
        })
        .collect()
}

fn badge(outcome: Outcome, count: usize) -> Badge {
    let mark = match outcome {
        Outcome::Pass => "✓",
        Outcome::Violation => "✗",
        Outcome::Deviation => "≈",
        Outcome::NotApplicable => "–",
        Outcome::Untestable => "?",
        Outcome::Broken => "!",
    };
    let word = outcome.word();
    Badge {
        mark,
        word,
        class: word.replace(' ', "-"),
        count,
    }
}

/// The check's id as a fragment of the page's URL.
fn anchor(check: &str) -> String {
    check.replace(
        |c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_',
        ".",
    )
}

/// How many violations stand open when the page is opened.
const OPEN: usize = 20;
/// How many lines of a transcript are shown without being asked for.
const SHORT: usize = 8;
/// How many characters of a reason are shown beside a check that is folded.
const WHY: usize = 300;
/// How many characters of a body or a frame are shown.
const BODY: usize = 1_000;
