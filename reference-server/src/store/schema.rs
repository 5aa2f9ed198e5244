//! The tables: made where there are none, used as they are where Django made them.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};

use super::sqlite::BUSY_TIMEOUT;

/// Why a database cannot be used; each is one sentence for the person who started the server.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file, or its folder, cannot be opened for writing.
    #[error("cannot open the database {path}: {reason}")]
    Unusable {
        /// As given.
        path: String,
        /// SQLite's words.
        reason: String,
    },
    /// A SQLite database of something else, or of another schema.
    #[error("{path} is a database, but not of this chat: {reason}; it was left as it is")]
    Foreign {
        /// As given.
        path: String,
        /// What is missing.
        reason: String,
    },
}

/// What the server reads and writes: a database without these is not ours.
const NEEDED: [(&str, &[&str]); 5] = [
    (
        "chat_user",
        &[
            "id",
            "password",
            "last_login",
            "is_superuser",
            "username",
            "first_name",
            "last_name",
            "email",
            "is_staff",
            "is_active",
            "date_joined",
            "user_type",
        ],
    ),
    ("chat_chat", &["id", "name", "created_at"]),
    ("chat_chat_participants", &["id", "chat_id", "user_id"]),
    (
        "chat_message",
        &["id", "content", "timestamp", "chat_id", "sender_id"],
    ),
    (
        "django_session",
        &["session_key", "session_data", "expire_date"],
    ),
];

/// Makes the database at `path` ready: WAL (persistent, and Django reads it as well), and the tables
/// if it has none at all. Nothing is changed in a database that holds something else.
pub(super) fn prepare(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let unusable = |error: rusqlite::Error| OpenError::Unusable {
        path: path.display().to_string(),
        reason: reason_of(&error),
    };
    let foreign = |reason: String| OpenError::Foreign {
        path: path.display().to_string(),
        reason,
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
    for (table, columns) in NEEDED {
        let mut statement = transaction
            .prepare("SELECT name FROM pragma_table_info(?1)")
            .map_err(unusable)?;
        let present = statement
            .query_map([table], |row| row.get::<_, String>(0))
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(unusable)?;
        if present.is_empty() {
            return Err(foreign(format!("it has no table {table}")));
        }
        if let Some(column) = columns
            .iter()
            .find(|column| !present.iter().any(|name| name == *column))
        {
            return Err(foreign(format!("its table {table} has no column {column}")));
        }
    }
    transaction.commit().map_err(unusable)?;
    turn_to_wal(connection).map_err(unusable)
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
