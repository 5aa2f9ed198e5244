//! Of so many messages exactly so many are dropped, repeated, overtaken, altered, leaked or late: the report says so.

use chat_loadtest::{measurement::Measurement, metric::Metric, verdict::judge};

use crate::stage::{Stage, every_second, found, measured};

/// Through a proxy with this fault, one of a room's three members says 75 messages.
async fn one_speaks_through(fault: &str) -> (Measurement, u64) {
    let stage = Stage::behind_a_proxy(Some(fault)).await;
    let mut plan = stage.plan("live", 1, 3, every_second(100)).await;
    plan.load.senders = 1;
    let run = measured(plan).await;
    assert_eq!((run.tally.counts.due, run.tally.counts.sent), (75, 75));
    (run, 75)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sound_server_is_found_sound() {
    let stage = Stage::behind_a_proxy(None).await;
    let run = measured(stage.plan("live", 2, 3, every_second(100)).await).await;
    let counts = &run.tally.counts;
    assert_eq!(found(&run), []);
    assert_eq!((counts.due, counts.sent), (75, 75));
    assert_eq!(
        (counts.own_echoes, counts.delivered, counts.in_history),
        (counts.sent, 2 * counts.sent, counts.sent)
    );
    assert_eq!(run.tally.delivery().count(), counts.delivered);
    assert_eq!(run.tally.processes[0].sent, counts.sent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_lost_message_is_counted_for_each_who_missed_it() {
    let (run, sent) = one_speaks_through("every_seventh_message_is_lost").await;
    let lost = sent / 7;
    assert_eq!(found(&run), [("lost", 3 * lost)]);
    assert_eq!(run.tally.counts.own_echoes, sent - lost);
    assert_eq!(run.tally.counts.delivered, 2 * (sent - lost));
    assert_eq!(run.tally.processes[0].lost, 3 * lost);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_senders_do_not_hear_themselves_is_lost_too() {
    let (run, sent) = one_speaks_through("senders_do_not_hear_themselves").await;
    assert_eq!(found(&run), [("lost", sent)]);
    assert_eq!(
        (run.tally.counts.own_echoes, run.tally.counts.delivered),
        (0, 2 * sent)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_repetition_is_counted() {
    let (run, sent) = one_speaks_through("every_seventh_message_comes_twice").await;
    assert_eq!(found(&run), [("repeated", 3 * (sent / 7))]);
    assert_eq!(run.tally.counts.delivered, 2 * sent);

    let (run, sent) = one_speaks_through("others_hear_twice").await;
    assert_eq!(found(&run), [("repeated", 2 * sent)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_message_that_its_senders_next_one_overtook_is_out_of_order() {
    let (run, sent) = one_speaks_through("every_seventh_message_is_overtaken").await;
    assert_eq!(found(&run), [("out_of_order", 3 * (sent / 7))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_of_different_people_may_overtake_each_other() {
    let stage = Stage::behind_a_proxy(Some("every_seventh_message_is_overtaken")).await;
    let run = measured(stage.plan("live", 1, 3, every_second(100)).await).await;
    assert_eq!((found(&run), run.tally.counts.sent), (vec![], 75));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_altered_frame_is_counted() {
    let (run, sent) = one_speaks_through("every_seventh_message_is_altered").await;
    assert_eq!(found(&run), [("altered", 3 * (sent / 7))]);
    assert_eq!(run.tally.counts.delivered, 2 * sent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_frame_in_a_room_that_it_was_not_sent_to_is_leaked() {
    let stage = Stage::behind_a_proxy(Some("live_messages_leak_to_everybody")).await;
    let run = measured(stage.plan("live", 2, 3, every_second(40)).await).await;
    let sent = run.tally.counts.sent;
    assert_eq!(sent, 30);
    assert_eq!(found(&run), [("leaked", 3 * sent)]);
    assert_eq!(run.tally.counts.delivered, 2 * sent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delay_is_what_the_times_say() {
    let (run, sent) = one_speaks_through("messages_take_half_a_second").await;
    assert_eq!(found(&run), []);
    for (metric, count) in [
        (Metric::OwnEcho, sent),
        (Metric::SameProcess, 2 * sent),
        (Metric::Service, 2 * sent),
        (Metric::FanOut, sent),
    ] {
        let times = run.tally.times(metric).unwrap();
        assert_eq!(times.count(), count, "{metric}");
        // Three digits: half a second is told to half a millisecond.
        assert!(times.min().unwrap() >= 499_500, "{metric}: {times:?}");
        assert!(times.at(0.5).unwrap() < 600_000, "{metric}: {times:?}");
    }
}

/// What they do not hear any more they are not owed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_connection_that_is_cut_is_counted() {
    let (run, sent) = one_speaks_through("hearers_are_cut_off_at_their_seventh_message").await;
    assert_eq!(found(&run), [("broken", 2)]);
    let counts = &run.tally.counts;
    assert_eq!((counts.connected, counts.own_echoes), (3, sent));
    assert_eq!(counts.delivered, 2 * 6);
    let verdict = judge(&run, &[]);
    let said = verdict.conclusion();
    assert_eq!(verdict.exit_code, 1, "{said}");
    assert!(said.contains("2 of 3 connections were ended"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_message_that_the_history_lacks_is_counted() {
    let (run, sent) = one_speaks_through("history_misses_every_seventh_message").await;
    assert_eq!(found(&run), [("missing_in_history", sent / 7)]);
    assert_eq!(run.tally.counts.in_history, sent - sent / 7);
}
