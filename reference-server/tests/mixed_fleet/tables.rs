//! The fleet's tables, for what somebody does to them past both implementations.

use chat_fixtures::launch::Postgres;
use chat_fixtures::stage::Deployment;
use rusqlite::Connection;

use crate::ground::{Database, Ground};

/// A way to the tables of a deployment that stands on this ground.
pub(crate) enum Tables {
    Sqlite(Connection),
    Postgres(&'static Postgres, String),
}

impl Tables {
    pub(crate) async fn of(fleet: &Deployment, ground: Ground) -> Self {
        match ground.database {
            Database::Sqlite => Self::Sqlite(Connection::open(fleet.database()).unwrap()),
            Database::Postgres => {
                Self::Postgres(Postgres::shared().await.unwrap(), fleet.database())
            }
        }
    }

    /// Does this to one row.
    pub(crate) async fn change(&self, sql: &str) {
        match self {
            Self::Sqlite(connection) => {
                assert_eq!(connection.execute(sql, []).unwrap(), 1, "{sql}");
            }
            Self::Postgres(..) => assert_eq!(self.text(&format!("{sql} RETURNING 1")).await, "1"),
        }
    }

    /// The one text that this asks for.
    pub(crate) async fn text(&self, sql: &str) -> String {
        match self {
            Self::Sqlite(connection) => connection.query_row(sql, [], |row| row.get(0)).unwrap(),
            Self::Postgres(postgres, database) => {
                postgres.run(database, sql).await.unwrap().trim().to_owned()
            }
        }
    }
}
