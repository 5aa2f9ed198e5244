//! The table of what should not happen, and is compared by how often it does.

use super::figure::Count;
use crate::tally::Counts;

/// Something that should not happen.
pub(super) struct Rare {
    pub(super) name: &'static str,
    events: fn(&Counts) -> u64,
    /// How often it could have.
    of: fn(&Counts) -> u64,
}

impl Rare {
    /// How often it happened in a run.
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of events are far below 2^53"
    )]
    pub(super) fn count(&self, counts: &Counts) -> Count {
        let events = (self.events)(counts);
        Count {
            events: events as f64,
            of: (self.of)(counts).max(events) as f64,
        }
    }
}

pub(super) const COUNTS: [Rare; 11] = [
    Rare {
        name: "lost",
        events: |c| c.lost,
        of: owed,
    },
    Rare {
        name: "repeated",
        events: |c| c.repeated,
        of: owed,
    },
    Rare {
        name: "out of order",
        events: |c| c.out_of_order,
        of: owed,
    },
    Rare {
        name: "leaked",
        events: |c| c.leaked,
        of: owed,
    },
    Rare {
        name: "altered",
        events: |c| c.altered,
        of: owed,
    },
    Rare {
        name: UNSENT,
        events: |c| c.unsent,
        of: |c| c.due,
    },
    Rare {
        name: "refused",
        events: |c| c.refused,
        of: |c| c.sent,
    },
    Rare {
        name: "missing in history",
        events: |c| c.missing_in_history,
        of: |c| c.in_history,
    },
    Rare {
        name: "connect failures",
        events: |c| c.connect_failures,
        of: |c| c.connected.saturating_add(c.connect_failures),
    },
    Rare {
        name: "broken connections",
        events: |c| c.broken,
        of: |c| c.connected,
    },
    Rare {
        name: "failed requests",
        events: |c| c.failed_requests,
        of: |c| c.requests,
    },
];

/// The one of them that may be the device's doing as well as the server's.
pub(super) const UNSENT: &str = "unsent";

const fn owed(counts: &Counts) -> u64 {
    let heard = counts.delivered.saturating_add(counts.own_echoes);
    heard.saturating_add(counts.lost)
}
