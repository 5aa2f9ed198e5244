//! Where a member sits: what it has to say, and whether it is there.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    task::Waker,
};

use tokio::sync::Notify;

/// Where a member sits: what it has to say, and whether it is there.
#[derive(Debug, Default)]
pub(crate) struct Seat {
    pub(crate) due: RefCell<VecDeque<u64>>,
    pub(crate) waker: RefCell<Option<Waker>>,
    pub(crate) state: Cell<State>,
    pub(crate) gone: Notify,
}

/// What a member is doing.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Not connected.
    #[default]
    Away,
    /// Connected.
    There,
    /// About to close the connection.
    Leaving(Farewell),
}

/// How a member leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Farewell {
    /// With the closing handshake.
    Closing,
    /// Without a word: the TCP connection is gone.
    Dropping,
}

impl Seat {
    /// Wakes the member's connection.
    pub(crate) fn wakes(&self) {
        if let Some(waker) = self.waker.borrow().as_ref() {
            waker.wake_by_ref();
        }
    }
}
