//! What outlives a process: users, sessions, chats, messages, in the tables that Django makes.
//!
//! Nobody is answered before the transaction is committed that holds what was asked for. A store is one of two
//! backends with the same methods, which are asked through `ask!`; what they promise is said here.

mod location;
mod postgres;
mod records;
mod schema;
mod sqlite;
mod standing;

use std::sync::Arc;

pub use self::location::{Location, LocationError};
use self::postgres::Postgres;
pub use self::postgres::{Url, UrlError};
pub use self::records::{Account, Chat, Message, NewMessage, NewUser, StoredSession, User};
pub use self::schema::OpenError;
use self::sqlite::Sqlite;
pub use self::standing::{Admission, Standing};

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
pub struct Store(Arc<Backend>);

enum Backend {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// Asks whichever backend the store has.
macro_rules! ask {
    ($store:ident.$method:ident($($argument:expr),*)) => {
        match &*$store.0 {
            Backend::Sqlite(sqlite) => sqlite.$method($($argument),*).await,
            Backend::Postgres(postgres) => postgres.$method($($argument),*).await,
        }
    };
}

impl Store {
    /// Opens the database there, as Django made it or new: a file, or an empty database of a Postgres.
    ///
    /// # Errors
    /// If it cannot be reached or written, or is a database of something else; nothing is half-made then.
    pub async fn open(location: &Location) -> Result<Self, OpenError> {
        let backend = match location {
            Location::File(path) => Backend::Sqlite(Sqlite::open(path)?),
            Location::Postgres(url) => Backend::Postgres(Postgres::open(url).await?),
        };
        Ok(Self(Arc::new(backend)))
    }

    // Accounts.

    /// The account with exactly this user name.
    pub async fn account_named(&self, username: &str) -> Result<Option<Account>, StoreError> {
        ask!(self.account_named(username))
    }

    /// The account with this id.
    pub async fn account(&self, id: i64) -> Result<Option<Account>, StoreError> {
        ask!(self.account(id))
    }

    /// Makes a user; `None`: the name is taken (exactly, case and all).
    pub async fn create_user(&self, user: NewUser) -> Result<Option<User>, StoreError> {
        ask!(self.create_user(user))
    }

    /// Sets `last_login`, and the password where it was hashed anew.
    pub async fn record_login(
        &self,
        user: i64,
        rehashed: Option<String>,
    ) -> Result<(), StoreError> {
        ask!(self.record_login(user, rehashed))
    }

    // Sessions.

    /// The session with this key, unless it has expired.
    pub async fn session(&self, key: &str) -> Result<Option<StoredSession>, StoreError> {
        ask!(self.session(key))
    }

    /// Inserts a new session; deletes the row of `replaces` in the same transaction.
    pub async fn insert_session(
        &self,
        key: &str,
        session: StoredSession,
        replaces: Option<&str>,
    ) -> Result<(), StoreError> {
        ask!(self.insert_session(key, session, replaces))
    }

    /// Rewrites a session; `false`: the row has gone (logged out elsewhere), and is not made again.
    pub async fn update_session(
        &self,
        key: &str,
        session: StoredSession,
    ) -> Result<bool, StoreError> {
        ask!(self.update_session(key, session))
    }

    /// Deletes a session; one that is not there is deleted already.
    pub async fn delete_session(&self, key: &str) -> Result<(), StoreError> {
        ask!(self.delete_session(key))
    }

    // Chats. `participant` is who asks: where he is none, the answer is as for an unknown chat (CHAT-3).

    /// The chats of `participant` by id, with participants and messages.
    pub async fn chats_of(&self, participant: i64) -> Result<Vec<Chat>, StoreError> {
        ask!(self.chats_of(participant))
    }

    /// One chat with participants and messages.
    pub async fn chat(&self, id: i64, participant: i64) -> Result<Option<Chat>, StoreError> {
        ask!(self.chat(id, participant))
    }

    /// Whether `user` takes part in `chat`.
    pub async fn is_participant(&self, chat: i64, user: i64) -> Result<bool, StoreError> {
        ask!(self.is_participant(chat, user))
    }

    /// Makes a chat with `creator` and `others`, each once; nothing if one of them does not exist.
    pub async fn create_chat(
        &self,
        name: String,
        creator: i64,
        others: Vec<i64>,
    ) -> Result<Result<Chat, UnknownParticipant>, StoreError> {
        ask!(self.create_chat(name, creator, others))
    }

    /// Renames a chat and returns it whole.
    pub async fn rename_chat(
        &self,
        id: i64,
        participant: i64,
        name: String,
    ) -> Result<Option<Chat>, StoreError> {
        ask!(self.rename_chat(id, participant, name))
    }

    /// Deletes a chat with its messages; `false`: no such chat.
    pub async fn delete_chat(&self, id: i64, participant: i64) -> Result<bool, StoreError> {
        ask!(self.delete_chat(id, participant))
    }

    // Messages.

    /// Every message of a chat, oldest first.
    pub async fn messages_of_chat(
        &self,
        chat: i64,
        participant: i64,
    ) -> Result<Option<Vec<Message>>, StoreError> {
        ask!(self.messages_of_chat(chat, participant))
    }

    /// Every message of the chats of `participant`, oldest first.
    pub async fn messages_of(&self, participant: i64) -> Result<Vec<Message>, StoreError> {
        ask!(self.messages_of(participant))
    }

    /// One message of a chat of `participant`.
    pub async fn message(&self, id: i64, participant: i64) -> Result<Option<Message>, StoreError> {
        ask!(self.message(id, participant))
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
        ask!(self.append_group(group))
    }

    // What other processes did.

    /// Whether another process has written since this was last asked.
    pub async fn changed_by_others(&self) -> Result<bool, StoreError> {
        ask!(self.changed_by_others())
    }

    /// What has become of what open connections were admitted with, in order.
    pub async fn standings(&self, admissions: Vec<Admission>) -> Result<Vec<Standing>, StoreError> {
        ask!(self.standings(admissions))
    }
}
