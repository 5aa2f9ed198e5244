//! What one process shares between its connections.

use std::sync::Arc;

use crate::channel_layer::ChannelLayer;
use crate::channel_layer::Notice;
use crate::config::Settings;
use crate::group_commit::GroupCommit;
use crate::metrics::Metrics;
use crate::password::Hasher;
use crate::rooms::{Rooms, session_digest};
use crate::store::Store;

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
    /// A session was deleted: its connections are closed here, and on the other processes (AUTH-9).
    pub fn session_ended(&self, key: &str) {
        self.rooms.session_ended(key);
        self.layer.announce(Notice::SessionEnded {
            session: session_digest(key),
        });
    }

    /// A chat was deleted: likewise (WS-22).
    pub fn chat_deleted(&self, chat: i64) {
        self.rooms.chat_deleted(chat);
        self.layer.announce(Notice::ChatDeleted { chat });
    }
}
