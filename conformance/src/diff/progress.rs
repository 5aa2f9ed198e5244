//! What is told while two servers are compared: a line that moves, on a terminal; nothing elsewhere.

use std::{io::IsTerminal, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::finding::Finding;
use crate::report::visible::on_one_line;

/// The line on stderr.
#[derive(Debug)]
pub(super) struct Line(ProgressBar);

impl Line {
    /// A line for so many questions; invisible when `quiet` or where stderr is no terminal.
    pub(super) fn new(questions: usize, quiet: bool) -> Self {
        let bar = ProgressBar::new(u64::try_from(questions).unwrap_or(u64::MAX));
        if quiet || !std::io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        } else {
            if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        Self(bar)
    }

    /// So many questions more are over.
    pub(super) fn goes_on(&self, n: usize) {
        self.0.inc(u64::try_from(n).unwrap_or_default());
    }

    /// A difference that nobody allows is told at once.
    pub(super) fn tells(&self, finding: &Finding) {
        let places = finding.exchange.places.iter().take(1);
        let place: String = places.map(ToString::to_string).collect();
        let text = format!("{}: {place}", finding.question);
        self.0.println(on_one_line(&text, SHOWN));
    }

    /// What is being done beside the questions.
    pub(super) fn says(&self, text: &'static str) {
        self.0.set_message(text);
    }

    /// Takes the line away.
    pub(super) fn ends(&self) {
        self.0.finish_and_clear();
    }
}

const TEMPLATE: &str = "{spinner} {pos} of {len} questions, {elapsed} {msg}";
/// How many characters of a difference are told meanwhile.
const SHOWN: usize = 160;
