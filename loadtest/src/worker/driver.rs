//! Hands the master's orders to the engine, one at a time, and its seconds back as they come.

use tokio::sync::mpsc;

use super::{
    engine::{Engine, Spawned},
    session::Order,
};
use crate::measurement::{Interval, Measurement};

/// What comes from the engine.
#[derive(Debug)]
pub enum Event {
    /// A second has passed.
    Interval(Box<Interval>),
    /// The answer to [`Order::Spawn`].
    Spawned(anyhow::Result<Spawned>),
    /// The answer to [`Order::Stop`]; every second of the run has come before.
    Stopped(anyhow::Result<Box<Measurement>>),
    /// The run has ended, and nobody had said so.
    EndedByItself,
}

/// Drives the engine until nobody gives orders or takes events any more. Orders wait for one another; meanwhile the
/// seconds go on coming, so that whoever talks to the master never waits for the engine.
pub async fn drive(
    engine: &mut impl Engine,
    mut orders: mpsc::Receiver<Order>,
    events: mpsc::Sender<Event>,
) {
    let mut run = Run::default();
    loop {
        let event = tokio::select! {
            order = orders.recv() => match order {
                None => return,
                Some(Order::Spawn { users, host }) => {
                    let intervals = run.sender();
                    let spawned = run.meanwhile(&events, engine.spawns(users, host, intervals)).await;
                    Event::Spawned(spawned)
                }
                Some(Order::Stop) => {
                    let stopped = run.meanwhile(&events, engine.stops()).await;
                    for interval in run.ends() {
                        if events.send(Event::Interval(Box::new(interval))).await.is_err() {
                            return;
                        }
                    }
                    Event::Stopped(stopped.map(Box::new))
                }
            },
            interval = run.next() => interval.map_or(Event::EndedByItself, |interval| Event::Interval(Box::new(interval))),
        };
        if events.send(event).await.is_err() {
            return;
        }
    }
}

/// The seconds of one run.
#[derive(Debug, Default)]
struct Run {
    intervals: Option<mpsc::Receiver<Interval>>,
    /// Weak, so that the engine alone decides when its run has ended.
    sender: Option<mpsc::WeakSender<Interval>>,
}

impl Run {
    /// Where the engine sends: the same for the whole of a run.
    fn sender(&mut self) -> mpsc::Sender<Interval> {
        let same = self.sender.as_ref().and_then(mpsc::WeakSender::upgrade);
        same.unwrap_or_else(|| {
            let (sender, intervals) = mpsc::channel(BACKLOG);
            self.intervals = Some(intervals);
            self.sender = Some(sender.downgrade());
            sender
        })
    }

    /// The next second; `None`, once, when the engine sends no more.
    async fn next(&mut self) -> Option<Interval> {
        let Some(intervals) = &mut self.intervals else {
            return std::future::pending().await;
        };
        let interval = intervals.recv().await;
        if interval.is_none() {
            self.intervals = None;
        }
        interval
    }

    /// What `action` gives; seconds that come in the meantime are passed on.
    async fn meanwhile<T>(
        &mut self,
        events: &mpsc::Sender<Event>,
        action: impl Future<Output = T>,
    ) -> T {
        let mut action = std::pin::pin!(action);
        loop {
            let interval = tokio::select! {
                ended = &mut action => return ended,
                interval = self.next() => interval,
            };
            if let Some(interval) = interval {
                // Where nobody takes events any more, the action is still brought to its end.
                let _ = events.send(Event::Interval(Box::new(interval))).await;
            }
        }
    }

    /// The seconds that were still on their way.
    fn ends(&mut self) -> Vec<Interval> {
        self.sender = None;
        let mut rest = Vec::new();
        if let Some(mut intervals) = self.intervals.take() {
            while let Ok(interval) = intervals.try_recv() {
                rest.push(interval);
            }
        }
        rest
    }
}

/// Seconds that may wait: more than one, since a spawn or a stop is under way at times.
const BACKLOG: usize = 64;
