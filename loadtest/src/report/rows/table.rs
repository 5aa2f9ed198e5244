//! The tables of the reports for people: times by kind, deliveries by process.

use serde::Serialize;

use crate::{
    figure::{count, time},
    histogram::Times,
    measurement::Measurement,
    metric::Metric,
    report::visible::shortened,
    tally::{Process, Requests},
};

/// A row of the table of times.
#[derive(Debug, Serialize)]
pub(in crate::report) struct TimesRow {
    pub(in crate::report) name: String,
    pub(in crate::report) meaning: String,
    /// p50, p90, p99, p99.9, the longest and how many.
    pub(in crate::report) cells: [String; 6],
}

/// The heads of those cells.
pub(in crate::report) const CELLS: [&str; 6] = ["p50", "p90", "p99", "p99.9", "max", "count"];

/// The table of times: each kind there is, then the REST requests.
pub(in crate::report) fn times(run: &Measurement) -> Vec<TimesRow> {
    let mut rows = Vec::new();
    let kinds = Metric::DELIVERY
        .iter()
        .filter(|metric| run.tally.times(**metric).is_some());
    if kinds.count() > 1 {
        let all = run.tally.delivery();
        rows.push(times_row(
            "delivery",
            "to other participants, by whatever process",
            &all,
        ));
    }
    for metric in Metric::ALL {
        if let Some(times) = run.tally.times(metric) {
            rows.push(times_row(metric.name(), meaning(metric), times));
        }
    }
    for (name, kind) in &run.tally.requests {
        rows.push(times_row(name, &request_meaning(kind), &kind.times));
    }
    rows
}

fn times_row(name: &str, meaning: &str, times: &Times) -> TimesRow {
    let told = |micros: Option<u64>| micros.map_or_else(|| "–".to_owned(), time);
    TimesRow {
        name: shortened(name, 48),
        meaning: meaning.to_owned(),
        cells: [
            told(times.at(0.5)),
            told(times.at(0.9)),
            told(times.at(0.99)),
            told(times.at(0.999)),
            told(times.max()),
            count(times.count()),
        ],
    }
}

const fn meaning(metric: Metric) -> &'static str {
    match metric {
        Metric::OwnEcho => "back to the sender",
        Metric::SameProcess => "to others, through the sender's process",
        Metric::OtherProcess => "to others, through another process",
        Metric::UnknownProcess => "to others, through a process nobody can tell",
        Metric::FanOut => "to the last of those it was owed to",
        Metric::Service => "from the real sending on, as a closed loop would count",
        Metric::Connect => "TCP, TLS and handshake",
        Metric::FirstFrame => "until the first message heard: the wait for somebody to speak",
        Metric::CatchUp => "from coming back to having all that was missed",
        Metric::Lateness => "how late this device sent",
        Metric::TickLag => "how late this device's clock ticked",
    }
}

/// What failed of it, by status.
fn request_meaning(kind: &Requests) -> String {
    let failures: Vec<_> = kind
        .failures
        .iter()
        .map(|(status, n)| match status {
            0 => format!("{} without an answer", count(*n)),
            status => format!("{} answered {status}", count(*n)),
        })
        .collect();
    match failures.is_empty() {
        true => "REST".to_owned(),
        false => format!("REST; {}", failures.join(", ")),
    }
}

/// A row of the table of processes.
#[derive(Debug, Serialize)]
pub(in crate::report) struct ProcessRow {
    pub(in crate::report) name: String,
    /// Sent, heard, p50, p99, the longest, lost.
    pub(in crate::report) cells: [String; 6],
    pub(in crate::report) has_lost: bool,
}

/// The heads of those cells.
pub(in crate::report) const PROCESS_CELLS: [&str; 6] =
    ["sent", "heard", "p50", "p99", "max", "lost"];

/// What came through each process.
pub(in crate::report) fn processes(run: &Measurement) -> Vec<ProcessRow> {
    let told = |micros: Option<u64>| micros.map_or_else(|| "–".to_owned(), time);
    let row = |(place, process): (usize, &Process)| ProcessRow {
        name: process_name(run, place),
        cells: [
            count(process.sent),
            count(process.heard.count()),
            told(process.heard.at(0.5)),
            told(process.heard.at(0.99)),
            told(process.heard.max()),
            count(process.lost),
        ],
        has_lost: process.lost > 0,
    };
    run.tally.processes.iter().enumerate().map(row).collect()
}

/// A process by its target, short enough for a table.
pub(in crate::report) fn process_name(run: &Measurement, place: usize) -> String {
    match run.targets.get(place) {
        Some(target) => shortened(target, 48),
        None => format!("process {}", place + 1),
    }
}
