//! One result with all that is known of it: what was expected, what happened, how to see it by hand.

use super::{Page, mark_of, style_of};
use crate::{
    report::{
        CheckResult, Report, difference,
        page_of::by_title,
        telling,
        visible::{amount, duration, on_one_line, visible},
    },
    reproduction,
};

impl Page {
    /// One result with all that is known of it; without transcript and script, unless `in_full`.
    pub(super) fn explains(&mut self, report: &Report, result: &CheckResult, in_full: bool) {
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
}

/// Below the time of a line that goes on.
const MORE: &str = "                ";
/// How many characters of a body or a frame are shown.
const BODY: usize = 240;
/// How many lines of a transcript.
const LAST: usize = 20;
/// The longest script that is shown.
const SCRIPT: usize = 60;
