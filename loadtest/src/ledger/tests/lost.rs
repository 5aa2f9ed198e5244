//! What is lost, and what was owed to nobody.

use super::*;

#[test]
fn a_message_that_one_does_not_hear_is_lost_once() {
    let mut room = Room::of(3);
    let frame = room.says(0, 0);
    room.hears(0, &frame, 1);
    room.hears(1, &frame, 1);
    let later = room.says(1, 2);
    room.all_hear(&later, 3);
    let recorder = room.settled();
    assert_eq!(
        recorder.counts,
        Counts {
            own_echoes: 2,
            delivered: 3,
            lost: 1,
            ..Counts::default()
        }
    );
}

#[test]
fn a_message_that_nobody_hears_is_lost_for_all() {
    let mut room = Room::of(3);
    room.says(0, 0);
    assert_eq!(room.settled().counts.lost, 3);
}

#[test]
fn what_comes_after_it_was_given_up_is_too_late() {
    let mut room = Room::of(2);
    let frame = room.says(0, 0);
    room.hears(0, &frame, 1);
    room.ledger.expires(2_000, &mut room.recorder);
    room.hears(1, &frame, 2_001);
    let recorder = room.settled();
    assert_eq!(
        recorder.counts,
        Counts {
            own_echoes: 1,
            lost: 1,
            too_late: 1,
            ..Counts::default()
        }
    );
}

#[test]
fn what_is_kept_behind_a_newer_message_is_lost_once_and_then_too_late() {
    let mut room = Room::of(3);
    let slow = room.says(0, 0);
    let quick = room.says(1, 900);
    let later = room.says(1, 901);
    // On the tape the older message comes between the newer ones, none of which the third member hears.
    for frame in [&quick, &slow, &later] {
        room.hears(0, frame, 950);
        room.hears(1, frame, 950);
    }
    for at in [1_100, 1_200, 1_300] {
        room.ledger.expires(at, &mut room.recorder);
    }
    assert_eq!(room.recorder.counts.lost, 1);

    for frame in [&later, &slow, &quick, &slow] {
        room.hears(2, frame, 1_400);
    }
    let recorder = room.settled();
    assert_eq!(
        recorder.counts,
        Counts {
            own_echoes: 3,
            delivered: 5,
            lost: 1,
            too_late: 1,
            repeated: 1,
            out_of_order: 1,
            ..Counts::default()
        }
    );
}

#[test]
fn nothing_is_owed_to_those_who_left_or_were_not_there_yet() {
    let mut room = Room::of(3);
    let early = room.says(0, 10);
    room.ledger.leaves(2);
    room.hears(0, &early, 11);
    room.hears(1, &early, 11);
    let missed = room.says(0, 12);
    room.hears(0, &missed, 13);
    room.hears(1, &missed, 13);
    room.ledger.joins(2, Some(0), 14);
    // It was under way when the connection was opened: it may come, and is no repetition.
    room.hears(2, &missed, 15);
    assert_eq!(
        room.ledger.missed_by(2),
        [Key { sender: 0, seq: 0 }, Key { sender: 0, seq: 1 }]
    );
    let recorder = room.settled();
    assert_eq!(
        recorder.counts,
        Counts {
            own_echoes: 2,
            delivered: 2,
            ..Counts::default()
        }
    );
}

#[test]
fn what_was_refused_is_not_lost() {
    let mut room = Room::of(2);
    room.says(0, 0);
    assert_eq!(
        room.hears(0, r#"{"type": "error", "message": "no"}"#, 1),
        Heard::Refusal
    );
    let recorder = room.settled();
    assert_eq!((recorder.counts.refused, recorder.counts.lost), (1, 0));
}
