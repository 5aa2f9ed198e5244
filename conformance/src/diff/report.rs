//! What a comparison found out, as its reporters read it; a file for each form of report.

use chat_fixtures::contract::{Level, clause};
use serde::Serialize;

use super::{
    finding::{Findings, Group},
    script,
    step::line,
};
use crate::{
    cli::Diff,
    report::{
        Format,
        visible::{amount, visible},
    },
    reproduction::Way,
};

mod github;
mod html;
mod json;
mod junit;
mod parts;
mod tap;
mod terminal;

use parts::{Part, parts};

/// A whole comparison.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Report {
    /// `chat-conformance` and its version.
    pub(super) tool: String,
    /// When it began: RFC 3339, UTC.
    pub(super) began: String,
    /// How long it took, in milliseconds.
    pub(super) took: u128,
    /// The URL of the server whose answers are due.
    pub(super) original: String,
    /// The URL of the one that is held against it.
    pub(super) candidate: String,
    /// Where all randomness came from.
    pub(super) seed: u64,
    /// 0 no difference beyond those allowed, 1 differences, 3 incomplete.
    pub(super) exit_code: u8,
    /// How many recorded questions both were asked.
    pub(super) recorded: usize,
    /// How many generated ones.
    pub(super) generated: usize,
    /// The differences by their causes, those that nobody allows first.
    pub(super) differences: Vec<Difference>,
    /// What a list allows and does not show any more.
    pub(super) stale: Vec<String>,
    /// Questions that neither could be asked, and why.
    pub(super) unasked: Vec<Unasked>,
    /// Whether it was interrupted.
    pub(super) cut_short: bool,
}

/// Differences of one cause.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Difference {
    /// `POST /api/login/: body/error otherwise`.
    pub(super) id: String,
    /// Who allows it, and why.
    pub(super) allowed: Option<AllowedBy>,
    /// The clause it belongs to.
    pub(super) clause: Option<String>,
    /// That clause's level.
    pub(super) level: Option<Level>,
    /// Its words.
    pub(super) text: Option<String>,
    /// How many questions have shown it.
    pub(super) count: usize,
    /// Which, some of them.
    pub(super) questions: Vec<String>,
    /// The least story that shows it, a line a step.
    pub(super) story: Vec<String>,
    /// How many of its steps ask something: beyond those that put people in their places.
    pub(super) steps: usize,
    /// Whether the story was seen to show it by itself, and not only among other questions.
    pub(super) is_whole: bool,
    /// The places where the answers to its last step part, in words.
    pub(super) places: Vec<String>,
    /// Both answers to it, part by part.
    pub(super) parts: Vec<Part>,
    /// The command line that asks it again.
    pub(super) again: String,
    /// A script that shows it by hand on both.
    pub(super) reproduction: String,
}

/// Why a difference is allowed.
#[derive(Debug, Clone, Serialize)]
pub(super) struct AllowedBy {
    /// The list.
    pub(super) list: String,
    /// The reason.
    pub(super) reason: String,
}

/// A question that could not be asked.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Unasked {
    /// Which.
    pub(super) question: String,
    /// Why.
    pub(super) reason: String,
}

impl Report {
    /// All but when it was.
    pub(super) fn of(
        args: &Diff,
        servers: [String; 2],
        seed: u64,
        groups: &[Group],
        findings: &Findings,
        stale: Vec<String>,
        cut_short: bool,
    ) -> Self {
        let [original, candidate] = servers;
        let bases = [original.as_str(), candidate.as_str()];
        let differences: Vec<_> = groups
            .iter()
            .map(|group| Difference::of(group, args, seed, bases))
            .collect();
        let unasked: Vec<_> = findings
            .unasked
            .iter()
            .map(|(question, reason)| Unasked {
                question: question.clone(),
                reason: reason.clone(),
            })
            .collect();
        let differ = differences.iter().any(|one| one.allowed.is_none()) || !stale.is_empty();
        let exit_code = match (cut_short, differ, unasked.is_empty()) {
            (true, ..) => 3,
            (_, true, _) => 1,
            (_, _, false) => 3,
            _ => 0,
        };
        Self {
            tool: concat!("chat-conformance ", env!("CARGO_PKG_VERSION"), " diff").to_owned(),
            began: String::new(),
            took: 0,
            original,
            candidate,
            seed,
            exit_code,
            recorded: findings.recorded,
            generated: findings.generated,
            differences,
            stale,
            unasked,
            cut_short,
        }
    }

    /// The report in one of its forms.
    pub(super) fn render(&self, format: Format, coloured: bool) -> String {
        match format {
            Format::Terminal => terminal::render(self, coloured),
            Format::Json => json::render(self),
            Format::Junit => junit::render(self),
            Format::Html => html::render(self),
            Format::Tap => tap::render(self),
            Format::Github => github::render(self),
        }
    }

    /// Those that nobody allows.
    fn forbidden(&self) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(|one| one.allowed.is_none())
    }

    /// Those that are allowed.
    fn allowed(&self) -> impl Iterator<Item = (&Difference, &AllowedBy)> {
        self.differences
            .iter()
            .filter_map(|one| Some((one, one.allowed.as_ref()?)))
    }

    /// The comparison in one sentence.
    fn conclusion(&self) -> String {
        let asked = format!(
            "{} and {}",
            amount(self.recorded, "recorded question"),
            amount(self.generated, "generated one")
        );
        let allowed = self.allowed().count();
        let beyond = match allowed {
            0 => String::new(),
            _ => format!(
                ", beyond {} that {} allowed",
                amount(allowed, "difference"),
                are(allowed)
            ),
        };
        let found = match (self.forbidden().count(), self.stale.len()) {
            (0, 0) if allowed == 0 => "They mean the same".to_owned(),
            (0, 0) => format!("They mean the same{beyond}"),
            (0, stale) => format!(
                "They mean the same{beyond}; {} of the lists {} not show any more",
                amount(stale, "row"),
                if stale == 1 { "does" } else { "do" }
            ),
            (n, _) => format!("They differ in {}{beyond}", amount(n, "way")),
        };
        let incomplete = match (self.cut_short, self.unasked.len()) {
            (true, _) => " It was interrupted: there may be more.".to_owned(),
            (false, 0) => String::new(),
            (false, n) => format!(" {} could not be asked of either.", amount(n, "question")),
        };
        format!("{found}: {asked}.{incomplete}")
    }
}

impl Difference {
    fn of(group: &Group, args: &Diff, seed: u64, bases: [&str; 2]) -> Self {
        let least = &group.least;
        let id = group.id();
        let permit = group.permit.as_ref();
        let named = permit.and_then(|permit| permit.clause.as_ref());
        let clause_id = named.or(least.clause.as_ref()).cloned();
        let clause = clause_id.as_deref().and_then(clause);
        let places = least.exchange.places.iter();
        Self {
            allowed: permit.map(|permit| AllowedBy {
                list: permit.list.clone(),
                reason: permit.reason.clone(),
            }),
            level: clause.map(|clause| clause.level),
            text: clause.map(|clause| clause.text.clone()),
            clause: clause_id,
            count: group.count,
            questions: group.questions.iter().take(MANY).cloned().collect(),
            story: least
                .story
                .iter()
                .map(line)
                .map(|step| visible(&step))
                .collect(),
            steps: least.steps(),
            is_whole: least.is_whole,
            places: places.map(|place| visible(&place.to_string())).collect(),
            parts: parts(&least.exchange),
            again: args.again(&least.question, seed),
            reproduction: script::script(&id, &least.story, bases, &Way::of(&args.access)),
            id,
        }
    }

    /// How long its story is, in words.
    fn length(&self) -> String {
        let steps = amount(self.steps, "step");
        match (
            self.is_whole,
            self.story.len() - self.steps.min(self.story.len()),
        ) {
            (true, 0) => steps,
            (true, before) => format!("{steps}, after {before} to put people in their places"),
            (false, _) => format!("{steps}, seen among other questions only"),
        }
    }

    fn clause_and_level(&self) -> String {
        match (&self.clause, self.level) {
            (Some(clause), Some(level)) => format!("{clause} ({level})"),
            (Some(clause), None) => clause.clone(),
            _ => "no clause".to_owned(),
        }
    }
}

fn are(n: usize) -> &'static str {
    if n == 1 { "is" } else { "are" }
}

/// How many questions of one cause are named.
const MANY: usize = 20;

#[cfg(test)]
mod tests;
