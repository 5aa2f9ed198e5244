//! Messages waiting to be sent: which go next, and which chats are held back.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::pending::Ticket;
use crate::store::Message;

/// A message with its place in this process' order.
#[derive(Debug, Clone)]
pub(in crate::channel_layer) struct Waiting {
    pub(in crate::channel_layer) ticket: Ticket,
    pub(in crate::channel_layer) message: Arc<Message>,
}

/// The messages of one chat leave it in the order they came in; a chat that is held back holds no other.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: VecDeque<Waiting>,
    held: HashMap<i64, Instant>,
}

impl Outbox {
    pub(super) fn push(&mut self, waiting: Waiting) {
        self.waiting.push_back(waiting);
    }

    /// The next messages to go, in order; they count as gone unless they are put back.
    pub(super) fn next_batch(&mut self, now: Instant) -> Vec<Waiting> {
        self.held.retain(|_, until| *until > now);
        let mut batch = Vec::new();
        let (mut bytes, mut index) = (0, 0);
        while batch.len() < BATCH_MESSAGES && bytes < BATCH_BYTES {
            let Some(next) = self.waiting.get(index) else {
                break;
            };
            if self.held.contains_key(&next.message.chat) {
                index += 1;
            } else if let Some(next) = self.waiting.remove(index) {
                bytes += next.message.content.len();
                batch.push(next);
            }
        }
        batch
    }

    /// Takes back messages of a batch that were not sent, before all that is waiting.
    pub(super) fn put_back(&mut self, back: Vec<Waiting>) {
        for waiting in back.into_iter().rev() {
            self.waiting.push_front(waiting);
        }
    }

    /// Has a chat wait for a while.
    pub(super) fn pause(&mut self, chat: i64, now: Instant) {
        self.held.insert(chat, now + PAUSE);
    }

    /// When the next chat need no longer wait, if one does.
    pub(super) fn next_release(&self) -> Option<Instant> {
        self.held.values().min().copied()
    }

    /// The chats of everything that is waiting.
    pub(super) fn chats(&self) -> impl Iterator<Item = i64> + '_ {
        self.waiting.iter().map(|waiting| waiting.message.chat)
    }
}

/// What one call to Redis may carry.
const BATCH_MESSAGES: usize = 256;
const BATCH_BYTES: usize = 4 << 20;

/// How long a chat waits whose message was held back; then it is tried again.
const PAUSE: Duration = Duration::from_millis(10);

/// For the tests of whatever handles messages without looking into them.
#[cfg(test)]
pub(super) fn a_message(chat: i64) -> crate::channel_layer::Outgoing {
    let sender = Arc::new(crate::store::User {
        id: 1,
        username: "alice".into(),
        email: String::new(),
        user_type: "student".into(),
    });
    let timestamp = crate::timestamp::Timestamp::from_micros(0);
    let message = Message {
        id: 1,
        chat,
        sender,
        content: "x".into(),
        timestamp,
    };
    crate::channel_layer::Outgoing {
        message: Arc::new(message),
        permit: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(ticket: Ticket, chat: i64) -> Waiting {
        Waiting {
            ticket,
            message: a_message(chat).message,
        }
    }

    fn tickets(batch: &[Waiting]) -> Vec<Ticket> {
        batch.iter().map(|waiting| waiting.ticket).collect()
    }

    #[test]
    fn a_chat_held_back_keeps_its_order_and_holds_no_other() {
        let now = Instant::now();
        let mut outbox = Outbox::default();
        for (ticket, chat) in [(1, 7), (2, 8), (3, 7)] {
            outbox.push(waiting(ticket, chat));
        }
        let batch = outbox.next_batch(now);
        assert_eq!(tickets(&batch), [1, 2, 3]);

        outbox.put_back(
            batch
                .into_iter()
                .filter(|one| one.message.chat == 7)
                .collect(),
        );
        outbox.pause(7, now);
        outbox.push(waiting(4, 7));
        outbox.push(waiting(5, 8));

        assert_eq!(tickets(&outbox.next_batch(now)), [5]);
        assert_eq!(outbox.next_release(), Some(now + PAUSE));
        assert_eq!(tickets(&outbox.next_batch(now + PAUSE)), [1, 3, 4]);
        assert_eq!(outbox.chats().count(), 0);
    }
}
