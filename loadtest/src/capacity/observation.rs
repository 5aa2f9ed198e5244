//! What one load has shown: whether it held, and if not, what broke first.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    measurement::{Measurement, ServerShare},
    verdict::{Judged, Verdict},
};

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

impl Observation {
    /// What this run has shown, held against the limits of the search.
    #[must_use]
    pub fn of(measurement: &Measurement, verdict: &Verdict, took: Duration) -> Self {
        let delivery = measurement.tally.delivery();
        Self {
            achieved: measurement.sent_per_second(),
            deliveries: measurement.deliveries_per_second(),
            p50_us: delivery.at(0.5),
            p99_us: delivery.at(0.99),
            lost: measurement.tally.counts.lost,
            servers: measurement.server_shares(),
            outcome: Outcome::of(verdict),
            took,
        }
    }
}

impl Outcome {
    /// What became of a run. A deployment that did not carry the load that was asked for has not held it, whatever the
    /// limits say that were set ([`always`](crate::threshold::always)).
    #[must_use]
    pub fn of(verdict: &Verdict) -> Self {
        if verdict.is_invalid() {
            let reason = verdict.invalid.join("; ");
            return Self::Invalid { reason };
        }
        let broke = |judged: &Judged| Broke::by_figure(&judged.threshold.subject.figure());
        match verdict.missed().min_by_key(|judged| broke(judged)) {
            Some(missed) => Self::Missed {
                limit: match verdict.is_valid() {
                    true => missed.sentence(),
                    false => format!(
                        "{} (and the device was late: {})",
                        missed.sentence(),
                        verdict.invalid.join("; ")
                    ),
                },
                broke: broke(missed),
            },
            None => Self::Met,
        }
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
