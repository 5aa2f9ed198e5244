//! The table of times and rates that are compared.

use super::figure::{Better, Unit};
use crate::measurement::{Measurement, Second};

/// A figure of a second; `None` when nothing came in it.
pub(super) type OfSecond = fn(&Second) -> Option<f64>;

/// A time or a rate of a run, and of its seconds where they have it.
pub(super) struct Gauge {
    pub(super) name: &'static str,
    pub(super) unit: Unit,
    pub(super) better: Better,
    pub(super) of_run: fn(&Measurement) -> Option<f64>,
    pub(super) of_second: Option<OfSecond>,
}

#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds of an hour are far below 2^53"
)]
pub(super) fn micros(time: Option<u64>) -> Option<f64> {
    time.map(|time| time as f64)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "deliveries of a second are far below 2^53"
)]
const fn rate(count: u64) -> Option<f64> {
    Some(count as f64)
}

const fn time(
    name: &'static str,
    of_run: fn(&Measurement) -> Option<f64>,
    of_second: Option<OfSecond>,
) -> Gauge {
    Gauge {
        name,
        unit: Unit::Micros,
        better: Better::Lower,
        of_run,
        of_second,
    }
}

pub(super) const GAUGES: [Gauge; 9] = [
    time(
        "delivery p50",
        |run| micros(run.quantile("delivery", 0.5)),
        Some(|second| micros(second.p50_us)),
    ),
    time(
        "delivery p99",
        |run| micros(run.quantile("delivery", 0.99)),
        Some(|second| micros(second.p99_us)),
    ),
    time(
        "delivery p99.9",
        |run| micros(run.quantile("delivery", 0.999)),
        None,
    ),
    time(
        "fan-out p99",
        |run| micros(run.quantile("fan-out", 0.99)),
        None,
    ),
    time(
        "own-echo p99",
        |run| micros(run.quantile("own-echo", 0.99)),
        None,
    ),
    time(
        "connect p99",
        |run| micros(run.quantile("connect", 0.99)),
        None,
    ),
    time(
        "catch-up p99",
        |run| micros(run.quantile("catch-up", 0.99)),
        None,
    ),
    Gauge {
        name: "deliveries to others",
        unit: Unit::PerSecond,
        better: Better::Higher,
        of_run: |run| {
            let delivered = rate(run.tally.counts.delivered)?;
            (run.measured_s > 0.0).then(|| delivered / run.measured_s)
        },
        of_second: Some(|second| rate(second.delivered)),
    },
    Gauge {
        name: "deliveries per server CPU-second",
        unit: Unit::PerSecond,
        better: Better::Higher,
        of_run: Measurement::deliveries_per_server_cpu_second,
        of_second: None,
    },
];
