//! The store in a Postgres, which processes of ours and of Django may share.
//!
//! Every transaction is sent whole, from its beginning to its commit, before an answer is waited for: no lock
//! is held while a process of ours is slow, frozen or gone, and nothing is left open when an asker hangs up.
//! What was sent and not answered in time may still be done, as with any database over a network.

mod append;
mod changes;
mod connections;
mod queries;
mod schema;
mod timestamp;
mod url;
mod watch;

use std::sync::{Mutex, PoisonError};

use self::append::Place;
use self::connections::{Connections, run};
pub use self::url::{Url, UrlError};
use super::{
    Account, Admission, Chat, Message, NewMessage, NewUser, NotAParticipant, OpenError, Standing,
    StoreError, StoredSession, UnknownParticipant, User,
};
use crate::timestamp::Timestamp;

/// Connections that read; more reads wait their turn.
const READERS: usize = 4;

/// Connections that write. Each group of messages is one write, and only one is under way.
const WRITERS: usize = 4;

/// A Postgres database; what its methods promise is said at [`super::Store`].
pub(super) struct Postgres {
    readers: Connections,
    writers: Connections,
    /// As the watch has seen it last.
    seen: Mutex<Option<String>>,
}

impl Postgres {
    pub(super) async fn open(url: &Url) -> Result<Self, OpenError> {
        let config = url.config().map_err(|error| OpenError::Unusable {
            database: format!("{url:?}"),
            reason: error.to_string(),
        })?;
        let unusable = |error: StoreError| OpenError::Unusable {
            database: url::name_of(&config),
            reason: match error {
                StoreError::Failed(reason) => reason,
                other => other.to_string(),
            },
        };
        let readers = Connections::new(&config, READERS).map_err(unusable)?;
        let writers = Connections::new(&config, WRITERS).map_err(unusable)?;
        let mut first = writers.lend().await.map_err(unusable)?;
        schema::prepare(&mut first, &url::name_of(&config)).await?;
        drop(first);
        Ok(Self {
            readers,
            writers,
            seen: Mutex::default(),
        })
    }

    // Accounts.

    pub(super) async fn account_named(
        &self,
        username: &str,
    ) -> Result<Option<Account>, StoreError> {
        if has_nul(username) {
            return Ok(None);
        }
        run!(self.readers, queries::account_named, username)
    }

    pub(super) async fn account(&self, id: i64) -> Result<Option<Account>, StoreError> {
        run!(self.readers, queries::account, id)
    }

    pub(super) async fn create_user(&self, user: NewUser) -> Result<Option<User>, StoreError> {
        run!(self.writers, changes::create_user, &user)
    }

    pub(super) async fn record_login(
        &self,
        user: i64,
        rehashed: Option<String>,
    ) -> Result<(), StoreError> {
        run!(
            self.writers,
            changes::record_login,
            user,
            rehashed.as_deref()
        )
    }

    // Sessions.

    pub(super) async fn session(&self, key: &str) -> Result<Option<StoredSession>, StoreError> {
        if has_nul(key) {
            return Ok(None);
        }
        run!(self.readers, queries::session, key, Timestamp::now())
    }

    pub(super) async fn insert_session(
        &self,
        key: &str,
        session: StoredSession,
        replaces: Option<&str>,
    ) -> Result<(), StoreError> {
        let replaces = replaces.filter(|old| !has_nul(old));
        run!(
            self.writers,
            changes::insert_session,
            key,
            &session,
            replaces
        )
    }

    pub(super) async fn update_session(
        &self,
        key: &str,
        session: StoredSession,
    ) -> Result<bool, StoreError> {
        if has_nul(key) {
            return Ok(false);
        }
        run!(self.writers, changes::update_session, key, &session)
    }

    pub(super) async fn delete_session(&self, key: &str) -> Result<(), StoreError> {
        if has_nul(key) {
            return Ok(());
        }
        run!(self.writers, changes::delete_session, key)
    }

    // Chats.

    pub(super) async fn chats_of(&self, participant: i64) -> Result<Vec<Chat>, StoreError> {
        run!(self.readers, queries::chats_of, participant, None)
    }

    pub(super) async fn chat(&self, id: i64, participant: i64) -> Result<Option<Chat>, StoreError> {
        let mut found = run!(self.readers, queries::chats_of, participant, Some(id))?;
        Ok(found.pop())
    }

    pub(super) async fn is_participant(&self, chat: i64, user: i64) -> Result<bool, StoreError> {
        run!(self.readers, queries::is_participant, chat, user)
    }

    pub(super) async fn create_chat(
        &self,
        name: String,
        creator: i64,
        others: Vec<i64>,
    ) -> Result<Result<Chat, UnknownParticipant>, StoreError> {
        run!(self.writers, changes::create_chat, &name, creator, &others)
    }

    pub(super) async fn rename_chat(
        &self,
        id: i64,
        participant: i64,
        name: String,
    ) -> Result<Option<Chat>, StoreError> {
        run!(self.writers, changes::rename_chat, id, participant, &name)
    }

    pub(super) async fn delete_chat(&self, id: i64, participant: i64) -> Result<bool, StoreError> {
        run!(self.writers, changes::delete_chat, id, participant)
    }

    // Messages.

    pub(super) async fn messages_of_chat(
        &self,
        chat: i64,
        participant: i64,
    ) -> Result<Option<Vec<Message>>, StoreError> {
        run!(self.readers, queries::messages_of_chat, chat, participant)
    }

    pub(super) async fn messages_of(&self, participant: i64) -> Result<Vec<Message>, StoreError> {
        run!(self.readers, queries::messages_of, participant)
    }

    pub(super) async fn message(
        &self,
        id: i64,
        participant: i64,
    ) -> Result<Option<Message>, StoreError> {
        run!(self.readers, queries::message, id, participant)
    }

    pub(super) async fn append_group(
        &self,
        group: Vec<NewMessage>,
    ) -> Result<Vec<Result<Message, NotAParticipant>>, StoreError> {
        let fates = run!(self.writers, append::append, &group)?;
        let messages = group.into_iter().zip(fates).map(|(new, fate)| {
            let NewMessage {
                chat,
                sender,
                content,
            } = new;
            fate.map(|Place { id, timestamp }| Message {
                id,
                chat,
                sender,
                content,
                timestamp,
            })
        });
        Ok(messages.collect())
    }

    // What other processes did.

    pub(super) async fn changed_by_others(&self) -> Result<bool, StoreError> {
        let snapshot = Some(run!(self.readers, watch::snapshot)?);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = *seen != snapshot;
        *seen = snapshot;
        Ok(changed)
    }

    pub(super) async fn standings(
        &self,
        admissions: Vec<Admission>,
    ) -> Result<Vec<Standing>, StoreError> {
        run!(
            self.readers,
            watch::standings,
            &admissions,
            Timestamp::now()
        )
    }
}

/// No text of Postgres holds NUL, so nothing is found by one; asked for it, Postgres would fail.
fn has_nul(text: &str) -> bool {
    text.contains('\0')
}
