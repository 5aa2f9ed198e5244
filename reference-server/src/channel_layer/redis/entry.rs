//! What lies in a process' queue: twelve bytes for uniqueness, then a message of somebody else's, or something
//! of our own that no Django process ever reads.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::identity::Identity;
use super::pending::Ticket;
use crate::channel_layer::Notice;
use crate::channel_layer::envelope::{CHAT_EVENT, ChatEvent, Codec, Envelope, Route};
use crate::store::Message;
use crate::timestamp::Timestamp;

/// A popped entry, understood.
#[derive(Debug, PartialEq)]
pub(super) enum Entry {
    /// One of our own messages is due.
    Marker(Ticket),
    /// Another process of this server has something to say.
    Aside(Aside),
    /// Another process, perhaps Django, sent `message`, a JSON object, to the groups of `chats`.
    Event { chats: Vec<i64>, message: Value },
}

/// What processes of this server tell each other besides messages.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Aside {
    Notice(Notice),
    /// While the teller was without Redis, messages of these chats reached its own connections only:
    /// connections on other processes have missed them.
    Missed(Vec<i64>),
}

/// Why an entry was dropped, as it is counted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable(pub(super) &'static str);

/// How the processes of the fleet write a message.
#[derive(Debug)]
pub(super) struct Form {
    codec: Codec,
    envelope: Envelope,
}

impl Form {
    pub(super) fn new(codec: Codec) -> Self {
        let in_the_clear: [&str; 0] = [];
        let envelope = Envelope::new(codec, &in_the_clear);
        Self { codec, envelope }
    }

    /// What `group_send.lua` calls it.
    pub(super) fn name(&self) -> &'static str {
        match self.codec {
            Codec::Msgpack => "msgpack",
            Codec::Json => "json",
        }
    }

    /// The chat event of `message`, left open for the routing key that `group_send.lua` appends
    /// (INTEROP §1.4, §4).
    pub(super) fn open_body(&self, message: &Message) -> Vec<u8> {
        // Text and numbers written into memory: there is nothing in it that can fail.
        let mut body = self
            .envelope
            .body(&ChatEvent::unrouted(message))
            .unwrap_or_default();
        match self.codec {
            Codec::Msgpack => {
                if let Some(header) = body.first_mut() {
                    *header += 1;
                }
            }
            Codec::Json => {
                body.pop();
            }
        }
        body
    }

    /// Reads an entry popped from the queue of `identity`.
    pub(super) fn read(&self, stored: &[u8], identity: &Identity) -> Result<Entry, Unreadable> {
        match stored.get(HEAD..) {
            Some([OURS, b'm', ticket @ ..]) => {
                let ticket = ticket.try_into().map_err(|_| UNDECODABLE)?;
                Ok(Entry::Marker(Ticket::from_be_bytes(ticket)))
            }
            Some([OURS, b'a', aside @ ..]) => serde_json::from_slice(aside)
                .map(Entry::Aside)
                .map_err(|_| UNDECODABLE),
            _ => self.read_event(stored, identity),
        }
    }

    fn read_event(&self, stored: &[u8], identity: &Identity) -> Result<Entry, Unreadable> {
        let received = self
            .envelope
            .decode(stored, Timestamp::now(), 0)
            .map_err(|_| UNDECODABLE)?;
        let chats: Vec<i64> = match &received.route {
            Route::Members(members) => members
                .iter()
                .filter_map(|member| identity.chat_of(member))
                .collect(),
            Route::Channel(channel) => identity.chat_of(channel).into_iter().collect(),
            Route::Unnamed => Vec::new(),
        };
        if chats.is_empty() {
            return Err(UNROUTED);
        }
        let mut event = received.event;
        // Channels takes a dot for an underscore.
        let kind = event
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if kind.replace('.', "_") != CHAT_EVENT {
            return Err(UNKNOWN_EVENT);
        }
        match event.remove("message") {
            Some(message @ Value::Object(_)) => Ok(Entry::Event { chats, message }),
            _ => Err(UNDECODABLE),
        }
    }
}

/// An entry for the queues of other processes of this server.
pub(super) fn aside(aside: &Aside) -> Vec<u8> {
    let mut entry = rand::random::<[u8; HEAD]>().to_vec();
    entry.extend([OURS, b'a']);
    // Like a body, it cannot fail.
    entry.extend(serde_json::to_vec(aside).unwrap_or_default());
    entry
}

/// Readers cut this much off unseen (INTEROP §1.4).
const HEAD: usize = 12;
/// No msgpack begins with it, nor JSON. `group_send.lua` writes it before a ticket.
const OURS: u8 = 0xc1;

const UNDECODABLE: Unreadable = Unreadable("undecodable");
const UNROUTED: Unreadable = Unreadable("unrouted");
const UNKNOWN_EVENT: Unreadable = Unreadable("unknown_event");
