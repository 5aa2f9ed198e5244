//! Whether Redis still answers, and what was sent comes back.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::pending::{Pending, Ticket};
use super::server::PATIENCE;

/// `time` in whole ticks.
pub(super) const fn ticks(time: Duration) -> u64 {
    (time.as_millis() / TICK.as_millis()) as u64
}

/// When the reader last had a reply, in ticks: written by the reader, read by the watch.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    now: AtomicU64,
    /// Any reply: Redis answers.
    replied: AtomicU64,
    /// A reply with entries: the queue moves.
    moved: AtomicU64,
}

impl Pulse {
    /// A reply has come, with entries or without.
    pub(super) fn beat(&self, moved: bool) {
        let now = self.now.load(Ordering::Relaxed);
        self.replied.store(now, Ordering::Relaxed);
        if moved {
            self.moved.store(now, Ordering::Relaxed);
        }
    }
}

/// The watch over one attachment.
#[derive(Debug, Default)]
pub(super) struct Watch {
    now: u64,
    pulse: Arc<Pulse>,
    /// What Redis took and has perhaps not given back yet, with the tick it was sent at.
    sent: VecDeque<(Ticket, u64)>,
}

impl Watch {
    pub(super) fn pulse(&self) -> Arc<Pulse> {
        Arc::clone(&self.pulse)
    }

    pub(super) fn now(&self) -> u64 {
        self.now
    }

    /// Redis took a message that was sent at tick `since`.
    pub(super) fn expect(&mut self, ticket: Ticket, since: u64) {
        self.sent.push_back((ticket, since));
    }

    /// Counts one tick, with a round under way since a tick perhaps; says why Redis counts as gone, if it does.
    pub(super) fn tick(&mut self, under_way: Option<u64>, pending: &Pending) -> Option<String> {
        self.now += 1;
        self.pulse.now.store(self.now, Ordering::Relaxed);
        while self
            .sent
            .front()
            .is_some_and(|(ticket, _)| !pending.contains(*ticket))
        {
            self.sent.pop_front();
        }
        let replied = self.pulse.replied.load(Ordering::Relaxed);
        let moved = self.pulse.moved.load(Ordering::Relaxed);
        if under_way.is_some_and(|since| self.is_over(since, PATIENCE))
            || self.is_over(replied, WAIT + PATIENCE)
        {
            return Some(format!("no reply within {} ms", PATIENCE.as_millis()));
        }
        // A long queue takes its time; one that does not move has lost the message.
        let unheard = self
            .sent
            .front()
            .is_some_and(|(_, since)| self.is_over(*since.max(&moved), PATIENCE));
        unheard.then(|| "a message that was sent did not come back".to_owned())
    }

    fn is_over(&self, since: u64, limit: Duration) -> bool {
        self.now.saturating_sub(since) > ticks(limit)
    }
}

/// Time is counted in ticks of this length, which come only while this process runs: one that is short of time
/// does not take Redis for hanging.
pub(super) const TICK: Duration = Duration::from_millis(50);

/// The longest that a reader leaves Redis unasked.
pub(in crate::channel_layer) const WAIT: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: u64 = ticks(PATIENCE);

    /// The first tick at which `watch` gives Redis up, if it does within ten seconds.
    fn gives_up(
        watch: &mut Watch,
        under_way: Option<u64>,
        pending: &Pending,
        beat: Option<bool>,
    ) -> Option<u64> {
        (0..ticks(Duration::from_secs(10))).find_map(|_| {
            if let Some(moved) = beat {
                watch.pulse.beat(moved);
            }
            watch.tick(under_way, pending).map(|_| watch.now())
        })
    }

    fn with_one_message() -> Pending {
        let pending = Pending::default();
        pending.insert(1, crate::channel_layer::courier::outbox::a_message(1));
        pending
    }

    #[test]
    fn an_idle_redis_that_answers_is_there() {
        let pending = Pending::default();
        assert_eq!(
            gives_up(&mut Watch::default(), None, &pending, Some(false)),
            None
        );
    }

    #[test]
    fn a_silent_one_is_gone_even_if_nothing_was_asked() {
        let gone = gives_up(&mut Watch::default(), None, &Pending::default(), None);
        assert_eq!(gone, Some(ticks(WAIT) + LIMIT + 1));
    }

    #[test]
    fn a_round_without_a_reply_ends_it() {
        let gone = gives_up(
            &mut Watch::default(),
            Some(0),
            &Pending::default(),
            Some(true),
        );
        assert_eq!(gone, Some(LIMIT + 1));
    }

    #[test]
    fn a_message_that_does_not_come_back_ends_it_unless_the_queue_moves() {
        let mut watch = Watch::default();
        watch.expect(1, 0);
        assert_eq!(
            gives_up(&mut watch, None, &with_one_message(), Some(false)),
            Some(LIMIT + 1)
        );

        let mut watch = Watch::default();
        watch.expect(1, 0);
        assert_eq!(
            gives_up(&mut watch, None, &with_one_message(), Some(true)),
            None
        );
    }

    #[test]
    fn a_message_that_came_back_is_forgotten() {
        let mut watch = Watch::default();
        watch.expect(1, 0);
        assert_eq!(
            gives_up(&mut watch, None, &Pending::default(), Some(false)),
            None
        );
    }
}
