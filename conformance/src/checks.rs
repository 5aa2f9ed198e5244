//! Every check, a file for each area of the contract, in its order.

mod accounts;
mod addresses;
mod chats;
mod claims;
mod contents;
mod csrf;
mod delivery;
mod endurance;
mod everywhere;
mod flows;
mod frames;
mod handshake;
mod histories;
mod http;
mod malformed;
mod messages;
mod offers;
mod outages;
mod processes;
mod properties;
mod refusals;
mod routing;
mod sessions;
mod silence;
mod sizes;
mod stateful;
mod stored;

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
    sizes::CHECKS,
    endurance::CHECKS,
    processes::CHECKS,
    everywhere::CHECKS,
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
