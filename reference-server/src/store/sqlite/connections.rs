//! Connections: opening a database as it is, and where each kind of work runs.
//!
//! One writer thread owns the one connection that writes. Reads run on blocking threads, each with a
//! connection of a small pool; in WAL mode neither waits for the other.

use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, MAIN_DB, OpenFlags, ffi};
use tokio::sync::Semaphore;

use crate::store::StoreError;

/// How many reads run at once; more wait their turn.
const READERS: usize = 4;

/// How long a connection waits for another process's write lock: Django's own five seconds.
pub(super) const BUSY_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);

/// Opens a connection with the pragmas that every connection needs.
///
/// `foreign_keys` as Django has it; `synchronous=NORMAL` survives a killed process (PROC-7), a power
/// cut may cost the last commits but never the database's consistency.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    keep_private(path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // SQLite opens for reading what it may not write: that is said now and not at the first message.
    if connection.is_readonly(MAIN_DB)? {
        return Err(rusqlite::Error::SqliteFailure(
            ffi::Error::new(ffi::SQLITE_READONLY),
            Some("it may only be read".to_owned()),
        ));
    }
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// A database that is to be made is made for its owner's eyes: it holds session keys and password hashes.
/// Whatever stands in the way is for SQLite to say.
fn keep_private(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    drop(options.write(true).create_new(true).mode(0o600).open(path));
}

/// The reading half: a pool of connections, used on blocking threads.
pub(super) struct Readers {
    idle: Mutex<Vec<Connection>>,
    turns: Arc<Semaphore>,
    open: Box<dyn Fn() -> rusqlite::Result<Connection> + Send + Sync>,
}

impl Readers {
    /// Readers of the database at `path`; connections are opened when first needed.
    pub(super) fn new(path: &Path) -> Arc<Self> {
        let path = path.to_owned();
        Arc::new(Self {
            idle: Mutex::new(Vec::with_capacity(READERS)),
            turns: Arc::new(Semaphore::new(READERS)),
            open: Box::new(move || connect(&path)),
        })
    }

    /// Runs `query` in one read transaction, so that what it reads belongs together.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let turns = Arc::clone(&self.turns);
        let turn = turns
            .acquire_owned()
            .await
            .map_err(|_| StoreError::Closed)?;
        let readers = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            // The turn is the work's: whoever asked may be gone before it is done.
            let _turn = turn;
            let mut connection = match readers.idle().pop() {
                Some(connection) => connection,
                None => (readers.open)()?,
            };
            let transaction = connection.transaction()?;
            let found = query(&transaction)?;
            drop(transaction);
            readers.idle().push(connection);
            Ok(found)
        })
        .await
        .map_err(|_| StoreError::Closed)?
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error.to_string())
    }
}
