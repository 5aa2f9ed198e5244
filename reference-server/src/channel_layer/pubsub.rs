//! The pub/sub layer: groups as `channels_redis.pubsub` 4.3.0 keeps them (INTEROP §3), which stores nothing in Redis.
//!
//! | room | what happens there |
//! |---|---|
//! | `courier` | what it shares with the layer of queues: the one task, rounds, outages |
//! | `link` | one connected period: a connection that publishes, one that is subscribed |
//! | `reader`, `payload` | what is heard on the channels, and who may have said it |
//! | `echoes` | own messages that have been published and not been heard yet |
//!
//! A chat is a Redis channel, subscribed to while it has connections here. Redis hands what is published to all who are
//! subscribed in the order in which it was asked to, this process included, which delivers its own messages when it
//! hears them: so all processes on one Redis server agree on one order (PROC-4).
//!
//! Nothing waits in Redis for a process that does not read: past its output buffer (`client-output-buffer-limit pubsub`)
//! Redis closes its connection. That is an outage like another: it connects anew, and closes with 1012 whoever may
//! have missed something.

mod echoes;
mod link;
mod payload;
mod reader;

use std::sync::Arc;

use self::link::ChannelLink;
use super::Delivery;
use super::courier::{ConnectError, Handle, Options};
use crate::metrics::Metrics;

/// Connects to the Redis at `url` as [`super::redis::connect`] does, for the same errors. Of `options` only the
/// prefix, the codec and the keys mean anything here.
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
) -> Result<Handle, ConnectError> {
    Handle::connect::<ChannelLink>(url, options, delivery, metrics).await
}
