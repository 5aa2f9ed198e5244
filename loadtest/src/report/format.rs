//! The forms a report can take, in one table.

use chat_fixtures::output::{self, Form};

use crate::report::{FindingReport, Report, finding, hdr, html, json, junit, prometheus, terminal};

/// A form of report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people, without colour.
    Terminal,
    /// For people, in one file without outside resources.
    Html,
    /// For programs, `compare` and `merge` among them: `report.schema.json` says what is in it.
    Json,
    /// For CI servers.
    Junit,
    /// HdrHistogram's interval log.
    Hdr,
    /// What a Prometheus server would have scraped last.
    Prometheus,
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
    /// The same of a search for the capacity, where that makes sense: it has no one histogram, and no scrape.
    search: Option<fn(&FindingReport) -> String>,
}

/// Every form of report.
#[rustfmt::skip]
pub const FORMATS: &[Row] = &[
    Row { format: Format::Terminal, name: "terminal", purpose: "for people, as text", render: terminal::render, search: Some(finding::terminal::render) },
    Row { format: Format::Html, name: "html", purpose: "for people, one file for a browser", render: html::render, search: Some(finding::html::render) },
    Row { format: Format::Json, name: "json", purpose: "for programs, compare and merge, by a JSON schema", render: json::render, search: Some(finding::json::render) },
    Row { format: Format::Junit, name: "junit", purpose: "for CI servers, as XML", render: junit::render, search: Some(finding::junit::render) },
    Row { format: Format::Hdr, name: "hdr", purpose: "for HdrHistogram's tools, as an interval log", render: hdr::render, search: None },
    Row { format: Format::Prometheus, name: "prometheus", purpose: "for Prometheus, as text", render: prometheus::render, search: None },
];

/// One form of report, and where it goes.
pub type ReportTo = output::ReportTo<Format>;

impl Format {
    /// The report in this form.
    #[must_use]
    pub fn render(self, report: &Report) -> String {
        FORMATS
            .iter()
            .find(|row| row.format == self)
            .map(|row| (row.render)(report))
            .unwrap_or_default()
    }

    /// The report of a search in this form, where it has one.
    #[must_use]
    pub fn render_search(self, report: &FindingReport) -> Option<String> {
        let row = FORMATS.iter().find(|row| row.format == self)?;
        row.search.map(|render| render(report))
    }

    /// The forms that a search has.
    pub fn of_searches() -> impl Iterator<Item = Self> {
        let rows = FORMATS.iter().filter(|row| row.search.is_some());
        rows.map(|row| row.format)
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_in_the_table() {
        for format in [
            Format::Terminal,
            Format::Html,
            Format::Json,
            Format::Junit,
            Format::Hdr,
            Format::Prometheus,
        ] {
            assert_ne!(format.name(), "");
        }
    }
}
