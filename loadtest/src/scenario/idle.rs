//! Connections that are held and hear nothing, but for what one of the rooms' members says now and then.

use super::{Defaults, Kind, owned};

/// Connections that are held.
pub(super) const IDLE: Kind = Kind {
    name: "idle",
    defaults: Defaults {
        rooms: 100,
        members: 10,
        senders: Some(1),
        rate: Some(1.0),
    },
    has_sockets: true,
    scenario: |attack| owned::scenario(attack, "idle", owned::nothing),
};
