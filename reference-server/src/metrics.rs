//! What a process counts, for Prometheus.

mod process;

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Metric, Registry};

use self::process::Process;

/// Why something that should have been delivered was not.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Cause {
    /// e.g. `django_queue_full`, `undecodable`, `slow_reader`.
    pub cause: String,
}

/// Every cause there is: a series that is not there before it first counts cannot be watched.
const CAUSES: [&str; 9] = [
    "django_queue_full",
    "expired",
    "kept_from_django",
    "process_given_up",
    "slow_reader",
    "undecodable",
    "undecryptable",
    "unknown_event",
    "unrouted",
];

/// The counters and gauges of one process.
#[derive(Debug)]
pub struct Metrics {
    /// All of them, by name.
    registry: Registry,
    /// Open WebSocket connections.
    pub connections: Gauge,
    /// Messages committed to the store.
    pub messages_stored: Counter,
    /// Frames handed to connections: one per message and connection.
    pub deliveries: Counter,
    /// What was dropped, by cause.
    pub drops: Family<Cause, Counter>,
    /// Messages that wait to be stored.
    pub queue_depth: Gauge,
    /// 1 while Redis answers, 0 while it does not.
    pub redis_up: Gauge,
    /// How long a group of messages took to be stored, in seconds.
    pub store_latency: Histogram,
    /// How many messages were stored together.
    pub group_size: Histogram,
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Self {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Process));
        let mut named = Named(registry.sub_registry_with_prefix("chat"));
        let metrics = Self {
            connections: named.metric(
                "connections",
                "Open WebSocket connections",
                Gauge::default(),
            ),
            messages_stored: named.metric(
                "messages_stored",
                "Messages committed to the store",
                Counter::default(),
            ),
            deliveries: named.metric(
                "deliveries",
                "Frames handed to connections",
                Counter::default(),
            ),
            drops: named.metric("drops", "What was dropped, by cause", Family::default()),
            queue_depth: named.metric(
                "queue_depth",
                "Messages that wait to be stored",
                Gauge::default(),
            ),
            redis_up: named.metric("redis_up", "1 while Redis answers", Gauge::default()),
            store_latency: named.metric(
                "store_latency_seconds",
                "How long a group of messages took to be stored",
                Histogram::new(exponential_buckets(0.000_05, 2.0, 16)),
            ),
            group_size: named.metric(
                "group_size",
                "How many messages were stored together",
                Histogram::new(exponential_buckets(1.0, 2.0, 10)),
            ),
            registry,
        };
        for cause in CAUSES {
            drop(metrics.drops.get_or_create(&Cause {
                cause: cause.to_owned(),
            }));
        }
        metrics
    }

    /// Counts one thing dropped for `cause`.
    pub fn dropped(&self, cause: &str) {
        self.drops
            .get_or_create(&Cause {
                cause: cause.to_owned(),
            })
            .inc();
    }

    /// Counts a group of messages that took so long to be stored.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a group has some hundred messages"
    )]
    pub fn stored(&self, messages: usize, took: Duration) {
        self.messages_stored.inc_by(messages as u64);
        self.group_size.observe(messages as f64);
        self.store_latency.observe(took.as_secs_f64());
    }

    /// All of it, in the OpenMetrics text format that Prometheus reads.
    ///
    /// # Errors
    /// Those of the formatter.
    pub fn encode(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// Registers each metric where it is made, so that none is forgotten.
struct Named<'a>(&'a mut Registry);

impl Named<'_> {
    fn metric<M: Metric + Clone>(&mut self, name: &str, help: &str, metric: M) -> M {
        self.0.register(name, help, metric.clone());
        metric
    }
}
