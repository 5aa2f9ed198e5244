//! The forms a report can take, in one table.

use chat_fixtures::output::Form;

use crate::report::{Report, github, html, json, junit, tap, terminal};

/// A form of report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people, without colour.
    Terminal,
    /// For CI servers.
    Junit,
    /// For programs: `report.schema.json` says what is in it.
    Json,
    /// For people, in one file without outside resources.
    Html,
    /// Test Anything Protocol, version 14.
    Tap,
    /// Annotations on a GitHub workflow's run.
    Github,
}

/// One row of [`FORMATS`].
#[derive(Debug)]
pub struct Row {
    /// The form.
    pub format: Format,
    /// How the command line calls it.
    pub name: &'static str,
    /// What it is for, in a few words.
    pub purpose: &'static str,
    render: fn(&Report) -> String,
}

/// Every form of report.
#[rustfmt::skip]
pub const FORMATS: &[Row] = &[
    Row { format: Format::Terminal, name: "terminal", purpose: "for people, as text", render: terminal::render },
    Row { format: Format::Html, name: "html", purpose: "for people, one file for a browser", render: html::render },
    Row { format: Format::Json, name: "json", purpose: "for programs, by report.schema.json", render: json::render },
    Row { format: Format::Junit, name: "junit", purpose: "for CI servers, as XML", render: junit::render },
    Row { format: Format::Tap, name: "tap", purpose: "Test Anything Protocol 14", render: tap::render },
    Row { format: Format::Github, name: "github", purpose: "annotations of a GitHub workflow", render: github::render },
];

impl Format {
    /// The report in this form.
    pub fn render(self, report: &Report) -> String {
        FORMATS
            .iter()
            .find(|row| row.format == self)
            .map(|row| (row.render)(report))
            .unwrap_or_default()
    }
}

impl Form for Format {
    const TERMINAL: Self = Self::Terminal;

    fn all() -> impl Iterator<Item = Self> {
        FORMATS.iter().map(|row| row.format)
    }

    fn name(self) -> &'static str {
        FORMATS
            .iter()
            .find(|row| row.format == self)
            .map_or("", |row| row.name)
    }

    /// Annotations are lines among the others of a log.
    fn stands_alone(self) -> bool {
        !matches!(self, Self::Terminal | Self::Github)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_in_the_table() {
        for format in [
            Format::Terminal,
            Format::Junit,
            Format::Json,
            Format::Html,
            Format::Tap,
            Format::Github,
        ] {
            assert_ne!(format.name(), "");
        }
    }
}
