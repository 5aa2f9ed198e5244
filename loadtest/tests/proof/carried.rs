//! A deployment that does not carry what it was asked for does not pass, however well it serves the rest.

use chat_loadtest::{
    measurement::{Interval, Measurement},
    plan::Plan,
    report::{Report, terminal},
    threshold::Thresholds,
    verdict::{Verdict, judge},
};
use tokio::sync::mpsc;

use crate::stage::{Stage, every_second, measured, runs};

/// What is to be held of it with the limits that everybody sets.
pub(crate) fn judged(run: &Measurement) -> Verdict {
    let limits: Thresholds = "delivery p99 < 30s, lost == 0".parse().unwrap();
    judge(run, &limits.0)
}

/// What its report says to do next.
fn next(run: Measurement) -> String {
    let verdict = judged(&run);
    let text = terminal::render(&Report::of(run, verdict, String::new()));
    let (_, next) = text.split_once("\nNext: ").unwrap();
    next.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_lets_ten_of_thirty_in() {
    let stage = Stage::with(&["--max-connections", "10"]).await;
    let plan = stage.plan("broadcast", 1, 30, every_second(40)).await;
    let run = measured(plan).await;
    let verdict = judged(&run);
    let said = verdict.conclusion();
    assert_eq!(verdict.exit_code, 1, "{said}");
    assert!(
        said.contains("20 of 30 connections could not be opened"),
        "{said}"
    );
    assert!(
        said.contains("all 2 limits that were set are kept"),
        "{said}"
    );
    let next = next(run);
    assert!(next.contains("limits of connections"), "{next}");
}

/// The device is fine: nobody is sent away to give it more cores.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_dies_under_way() {
    let mut stage = Stage::sound().await;
    let mut plan = stage.plan("live", 2, 3, every_second(100)).await;
    plan.duration = Some(std::time::Duration::from_secs(2));
    let (intervals, mut seconds) = mpsc::channel::<Interval>(64);
    let server = &mut stage.servers[0];
    let dies = async {
        while let Some(interval) = seconds.recv().await {
            if interval.second.delivered > 0 {
                break;
            }
        }
        server.kill().await.unwrap();
        while seconds.recv().await.is_some() {}
    };
    let (run, ()) = tokio::join!(runs(plan, intervals), dies);
    let counts = run.tally.counts;
    assert_eq!((counts.due, counts.sent + counts.unsent), (200, 200));
    let verdict = judged(&run);
    let said = verdict.conclusion();
    assert_eq!(verdict.exit_code, 1, "{said}");
    assert!(said.contains("6 of 6 connections were ended"), "{said}");
    assert!(
        said.contains("messages that were due could not be sent"),
        "{said}"
    );
    let next = next(run);
    assert!(
        next.starts_with("6 connections were ended under way: look at the server's log"),
        "{next}"
    );
}

/// Four rooms of two through two URLs, of which the second belongs to another deployment.
async fn half_among_strangers(scenario: &str) -> (Measurement, [Stage; 2]) {
    let (ours, theirs) = (Stage::sound().await, Stage::sound().await);
    let plan = ours.plan(scenario, 4, 2, every_second(40)).await;
    let bases = ours.bases.iter().chain(&theirs.bases);
    let targets = bases.map(|base| std::sync::Arc::new(base.parse().unwrap()));
    let plan = Plan {
        targets: targets.collect(),
        ..plan
    };
    (measured(plan).await, [ours, theirs])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_url_of_another_deployment() {
    let (run, _stages) = half_among_strangers("live").await;
    let counts = run.tally.counts;
    assert_eq!((counts.due, counts.sent, counts.unsent), (30, 15, 15));
    // Two rooms never opened; of the two others one member each came through the wrong door.
    assert_eq!((counts.connected, counts.connect_failures), (2, 6));
    let verdict = judged(&run);
    let said = verdict.conclusion();
    assert_eq!(verdict.exit_code, 1, "{said}");
    for told in [
        "6 of 8 connections could not be opened",
        "15 of 30 messages that were due could not be sent",
    ] {
        assert!(said.contains(told), "{said}");
    }
    let next = next(run);
    assert!(
        next.starts_with("2 rooms could not be opened") && next.contains("one deployment"),
        "{next}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn journeys_that_nobody_could_begin() {
    let (run, _stages) = half_among_strangers("rest").await;
    let counts = run.tally.counts;
    assert_eq!((counts.due, counts.sent + counts.unsent), (30, 30));
    assert!(counts.unsent >= 15, "{counts:?}");
    assert_eq!(judged(&run).exit_code, 1);
}
