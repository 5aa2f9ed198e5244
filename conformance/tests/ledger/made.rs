//! Histories made by hand, each with a thing or two wrong.

use chat_fixtures::ledger::{Connection, Fate, Heard, Key, Kind, Ledger, Sent, Way};

use crate::{
    LIMIT,
    good::{connection, forgets_hearing, forgets_keeping, good, hearing, leaves, swaps},
    key, kinds, sent,
};

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
