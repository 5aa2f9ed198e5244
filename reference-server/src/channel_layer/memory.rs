//! The in-memory layer: delivers within its own process, in the order of the history.

use std::sync::Arc;

use super::{Delivery, Event, Outgoing};

/// Delivers at once, to the rooms of this process alone.
#[derive(Clone)]
pub struct MemoryLayer {
    rooms: Arc<dyn Delivery>,
}

impl MemoryLayer {
    /// A layer for the process whose connections `rooms` holds.
    pub fn new(rooms: Arc<dyn Delivery>) -> Self {
        Self { rooms }
    }

    /// Delivers `batch`: the messages of one chat together, each chat's in order.
    pub fn group_send(&self, batch: Vec<Outgoing>) {
        for (chat, events) in by_chat(batch.iter().map(|outgoing| {
            let message = &outgoing.message;
            (message.chat, Event::Own(Arc::clone(message)))
        })) {
            self.rooms.deliver(chat, &events);
        }
    }
}

impl std::fmt::Debug for MemoryLayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemoryLayer")
    }
}

/// Events gathered by chat, chats in order of first appearance, each chat's events in order: what
/// goes to a room together leaves in one write per connection.
pub(super) fn by_chat(events: impl Iterator<Item = (i64, Event)>) -> Vec<(i64, Vec<Event>)> {
    let mut gathered: Vec<(i64, Vec<Event>)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for (chat, event) in events {
        let place = *places.entry(chat).or_insert_with(|| {
            gathered.push((chat, Vec::new()));
            gathered.len() - 1
        });
        gathered[place].1.push(event);
    }
    gathered
}
