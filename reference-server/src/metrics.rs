//! What a process counts, for Prometheus.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// Why something that should have been delivered was not.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Cause {
    /// e.g. `django_queue_full`, `undecodable`, `slow_reader`.
    pub cause: String,
}

/// The counters and gauges of one process.
#[derive(Debug)]
pub struct Metrics {
    /// All of them, by name.
    pub registry: Registry,
    /// Open WebSocket connections.
    pub connections: Gauge,
    /// Messages committed to the store.
    pub messages_stored: Counter,
    /// Frames handed to connections: one per message and connection.
    pub deliveries: Counter,
    /// What was dropped, by cause.
    pub drops: Family<Cause, Counter>,
    /// 1 while Redis answers, 0 while it does not.
    pub redis_up: Gauge,
    /// How long a group of messages took to be stored, in seconds.
    pub store_latency: Histogram,
    /// How many messages were stored together.
    pub group_size: Histogram,
    /// Messages that wait to be stored.
    pub queue_depth: Gauge,
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("chat");
        let connections = Gauge::default();
        registry.register(
            "connections",
            "Open WebSocket connections",
            connections.clone(),
        );
        let messages_stored = Counter::default();
        registry.register(
            "messages_stored",
            "Messages committed to the store",
            messages_stored.clone(),
        );
        let deliveries = Counter::default();
        registry.register(
            "deliveries",
            "Frames handed to connections",
            deliveries.clone(),
        );
        let drops = Family::<Cause, Counter>::default();
        registry.register("drops", "What was dropped, by cause", drops.clone());
        let redis_up = Gauge::default();
        registry.register("redis_up", "1 while Redis answers", redis_up.clone());
        Self {
            registry,
            connections,
            messages_stored,
            deliveries,
            drops,
            redis_up,
        }
    }

    /// Counts one thing dropped for `cause`.
    pub fn dropped(&self, cause: &str) {
        self.drops
            .get_or_create(&Cause {
                cause: cause.to_owned(),
            })
            .inc();
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}
