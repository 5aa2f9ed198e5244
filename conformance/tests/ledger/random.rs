//! Random histories, good ones and such with one thing wrong.

use chat_fixtures::ledger::{Connection, Fate, Heard, Kept, Key, Kind, Ledger, Sent, Way};
use proptest::prelude::*;

use crate::{LIMIT, key, kinds, sent};

proptest! {
    #[test]
    fn a_random_good_history_has_no_findings(talk in talks()) {
        prop_assert_eq!(kinds(&history(&talk)), []);
    }

    #[test]
    fn one_thing_wrong_is_found_as_exactly_that(talk in talks(), which in any::<prop::sample::Index>(), wrong in wrongs()) {
        let mut ledger = history(&talk);
        let broken = breaks(&mut ledger, wrong, which);
        if let Some(key) = broken {
            let findings = ledger.findings(LIMIT);
            prop_assert!(!findings.is_empty());
            for finding in findings {
                prop_assert_eq!(finding.kind, wrong, "{}", finding);
                prop_assert!(wrong == Kind::Disagreed || finding.key == key, "{}", finding);
            }
        }
    }
}

/// Who speaks, and in which room, one after the other: of three people in two rooms.
fn talks() -> impl Strategy<Value = Vec<(u32, u32)>> {
    proptest::collection::vec((0..3_u32, 0..2_u32), 1..40)
}

fn wrongs() -> impl Strategy<Value = Kind> {
    prop::sample::select(vec![
        Kind::Lost,
        Kind::Repeated,
        Kind::Strayed,
        Kind::Overheard,
        Kind::Broadcast,
        Kind::Unsent,
        Kind::Disordered,
        Kind::Premature,
        Kind::Forgotten,
        Kind::Altered,
        Kind::Disagreed,
        Kind::Late,
    ])
}

/// Everybody has a connection to each room; what is said reaches all in the order said; each room is read in the
/// middle and at the end.
fn history(talk: &[(u32, u32)]) -> Ledger {
    let mut ledger = Ledger::default();
    for room in 0..2 {
        for person in 0..3 {
            ledger.members.push((room, person));
            ledger.connections.push(Connection {
                number: room * 10 + person,
                person,
                room,
                opened: 0,
                stayed: true,
            });
        }
    }
    let mut kept: [Vec<Kept>; 2] = Default::default();
    let mut seq = [0; 3];
    for (n, (person, room)) in talk.iter().enumerate() {
        let at = 100 * (n as u64 + 1);
        seq[*person as usize] += 1;
        let key = key(*person, seq[*person as usize]);
        ledger.sent.push(Sent {
            key,
            room: *room,
            way: Way::Socket,
            fate: Fate::Taken,
            due: at,
            at,
        });
        let digest = 1000 + n as u64;
        kept[*room as usize].push(Kept { key, digest });
        for listener in 0..3 {
            ledger.heard.push(Heard {
                connection: room * 10 + listener,
                key,
                digest,
                at: at + 10,
            });
        }
        if n == talk.len() / 2 {
            for room in 0..2 {
                ledger.reads(room, at + 50, kept[room as usize].clone());
            }
        }
    }
    for room in 0..2 {
        ledger.reads(room, 1_000_000, kept[room as usize].clone());
    }
    ledger
}

/// Does one thing wrong, if there is the occasion: to which message.
fn breaks(ledger: &mut Ledger, wrong: Kind, which: prop::sample::Index) -> Option<Key> {
    let n = which.index(ledger.heard.len());
    let heard = ledger.heard[n];
    match wrong {
        Kind::Lost => {
            ledger.heard.remove(n);
        }
        Kind::Repeated => ledger.heard.push(heard),
        Kind::Strayed => ledger.heard.push(Heard {
            connection: (heard.connection + 10) % 20,
            ..heard
        }),
        Kind::Overheard => {
            ledger.connections.push(Connection {
                number: 99,
                person: 7,
                room: heard.connection / 10,
                opened: 0,
                stayed: true,
            });
            ledger.heard.push(Heard {
                connection: 99,
                ..heard
            });
        }
        Kind::Broadcast => sent(ledger, heard.key).way = Way::Rest,
        Kind::Unsent => {
            let invented = Heard {
                key: key(8, 8),
                ..heard
            };
            ledger.heard.push(invented);
            return Some(invented.key);
        }
        Kind::Disordered | Kind::Disagreed => {
            let own = |one: &&(usize, Heard)| one.1.connection == heard.connection;
            let all: Vec<_> = ledger.heard.iter().copied().enumerate().collect();
            let next = all.iter().filter(own).find(|(m, _)| *m > n)?;
            if (next.1.key.sender == heard.key.sender) != (wrong == Kind::Disordered) {
                return None;
            }
            ledger.heard.swap(n, next.0);
        }
        Kind::Premature => {
            let read = ledger.read[usize::from(heard.connection >= 10)];
            if read.asked <= heard.at {
                return None;
            }
            let without = ledger.messages(&read).to_vec();
            ledger.read.remove(usize::from(heard.connection >= 10));
            let without = without.into_iter().filter(|kept| kept.key != heard.key);
            ledger.reads(read.room, read.asked, without);
            let moved = ledger.read.pop().unwrap();
            ledger.read.insert(0, moved);
        }
        Kind::Forgotten => {
            let last = ledger.read.len() - 2 + usize::from(heard.connection >= 10);
            let read = ledger.read[last];
            let without = ledger.messages(&read).to_vec();
            let without = without.into_iter().filter(|kept| kept.key != heard.key);
            ledger.reads(read.room, read.asked, without);
        }
        Kind::Altered => ledger.heard[n].digest += 1,
        Kind::Late => ledger.heard[n].at += LIMIT,
    }
    Some(heard.key)
}
