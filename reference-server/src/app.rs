//! What one process shares between its connections.

use std::sync::Arc;

use crate::channel_layer::{ChannelLayer, Notice};
use crate::config::Settings;
use crate::group_commit::GroupCommit;
use crate::metrics::Metrics;
use crate::password::Hasher;
use crate::rooms::{Rooms, session_digest};
use crate::store::{Store, StoreError, StoredSession};

/// The parts of a running process. Handlers get it as `Arc<App>`.
pub struct App {
    /// How the process was asked to behave.
    pub settings: Settings,
    /// Users, sessions, chats, messages.
    pub store: Store,
    /// Checks and makes password hashes, a bounded number at a time.
    pub hasher: Hasher,
    /// Who is connected.
    pub rooms: Arc<Rooms>,
    /// Where what is said on sockets gathers.
    pub commits: Arc<GroupCommit>,
    /// How messages reach the rooms of every process.
    pub layer: ChannelLayer,
    /// What the process counts.
    pub metrics: Arc<Metrics>,
}

impl App {
    /// Deletes a session and closes its connections, here and on the other processes (AUTH-4, AUTH-9).
    ///
    /// # Errors
    /// Those of the store; then nothing has ended.
    pub async fn end_session(&self, key: &str) -> Result<(), StoreError> {
        let (store, endings, key) = (self.store.clone(), self.endings(), key.to_owned());
        to_the_end(async move {
            store.delete_session(&key).await?;
            endings.of_session(&key);
            Ok(())
        })
        .await
    }

    /// Opens a session in the place of another, which ends.
    ///
    /// # Errors
    /// Those of the store; then nothing has changed.
    pub async fn open_session(
        &self,
        key: &str,
        session: StoredSession,
        replaces: Option<&str>,
    ) -> Result<(), StoreError> {
        let (store, endings, key) = (self.store.clone(), self.endings(), key.to_owned());
        let replaces = replaces.map(str::to_owned);
        to_the_end(async move {
            store
                .insert_session(&key, session, replaces.as_deref())
                .await?;
            if let Some(old) = replaces {
                endings.of_session(&old);
            }
            Ok(())
        })
        .await
    }

    /// Deletes a chat and closes its connections, here and on the other processes (CHAT-7, WS-22).
    /// `false`: there is none of which `participant` is one.
    ///
    /// # Errors
    /// Those of the store; then nothing has changed.
    pub async fn delete_chat(&self, chat: i64, participant: i64) -> Result<bool, StoreError> {
        let (store, endings) = (self.store.clone(), self.endings());
        to_the_end(async move {
            let deleted = store.delete_chat(chat, participant).await?;
            if deleted {
                endings.of_chat(chat);
            }
            Ok(deleted)
        })
        .await
    }

    fn endings(&self) -> Endings {
        Endings {
            rooms: Arc::clone(&self.rooms),
            layer: self.layer.clone(),
        }
    }
}

/// Who is told that something has ended.
struct Endings {
    rooms: Arc<Rooms>,
    layer: ChannelLayer,
}

impl Endings {
    fn of_session(&self, key: &str) {
        self.rooms.session_ended(key);
        self.layer.announce(Notice::SessionEnded {
            session: session_digest(key),
        });
    }

    fn of_chat(&self, chat: i64) {
        self.rooms.chat_deleted(chat);
        self.layer.announce(Notice::ChatDeleted { chat });
    }
}

/// Runs `work` to its end even if whoever waits for it hangs up: what was deleted must be told.
async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::spawn(work).await.map_err(|_| StoreError::Closed)?
}
