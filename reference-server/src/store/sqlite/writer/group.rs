//! A group of messages becomes rows: who may say it, at which time, under which id.

use rusqlite::{OptionalExtension, params_from_iter, types::ToSqlOutput};

use super::{Draft, GroupResult, Stored, Writing};
use crate::store::NotAParticipant;
use crate::timestamp::Timestamp;

impl Writing {
    /// All of it in one transaction, or nothing.
    pub(super) fn append(&mut self, drafts: Vec<Draft>) -> GroupResult {
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

/// One for so many rows.
pub(super) fn insert_statement(rows: usize) -> String {
    let mut sql =
        "INSERT INTO chat_message (content, timestamp, chat_id, sender_id) VALUES (?, ?, ?, ?)"
            .to_owned();
    for _ in 1..rows {
        sql.push_str(", (?, ?, ?, ?)");
    }
    sql
}

/// Rows of one INSERT statement: the cost of a statement is shared, and the statement stays cached.
pub(super) const ROWS: [usize; 4] = [64, 16, 4, 1];

/// Seconds that somebody else's clock may be ahead and still be followed.
const AHEAD: i64 = 60;

/// A participant of a chat that exists: were either row gone, the whole group would fail at its commit.
const PARTICIPANT: &str = "SELECT 1 FROM chat_chat_participants p JOIN chat_chat c ON c.id = p.chat_id \
     JOIN chat_user u ON u.id = p.user_id WHERE p.chat_id = ?1 AND p.user_id = ?2";

/// How many (chat, user) pairs are remembered; past it the memory starts anew.
const REMEMBERED: usize = 100_000;
