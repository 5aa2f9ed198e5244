//! What outlives a process: users, sessions, chats, messages, in the tables that Django makes.
//!
//! Reads run on reader threads, writes on one writer thread, which puts what many ask for at the same
//! time into one transaction; nobody is answered before the transaction is committed.

use std::sync::Arc;

use serde::Serialize;

use crate::timestamp::Timestamp;

/// What everyone may see of a user: the contract's `User`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// The primary key.
    pub id: i64,
    /// Unique, NFKC-normalised.
    pub username: String,
    /// Empty if there is none.
    pub email: String,
    /// `owner`, `student` or `staff`.
    pub user_type: String,
}

/// A user with what only the server may see.
#[derive(Clone)]
pub struct Account {
    /// The public part.
    pub user: Arc<User>,
    /// Django's encoded password, e.g. `pbkdf2_sha256$1000000$…`.
    pub password: String,
    /// Inactive accounts cannot log in and their sessions are anonymous.
    pub is_active: bool,
}

/// A user to be made.
#[derive(Clone)]
pub struct NewUser {
    /// Already normalised.
    pub username: String,
    /// Already normalised; empty if none.
    pub email: String,
    /// `owner`, `student` or `staff`.
    pub user_type: String,
    /// Already encoded.
    pub password: String,
}

/// A row of `django_session` that has not expired.
#[derive(Clone)]
pub struct StoredSession {
    /// Signed, perhaps compressed; see [`crate::session`].
    pub data: String,
    /// When it ends by itself.
    pub expires: Timestamp,
}

/// A chat with all that the contract shows of it.
#[derive(Debug, Clone)]
pub struct Chat {
    /// The primary key.
    pub id: i64,
    /// 1–255 characters.
    pub name: String,
    /// By id.
    pub participants: Vec<Arc<User>>,
    /// Oldest first.
    pub messages: Vec<Message>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A message as it is in the history.
#[derive(Debug, Clone)]
pub struct Message {
    /// The primary key.
    pub id: i64,
    /// The chat's id.
    pub chat: i64,
    /// Who said it.
    pub sender: Arc<User>,
    /// What was said; never contains NUL.
    pub content: String,
    /// When it was stored.
    pub timestamp: Timestamp,
}

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or could not be reached; the text is for the log.
    #[error("the store failed: {0}")]
    Failed(String),
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
pub struct Store;

#[allow(unused_variables, clippy::todo, missing_docs, reason = "the interface first; SQLite follows")]
impl Store {
    // --- accounts
    pub async fn account_named(&self, username: &str) -> Result<Option<Account>, StoreError> { todo!() }
    pub async fn account(&self, id: i64) -> Result<Option<Account>, StoreError> { todo!() }
    /// `None`: the name is taken (exactly, case and all).
    pub async fn create_user(&self, user: NewUser) -> Result<Option<User>, StoreError> { todo!() }
    /// Sets `last_login`, and the password where it was hashed anew.
    pub async fn record_login(&self, user: i64, rehashed: Option<String>) -> Result<(), StoreError> { todo!() }

    // --- sessions
    /// The session with this key, unless it has expired.
    pub async fn session(&self, key: &str) -> Result<Option<StoredSession>, StoreError> { todo!() }
    /// Inserts a new session; deletes the row of `replaces` in the same transaction.
    pub async fn insert_session(&self, key: &str, session: StoredSession, replaces: Option<&str>) -> Result<(), StoreError> { todo!() }
    /// `false`: the row has gone (logged out elsewhere); it is not made again.
    pub async fn update_session(&self, key: &str, session: StoredSession) -> Result<bool, StoreError> { todo!() }
    pub async fn delete_session(&self, key: &str) -> Result<(), StoreError> { todo!() }

    // --- chats; `participant` is who asks: where he is none, the answer is as for an unknown chat
    pub async fn chats_of(&self, participant: i64) -> Result<Vec<Chat>, StoreError> { todo!() }
    pub async fn chat(&self, id: i64, participant: i64) -> Result<Option<Chat>, StoreError> { todo!() }
    pub async fn is_participant(&self, chat: i64, user: i64) -> Result<bool, StoreError> { todo!() }
    pub async fn create_chat(&self, name: String, creator: i64, others: Vec<i64>) -> Result<Result<Chat, UnknownParticipant>, StoreError> { todo!() }
    pub async fn rename_chat(&self, id: i64, participant: i64, name: String) -> Result<Option<Chat>, StoreError> { todo!() }
    /// `false`: no such chat.
    pub async fn delete_chat(&self, id: i64, participant: i64) -> Result<bool, StoreError> { todo!() }

    // --- messages
    pub async fn messages_of_chat(&self, chat: i64, participant: i64) -> Result<Option<Vec<Message>>, StoreError> { todo!() }
    pub async fn messages_of(&self, participant: i64) -> Result<Vec<Message>, StoreError> { todo!() }
    pub async fn message(&self, id: i64, participant: i64) -> Result<Option<Message>, StoreError> { todo!() }
    /// Stores one message and answers once it is committed. It is not sent to anyone (SEND-8).
    pub async fn append(&self, chat: i64, sender: Arc<User>, content: String) -> Result<Result<Message, NotAParticipant>, StoreError> { todo!() }
}
