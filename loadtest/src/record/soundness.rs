//! Whether a record can be true: no figure is too large to be added up, and none contradicts another.

use std::path::Path;

use super::RecordError;
use crate::{measurement::Measurement, metric::Metric, tally::Tally};

/// Figures are added up later, over any number of files, and what is counted is held against what is timed.
pub(super) fn check(path: &Path, run: &Measurement) -> Result<(), RecordError> {
    let counts = run.tally.counts.by_name();
    let processes = run.tally.processes.iter();
    let counted = counts
        .into_iter()
        .chain(processes.flat_map(|process| [("sent", process.sent), ("lost", process.lost)]))
        .chain(failures(&run.tally).map(|failures| ("failures", failures)));
    let figure = |figure: &str, value: String| RecordError::Figure {
        path: path.to_owned(),
        figure: figure.to_owned(),
        value,
    };
    for (name, count) in counted {
        if count > MOST {
            return Err(figure(name, count.to_string()));
        }
    }
    if !(run.measured_s.is_finite() && run.measured_s >= 0.0) {
        return Err(figure("measured_s", run.measured_s.to_string()));
    }
    let unlike = twins(&run.tally)
        .into_iter()
        .find(|(one, other)| one.1 != other.1);
    unlike.map_or(Ok(()), |((one, count), (other, too))| {
        Err(RecordError::Damaged {
            path: path.to_owned(),
            one,
            count,
            other,
            too,
        })
    })
}

/// Figures that come from the same event, and so are the same in every run.
fn twins(tally: &Tally) -> Vec<(Named, Named)> {
    let counts = &tally.counts;
    let times = |metric| {
        tally
            .times(metric)
            .map_or(0, crate::histogram::Times::count)
    };
    let requests = tally.requests.values().map(|kind| kind.times.count());
    let mut twins = vec![
        (
            ("`delivered`", counts.delivered),
            ("the times of delivery", tally.delivery().count()),
        ),
        (
            ("`own_echoes`", counts.own_echoes),
            ("the times of own-echo", times(Metric::OwnEcho)),
        ),
        (
            ("`requests`", counts.requests),
            ("the times of requests", sum(requests)),
        ),
        (
            ("`failed_requests`", counts.failed_requests),
            ("the requests by status", sum(failures(tally))),
        ),
    ];
    // Behind a balancer nobody knows them.
    if !tally.processes.is_empty() {
        let processes = &tally.processes;
        twins.extend([
            (
                ("`sent`", counts.sent),
                (
                    "its processes",
                    sum(processes.iter().map(|process| process.sent)),
                ),
            ),
            (
                ("`delivered`", counts.delivered),
                (
                    "its processes",
                    sum(processes.iter().map(|process| process.heard.count())),
                ),
            ),
            (
                ("`lost`", counts.lost),
                (
                    "its processes",
                    sum(processes.iter().map(|process| process.lost)),
                ),
            ),
        ]);
    }
    twins
}

fn failures(tally: &Tally) -> impl Iterator<Item = u64> {
    let kinds = tally.requests.values();
    kinds.flat_map(|kind| kind.failures.values().copied())
}

fn sum(counts: impl Iterator<Item = u64>) -> u64 {
    counts.fold(0, u64::saturating_add)
}

type Named = (&'static str, u64);

/// 2^53: what a JSON number holds exactly everywhere; two thousand of them still add up.
const MOST: u64 = 1 << 53;
