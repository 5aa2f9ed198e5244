//! An engine whose figures are known beforehand.

use chat_loadtest::{
    measurement::{Interval, Load, Measurement, Pace, Second},
    metric::Metric,
    tally::Tally,
    worker::{Begun, Engine, Spawned},
};
use tokio::sync::mpsc;

use crate::example;

/// An engine that measures what is known beforehand: some of it at once, some when it is stopped.
pub(crate) struct Fake {
    pub(crate) at_once: Vec<Interval>,
    at_the_end: Vec<Interval>,
    running: Option<(Begun, mpsc::Sender<Interval>)>,
}

impl Fake {
    /// One whose figures follow from two numbers.
    pub(crate) fn of(seed: u64, deliveries: u64) -> Self {
        let second = |at: i64| {
            let mut tally = Tally::of(2);
            for delivery in 0..deliveries {
                // From microseconds to seconds.
                tally.record(
                    Metric::OtherProcess,
                    (delivery + 1) * (delivery + seed) * 37,
                );
            }
            tally.record(Metric::OwnEcho, 1_000 * seed);
            tally.counts.sent = 1;
            tally.counts.own_echoes = 1;
            tally.counts.delivered = deliveries;
            tally.counts.lost = seed;
            let second = Second {
                at,
                delivered: deliveries,
                ..Second::default()
            };
            Interval {
                run: seed.to_string(),
                second,
                tally,
                began: None,
            }
        };
        Self {
            at_once: vec![second(0), second(1)],
            at_the_end: vec![second(2)],
            running: None,
        }
    }

    /// One that cannot begin.
    pub(crate) fn broken() -> Self {
        Self {
            at_once: Vec::new(),
            at_the_end: Vec::new(),
            running: None,
        }
    }

    pub(crate) fn measured(&self) -> Tally {
        sum([&total(&self.at_once), &total(&self.at_the_end)])
    }
}

impl Engine for Fake {
    async fn spawns(
        &mut self,
        users: u64,
        host: Option<String>,
        intervals: mpsc::Sender<Interval>,
    ) -> anyhow::Result<Spawned> {
        anyhow::ensure!(!self.at_once.is_empty(), "no accounts");
        anyhow::ensure!(
            [5, 10].contains(&users) && host.is_none(),
            "{users} users at {host:?}"
        );
        for interval in self.at_once.clone() {
            intervals.send(interval).await?;
        }
        let begun = Begun {
            load: load(users),
            targets: vec!["http://chat.example".to_owned()],
            began: "2026-01-01T00:00:00Z".to_owned(),
        };
        self.running = Some((begun.clone(), intervals));
        Ok(Spawned::Taken(begun))
    }

    async fn stops(&mut self) -> anyhow::Result<Measurement> {
        let (begun, intervals) = self.running.take().expect("it runs");
        for interval in self.at_the_end.clone() {
            intervals.send(interval).await?;
        }
        let seconds = self.at_once.iter().chain(&self.at_the_end);
        Ok(Measurement {
            runs: vec![self.at_once[0].run.clone()],
            load: begun.load,
            targets: begun.targets,
            began: begun.began,
            measured_s: 3.0,
            tally: self.measured(),
            seconds: seconds.map(|interval| interval.second.clone()).collect(),
            ..example::run()
        })
    }
}

fn load(users: u64) -> Load {
    Load {
        rooms: 1,
        members: u32::try_from(users).unwrap(),
        pace: Pace::Silent,
        ..example::load()
    }
}

/// All of them in one.
pub(crate) fn total(intervals: &[Interval]) -> Tally {
    intervals
        .iter()
        .fold(Tally::default(), |mut total, interval| {
            total.absorb(&interval.tally);
            total
        })
}

/// Both in one.
pub(crate) fn sum(tallies: [&Tally; 2]) -> Tally {
    tallies
        .into_iter()
        .fold(Tally::default(), |mut sum, tally| {
            sum.absorb(tally);
            sum
        })
}
