//! Every check, a file for each area of the contract, in its order.

mod accounts;
mod chat_changes;
mod chat_deletion;
mod chat_ids;
mod chat_list;
mod chat_names;
mod chats;
mod csrf;
mod delivery;
mod endurance;
mod flows;
mod forms;
mod frames;
mod ghost_chats;
mod handshake;
mod headers;
mod hidden_chats;
mod histories;
mod history;
mod hostile_bodies;
mod hostile_http;
mod http;
mod large_bodies;
mod message_words;
mod messages;
mod outages;
mod processes;
mod properties;
mod read_only;
mod read_only_messages;
mod sessions;
mod stateful;

use crate::check::Check;

/// The files of checks.
pub(crate) const FILES: &[&[Check]] = &[
    accounts::CHECKS,
    sessions::CHECKS,
    csrf::CHECKS,
    chats::CHECKS,
    chat_list::CHECKS,
    hidden_chats::CHECKS,
    chat_names::CHECKS,
    chat_ids::CHECKS,
    chat_changes::CHECKS,
    chat_deletion::CHECKS,
    ghost_chats::CHECKS,
    messages::CHECKS,
    read_only::CHECKS,
    message_words::CHECKS,
    forms::CHECKS,
    history::CHECKS,
    read_only_messages::CHECKS,
    http::CHECKS,
    headers::CHECKS,
    hostile_bodies::CHECKS,
    hostile_http::CHECKS,
    large_bodies::CHECKS,
    handshake::CHECKS,
    delivery::CHECKS,
    frames::CHECKS,
    endurance::CHECKS,
    processes::CHECKS,
    outages::CHECKS,
    flows::CHECKS,
    properties::CHECKS,
    stateful::CHECKS,
    histories::CHECKS,
];

/// Every check, in the order of the files.
pub fn all() -> impl Iterator<Item = &'static Check> {
    FILES.iter().flat_map(|file| file.iter())
}
