//! The comparison for people, as one HTML file without outside resources.

use minijinja::{Environment, context, syntax::SyntaxConfig, value::Serde};

use super::Report;
use crate::report::visible::duration;

/// The report as a page. Whatever comes from the servers is text in it, never markup.
pub(super) fn render(report: &Report) -> String {
    // The template is a part of the program, and a test renders all of it.
    rendered(report)
        .unwrap_or_else(|error| format!("<!doctype html><title>{}</title>", error.kind()))
}

fn rendered(report: &Report) -> Result<String, minijinja::Error> {
    let mut templates = Environment::new();
    templates.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()?,
    );
    // The name's ending is what turns the escaping on.
    templates.add_template("page.html", include_str!("page.html"))?;
    let lengths: Vec<_> = report.forbidden().map(super::Difference::length).collect();
    let clauses: Vec<_> = report
        .forbidden()
        .map(super::Difference::clause_and_level)
        .collect();
    let forbidden: Vec<_> = report.forbidden().collect();
    let allowed: Vec<_> = report.allowed().map(|(difference, _)| difference).collect();
    templates.get_template("page.html")?.render(context! {
        report => Serde(report),
        conclusion => report.conclusion(),
        took => duration(report.took),
        forbidden => Serde(forbidden),
        allowed => Serde(allowed),
        lengths,
        clauses,
    })
}
