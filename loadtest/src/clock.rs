//! The device's clock: microseconds since the run's beginning, monotonic.

use std::time::{Duration, Instant};

use time::OffsetDateTime;

/// The beginning of a run. One clock times both ends of every delivery, so no two clocks need agree.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    began: Instant,
    /// The same moment on the wall.
    wall: OffsetDateTime,
}

impl Clock {
    /// A run that begins now.
    #[must_use]
    pub fn starts() -> Self {
        Self {
            began: Instant::now(),
            wall: OffsetDateTime::now_utc(),
        }
    }

    /// Microseconds since the beginning.
    #[must_use]
    pub fn now(&self) -> u64 {
        micros(self.began.elapsed())
    }

    /// The instant of a time of this clock.
    #[must_use]
    pub fn instant(&self, at: u64) -> Instant {
        self.began + Duration::from_micros(at)
    }

    /// A time of this clock on the wall, for readers: the wall's clock may be set, this one goes on evenly.
    #[must_use]
    pub fn wall(&self, at: u64) -> OffsetDateTime {
        self.wall + Duration::from_micros(at)
    }
}

/// A duration in whole microseconds.
#[must_use]
pub fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
