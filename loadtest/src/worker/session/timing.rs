//! How long the parts of a conversation with a master take.

use std::time::Duration;

/// How long the parts of a conversation take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// How long a greeting may go unanswered before it is said again.
    pub greeting: Duration,
    /// How long between two heartbeats; a master misses a worker after three of its own seconds.
    pub heartbeat: Duration,
    /// How long between two reports.
    pub report: Duration,
    /// How long a master may say nothing before it is held to be gone.
    pub silence: Duration,
    /// How long a ramp may pause: the run begins then with the users there are.
    pub ramp: Duration,
    /// How long the last words may take to be answered.
    pub farewell: Duration,
}

impl Default for Timing {
    /// Locust's own, of `locust/runners.py`.
    fn default() -> Self {
        Self {
            greeting: Duration::from_secs(5),
            heartbeat: Duration::from_secs(1),
            report: Duration::from_secs(3),
            silence: Duration::from_secs(60),
            ramp: Duration::from_secs(60),
            farewell: Duration::from_secs(5),
        }
    }
}
