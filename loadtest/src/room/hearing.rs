//! What a member's connection tells its room: what was said, what was heard, that it is over.

use super::{Farewell, Room, State};
use crate::{ledger::Heard, metric::Metric, recorder::Recorder, tally::Process};

impl Room {
    /// How a member leaves, if it does: when it has said what it has to say and somebody has heard it. A message
    /// that goes down with its sender's connection is nobody's loss, but nobody could tell.
    pub(crate) fn farewell(&self, number: u32) -> Option<Farewell> {
        let seat = self.seat(number)?;
        match seat.state.get() {
            State::Leaving(farewell) => {
                let is_silent =
                    seat.due.borrow().is_empty() && !self.ledger.borrow().is_unheard(number);
                is_silent.then_some(farewell)
            }
            State::Away | State::There => None,
        }
    }

    /// Writes what a member says now, which was due then.
    pub(crate) fn says(&self, number: u32, due: u64, content: &mut String) {
        let now = self.here.clock.now();
        self.ledger.borrow_mut().says(number, due, now, content);
        let mut recorder = self.here.recorder.borrow_mut();
        recorder.counts.sent += 1;
        recorder.record(Metric::Lateness, now.saturating_sub(due));
        if let Some(process) = self.through(number, &mut recorder) {
            process.sent += 1;
        }
    }

    /// A member heard a text frame at this time.
    pub(crate) fn hears(&self, number: u32, text: &str, at: u64) {
        let mut ledger = self.ledger.borrow_mut();
        let heard = ledger.hears(number, text, at, &mut self.here.recorder.borrow_mut());
        if let Heard::Own(_) | Heard::Refusal = heard {
            let is_over = ledger.under_way() == 0;
            drop(ledger);
            self.heard_of_its_own(number, heard, at, is_over);
        } else if ledger.under_way() == 0 {
            self.changed.notify_waiters();
        }
    }

    /// A member's connection is open no longer.
    pub(crate) fn has_left(&self, number: u32) {
        let Some(seat) = self.seat(number) else {
            return;
        };
        if seat.state.replace(State::Away) == State::There {
            self.here.recorder.borrow_mut().counts.broken += 1;
        }
        let unsaid = std::mem::take(&mut *seat.due.borrow_mut()).len();
        self.here.recorder.borrow_mut().counts.unsent += unsaid as u64;
        let mut ledger = self.ledger.borrow_mut();
        ledger.leaves(number);
        if ledger.under_way() == 0 {
            self.changed.notify_waiters();
        }
        self.here.connections.update(|connections| connections - 1);
        seat.gone.notify_waiters();
    }

    fn heard_of_its_own(&self, number: u32, heard: Heard, at: u64, is_over: bool) {
        if let Heard::Own(took) = heard {
            self.own_echoes.borrow_mut().push(took);
        }
        match self.goes_on_until.get() {
            Some(until) if at < until => self.has_to_say(number, at),
            _ if is_over => self.changed.notify_waiters(),
            _ => {}
        }
    }

    fn through<'r>(&self, number: u32, recorder: &'r mut Recorder) -> Option<&'r mut Process> {
        recorder.process(self.plan.members.get(number as usize)?.through)
    }
}
