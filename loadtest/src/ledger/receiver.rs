//! A connection as the judge sees it: a place on the tape, and the gaps behind it.

use std::collections::{BTreeSet, HashSet};

use super::tape::{Entry, Tape};
use crate::{
    content::Key,
    recorder::{Place, Recorder},
};

/// An open connection of a member.
#[derive(Debug)]
pub(super) struct Receiver {
    /// The process it goes through.
    pub(super) through: Place,
    /// When it was open, in µs.
    pub(super) joined: u64,
    /// How many messages had been said in the room by then: earlier ones are not owed to it.
    pub(super) turn: u64,
    /// Where the tape ended by then.
    pub(super) start: u64,
    /// The position of the message that it should hear next; those before it have been heard, but for `missed`.
    pub(super) next: u64,
    /// Positions before `next` that it has not heard.
    pub(super) missed: BTreeSet<u64>,
    /// What was given up as lost, to recognise what comes too late.
    pub(super) given_up: HashSet<Key>,
}

impl Receiver {
    pub(super) fn new(through: Place, joined: u64, turn: u64, start: u64) -> Self {
        Self {
            through,
            joined,
            turn,
            start,
            next: start,
            missed: BTreeSet::new(),
            given_up: HashSet::new(),
        }
    }

    /// The first position it may not have heard.
    pub(super) fn begin(&self) -> u64 {
        self.missed.first().copied().unwrap_or(self.next)
    }

    pub(super) const fn is_owed(&self, entry: &Entry) -> bool {
        self.turn <= entry.turn
    }

    pub(super) fn has_heard(&self, position: u64) -> bool {
        (self.start..self.next).contains(&position) && !self.missed.contains(&position)
    }

    /// It hears the message at this position, and has not before.
    pub(super) fn hears(&mut self, position: u64, tape: &Tape) {
        if position == self.next {
            self.next += 1;
        } else if position > self.next {
            self.missed.extend(self.next.max(tape.first())..position);
            self.next = position + 1;
        } else {
            self.missed.remove(&position);
        }
    }

    pub(super) fn gives_up(&mut self, key: Key, recorder: &mut Recorder) {
        recorder.counts.lost += 1;
        if let Some(process) = recorder.process(self.through) {
            process.lost += 1;
        }
        if self.given_up.len() < REMEMBERED {
            self.given_up.insert(key);
        }
    }

    /// The tape begins here now.
    pub(super) fn goes_on_from(&mut self, first: u64) {
        self.next = self.next.max(first);
        self.missed = self.missed.split_off(&first);
    }
}

/// How many lost messages of one connection are remembered; more are known as repeated if they come after all.
const REMEMBERED: usize = 10_000;
