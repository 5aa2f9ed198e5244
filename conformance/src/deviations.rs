//! Known deviations of an implementation, as data: what fails, why, who says so, when to look again.

use std::path::Path;

use anyhow::{Context, bail};
use chat_fixtures::contract::clause;
use serde::Deserialize;
use toml::value::Datetime;

use crate::{check::Check, checks, rows::Form, select::Pattern};

/// A list of deviations.
#[derive(Debug, Clone)]
pub struct Deviations {
    /// The built-in name, or the file.
    pub name: String,
    /// Its rows.
    pub rows: Vec<Deviation>,
}

/// One row.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deviation {
    /// A check's id, a clause's id, or either with `*` for anything.
    pub check: String,
    /// Whether it always shows.
    pub shows: Shows,
    /// Why the implementation does otherwise.
    pub reason: String,
    /// Where that was seen or is written.
    pub evidence: String,
    /// The day on which somebody has to look at it again: a TOML date.
    pub review: Datetime,
}

/// How surely a deviation shows in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shows {
    /// In every run; one that does not show makes the list stale.
    Always,
    /// Under load, or by chance.
    Sometimes,
}

impl Deviations {
    /// The built-in list of that name, or the one in that file.
    ///
    /// # Errors
    /// When there is neither, the file is not as it has to be, or a row means no check.
    pub fn named(name: &str) -> anyhow::Result<Self> {
        let text = match BUILT_IN.iter().find(|(built_in, _)| *built_in == name) {
            Some((_, text)) => (*text).to_owned(),
            None => std::fs::read_to_string(Path::new(name)).with_context(|| {
                let names: Vec<_> = BUILT_IN.iter().map(|(name, _)| *name).collect();
                format!(
                    "the deviations {name} are neither built in ({}) nor a file to be read",
                    names.join(", ")
                )
            })?,
        };
        let mut list =
            Self::parse(name, &text).with_context(|| format!("the deviations {name}"))?;
        if name == MIXED {
            list.rows
                .iter_mut()
                .for_each(|row| row.shows = Shows::Sometimes);
        }
        Ok(list)
    }

    fn parse(name: &str, text: &str) -> anyhow::Result<Self> {
        let rows: Vec<Deviation> = FORM.rows(text)?;
        for row in &rows {
            // A clause is enough: what it has checks of may be left to other builds.
            if clause(&row.check).is_none() && !checks::all().any(|check| row.is_about(check)) {
                bail!("{}: there is no such clause or check", row.check);
            }
            if row.review.date.is_none() {
                bail!("{}: the review date has no day", row.check);
            }
        }
        Ok(Self {
            name: name.to_owned(),
            rows,
        })
    }
}

impl Deviation {
    /// Whether it is about this check.
    pub fn is_about(&self, check: &Check) -> bool {
        Pattern::new(&self.check).takes(check)
    }

    /// Whether its review date has passed on a day, both as `(year, month, day)`.
    pub(crate) fn is_due(&self, today: (u16, u8, u8)) -> bool {
        self.review
            .date
            .is_some_and(|date| (date.year, date.month, date.day) < today)
    }
}

const FORM: Form = Form {
    table: "deviation",
    needs: &[
        ("check", "a clause, a check, or either with * for anything"),
        ("shows", "always or sometimes"),
        ("reason", "why the implementation does otherwise"),
        ("evidence", "where that was seen or is written"),
        ("review", "the day to look at it again, as 2027-01-31"),
    ],
};
const BUILT_IN: [(&str, &str); 2] = [("django-channels-4.3", DJANGO), (MIXED, DJANGO)];
/// For a fleet in which some processes are of that kind: a deviation shows where a check happens to ask one of them.
const MIXED: &str = "mixed-django-channels-4.3";
const DJANGO: &str = include_str!("../../fixtures/contract/deviations/django-channels-4.3.toml");

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    const ROW: &str = "[[deviation]]\ncheck = \"WS-14\"\nshows = \"always\"\nreason = \"r\"\n\
                       evidence = \"e\"\nreview = 2027-01-31\n";

    #[test]
    fn what_is_built_in_can_be_read() {
        for (name, _) in BUILT_IN {
            assert!(!Deviations::named(name).unwrap().rows.is_empty());
        }
    }

    #[test]
    fn in_a_mixed_fleet_nothing_shows_for_sure() {
        let list = Deviations::named(MIXED).unwrap();
        assert!(list.rows.iter().all(|row| row.shows == Shows::Sometimes));
    }

    #[test]
    fn a_row_is_due_the_day_after_its_date() {
        let row = &Deviations::parse("a list", ROW).unwrap().rows[0];
        assert!(!row.is_due((2027, 1, 31)));
        assert!(row.is_due((2027, 2, 1)));
    }

    #[test]
    fn a_row_that_means_no_check_is_an_error() {
        let wrong = ROW.replace("WS-14", "WS-99/*");
        let error = Deviations::parse("a list", &wrong).unwrap_err();
        assert!(error.to_string().contains("WS-99"), "{error}");
    }
}
