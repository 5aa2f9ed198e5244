//! Redis' time: all that is stored in Redis is timed by it, whatever the clocks of the processes say.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::link::LEASE;
use crate::channel_layer::courier::{RENEWAL, Server};
use crate::timestamp::Timestamp;

/// As Redis last told it.
#[derive(Debug)]
pub(super) struct RedisClock(Mutex<(Timestamp, Instant)>);

impl RedisClock {
    pub(super) fn new(redis: Timestamp) -> Self {
        Self(Mutex::new((redis, Instant::now())))
    }

    /// Redis has told its time.
    pub(super) fn set(&self, redis: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (redis, Instant::now());
    }

    /// The present, by Redis' clock.
    pub(super) fn now(&self) -> Timestamp {
        let (told, since) = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = i64::try_from(since.elapsed().as_micros()).unwrap_or(i64::MAX);
        Timestamp::from_micros(told.as_micros().saturating_add(passed))
    }
}

/// Says once if this machine's clock and Redis' are further apart than a Daphne here would bear.
pub(super) fn compare(server: &Server, redis: Timestamp) {
    if let Some(skew) = skew(Timestamp::now(), redis)
        && server.strangers.is_news("clock")
    {
        tracing::error!(
            "{skew}: a Django process with such a clock forgets this server's memberships and takes fresh entries \
             for expired; this server goes by Redis' clock. Set the clocks (NTP)"
        );
    }
}

/// How far `here` is from `redis`, in words, if that is too far.
fn skew(here: Timestamp, redis: Timestamp) -> Option<String> {
    let ahead = here.as_micros().saturating_sub(redis.as_micros());
    let apart = Duration::from_micros(ahead.unsigned_abs());
    (apart > TOLERANCE).then(|| {
        format!(
            "the clock of this machine is {} s {} Redis', more than the {} s that memberships bear",
            apart.as_secs(),
            if ahead > 0 { "ahead of" } else { "behind" },
            TOLERANCE.as_secs()
        )
    })
}

/// What is left of a lease just before it is renewed.
const TOLERANCE: Duration = LEASE.saturating_sub(RENEWAL);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skew_is_told_with_its_figures_once_a_lease_does_not_bear_it() {
        let redis = Timestamp::from_micros(1_760_428_800_000_000);
        assert_eq!(skew(redis, redis), None);
        assert_eq!(skew(redis.plus_seconds(45), redis), None);
        assert_eq!(skew(redis.plus_seconds(-45), redis), None);
        assert_eq!(
            skew(redis.plus_seconds(75), redis).as_deref(),
            Some(
                "the clock of this machine is 75 s ahead of Redis', more than the 45 s that memberships bear"
            )
        );
        assert_eq!(
            skew(redis.plus_seconds(-3600), redis).as_deref(),
            Some(
                "the clock of this machine is 3600 s behind Redis', more than the 45 s that memberships bear"
            )
        );
    }

    #[test]
    fn redis_time_goes_on_by_itself() {
        let told = Timestamp::from_micros(1_000_000);
        let clock = RedisClock::new(told);
        assert!(clock.now() >= told && clock.now() < told.plus_seconds(60));
    }
}
