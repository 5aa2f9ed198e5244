//! The one thread that writes: messages in groups, everything else in its turn.
//!
//! A group is one transaction: what came together is committed together, and nobody hears of a message
//! before it is (WS-4). The thread is told one thing at a time and works in the order told.

use std::collections::HashSet;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use rusqlite::{
    Connection, OptionalExtension, Transaction, TransactionBehavior, params_from_iter,
    types::ToSqlOutput,
};
use tokio::sync::oneshot;

use crate::store::{NotAParticipant, StoreError};
use crate::timestamp::Timestamp;

/// How many jobs may wait; one more is refused, and its asker told that the store is overloaded.
const WAITING: usize = 1024;

/// Rows of one INSERT statement: the cost of a statement is shared, and the statement stays cached.
const ROWS: [usize; 4] = [64, 16, 4, 1];

/// Seconds that somebody else's clock may be ahead and still be followed.
const AHEAD: i64 = 60;

/// A participant of a chat that exists: were either row gone, the whole group would fail at its commit.
const PARTICIPANT: &str = "SELECT 1 FROM chat_chat_participants p JOIN chat_chat c ON c.id = p.chat_id \
     JOIN chat_user u ON u.id = p.user_id WHERE p.chat_id = ?1 AND p.user_id = ?2";

/// How many (chat, user) pairs are remembered; past it the memory starts anew.
const REMEMBERED: usize = 100_000;

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

    fn append(&mut self, drafts: Vec<Draft>) -> GroupResult {
        self.connection
            .prepare_cached("BEGIN IMMEDIATE")?
            .execute([])?;
        let outcome = self.insert(drafts).and_then(|fates| {
            self.connection.prepare_cached("COMMIT")?.execute([])?;
            Ok(fates)
        });
        if outcome.is_err() {
            // Deferred foreign keys fail at the commit, which leaves the transaction open.
            if !self.connection.is_autocommit() {
                drop(self.connection.execute_batch("ROLLBACK"));
            }
            self.participants.clear();
        }
        Ok(outcome?)
    }

    /// Within the transaction nobody else can write, so what is checked here holds at the commit.
    fn insert(
        &mut self,
        drafts: Vec<Draft>,
    ) -> rusqlite::Result<Vec<Result<Stored, NotAParticipant>>> {
        let version = self.data_version()?;
        if version != self.version || self.participants.len() > REMEMBERED {
            self.version = version;
            self.participants.clear();
            self.catch_up()?;
        }
        let mut fates = Vec::with_capacity(drafts.len());
        let mut rows = Vec::with_capacity(drafts.len());
        for draft in &drafts {
            let pair = (draft.chat, draft.sender);
            if self.participants.contains(&pair) || self.is_participant(pair)? {
                rows.push((draft, self.next_timestamp()));
            }
        }
        let ids = self.insert_rows(&rows)?;
        let mut stored = rows
            .iter()
            .map(|(_, timestamp)| *timestamp)
            .zip(ids)
            .collect::<Vec<_>>()
            .into_iter();
        drop(rows);
        for draft in drafts {
            fates.push(if self.participants.contains(&(draft.chat, draft.sender)) {
                let (timestamp, id) = stored.next().ok_or(rusqlite::Error::QueryReturnedNoRows)?;
                Ok(Stored {
                    id,
                    timestamp,
                    content: draft.content,
                })
            } else {
                Err(NotAParticipant)
            });
        }
        Ok(fates)
    }

    fn is_participant(&mut self, (chat, user): (i64, i64)) -> rusqlite::Result<bool> {
        let is = self
            .connection
            .prepare_cached(PARTICIPANT)?
            .exists([chat, user])?;
        if is {
            self.participants.insert((chat, user));
        }
        Ok(is)
    }

    /// Later than what others stored last, whatever their clocks said, unless theirs are far ahead.
    fn catch_up(&mut self) -> rusqlite::Result<()> {
        let last: Option<String> = self
            .connection
            .prepare_cached("SELECT timestamp FROM chat_message ORDER BY id DESC LIMIT 1")?
            .query_row([], |row| row.get(0))
            .optional()?;
        let last = last.and_then(|text| Timestamp::from_sqlite(&text));
        if let Some(last) = last.filter(|last| *last < Timestamp::now().plus_seconds(AHEAD)) {
            self.last_timestamp = self.last_timestamp.max(last.as_micros());
        }
        Ok(())
    }

    /// Later than every one before, so that the history's order by time is the order of storing.
    fn next_timestamp(&mut self) -> Timestamp {
        self.last_timestamp = Timestamp::now().as_micros().max(self.last_timestamp + 1);
        Timestamp::from_micros(self.last_timestamp)
    }

    /// The ids of the new rows, in order: AUTOINCREMENT numbers the rows of one statement one by one.
    fn insert_rows(&self, rows: &[(&Draft, Timestamp)]) -> rusqlite::Result<Vec<i64>> {
        let mut ids = Vec::with_capacity(rows.len());
        let mut rest = rows;
        while !rest.is_empty() {
            let fitting = ROWS.iter().position(|size| *size <= rest.len());
            let which = fitting.unwrap_or(ROWS.len() - 1);
            let size = ROWS[which];
            let (now, later) = rest.split_at(size);
            let values = now.iter().flat_map(|(draft, timestamp)| {
                [
                    ToSqlOutput::from(draft.content.as_str()),
                    ToSqlOutput::from(timestamp.to_sqlite()),
                    ToSqlOutput::from(draft.chat),
                    ToSqlOutput::from(draft.sender),
                ]
            });
            self.connection
                .prepare_cached(&self.inserts[which])?
                .execute(params_from_iter(values))?;
            let last = self.connection.last_insert_rowid();
            let count = i64::try_from(size).unwrap_or(1);
            ids.extend(last - count + 1..=last);
            rest = later;
        }
        Ok(ids)
    }
}

fn insert_statement(rows: usize) -> String {
    let mut sql =
        "INSERT INTO chat_message (content, timestamp, chat_id, sender_id) VALUES (?, ?, ?, ?)"
            .to_owned();
    for _ in 1..rows {
        sql.push_str(", (?, ?, ?, ?)");
    }
    sql
}
