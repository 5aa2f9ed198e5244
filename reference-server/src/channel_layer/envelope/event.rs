//! The event by which a chat's message travels (INTEROP §4).

use serde::Serialize;

use crate::store::{Message, User};

/// A message as Daphne's consumers expect it, keys in the original's order.
#[derive(Debug, Serialize)]
pub struct ChatEvent<'a> {
    r#type: &'static str,
    message: ChatMessage<'a>,
    #[serde(rename = "__asgi_channel__", skip_serializing_if = "Option::is_none")]
    members: Option<&'a [&'a str]>,
}

#[derive(Debug, Serialize)]
struct ChatMessage<'a> {
    id: i64,
    chat: i64,
    sender: &'a User,
    content: &'a str,
    timestamp: String,
}

impl<'a> ChatEvent<'a> {
    /// For all `members` behind one queue, as `group_send` writes it.
    pub fn to_members(message: &'a Message, members: &'a [&'a str]) -> Self {
        Self {
            members: Some(members),
            ..Self::unrouted(message)
        }
    }

    /// Without a routing key: what the pub/sub layer publishes.
    pub fn unrouted(message: &'a Message) -> Self {
        let message = ChatMessage {
            id: message.id,
            chat: message.chat,
            sender: &message.sender,
            content: &message.content,
            timestamp: message.timestamp.to_string(),
        };
        Self {
            r#type: CHAT_EVENT,
            message,
            members: None,
        }
    }
}

/// The type of the event that carries a message; Daphne's consumers have a handler of this name.
pub const CHAT_EVENT: &str = "chat_message";
