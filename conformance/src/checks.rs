//! Every check, a file for each area of the contract, in its order.

mod accounts;
mod anonymous;
mod chats;
mod cookies;
mod csrf;
mod csrf_forms;
mod csrf_tokens;
mod delivery;
mod endurance;
mod flows;
mod frames;
mod handshake;
mod histories;
mod http;
mod logins;
mod messages;
mod normalisation;
mod origins;
mod outages;
mod precedence;
mod processes;
mod properties;
mod registration_values;
mod registration_words;
mod secrecy;
mod session_keys;
mod sessions;
mod stateful;
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
    messages::CHECKS,
    http::CHECKS,
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
