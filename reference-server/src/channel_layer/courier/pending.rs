//! Messages of this process that have not been delivered here yet, by ticket: the order they were given in.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::channel_layer::Outgoing;

/// A message's number within this process.
pub(in crate::channel_layer) type Ticket = u64;

/// Shared by the courier, who puts messages in, and the reader, who takes them out when they are due.
#[derive(Debug, Default)]
pub(super) struct Pending(Mutex<BTreeMap<Ticket, Outgoing>>);

impl Pending {
    pub(super) fn insert(&self, ticket: Ticket, outgoing: Outgoing) {
        self.lock().insert(ticket, outgoing);
    }

    /// The message to be delivered now; `None` if that has been done already.
    pub(super) fn take(&self, ticket: Ticket) -> Option<Outgoing> {
        self.lock().remove(&ticket)
    }

    /// Everything, in order.
    pub(super) fn take_all(&self) -> Vec<Outgoing> {
        std::mem::take(&mut *self.lock()).into_values().collect()
    }

    pub(super) fn contains(&self, ticket: Ticket) -> bool {
        self.lock().contains_key(&ticket)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Ticket, Outgoing>> {
        // The map is whole whenever the lock is free: nothing in here stops half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
