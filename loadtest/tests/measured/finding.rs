//! Searches that found, that found nothing, that ended at the device or at their time, told in every form.

mod forms;
mod pages;

use std::{path::PathBuf, time::Duration};

use chat_fixtures::output::Outputs;
use chat_loadtest::{
    capacity::{Answer, Broke, Finding, Limits, Observation, Outcome, Search, Step},
    measurement::ServerShare,
    record,
    report::{
        FORMATS, FindingReport, Format, ReportTo,
        finding::{About, json, terminal},
    },
    threshold::Thresholds,
};
use clap::ColorChoice;
use serde_json::Value;

use crate::{example, harm, schema::Schema};

const SLO: &str = "delivery p99 < 250ms, lost == 0";

fn missed(limit: &str, broke: Broke) -> Outcome {
    Outcome::Missed {
        limit: limit.to_owned(),
        broke,
    }
}

fn too_slow() -> Outcome {
    Outcome::Invalid {
        reason: "the device sent late".to_owned(),
    }
}

/// What a deployment shows whose p99 grows with the load.
fn observed(load: f64, outcome: Outcome) -> Observation {
    let p99_us = Duration::from_secs_f64(0.005 + 2.0 / (850.0 - load).max(4.0));
    Observation {
        achieved: load.min(820.0),
        deliveries: load * 10.0,
        p50_us: Some(2_000),
        p99_us: u64::try_from(p99_us.as_micros()).ok(),
        lost: 0,
        servers: Vec::new(),
        outcome,
        took: Duration::from_secs(10),
    }
}

/// A search that is broken off when `probe` shows nothing more.
fn searched(
    change: impl FnOnce(&mut Limits),
    mut probe: impl FnMut(f64) -> Option<Observation>,
) -> Finding {
    let mut limits = Limits {
        highest: 10_000.0,
        probe: Duration::from_secs(10),
        ..Limits::default()
    };
    change(&mut limits);
    let mut search = Search::new(limits);
    let mut finding = loop {
        match search.next() {
            Step::Done(finding) => break *finding,
            Step::Probe(asked) => match probe(asked.load) {
                Some(observation) => search.saw(asked.load, observation),
                None => break search.broken_off().unwrap(),
            },
        }
    };
    finding.load = Some(example::load());
    finding
}

fn report(finding: Finding) -> FindingReport {
    let about = About {
        command: "chat-loadtest capacity http://a".to_owned(),
        began: "2026-11-23T03:46:39Z".to_owned(),
        targets: vec![
            "http://10.0.0.1:8001".to_owned(),
            "http://10.0.0.2:8002".to_owned(),
        ],
        machine: "2 cores".to_owned(),
        slo: SLO.parse::<Thresholds>().unwrap().0,
    };
    FindingReport::of(finding, about)
}

fn found() -> FindingReport {
    report(searched(
        |_| {},
        |load| Some(observed(load, below_812(load))),
    ))
}

fn below_812(load: f64) -> Outcome {
    match load < 812.0 {
        true => Outcome::Met,
        false => missed("delivery p99 < 250ms: 410 ms", Broke::Latency),
    }
}

/// The same with its server watched, two processes: the second one is full at 800 messages a second.
fn watched() -> FindingReport {
    let share = |name: &str, cores: f64| {
        // As many digits as JSON keeps for sure.
        let cores = (cores * 100.0).round() / 100.0;
        ServerShare {
            name: name.to_owned(),
            cores,
            busiest: cores,
            quota: None,
        }
    };
    let probe = |load: f64| Observation {
        servers: vec![
            share("pid 4711 (a)", (load / 1000.0).min(0.4)),
            share("pid 4712 (b)", (load / 850.0).min(0.97)),
        ],
        ..observed(load, below_812(load))
    };
    report(searched(|_| {}, |load| Some(probe(load))))
}

fn device_broke() -> FindingReport {
    let outcome = |load| {
        if load < 500.0 {
            Outcome::Met
        } else {
            too_slow()
        }
    };
    report(searched(|_| {}, |load| Some(observed(load, outcome(load)))))
}

fn nothing_held() -> FindingReport {
    let lossy = |load| Some(observed(load, missed("lost == 0: 7", Broke::Loss)));
    report(searched(|_| {}, lossy))
}

fn nothing_broke() -> FindingReport {
    let fine = |load| Some(observed(load, Outcome::Met));
    report(searched(|limits| limits.highest = 400.0, fine))
}

fn out_of_time(outcome: impl Fn(f64) -> Outcome) -> FindingReport {
    let short = |limits: &mut Limits| limits.budget = Duration::from_secs(60);
    report(searched(short, |load| Some(observed(load, outcome(load)))))
}

/// Broken off after so many probes.
fn broken_off(probes: usize, outcome: impl Fn(f64) -> Outcome) -> FindingReport {
    let mut left = probes;
    let probe = |load| {
        left = left.checked_sub(1)?;
        Some(observed(load, outcome(load)))
    };
    report(searched(|_| {}, probe))
}

fn hostile() -> FindingReport {
    let evil = "<script>\u{1b}[2J\u{202e}</script><b>";
    let mut report = found();
    report.command = evil.to_owned();
    report.machine = evil.to_owned();
    report.targets = vec![evil.to_owned()];
    report.finding.remarks.push(evil.to_owned());
    report.finding.sentence = evil.to_owned();
    report.finding.load.as_mut().unwrap().label = Some(evil.to_owned());
    for point in &mut report.finding.curve {
        point.outcome = missed(evil, Broke::Loss);
    }
    report
}

fn all() -> [(&'static str, FindingReport); 8] {
    [
        ("found", found()),
        ("watched", watched()),
        ("broken-off", broken_off(3, |_| Outcome::Met)),
        ("device", device_broke()),
        ("nothing-held", nothing_held()),
        ("nothing-broke", nothing_broke()),
        ("out-of-time", out_of_time(|_| Outcome::Met)),
        ("hostile", hostile()),
    ]
}
