//! Every check, a file for each area of the contract, in its order.

mod accounts;
mod bodies;
mod chats;
mod csrf;
mod delivery;
mod endurance;
mod flows;
mod frames;
mod handshake;
mod histories;
mod http;
mod messages;
mod outages;
mod processes;
mod properties;
mod requests;
mod sessions;
mod stateful;

use crate::check::Check;

/// The files of checks.
pub(crate) const FILES: &[&[Check]] = &[
    accounts::CHECKS,
    sessions::CHECKS,
    csrf::CHECKS,
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
    bodies::CHECKS,
    requests::CHECKS,
    stateful::CHECKS,
    histories::CHECKS,
];

/// Every check, in the order of the files.
pub fn all() -> impl Iterator<Item = &'static Check> {
    FILES.iter().flat_map(|file| file.iter())
}
