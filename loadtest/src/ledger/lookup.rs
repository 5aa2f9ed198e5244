//! What a frame is that is not simply the next on the tape: a message in another order, again, of elsewhere, altered.

use super::{Heard, Ledger, frame::Frame, tape::Entry};
use crate::{
    content::{Key, Stamp},
    recorder::Recorder,
};

impl Ledger {
    /// The slow way: what is this frame, and where on the tape is it? Says the position, and whether the
    /// connection had heard it before.
    pub(super) fn looks_up(
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
            let entry = Entry::new(key, waiting, is_true.then_some(text));
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
}
