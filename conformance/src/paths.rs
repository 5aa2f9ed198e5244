//! The paths of the contract that hold an id, and an id that nothing has.

use rand::RngExt;

use crate::context::Context;

/// `/api/chats/{id}/`.
pub(crate) fn chat(id: u64) -> String {
    format!("/api/chats/{id}/")
}

/// `/api/chats/{id}/messages/`.
pub(crate) fn history(chat: u64) -> String {
    format!("/api/chats/{chat}/messages/")
}

/// `/api/chats/{id}/send_message/`.
pub(crate) fn sending(chat: u64) -> String {
    format!("/api/chats/{chat}/send_message/")
}

/// `/api/messages/{id}/`.
pub(crate) fn message(id: u64) -> String {
    format!("/api/messages/{id}/")
}

/// An id that no chat, message or user of the deployment has, within what 31 bits hold.
pub(crate) fn unknown_id(cx: &Context) -> u64 {
    cx.rng().random_range(1_900_000_000..2_000_000_000)
}
