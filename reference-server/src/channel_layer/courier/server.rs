//! Where Redis is, what was agreed with the rest of the fleet, and how long a reply may take.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::{MultiplexedConnection, PubSub};
use redis::{AsyncConnectionConfig, Client, RedisError};

use super::strangers::Strangers;
use super::url::{self, RedisUrlError};
use crate::channel_layer::envelope::{Codec, Envelope, Keys};

/// What must be set alike on every process of the fleet, Django's included (INTEROP §1.2, §3).
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
    /// `serializer_format`.
    pub codec: Codec,
    /// `symmetric_encryption_keys`.
    pub keys: Option<Keys>,
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
            keys: None,
        }
    }
}

/// Why the layer could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL is none that can be used.
    #[error("the URL of Redis cannot be used: {0}")]
    Url(#[from] RedisUrlError),
    /// Nobody there, or nobody who answers as Redis does.
    #[error("Redis at {address} does not answer: {reason}")]
    Unreachable {
        /// Host and port, or the path of the socket.
        address: String,
        /// In the words of the operating system or of Redis.
        reason: String,
    },
}

/// The other end, and what both ends have agreed upon.
#[derive(Debug)]
pub(in crate::channel_layer) struct Server {
    client: Client,
    pub(in crate::channel_layer) options: Options,
    pub(in crate::channel_layer) envelope: Envelope,
    pub(in crate::channel_layer) strangers: Arc<Strangers>,
}

impl Server {
    pub(super) fn at(url: &str, options: Options) -> Result<Self, ConnectError> {
        Ok(Self {
            client: url::client(url)?,
            envelope: Envelope::new(options.codec, options.keys.clone()),
            options,
            strangers: Arc::default(),
        })
    }

    /// For people; without credentials.
    pub(super) fn address(&self) -> String {
        self.client.get_connection_info().addr().to_string()
    }

    /// A connection without a limit on a reply's time: a pop that waits in Redis would be cut off by it, and
    /// the entry it then pops lost (INTEROP §11).
    pub(in crate::channel_layer) async fn connect(&self) -> Result<MultiplexedConnection, Failure> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None);
        let mut connection = in_time(
            self.client
                .get_multiplexed_async_connection_with_config(&config),
        )
        .await?;
        // A Redis that hangs still accepts connections; only a reply tells, and this leaves nothing behind.
        in_time(redis::cmd("PING").query_async::<()>(&mut connection)).await?;
        Ok(connection)
    }

    /// A connection for subscriptions alone.
    pub(in crate::channel_layer) async fn subscriber(&self) -> Result<PubSub, Failure> {
        let mut connection = in_time(self.client.get_async_pubsub()).await?;
        in_time(connection.ping::<redis::Value>()).await?;
        Ok(connection)
    }
}

/// Why Redis could not be used.
#[derive(Debug)]
pub(in crate::channel_layer) enum Failure {
    Silent,
    Refused(RedisError),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent => write!(f, "no reply within {} ms", PATIENCE.as_millis()),
            Self::Refused(error) => error.fmt(f),
        }
    }
}

/// What `call` gives, if it does so within [`PATIENCE`].
pub(in crate::channel_layer) async fn in_time<T>(
    call: impl Future<Output = Result<T, RedisError>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(reply) => reply.map_err(Failure::Refused),
        Err(_) => Err(Failure::Silent),
    }
}

/// How long Redis may take for a reply.
pub(in crate::channel_layer) const PATIENCE: Duration = Duration::from_millis(500);
