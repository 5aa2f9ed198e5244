//! What of a run a limit is about: a statistic of a kind of time, or a count.

use std::fmt;

use super::counted::Counted;
use crate::{figure::as_f64, histogram::Times, measurement::Measurement, metric::Metric};

/// What is held against a limit.
#[derive(Debug, Clone, PartialEq)]
pub enum Subject {
    /// A statistic of a kind of time.
    Times(Timed, Statistic),
    /// How many there were.
    Count(&'static Counted),
    /// Which part of all that there could have been.
    Ratio(&'static Counted),
    /// How many there were in each measured second, on the average.
    PerSecond(&'static Counted),
}

/// A kind of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Timed {
    /// Deliveries to other participants, whatever process they came through.
    Delivery,
    /// One of the metrics.
    Metric(Metric),
    /// REST requests of this name, as `POST /api/login/`.
    Request(String),
}

/// A figure that stands for many times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Statistic {
    /// The time that this part of all are no longer than, with its name.
    Quantile(f64, &'static str),
    /// The longest.
    Max,
    /// The mean.
    Mean,
}

impl Timed {
    /// The times of this kind in a run; `None` when there is nothing of the kind.
    #[must_use]
    pub fn times(&self, run: &Measurement) -> Option<Times> {
        match self {
            Self::Delivery => Some(run.tally.delivery()),
            Self::Metric(metric) => run.tally.times(*metric).cloned(),
            Self::Request(name) => run.tally.requests.get(name).map(|kind| kind.times.clone()),
        }
    }
}

impl Statistic {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Quantile(0.5, "p50"),
        Self::Quantile(0.9, "p90"),
        Self::Quantile(0.95, "p95"),
        Self::Quantile(0.99, "p99"),
        Self::Quantile(0.999, "p99.9"),
        Self::Max,
        Self::Mean,
    ];

    /// The name in limits.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quantile(_, name) => name,
            Self::Max => "max",
            Self::Mean => "mean",
        }
    }

    pub(super) fn of(self, times: &Times) -> Option<f64> {
        match self {
            Self::Quantile(quantile, _) => times.at(quantile).map(as_f64),
            Self::Max => times.max().map(as_f64),
            Self::Mean => times.mean(),
        }
    }
}

impl Subject {
    /// The name of the figure it is about: a kind of time's, or a count's.
    #[must_use]
    pub fn figure(&self) -> String {
        match self {
            Self::Times(timed, _) => timed.to_string(),
            Self::Count(counted) | Self::Ratio(counted) | Self::PerSecond(counted) => {
                counted.name.to_owned()
            }
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Times(timed, statistic) => write!(f, "{timed} {}", statistic.name()),
            Self::Count(counted) => f.write_str(counted.name),
            Self::Ratio(counted) => write!(f, "{} ratio", counted.name),
            Self::PerSecond(counted) => write!(f, "{} per second", counted.name),
        }
    }
}

impl fmt::Display for Timed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivery => f.write_str("delivery"),
            Self::Metric(metric) => metric.fmt(f),
            Self::Request(name) => f.write_str(name),
        }
    }
}
