//! Which checks run: all, or those that the patterns of the command line choose.

use std::fmt;

use chat_fixtures::contract::{Level, clause, clauses};
use wildmatch::WildMatch;

use crate::{
    check::{Check, Mark},
    checks,
    cli::Cli,
};

/// The checks of a run.
#[derive(Debug)]
pub struct Selection {
    /// Those that run, in the order of the tables.
    pub checks: Vec<&'static Check>,
    /// Those that would run were it not for the reason beside them.
    pub left_out: Vec<(&'static Check, String)>,
    /// Whether no pattern has chosen among them.
    pub everything: bool,
    /// The clauses that have to hold and have to be testable.
    pub required: Vec<String>,
}

/// Why there is nothing to select.
#[derive(Debug, thiserror::Error)]
pub enum Unselectable {
    /// A pattern that means nothing.
    #[error(transparent)]
    NoMatch(#[from] NoMatch),
    /// A clause that has to hold is not among those that are asked about.
    #[error("--require {clause} is left out by {option}")]
    LeftOut {
        /// The clause.
        clause: String,
        /// What leaves it out.
        option: &'static str,
    },
}

/// A pattern that matches nothing, and what may have been meant.
#[derive(Debug, thiserror::Error)]
pub struct NoMatch {
    option: &'static str,
    pattern: String,
    near: Vec<String>,
}

/// A clause's id, a check's id, or either with `*` for anything.
#[derive(Debug, Clone)]
pub struct Pattern(WildMatch);

impl Selection {
    /// What the command line chooses.
    ///
    /// # Errors
    /// [`Unselectable`] for a pattern or a clause that there is not, and for a required clause that is left out.
    pub fn of(cli: &Cli) -> Result<Self, Unselectable> {
        let only = patterns("--only", &cli.only)?;
        let skip = patterns("--skip", &cli.skip)?;
        for id in &cli.require {
            if clause(id).is_none() {
                return Err(NoMatch::new("--require", id).into());
            }
            let mine = || checks::all().filter(|check| check.clause_id() == *id);
            let any =
                |patterns: &[Pattern], check| patterns.iter().any(|pattern| pattern.takes(check));
            let option = if !only.is_empty() && !mine().any(|check| any(&only, check)) {
                "--only"
            } else if mine().all(|check| any(&skip, check)) {
                "--skip"
            } else {
                continue;
            };
            return Err(Unselectable::LeftOut {
                clause: id.clone(),
                option,
            });
        }
        let mut checks = Vec::new();
        let mut left_out = Vec::new();
        // A plan is played instead of checks.
        let all = checks::all().filter(|_| cli.plan.is_none());
        for check in all {
            let any = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.takes(check));
            if (!only.is_empty() && !any(&only)) || any(&skip) {
                continue;
            }
            let waits = check.is(Mark::Waits)
                && only.is_empty()
                && !cli.waiting
                && cli.level < Level::Hardened
                && !cli.require.contains(&check.clause_id());
            if waits {
                left_out.push((check, WAITS.to_owned()));
            } else if let Some(reason) = needs_registration(check, cli) {
                left_out.push((check, reason));
            } else {
                checks.push(check);
            }
        }
        Ok(Self {
            checks,
            left_out,
            everything: only.is_empty() && skip.is_empty(),
            required: cli.require.clone(),
        })
    }
}

impl Pattern {
    /// The pattern that is written so.
    pub fn new(text: &str) -> Self {
        Self(WildMatch::new(text))
    }

    /// Whether it means this check.
    pub fn takes(&self, check: &Check) -> bool {
        self.0.matches(&check.clause_id()) || self.0.matches(&check.id())
    }
}

/// Where registration is closed, what is about registration has nothing to ask.
fn needs_registration(check: &Check, cli: &Cli) -> Option<String> {
    let about = ["REG-", "FLOW-1"]
        .iter()
        .any(|clause| check.clause_id().starts_with(clause));
    (about && cli.accounts.is_some())
        .then(|| "needs open registration: the run uses --accounts".to_owned())
}

fn patterns(option: &'static str, texts: &[String]) -> Result<Vec<Pattern>, NoMatch> {
    texts
        .iter()
        .map(|text| {
            let pattern = Pattern::new(text);
            if checks::all().any(|check| pattern.takes(check)) {
                Ok(pattern)
            } else {
                Err(NoMatch::new(option, text))
            }
        })
        .collect()
}

impl NoMatch {
    pub(crate) fn new(option: &'static str, pattern: &str) -> Self {
        let ids = clauses().iter().map(|clause| clause.id.clone());
        Self {
            option,
            pattern: pattern.to_owned(),
            near: near(
                pattern,
                ids.chain(checks::all().map(Check::id)),
                str::to_owned,
            ),
        }
    }
}

impl fmt::Display for NoMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            option, pattern, ..
        } = self;
        write!(f, "{option} {pattern}: there is no such clause or check")?;
        if self.near.is_empty() {
            write!(f, "; --list shows all")
        } else {
            write!(f, "; perhaps {}", self.near.join(", "))
        }
    }
}

/// The three ids that are most like a word, as far as any is; `own` gives what of an id tells it from others.
pub(crate) fn near(
    word: &str,
    ids: impl IntoIterator<Item = String>,
    own: impl Fn(&str) -> String,
) -> Vec<String> {
    let mut near: Vec<_> = ids
        .into_iter()
        .map(|id| (likeness(word, &own(&id)), id))
        .filter(|(likeness, _)| *likeness > ALIKE)
        .collect();
    near.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    near.dedup();
    near.into_iter().take(3).map(|(_, id)| id).collect()
}

/// How much like an id a word is, 0–1; part of an id is as good as the whole.
fn likeness(word: &str, id: &str) -> f64 {
    let (word, id) = (word.to_lowercase(), id.to_lowercase());
    if word.len() > 2 && id.contains(word.trim_matches('*')) {
        return 1.0;
    }
    strsim::jaro_winkler(&word, &id)
}

const ALIKE: f64 = 0.8;
const WAITS: &str = "waits up to a minute: --level hardened or --waiting runs it";
