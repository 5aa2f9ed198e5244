//! What is told while a run goes on: a line that moves, on a terminal; nothing elsewhere.

use std::{io::IsTerminal, time::Duration};

use chat_fixtures::colour;
use clap::ColorChoice;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{check::Outcome, report::CheckResult};

/// The line on stderr.
#[derive(Debug)]
pub struct Line {
    bar: ProgressBar,
    colour: bool,
}

impl Line {
    /// A line for `checks` checks; invisible when `quiet` or where stderr is no terminal.
    pub fn new(checks: usize, quiet: bool, color: ColorChoice) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = ProgressBar::new(u64::try_from(checks).unwrap_or(u64::MAX));
        if quiet || !terminal {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        } else {
            if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        let colour = colour::is_wanted(color, &std::io::stderr());
        Self { bar, colour }
    }

    /// A check is over; what did not go well is told at once.
    pub fn ended(&self, result: &CheckResult) {
        self.bar.inc(1);
        let colour = match result.outcome {
            Outcome::Violation | Outcome::Broken => RED,
            Outcome::Untestable => YELLOW,
            Outcome::Pass | Outcome::NotApplicable | Outcome::Deviation => return,
        };
        let word = match self.colour {
            true => format!("{colour}{}{PLAIN}", result.outcome),
            false => result.outcome.to_string(),
        };
        self.bar.println(format!("{word} {}", result.check));
    }

    /// What is being done beside the checks.
    pub fn says(&self, text: &'static str) {
        self.bar.set_message(text);
    }

    /// Takes the line away.
    pub fn ends(&self) {
        self.bar.finish_and_clear();
    }
}

const TEMPLATE: &str = "{spinner} {pos} of {len} checks, {elapsed} {msg}";
const RED: &str = "\x1b[31m";
const YELLOW: &str = "\x1b[33m";
const PLAIN: &str = "\x1b[0m";
