//! The ledger's findings, on hand-made histories and on random ones with one thing wrong.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use chat_fixtures::ledger::{Connection, Fate, Heard, Kept, Key, Kind, Ledger, Sent, Way};
use proptest::prelude::*;

#[test]
fn a_good_history_has_no_findings() {
    assert_eq!(kinds(&good()), []);
}

#[test]
fn an_empty_one_has_none_either() {
    assert_eq!(kinds(&Ledger::default()), []);
}

#[test]
fn what_a_connection_did_not_hear_is_lost() {
    let mut ledger = good();
    forgets_hearing(&mut ledger, 1, key(0, 2));
    assert_eq!(kinds(&ledger), [Kind::Lost]);
}

#[test]
fn who_left_may_have_missed_the_last() {
    let mut ledger = good();
    leaves(&mut ledger, 1);
    forgets_hearing(&mut ledger, 1, key(0, 3));
    assert_eq!(kinds(&ledger), []);
}

#[test]
fn who_left_has_not_missed_what_came_before_a_later_one_of_the_same_sender() {
    let mut ledger = good();
    leaves(&mut ledger, 1);
    forgets_hearing(&mut ledger, 1, key(0, 2));
    assert_eq!(kinds(&ledger), [Kind::Lost]);
}

#[test]
fn who_came_later_is_not_due_what_was_sent_before() {
    let mut ledger = good();
    let sent = sent(&mut ledger, key(0, 1)).at;
    connection(&mut ledger, 1).opened = sent + 1;
    forgets_hearing(&mut ledger, 1, key(0, 1));
    assert_eq!(kinds(&ledger), []);
}

#[test]
fn what_comes_twice_is_repeated() {
    let mut ledger = good();
    let again = *hearing(&mut ledger, 1, key(0, 1));
    ledger.heard.push(again);
    assert_eq!(kinds(&ledger), [Kind::Repeated]);
}

#[test]
fn what_the_history_has_twice_is_repeated() {
    let mut ledger = good();
    let messages: Vec<_> = ledger.messages(&ledger.read[0]).to_vec();
    ledger.read.remove(0);
    ledger.reads(0, 900, messages.iter().chain(&messages[..1]).copied());
    assert_eq!(kinds(&ledger), [Kind::Repeated]);
}

#[test]
fn what_is_heard_elsewhere_strayed() {
    let mut ledger = good();
    let stray = Heard {
        connection: 2,
        ..*hearing(&mut ledger, 0, key(0, 1))
    };
    ledger.heard.push(stray);
    assert_eq!(kinds(&ledger), [Kind::Strayed]);
}

#[test]
fn who_is_not_of_the_room_overhears() {
    let mut ledger = good();
    ledger.connections.push(Connection {
        number: 9,
        person: 7,
        room: 0,
        opened: 0,
        stayed: true,
    });
    let heard = Heard {
        connection: 9,
        ..*hearing(&mut ledger, 0, key(0, 1))
    };
    ledger.heard.push(heard);
    assert_eq!(kinds(&ledger), [Kind::Overheard]);
}

#[test]
fn what_is_sent_by_rest_is_not_heard() {
    let mut ledger = good();
    sent(&mut ledger, key(1, 2)).way = Way::Rest;
    assert_eq!(kinds(&ledger), [Kind::Broadcast]);
}

#[test]
fn what_nobody_sent_is_found_wherever_it_is() {
    let mut ledger = good();
    let invented = Heard {
        key: key(8, 8),
        ..*hearing(&mut ledger, 0, key(0, 1))
    };
    ledger.heard.push(invented);
    assert_eq!(kinds(&ledger), [Kind::Unsent]);
}

#[test]
fn what_was_refused_may_be_nowhere() {
    let mut ledger = good();
    sent(&mut ledger, key(0, 1)).fate = Fate::Refused;
    assert_eq!(kinds(&ledger), [Kind::Unsent]);
}

#[test]
fn what_is_unknown_may_be_nowhere_or_everywhere() {
    let mut ledger = good();
    ledger.sent.push(Sent {
        key: key(5, 1),
        fate: Fate::Unknown,
        ..*sent(&mut good(), key(0, 1))
    });
    assert_eq!(kinds(&ledger), []);
    let heard = Heard {
        key: key(5, 1),
        ..*hearing(&mut ledger, 0, key(0, 1))
    };
    ledger.heard.push(heard);
    assert_eq!(kinds(&ledger), [Kind::Forgotten, Kind::Lost]);
}

#[test]
fn a_sender_is_heard_in_order() {
    let mut ledger = good();
    swaps(&mut ledger, 1, key(0, 1), key(0, 2));
    // With somebody else's message between them, the order of all is broken, too.
    assert_eq!(kinds(&ledger), [Kind::Disagreed, Kind::Disordered]);

    let mut ledger = good();
    ledger.sent.retain(|sent| sent.key != key(1, 1));
    ledger.heard.retain(|heard| heard.key != key(1, 1));
    forgets_keeping(&mut ledger, key(1, 1));
    swaps(&mut ledger, 1, key(0, 1), key(0, 2));
    assert_eq!(kinds(&ledger), [Kind::Disordered]);
}

#[test]
fn all_connections_hear_one_order() {
    let mut ledger = good();
    swaps(&mut ledger, 1, key(0, 2), key(1, 2));
    assert_eq!(kinds(&ledger), [Kind::Disagreed]);
}

#[test]
fn an_order_may_differ_where_nobody_can_tell() {
    let mut ledger = good();
    // Nobody but one heard both.
    leaves(&mut ledger, 1);
    forgets_hearing(&mut ledger, 1, key(0, 3));
    forgets_hearing(&mut ledger, 1, key(1, 2));
    swaps(&mut ledger, 0, key(0, 3), key(1, 2));
    assert_eq!(kinds(&ledger), []);
}

#[test]
fn what_was_heard_is_in_the_history_from_then_on() {
    let mut ledger = good();
    let asked = hearing(&mut ledger, 0, key(0, 1)).at + 1;
    let last = ledger.read.remove(0);
    ledger.reads(0, asked, []);
    ledger.read.push(last);
    assert_eq!(kinds(&ledger), [Kind::Premature]);
}

#[test]
fn what_was_heard_is_in_the_last_history() {
    let mut ledger = good();
    forgets_keeping(&mut ledger, key(0, 2));
    assert_eq!(kinds(&ledger), [Kind::Forgotten]);
}

#[test]
fn the_history_shows_what_was_heard() {
    let mut ledger = good();
    hearing(&mut ledger, 1, key(0, 2)).digest += 1;
    assert_eq!(kinds(&ledger), [Kind::Altered]);
}

#[test]
fn late_is_measured_from_when_it_was_due() {
    let mut ledger = good();
    sent(&mut ledger, key(0, 1)).due = 0;
    hearing(&mut ledger, 1, key(0, 1)).at = LIMIT + 1;
    assert_eq!(kinds(&ledger), [Kind::Late]);
}

#[test]
fn several_things_are_found_together() {
    let mut ledger = good();
    forgets_hearing(&mut ledger, 1, key(0, 2));
    forgets_keeping(&mut ledger, key(0, 3));
    let again = *hearing(&mut ledger, 0, key(1, 2));
    ledger.heard.push(again);
    assert_eq!(
        kinds(&ledger),
        [Kind::Forgotten, Kind::Lost, Kind::Repeated]
    );
}

#[test]
fn ledgers_are_joined() {
    let mut one = good();
    let mut other = good();
    for sent in &mut other.sent {
        sent.key.sender += 10;
    }
    for heard in &mut other.heard {
        heard.key.sender += 10;
        heard.connection += 10;
    }
    for kept in &mut other.kept {
        kept.key.sender += 10;
    }
    for connection in &mut other.connections {
        connection.number += 10;
        connection.room += 10;
    }
    for sent in &mut other.sent {
        sent.room += 10;
    }
    for member in &mut other.members {
        member.0 += 10;
    }
    for read in &mut other.read {
        read.room += 10;
    }
    one.joins(other);
    assert_eq!(kinds(&one), []);
}

#[test]
fn a_key_is_read_from_a_text() {
    assert_eq!("s3-17 hello".parse::<Key>().unwrap(), key(3, 17));
    for text in ["", "s3", "3-17", "s3-", "s-1", "hello s3-17"] {
        assert!(text.parse::<Key>().is_err(), "{text}");
    }
}

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

/// Two people in room 0 on connections 0 and 1, one of them in room 1 on connection 2. Each speaks three times.
fn good() -> Ledger {
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

fn key(sender: u32, seq: u32) -> Key {
    Key { sender, seq }
}

/// The kinds found, each once, in alphabetical order.
fn kinds(ledger: &Ledger) -> Vec<Kind> {
    let mut kinds: Vec<_> = ledger
        .findings(LIMIT)
        .iter()
        .map(|finding| finding.kind)
        .collect();
    kinds.sort_unstable_by_key(|kind| format!("{kind:?}"));
    kinds.dedup();
    kinds
}

fn hearing(ledger: &mut Ledger, connection: u32, key: Key) -> &mut Heard {
    let mut heard = ledger.heard.iter_mut();
    heard
        .find(|heard| heard.connection == connection && heard.key == key)
        .unwrap()
}

fn sent(ledger: &mut Ledger, key: Key) -> &mut Sent {
    ledger.sent.iter_mut().find(|sent| sent.key == key).unwrap()
}

fn connection(ledger: &mut Ledger, number: u32) -> &mut Connection {
    let mut connections = ledger.connections.iter_mut();
    connections.find(|one| one.number == number).unwrap()
}

fn leaves(ledger: &mut Ledger, number: u32) {
    connection(ledger, number).stayed = false;
}

fn forgets_hearing(ledger: &mut Ledger, connection: u32, key: Key) {
    ledger
        .heard
        .retain(|heard| heard.connection != connection || heard.key != key);
}

fn forgets_keeping(ledger: &mut Ledger, key: Key) {
    let read = ledger.read.pop().unwrap();
    let kept = ledger.messages(&read).to_vec();
    let kept = kept.into_iter().filter(|kept| kept.key != key);
    ledger.reads(read.room, read.asked, kept);
}

fn swaps(ledger: &mut Ledger, connection: u32, one: Key, other: Key) {
    let place = |ledger: &Ledger, key| {
        let mut heard = ledger.heard.iter();
        heard
            .position(|heard| heard.connection == connection && heard.key == key)
            .unwrap()
    };
    let (one, other) = (place(ledger, one), place(ledger, other));
    ledger.heard.swap(one, other);
}

/// What is late, in µs.
const LIMIT: u64 = 5_000_000;
