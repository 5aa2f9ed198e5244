//! Rooms made by hand: what the judge says of them, to the message.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;

use super::*;
use crate::{metric::Metric, tally::Counts};

struct Room {
    ledger: Ledger,
    recorder: Recorder,
}

impl Room {
    fn of(members: u32) -> Self {
        let names = (0..members)
            .map(|member| Arc::from(format!("m{member}")))
            .collect();
        let mut ledger = Ledger::new(Run(7), 1, names, 0, 1_000, true);
        for member in 0..members {
            ledger.joins(member, Some(u16::from(member % 2 == 1)), 0);
        }
        Self {
            ledger,
            recorder: Recorder::of(2),
        }
    }

    /// Somebody says something at this time; the frame that the server makes of it.
    fn says(&mut self, member: u32, at: u64) -> String {
        let mut content = String::new();
        self.ledger.says(member, at, at, &mut content).unwrap();
        frame(member, &content)
    }

    fn hears(&mut self, member: u32, frame: &str, at: u64) -> Heard {
        self.ledger.hears(member, frame, at, &mut self.recorder)
    }

    fn all_hear(&mut self, frame: &str, at: u64) {
        for member in 0..u32::try_from(self.ledger.names.len()).unwrap() {
            self.hears(member, frame, at);
        }
    }

    fn settled(mut self) -> Recorder {
        self.ledger.settles(&mut self.recorder);
        assert_eq!(self.ledger.under_way(), 0, "nothing is left open");
        self.recorder
    }
}

fn frame(member: u32, content: &str) -> String {
    format!(
        r#"{{"type": "message", "message": {{"id": 1, "sender": {{"username": "m{member}"}}, "content": "{content}"}}}}"#
    )
}

/// A frozen server answers when it goes on again: who had spoken is gone by then, and through which process is known.
#[test]
fn what_is_heard_of_who_is_gone_came_through_its_process() {
    let mut room = Room::of(3);
    let frame = room.says(0, 100);
    room.ledger.leaves(0);
    room.hears(1, &frame, 150);
    room.hears(2, &frame, 150);
    let tally = room.settled().take();
    let count = |metric| tally.times(metric).map_or(0, |times| times.count());
    assert_eq!(count(Metric::UnknownProcess), 0);
    assert_eq!(
        (count(Metric::SameProcess), count(Metric::OtherProcess)),
        (1, 1)
    );
}

#[test]
fn what_everybody_hears_is_delivered_and_forgotten() {
    let mut room = Room::of(3);
    let frame = room.says(0, 100);
    room.all_hear(&frame, 150);
    assert_eq!(room.ledger.under_way(), 0);
    let mut recorder = room.settled();
    assert_eq!(
        recorder.counts,
        Counts {
            own_echoes: 1,
            delivered: 2,
            ..Counts::default()
        }
    );
    let tally = recorder.take();
    assert_eq!(tally.times(Metric::OtherProcess).unwrap().max(), Some(50));
    assert_eq!(tally.times(Metric::SameProcess).unwrap().max(), Some(50));
    assert_eq!(tally.times(Metric::FanOut).unwrap().max(), Some(50));
}

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
    room.hears(1, &ours.replace("~load1 7 1 ", "~load1 7 2 "), 1);
    room.hears(1, &ours.replace("~load1 7 1 ", "~load1 8 1 "), 1);
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

#[test]
fn the_history_is_held_against_what_was_heard() {
    let mut room = Room::of(2);
    for _ in 0..3 {
        let frame = room.says(0, 0);
        room.all_hear(&frame, 1);
    }
    room.ledger
        .compare_with_history(&|key| key.seq != 1, &mut room.recorder);
    let recorder = room.settled();
    assert_eq!(
        (
            recorder.counts.in_history,
            recorder.counts.missing_in_history
        ),
        (2, 1)
    );
}

proptest! {
    /// Whatever is dropped and repeated, in whatever interleaving of senders, is counted to the message.
    #[test]
    fn drops_and_repetitions_are_counted_to_the_message(
        members in 2_u32..5,
        fates in prop::collection::vec((0_u32..5, prop::collection::vec(0_u8..4, 5)), 1..60),
    ) {
        let mut room = Room::of(members);
        let (mut dropped, mut repeated, mut heard) = (0, 0, 0);
        let mut said: Vec<(String, &Vec<u8>)> = Vec::new();
        for (sender, fate) in &fates {
            said.push((room.says(sender % members, 0), fate));
        }
        for member in 0..members {
            for (frame, fate) in &said {
                match fate[member as usize] {
                    0 => dropped += 1,
                    1 => {
                        heard += 1;
                        repeated += 1;
                        room.hears(member, frame, 1);
                        room.hears(member, frame, 1);
                    }
                    _ => {
                        heard += 1;
                        room.hears(member, frame, 1);
                    }
                }
            }
        }
        let counts = room.settled().counts;
        prop_assert_eq!(counts.lost, dropped);
        prop_assert_eq!(counts.repeated, repeated);
        prop_assert_eq!(counts.delivered + counts.own_echoes, heard);
        prop_assert_eq!(counts.out_of_order, 0);
    }
}
