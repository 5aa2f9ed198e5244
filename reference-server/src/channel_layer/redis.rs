//! The Redis layer: queues and groups as `channels_redis.core` 4.3.0 keeps them (INTEROP §1, §2).
//!
//! | room | what happens there |
//! |---|---|
//! | `courier` | what it shares with the pub/sub layer: the one task, rounds, outages |
//! | `link` | one connected period: two connections, one identity |
//! | `round`, `routes` | memberships, notices and messages on one trip; whom sealed messages are composed for |
//! | `reader`, `entry` | what lies in the own queue |
//! | `clock` | Redis' time, by which everything here is measured |
//! | `identity`, `scripts` | names; what is done inside Redis |
//!
//! Every process of this server that sends takes the place of its message from one clock in Redis: so all
//! processes agree on one order (PROC-4).

mod clock;
mod entry;
mod identity;
mod link;
mod reader;
mod round;
mod routes;
mod scripts;

use std::sync::Arc;

use self::link::QueueLink;
use super::Delivery;
use super::courier::{ConnectError, Handle, Options};
use crate::metrics::Metrics;

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
) -> Result<Handle, ConnectError> {
    Handle::connect::<QueueLink>(url, options, delivery, metrics).await
}
