//! The comparison for people, as one HTML file without outside resources.

use chat_fixtures::page::page;
use serde::Serialize;

use super::{Difference, Report};
use crate::report::visible::duration;

/// The report as a page. Whatever comes from the servers is text in it, never markup.
pub(super) fn render(report: &Report) -> String {
    page(
        &[("page.html", include_str!("page.html"))],
        &Page::of(report),
    )
}

#[derive(Serialize)]
struct Page<'a> {
    report: &'a Report,
    conclusion: String,
    took: String,
    forbidden: Vec<Told<'a>>,
    allowed: Vec<&'a Difference>,
}

/// A difference that nobody allows.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    difference: &'a Difference,
    length: String,
    belongs_to: String,
}

impl<'a> Page<'a> {
    fn of(report: &'a Report) -> Self {
        Self {
            report,
            conclusion: report.conclusion(),
            took: duration(report.took),
            forbidden: report.forbidden().map(Told::of).collect(),
            allowed: report.allowed().map(|(difference, _)| difference).collect(),
        }
    }
}

impl<'a> Told<'a> {
    fn of(difference: &'a Difference) -> Self {
        Self {
            difference,
            length: difference.length(),
            belongs_to: difference.clause_and_level(),
        }
    }
}
