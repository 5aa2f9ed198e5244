//! The Redis layer: queues and groups as `channels_redis.core` 4.3.0 keeps them (INTEROP §1, §2).

use super::{Notice, Outgoing};

/// The layer of one process; clones share it.
#[derive(Debug, Clone)]
pub struct RedisLayer;
/// o
#[derive(Debug, Clone, Default)]
pub struct Options;
impl RedisLayer {
    /// o
    pub async fn connect(
        _url: &str,
        _o: Options,
        _d: std::sync::Arc<dyn super::Delivery>,
        _m: std::sync::Arc<crate::metrics::Metrics>,
    ) -> anyhow::Result<Self> {
        anyhow::bail!("x")
    }
    pub(super) async fn join(&self, _chat: i64) {}
    pub(super) fn leave(&self, _chat: i64) {}
    pub(super) fn group_send(&self, _batch: Vec<Outgoing>) {}
    pub(super) fn announce(&self, _notice: Notice) {}
    pub(super) async fn shutdown(&self) {}
}
