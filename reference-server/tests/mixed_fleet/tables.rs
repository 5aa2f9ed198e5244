//! The fleet's tables, for what somebody does to them past both implementations.

use chat_fixtures::stage::Deployment;
use rusqlite::Connection;

use crate::ground::{Database, Ground};

/// A way to the tables of a deployment that stands on this ground.
pub(crate) struct Tables(Connection);

impl Tables {
    pub(crate) fn of(fleet: &Deployment, ground: Ground) -> Self {
        match ground.database {
            Database::Sqlite => Self(Connection::open(fleet.database()).unwrap()),
        }
    }

    /// Does this to one row.
    pub(crate) fn change(&self, sql: &str) {
        assert_eq!(self.0.execute(sql, []).unwrap(), 1, "{sql}");
    }

    /// The one text that this asks for.
    pub(crate) fn text(&self, sql: &str) -> String {
        self.0.query_row(sql, [], |row| row.get(0)).unwrap()
    }
}
