//! What two processes share goes away and comes back under load: the run goes on, and tells what it cost.

use std::time::Duration;

use chat_loadtest::measurement::Interval;
use tokio::{sync::mpsc, time::timeout};

use crate::{
    carried::judged,
    stage::{Stage, every_second, found, runs},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_dies_and_comes_back_costs_what_the_report_says() {
    let mut stage = Stage::of_two().await;
    let mut plan = stage.plan("live", 2, 4, every_second(100)).await;
    plan.duration = Some(Duration::from_secs(4));
    let redis = stage.redis.as_mut().unwrap();
    let (intervals, mut seconds) = mpsc::channel::<Interval>(64);
    let outage = async {
        while seconds.recv().await.unwrap().second.delivered == 0 {}
        redis.kill().await.unwrap();
        while seconds.recv().await.unwrap().second.sent == 0 {}
        redis.restart().await.unwrap();
        while seconds.recv().await.is_some() {}
    };
    let run = async { tokio::join!(runs(plan, intervals), outage).0 };
    let run = timeout(PATIENCE, run).await.expect("it ends by itself");
    let counts = &run.tally.counts;
    assert_eq!((counts.due, counts.sent + counts.unsent), (400, 400));
    // Whoever may have missed something is sent away; before that, what did not come is lost.
    assert!(counts.broken == 8 || counts.lost > 0, "{counts:?}");
    let costs = ["broken", "lost", "unsent"];
    let is_no_cost = |(name, _): &(&str, u64)| !costs.contains(name);
    assert!(!found(&run).iter().any(is_no_cost), "{:?}", found(&run));
    let verdict = judged(&run);
    let said = verdict.conclusion();
    assert_eq!(verdict.exit_code, 1, "{said}");
    assert!(
        said.contains("8 of 8 connections were ended")
            || said.contains("limits that were set is missed"),
        "{said}"
    );
}

const PATIENCE: Duration = Duration::from_secs(30);
