//! A good history, and what can be done to one.

use chat_fixtures::ledger::{Connection, Fate, Heard, Kept, Key, Ledger, Sent, Way};

use crate::key;

/// Two people in room 0 on connections 0 and 1, one of them in room 1 on connection 2. Each speaks three times.
pub(crate) fn good() -> Ledger {
    let mut ledger = Ledger {
        members: vec![(0, 0), (0, 1), (1, 1)],
        ..Ledger::default()
    };
    for (number, person, room) in [(0, 0, 0), (1, 1, 0), (2, 1, 1)] {
        ledger.connections.push(Connection {
            number,
            person,
            room,
            opened: 0,
            stayed: true,
        });
    }
    let talk = [(0, 1), (1, 1), (0, 2), (1, 2), (0, 3)];
    let mut kept = Vec::new();
    for (n, (sender, seq)) in talk.into_iter().enumerate() {
        let at = 100 * (n as u64 + 1);
        let digest = n as u64;
        let key = key(sender, seq);
        ledger.sent.push(Sent {
            key,
            room: 0,
            way: Way::Socket,
            fate: Fate::Taken,
            due: at,
            at,
        });
        for connection in [0, 1] {
            ledger.heard.push(Heard {
                connection,
                key,
                digest,
                at: at + 10,
            });
        }
        kept.push(Kept { key, digest });
    }
    ledger.reads(0, 1000, kept);
    ledger
}

pub(crate) fn hearing(ledger: &mut Ledger, connection: u32, key: Key) -> &mut Heard {
    let mut heard = ledger.heard.iter_mut();
    heard
        .find(|heard| heard.connection == connection && heard.key == key)
        .unwrap()
}

pub(crate) fn connection(ledger: &mut Ledger, number: u32) -> &mut Connection {
    let mut connections = ledger.connections.iter_mut();
    connections.find(|one| one.number == number).unwrap()
}

pub(crate) fn leaves(ledger: &mut Ledger, number: u32) {
    connection(ledger, number).stayed = false;
}

pub(crate) fn forgets_hearing(ledger: &mut Ledger, connection: u32, key: Key) {
    ledger
        .heard
        .retain(|heard| heard.connection != connection || heard.key != key);
}

pub(crate) fn forgets_keeping(ledger: &mut Ledger, key: Key) {
    let read = ledger.read.pop().unwrap();
    let kept = ledger.messages(&read).to_vec();
    let kept = kept.into_iter().filter(|kept| kept.key != key);
    ledger.reads(read.room, read.asked, kept);
}

pub(crate) fn swaps(ledger: &mut Ledger, connection: u32, one: Key, other: Key) {
    let place = |ledger: &Ledger, key| {
        let mut heard = ledger.heard.iter();
        heard
            .position(|heard| heard.connection == connection && heard.key == key)
            .unwrap()
    };
    let (one, other) = (place(ledger, one), place(ledger, other));
    ledger.heard.swap(one, other);
}
