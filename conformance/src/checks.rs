//! Every check, a file for each area of the contract, in its order.

mod accounts;
mod chats;
mod csrf;
mod deaths;
mod delivery;
mod endings;
mod endurance;
mod flows;
mod frames;
mod handshake;
mod histories;
mod http;
mod messages;
mod order;
mod outages;
mod processes;
mod properties;
mod sessions;
mod stateful;
mod test_page;

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
    endings::CHECKS,
    processes::CHECKS,
    order::CHECKS,
    outages::CHECKS,
    deaths::CHECKS,
    flows::CHECKS,
    test_page::CHECKS,
    properties::CHECKS,
    stateful::CHECKS,
    histories::CHECKS,
];

/// Every check, in the order of the files.
pub fn all() -> impl Iterator<Item = &'static Check> {
    FILES.iter().flat_map(|file| file.iter())
}
