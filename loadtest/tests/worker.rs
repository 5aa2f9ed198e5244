//! Workers led by a real Locust master: what each has measured arrives, all of it, and a lost one is missed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use chat_fixtures::launch::free_port;
use chat_loadtest::{
    histogram::Times,
    measurement::{Device, Load, Measurement, Pace, Second},
    metric::Metric,
    tally::Tally,
    worker::{self, Begun, Engine, Interval, Left, Options, Output, Spawned, Timing},
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    process::{Child, Command},
    sync::mpsc,
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_masters_count_is_the_sum_of_its_workers() {
    let limits = "delivery p99 < 1us, lost == 0";
    let Some(mut master) = Master::leads(2, &["-t", "2s", "--chat-thresholds", limits]).await
    else {
        return;
    };
    let (north, south) = (Fake::of(1, 300), Fake::of(2, 200));
    let expected = sum([&north.measured(), &south.measured()]);
    let (north, south) = (master.hires("north", north), master.hires("south", south));
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
    let (stays, dies) = (master.hires("stays", stays), master.hires("dies", dies));
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
    let worker = master.hires("orphan", Fake::of(1, 10));
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

#[tokio::test]
async fn without_a_master_the_reason_is_told() {
    let port = free_port().unwrap();
    let (left, records) = work(port, "lonely", Fake::of(1, 1), Duration::from_millis(200)).await;
    let error = left.expect_err("no master").to_string();
    let told = format!("no Locust master answered at 127.0.0.1:{port} within 200ms");
    assert!(error.contains(&told), "{error}");
    assert!(records.is_empty());
}

/// A real Locust master with our locustfile.
struct Master {
    locust: Child,
    port: u16,
    folder: TempDir,
    lines: mpsc::UnboundedReceiver<String>,
    printed: Vec<String>,
}

impl Master {
    /// Starts one; `None`, and loudly, where Locust cannot be had.
    async fn leads(workers: usize, options: &[&str]) -> Option<Self> {
        let venv = Command::new(root().join("ci/locust-venv"))
            .output()
            .await
            .unwrap();
        if !venv.status.success() {
            let why = String::from_utf8_lossy(&venv.stderr);
            eprintln!(
                "SKIPPED: nothing was tested against Locust, ci/locust-venv cannot install it:\n{why}"
            );
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let port = free_port().unwrap();
        let mut locust = Command::new(String::from_utf8(venv.stdout).unwrap().trim())
            .arg("-f")
            .arg(root().join("loadtest/locust/locustfile.py"))
            .args(["--master", "--headless", "-u", "10", "-r", "10"])
            .args([
                "--master-bind-host",
                "127.0.0.1",
                "--master-bind-port",
                &port.to_string(),
            ])
            .args([
                "--expect-workers",
                &workers.to_string(),
                "--json-file",
                "locust",
            ])
            .args(options)
            .current_dir(folder.path())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (line, lines) = mpsc::unbounded_channel();
        passes_on(locust.stdout.take().unwrap(), line.clone());
        passes_on(locust.stderr.take().unwrap(), line);
        Some(Self {
            locust,
            port,
            folder,
            lines,
            printed: Vec::new(),
        })
    }

    fn hires(&self, name: &'static str, engine: Fake) -> JoinHandle<Worked> {
        tokio::spawn(work(self.port, name, engine, PATIENCE))
    }

    /// Waits until it prints a line with these words.
    async fn prints(&mut self, words: &str) {
        let found = timeout(PATIENCE, async {
            while let Some(line) = self.lines.recv().await {
                let is_it = line.contains(words);
                self.printed.push(line);
                if is_it {
                    return true;
                }
            }
            false
        });
        let found = found.await.unwrap_or_default();
        assert!(found, "{words:?} is not in:\n{}", self.printed.join("\n"));
    }

    fn is_asked_to_end(&self) {
        let id = i32::try_from(self.locust.id().expect("it runs")).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), Signal::TERM).unwrap();
    }

    async fn ends(&mut self) -> ExitStatus {
        let status = timeout(PATIENCE, self.locust.wait())
            .await
            .expect("the master ends");
        while let Some(line) = self.lines.recv().await {
            self.printed.push(line);
        }
        status.unwrap()
    }

    fn said(&self, words: &str) {
        let is_said = self
            .printed
            .iter()
            .any(|line| line.starts_with(&format!("chat-loadtest: {words}")));
        assert!(is_said, "{words:?} is not in:\n{}", self.printed.join("\n"));
    }

    /// A figure of Locust's own, of the row with this name.
    fn row(&self, name: &str, figure: &str) -> u64 {
        let rows: Vec<Value> = self.reads("locust.json");
        let row = rows.iter().find(|row| row["name"] == name);
        row.unwrap_or_else(|| panic!("no row {name}: {rows:?}"))[figure]
            .as_u64()
            .unwrap()
    }

    fn record(&self, worker: &str) -> Measurement {
        self.reads(&format!("chat-loadtest-{worker}.json"))
    }

    fn reads<T: serde::de::DeserializeOwned>(&self, file: &str) -> T {
        let text = std::fs::read_to_string(self.folder.path().join(file))
            .unwrap_or_else(|error| panic!("{file}: {error}\n{}", self.printed.join("\n")));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}\n{text}"))
    }
}

/// How a worker left, and the records it wrote.
type Worked = (anyhow::Result<Left>, Vec<Measurement>);

async fn work(port: u16, name: &str, mut engine: Fake, patience: Duration) -> Worked {
    let options = Options {
        master: format!("127.0.0.1:{port}").parse().unwrap(),
        name: name.to_owned(),
        patience,
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

/// An engine that measures what is known beforehand: some of it at once, some when it is stopped.
struct Fake {
    at_once: Vec<Interval>,
    at_the_end: Vec<Interval>,
    running: Option<(Begun, mpsc::Sender<Interval>)>,
}

impl Fake {
    /// One whose figures follow from two numbers.
    fn of(seed: u64, deliveries: u64) -> Self {
        let second = |at: i64| {
            let mut tally = Tally::of(2);
            for delivery in 0..deliveries {
                // From microseconds to seconds.
                tally.record(
                    Metric::OtherProcess,
                    (delivery + 1) * (delivery + seed) * 37,
                );
            }
            tally.record(Metric::OwnEcho, 1_000 * seed);
            tally.counts.sent = 1;
            tally.counts.own_echoes = 1;
            tally.counts.delivered = deliveries;
            tally.counts.lost = seed;
            let second = Second {
                at,
                delivered: deliveries,
                ..Second::default()
            };
            Interval { second, tally }
        };
        Self {
            at_once: vec![second(0), second(1)],
            at_the_end: vec![second(2)],
            running: None,
        }
    }

    fn measured(&self) -> Tally {
        sum([&total(&self.at_once), &total(&self.at_the_end)])
    }
}

impl Engine for Fake {
    async fn spawns(
        &mut self,
        users: u64,
        host: Option<String>,
        intervals: mpsc::Sender<Interval>,
    ) -> anyhow::Result<Spawned> {
        anyhow::ensure!(
            [5, 10].contains(&users) && host.is_none(),
            "{users} users at {host:?}"
        );
        for interval in self.at_once.clone() {
            intervals.send(interval).await?;
        }
        let begun = Begun {
            load: load(users),
            targets: vec!["http://chat.example".to_owned()],
            began: "2026-01-01T00:00:00Z".to_owned(),
        };
        self.running = Some((begun.clone(), intervals));
        Ok(Spawned::Taken(begun))
    }

    async fn stops(&mut self) -> anyhow::Result<Measurement> {
        let (begun, intervals) = self.running.take().expect("it runs");
        for interval in self.at_the_end.clone() {
            intervals.send(interval).await?;
        }
        let seconds = self.at_once.iter().chain(&self.at_the_end);
        Ok(Measurement {
            load: begun.load,
            targets: begun.targets,
            began: begun.began,
            measured_s: 3.0,
            tally: self.measured(),
            seconds: seconds.map(|interval| interval.second.clone()).collect(),
            device: Device::default(),
            servers: Vec::new(),
            workers: Vec::new(),
            remarks: Vec::new(),
        })
    }
}

fn load(users: u64) -> Load {
    Load {
        scenario: "live".to_owned(),
        rooms: 1,
        members: u32::try_from(users).unwrap(),
        senders: 1,
        payload: 100,
        pace: Pace::Silent,
        seed: 1,
        processes: 2,
        label: None,
    }
}

fn total(intervals: &[Interval]) -> Tally {
    intervals
        .iter()
        .fold(Tally::default(), |mut total, interval| {
            total.absorb(&interval.tally);
            total
        })
}

fn sum(tallies: [&Tally; 2]) -> Tally {
    tallies
        .into_iter()
        .fold(Tally::default(), |mut sum, tally| {
            sum.absorb(tally);
            sum
        })
}

/// A quantile as the master prints it.
#[expect(
    clippy::cast_precision_loss,
    reason = "an hour of microseconds at most"
)]
fn ms(times: &Times, quantile: f64) -> String {
    format!("{}ms", times.at(quantile).unwrap() as f64 / 1_000.0)
}

fn passes_on(
    output: impl AsyncRead + Unpin + Send + 'static,
    lines: mpsc::UnboundedSender<String>,
) {
    tokio::spawn(async move {
        let mut output = BufReader::new(output).lines();
        while let Ok(Some(line)) = output.next_line().await {
            let _ = lines.send(line);
        }
    });
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

const PATIENCE: Duration = Duration::from_secs(60);
