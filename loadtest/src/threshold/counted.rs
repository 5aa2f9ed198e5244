//! What is counted, in one table: how limits call it, how people do, and what it is held against.

use std::fmt;

use crate::measurement::Measurement;

/// One of the [`Counts`](crate::tally::Counts), with all that limits and reports have to know of it.
pub struct Counted {
    /// The name in limits and records, as `out_of_order`.
    pub name: &'static str,
    /// The words for people, as `out of order`.
    pub words: &'static str,
    /// What it means, in a sentence without its full stop.
    pub meaning: &'static str,
    /// How bad it is.
    pub kind: Kind,
    /// What a `ratio` of it is a part of, as `what was owed`; `None` where there is no such whole.
    pub of: Option<&'static str>,
    whole: fn(&Measurement) -> u64,
}

/// How bad it is when something was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// As it should be.
    Fine,
    /// A promise to those who listen was broken.
    Wrong,
    /// Something did not work, and said so.
    Trouble,
}

impl Counted {
    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        COUNTED.iter().find(|row| row.name == name)
    }

    /// How many there were.
    #[must_use]
    pub fn count(&self, measurement: &Measurement) -> u64 {
        let counts = measurement.tally.counts.by_name();
        let mine = counts.iter().find(|(name, _)| *name == self.name);
        mine.map_or(0, |(_, count)| *count)
    }

    /// How many there could have been.
    #[must_use]
    pub fn whole(&self, measurement: &Measurement) -> u64 {
        (self.whole)(measurement)
    }

    /// Whether there was anything that it could have happened to: without, a count of 0 says nothing. What is promised
    /// to those who listen is put to the test by deliveries to others: one's own echo is hardly ever the trouble.
    #[must_use]
    pub fn was_tested(&self, measurement: &Measurement) -> bool {
        if self.kind == Kind::Wrong && self.of == OWED {
            return measurement.tally.counts.delivered + self.count(measurement) > 0;
        }
        self.whole(measurement) > 0
    }

    /// Whether a device that is late can be the cause. It sends late, and reads late what is heard in time; but no
    /// connection is ended, no message refused and no delivery lost, repeated or altered because of that.
    #[must_use]
    pub fn may_be_lateness(&self) -> bool {
        self.kind == Kind::Fine || matches!(self.name, "unsent" | "too_late")
    }
}

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl fmt::Debug for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

macro_rules! counted {
    ($($name:ident, $words:literal, $kind:ident, $of:expr, $whole:expr, $meaning:literal;)+) => {
        /// All of them, in the order of the reports.
        pub const COUNTED: &[Counted] = &[$(Counted {
            name: stringify!($name),
            words: $words,
            meaning: $meaning,
            kind: Kind::$kind,
            of: $of,
            whole: $whole,
        }),+];
    };
}

#[rustfmt::skip]
counted! {
    due, "due", Fine, None, due, "Messages that were due by the timetable";
    sent, "sent", Fine, DUE, due, "Messages sent";
    unsent, "unsent", Trouble, DUE, due, "Messages that were due and could not be sent";
    refused, "refused", Trouble, SENT, sent, "Messages the server refused with an error frame";
    own_echoes, "own echoes", Fine, OWED, owed, "Deliveries to the sender's own connection";
    delivered, "delivered", Fine, OWED, owed, "Deliveries to other participants";
    lost, "lost", Wrong, OWED, owed, "Owed to a connection that was open all along, and not heard";
    too_late, "too late", Wrong, OWED, owed, "Heard after they had been given up as lost";
    repeated, "repeated", Wrong, OWED, owed, "Heard again by a connection that had heard them";
    out_of_order, "out of order", Wrong, OWED, owed, "Heard after a later message of the same sender";
    leaked, "leaked", Wrong, OWED, owed, "Heard in a room they were not sent to";
    altered, "altered", Wrong, OWED, owed, "Heard with another content or sender than sent";
    foreign, "foreign", Trouble, None, held, "Frames that are no messages of this run";
    caught_up, "caught up", Fine, None, |m| m.tally.counts.caught_up, "Missed while not connected, and found in the history";
    in_history, "compared with the history", Fine, None, compared, "Compared with the REST history";
    missing_in_history, "missing in the history", Wrong, HISTORY, compared, "Missing in the REST history, or different there";
    connected, "connected", Fine, ATTEMPTS, attempts, "Connections opened";
    connect_failures, "connections failed", Trouble, ATTEMPTS, attempts, "Not opened: the handshake refused, failed or too late, or no room to enter";
    broken, "connections broken", Trouble, HELD, held, "Connections that the server or the network ended";
    requests, "requests", Fine, None, requests, "REST requests";
    failed_requests, "requests failed", Trouble, REQUESTS, requests, "REST requests without the expected answer";
}

const DUE: Option<&str> = Some("what was due");
const SENT: Option<&str> = Some("what was sent");
const OWED: Option<&str> = Some("what was owed");
const HISTORY: Option<&str> = Some("what was compared");
const ATTEMPTS: Option<&str> = Some("the attempts");
const HELD: Option<&str> = Some("the connections");
const REQUESTS: Option<&str> = Some("the requests");

/// A closed loop has no timetable: there, what was sent or should have been is what was due.
fn due(measurement: &Measurement) -> u64 {
    let counts = &measurement.tally.counts;
    counts.due.max(counts.sent + counts.unsent)
}

const fn sent(measurement: &Measurement) -> u64 {
    measurement.tally.counts.sent
}

/// Every message that is owed to a connection ends in exactly one of these three.
const fn owed(measurement: &Measurement) -> u64 {
    measurement.heard() + measurement.tally.counts.lost
}

const fn compared(measurement: &Measurement) -> u64 {
    measurement.tally.counts.in_history
}

/// Those of before the measuring are connections too.
fn held(measurement: &Measurement) -> u64 {
    let opened = measurement.tally.counts.connected;
    opened.max(measurement.device.connections)
}

fn attempts(measurement: &Measurement) -> u64 {
    held(measurement) + measurement.tally.counts.connect_failures
}

const fn requests(measurement: &Measurement) -> u64 {
    measurement.tally.counts.requests
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Counts;

    #[test]
    fn the_table_has_every_count_in_the_order_of_the_reports() {
        let table: Vec<_> = COUNTED.iter().map(|row| row.name).collect();
        let counts = Counts::default().by_name().map(|(name, _)| name);
        assert_eq!(table, counts);
    }
}
