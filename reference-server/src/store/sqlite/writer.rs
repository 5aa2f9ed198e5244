//! The one thread that writes: messages in groups, everything else in its turn.
//!
//! A group is one transaction: what came together is committed together, and nobody hears of a message
//! before it is (WS-4). The thread is told one thing at a time and works in the order told.

mod group;

use std::collections::HashSet;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use self::group::{ROWS, insert_statement};
use crate::store::{NotAParticipant, StoreError};
use crate::timestamp::Timestamp;

/// How many jobs may wait; one more is refused, and its asker told that the store is overloaded.
const WAITING: usize = 1024;

/// A message to be stored.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) chat: i64,
    pub(super) sender: i64,
    pub(super) content: String,
}

/// A draft that is in the history now.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) id: i64,
    pub(super) timestamp: Timestamp,
    pub(super) content: String,
}

/// What became of a group: each draft's fate in order, or why the whole transaction failed.
pub(super) type GroupResult = Result<Vec<Result<Stored, NotAParticipant>>, StoreError>;

type Task = Box<dyn FnOnce(&mut Writing) + Send>;

/// The way to the writer thread.
pub(super) struct Writer {
    tasks: Option<SyncSender<Task>>,
    thread: Option<JoinHandle<()>>,
}

/// What the writer thread holds.
pub(super) struct Writing {
    connection: Connection,
    /// (chat, user) pairs seen to be participants, true for as long as nobody else writes.
    participants: HashSet<(i64, i64)>,
    /// `PRAGMA data_version`: another number means that another connection has written.
    version: i64,
    /// The same, as the watch has seen it.
    watched_version: i64,
    last_timestamp: i64,
    /// One INSERT for each of [`ROWS`].
    inserts: [String; ROWS.len()],
}

impl Writer {
    /// Starts the thread over `connection`, which no one else writes with.
    pub(super) fn start(connection: Connection) -> std::io::Result<Self> {
        let (tasks, inbox) = sync_channel::<Task>(WAITING);
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || Writing::new(connection).work(&inbox))?;
        Ok(Self {
            tasks: Some(tasks),
            thread: Some(thread),
        })
    }

    /// Runs `change` in a transaction of its own; its error undoes it all.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.ask(move |writing| {
            let transaction = writing
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            let outcome = change(&transaction)?;
            transaction.commit()?;
            // What was known of participants may have been undone by this very change.
            writing.participants.clear();
            Ok(outcome)
        })
        .await?
    }

    /// Stores a group of messages in one transaction.
    pub(super) async fn append(&self, drafts: Vec<Draft>) -> GroupResult {
        self.ask(move |writing| writing.append(drafts)).await?
    }

    /// Whether somebody else has written since this was last asked: another process, as everything
    /// that this process writes goes through this one connection.
    pub(super) async fn changed_by_others(&self) -> Result<bool, StoreError> {
        self.ask(|writing| {
            let version = writing.data_version()?;
            let changed = version != writing.watched_version;
            writing.watched_version = version;
            Ok(changed)
        })
        .await?
    }

    async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writing) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let task: Task = Box::new(move |writing| drop(answer.send(work(writing))));
        match self
            .tasks
            .as_ref()
            .ok_or(StoreError::Closed)?
            .try_send(task)
        {
            Ok(()) => answered.await.map_err(|_| StoreError::Closed),
            Err(TrySendError::Full(_)) => Err(StoreError::Overloaded),
            Err(TrySendError::Disconnected(_)) => Err(StoreError::Closed),
        }
    }
}

impl Drop for Writer {
    /// Finishes what was asked, then ends the thread.
    fn drop(&mut self) {
        self.tasks = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Writing {
    fn new(connection: Connection) -> Self {
        Self {
            connection,
            participants: HashSet::new(),
            version: -1,
            watched_version: -1,
            last_timestamp: 0,
            inserts: ROWS.map(insert_statement),
        }
    }

    fn work(mut self, inbox: &Receiver<Task>) {
        while let Ok(task) = inbox.recv() {
            task(&mut self);
        }
        // Leaves one plain file behind; where others still have it open this is theirs to do.
        drop(
            self.connection
                .pragma_update(None, "wal_checkpoint", "TRUNCATE"),
        );
    }

    fn data_version(&self) -> rusqlite::Result<i64> {
        self.connection
            .prepare_cached("PRAGMA data_version")?
            .query_row([], |row| row.get(0))
    }
}
