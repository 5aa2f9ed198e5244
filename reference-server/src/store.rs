//! What outlives a process: users, sessions, chats, messages, in the tables that Django makes.
//!
//! Reads run on reader threads, writes on one writer thread, which puts what many ask for at the same
//! time into one transaction; nobody is answered before the transaction is committed.

mod changes;
mod queries;
mod records;
mod schema;
mod sqlite;
mod watch;
mod writer;

use std::path::Path;
use std::sync::Arc;

pub use self::records::{Account, Chat, Message, NewMessage, NewUser, StoredSession, User};
pub use self::schema::OpenError;
use self::sqlite::Readers;
pub use self::watch::{Admission, Standing};
use self::writer::{Draft, Writer};
use crate::timestamp::Timestamp;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or could not be reached; the text is for the log.
    #[error("the store failed: {0}")]
    Failed(String),
    /// More writes wait than may; nothing of this one was done.
    #[error("the store is overloaded")]
    Overloaded,
    /// The store is shutting down.
    #[error("the store is closed")]
    Closed,
}

/// A participant that does not exist (CHAT-8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownParticipant(pub i64);

/// The sender is not, or no longer, a participant of the chat, or there is no such chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAParticipant;

/// The store of one process; clones share it.
#[derive(Clone)]
pub struct Store {
    readers: Arc<Readers>,
    writer: Arc<Writer>,
}

impl Store {
    /// Opens the SQLite database at `path`, as Django made it or new.
    ///
    /// # Errors
    /// If it cannot be written, or is a database of something else; nothing is half-made then.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let unusable = |reason: String| OpenError::Unusable {
            path: path.display().to_string(),
            reason,
        };
        let mut connection =
            sqlite::connect(path).map_err(|error| unusable(schema::reason_of(&error)))?;
        schema::prepare(&mut connection, path)?;
        let writer = Writer::start(connection).map_err(|error| unusable(error.to_string()))?;
        Ok(Self {
            readers: Readers::new(path),
            writer: Arc::new(writer),
        })
    }

    // Accounts.

    /// The account with exactly this user name.
    pub async fn account_named(&self, username: &str) -> Result<Option<Account>, StoreError> {
        let username = username.to_owned();
        self.readers
            .read(move |db| queries::account_named(db, &username))
            .await
    }

    /// The account with this id.
    pub async fn account(&self, id: i64) -> Result<Option<Account>, StoreError> {
        self.readers.read(move |db| queries::account(db, id)).await
    }

    /// Makes a user; `None`: the name is taken (exactly, case and all).
    pub async fn create_user(&self, user: NewUser) -> Result<Option<User>, StoreError> {
        self.writer
            .change(move |db| changes::create_user(db, user))
            .await
    }

    /// Sets `last_login`, and the password where it was hashed anew.
    pub async fn record_login(
        &self,
        user: i64,
        rehashed: Option<String>,
    ) -> Result<(), StoreError> {
        self.writer
            .change(move |db| changes::record_login(db, user, rehashed.as_deref()))
            .await
    }

    // Sessions.

    /// The session with this key, unless it has expired.
    pub async fn session(&self, key: &str) -> Result<Option<StoredSession>, StoreError> {
        let key = key.to_owned();
        self.readers
            .read(move |db| queries::session(db, &key, Timestamp::now()))
            .await
    }

    /// Inserts a new session; deletes the row of `replaces` in the same transaction.
    pub async fn insert_session(
        &self,
        key: &str,
        session: StoredSession,
        replaces: Option<&str>,
    ) -> Result<(), StoreError> {
        let (key, replaces) = (key.to_owned(), replaces.map(str::to_owned));
        self.writer
            .change(move |db| changes::insert_session(db, &key, &session, replaces.as_deref()))
            .await
    }

    /// Rewrites a session; `false`: the row has gone (logged out elsewhere), and is not made again.
    pub async fn update_session(
        &self,
        key: &str,
        session: StoredSession,
    ) -> Result<bool, StoreError> {
        let key = key.to_owned();
        self.writer
            .change(move |db| changes::update_session(db, &key, &session))
            .await
    }

    /// Deletes a session; one that is not there is deleted already.
    pub async fn delete_session(&self, key: &str) -> Result<(), StoreError> {
        let key = key.to_owned();
        self.writer
            .change(move |db| changes::delete_session(db, &key))
            .await
    }

    // Chats. `participant` is who asks: where he is none, the answer is as for an unknown chat (CHAT-3).

    /// The chats of `participant` by id, with participants and messages.
    pub async fn chats_of(&self, participant: i64) -> Result<Vec<Chat>, StoreError> {
        self.readers
            .read(move |db| queries::chats_of(db, participant))
            .await
    }

    /// One chat with participants and messages.
    pub async fn chat(&self, id: i64, participant: i64) -> Result<Option<Chat>, StoreError> {
        self.readers
            .read(move |db| {
                if queries::is_participant(db, id, participant)? {
                    queries::chat(db, id)
                } else {
                    Ok(None)
                }
            })
            .await
    }

    /// Whether `user` takes part in `chat`.
    pub async fn is_participant(&self, chat: i64, user: i64) -> Result<bool, StoreError> {
        self.readers
            .read(move |db| queries::is_participant(db, chat, user))
            .await
    }

    /// Makes a chat with `creator` and `others`, each once; nothing if one of them does not exist.
    pub async fn create_chat(
        &self,
        name: String,
        creator: i64,
        others: Vec<i64>,
    ) -> Result<Result<Chat, UnknownParticipant>, StoreError> {
        self.writer
            .change(move |db| changes::create_chat(db, &name, creator, &others))
            .await
    }

    /// Renames a chat and returns it whole.
    pub async fn rename_chat(
        &self,
        id: i64,
        participant: i64,
        name: String,
    ) -> Result<Option<Chat>, StoreError> {
        self.writer
            .change(move |db| changes::rename_chat(db, id, participant, &name))
            .await
    }

    /// Deletes a chat with its messages; `false`: no such chat.
    pub async fn delete_chat(&self, id: i64, participant: i64) -> Result<bool, StoreError> {
        self.writer
            .change(move |db| changes::delete_chat(db, id, participant))
            .await
    }

    // Messages.

    /// Every message of a chat, oldest first.
    pub async fn messages_of_chat(
        &self,
        chat: i64,
        participant: i64,
    ) -> Result<Option<Vec<Message>>, StoreError> {
        self.readers
            .read(move |db| {
                let takes_part = queries::is_participant(db, chat, participant)?;
                takes_part
                    .then(|| queries::messages_of_chat(db, chat))
                    .transpose()
            })
            .await
    }

    /// Every message of the chats of `participant`, oldest first.
    pub async fn messages_of(&self, participant: i64) -> Result<Vec<Message>, StoreError> {
        self.readers
            .read(move |db| queries::messages_of(db, participant))
            .await
    }

    /// One message of a chat of `participant`.
    pub async fn message(&self, id: i64, participant: i64) -> Result<Option<Message>, StoreError> {
        self.readers
            .read(move |db| queries::message(db, id, participant))
            .await
    }

    /// Stores one message and answers once it is committed. It is not sent to anyone (SEND-8).
    pub async fn append(
        &self,
        chat: i64,
        sender: Arc<User>,
        content: String,
    ) -> Result<Result<Message, NotAParticipant>, StoreError> {
        let fates = self
            .append_group(vec![NewMessage {
                chat,
                sender,
                content,
            }])
            .await?;
        fates.into_iter().next().ok_or(StoreError::Closed)
    }

    /// Stores messages in one transaction, in this order; answers each one's fate once it is committed.
    /// If it fails, none is stored.
    pub async fn append_group(
        &self,
        group: Vec<NewMessage>,
    ) -> Result<Vec<Result<Message, NotAParticipant>>, StoreError> {
        let mut speakers = Vec::with_capacity(group.len());
        let drafts = group
            .into_iter()
            .map(
                |NewMessage {
                     chat,
                     sender,
                     content,
                 }| {
                    let draft = Draft {
                        chat,
                        sender: sender.id,
                        content,
                    };
                    speakers.push((chat, sender));
                    draft
                },
            )
            .collect();
        let fates = self.writer.append(drafts).await?;
        Ok(fates
            .into_iter()
            .zip(speakers)
            .map(|(fate, (chat, sender))| {
                fate.map(|stored| Message {
                    id: stored.id,
                    chat,
                    sender,
                    content: stored.content,
                    timestamp: stored.timestamp,
                })
            })
            .collect())
    }

    // What other processes did.

    /// Whether another process has written since this was last asked.
    pub async fn changed_by_others(&self) -> Result<bool, StoreError> {
        self.writer.changed_by_others().await
    }

    /// What has become of what open connections were admitted with, in order.
    pub async fn standings(&self, admissions: Vec<Admission>) -> Result<Vec<Standing>, StoreError> {
        self.readers
            .read(move |db| watch::standings(db, &admissions, Timestamp::now()))
            .await
    }
}
