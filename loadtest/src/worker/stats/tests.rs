//! What Locust is told of a tally.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::float_cmp,
    reason = "a test fails by panicking; the floats are sums of what is written here"
)]

use serde::Deserialize;

use super::entry::bucket;
use super::*;
use crate::{measurement::Pace, metric::Metric};

#[test]
fn a_real_worker_sends_rows_and_errors_of_this_form() {
    #[derive(Deserialize)]
    struct Real {
        stats: Vec<Entry>,
        stats_total: Entry,
        errors: BTreeMap<String, Failure>,
        user_classes_count: Users,
        user_count: u64,
    }
    let bytes = include_bytes!("../../../locust/recorded/worker-stats.msgpack");
    let (kind, real, _): (String, Real, String) =
        rmp_serde::from_slice(bytes).expect("a real report");
    assert_eq!(kind, "stats");
    assert_eq!(
        real.user_classes_count.values().sum::<u64>(),
        real.user_count
    );
    let timed = real.stats.iter().find(|row| row.name == "message").unwrap();
    assert_eq!(
        (timed.min_response_time, timed.num_none_requests),
        (Some(12.5), 0)
    );
    assert_eq!(
        timed.response_times,
        BTreeMap::from([(bucket(12.5), timed.num_requests)])
    );
    let failed = real
        .stats
        .iter()
        .find(|row| row.name == "any-process")
        .unwrap();
    assert_eq!(failed.num_none_requests, failed.num_requests);
    assert_eq!(
        real.errors.values().next().unwrap().occurrences,
        failed.num_failures
    );
    assert_eq!(real.stats_total.name, "Aggregated");
}

#[test]
fn what_came_since_the_last_report_is_told_once() {
    let mut gathered = Gathered::default();
    gathered.adds(second(0, &[1_500, 147_000]), 100.9);
    gathered.adds(second(1, &[2_000_000]), 101.9);
    let users = Users::from([("Member".to_owned(), 4)]);

    let report = gathered.takes(&users, 102.0);
    let [row] = &report.stats[..] else {
        panic!("one row: {report:?}");
    };
    assert_eq!(
        (row.method.as_str(), row.name.as_str()),
        ("DELIVERY", "other-process")
    );
    assert_eq!(row.num_requests, 3);
    // Milliseconds, by Locust's own rounding: 1.5 becomes 2, 147 becomes 150.
    assert_eq!(
        row.response_times,
        BTreeMap::from([(2, 1), (150, 1), (2_000, 1)])
    );
    assert_eq!(row.num_reqs_per_sec, BTreeMap::from([(100, 2), (101, 1)]));
    assert_eq!(report.stats_total.num_requests, 3);
    assert_eq!(report.user_count, 4);
    assert_eq!(report.chat_loadtest.tally.delivery().count(), 3);
    assert_eq!(report.chat_loadtest.seconds.len(), 2);

    let next = gathered.takes(&users, 105.0);
    assert!(next.stats.is_empty() && next.errors.is_empty(), "{next:?}");
    assert_eq!(next.stats_total.num_requests, 0);
    assert!(next.chat_loadtest.seconds.is_empty());
    // The exact figures are of the whole run, until it ends.
    assert_eq!(next.chat_loadtest.tally, report.chat_loadtest.tally);
    let last = gathered.ends(None, None, 106.0).chat_loadtest;
    assert!(last.is_final && last.tally == report.chat_loadtest.tally);
    assert_eq!(
        gathered.takes(&users, 107.0).chat_loadtest,
        Exact::default()
    );
}

#[test]
fn whatever_went_wrong_is_an_error_on_the_page() {
    let mut interval = second(0, &[]);
    let counts = &mut interval.tally.counts;
    (
        counts.lost,
        counts.repeated,
        counts.out_of_order,
        counts.leaked,
    ) = (4, 3, 2, 1);
    counts.connect_failures = 5;
    let login = interval
        .tally
        .requests
        .entry("POST /api/login/".to_owned())
        .or_default();
    login.times.record(20_000);
    login.failures = BTreeMap::from([(0, 6), (403, 1)]);

    let mut gathered = Gathered::default();
    gathered.adds(interval, 100.0);
    let report = gathered.takes(&Users::new(), 101.0);
    let errors: Vec<_> = report
        .errors
        .iter()
        .map(|(key, failure)| (key.as_str(), failure.occurrences))
        .collect();
    assert_eq!(
        errors,
        [
            ("DELIVERY any-process: leaked", 1),
            ("DELIVERY any-process: lost", 4),
            ("DELIVERY any-process: out of order", 2),
            ("DELIVERY any-process: repeated", 3),
            ("POST /api/login/: no answer", 6),
            ("POST /api/login/: status 403", 1),
            ("WEBSOCKET connect: handshake failed", 5),
        ]
    );
    let login = report
        .stats
        .iter()
        .find(|row| row.name == "/api/login/")
        .unwrap();
    assert_eq!(
        (
            login.num_requests,
            login.num_none_requests,
            login.num_failures
        ),
        (7, 6, 7)
    );
    assert_eq!(
        (
            report.stats_total.num_requests,
            report.stats_total.num_failures
        ),
        (12, 22)
    );
}

#[test]
fn connections_are_opened_in_the_ramp_and_count() {
    let mut gathered = Gathered::default();
    let mut ramp = second(-1, &[]);
    ramp.tally.record(Metric::Connect, 1_000);
    ramp.tally.counts.connected = 1;
    gathered.adds(ramp, 100.0);
    let report = gathered.takes(&Users::new(), 101.0);
    assert_eq!(report.stats_total.num_requests, 1);
    assert_eq!(report.chat_loadtest.tally.counts.connected, 1);
    assert_eq!(report.chat_loadtest.seconds.first().unwrap().at, -1);
}

#[test]
fn a_run_began_when_measuring_did() {
    let mut gathered = Gathered::default();
    let load = Load {
        scenario: "live".to_owned(),
        rooms: 1,
        members: 2,
        senders: 2,
        payload: 64,
        pace: Pace::Silent,
        seed: 1,
        processes: 1,
        label: None,
    };
    gathered.begins(Begun {
        load,
        targets: Vec::new(),
        began: "ordered".to_owned(),
    });
    gathered.adds(second(-1, &[]), 100.0);
    let exact = gathered.takes(&Users::new(), 101.0).chat_loadtest;
    assert_eq!(exact.began.as_deref(), Some("ordered"));
    let mut first = second(0, &[]);
    first.began = Some("measuring".to_owned());
    gathered.adds(first, 102.0);
    let exact = gathered.takes(&Users::new(), 103.0).chat_loadtest;
    assert_eq!(exact.began.as_deref(), Some("measuring"));
}

#[test]
fn times_are_rounded_as_locust_rounds_them() {
    for (ms, rounded) in [
        (0.4, 0),
        (2.5, 2),
        (3.5, 4),
        (99.4, 99),
        (147.0, 150),
        (3_432.0, 3_400),
        (58_760.0, 59_000),
    ] {
        assert_eq!(bucket(ms), rounded, "{ms}");
    }
}

fn second(at: i64, micros: &[u64]) -> Interval {
    let mut interval = Interval {
        second: Second {
            at,
            ..Second::default()
        },
        ..Interval::default()
    };
    for micros in micros {
        interval.tally.record(Metric::OtherProcess, *micros);
        interval.tally.counts.delivered += 1;
    }
    interval
}
