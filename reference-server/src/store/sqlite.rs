//! The store in a SQLite file: reads on reader threads, writes on one writer thread.
//!
//! The writer puts what many ask for at the same time into one transaction; the file may be shared with
//! other processes, ours and Django's.

mod changes;
mod connections;
mod queries;
mod schema;
mod watch;
mod writer;

use std::path::Path;
use std::sync::Arc;

use self::connections::Readers;
use self::writer::{Draft, Writer};
use super::{
    Account, Admission, Chat, Message, NewMessage, NewUser, NotAParticipant, OpenError, Standing,
    StoreError, StoredSession, UnknownParticipant, User,
};
use crate::timestamp::Timestamp;

/// A SQLite database; what its methods promise is said at [`super::Store`].
pub(super) struct Sqlite {
    readers: Arc<Readers>,
    writer: Writer,
}

impl Sqlite {
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        let unusable = |reason: String| OpenError::Unusable {
            database: path.display().to_string(),
            reason,
        };
        let mut connection =
            connections::connect(path).map_err(|error| unusable(schema::reason_of(&error)))?;
        schema::prepare(&mut connection, path)?;
        let writer = Writer::start(connection).map_err(|error| unusable(error.to_string()))?;
        Ok(Self {
            readers: Readers::new(path),
            writer,
        })
    }

    // Accounts.

    pub(super) async fn account_named(
        &self,
        username: &str,
    ) -> Result<Option<Account>, StoreError> {
        let username = username.to_owned();
        self.readers
            .read(move |db| queries::account_named(db, &username))
            .await
    }

    pub(super) async fn account(&self, id: i64) -> Result<Option<Account>, StoreError> {
        self.readers.read(move |db| queries::account(db, id)).await
    }

    pub(super) async fn create_user(&self, user: NewUser) -> Result<Option<User>, StoreError> {
        self.writer
            .change(move |db| changes::create_user(db, user))
            .await
    }

    pub(super) async fn record_login(
        &self,
        user: i64,
        rehashed: Option<String>,
    ) -> Result<(), StoreError> {
        self.writer
            .change(move |db| changes::record_login(db, user, rehashed.as_deref()))
            .await
    }

    // Sessions.

    pub(super) async fn session(&self, key: &str) -> Result<Option<StoredSession>, StoreError> {
        let key = key.to_owned();
        self.readers
            .read(move |db| queries::session(db, &key, Timestamp::now()))
            .await
    }

    pub(super) async fn insert_session(
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

    pub(super) async fn update_session(
        &self,
        key: &str,
        session: StoredSession,
    ) -> Result<bool, StoreError> {
        let key = key.to_owned();
        self.writer
            .change(move |db| changes::update_session(db, &key, &session))
            .await
    }

    pub(super) async fn delete_session(&self, key: &str) -> Result<(), StoreError> {
        let key = key.to_owned();
        self.writer
            .change(move |db| changes::delete_session(db, &key))
            .await
    }

    // Chats.

    pub(super) async fn chats_of(&self, participant: i64) -> Result<Vec<Chat>, StoreError> {
        self.readers
            .read(move |db| queries::chats_of(db, participant))
            .await
    }

    pub(super) async fn chat(&self, id: i64, participant: i64) -> Result<Option<Chat>, StoreError> {
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

    pub(super) async fn is_participant(&self, chat: i64, user: i64) -> Result<bool, StoreError> {
        self.readers
            .read(move |db| queries::is_participant(db, chat, user))
            .await
    }

    pub(super) async fn create_chat(
        &self,
        name: String,
        creator: i64,
        others: Vec<i64>,
    ) -> Result<Result<Chat, UnknownParticipant>, StoreError> {
        self.writer
            .change(move |db| changes::create_chat(db, &name, creator, &others))
            .await
    }

    pub(super) async fn rename_chat(
        &self,
        id: i64,
        participant: i64,
        name: String,
    ) -> Result<Option<Chat>, StoreError> {
        self.writer
            .change(move |db| changes::rename_chat(db, id, participant, &name))
            .await
    }

    pub(super) async fn delete_chat(&self, id: i64, participant: i64) -> Result<bool, StoreError> {
        self.writer
            .change(move |db| changes::delete_chat(db, id, participant))
            .await
    }

    // Messages.

    pub(super) async fn messages_of_chat(
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

    pub(super) async fn messages_of(&self, participant: i64) -> Result<Vec<Message>, StoreError> {
        self.readers
            .read(move |db| queries::messages_of(db, participant))
            .await
    }

    pub(super) async fn message(
        &self,
        id: i64,
        participant: i64,
    ) -> Result<Option<Message>, StoreError> {
        self.readers
            .read(move |db| queries::message(db, id, participant))
            .await
    }

    pub(super) async fn append_group(
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

    pub(super) async fn changed_by_others(&self) -> Result<bool, StoreError> {
        self.writer.changed_by_others().await
    }

    pub(super) async fn standings(
        &self,
        admissions: Vec<Admission>,
    ) -> Result<Vec<Standing>, StoreError> {
        self.readers
            .read(move |db| watch::standings(db, &admissions, Timestamp::now()))
            .await
    }
}
