//! Workers led by a real Locust master: what each has measured arrives, all of it, and a lost one is missed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod engine;
#[path = "../measured/example.rs"]
mod example;
mod locust;
#[path = "../people/mod.rs"]
mod people;
mod processes;

use std::{net::TcpListener, time::Duration};

use chat_fixtures::launch::free_port;
use chat_loadtest::{
    histogram::Times,
    measurement::Measurement,
    worker::{self, Left, Options, Output, Timing},
};
use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use self::{
    engine::{Fake, sum, total},
    locust::{Master, PATIENCE},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_masters_count_is_the_sum_of_its_workers() {
    let limits = "delivery p99 < 1us, lost == 0";
    let Some(mut master) = Master::leads(2, &["-t", "2s", "--chat-thresholds", limits]).await
    else {
        return;
    };
    let (north, south) = (Fake::of(1, 300), Fake::of(2, 200));
    let expected = sum([&north.measured(), &south.measured()]);
    let (north, south) = (
        hires(&master, "north", north),
        hires(&master, "south", south),
    );
    let status = master.ends().await;

    for (name, worker) in [("north", north), ("south", south)] {
        let (left, records) = worker.await.unwrap();
        assert_eq!(left.expect("ended in order"), Left::ToldToQuit);
        let [record] = &records[..] else {
            panic!("one record: {records:?}");
        };
        assert_eq!(
            &master.record(name),
            record,
            "what {name} wrote and what the master did"
        );
        assert_eq!(record.workers[0].ended, None);
    }
    assert_eq!(
        master.row("other-process", "num_requests"),
        expected.counts.delivered
    );
    assert_eq!(
        master.row("message", "num_requests"),
        expected.counts.own_echoes
    );
    assert_eq!(
        master.row("any-process", "num_failures"),
        expected.counts.lost
    );
    master.said("2 of 2 workers ended in order");
    // The master's percentiles are those of the pooled samples.
    let delivery = expected.delivery();
    master.said(&format!(
        "delivery p50 {}, p99 {}",
        ms(&delivery, 0.5),
        ms(&delivery, 0.99)
    ));
    master.said("MISSED  delivery p99 < 1us");
    master.said(&format!("MISSED  lost == 0: {}", expected.counts.lost));
    assert_eq!(status.code(), Some(1), "a threshold was missed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_lost_half_way_is_missed_and_the_rest_goes_on() {
    let limits = "delivery p99 < 10s";
    let Some(mut master) = Master::leads(2, &["--chat-thresholds", limits]).await else {
        return;
    };
    let (stays, dies) = (Fake::of(1, 100), Fake::of(2, 50));
    let before_its_death = total(&dies.at_once);
    let expected = sum([&stays.measured(), &before_its_death]);
    let (stays, dies) = (hires(&master, "stays", stays), hires(&master, "dies", dies));
    master.prints("the worker dies measures").await;
    dies.abort();
    master
        .prints("Worker dies failed to send heartbeat, setting state to missing")
        .await;
    // What `stays` hears at its end is heard after the other's death.
    master.is_asked_to_end();
    let status = master.ends().await;

    let (left, records) = stays.await.unwrap();
    assert_eq!(left.expect("ended in order"), Left::ToldToQuit);
    assert_eq!(master.record("stays"), records[0]);
    assert_eq!(
        master.row("other-process", "num_requests"),
        expected.counts.delivered
    );
    let ended = "lost half-way, last heard of at second 1";
    master.said("1 of 2 workers ended in order");
    master.said(&format!("the worker dies was {ended}"));
    let lost = master.record("dies");
    assert_eq!(lost.workers[0].ended.as_deref(), Some(ended));
    assert_eq!(lost.tally, before_its_death);
    assert_eq!(lost.seconds.len(), 2);
    assert_eq!(status.code(), Some(0), "the threshold was kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_that_is_gone_leaves_a_record_all_the_same() {
    let Some(mut master) = Master::leads(1, &[]).await else {
        return;
    };
    let worker = hires(&master, "orphan", Fake::of(1, 10));
    master.prints("the worker orphan measures").await;
    master.locust.kill().await.expect("killed");
    let (left, records) = timeout(PATIENCE, worker).await.expect("it ends").unwrap();
    assert_eq!(left.expect("ended in order"), Left::MasterGone);
    assert_eq!(records[0].tally, Fake::of(1, 10).measured());
    assert_eq!(
        records[0].workers[0].ended.as_deref(),
        Some("the master was gone")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_without_our_listener_may_have_several_runs() {
    let page = free_port().unwrap();
    let Some(mut master) = Master::waits(page).await else {
        return;
    };
    let worker = hires(&master, "patient", Fake::of(1, 10));
    master
        .prints("reported as ready. 1 workers connected")
        .await;
    let page = format!("http://127.0.0.1:{page}");
    let browser = reqwest::Client::new();
    for _ in 0..2 {
        let users = [("user_count", "10"), ("spawn_rate", "10")];
        let swarm = browser.post(format!("{page}/swarm")).form(&users).send();
        assert!(swarm.await.unwrap().status().is_success());
        master.prints("All users spawned").await;
        // It answers when every worker says that it has stopped, after what it has heard.
        let stopped = browser.post(format!("{page}/stop")).send().await.unwrap();
        assert!(stopped.status().is_success());
        let figures = browser.get(format!("{page}/stats/requests/csv")).send();
        let figures = figures.await.unwrap().text().await.unwrap();
        // Type, name, requests, failures: those of this run alone.
        for row in ["DELIVERY,other-process,30,0,", "DELIVERY,any-process,0,3,"] {
            assert!(figures.contains(row), "{row} is not in:\n{figures}");
        }
    }
    master.is_asked_to_end();
    master.ends().await;
    let (left, records) = worker.await.unwrap();
    assert_eq!(left.expect("ended in order"), Left::ToldToQuit);
    assert_eq!(records.len(), 2, "a record of each run");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_cannot_begin_says_why_on_both_sides() {
    let Some(mut master) = Master::leads(1, &["--chat-thresholds", "lost == 0"]).await else {
        return;
    };
    let worker = hires(&master, "poor", Fake::broken());
    // The last worker that quits ends a headless master.
    let status = master.ends().await;
    let (left, records) = worker.await.unwrap();
    assert_eq!(left.expect_err("it failed").to_string(), "no accounts");
    assert!(records.is_empty());
    master.said("the worker poor could not go on: no accounts");
    assert_eq!(status.code(), Some(2), "it could not run");
}

#[tokio::test]
async fn without_a_master_the_reason_is_told() {
    let port = free_port().unwrap();
    let (left, records) = work(port, "lonely", Fake::of(1, 1), Duration::from_millis(200)).await;
    let error = left.expect_err("no master").to_string();
    let told = format!(
        "no Locust master answered at 127.0.0.1:{port} within 200ms (nothing listens there: "
    );
    assert!(error.contains(&told), "{error}");
    assert!(records.is_empty());

    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = mute.local_addr().unwrap().port();
    let (left, _) = work(port, "lonely", Fake::of(1, 1), Duration::from_millis(200)).await;
    let error = left.expect_err("no master").to_string();
    assert!(
        error.contains("(it takes connections, and does not speak"),
        "{error}"
    );
}

fn hires(master: &Master, name: &'static str, engine: Fake) -> JoinHandle<Worked> {
    tokio::spawn(work(master.port, name, engine, PATIENCE))
}

/// How a worker left, and the records it wrote.
type Worked = (anyhow::Result<Left>, Vec<Measurement>);

async fn work(port: u16, name: &str, mut engine: Fake, patience: Duration) -> Worked {
    let options = Options {
        master: format!("127.0.0.1:{port}").parse().unwrap(),
        name: name.to_owned(),
        locust_wait: patience,
    };
    let timing = Timing {
        report: Duration::from_millis(200),
        silence: Duration::from_secs(3),
        ..Timing::default()
    };
    let mut records = Records(Vec::new());
    let stop = CancellationToken::new();
    let left = worker::run(&options, timing, &mut engine, &mut records, &stop).await;
    (left, records.0)
}

struct Records(Vec<Measurement>);

impl Output for Records {
    fn says(&mut self, line: &str) {
        eprintln!("{line}");
    }

    fn reports(&mut self, measurement: &Measurement) -> anyhow::Result<()> {
        self.0.push(measurement.clone());
        Ok(())
    }
}

/// A quantile as the master prints it.
#[expect(
    clippy::cast_precision_loss,
    reason = "an hour of microseconds at most"
)]
fn ms(times: &Times, quantile: f64) -> String {
    format!("{}ms", times.at(quantile).unwrap() as f64 / 1_000.0)
}
