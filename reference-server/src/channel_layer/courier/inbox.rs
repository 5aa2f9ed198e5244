//! How what was heard through Redis reaches the rooms.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::aside::Aside;
use super::pending::{Pending, Ticket};
use super::strangers::Strangers;
use super::watch::Pulse;
use crate::channel_layer::envelope::{CHAT_EVENT, Misfit};
use crate::channel_layer::{Delivery, Event, Outgoing, memory};
use crate::metrics::Metrics;

/// Where a reader puts what it has taken out of Redis.
pub(in crate::channel_layer) struct Inbox {
    pub(super) delivery: Arc<dyn Delivery>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) pending: Arc<Pending>,
    pub(super) pulse: Arc<Pulse>,
    pub(super) strangers: Arc<Strangers>,
}

/// What one reply of Redis brought.
#[derive(Default)]
pub(in crate::channel_layer) struct Heard {
    events: Vec<(i64, Event)>,
    asides: Vec<Aside>,
    missed: Vec<i64>,
    /// Their permits end when they have been delivered.
    own: Vec<Outgoing>,
}

/// Why something that arrived was dropped.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::channel_layer) enum Unreadable {
    /// It cannot be read, most likely for this reason.
    Misfit(Misfit),
    /// It is for nobody here.
    Unrouted,
    /// Its `type` is none that a chat knows.
    UnknownEvent,
    /// It was sent too long ago; connections of these chats have missed it.
    Expired(Vec<i64>),
}

impl Inbox {
    /// Redis has answered; `moved` says whether it brought anything.
    pub(in crate::channel_layer) fn beat(&self, moved: bool) {
        self.pulse.beat(moved);
    }

    /// One of our own messages is due.
    pub(in crate::channel_layer) fn own(&self, heard: &mut Heard, ticket: Ticket) {
        // It is not there any more if this process has given up waiting for it.
        if let Some(outgoing) = self.pending.take(ticket) {
            let message = Arc::clone(&outgoing.message);
            heard.events.push((message.chat, Event::Own(message)));
            heard.own.push(outgoing);
        }
    }

    /// Counts what was dropped, and says what it takes to read the next one.
    pub(in crate::channel_layer) fn drop(&self, heard: &mut Heard, unreadable: Unreadable) {
        self.metrics.dropped(unreadable.cause());
        match unreadable {
            Unreadable::Misfit(misfit) => self.strangers.meet(misfit),
            Unreadable::Expired(chats) => heard.missed.extend(chats),
            Unreadable::Unrouted | Unreadable::UnknownEvent => {}
        }
    }

    /// Delivers what was heard, each chat's messages together and in order.
    pub(in crate::channel_layer) fn hand_on(&self, heard: Heard) {
        let Heard {
            events,
            asides,
            mut missed,
            own,
        } = heard;
        for (chat, events) in memory::by_chat(events.into_iter()) {
            self.delivery.deliver(chat, &events);
        }
        drop(own);
        for aside in asides {
            match aside {
                Aside::Notice(notice) => self.delivery.notice(&notice),
                Aside::Missed(chats) => missed.extend(chats),
            }
        }
        missed.sort_unstable();
        missed.dedup();
        for chat in missed {
            self.delivery.resync(Some(chat));
        }
    }
}

impl Heard {
    /// Another process, perhaps Django, sent `message`, a JSON object, to the groups of `chats`.
    pub(in crate::channel_layer) fn event(&mut self, chats: Vec<i64>, message: Value) {
        let message = Arc::new(message);
        let event = |chat| (chat, Event::Foreign(Arc::clone(&message)));
        self.events.extend(chats.into_iter().map(event));
    }

    /// Another process of this server has something to say.
    pub(in crate::channel_layer) fn aside(&mut self, aside: Aside) {
        self.asides.push(aside);
    }
}

impl Unreadable {
    /// As it is counted.
    pub(in crate::channel_layer) fn cause(&self) -> &'static str {
        match self {
            Self::Misfit(Misfit::Damaged | Misfit::OtherLayer | Misfit::OtherSerializer) => {
                "undecodable"
            }
            Self::Misfit(_) => "undecryptable",
            Self::Unrouted => "unrouted",
            Self::UnknownEvent => "unknown_event",
            Self::Expired(_) => "expired",
        }
    }
}

/// The `message` of an event, whoever published it.
pub(in crate::channel_layer) fn message_of(
    mut event: Map<String, Value>,
) -> Result<Value, Unreadable> {
    // Channels takes a dot for an underscore.
    let kind = event
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if kind.replace('.', "_") != CHAT_EVENT {
        return Err(Unreadable::UnknownEvent);
    }
    match event.remove("message") {
        Some(message @ Value::Object(_)) => Ok(message),
        _ => Err(Unreadable::Misfit(Misfit::Damaged)),
    }
}
