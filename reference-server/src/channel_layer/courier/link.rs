//! What each Redis layer does in its own way, for one connected period.

use std::collections::{BTreeSet, HashSet};
use std::pin::Pin;
use std::sync::Arc;

use super::aside::Aside;
use super::changes::Changes;
use super::inbox::Inbox;
use super::outbox::Waiting;
use super::server::{Failure, Server};

/// One connected period: the connections, and the name under which the process is known by them.
pub(in crate::channel_layer) trait Link: Sized + Send + 'static {
    /// What tells this period from every other.
    type Identity: Clone + Send + Sync;

    /// Connects under a new identity, ends what is left of `former`, and joins the groups of `chats`.
    fn open(
        server: &Arc<Server>,
        former: Option<&Self::Identity>,
        chats: &[i64],
    ) -> impl Future<Output = Result<Self, Failure>> + Send;

    /// Under which it was opened.
    fn identity(&self) -> &Self::Identity;

    /// Hands all that arrives to `inbox` until Redis fails it, and then says why. Asked for once.
    fn listen(&mut self, inbox: Inbox) -> Pin<Box<dyn Future<Output = String> + Send>>;

    /// Whether another batch may be sent before what has been sent is heard.
    fn has_room(&self) -> bool {
        true
    }

    /// Starts one round of work; the next one is asked for when it is done.
    fn round(&mut self, load: &Load) -> Reply;

    /// Tells the others what they have missed, and takes out of Redis what this process put there.
    fn depart(
        self,
        joined: &HashSet<i64>,
        unsent: BTreeSet<i64>,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// What one round carries: memberships, what other processes are told, a batch of messages.
#[derive(Debug, Default)]
pub(in crate::channel_layer) struct Load {
    pub(in crate::channel_layer) changes: Changes,
    pub(in crate::channel_layer) asides: Vec<Aside>,
    pub(in crate::channel_layer) batch: Vec<Waiting>,
}

impl Load {
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.asides.is_empty() && self.batch.is_empty()
    }
}

/// What becomes of a round; an error says why nothing more can be done under this identity.
pub(in crate::channel_layer) type Reply =
    Pin<Box<dyn Future<Output = Result<Outcome, String>> + Send>>;

/// What came of a round.
#[derive(Debug, Default)]
pub(in crate::channel_layer) struct Outcome {
    /// Of the chats to join or renew those the process was no member of.
    pub(in crate::channel_layer) new: Vec<i64>,
    /// What became of every message of the batch.
    pub(in crate::channel_layer) fates: Vec<Fate>,
    /// What was dropped, by cause.
    pub(in crate::channel_layer) dropped: Vec<(&'static str, i64)>,
}

/// What became of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::channel_layer) enum Fate {
    /// Sent: it comes back to this process when it is due.
    Sent,
    /// Sent, and does not come back: nobody here has joined its chat.
    Unheard,
    /// Not sent, for a queue is full: again after a pause.
    Held,
    /// Not sent, for the group has changed since it was composed: again at once.
    Outdated,
}
