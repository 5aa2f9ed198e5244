//! Rooms of people talking by WebSocket: each user of Goose owns a room and all its connections.

use super::{Defaults, Kind, owned};

/// Rooms of people talking by WebSocket.
pub(super) const LIVE: Kind = Kind {
    name: "live",
    about: "rooms of people talking by WebSocket",
    defaults: Defaults {
        rooms: 20,
        members: 10,
        senders: None,
        rate: Some(100.0),
    },
    has_sockets: true,
    scenario: |attack| {
        owned::scenario(attack, "live", |attack, user| {
            Box::pin(async move { owned::talks(&attack, user, owned::nothing).await })
        })
    },
};
