//! A run that passed, one that failed and one that was invalid, told in every form.

mod forms;
mod pages;
mod verdicts;

use std::path::PathBuf;

use chat_fixtures::output::Outputs;
use chat_loadtest::{
    measurement::{Device, Load, Measurement, Pace, Rule, Second, ServerCost, Worker},
    metric::Metric,
    report::{FORMATS, Format, Report, ReportTo, hdr, json, prometheus, terminal},
    tally::{Counts, Requests, Tally},
    threshold::Thresholds,
    verdict::judge,
};
use clap::ColorChoice;
use hdrhistogram::serialization::{
    Deserializer,
    interval_log::{IntervalLogIterator, LogEntry},
};
use serde_json::Value;

use crate::{example, harm, schema::Schema};

/// A minute of 20 rooms of 10 members on two processes, as a deployment in good health shows it.
fn healthy() -> Measurement {
    let mut tally = Tally::of(2);
    let mut seconds = Vec::new();
    for at in -5..60 {
        let mut second = Second {
            at,
            connections: (200 * u64::try_from(at + 6).unwrap_or(0) / 6).min(200),
            ..Second::default()
        };
        if at >= 0 {
            let wave = u64::try_from(at * 7 % 5).unwrap_or(0);
            second.due = 200;
            second.sent = 200;
            second.delivered = 1_800;
            second.p50_us = Some(2_900 + 60 * wave);
            second.p99_us = Some(14_000 + 900 * wave);
            second.max_us = Some(24_000 + 4_100 * wave);
            second.lateness_p99_us = Some(180 + 10 * wave);
            second.device_busy = 0.2;
        }
        seconds.push(second);
    }
    for n in 0..108_000_u64 {
        let tail = if n % 1_000 == 0 {
            30_000
        } else if n % 50 == 0 {
            9_000
        } else {
            0
        };
        let (metric, micros) = if n % 9 < 4 {
            (Metric::SameProcess, 2_100 + n % 1_700 + tail)
        } else {
            (Metric::OtherProcess, 3_000 + n % 2_600 + tail)
        };
        tally.record(metric, micros);
        tally.record(Metric::Service, micros - 150);
        tally.processes[usize::from(n % 2 == 1)]
            .heard
            .record(micros);
        if n % 9 == 0 {
            tally.record(Metric::OwnEcho, 1_800 + n % 900);
            tally.record(Metric::FanOut, micros + 1_900);
            tally.record(Metric::Lateness, 60 + n % 140);
        }
    }
    for n in 0..200 {
        tally.record(Metric::Connect, 3_000 + 40 * n);
        let login = tally
            .requests
            .entry("POST /api/login/".to_owned())
            .or_default();
        login.times.record(240_000 + 500 * n);
    }
    for process in &mut tally.processes {
        process.sent = 6_000;
    }
    tally.counts = Counts {
        due: 12_000,
        sent: 12_000,
        own_echoes: 12_000,
        delivered: 108_000,
        in_history: 600,
        connected: 200,
        requests: 200,
        ..Counts::default()
    };
    let server = |name: &str, cpu_s| ServerCost {
        name: name.to_owned(),
        cpu_s,
        memory: 48 << 20,
        memory_before: 41 << 20,
        remark: None,
        busiest: 0.0,
        quota: None,
    };
    Measurement {
        load: Load {
            pace: Pace::Poisson { per_second: 200.0 },
            ..example::load()
        },
        targets: vec![
            "http://10.0.0.1:8001".to_owned(),
            "http://10.0.0.2:8002".to_owned(),
        ],
        began: "2026-11-23T03:46:39Z".to_owned(),
        tally,
        seconds,
        device: Device {
            threads: 2,
            cpu_s: 9.4,
            busiest: 0.11,
            memory: 31 << 20,
            memory_before: 29 << 20,
            connections: 200,
            machine: "2 × Xeon 2.8 GHz, 15.6 GiB".to_owned(),
            ..Device::default()
        },
        servers: vec![server("pid 4711", 14.2), server("pid 4712", 15.1)],
        ..example::run()
    }
}

/// With rules of Goose's, as it judged them, and no other limit.
fn of_goose(mut run: Measurement, rules: &[(&str, Option<&str>, bool)]) -> Report {
    let rules = rules.iter().map(|(rule, observed, is_met)| Rule {
        rule: (*rule).to_owned(),
        observed: observed.map(str::to_owned),
        is_met: *is_met,
    });
    run.device.goose.rules = rules.collect();
    let verdict = judge(&run, &[]);
    Report::of(run, verdict, String::new())
}

/// The same with a stall, loss and a slow channel layer.
fn failing() -> Measurement {
    let mut run = healthy();
    for n in 0..4_000 {
        run.tally.record(Metric::OtherProcess, 400_000 + 300 * n);
    }
    run.tally.counts.delivered = 111_788;
    run.tally.counts.lost = 212;
    run.tally.counts.repeated = 3;
    run.tally.counts.failed_requests = 12;
    run.tally.processes[0].lost = 101;
    run.tally.processes[1].lost = 111;
    let login = run.tally.requests.get_mut("POST /api/login/").unwrap();
    login.failures.extend([(503, 11), (0, 1)]);
    for second in &mut run.seconds {
        if (37..41).contains(&second.at) {
            second.p50_us = Some(210_000);
            second.p99_us = Some(1_100_000);
            second.max_us = Some(1_600_000);
            second.wrong = 54;
        }
        if second.at == 36 {
            (
                second.delivered,
                second.p50_us,
                second.p99_us,
                second.max_us,
            ) = (0, None, None, None);
        }
    }
    run.remarks
        .push("second 36: nothing arrived for 1.1 s".to_owned());
    run
}

/// The failing one, on a device that was late itself.
fn invalid() -> Measurement {
    let mut run = failing();
    for n in 0..3_000 {
        run.tally.record(Metric::Lateness, 90_000 + 10 * n);
    }
    run.device.busiest = 0.99;
    run.device.invalid =
        vec!["the device sent 20.1 % of the messages more than 10 ms late".to_owned()];
    for second in &mut run.seconds {
        second.lateness_p99_us = second.lateness_p99_us.map(|late| late * 500);
    }
    run.workers = vec![
        Worker {
            name: "w1".to_owned(),
            sent: 6_000,
            delivered: 55_788,
            ended: None,
        },
        Worker {
            name: "w2".to_owned(),
            sent: 6_000,
            delivered: 56_000,
            ended: Some("lost half-way, last heard of at second 14".to_owned()),
        },
    ];
    run
}

/// A healthy one, but for a device that was late: all that is slow may be its own.
fn late() -> Measurement {
    let mut run = healthy();
    for _ in 0..3_000 {
        run.tally.record(Metric::OtherProcess, 400_000);
    }
    run.device.invalid = vec!["the device sent late".to_owned()];
    run
}

fn report(run: Measurement, limits: &str) -> Report {
    let limits: Thresholds = limits.parse().unwrap();
    let verdict = judge(&run, &limits.0);
    let command =
        "chat-loadtest run http://10.0.0.1:8001 http://10.0.0.2:8002 --scenario live --rate 200/s";
    Report::of(run, verdict, command.to_owned())
}

const LIMITS: &str =
    "delivery p99 < 250ms, lost == 0, failed_requests ratio < 1%, delivered per second > 1500";

fn passed() -> Report {
    report(healthy(), LIMITS)
}

fn failed() -> Report {
    report(failing(), LIMITS)
}

fn useless() -> Report {
    report(invalid(), LIMITS)
}

/// A run whose every text might harm a reader.
fn hostile() -> Report {
    let harm = "</script></svg></title><script>alert(1)</script>\u{1b}[2J\0\u{202e}\n]]>\"'<b>&\\";
    let mut run = failing();
    run.load.scenario = harm.to_owned();
    run.load.label = Some(harm.to_owned());
    run.targets = vec![harm.to_owned(), format!("2{harm}")];
    run.remarks = vec![harm.to_owned()];
    run.device.machine = harm.to_owned();
    run.servers[0].name = harm.to_owned();
    run.servers[0].remark = Some(harm.to_owned());
    run.device.invalid = vec![harm.to_owned()];
    run.tally
        .requests
        .insert(harm.to_owned(), Requests::default());
    run.tally.requests.get_mut(harm).unwrap().times.record(5);
    run.workers = vec![Worker {
        name: harm.to_owned(),
        sent: 1,
        delivered: 1,
        ended: Some(harm.to_owned()),
    }];
    let mut report = report(run, LIMITS);
    report.command = harm.to_owned();
    report.tool = harm.to_owned();
    report
}

/// A run in which nothing happened at all.
fn nothing() -> Report {
    let mut run = healthy();
    run.tally = Tally::default();
    run.seconds.clear();
    run.targets.clear();
    run.servers.clear();
    run.measured_s = 0.0;
    run.device = Device::default();
    report(run, LIMITS)
}
