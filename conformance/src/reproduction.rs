//! A transcript as a shell script: what a reader can paste to see it with their own eyes.
//!
//! It asks what the check asked, in its order, with accounts and chats of its own. What a shell cannot show
//! (frames of bytes, moments, two things at once) it says in a comment.

use crate::{
    plan,
    report::{CheckResult, Report},
    reproduction::{names::Names, shell::comment, steps::Steps},
    transcript::{Entry, Event},
};

mod keys;
mod names;
mod shell;
mod spelling;
mod steps;
mod way;

pub use way::Way;

/// The story of a result as a script for `sh`; nothing, when it asked nothing.
pub fn script(report: &Report, result: &CheckResult) -> Option<String> {
    let story = &result.transcript;
    let asks = |entry: &Entry| matches!(entry.event, Event::Request { .. });
    if !story.iter().any(asks) {
        return None;
    }
    if let Some(script) = of_a_plan(report, story) {
        return Some(script);
    }
    let mut steps = Steps::new(Names::of(report, story), story);
    let (first, last) = played(story);
    (0..first).for_each(|n| steps.takes(n));
    if first < last {
        steps.says(&format!(
            "here {} entries are left out that are in the transcript only",
            last - first
        ));
    }
    (last..story.len()).for_each(|n| steps.takes(n));
    let (names, lines, speaks) = steps.ends();

    let mut script = vec![
        "#!/bin/sh".to_owned(),
        comment(&format!(
            "{} by hand. It needs curl{}.",
            result.check,
            if speaks {
                ", and websocat for the WebSocket frames"
            } else {
                ""
            }
        )),
    ];
    script.extend(names.declarations());
    script.extend(report.way.lines(speaks));
    script.push(PREPARATION.to_owned());
    script.extend(names.accounts());
    script.push(VERBOSE.to_owned());
    script.push(String::new());
    script.extend(lines);
    Some(script.join("\n") + "\n")
}

/// A sequence that differs from the model has brought a script of its own.
fn of_a_plan(report: &Report, story: &[Entry]) -> Option<String> {
    let script = story.iter().rev().find_map(|entry| match &entry.event {
        Event::Note { text } => text.strip_prefix(plan::SCRIPT),
        _ => None,
    })?;
    let speaks = script.contains("\nopen ");
    let bases: Vec<_> = report
        .targets
        .iter()
        .map(|target| shell::quoted(target.trim_end_matches('/'), &[]))
        .collect();
    let (start, rest) = script.split_once("\nset -u\n")?;
    let rest = rest.replacen(plan::ANY_BASE, &bases.join(" "), 1);
    let way = report.way.lines(speaks).join("\n");
    Some(format!("{start}\nset -u\n{way}\n{rest}"))
}

/// Up to where a story is played, and from where on again: its beginning says who plays and where, its end
/// what went wrong.
fn played(story: &[Entry]) -> (usize, usize) {
    if story.len() <= LONGEST {
        return (story.len(), story.len());
    }
    let asks = |n: &usize| {
        matches!(
            story.get(*n).map(|entry| &entry.event),
            Some(Event::Request { .. })
        )
    };
    let first = (OPENING..story.len()).find(asks).unwrap_or(OPENING);
    let last = story.len() - (LONGEST - OPENING);
    let last = (last..story.len()).find(asks).unwrap_or(last);
    (first.min(last), last)
}

/// Where the cookie jars go, and what the lines below use.
const PREPARATION: &str = r#"cd "$(mktemp -d)" || exit
cookie() { awk -v name="$2" '$6 == name { print $7 }' "$1.jar"; }
cookies() { echo "sessionid=$(cookie "$1" sessionid); csrftoken=$(cookie "$1" csrftoken)"; }
id() { tee /dev/stderr | grep -o '"id": *[0-9]*' | head -n 1 | tr -dc 0-9; }"#;

/// How many entries of a transcript are played.
const LONGEST: usize = 120;
/// How many of them from the beginning, at least.
const OPENING: usize = 30;
const VERBOSE: &str = "set -v # shows each step before its answer";
