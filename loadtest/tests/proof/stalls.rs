//! A server that stalls for a second: in the open model every message that was due in it says so, and in the closed
//! model hardly any, because it does not ask meanwhile (Gil Tene's "coordinated omission").

use std::time::Duration;

use chat_loadtest::{
    histogram::Times,
    measurement::{Interval, Measurement, Pace},
};
use tokio::{sync::mpsc, time::sleep};

use crate::stage::{Stage, every_second, found, runs};

/// Two people talk for three seconds, and the server stops for one of them.
async fn a_second_is_missing(pace: Pace) -> Measurement {
    let stage = Stage::sound().await;
    let mut plan = stage.plan("live", 1, 2, pace).await;
    plan.duration = Some(Duration::from_secs(3));
    plan.patience = Duration::from_secs(5);
    plan.samples = 0;
    let (intervals, mut seconds) = mpsc::channel::<Interval>(64);
    let stalls = async {
        while let Some(interval) = seconds.recv().await {
            if interval.second.at >= 0 && interval.second.delivered > 0 {
                break;
            }
        }
        stage.servers[0].pause().unwrap();
        sleep(STALL).await;
        stage.servers[0].resume().unwrap();
        // Until the end, so that nobody tells in vain.
        while seconds.recv().await.is_some() {}
    };
    let (run, ()) = tokio::join!(runs(plan, intervals), stalls);
    assert_eq!(found(&run), []);
    run
}

fn longer_than_a_tenth(times: &Times) -> u64 {
    times.as_hdr().count_between(100_000, u64::MAX)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_message_that_was_due_in_it_shows_the_second() {
    let run = a_second_is_missing(every_second(200)).await;
    let times = run.tally.delivery();
    assert_eq!(times.count(), run.tally.counts.sent);
    // Of 200 that were due, those of the last tenth of the second waited for less than a tenth.
    let long = longer_than_a_tenth(&times);
    assert!(long >= 160, "{long} of {}", times.count());
    assert!(times.max().unwrap() >= 950_000, "{:?}", times.max());
    assert!(times.at(0.99).unwrap() >= 900_000, "{times:?}");
    assert!(times.at(0.85).unwrap() >= 300_000, "{times:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_loop_hardly_notices() {
    let run = a_second_is_missing(Pace::InFlight { per_room: 4 }).await;
    let times = run.tally.delivery();
    assert!(times.max().unwrap() >= 950_000, "{:?}", times.max());
    let long = longer_than_a_tenth(&times);
    assert!((1..=8).contains(&long), "{long} of {}", times.count());
    assert!(times.at(0.99).unwrap() < 100_000, "{times:?}");
}

const STALL: Duration = Duration::from_secs(1);
