//! Own messages that have been published and not been heard yet, by chat, in the order of publishing.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::channel_layer::courier::Ticket;

/// Shared by the link, which publishes, and the reader, which hears.
#[derive(Debug, Default)]
pub(super) struct Echoes(Mutex<Expected>);

#[derive(Debug, Default)]
struct Expected {
    by_chat: HashMap<i64, VecDeque<(Ticket, Vec<u8>)>>,
    bytes: usize,
}

impl Echoes {
    /// `payload` is about to be published, and this process is subscribed to `chat`.
    pub(super) fn expect(&self, chat: i64, ticket: Ticket, payload: Vec<u8>) {
        let mut expected = self.lock();
        expected.bytes += payload.len();
        let of_chat = expected.by_chat.entry(chat).or_default();
        of_chat.push_back((ticket, payload));
    }

    /// The message whose very bytes these are: Redis keeps the order of one connection's publishing, so it can only
    /// be the next of its chat.
    pub(super) fn heard(&self, chat: i64, payload: &[u8]) -> Option<Ticket> {
        let mut expected = self.lock();
        let of_chat = expected.by_chat.get_mut(&chat)?;
        let (ticket, bytes) = match of_chat.front()? {
            (ticket, next) if next == payload => (*ticket, next.len()),
            _ => return None,
        };
        of_chat.pop_front();
        if of_chat.is_empty() {
            expected.by_chat.remove(&chat);
        }
        expected.bytes -= bytes;
        Some(ticket)
    }

    /// What has been published and not heard, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.lock().bytes
    }

    fn lock(&self) -> MutexGuard<'_, Expected> {
        // It is whole whenever the lock is free: nothing in here stops half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_next_of_its_chat_is_an_echo() {
        let echoes = Echoes::default();
        for (chat, ticket, payload) in [(1, 1, "a"), (1, 2, "b"), (2, 3, "a")] {
            echoes.expect(chat, ticket, payload.into());
        }
        assert_eq!(echoes.bytes(), 3);
        assert_eq!(echoes.heard(1, b"b"), None);
        assert_eq!(echoes.heard(3, b"a"), None);
        assert_eq!(echoes.heard(1, b"a"), Some(1));
        assert_eq!(echoes.heard(1, b"a"), None);
        assert_eq!(echoes.heard(2, b"a"), Some(3));
        assert_eq!(echoes.heard(1, b"b"), Some(2));
        assert_eq!(echoes.bytes(), 0);
    }
}
