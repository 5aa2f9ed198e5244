//! What has not come: given up within the patience, or at the end.

use super::Ledger;
use crate::recorder::Recorder;

impl Ledger {
    /// Gives up what has not come within the patience; to be called now and then.
    pub fn expires(&mut self, at: u64, recorder: &mut Recorder) {
        let horizon = at.saturating_sub(self.patience);
        self.gives_up(horizon, recorder);
    }

    /// The end: everything owed and not heard is lost.
    pub fn settles(&mut self, recorder: &mut Recorder) {
        self.gives_up(u64::MAX, recorder);
    }

    /// Whether this was given up before the connection came to hear it: what was sent before it and heard after it
    /// keeps it on the tape.
    pub(super) fn was_given_up(&mut self, member: u32, position: u64) -> bool {
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
}
