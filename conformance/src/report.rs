//! What a run found out, as the reporters read it; a file for each form of report.

use std::time::Duration;

use chat_fixtures::{
    contract::{Area, Level},
    output::Outputs,
};
use serde::Serialize;

use crate::{
    check::{Check, Mismatch, Outcome},
    report::visible::on_one_line,
    reproduction::Way,
    transcript::Entry,
};

mod difference;
mod format;
pub mod github;
pub mod html;
pub mod json;
pub mod junit;
mod page_of;
mod section;
pub mod tap;
mod telling;
pub mod terminal;
pub(crate) mod visible;

pub use format::{FORMATS, Format};
pub use section::{SECTIONS, Section};

/// A whole run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// `chat-conformance` and its version.
    pub tool: String,
    /// When it began: RFC 3339, UTC.
    pub began: String,
    /// How long it took, in milliseconds.
    pub took: u128,
    /// The URLs asked.
    pub targets: Vec<String>,
    /// How many processes there are behind them, as far as was told.
    pub processes: usize,
    /// The level whose violations fail the run.
    pub level: Level,
    /// Where all randomness came from.
    pub seed: u64,
    /// What every name of the run began with.
    pub prefix: String,
    /// 0 conforms, 1 violations, 2 nothing ran, 3 incomplete.
    pub exit_code: u8,
    /// Each check, in the order of the tables.
    pub results: Vec<CheckResult>,
    /// What has to be known before all else: that the server went away, that no handshake was answered.
    pub headlines: Vec<String>,
    /// Why it ended before its end: it was interrupted, or the server was gone. A sentence without its full stop.
    pub cut_short: Option<String>,
    /// What the reader has to know besides: what could not be told apart, what is left behind.
    pub notes: Vec<String>,
    /// What requests by hand need to get there.
    #[serde(skip)]
    pub way: Way,
    /// The plan that was played instead of the checks.
    #[serde(skip)]
    pub plan: Option<String>,
}

/// What became of one check.
#[derive(Debug, Clone, Serialize)]
pub struct CheckResult {
    /// `WS-3`.
    pub clause: String,
    /// `WS-3/reaches_every_participant`.
    pub check: String,
    /// The clause's level.
    pub level: Level,
    /// The clause's area.
    pub area: Area,
    /// The clause's words, in Markdown.
    pub text: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Whether it makes the exit code other than 0.
    pub fails: bool,
    /// How long it took, in milliseconds.
    pub took: u128,
    /// Why it did not pass, in one sentence; the deviation's reason for one.
    pub reason: Option<String>,
    /// What was expected and what came, for a violation or a deviation.
    pub mismatch: Option<Mismatch>,
    /// What was sent and heard, unless it passed.
    pub transcript: Vec<Entry>,
    /// The command line that runs this check alone with the same seed.
    pub again: String,
}

impl Report {
    /// How many results there are of an outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.results
            .iter()
            .filter(|result| result.outcome == outcome)
            .count()
    }

    /// The same among the clauses of one level.
    pub fn count_at(&self, level: Level, outcome: Outcome) -> usize {
        self.results
            .iter()
            .filter(|result| result.level == level && result.outcome == outcome)
            .count()
    }

    /// The exit code in a word or two; those of the JSON report.
    pub fn verdict(&self) -> &'static str {
        match self.exit_code {
            0 => "conforms",
            1 => "violations",
            3 => "incomplete",
            _ => "nothing ran",
        }
    }

    /// The verdict in a sentence, for people.
    pub fn conclusion(&self) -> String {
        let mut said = String::new();
        if let Some(why) = &self.cut_short {
            said = format!("{why}. ");
        }
        said + &self.judgement()
    }

    fn judgement(&self) -> String {
        let failing = |section| self.of(section).count();
        if let (Some(plan), 0 | 1) = (&self.plan, self.exit_code) {
            return match self.exit_code {
                0 => format!("The plan {plan} holds: each of its steps ends as the contract says."),
                _ => format!("The plan {plan} does not hold."),
            };
        }
        match self.exit_code {
            0 => self.conforms(),
            1 => {
                let (broken, stale) = (failing(Section::Violations), failing(Section::Stale));
                let mut said = Vec::new();
                if broken > 0 {
                    let checks = if broken == 1 { "check" } else { "checks" };
                    said.push(format!("It breaks the contract in {broken} {checks}."));
                }
                if stale > 0 {
                    said.push("The list of known deviations is stale.".to_owned());
                }
                said.join(" ")
            }
            3 => {
                "Incomplete: no violation was found, but not everything could be asked.".to_owned()
            }
            _ => "Nothing ran, so nothing is known.".to_owned(),
        }
    }

    /// That it conforms, and how far that was asked.
    fn conforms(&self) -> String {
        let mut lacks: Vec<(&str, [usize; LEVELS.len()])> = Vec::new();
        for result in &self.results {
            if result.outcome != Outcome::NotApplicable || result.level > self.level {
                continue;
            }
            let reason = result.reason.as_deref().unwrap_or("(no reason is known)");
            let at = lacks.iter().position(|(known, _)| *known == reason);
            let at = at.unwrap_or_else(|| {
                lacks.push((reason, [0; LEVELS.len()]));
                lacks.len() - 1
            });
            for (n, level) in LEVELS.iter().enumerate() {
                lacks[at].1[n] += usize::from(*level == result.level);
            }
        }
        if lacks.is_empty() {
            return format!("It conforms at level {}.", self.level);
        }
        let lacks: Vec<_> = lacks
            .into_iter()
            .map(|(reason, counts)| {
                let all: usize = counts.iter().sum();
                let counts: Vec<_> = LEVELS
                    .iter()
                    .zip(counts)
                    .filter(|(_, n)| *n > 0)
                    .map(|(level, n)| format!("{n} {level}"))
                    .collect();
                let (checks, need, are) = match all {
                    1 => ("check", "needs", "is"),
                    _ => ("checks", "need", "are"),
                };
                let counts = counts.join(" and ");
                let reason = on_one_line(reason, LACK);
                match reason
                    .strip_prefix("needs ")
                    .map(|needs| needs.split_once(": "))
                {
                    Some(Some((what, how))) => {
                        format!("{counts} {checks} {need} {what} ({how})")
                    }
                    Some(None) => format!("{counts} {checks} {need}{}", &reason["needs".len()..]),
                    None => format!("{counts} {checks} {are} left out ({reason})"),
                }
            })
            .collect();
        format!(
            "It conforms at level {}, as far as it could be asked: {}.",
            self.level,
            lacks.join("; ")
        )
    }

    /// The results of a section, in the order of the tables.
    pub fn of(&self, section: Section) -> impl Iterator<Item = &CheckResult> {
        self.results
            .iter()
            .filter(move |result| Section::of(result) == Some(section))
    }

    /// Writes it, in the form and to the place of each output.
    ///
    /// # Errors
    /// The first that could not be written.
    pub fn write_to(&self, outputs: Outputs<Format>) -> anyhow::Result<()> {
        outputs.write_each(|format, is_coloured| match (format, is_coloured) {
            (Format::Terminal, true) => terminal::render_coloured(self),
            _ => format.render(self),
        })
    }

    /// The exit code these results ask for.
    pub fn exit_code_of(results: &[CheckResult]) -> u8 {
        let fails = |outcomes: &[Outcome]| {
            results
                .iter()
                .any(|result| result.fails && outcomes.contains(&result.outcome))
        };
        if fails(&[Outcome::Violation, Outcome::Deviation, Outcome::Pass]) {
            1
        } else if fails(&[Outcome::Untestable, Outcome::Broken]) {
            3
        } else if results
            .iter()
            .all(|result| result.outcome == Outcome::NotApplicable)
        {
            2
        } else {
            0
        }
    }
}

impl CheckResult {
    /// A result without explanations.
    pub(crate) fn of(check: &Check, outcome: Outcome, took: Duration) -> Self {
        let clause = check.clause();
        Self {
            clause: check.clause_id(),
            check: check.id(),
            level: clause.map_or(Level::Required, |clause| clause.level),
            area: clause.map_or(Area::Http, |clause| clause.area),
            text: clause.map(|clause| clause.text.clone()).unwrap_or_default(),
            outcome,
            fails: false,
            took: took.as_millis(),
            reason: None,
            mismatch: None,
            transcript: Vec::new(),
            again: String::new(),
        }
    }
}

/// How many characters of what a check lacks stand in the verdict.
const LACK: usize = 120;

/// Every outcome, in the order reports tell them.
pub const OUTCOMES: [Outcome; 6] = [
    Outcome::Pass,
    Outcome::Violation,
    Outcome::Deviation,
    Outcome::NotApplicable,
    Outcome::Untestable,
    Outcome::Broken,
];

/// Every level, in the same order.
pub const LEVELS: [Level; 3] = [Level::Required, Level::Parity, Level::Hardened];
