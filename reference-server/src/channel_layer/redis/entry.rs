//! What lies in a process' queue: twelve bytes for uniqueness, then a message of somebody else's, or something
//! of our own that no Django process ever reads.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::identity::Identity;
use super::pending::Ticket;
use crate::channel_layer::Notice;
use crate::store::{Message, User};

/// A popped entry, understood.
#[derive(Debug, PartialEq)]
pub(super) enum Entry {
    /// One of our own messages is due.
    Marker(Ticket),
    /// Another process of this server has something to say.
    Aside(Aside),
    /// Another process, perhaps Django, sent `message` to the groups of `chats`.
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

/// Readers cut this much off unseen (INTEROP §1.4).
const HEAD: usize = 12;
/// No msgpack begins with it, nor JSON, nor a Fernet token.
const OURS: u8 = 0xc1;
const ROUTING_KEY: &str = "__asgi_channel__";

/// The chat event of `message` as msgpack, without the routing key but with a map header that counts it:
/// the script appends it for every queue (INTEROP §1.4, §4).
pub(super) fn body_of(message: &Message) -> Vec<u8> {
    let mut body = rmp_serde::to_vec_named(&ChatEvent {
        kind: "chat_message",
        message: ChatMessage {
            id: message.id,
            chat: message.chat,
            sender: &message.sender,
            content: &message.content,
            timestamp: message.timestamp.to_string(),
        },
    })
    .unwrap_or_default();
    if let Some(header) = body.first_mut() {
        *header += 1;
    }
    body
}

/// An entry for the queues of other processes of this server.
pub(super) fn aside(aside: &Aside) -> Result<Vec<u8>, serde_json::Error> {
    let mut entry = rand::random::<[u8; HEAD]>().to_vec();
    entry.extend([OURS, b'a']);
    entry.extend(serde_json::to_vec(aside)?);
    Ok(entry)
}

/// Reads an entry popped from the queue of `identity`.
pub(super) fn read(stored: &[u8], identity: &Identity) -> Result<Entry, Unreadable> {
    let body = stored.get(HEAD..).ok_or(UNDECODABLE)?;
    match body {
        [OURS, b'm', ticket @ ..] => {
            let ticket = ticket.try_into().map_err(|_| UNDECODABLE)?;
            Ok(Entry::Marker(Ticket::from_be_bytes(ticket)))
        }
        [OURS, b'a', aside @ ..] => serde_json::from_slice(aside)
            .map(Entry::Aside)
            .map_err(|_| UNDECODABLE),
        _ => read_event(body, identity),
    }
}

fn read_event(mut body: &[u8], identity: &Identity) -> Result<Entry, Unreadable> {
    let event = Value::deserialize(&mut rmp_serde::Deserializer::new(&mut body))
        .map_err(|_| UNDECODABLE)?;
    let Value::Object(mut event) = event else {
        return Err(UNDECODABLE);
    };
    if !body.is_empty() {
        return Err(UNDECODABLE);
    }
    let chats: Vec<i64> = match event.get(ROUTING_KEY) {
        Some(Value::String(member)) => identity.chat_of(member).into_iter().collect(),
        Some(Value::Array(members)) => members
            .iter()
            .filter_map(|member| identity.chat_of(member.as_str()?))
            .collect(),
        _ => Vec::new(),
    };
    if chats.is_empty() {
        return Err(UNROUTED);
    }
    // Channels takes the dot for an underscore.
    if !matches!(
        event.get("type").and_then(Value::as_str),
        Some("chat_message" | "chat.message")
    ) {
        return Err(UNKNOWN_EVENT);
    }
    match event.remove("message") {
        Some(message @ Value::Object(_)) => Ok(Entry::Event { chats, message }),
        _ => Err(UNDECODABLE),
    }
}

const UNDECODABLE: Unreadable = Unreadable("undecodable");
const UNROUTED: Unreadable = Unreadable("unrouted");
const UNKNOWN_EVENT: Unreadable = Unreadable("unknown_event");

#[derive(Serialize)]
struct ChatEvent<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    message: ChatMessage<'a>,
}

#[derive(Serialize)]
struct ChatMessage<'a> {
    id: i64,
    chat: i64,
    sender: &'a User,
    content: &'a str,
    timestamp: String,
}
