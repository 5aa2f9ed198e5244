//! What one load has shown: whether it held, and if not, what broke first.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::measurement::{Measurement, ServerShare};

/// What a probe has seen at one load.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Messages really sent, a second.
    pub achieved: f64,
    /// Deliveries, own echoes included, a second.
    pub deliveries: f64,
    /// Half of the deliveries to others took no longer, in microseconds.
    pub p50_us: Option<u64>,
    /// 99 of 100 took no longer.
    pub p99_us: Option<u64>,
    /// Deliveries that were owed and did not come.
    pub lost: u64,
    /// How busy the processes of the server were that are watched.
    pub servers: Vec<ServerShare>,
    /// Whether the load held.
    pub outcome: Outcome,
    /// How long the probe took in all, with its ramp and drain.
    pub took: Duration,
}

/// Whether a load held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// Everything stayed within the limits.
    Met,
    /// Something did not.
    Missed {
        /// Which limit, with what was seen (`delivery p99 < 250ms: was 410 ms`).
        limit: String,
        /// What broke first.
        broke: Broke,
    },
    /// The device itself was too slow, so that this says nothing about the server.
    Invalid {
        /// Why.
        reason: String,
    },
}

/// What gave way first. When several did, the one that explains the others: a connection that was refused
/// loses its messages, and those that are lost have no latency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Broke {
    /// Connections were refused or failed.
    RefusedConnections,
    /// Connections were ended, or REST requests failed.
    Errors,
    /// Messages were refused with an error frame, or not taken by the socket.
    RefusedMessages,
    /// Deliveries did not come, or came wrong.
    Loss,
    /// Everything came, too late.
    Latency,
}

/// A limit that was missed: which figure it is about, and how it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// The figure's name: a metric's, `delivery`, a count's, or a REST request's.
    pub figure: String,
    /// The limit with what was seen.
    pub limit: String,
}

impl Observation {
    /// What this run has shown, with the limits it has `missed`.
    #[must_use]
    pub fn of(measurement: &Measurement, missed: &[Missed], took: Duration) -> Self {
        let delivery = measurement.tally.delivery();
        Self {
            achieved: measurement.sent_per_second(),
            deliveries: measurement.deliveries_per_second(),
            p50_us: delivery.at(0.5),
            p99_us: delivery.at(0.99),
            lost: measurement.tally.counts.lost,
            servers: measurement.server_shares(),
            outcome: Outcome::of(measurement, missed),
            took,
        }
    }
}

impl Outcome {
    /// What became of a run with the limits it has `missed`. A deployment that did not take the messages that
    /// were due has not carried the load, whatever the limits say.
    #[must_use]
    pub fn of(measurement: &Measurement, missed: &[Missed]) -> Self {
        if !measurement.is_valid() {
            let reason = measurement.device.invalid.join("; ");
            return Self::Invalid { reason };
        }
        let first = missed
            .iter()
            .min_by_key(|missed| Broke::by_figure(&missed.figure));
        if let Some(missed) = first {
            return Self::Missed {
                limit: missed.limit.clone(),
                broke: Broke::by_figure(&missed.figure),
            };
        }
        let counts = &measurement.tally.counts;
        if counts.unsent.saturating_mul(UNSENT_OF) > counts.due {
            return Self::Missed {
                limit: format!(
                    "{} of {} messages that were due could not be sent",
                    counts.unsent, counts.due
                ),
                broke: Broke::RefusedMessages,
            };
        }
        Self::Met
    }
}

impl Broke {
    /// By the name of the figure whose limit was missed: a count's, or else it is a time's.
    #[must_use]
    pub fn by_figure(figure: &str) -> Self {
        match figure {
            "connect_failures" | "connected" => Self::RefusedConnections,
            "broken" | "failed_requests" | "requests" => Self::Errors,
            "refused" | "unsent" | "sent" => Self::RefusedMessages,
            name if LOSSES.contains(&name) => Self::Loss,
            _ => Self::Latency,
        }
    }
}

impl fmt::Display for Broke {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RefusedConnections => "connections (refused or failed)",
            Self::Errors => "errors (ended connections or failed requests)",
            Self::RefusedMessages => "messages (refused or not taken)",
            Self::Loss => "deliveries (lost or wrong)",
            Self::Latency => "latency",
        })
    }
}

/// One in so many messages may stay unsent without making it another load.
const UNSENT_OF: u64 = 20;

const LOSSES: [&str; 12] = [
    "delivered",
    "own_echoes",
    "lost",
    "too_late",
    "repeated",
    "out_of_order",
    "leaked",
    "altered",
    "foreign",
    "caught_up",
    "in_history",
    "missing_in_history",
];
