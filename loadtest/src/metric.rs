//! What is timed: one name for each kind of time, the same in thresholds, reports and records.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A kind of time, in microseconds. REST requests have names of their own beside these
/// ([`Tally::requests`](crate::tally::Tally::requests)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(usize)]
pub enum Metric {
    /// From the intended time of a message to its arrival at its own sender's connection.
    OwnEcho,
    /// From the intended time to the arrival at another participant connected through the sender's process.
    SameProcess,
    /// … connected through another process.
    OtherProcess,
    /// … where behind a balancer nobody can tell which.
    UnknownProcess,
    /// From the intended time to the arrival at the last of the participants it was owed to.
    FanOut,
    /// From the time when it was really sent to the arrival at another participant: what a closed loop
    /// would have called its latency. Compare with the deliveries to see what that leaves out.
    Service,
    /// From the beginning of a connection to the end of its handshake, TCP and TLS included.
    Connect,
    /// From the end of the handshake to the first frame. The server greets nobody, so that is the wait for somebody
    /// to speak, and at the beginning of a run mostly that.
    FirstFrame,
    /// From coming back to having everything that was missed, by the history.
    CatchUp,
    /// How late the device itself sent: from the intended time to the real one.
    Lateness,
    /// How late the device's own clock ticks were served: what every time here may be wrong by.
    TickLag,
}

impl Metric {
    /// All of them, in the order of the reports.
    pub const ALL: [Self; 11] = [
        Self::OwnEcho,
        Self::SameProcess,
        Self::OtherProcess,
        Self::UnknownProcess,
        Self::FanOut,
        Self::Service,
        Self::Connect,
        Self::FirstFrame,
        Self::CatchUp,
        Self::Lateness,
        Self::TickLag,
    ];

    /// Those that are deliveries to other participants; merged, they are `delivery`.
    pub const DELIVERY: [Self; 3] = [Self::SameProcess, Self::OtherProcess, Self::UnknownProcess];

    /// The name, as `other-process`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OwnEcho => "own-echo",
            Self::SameProcess => "same-process",
            Self::OtherProcess => "other-process",
            Self::UnknownProcess => "unknown-process",
            Self::FanOut => "fan-out",
            Self::Service => "service",
            Self::Connect => "connect",
            Self::FirstFrame => "first-frame",
            Self::CatchUp => "catch-up",
            Self::Lateness => "lateness",
            Self::TickLag => "tick-lag",
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
