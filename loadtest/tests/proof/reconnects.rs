//! People drop and come back: they miss nothing that the history does not tell them.

use std::time::Duration;

use chat_loadtest::measurement::Measurement;

use crate::stage::{Stage, every_second, found, measured};

/// Two waves through a proxy with this fault: of ten people two at a time drop, the second of them waits for its
/// turn to connect, and messages go by.
async fn waves_through(fault: Option<&str>) -> Measurement {
    let stage = Stage::behind_a_proxy(fault).await;
    let mut plan = stage.plan("reconnect", 1, 10, every_second(200)).await;
    plan.connect_rate = 20.0;
    plan.duration = Some(Duration::from_millis(2_500));
    let run = measured(plan).await;
    assert!(run.tally.counts.connected >= 14, "two waves");
    run
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_comes_back_finds_what_it_missed() {
    let run = waves_through(None).await;
    let counts = &run.tally.counts;
    assert_eq!(found(&run), []);
    assert!(counts.caught_up > 0);
    assert_eq!(counts.in_history, counts.sent, "at the end");
    // Nothing is lost, and yet those who were away heard less.
    assert!(counts.delivered < 9 * counts.sent, "{counts:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_history_hides_is_missing() {
    let run = waves_through(Some("history_misses_what_was_said_live")).await;
    let counts = &run.tally.counts;
    assert_eq!((counts.caught_up, counts.in_history), (0, 0));
    // What those who came back had missed, and everything at the end.
    assert!(counts.missing_in_history > counts.sent);
    let missing = counts.missing_in_history;
    assert_eq!(found(&run), [("missing_in_history", missing)]);
}
