//! What is published: messages on the channels of their chats, and on a channel of our own what no Django process
//! may hear.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::channel_layer::courier::{Aside, Server, Ticket, Unreadable, message_of};
use crate::channel_layer::envelope::{ChatEvent, Envelope, Misfit};
use crate::channel_layer::names;
use crate::store::Message;
use crate::timestamp::Timestamp;

/// Where every process of this server is subscribed, and no Django socket. Like the keys of the other layer it does
/// not begin with the prefix.
pub(super) fn private_channel(prefix: &str) -> String {
    format!("chat-reference:{prefix}:private")
}

/// The channel of a chat.
pub(super) fn channel_of(prefix: &str, chat: i64) -> String {
    names::pubsub_group(prefix, &names::group_of_chat(chat))
}

/// The chat of a channel; `None` if it is of something else.
pub(super) fn chat_of(prefix: &str, channel: &str) -> Option<i64> {
    let group = channel
        .strip_prefix(prefix)?
        .strip_prefix(names::PUBSUB_GROUP)?;
    names::chat_of_group(group)
}

/// What the channel of a chat carries: the chat event of `message` and nothing else, so that no Django consumer ever
/// hears of a type it does not know (INTEROP §3, §4).
pub(super) fn published(envelope: &Envelope, message: &Message) -> Vec<u8> {
    // Text and numbers written into memory: there is nothing in it that can fail.
    let body = envelope
        .body(&ChatEvent::unrouted(message))
        .unwrap_or_default();
    envelope.seal(body, Timestamp::now())
}

/// The `message` of what was published on the channel of a chat.
pub(super) fn read(server: &Server, payload: &[u8]) -> Result<Value, Unreadable> {
    let envelope = &server.envelope;
    let event = envelope
        .decode_published(payload)
        .map_err(|error| Unreadable::Misfit(envelope.misfit_of_payload(payload, &error)))?;
    message_of(event)
}

/// What the private channel carries.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Private {
    /// Which process said it, in which connected period.
    pub(super) from: String,
    pub(super) what: What,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum What {
    Aside(Aside),
    /// A message kept from the channel of its chat, where strangers listen who cannot read it.
    Message {
        ticket: Ticket,
        chat: i64,
        message: Value,
    },
}

impl What {
    /// `message` as all processes of this server hear it.
    pub(super) fn message(ticket: Ticket, message: &Message) -> Self {
        let event = serde_json::to_value(ChatEvent::unrouted(message)).unwrap_or_default();
        Self::Message {
            ticket,
            chat: message.chat,
            message: event.get("message").cloned().unwrap_or_default(),
        }
    }
}

impl Private {
    pub(super) fn write(&self, envelope: &Envelope) -> Vec<u8> {
        let text = serde_json::to_vec(self).unwrap_or_default();
        envelope.seal(text, Timestamp::now())
    }

    pub(super) fn read(server: &Server, payload: &[u8]) -> Result<Self, Unreadable> {
        let envelope = &server.envelope;
        let misfit = |error| envelope.misfit_of_payload(payload, &error);
        let text = envelope.unseal(payload);
        let text = text.map_err(|error| Unreadable::Misfit(misfit(error.into())))?;
        serde_json::from_slice(&text).map_err(|_| Unreadable::Misfit(Misfit::Damaged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chats_channel_tells_its_chat_and_no_other_does() {
        assert_eq!(channel_of("asgi", 5), "asgi__group__chat_5");
        assert_eq!(chat_of("asgi", &channel_of("asgi", 5)), Some(5));
        for other in ["asgi__group__x", "other__group__chat_5", "asgispecific.0a"] {
            assert_eq!(chat_of("asgi", other), None, "{other}");
        }
        assert_eq!(chat_of("asgi", &private_channel("asgi")), None);
        assert!(!private_channel("asgi").starts_with("asgi"));
    }
}
