//! The seconds of a run as lines of a chart, thinned where they are too many to tell apart.

use super::{axis, line};
use crate::{
    figure::as_f64,
    measurement::Second,
    report::chart::{Axis, Chart, Mark, Scale, Series},
};

/// Seconds, or as many of them together as leave a legible number of points.
pub(super) struct Thinned {
    pub(super) seconds: Vec<Second>,
    each: usize,
}

impl Thinned {
    pub(super) fn of(seconds: &[Second]) -> Self {
        let each = seconds.len().div_ceil(POINTS).max(1);
        let seconds = seconds.chunks(each).map(together).collect();
        Self { seconds, each }
    }

    pub(super) fn series(&self, name: &str, value: impl Fn(&Second) -> Option<u64>) -> Series {
        line(
            name,
            self.seconds
                .iter()
                .map(|second| (at(second), value(second).map(as_f64)))
                .collect(),
        )
    }

    pub(super) fn chart(&self, title: &str, y: Axis, series: Vec<Series>) -> Chart {
        let first = self.seconds.first().map_or(0.0, at);
        let ramp =
            (first < 0.0).then(|| Mark::Between(first, 0.0, "ramp, not measured".to_owned()));
        Chart {
            title: title.to_owned(),
            x: axis("seconds since measuring began", Scale::Linear, |second| {
                format!("{second:.0} s")
            }),
            y,
            series,
            marks: ramp.into_iter().collect(),
        }
    }

    /// What a point stands for, where it is more than a second.
    pub(super) fn note(&self) -> String {
        match self.each {
            1 => String::new(),
            n => format!(
                " Each point stands for {n} seconds: times at their worst, rates on the average."
            ),
        }
    }
}

/// Several seconds as one: counts on the average, times at their worst.
fn together(seconds: &[Second]) -> Second {
    let n = u64::try_from(seconds.len()).unwrap_or(1).max(1);
    let mean = |of: fn(&Second) -> u64| seconds.iter().map(of).sum::<u64>() / n;
    let worst = |of: fn(&Second) -> Option<u64>| seconds.iter().filter_map(of).max();
    Second {
        at: seconds.first().map_or(0, |second| second.at),
        due: mean(|second| second.due),
        sent: mean(|second| second.sent),
        delivered: mean(|second| second.delivered),
        wrong: seconds.iter().map(|second| second.wrong).sum(),
        requests: mean(|second| second.requests),
        connections: mean(|second| second.connections),
        p50_us: worst(|second| second.p50_us),
        p99_us: worst(|second| second.p99_us),
        max_us: worst(|second| second.max_us),
        lateness_p99_us: worst(|second| second.lateness_p99_us),
        device_busy: seconds
            .iter()
            .map(|second| second.device_busy)
            .fold(0.0, f64::max),
        server_cpu: Vec::new(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds of a run")]
fn at(second: &Second) -> f64 {
    second.at as f64
}

/// How many points a line has at most.
const POINTS: usize = 300;
