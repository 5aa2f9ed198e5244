//! The device's clock: microseconds since the run's beginning, monotonic.

use std::time::{Duration, Instant};

/// The beginning of a run. One clock times both ends of every delivery, so no two clocks need agree.
#[derive(Debug, Clone, Copy)]
pub struct Clock(Instant);

impl Clock {
    /// A run that begins now.
    #[must_use]
    pub fn starts() -> Self {
        Self(Instant::now())
    }

    /// Microseconds since the beginning.
    #[must_use]
    pub fn now(&self) -> u64 {
        micros(self.0.elapsed())
    }

    /// The instant of a time of this clock.
    #[must_use]
    pub fn instant(&self, at: u64) -> Instant {
        self.0 + Duration::from_micros(at)
    }
}

/// A duration in whole microseconds.
#[must_use]
pub fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
