//! Rooms made by hand: what the judge says of them, to the message.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod lost;
mod wrong;

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
