//! The forms a report can take, in one table, and how the command line asks for them.

use std::{fmt, path::PathBuf, str::FromStr};

use crate::report::{Report, hdr, html, json, junit, prometheus, terminal};

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
}

/// Every form of report.
#[rustfmt::skip]
pub const FORMATS: &[Row] = &[
    Row { format: Format::Terminal, name: "terminal", purpose: "for people, as text", render: terminal::render },
    Row { format: Format::Html, name: "html", purpose: "for people, one file for a browser", render: html::render },
    Row { format: Format::Json, name: "json", purpose: "for programs, compare and merge, by report.schema.json", render: json::render },
    Row { format: Format::Junit, name: "junit", purpose: "for CI servers, as XML", render: junit::render },
    Row { format: Format::Hdr, name: "hdr", purpose: "for HdrHistogram's tools, as an interval log", render: hdr::render },
    Row { format: Format::Prometheus, name: "prometheus", purpose: "for Prometheus, as text", render: prometheus::render },
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
