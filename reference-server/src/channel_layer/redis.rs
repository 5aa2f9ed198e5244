//! The Redis layer: queues and groups as `channels_redis.core` 4.3.0 keeps them (INTEROP §1, §2).
//!
//! | room | what happens there |
//! |---|---|
//! | `courier` | the one task that everything goes through, and its two ways of being |
//! | `attached`, `round` | Redis answers: rounds of joins, notices and messages, one at a time |
//! | `watch` | whether it still does |
//! | `detached` | it does not: messages go to this process alone until it is found again |
//! | `attachment` | one connected period: two connections, one identity |
//! | `reader`, `entry` | what lies in the own queue, and how it reaches the rooms |
//! | `outbox`, `pending`, `changes` | messages waiting to be sent, to be heard; memberships on their way |
//! | `identity`, `scripts` | names; what is done inside Redis |
//!
//! Every process of this server that sends takes the place of its message from one clock in Redis, and
//! hears its own messages through its own queue like everybody else: so all processes agree on one order.

mod attached;
mod attachment;
mod changes;
mod courier;
mod detached;
mod entry;
mod identity;
mod outbox;
mod pending;
mod reader;
mod round;
mod scripts;
mod watch;

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use self::attachment::{Attachment, Server};
use self::courier::{Command, Courier};
use super::envelope::Codec;
use super::{Delivery, Notice, Outgoing};
use crate::metrics::Metrics;

/// What must be set alike on every process of the fleet, Django's included (INTEROP §1.2).
#[derive(Debug, Clone)]
pub struct Options {
    /// `prefix`: what every key that Django knows begins with.
    pub prefix: String,
    /// `expiry`, seconds: how long an entry may lie in a queue.
    pub expiry: u32,
    /// `group_expiry`, seconds: how long Django believes in a membership.
    pub group_expiry: u32,
    /// `capacity`: entries in the queue of a Django process; more are dropped, and counted.
    pub capacity: u32,
    /// Entries in the queue of a process of this server; more hold the senders back (PROC-5).
    pub own_capacity: u32,
    /// `serializer_format`. Encryption (`symmetric_encryption_keys`) is not to be had: the routing key of an
    /// entry is known only inside Redis, where the members are read and the order is made.
    pub codec: Codec,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            prefix: "asgi".to_owned(),
            expiry: 60,
            group_expiry: 86_400,
            capacity: 100,
            own_capacity: 4_000,
            codec: Codec::Msgpack,
        }
    }
}

/// Why the layer could not be started.
#[derive(Debug, thiserror::Error)]
pub enum RedisLayerError {
    /// The URL is none that can be used; it is not repeated here, for it may hold a password.
    #[error("the URL cannot be used: {0}")]
    Url(String),
    /// Nobody there, or nobody who answers as Redis does.
    #[error("Redis at {address} does not answer: {reason}")]
    Unreachable {
        /// Host and port, or the path of the socket.
        address: String,
        /// In the words of the operating system or of Redis.
        reason: String,
    },
}

/// Whether `url` can be the URL of a Redis; nobody is asked.
///
/// # Errors
///
/// [`RedisLayerError::Url`]
pub fn check_url(url: &str) -> Result<(), RedisLayerError> {
    Server::at(url, Options::default()).map(drop)
}

/// The layer of one process; clones share it.
#[derive(Debug, Clone)]
pub struct RedisLayer {
    commands: mpsc::UnboundedSender<Command>,
}

impl RedisLayer {
    /// Connects to the Redis at `url` (`redis://[user:password@]host[:port][/db]`, `redis+unix:///path`) and
    /// starts the layer's tasks on the present runtime.
    ///
    /// # Errors
    ///
    /// A URL that cannot be read, or a Redis that does not answer within half a second. Later on, a Redis
    /// that goes away is waited for, and `delivery` told (PROC-6).
    pub async fn connect(
        url: &str,
        options: Options,
        delivery: Arc<dyn Delivery>,
        metrics: Arc<Metrics>,
    ) -> Result<Self, RedisLayerError> {
        let server = Server::at(url, options)?;
        let attachment = Attachment::open(&server, None, &[])
            .await
            .map_err(|reason| RedisLayerError::Unreachable {
                address: server.address(),
                reason: reason.to_string(),
            })?;
        let (commands, received) = mpsc::unbounded_channel();
        let courier = Courier::new(server, delivery, metrics, received);
        tokio::spawn(courier.run(attachment));
        Ok(Self { commands })
    }

    /// As [`super::ChannelLayer::join`]. It takes one round trip; half a second if Redis has just gone away.
    pub async fn join(&self, chat: i64) {
        let (joined, done) = oneshot::channel();
        self.tell(Command::Join(chat, joined));
        // The courier ends with the process; then nobody is there to hear either.
        let _ = done.await;
    }

    /// As [`super::ChannelLayer::leave`].
    pub fn leave(&self, chat: i64) {
        self.tell(Command::Leave(chat));
    }

    /// As [`super::ChannelLayer::group_send`].
    pub fn group_send(&self, batch: Vec<Outgoing>) {
        self.tell(Command::Send(batch));
    }

    /// As [`super::ChannelLayer::announce`]. While Redis is gone nobody is told.
    pub fn announce(&self, notice: Notice) {
        self.tell(Command::Announce(notice));
    }

    /// As [`super::ChannelLayer::shutdown`]: sends and delivers what is under way, for two seconds at most,
    /// and takes out of Redis what this process put there.
    pub async fn shutdown(&self) {
        let (stopped, done) = oneshot::channel();
        self.tell(Command::Shutdown(stopped));
        let _ = done.await;
    }

    fn tell(&self, command: Command) {
        // Refused only after `shutdown`: a late message is in the history, and nobody here hears it any more.
        let _ = self.commands.send(command);
    }
}
