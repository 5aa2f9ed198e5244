//! One big room in which few speak and many listen.

use super::{Defaults, Kind, owned};

/// One big room in which few speak and many listen.
pub(super) const BROADCAST: Kind = Kind {
    name: "broadcast",
    defaults: Defaults {
        rooms: 1,
        members: 200,
        senders: Some(1),
        rate: Some(10.0),
    },
    has_sockets: true,
    scenario: |attack| owned::scenario(attack, "broadcast", owned::nothing),
};
