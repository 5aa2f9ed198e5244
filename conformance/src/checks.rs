//! Every check, a file for each area of the contract, in its order.

mod accounts;
mod addresses;
mod anonymous;
mod bodies;
mod chat_changes;
mod chat_deletion;
mod chat_ids;
mod chat_list;
mod chat_names;
mod chats;
mod claims;
mod contents;
mod cookies;
mod csrf;
mod csrf_forms;
mod csrf_tokens;
mod dead_peers;
mod deaths;
mod delivery;
mod endings;
mod endurance;
mod everywhere;
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
mod logins;
mod malformed;
mod many;
mod media_types;
mod message_words;
mod messages;
mod normalisation;
mod offers;
mod order;
mod origins;
mod outages;
mod precedence;
mod processes;
mod properties;
mod read_only;
mod read_only_messages;
mod refusals;
mod registration_values;
mod registration_words;
mod requests;
mod routing;
mod secrecy;
mod session_keys;
mod sessions;
mod silence;
mod sizes;
mod stateful;
mod stored;
mod test_page;
mod times;
mod timing;

use crate::check::Check;

/// The files of checks.
pub(crate) const FILES: &[&[Check]] = &[
    accounts::CHECKS,
    secrecy::CHECKS,
    registration_words::CHECKS,
    registration_values::CHECKS,
    normalisation::CHECKS,
    logins::CHECKS,
    timing::CHECKS,
    sessions::CHECKS,
    anonymous::CHECKS,
    cookies::CHECKS,
    session_keys::CHECKS,
    precedence::CHECKS,
    csrf::CHECKS,
    csrf_tokens::CHECKS,
    csrf_forms::CHECKS,
    origins::CHECKS,
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
    refusals::CHECKS,
    silence::CHECKS,
    offers::CHECKS,
    addresses::CHECKS,
    delivery::CHECKS,
    stored::CHECKS,
    routing::CHECKS,
    frames::CHECKS,
    claims::CHECKS,
    contents::CHECKS,
    malformed::CHECKS,
    many::CHECKS,
    media_types::CHECKS,
    sizes::CHECKS,
    endurance::CHECKS,
    dead_peers::CHECKS,
    endings::CHECKS,
    processes::CHECKS,
    order::CHECKS,
    everywhere::CHECKS,
    outages::CHECKS,
    deaths::CHECKS,
    flows::CHECKS,
    test_page::CHECKS,
    properties::CHECKS,
    bodies::CHECKS,
    requests::CHECKS,
    stateful::CHECKS,
    times::CHECKS,
    histories::CHECKS,
];

/// Every check, in the order of the files.
pub fn all() -> impl Iterator<Item = &'static Check> {
    FILES.iter().flat_map(|file| file.iter())
}
