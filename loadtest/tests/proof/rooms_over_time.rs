//! Rooms that open and close by Goose's test plan: nothing is lost by it.

use crate::stage::{Stage, every_second, found, measured};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rooms_that_open_and_close_while_others_talk_lose_nothing() {
    let stage = Stage::sound().await;
    let mut plan = stage.plan("live", 3, 2, every_second(90)).await;
    let steps = "3,1s;1,1s;2,1s";
    plan.test_plan = Some(steps.parse().unwrap());
    plan.duration = plan.test_plan.as_ref().map(|steps| steps.duration());
    plan.samples = 100;
    let run = measured(plan).await;
    let counts = &run.tally.counts;
    assert_eq!(found(&run), []);
    // Three, and one more when two were gone.
    assert_eq!((run.device.goose.users, counts.connected), (4, 8));
    assert_eq!(
        (counts.own_echoes, counts.delivered, counts.in_history),
        (counts.sent, counts.sent, counts.sent)
    );
    // Thirty a second in each room, about two rooms at a time, about three seconds.
    assert!((60..270).contains(&counts.sent), "{}", counts.sent);
    assert!(run.measured_s > 2.0 && run.measured_s < 5.0);
    let chats = run.tally.requests.get("DELETE /api/chats/{id}/").unwrap();
    assert_eq!(chats.times.count(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_by_rest_come_and_go_too() {
    let stage = Stage::sound().await;
    let mut plan = stage.plan("rest", 2, 2, every_second(20)).await;
    plan.test_plan = Some("2,1s;1,1s".parse().unwrap());
    plan.duration = plan.test_plan.as_ref().map(|steps| steps.duration());
    let run = measured(plan).await;
    assert_eq!(found(&run), []);
    let sends = &run.tally.requests["POST /api/chats/{id}/send_message/"];
    assert_eq!(sends.times.count(), run.tally.counts.in_history);
    // Ten a second each, none of them twice.
    assert!((8..=40).contains(&sends.times.count()), "{sends:?}");
}
