//! A list as a TOML file has it, rows of one table: what is wrong with one is told by its line, its name and what it
//! lacks.

use std::{collections::BTreeMap, ops::Range};

use anyhow::{anyhow, bail};
use serde::de::DeserializeOwned;
use toml::{Spanned, Table, Value};

/// What the rows of a list look like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    /// The name of the table.
    pub(crate) table: &'static str,
    /// What each row has to say, with what that means; the first is its name.
    pub(crate) needs: &'static [(&'static str, &'static str)],
}

impl Form {
    /// The rows of a text.
    ///
    /// # Errors
    /// One sentence about the first that is not of this form.
    pub(crate) fn rows<T: DeserializeOwned>(self, text: &str) -> anyhow::Result<Vec<T>> {
        let tables: BTreeMap<String, Vec<Spanned<Table>>> =
            toml::from_str(text).map_err(|error| {
                let place = line(text, error.span());
                anyhow!("{place}{}; rows are [[{}]]", error.message(), self.table)
            })?;
        let mut rows = Vec::new();
        for (table, of_table) in tables {
            if table != self.table {
                let place = line(text, of_table.first().map(Spanned::span));
                bail!("{place}[[{table}]] is unknown; rows are [[{}]]", self.table);
            }
            for row in of_table {
                let place = line(text, Some(row.span()));
                rows.push(self.row(&place, row.into_inner())?);
            }
        }
        Ok(rows)
    }

    fn row<T: DeserializeOwned>(self, place: &str, row: Table) -> anyhow::Result<T> {
        let text_of = |field: &str| row.get(field).and_then(Value::as_str);
        let name = self.needs.first().and_then(|(field, _)| text_of(field));
        let name = name.map_or_else(|| format!("a {}", self.table), |name| format!("{name:?}"));
        let read = row.clone().try_into();
        let wrong = |error: &toml::de::Error| anyhow!("{place}{name}: {}", error.message());
        if let Err(error) = &read
            && error.message().starts_with("unknown field")
        {
            return Err(wrong(error));
        }
        for (field, meaning) in self.needs {
            let is_blank = text_of(field).is_some_and(|text| text.trim().is_empty());
            if is_blank || !row.contains_key(*field) {
                bail!("{place}{name} needs a {field}: {meaning}");
            }
        }
        read.map_err(|error| wrong(&error))
    }
}

/// `line 3: `, where there is a place.
fn line(text: &str, place: Option<Range<usize>>) -> String {
    let before = place.and_then(|place| text.get(..place.start));
    before.map_or_else(String::new, |before| {
        format!("line {}: ", 1 + before.matches('\n').count())
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Row {
        name: String,
        reason: String,
    }

    fn rows(text: &str) -> anyhow::Result<Vec<Row>> {
        const FORM: Form = Form {
            table: "row",
            needs: &[("name", "who it is"), ("reason", "why")],
        };
        FORM.rows(text)
    }

    #[test]
    fn rows_stay_in_their_order() {
        let text = "[[row]]\nname = 'b'\nreason = 'r'\n[[row]]\nname = 'a'\nreason = 's'\n";
        let rows = rows(text).unwrap();
        let said = rows.iter().map(|row| (&*row.name, &*row.reason));
        assert_eq!(said.collect::<Vec<_>>(), [("b", "r"), ("a", "s")]);
    }

    #[test]
    fn what_is_wrong_is_told_by_line_and_name() {
        for (text, due) in [
            (
                "\n[[row]]\nname = 'b'\n",
                "line 2: \"b\" needs a reason: why",
            ),
            (
                "[[row]]\nname = 'b'\nreason = ' '",
                "line 1: \"b\" needs a reason: why",
            ),
            (
                "[[row]]\nreason = 'r'\n",
                "line 1: a row needs a name: who it is",
            ),
            (
                "[[row]]\nname = 'b'\nreason = 'r'\nwhen = 1\n",
                "line 1: \"b\": unknown field `when`",
            ),
            (
                "[[row]]\nnaem = 'b'\nreason = 'r'\n",
                "line 1: a row: unknown field `naem`, expected `name` or `reason`",
            ),
            (
                "[[row]]\nname = 'b'\nreason = 1\n",
                "line 1: \"b\": invalid type: integer `1`",
            ),
            (
                "# old\n[[raw]]\nname = 'b'\n",
                "line 2: [[raw]] is unknown; rows are [[row]]",
            ),
            ("row = 1\n", "line 1: invalid type: integer `1`"),
            ("[[row]]\nname = b\n", "line 2: "),
        ] {
            let said = rows(text).unwrap_err().to_string();
            assert!(said.starts_with(due), "{said}");
            assert_eq!(said.lines().count(), 1, "{said}");
        }
    }
}
