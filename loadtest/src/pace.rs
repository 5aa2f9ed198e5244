//! When messages are due: timetables of the open model, and an alarm precise enough to keep them.
//!
//! In the open model messages are due whatever the server does, and latency counts from the time they were due:
//! a server that stalls for a second shows that second in every message that was due in it. See Schroeder et
//! al., *Open Versus Closed: A Cautionary Tale* (NSDI 2006), and Gil Tene on coordinated omission.

use std::io;

use rand::{RngExt, SeedableRng, rngs::SmallRng};
use rustix::{
    fd::OwnedFd,
    time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec},
};
use tokio::io::unix::AsyncFd;

/// The times at which one room's messages are due, in µs since the run's beginning, ever later.
#[derive(Debug, Clone)]
pub struct Timetable {
    next: f64,
    interval: f64,
    chance: Option<SmallRng>,
}

impl Timetable {
    /// Even distances: `per_second` messages a second from `begin` on, the first after `phase` (0 to 1) of an
    /// interval, so that rooms do not all speak at once.
    #[must_use]
    pub fn fixed(per_second: f64, begin: u64, phase: f64) -> Self {
        let interval = MICROS / per_second;
        Self {
            next: as_float(begin) + interval * phase,
            interval,
            chance: None,
        }
    }

    /// A Poisson process: `per_second` messages a second on average, at exponential distances.
    #[must_use]
    pub fn poisson(per_second: f64, begin: u64, seed: u64) -> Self {
        let mut timetable = Self {
            next: as_float(begin),
            interval: MICROS / per_second,
            chance: Some(SmallRng::seed_from_u64(seed)),
        };
        timetable.next += timetable.distance();
        timetable
    }

    /// When the next message is due.
    #[must_use]
    pub const fn next(&self) -> u64 {
        whole(self.next)
    }

    /// Goes on to the one after.
    pub fn advance(&mut self) {
        self.next += self.distance();
    }

    /// Goes on to the first that is not due before this time. Says how many there were until then: by chance no more
    /// exactly than chance is, where they are very many.
    pub fn passes(&mut self, until: u64) -> u64 {
        let mut passed = 0;
        while self.next() < until {
            let left = (as_float(until) - self.next) / self.interval;
            if self.chance.is_none() || left > MANY {
                let left = left.ceil().max(1.0);
                self.next += left * self.interval;
                passed += whole(left);
            } else {
                self.advance();
                passed += 1;
            }
        }
        passed
    }

    fn distance(&mut self) -> f64 {
        match &mut self.chance {
            // 1 − u lies in (0, 1], whose logarithm is finite.
            Some(chance) => -(1.0 - chance.random::<f64>()).ln() * self.interval,
            None => self.interval,
        }
    }
}

/// Wakes a task at a time, to some ten microseconds. Tokio's own timer counts in milliseconds, which would make
/// every fast delivery look half a millisecond slower than it was.
#[derive(Debug)]
pub struct Alarm(AsyncFd<OwnedFd>);

impl Alarm {
    /// An alarm of the runtime that polls it.
    ///
    /// # Errors
    /// When the process may open no more files.
    pub fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let fd = rustix::time::timerfd_create(TimerfdClockId::Monotonic, flags)?;
        #[expect(
            deprecated,
            reason = "its successor is unsafe for the sake of types that change their descriptor; an OwnedFd does not"
        )]
        AsyncFd::new(fd).map(Self)
    }

    /// Waits this long, in µs; not at all for 0.
    ///
    /// # Errors
    /// When the kernel refuses, which it does not for times within a run.
    pub async fn waits(&self, micros: u64) -> io::Result<()> {
        if micros == 0 {
            return Ok(());
        }
        let value = Timespec {
            tv_sec: i64::try_from(micros / 1_000_000).unwrap_or(i64::MAX),
            tv_nsec: i64::try_from(micros % 1_000_000 * 1_000).unwrap_or_default(),
        };
        let once = Itimerspec {
            it_interval: Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            },
            it_value: value,
        };
        rustix::time::timerfd_settime(self.0.get_ref(), TimerfdTimerFlags::empty(), &once)?;
        loop {
            let mut ready = self.0.readable().await?;
            let mut expirations = [0; 8];
            match ready.try_io(|fd| Ok(rustix::io::read(fd.get_ref(), &mut expirations)?)) {
                Ok(read) => return read.map(drop),
                Err(_would_block) => {}
            }
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds of a run are far below 2^53"
)]
const fn as_float(micros: u64) -> f64 {
    micros as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "microseconds since the run's beginning, or how many there are: never negative"
)]
const fn whole(number: f64) -> u64 {
    number as u64
}

/// From so many on, their number differs from its mean by less than one in a hundred.
const MANY: f64 = 100_000.0;
const MICROS: f64 = 1_000_000.0;

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test fails by panicking")]
    use super::*;

    fn times(mut timetable: Timetable, count: usize) -> Vec<u64> {
        std::iter::repeat_with(|| {
            let next = timetable.next();
            timetable.advance();
            next
        })
        .take(count)
        .collect()
    }

    #[test]
    fn even_distances_do_not_drift() {
        let times = times(Timetable::fixed(3.0, 1_000, 0.5), 3_001);
        assert_eq!(times.first(), Some(&167_666));
        assert_eq!(times.last(), Some(&1_000_167_666));
    }

    #[test]
    fn what_is_passed_is_counted_however_many_there_are() {
        let mut even = Timetable::fixed(1_000_000.0, 0, 0.0);
        assert_eq!(even.passes(3_600_000_000), 3_600_000_000);
        assert_eq!(
            (even.next(), even.passes(3_600_000_000)),
            (3_600_000_000, 0)
        );
        let mut slow = Timetable::fixed(3.0, 0, 0.5);
        assert_eq!(slow.passes(1_000_000), 3);
        let mut by_chance = Timetable::poisson(100.0, 0, 1);
        assert_eq!(
            by_chance.passes(10_000_000),
            times(Timetable::poisson(100.0, 0, 1), 2_000)
                .iter()
                .filter(|time| **time < 10_000_000)
                .count() as u64
        );
        let many = by_chance.passes(100_000_000_000);
        assert!((9_980_000..10_020_000).contains(&many), "{many}");
    }

    #[test]
    fn a_poisson_process_has_its_rate_and_its_spread() {
        let times = times(Timetable::poisson(100.0, 0, 1), 100_001);
        let gaps: Vec<f64> = times
            .windows(2)
            .map(|pair| (pair[1] - pair[0]) as f64)
            .collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
        assert!((mean - 10_000.0).abs() < 100.0, "{mean}");
        // The standard deviation of exponential distances is their mean.
        assert!((variance.sqrt() / mean - 1.0).abs() < 0.02, "{variance}");
        assert_eq!(
            times,
            self::times(Timetable::poisson(100.0, 0, 1), 100_001),
            "the same seed, the same times"
        );
    }

    #[tokio::test]
    async fn an_alarm_is_never_early() {
        let alarm = Alarm::new().expect("an alarm");
        for micros in [0, 1, 300, 2_000] {
            let began = std::time::Instant::now();
            alarm.waits(micros).await.expect("waited");
            assert!(began.elapsed().as_micros() >= u128::from(micros));
        }
    }
}
