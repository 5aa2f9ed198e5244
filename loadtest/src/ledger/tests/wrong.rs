//! What is heard and should not have been, or not so.

use super::*;

#[test]
fn what_is_heard_again_is_repeated_even_when_all_have_heard_it() {
    let mut room = Room::of(2);
    let first = room.says(0, 0);
    let second = room.says(0, 0);
    room.hears(1, &first, 1);
    room.hears(1, &first, 1);
    room.hears(1, &second, 1);
    room.hears(0, &first, 1);
    room.hears(0, &second, 1);
    room.hears(0, &second, 1);
    let recorder = room.settled();
    assert_eq!(
        recorder.counts,
        Counts {
            own_echoes: 2,
            delivered: 2,
            repeated: 2,
            ..Counts::default()
        }
    );
}

#[test]
fn two_that_change_places_are_one_out_of_order() {
    for of_one_sender in [true, false] {
        let mut room = Room::of(3);
        let first = room.says(0, 0);
        let second = room.says(if of_one_sender { 0 } else { 1 }, 0);
        room.hears(1, &second, 1);
        room.hears(1, &first, 1);
        for member in [0, 2] {
            room.hears(member, &first, 1);
            room.hears(member, &second, 1);
        }
        let recorder = room.settled();
        assert_eq!(recorder.counts.out_of_order, u64::from(of_one_sender));
        assert_eq!(recorder.counts.delivered + recorder.counts.own_echoes, 6);
    }
}

#[test]
fn an_order_that_is_wrong_for_all_is_wrong_for_each() {
    let mut room = Room::of(2);
    let first = room.says(0, 0);
    let second = room.says(0, 0);
    room.all_hear(&second, 1);
    room.all_hear(&first, 1);
    assert_eq!(room.settled().counts.out_of_order, 2);
}

#[test]
fn what_belongs_to_another_room_is_leaked_and_other_runs_are_foreign() {
    let mut room = Room::of(2);
    let ours = room.says(0, 0);
    room.hears(1, &ours.replace("00000007 1 ", "00000007 2 "), 1);
    room.hears(1, &ours.replace("00000007 1 ", "00000008 1 "), 1);
    room.hears(1, "what?", 1);
    room.all_hear(&ours, 1);
    let recorder = room.settled();
    assert_eq!((recorder.counts.leaked, recorder.counts.foreign), (1, 2));
    assert_eq!(recorder.counts.lost, 0);
}

#[test]
fn another_content_or_sender_is_altered() {
    let mut room = Room::of(2);
    let frame = room.says(0, 0);
    room.hears(0, &frame.replace("m0", "m1"), 1);
    room.hears(1, &frame.replace("~\"", "~!\""), 1);
    assert_eq!(room.settled().counts.altered, 2);
}

#[test]
fn everybody_who_hears_what_is_altered_counts_and_nobody_else() {
    let mut room = Room::of(3);
    let frame = room.says(0, 0);
    room.all_hear(&frame.replace("~\"", "~!\""), 1);
    assert_eq!(room.recorder.counts.altered, 3);
    let frame = room.says(0, 2);
    room.hears(0, &frame.replace("~\"", "~!\""), 3);
    room.hears(1, &frame, 3);
    room.hears(2, &frame, 3);
    let counts = room.settled().counts;
    assert_eq!((counts.altered, counts.delivered, counts.lost), (4, 4, 0));
}

#[test]
fn the_same_message_written_in_another_way_is_not_altered() {
    let mut room = Room::of(2);
    let frame = room.says(0, 0);
    room.hears(0, &frame, 1);
    room.hears(1, &frame.replace(": ", ":"), 1);
    let recorder = room.settled();
    assert_eq!((recorder.counts.altered, recorder.counts.delivered), (0, 1));
}
