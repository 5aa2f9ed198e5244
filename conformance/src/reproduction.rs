//! A transcript as a shell script: what a reader can paste to see it with their own eyes.
//!
//! It asks what the check asked, in its order, with accounts and chats of its own. What a shell cannot show
//! (frames of bytes, moments, two things at once) it says in a comment.

use crate::{
    report::{CheckResult, Report},
    reproduction::{
        names::Names,
        steps::{Steps, comment},
    },
    transcript::{Entry, Event},
};

mod names;
mod shell;
mod steps;

/// The story of a result as a script for `sh`; nothing, when it asked nothing.
pub fn script(report: &Report, result: &CheckResult) -> Option<String> {
    let story = &result.transcript;
    let asks = |entry: &Entry| matches!(entry.event, Event::Request { .. });
    if !story.iter().any(asks) {
        return None;
    }
    let mut steps = Steps::new(Names::of(report, story), story);
    for (n, _) in story.iter().enumerate().take(LONGEST) {
        steps.takes(n);
    }
    if story.len() > LONGEST {
        steps.says(&format!(
            "the {} entries after that are in the transcript only",
            story.len() - LONGEST
        ));
    }
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
    script.push(PREPARATION.to_owned());
    script.extend(names.accounts());
    script.push(String::new());
    script.extend(lines);
    Some(script.join("\n") + "\n")
}

/// Where the cookie jars go, and what the lines below use.
const PREPARATION: &str = r#"cd "$(mktemp -d)" || exit
cookie() { awk -v name="$2" '$6 == name { print $7 }' "$1.jar"; }
cookies() { echo "sessionid=$(cookie "$1" sessionid); csrftoken=$(cookie "$1" csrftoken)"; }
id() { tee /dev/stderr | grep -o '"id": *[0-9]*' | head -n 1 | tr -dc 0-9; }"#;

/// How many entries of a transcript are played.
const LONGEST: usize = 120;
