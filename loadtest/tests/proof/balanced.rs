//! Through which process a message came: told where it is known, and not guessed where it is not.

use chat_loadtest::{measurement::Measurement, metric::Metric};

use crate::stage::{Stage, every_second, found, measured};

fn count(run: &Measurement, metric: Metric) -> u64 {
    run.tally.times(metric).map_or(0, |times| times.count())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_four_members_one_hears_through_the_senders_process_and_two_through_the_other() {
    let stage = Stage::of_two().await;
    let run = measured(stage.plan("live", 2, 4, every_second(100)).await).await;
    assert_eq!(found(&run), []);
    let sent = run.tally.counts.sent;
    assert_eq!(count(&run, Metric::SameProcess), sent);
    assert_eq!(count(&run, Metric::OtherProcess), 2 * sent);
    assert_eq!(count(&run, Metric::UnknownProcess), 0);
    let [first, second] = &run.tally.processes[..] else {
        panic!("two processes: {:?}", run.tally.processes);
    };
    assert_eq!(first.sent + second.sent, sent);
    assert!(first.sent.abs_diff(second.sent) <= 2, "in turns");
    assert_eq!(first.heard.count() + second.heard.count(), 3 * sent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_balancer_nobody_knows() {
    let stage = Stage::of_two().await;
    let mut plan = stage.plan("live", 1, 4, every_second(100)).await;
    plan.targets = plan.targets.iter().take(1).cloned().collect();
    plan.is_balanced = true;
    let run = measured(plan).await;
    assert_eq!(found(&run), []);
    assert_eq!(count(&run, Metric::SameProcess), 0);
    assert_eq!(count(&run, Metric::OtherProcess), 0);
    assert_eq!(
        count(&run, Metric::UnknownProcess),
        3 * run.tally.counts.sent
    );
    assert_eq!(run.tally.processes, []);
}
