//! What lies in a process' queue: twelve bytes for uniqueness, then a message of somebody else's, or something
//! of our own that no Django process ever reads.

use serde_json::Value;

use super::identity::Identity;
use crate::channel_layer::courier::{Aside, Server, Ticket, Unreadable, message_of};
use crate::channel_layer::envelope::{ChatEvent, Codec, Envelope, Misfit, Route};
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

/// The chat event of `message` in the clear, left open for the routing key that `group_send.lua` appends
/// (INTEROP §1.4, §4).
pub(super) fn open_body(envelope: &Envelope, message: &Message) -> Vec<u8> {
    // Text and numbers written into memory: there is nothing in it that can fail.
    let mut body = envelope
        .body(&ChatEvent::unrouted(message))
        .unwrap_or_default();
    match envelope.codec() {
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

/// The chat event of `message` for all `members` behind one queue, encrypted at `now`: an entry but for its
/// first twelve bytes.
pub(super) fn sealed_body(
    envelope: &Envelope,
    message: &Message,
    members: &[String],
    now: Timestamp,
) -> Vec<u8> {
    let members: Vec<&str> = members.iter().map(String::as_str).collect();
    // Nor is there here.
    let body = envelope
        .body(&ChatEvent::to_members(message, &members))
        .unwrap_or_default();
    envelope.seal(body, now)
}

/// An entry for the queues of other processes of this server.
pub(super) fn aside(envelope: &Envelope, aside: &Aside, now: Timestamp) -> Vec<u8> {
    let mut entry = rand::random::<[u8; HEAD]>().to_vec();
    entry.extend([OURS, b'a']);
    let text = serde_json::to_vec(aside).unwrap_or_default();
    entry.extend(envelope.seal(text, now));
    entry
}

/// Reads an entry popped from the queue of `identity` at `now`.
pub(super) fn read(
    server: &Server,
    identity: &Identity,
    stored: &[u8],
    now: Timestamp,
) -> Result<Entry, Unreadable> {
    match stored.get(HEAD..) {
        Some([OURS, b'm', ticket @ ..]) => ticket
            .try_into()
            .map(|ticket| Entry::Marker(Ticket::from_be_bytes(ticket)))
            .map_err(|_| DAMAGED),
        Some([OURS, b'a', aside @ ..]) => {
            let misfit = |error| server.envelope.misfit_of_entry(aside, &error);
            let text = server.envelope.unseal(aside);
            let text = text.map_err(|error| Unreadable::Misfit(misfit(error.into())))?;
            serde_json::from_slice(&text)
                .map(Entry::Aside)
                .map_err(|_| DAMAGED)
        }
        _ => read_event(server, identity, stored, now),
    }
}

fn read_event(
    server: &Server,
    identity: &Identity,
    stored: &[u8],
    now: Timestamp,
) -> Result<Entry, Unreadable> {
    let envelope = &server.envelope;
    let received = envelope
        .decode(stored, now, server.options.expiry.into())
        .map_err(|error| Unreadable::Misfit(envelope.misfit_of_entry(stored, &error)))?;
    let chats: Vec<i64> = match &received.route {
        Route::Members(members) => members
            .iter()
            .filter_map(|member| identity.chat_of(member))
            .collect(),
        Route::Channel(channel) => identity.chat_of(channel).into_iter().collect(),
        Route::Unnamed => Vec::new(),
    };
    if chats.is_empty() {
        return Err(Unreadable::Unrouted);
    }
    let message = message_of(received.event)?;
    Ok(Entry::Event { chats, message })
}

/// Readers cut this much off unseen (INTEROP §1.4).
const HEAD: usize = 12;
/// No msgpack begins with it, nor JSON, nor a token. `group_send.lua` writes it before a ticket.
const OURS: u8 = 0xc1;

const DAMAGED: Unreadable = Unreadable::Misfit(Misfit::Damaged);
