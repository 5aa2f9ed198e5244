//! What Goose counted and what we counted is the same, wherever both count.

use chat_loadtest::measurement::Measurement;

use crate::stage::{Stage, every_second, found, measured};

fn agrees(run: &Measurement) {
    let goose = &run.device.goose;
    let echoes = goose.requests.get("WEBSOCKET message").copied();
    assert_eq!(echoes.unwrap_or_default(), run.tally.counts.own_echoes);
    let mut theirs = goose.requests.clone();
    theirs.remove("WEBSOCKET message");
    let ours = run.tally.requests.iter();
    let ours = ours.map(|(name, kind)| (name.clone(), kind.times.count()));
    assert_eq!(theirs, ours.collect());
    assert_eq!(theirs.values().sum::<u64>(), run.tally.counts.requests);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_and_requests_are_as_many_on_both_sides() {
    let stage = Stage::sound().await;
    for scenario in ["mixed", "rest"] {
        let mut plan = stage.plan(scenario, 3, 3, every_second(60)).await;
        plan.samples = 1;
        let run = measured(plan).await;
        assert_eq!(found(&run), [], "{scenario}");
        assert_eq!(run.device.goose.users, 3);
        let counts = &run.tally.counts;
        assert_eq!((counts.due, counts.sent), (45, 45), "{scenario}");
        assert!(counts.own_echoes + counts.in_history >= 40, "{counts:?}");
        agrees(&run);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_lost_or_comes_after_the_end_is_as_much_on_both_sides() {
    for fault in [
        "every_seventh_message_is_lost",
        "messages_take_half_a_second",
    ] {
        let stage = Stage::behind_a_proxy(Some(fault)).await;
        let run = measured(stage.plan("live", 2, 2, every_second(60)).await).await;
        assert!(run.tally.counts.own_echoes > 30, "{fault}");
        agrees(&run);
    }
}
