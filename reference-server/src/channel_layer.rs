//! The channel layer: how a stored message reaches the rooms of every process.
//!
//! A process joins the group of a chat when its first connection enters and leaves with its last. There are three
//! layers, of which all processes of a deployment use the same:
//!
//! | layer | between processes | as |
//! |---|---|---|
//! | `memory` | not at all | `channels.layers.InMemoryChannelLayer` |
//! | `redis` | queues in Redis | `channels_redis.core.RedisChannelLayer` |
//! | `pubsub` | published through Redis | `channels_redis.pubsub.RedisPubSubChannelLayer` |
//!
//! Through Redis every process of this server sees one order, and a Daphne of the same layer takes part. What both
//! Redis layers share is in `courier`, the form of what they write in `envelope` and `names`.

mod courier;
pub mod envelope;
pub mod memory;
pub mod names;
pub mod pubsub;
pub mod redis;

use std::sync::Arc;

pub use self::courier::{ConnectError, Handle, Options, RedisUrlError, check_url};
use crate::store::Message;

/// What a layer does to the process it belongs to. [`crate::rooms::Rooms`] is the one implementation
/// outside of tests.
pub trait Delivery: Send + Sync + 'static {
    /// Hands `events`, in order, to every local connection of `chat`. Never blocks.
    fn deliver(&self, chat: i64, events: &[Event]);

    /// Connections of `chat` (of every chat, if `None`) that are open now may have missed messages:
    /// they are closed with 1012, so that their clients read the history (PROC-6).
    fn resync(&self, chat: Option<i64>);

    /// Another process of this server tells something that concerns open connections.
    fn notice(&self, notice: &Notice);
}

/// One thing to hear in a chat.
#[derive(Debug, Clone)]
pub enum Event {
    /// A message that this process stored.
    Own(Arc<Message>),
    /// The `message` of an event that another process sent: any JSON object (INTEROP §4).
    Foreign(Arc<serde_json::Value>),
}

/// A stored message on its way to the group of its chat.
#[derive(Debug)]
pub struct Outgoing {
    /// The message, already in the history.
    pub message: Arc<Message>,
    /// Held until the message has been delivered or given up: it is the sender's place in the
    /// bounded window of messages under way, and so what holds a fast sender back (PROC-5).
    pub permit: Option<Permit>,
}

/// A place in some sender's window; dropping it gives the place back.
#[derive(Debug)]
pub struct Permit {
    /// Where the place is.
    pub window: Arc<dyn Window>,
    /// How much of it the message takes.
    pub units: usize,
}

/// A bounded number of messages under way.
pub trait Window: Send + Sync + std::fmt::Debug {
    /// So much less is under way.
    fn release(&self, units: usize);
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.window.release(self.units);
    }
}

/// What processes of this server tell each other besides messages. It never goes into the groups
/// that Daphne's sockets read: an unknown type would close them (INTEROP §4).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Notice {
    /// A session ended: connections opened with it are closed with 4401 (AUTH-9).
    SessionEnded {
        /// SHA-256 of the session key, in base64url: the key itself is a secret.
        session: String,
    },
    /// A chat was deleted: its connections are closed with 4404 (WS-22).
    ChatDeleted {
        /// The chat's id.
        chat: i64,
    },
}

/// The layer a process was started with.
#[derive(Debug, Clone)]
pub enum ChannelLayer {
    /// Within this process only.
    Memory(memory::MemoryLayer),
    /// Between all processes on one Redis, through queues ([`redis::connect`]).
    Redis(Handle),
    /// Between all processes on one Redis, by publishing ([`pubsub::connect`]).
    PubSub(Handle),
}

impl ChannelLayer {
    /// Joins the group of `chat`. Once it returns, every message sent to the group is delivered here,
    /// or the layer is degraded and will call [`Delivery::resync`] when it recovers.
    pub async fn join(&self, chat: i64) {
        match self {
            Self::Memory(_) => {}
            Self::Redis(layer) | Self::PubSub(layer) => layer.join(chat).await,
        }
    }

    /// Leaves the group of `chat`: its last local connection has gone.
    pub fn leave(&self, chat: i64) {
        match self {
            Self::Memory(_) => {}
            Self::Redis(layer) | Self::PubSub(layer) => layer.leave(chat),
        }
    }

    /// Sends messages, in this order, to the groups of their chats. Never blocks: what is under way
    /// is bounded by the senders' permits.
    pub fn group_send(&self, batch: Vec<Outgoing>) {
        match self {
            Self::Memory(layer) => layer.group_send(batch),
            Self::Redis(layer) | Self::PubSub(layer) => layer.group_send(batch),
        }
    }

    /// Tells the *other* processes of this server.
    pub fn announce(&self, notice: Notice) {
        match self {
            Self::Memory(_) => {}
            Self::Redis(layer) | Self::PubSub(layer) => layer.announce(notice),
        }
    }

    /// Leaves every group and stops; what is under way is sent first.
    pub async fn shutdown(&self) {
        match self {
            Self::Memory(_) => {}
            Self::Redis(layer) | Self::PubSub(layer) => layer.shutdown().await,
        }
    }
}
