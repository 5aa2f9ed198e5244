//! The forms a report can take, in one table, and how the command line asks for them.

use std::{fmt, path::PathBuf, str::FromStr};

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportTo {
    /// The form.
    pub format: Format,
    /// The file; stdout without one.
    pub path: Option<PathBuf>,
}

/// There is no form of report of that name.
#[derive(Debug, thiserror::Error)]
#[error("no such form of report: {name:?}; there are {}", names().collect::<Vec<_>>().join(", "))]
pub struct UnknownFormat {
    name: String,
}

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

    /// The names of the forms that a search has.
    pub fn of_searches() -> impl Iterator<Item = &'static str> {
        let rows = FORMATS.iter().filter(|row| row.search.is_some());
        rows.map(|row| row.name)
    }

    /// How the command line calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        FORMATS
            .iter()
            .find(|row| row.format == self)
            .map_or("", |row| row.name)
    }
}

impl ReportTo {
    /// Whether it is a document of its own, so that nothing else may stand beside it on stdout.
    #[must_use]
    pub fn stands_alone(&self) -> bool {
        self.format != Format::Terminal
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        FORMATS
            .iter()
            .find(|row| row.name == name)
            .map(|row| row.format)
            .ok_or_else(|| UnknownFormat {
                name: name.to_owned(),
            })
    }
}

impl FromStr for ReportTo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, path) = match text.split_once('=') {
            Some((_, "")) => return Err("there is no path after the =".to_owned()),
            Some((format, path)) => (format, Some(PathBuf::from(path))),
            None => (text, None),
        };
        let format = format
            .parse()
            .map_err(|error: UnknownFormat| error.to_string())?;
        Ok(Self { format, path })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

fn names() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().map(|row| row.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_name() {
        for row in FORMATS {
            assert_eq!(row.name.parse::<Format>().ok(), Some(row.format));
            assert_eq!(row.format.name(), row.name);
        }
    }

    #[test]
    fn a_report_is_a_form_and_a_place() {
        let to: Result<ReportTo, _> = "html=out/a=b.html".parse();
        let path = Some(PathBuf::from("out/a=b.html"));
        assert_eq!(
            to,
            Ok(ReportTo {
                format: Format::Html,
                path
            })
        );
        let told = |text: &str| text.parse::<ReportTo>().err().unwrap_or_default();
        assert_eq!(told("json="), "there is no path after the =");
        assert_eq!(
            told("yaml=x"),
            "no such form of report: \"yaml\"; there are terminal, html, json, junit, hdr, prometheus"
        );
    }
}
