//! What was counted and timed, in Prometheus' text format, while a run goes on.
//!
//! Format 0.0.4: <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>. Times are
//! summaries in seconds: their quantiles come out of the histograms that the verdict is made of, where buckets
//! would be a second, coarser truth.

use std::fmt::Write;

use crate::{
    figure::as_f64, histogram::Times, report::Report, tally::Tally, threshold::counted::COUNTED,
};

/// The content type of what [`exposition`] writes.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The end of a run, as it would have been scraped.
#[must_use]
pub fn render(report: &Report) -> String {
    let measurement = &report.measurement;
    let connections = measurement
        .seconds
        .last()
        .map_or(0, |last| last.connections);
    exposition(&measurement.tally, connections, &measurement.targets)
}

/// A running tally: everything since the beginning, how many connections are open, and the targets by whose
/// places the processes are named.
#[must_use]
pub fn exposition(tally: &Tally, connections: u64, targets: &[String]) -> String {
    let mut page = Page(String::new());
    for (counted, (name, count)) in COUNTED.iter().zip(tally.counts.by_name()) {
        page.head(&format!("{name}_total"), counted.meaning, "counter");
        page.sample(&format!("{name}_total"), &[], count);
    }
    page.head("connections", "Connections that are open", "gauge");
    page.sample("connections", &[], connections);

    page.head(
        "latency_seconds",
        "Times by kind, from the intended time on",
        "summary",
    );
    page.summary(
        "latency_seconds",
        &[("kind", "delivery")],
        &tally.delivery(),
    );
    for (metric, times) in &tally.times {
        page.summary("latency_seconds", &[("kind", metric.name())], times);
    }
    page.head("request_seconds", "REST requests by name", "summary");
    for (name, kind) in &tally.requests {
        page.summary("request_seconds", &[("request", name)], &kind.times);
    }
    page.head(
        "request_failures_total",
        "REST requests without the expected answer, by status; 0 is none",
        "counter",
    );
    for (name, kind) in &tally.requests {
        for (status, count) in &kind.failures {
            let labels = [("request", name.as_str()), ("status", &status.to_string())];
            page.sample("request_failures_total", &labels, *count);
        }
    }

    let processes = || {
        tally.processes.iter().enumerate().map(|(place, process)| {
            let target = targets.get(place).cloned();
            (target.unwrap_or_else(|| (place + 1).to_string()), process)
        })
    };
    page.head(
        "process_sent_total",
        "Messages sent through a process",
        "counter",
    );
    for (target, process) in processes() {
        page.sample("process_sent_total", &[("target", &target)], process.sent);
    }
    page.head(
        "process_lost_total",
        "Messages lost by connections of a process",
        "counter",
    );
    for (target, process) in processes() {
        page.sample("process_lost_total", &[("target", &target)], process.lost);
    }
    page.head(
        "process_heard_seconds",
        "Deliveries heard through a process",
        "summary",
    );
    for (target, process) in processes() {
        page.summary(
            "process_heard_seconds",
            &[("target", &target)],
            &process.heard,
        );
    }
    page.0
}

struct Page(String);

impl Page {
    fn head(&mut self, name: &str, help: &str, kind: &str) {
        let _ = writeln!(self.0, "# HELP {PREFIX}{name} {help}.");
        let _ = writeln!(self.0, "# TYPE {PREFIX}{name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let _ = write!(self.0, "{PREFIX}{name}");
        for (place, (label, text)) in labels.iter().enumerate() {
            let before = if place == 0 { '{' } else { ',' };
            let _ = write!(self.0, "{before}{label}=\"{}\"", escaped(text));
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }

    fn summary(&mut self, name: &str, labels: &[(&str, &str)], times: &Times) {
        for (quantile, label) in QUANTILES {
            // Without any, there is no such time: NaN, by the format's own convention.
            let seconds = times
                .at(quantile)
                .map_or(f64::NAN, |micros| as_f64(micros) / 1e6);
            let labels = [labels, &[("quantile", label)]].concat();
            self.sample(name, &labels, seconds);
        }
        let sum = times.mean().unwrap_or_default() * as_f64(times.count()) / 1e6;
        self.sample(&format!("{name}_sum"), labels, sum);
        self.sample(&format!("{name}_count"), labels, times.count());
    }
}

/// A label's value: the format escapes the backslash, the quote and the line feed.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

const PREFIX: &str = "chat_loadtest_";
const QUANTILES: [(f64, &str); 5] = [
    (0.5, "0.5"),
    (0.9, "0.9"),
    (0.99, "0.99"),
    (0.999, "0.999"),
    (1.0, "1"),
];
