//! Merged runs are what one machine would have measured; and what their files say is read or refused clearly.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{fs, path::Path};

use chat_loadtest::{
    measurement::{Device, Load, Measurement, Pace, Second, ServerCost},
    merge::{MergeError, merge},
    metric::Metric,
    record::{self, RecordError},
    tally::Tally,
};
use proptest::prelude::*;

/// What one machine measured: these times, a message each.
fn part(times: &[u64]) -> Measurement {
    let mut tally = Tally::of(2);
    for (n, time) in times.iter().enumerate() {
        tally.record(Metric::SameProcess, *time);
        tally.record(Metric::FanOut, time.saturating_mul(2));
        tally.processes[n % 2].sent += 1;
        tally.processes[n % 2].heard.record(*time);
        let request = tally.requests.entry("GET /".to_owned()).or_default();
        request.times.record(*time);
        *request.failures.entry(500).or_default() += 1;
    }
    let heard = times.len() as u64;
    let counts = &mut tally.counts;
    (counts.sent, counts.delivered) = (heard, heard);
    (counts.requests, counts.failed_requests) = (heard, heard);
    Measurement {
        load: Load {
            scenario: "live".to_owned(),
            rooms: 20,
            members: 10,
            senders: 10,
            payload: 64,
            pace: Pace::Fixed { per_second: 100.0 },
            seed: 42,
            processes: 2,
            label: None,
        },
        targets: vec!["http://a".to_owned(), "http://b".to_owned()],
        began: "2026-01-01T00:00:00Z".to_owned(),
        measured_s: 60.0,
        tally,
        seconds: Vec::new(),
        device: Device::default(),
        servers: Vec::new(),
        workers: Vec::new(),
        remarks: Vec::new(),
    }
}

fn named<const N: usize>(parts: [Measurement; N]) -> Vec<(String, Measurement)> {
    let names = (1..).map(|n| format!("w{n}.json"));
    names.zip(parts).collect()
}

/// Two parts that differ.
fn two() -> [Measurement; 2] {
    [part(&[1000, 2000]), part(&[3000])]
}

#[test]
fn loads_and_devices_add_up_and_every_worker_is_named() {
    let [mut a, mut b] = two();
    for (part, cpu_s, busiest) in [(&mut a, 10.0, 0.5), (&mut b, 20.0, 0.7)] {
        part.device = Device {
            threads: 2,
            cpu_s,
            busiest,
            memory: 1000,
            connections: 200,
            machine: "a box".to_owned(),
            ..Device::default()
        };
        part.device.goose.users = 20;
        part.device.goose.requests.insert("GET /".to_owned(), 3);
    }
    let whole = merge(named([a, b])).unwrap();

    assert_eq!(whole.load.rooms, 40);
    assert_eq!(whole.load.pace, Pace::Fixed { per_second: 200.0 });
    assert_eq!(whole.measured_s, 60.0);
    let device = &whole.device;
    assert_eq!(
        (device.threads, device.memory, device.connections),
        (4, 2000, 400)
    );
    assert_eq!((device.cpu_s, device.busiest), (30.0, 0.7));
    assert_eq!(device.machine, "a box");
    assert_eq!(
        (device.goose.users, device.goose.requests["GET /"]),
        (40, 6)
    );
    let workers: Vec<_> = whole
        .workers
        .iter()
        .map(|w| (w.name.as_str(), w.sent))
        .collect();
    assert_eq!(workers, [("w1.json", 2), ("w2.json", 1)]);
}

#[test]
fn one_invalid_device_makes_the_whole_invalid_by_its_name() {
    let [a, mut b] = two();
    b.device.invalid.push("sent 40 ms late".to_owned());
    let whole = merge(named([a, b])).unwrap();
    assert!(!whole.is_valid());
    assert_eq!(whole.device.invalid, ["w2.json: sent 40 ms late"]);
}

#[test]
fn targets_in_another_order_are_the_same_processes() {
    let [a, mut b] = two();
    b.targets.reverse();
    b.tally.processes.reverse();
    let mixed = merge(named([a, b])).unwrap();
    let straight = merge(named(two())).unwrap();
    assert_eq!(mixed.tally, straight.tally);
}

#[test]
fn seconds_are_put_beside_each_other_by_the_clock() {
    let [mut a, mut b] = two();
    let second = |at, sent, p99_us| Second {
        at,
        sent,
        p99_us: Some(p99_us),
        connections: 100,
        ..Second::default()
    };
    a.seconds = vec![
        second(-1, 0, 5),
        second(0, 10, 50),
        second(1, 10, 60),
        second(2, 10, 70),
    ];
    b.seconds = vec![second(0, 7, 99), second(1, 7, 10)];
    b.began = "2026-01-01T01:00:00.9+01:00".to_owned();
    let whole = merge(named([a, b])).unwrap();

    let seen: Vec<_> = whole
        .seconds
        .iter()
        .map(|s| (s.at, s.sent, s.p99_us.unwrap(), s.connections))
        .collect();
    assert_eq!(
        seen,
        [
            (-1, 0, 5, 100),
            (0, 10, 50, 100),
            (1, 17, 99, 200),
            (2, 17, 70, 200)
        ]
    );
    assert_eq!(whole.began, "2026-01-01T00:00:00Z");
    assert_eq!(
        whole.measured_s, 60.0,
        "less than a second apart is at once"
    );
    assert!(whole.remarks[0].contains("highest of any machine"));
}

#[test]
fn machines_that_began_apart_are_rated_over_all_of_the_time() {
    let [a, mut b] = two();
    b.began = "2026-01-01T00:00:20Z".to_owned();
    let whole = merge(named([a.clone(), b.clone()])).unwrap();
    assert_eq!(whole.measured_s, 80.0);
    assert!(
        whole.remarks[1].contains("20.0 s after"),
        "{:?}",
        whole.remarks
    );

    b.began = "2026-01-01T00:01:00Z".to_owned();
    let apart = merge(named([a, b])).unwrap_err();
    assert_eq!(apart, MergeError::Apart("w1.json".into(), "w2.json".into()));
}

#[test]
fn a_server_that_several_watched_was_busy_once() {
    let [mut a, mut b] = two();
    let cost = |cpu_s| ServerCost {
        name: "http://a/metrics".to_owned(),
        cpu_s,
        ..ServerCost::default()
    };
    a.servers = vec![cost(30.0)];
    b.servers = vec![cost(31.0)];
    let whole = merge(named([a, b])).unwrap();
    assert_eq!(whole.servers.len(), 1);
    assert_eq!(whole.servers[0].cpu_s, 31.0);
}

#[test]
fn remarks_of_all_are_told_once_and_those_of_one_by_its_name() {
    let [mut a, mut b] = two();
    a.remarks = vec!["Behind a balancer.".to_owned()];
    b.remarks = vec!["Behind a balancer.".to_owned(), "Cut short.".to_owned()];
    let remarks = merge(named([a, b])).unwrap().remarks;
    assert_eq!(remarks[1..], ["Behind a balancer.", "w2.json: Cut short."]);
}

#[test]
fn what_is_no_part_of_the_run_is_refused() {
    let refused = |change: fn(&mut Measurement)| {
        let [a, mut b] = two();
        change(&mut b);
        merge(named([a, b])).unwrap_err().to_string()
    };
    assert_eq!(
        refused(|b| b.load.scenario = "rest".to_owned()),
        "w1.json and w2.json are not parts of one run: the scenario is \"live\" there and \"rest\" here"
    );
    assert!(refused(|b| b.load.seed = 1).contains("the seed is 42 there and 1 here"));
    assert!(refused(|b| b.targets[0] = "http://c".to_owned()).contains("the set of targets"));
    assert!(refused(|b| b.load.pace = Pace::Silent).contains("the pace"));
    assert!(refused(|b| b.began = "noon".to_owned()).contains("w2.json: `noon` is no time"));
    assert_eq!(merge(Vec::new()), Err(MergeError::Nothing));
}

#[test]
fn the_same_run_counts_once_under_whatever_name() {
    let [a, b] = two();
    let twice = |parts| matches!(merge(parts), Err(MergeError::Twice(..)));
    assert!(twice(named([a.clone(), a.clone()])));
    assert!(twice(vec![
        ("w".into(), a.clone()),
        ("w".into(), b.clone())
    ]));

    let whole = merge(named([a.clone(), b])).unwrap();
    assert!(twice(vec![
        ("all.json".into(), whole),
        ("w1.json".into(), a)
    ]));
}

#[test]
fn one_record_is_a_run_too() {
    let [alone, _] = two();
    let whole = merge(named([alone.clone()])).unwrap();
    assert_eq!(whole.tally, alone.tally);
    assert_eq!(whole.workers[0].name, "w1.json");
}

/// What is counted and timed at once is the same in every run.
#[test]
fn a_record_that_contradicts_itself_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.json");
    for (change, said) in [
        (
            (|tally| tally.counts.delivered = 5000) as fn(&mut Tally),
            "the record is damaged: `delivered` has 5000, and the times of delivery 2",
        ),
        (
            |tally| tally.counts.own_echoes = 1,
            "`own_echoes` has 1, and the times of own-echo 0",
        ),
        (
            |tally| tally.counts.requests = 1,
            "`requests` has 1, and the times of requests 2",
        ),
        (
            |tally| tally.counts.failed_requests = 1,
            "`failed_requests` has 1, and the requests by status 2",
        ),
        (
            |tally| tally.counts.lost = 3,
            "`lost` has 3, and its processes 0",
        ),
        (
            |tally| tally.counts.sent = 9,
            "`sent` has 9, and its processes 2",
        ),
    ] {
        let mut run = part(&[10, 20]);
        change(&mut run.tally);
        fs::write(&path, serde_json::to_string(&run).unwrap()).unwrap();
        let error = record::measurement(&path).unwrap_err().to_string();
        assert!(error.ends_with(said), "{error}");
    }
}

#[test]
fn a_report_and_a_bare_measurement_are_read_alike() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.json");
    let run = part(&[10, 20]);
    fs::write(&path, serde_json::to_string_pretty(&run).unwrap()).unwrap();
    assert_eq!(record::measurement(&path).unwrap(), run);
    let report = serde_json::json!({"tool": "chat-loadtest", "measurement": run, "verdict": {}});
    fs::write(&path, report.to_string()).unwrap();
    assert_eq!(record::measurement(&path).unwrap(), run);
}

#[test]
fn what_cannot_be_read_is_told_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let told = |text: &str| {
        let path = folder.path().join("run.json");
        fs::write(&path, text).unwrap();
        let error = record::measurement(&path).unwrap_err().to_string();
        error.replace(&format!("{}/", folder.path().display()), "")
    };
    assert_eq!(told("{\n\"tool\": }"), "run.json:2: this is no JSON");
    assert_eq!(told(""), "run.json:1: this is no JSON");
    let missing = told("{\n\"measurement\":\n{\"targets\": 7}}");
    assert!(
        missing.starts_with("run.json:3: this is not the JSON report of a run"),
        "{missing}"
    );
    assert_eq!(
        told("[1]"),
        "run.json: this is no report of this tool; expected the JSON report of a run"
    );
    assert!(told("{\"finding\": {}}").contains("this is the report of a capacity search"));

    let mut run = part(&[]);
    run.tally.counts.lost = u64::MAX;
    let overflow = told(&serde_json::to_string(&run).unwrap());
    assert_eq!(
        overflow,
        "run.json: lost is 18446744073709551615, which no run can have"
    );
    let report = serde_json::json!({"version": 2, "measurement": part(&[])}).to_string();
    assert_eq!(
        told(&report),
        "run.json: it is of version 2, and this program reads version 1"
    );
    let nowhere = record::measurement(Path::new("/nowhere.json"));
    assert!(matches!(nowhere, Err(RecordError::Read { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// Percentiles are those of the pooled samples, to the bucket, and so are counts, in whatever order.
    #[test]
    fn merged_is_pooled(samples in prop::collection::vec(prop::collection::vec(1_u64..10_000_000_000, 1..60), 1..6)) {
        let mut parts: Vec<_> = samples.iter().enumerate().map(|(n, times)| {
            let mut part = part(times);
            // Two machines may measure the same, but not be the same.
            part.began = format!("2026-01-01T00:00:00.00{n}Z");
            part.remarks.push(format!("This is machine {n}."));
            part.device.invalid.push(format!("{n} ms late"));
            if n % 2 == 1 {
                part.targets.reverse();
                part.tally.processes.reverse();
            }
            (format!("w{n}.json"), part)
        }).collect();
        let mut pooled = part(&[]).tally;
        for times in &samples {
            pooled.absorb(&part(times).tally);
        }
        let of_all: Vec<u64> = samples.concat();
        let mut at_once = part(&[]).tally;
        for time in &of_all {
            at_once.record(Metric::SameProcess, *time);
        }

        let whole = merge(parts.clone()).unwrap();
        prop_assert_eq!(&whole.tally, &pooled);
        prop_assert_eq!(whole.tally.times(Metric::SameProcess), at_once.times(Metric::SameProcess));
        prop_assert_eq!(whole.tally.counts.sent, of_all.len() as u64);
        for quantile in [0.0, 0.5, 0.9, 0.99, 0.999, 1.0] {
            prop_assert_eq!(whole.quantile("delivery", quantile), at_once.delivery().at(quantile));
        }

        parts.reverse();
        prop_assert_eq!(merge(parts).unwrap(), whole);
    }

    /// What is written is read back whole, histograms included.
    #[test]
    fn a_written_run_is_read_whole(times in prop::collection::vec(1_u64..3_000_000_000, 0..50)) {
        let run = part(&times);
        let text = serde_json::to_string(&run).unwrap();
        prop_assert_eq!(serde_json::from_str::<Measurement>(&text).unwrap(), run);
    }
}
