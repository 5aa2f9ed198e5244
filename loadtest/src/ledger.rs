//! Judges one room as it happens: what each connection heard, what it should have heard, and when.
//!
//! Fan-out means that everybody hears the same bytes. So the room keeps a *tape*: the messages in the order in
//! which anybody heard them first, each read and checked once. A connection is a place on the tape; what it hears
//! is nearly always the next entry, and comparing bytes is all it costs. Whoever hears anything else (another
//! order through another process, a gap, a repetition) is judged by looking the message up.
//!
//! What is owed: a message is owed to the connections that were open when it was sent, its sender's own
//! included, as long as they stay open. It is lost when it has not come within the patience.
//!
//! | finding | the clause it breaks |
//! |---|---|
//! | lost | WS-3, PROC-5 |
//! | repeated | WS-3 |
//! | out of order | WS-10 |
//! | leaked | WS-8 |
//! | altered | WS-4 |
//!
//! Nothing here looks at a clock or a socket. An entry that everybody has heard is forgotten at once, so memory
//! follows what is under way, not what has been.

mod delivery;
mod frame;
mod lookup;
mod loss;
mod receiver;
mod tape;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::Arc};

use self::{receiver::Receiver, tape::Tape};
use crate::{
    content::{Key, Run, Stamp},
    recorder::{Place, Recorder},
};

/// The judge of one room.
#[derive(Debug)]
pub struct Ledger {
    run: Run,
    room: u32,
    length: usize,
    patience: u64,
    names: Vec<Arc<str>>,
    turn: u64,
    next: Vec<u32>,
    refused: Vec<u32>,
    waiting: HashMap<Key, Waiting>,
    tape: Tape,
    receivers: Vec<Option<Receiver>>,
    absent: HashMap<u32, Vec<Key>>,
    spoken: Option<Vec<Key>>,
}

/// What a connection heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Its own message, so many µs after it was due.
    Own(u64),
    /// Another's message.
    Others,
    /// An error frame: a message of its own was refused.
    Refusal,
    /// Nothing that counts as a delivery: a repetition, a message of another room, a stranger's.
    Nothing,
}

/// A message that nobody has heard yet.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    turn: u64,
    due: u64,
    sent: u64,
    /// The process that it was said through; its sender may be gone when it is heard.
    through: Place,
    owed: u32,
}

impl Ledger {
    /// The judge of a room whose members have these names. Contents are of `length` bytes, and lost is what has
    /// not come within `patience` µs. `keeps` says whether to remember what was said, for
    /// [`Ledger::compare_with_history`].
    #[must_use]
    pub fn new(
        run: Run,
        room: u32,
        names: Vec<Arc<str>>,
        length: usize,
        patience: u64,
        keeps: bool,
    ) -> Self {
        let members = names.len();
        Self {
            run,
            room,
            length,
            patience,
            names,
            turn: 0,
            next: vec![0; members],
            refused: vec![0; members],
            waiting: HashMap::new(),
            tape: Tape::default(),
            receivers: std::iter::repeat_with(|| None).take(members).collect(),
            absent: HashMap::new(),
            spoken: keeps.then(Vec::new),
        }
    }

    /// A member's connection is open, through this process; all times in µs since the run's beginning.
    pub fn joins(&mut self, member: u32, through: Place, at: u64) {
        let receiver = Receiver::new(through, at, self.turn, self.tape.end());
        if let Some(place) = self.receivers.get_mut(member as usize) {
            *place = Some(receiver);
        }
    }

    /// A member's connection is open no longer: what is under way is not owed to it any more. Until
    /// [`Ledger::missed_by`], what is heard by others is kept as missed by it.
    pub fn leaves(&mut self, member: u32) {
        let Some(receiver) = self
            .receivers
            .get_mut(member as usize)
            .and_then(Option::take)
        else {
            return;
        };
        let mut missed = Vec::new();
        for (position, entry) in self.tape.from(receiver.begin()) {
            if receiver.is_owed(entry) && !receiver.has_heard(position) {
                entry.owed = entry.owed.saturating_sub(1);
                missed.push(entry.key);
            }
        }
        for waiting in self.waiting.values_mut() {
            if receiver.turn <= waiting.turn {
                waiting.owed = waiting.owed.saturating_sub(1);
            }
        }
        self.tape.forget_what_all_heard();
        self.absent.insert(member, missed);
    }

    /// What a member missed while it was away, as far as somebody else has heard it by now: who reads the history
    /// after this has to find it there (WS-4). From here on nothing more is kept for it.
    pub fn missed_by(&mut self, member: u32) -> Vec<Key> {
        self.absent.remove(&member).unwrap_or_default()
    }

    /// Writes what a member says next: the content, and its place in the books.
    pub fn says(&mut self, member: u32, due: u64, sent: u64, content: &mut String) -> Option<Key> {
        let next = self.next.get_mut(member as usize)?;
        let key = Key {
            sender: member,
            seq: *next,
        };
        *next += 1;
        let through = self.receiver(member).and_then(|sender| sender.through);
        let owed = self.receivers.iter().flatten().count();
        self.waiting.insert(
            key,
            Waiting {
                turn: self.turn,
                due,
                sent,
                through,
                owed: u32::try_from(owed).unwrap_or(u32::MAX),
            },
        );
        self.turn += 1;
        self.stamp(key, due, sent).write(self.length, content);
        Some(key)
    }

    /// A member's connection heard a text frame.
    pub fn hears(&mut self, member: u32, text: &str, at: u64, recorder: &mut Recorder) -> Heard {
        let Some(Some(receiver)) = self.receivers.get_mut(member as usize) else {
            return Heard::Nothing;
        };
        let position = receiver.next;
        let (position, repeated) = match self.tape.get(position) {
            Some(entry) if entry.is(text) => (position, false),
            _ => match self.looks_up(member, text, recorder) {
                Ok(found) => found,
                Err(other) => return other,
            },
        };
        if repeated {
            recorder.counts.repeated += 1;
            return Heard::Nothing;
        }
        if self.was_given_up(member, position) {
            recorder.counts.too_late += 1;
            return Heard::Nothing;
        }
        self.delivers(member, position, at, recorder)
    }

    /// Whether a member has said something that nobody has heard yet.
    #[must_use]
    pub fn is_unheard(&self, member: u32) -> bool {
        self.waiting.keys().any(|key| key.sender == member)
    }

    /// How many messages are under way: owed to somebody who has not heard them yet.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.waiting.len() + self.tape.len()
    }

    /// Compares what was heard with the history at the end, which holds these of this run's messages.
    pub fn compare_with_history(&self, history: &dyn Fn(Key) -> bool, recorder: &mut Recorder) {
        for key in self.spoken.iter().flatten() {
            if history(*key) {
                recorder.counts.in_history += 1;
            } else {
                recorder.counts.missing_in_history += 1;
            }
        }
    }

    const fn stamp(&self, key: Key, due: u64, sent: u64) -> Stamp {
        Stamp {
            run: self.run,
            room: self.room,
            key,
            due,
            sent,
        }
    }

    fn receiver(&self, member: u32) -> Option<&Receiver> {
        self.receivers.get(member as usize)?.as_ref()
    }
}
