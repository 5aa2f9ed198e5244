//! The tables in SQLite: made where there are none, used as they are where Django made them.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};

use super::connections::BUSY_TIMEOUT;
use crate::store::OpenError;
use crate::store::schema::first_missing;

/// Makes the database at `path` ready: WAL (persistent, and Django reads it as well), and the tables
/// if it has none at all. Nothing is changed in a database that holds something else.
pub(super) fn prepare(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let unusable = |error: rusqlite::Error| OpenError::Unusable {
        database: path.display().to_string(),
        reason: reason_of(&error),
    };

    // IMMEDIATE: of several processes that start together on a new file one makes the tables.
    let transaction = connection
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .map_err(unusable)?;
    let tables: i64 = transaction
        .query_row(
            "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
            [],
            |row| row.get(0),
        )
        .map_err(unusable)?;
    if tables == 0 {
        transaction
            .execute_batch(include_str!("schema.sql"))
            .map_err(unusable)?;
    }
    let columns = columns_of(&transaction).map_err(unusable)?;
    if let Some(reason) = first_missing(&columns) {
        return Err(OpenError::Foreign {
            database: path.display().to_string(),
            reason,
        });
    }
    transaction.commit().map_err(unusable)?;
    turn_to_wal(connection).map_err(unusable)
}

/// Every table with each of its columns.
fn columns_of(connection: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    connection
        .prepare(
            "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// SQLite does not wait by itself for those who do the same at the same time: it calls the database locked.
fn turn_to_wal(connection: &Connection) -> rusqlite::Result<()> {
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        let turned = connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
        match turned {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && Instant::now() < deadline =>
            {
                std::thread::sleep(BETWEEN_ATTEMPTS);
            }
            // Some file systems have no shared memory: readers and writer would wait for each other.
            Ok(mode) if mode != "wal" => {
                let reason = "its file system does not allow write-ahead logging";
                return Err(rusqlite::Error::SqliteFailure(
                    rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN),
                    Some(reason.to_owned()),
                ));
            }
            outcome => return outcome.map(drop),
        }
    }
}

const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(10);

/// SQLite's words without its codes.
pub(super) fn reason_of(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(text)) => text.clone(),
        other => other.to_string(),
    }
}
