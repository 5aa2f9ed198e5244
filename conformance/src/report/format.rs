//! The forms a report can take; what they look like is still to come.

use std::str::FromStr;

use crate::report::Report;

/// A form of report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Terminal,
    /// For CI servers.
    Junit,
    /// For programs.
    Json,
    /// For browsers.
    Html,
    /// Test Anything Protocol.
    Tap,
    /// Annotations on a GitHub workflow's run.
    Github,
}

/// There is no form of report of that name.
#[derive(Debug, thiserror::Error)]
#[error("no such form of report: {0}; there are terminal, html, json, junit, tap, github")]
pub struct UnknownFormat(String);

impl Format {
    /// The report in this form.
    pub fn render(self, report: &Report) -> String {
        if self != Self::Terminal {
            return serde_json::to_string_pretty(report).unwrap_or_default();
        }
        let mut text = String::new();
        for result in &report.results {
            let reason = result.reason.as_deref().unwrap_or("");
            text += &format!("{:14} {} {reason}\n", result.outcome, result.check);
        }
        for note in &report.notes {
            text += &format!("{note}\n");
        }
        text
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Ok(match name {
            "terminal" => Self::Terminal,
            "junit" => Self::Junit,
            "json" => Self::Json,
            "html" => Self::Html,
            "tap" => Self::Tap,
            "github" => Self::Github,
            _ => return Err(UnknownFormat(name.to_owned())),
        })
    }
}
