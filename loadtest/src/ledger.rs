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

mod frame;
mod receiver;
mod tape;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::Arc};

use crate::{
    content::{Key, Run, Stamp},
    metric::Metric,
    recorder::{Place, Recorder},
};
use frame::Frame;
use receiver::Receiver;
use tape::{Entry, Tape};

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
        let owed = self.receivers.iter().flatten().count();
        self.waiting.insert(
            key,
            Waiting {
                turn: self.turn,
                due,
                sent,
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

    /// Gives up what has not come within the patience; to be called now and then.
    pub fn expires(&mut self, at: u64, recorder: &mut Recorder) {
        let horizon = at.saturating_sub(self.patience);
        self.gives_up(horizon, recorder);
    }

    /// The end: everything owed and not heard is lost.
    pub fn settles(&mut self, recorder: &mut Recorder) {
        self.gives_up(u64::MAX, recorder);
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

    /// Whether this frame's or history's stamp is of this run and room.
    #[must_use]
    pub fn is_ours(&self, stamp: &Stamp) -> bool {
        stamp.run == self.run && stamp.room == self.room
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

    /// The slow way: what is this frame, and where on the tape is it? Says the position, and whether the
    /// connection had heard it before.
    fn looks_up(
        &mut self,
        member: u32,
        text: &str,
        recorder: &mut Recorder,
    ) -> Result<(u64, bool), Heard> {
        let frame = Frame::read(text);
        let Some(stamp) = frame.stamp() else {
            if frame.is_error() {
                recorder.counts.refused += 1;
                if let Some(refused) = self.refused.get_mut(member as usize) {
                    *refused += 1;
                }
                return Err(Heard::Refusal);
            }
            recorder.counts.foreign += 1;
            return Err(Heard::Nothing);
        };
        if stamp.run != self.run {
            recorder.counts.foreign += 1;
            return Err(Heard::Nothing);
        }
        if stamp.room != self.room {
            recorder.counts.leaked += 1;
            return Err(Heard::Nothing);
        }
        let key = stamp.key;
        if let Some(position) = self.tape.position(key) {
            let times = self.tape.get(position).map(|entry| (entry.due, entry.sent));
            let is_true = times.is_some_and(|(due, sent)| self.is_true(&frame, key, due, sent));
            let is_same = self
                .tape
                .get_mut(position)
                .is_some_and(|entry| is_true && entry.takes(text));
            recorder.counts.altered += u64::from(!is_same);
            let heard = self
                .receiver(member)
                .is_some_and(|receiver| receiver.has_heard(position));
            return Ok((position, heard));
        }
        if let Some(waiting) = self.waiting.remove(&key) {
            let is_true = self.is_true(&frame, key, waiting.due, waiting.sent);
            recorder.counts.altered += u64::from(!is_true);
            if let Some(spoken) = &mut self.spoken {
                spoken.push(key);
            }
            for missed in self.absent.values_mut() {
                missed.push(key);
            }
            let entry = Entry::new(
                key,
                waiting.turn,
                waiting.due,
                waiting.sent,
                waiting.owed,
                is_true.then_some(text),
            );
            return Ok((self.tape.push(entry), false));
        }
        Err(self.judges_what_is_over(member, &stamp, recorder))
    }

    /// Whether a frame says what was sent, and who sent it.
    fn is_true(&self, frame: &Frame, key: Key, due: u64, sent: u64) -> bool {
        let mut content = String::new();
        self.stamp(key, due, sent).write(self.length, &mut content);
        let name = self.names.get(key.sender as usize);
        frame.says(&content) && name.is_some_and(|name| frame.is_from(name))
    }

    /// A message of ours that is under way no longer, or that nobody sent.
    fn judges_what_is_over(
        &mut self,
        member: u32,
        stamp: &Stamp,
        recorder: &mut Recorder,
    ) -> Heard {
        let was_sent = self
            .next
            .get(stamp.key.sender as usize)
            .is_some_and(|next| stamp.key.seq < *next);
        let Some(Some(receiver)) = self.receivers.get_mut(member as usize) else {
            return Heard::Nothing;
        };
        if !was_sent {
            recorder.counts.altered += 1;
        } else if receiver.given_up.remove(&stamp.key) {
            recorder.counts.too_late += 1;
        } else if receiver.joined <= stamp.sent {
            // Everybody it was owed to had heard it, so this connection had.
            recorder.counts.repeated += 1;
        }
        // Otherwise it was under way when the connection was opened: it may hear it, and need not.
        Heard::Nothing
    }

    fn delivers(&mut self, member: u32, position: u64, at: u64, recorder: &mut Recorder) -> Heard {
        let Some(Some(receiver)) = self.receivers.get_mut(member as usize) else {
            return Heard::Nothing;
        };
        if position < receiver.next || self.tape.is_inverted(position) {
            let is_late = self
                .tape
                .get(position)
                .is_some_and(|entry| has_heard_later(receiver, entry, &self.tape, &self.waiting));
            recorder.counts.out_of_order += u64::from(is_late);
        }
        receiver.hears(position, &self.tape);
        let through = receiver.through;
        let turn = receiver.turn;
        let Some(entry) = self.tape.get_mut(position) else {
            return Heard::Nothing;
        };
        let key = entry.key;
        let took = at.saturating_sub(entry.due);
        if turn <= entry.turn {
            entry.owed = entry.owed.saturating_sub(1);
        }
        let (sent, is_over) = (entry.sent, entry.owed == 0);
        let is_own = key.sender == member;
        if is_own {
            recorder.counts.own_echoes += 1;
            recorder.record(Metric::OwnEcho, took);
        } else {
            recorder.counts.delivered += 1;
            let spoken_through = self.receiver(key.sender).map(|sender| sender.through);
            recorder.record(kind(spoken_through.flatten(), through), took);
            recorder.record(Metric::Service, at.saturating_sub(sent));
            if let Some(process) = recorder.process(through) {
                process.heard.record(took);
            }
        }
        if is_over {
            if self.names.len() > 1 {
                recorder.record(Metric::FanOut, took);
            }
            self.tape.forget_what_all_heard();
        }
        if is_own {
            Heard::Own(took)
        } else {
            Heard::Others
        }
    }

    /// Whether this was given up before the connection came to hear it: what was sent before it and heard after it
    /// keeps it on the tape.
    fn was_given_up(&mut self, member: u32, position: u64) -> bool {
        let Some(Some(receiver)) = self.receivers.get_mut(member as usize) else {
            return false;
        };
        let entry = self.tape.get(position);
        let Some(entry) = entry.filter(|entry| entry.owed == 0 && receiver.is_owed(entry)) else {
            return false;
        };
        receiver.given_up.remove(&entry.key);
        receiver.hears(position, &self.tape);
        true
    }

    /// Counts as lost what was sent before the horizon and has not come.
    fn gives_up(&mut self, horizon: u64, recorder: &mut Recorder) {
        let refused = &mut self.refused;
        let receivers = &mut self.receivers;
        self.waiting.retain(|key, waiting| {
            if waiting.sent >= horizon {
                return true;
            }
            // An error frame does not say which message it refuses: any of the sender's that nobody heard.
            match refused.get_mut(key.sender as usize) {
                Some(refused) if *refused > 0 => *refused -= 1,
                _ => {
                    for receiver in receivers.iter_mut().flatten() {
                        if receiver.turn <= waiting.turn {
                            receiver.gives_up(*key, recorder);
                        }
                    }
                }
            }
            false
        });
        for receiver in receivers.iter_mut().flatten() {
            for (position, entry) in self.tape.from(receiver.begin()) {
                let is_open = entry.owed > 0 && entry.sent < horizon;
                if is_open && receiver.is_owed(entry) && !receiver.has_heard(position) {
                    receiver.gives_up(entry.key, recorder);
                    entry.owed -= 1;
                }
            }
        }
        self.tape.forget_before(horizon);
        let first = self.tape.first();
        for receiver in receivers.iter_mut().flatten() {
            receiver.goes_on_from(first);
        }
    }

    fn receiver(&self, member: u32) -> Option<&Receiver> {
        self.receivers.get(member as usize)?.as_ref()
    }
}

/// Whether a connection has heard a later message of the same sender than this one. A later one that is neither
/// on the tape nor waiting has been forgotten, and so been heard by everybody it was owed to.
fn has_heard_later(
    receiver: &Receiver,
    entry: &Entry,
    tape: &Tape,
    waiting: &HashMap<Key, Waiting>,
) -> bool {
    let sender = entry.key.sender;
    receiver.is_owed(entry)
        && (entry.key.seq + 1..=tape.highest(sender)).any(|seq| {
            let later = Key { sender, seq };
            match tape.position(later) {
                Some(position) => receiver.has_heard(position),
                None => !waiting.contains_key(&later) && !receiver.given_up.contains(&later),
            }
        })
}

const fn kind(from: Place, to: Place) -> Metric {
    match (from, to) {
        (Some(from), Some(to)) if from == to => Metric::SameProcess,
        (Some(_), Some(_)) => Metric::OtherProcess,
        _ => Metric::UnknownProcess,
    }
}
