//! A message has come to a connection: in which order, through which process, after how long.

use std::collections::HashMap;

use super::{
    Heard, Ledger, Waiting,
    receiver::Receiver,
    tape::{Entry, Tape},
};
use crate::{
    content::Key,
    metric::Metric,
    recorder::{Place, Recorder},
};

impl Ledger {
    pub(super) fn delivers(
        &mut self,
        member: u32,
        position: u64,
        at: u64,
        recorder: &mut Recorder,
    ) -> Heard {
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
        let (sent, spoken_through, is_over) = (entry.sent, entry.through, entry.owed == 0);
        let is_own = key.sender == member;
        if is_own {
            recorder.counts.own_echoes += 1;
            recorder.record(Metric::OwnEcho, took);
        } else {
            recorder.counts.delivered += 1;
            recorder.record(kind(spoken_through, through), took);
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
