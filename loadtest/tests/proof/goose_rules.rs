//! Limits in Goose's own words, and a Goose that cannot begin.

use std::time::Duration;

use chat_loadtest::{
    attack,
    cost::Source,
    device::Rules,
    measurement::{Measurement, Rule},
    plan::{Plan, Watch},
    verdict::judge,
};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::stage::{Stage, every_second, measured};

async fn held_to(rules: &[&str]) -> Measurement {
    let stage = Stage::sound().await;
    let mut plan = stage.plan("rest", 1, 2, every_second(20)).await;
    plan.goose_thresholds = rules.iter().map(|rule| rule.parse().unwrap()).collect();
    measured(plan).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_that_are_kept_and_missed_are_judged_at_the_end_of_a_whole_run() {
    let run = held_to(&[
        "max<30s",
        "error-rate<1%",
        "p50<1us for POST /api/login/",
        "max<30s for GET /nowhere",
    ])
    .await;
    let told: Vec<_> = run.device.goose.rules.iter().map(Rule::told).collect();
    let met: Vec<_> = run
        .device
        .goose
        .rules
        .iter()
        .map(|rule| rule.is_met)
        .collect();
    assert_eq!(met, [true, true, false, false], "{told:?}");
    assert_eq!((told[1], told[3]), ("0%", "not measured"));
    assert!(run.tally.counts.sent >= 14, "{:?}", run.tally.counts);
    let verdict = judge(&run, &[]);
    assert_eq!(verdict.exit_code, 1);
    assert!(
        verdict
            .conclusion()
            .contains("2 of 4 limits that were set are missed"),
        "{}",
        verdict.conclusion()
    );
}

/// Whoever watches the seconds waits until there are no more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_cannot_begin_ends_for_those_who_watch_too() {
    let stage = Stage::sound().await;
    let plan = Plan {
        ramp: f32::NAN.into(),
        ..stage.plan("rest", 1, 2, every_second(20)).await
    };
    let watch = Watch {
        sources: Vec::<Source>::new(),
        reach: plan.reach.clone(),
        rules: Rules::of(plan.load.pace),
    };
    let (intervals, mut seconds) = mpsc::channel(64);
    let error = attack::run(plan, watch, intervals, CancellationToken::new())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("increase_rate"), "{error}");
    let watched = async { while seconds.recv().await.is_some() {} };
    timeout(Duration::from_secs(20), watched)
        .await
        .expect("it ends");
}
