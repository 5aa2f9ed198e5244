//! Rooms of people talking by WebSocket: each user of Goose owns a room and all its connections.

use super::{Defaults, Kind, owned};

/// Rooms of people talking by WebSocket.
pub(super) const LIVE: Kind = Kind {
    name: "live",
    defaults: Defaults::TALK,
    has_sockets: true,
    scenario: |attack| owned::scenario(attack, "live", owned::nothing),
};
