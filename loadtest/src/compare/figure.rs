//! The figures of two sides: those of the tables and the REST requests', with what their change is judged by.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    gauge::{GAUGES, OfSecond, micros},
    rare::{COUNTS, UNSENT},
    real,
    sample::{Basis, Sample},
};
use crate::measurement::Measurement;

/// What a figure's values are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Microseconds.
    Micros,
    /// So many a second (of time, or of the server's CPU).
    PerSecond,
    /// A part of what could have happened: 0.01 is one of a hundred.
    Share,
}

/// Which direction is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Better {
    Lower,
    Higher,
}

/// One figure of both sides.
pub(super) struct Figure {
    pub(super) name: String,
    pub(super) unit: Unit,
    pub(super) better: Better,
    pub(super) before: Option<f64>,
    pub(super) after: Option<f64>,
    pub(super) evidence: Evidence,
}

/// What a figure's change is judged by.
pub(super) enum Evidence {
    Means(Sample, Sample),
    Counts(Vec<Count>, Vec<Count>),
    None(&'static str),
}

/// How often something happened in a run, of how many times it could have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Count {
    pub(super) events: f64,
    pub(super) of: f64,
}

impl Figure {
    /// Whether it is a time or a rate with enough values to judge it by.
    pub(super) fn is_judged_by_means(&self) -> bool {
        matches!(self.evidence, Evidence::Means(..))
    }

    /// Leaves it unjudged if a device that was late could have made it: a time, a rate, or what it did not get to send.
    pub(super) fn is_spoilt_by_the_device(&mut self) {
        if self.is_judged_by_means() || self.name == UNSENT {
            self.evidence = Evidence::None("a run is invalid");
        }
    }

    /// Whether noise could make a change of it: what never happened on either side cannot.
    pub(super) fn can_be_judged(&self) -> bool {
        match &self.evidence {
            Evidence::Means(..) => true,
            Evidence::Counts(before, after) => {
                before.iter().chain(after).any(|count| count.events > 0.0)
            }
            Evidence::None(_) => false,
        }
    }
}

/// Every figure that one of the sides has.
pub(super) fn all(before: &[Measurement], after: &[Measurement], basis: Basis) -> Vec<Figure> {
    let gauges = GAUGES.iter().filter_map(|gauge| {
        let of_run = |run: &Measurement| (gauge.of_run)(run);
        let name = gauge.name.to_owned();
        means(
            name,
            gauge.unit,
            gauge.better,
            (before, after),
            basis,
            of_run,
            gauge.of_second,
        )
    });
    let sides = before.iter().chain(after);
    let requests: BTreeSet<&String> = sides.flat_map(|run| run.tally.requests.keys()).collect();
    let requests = requests.into_iter().filter_map(|request| {
        let of_run = |run: &Measurement| micros(run.quantile(request, 0.99));
        let name = format!("{request} p99");
        means(
            name,
            Unit::Micros,
            Better::Lower,
            (before, after),
            basis,
            of_run,
            None,
        )
    });
    let counts = COUNTS.iter().map(|rare| {
        let of = |runs: &[Measurement]| -> Vec<Count> {
            let counts = runs.iter().map(|run| &run.tally.counts);
            counts.map(|counts| rare.count(counts)).collect()
        };
        let (before, after) = (of(before), of(after));
        Figure {
            name: rare.name.to_owned(),
            unit: Unit::Share,
            better: Better::Lower,
            before: share(&before),
            after: share(&after),
            evidence: Evidence::Counts(before, after),
        }
    });
    gauges.chain(requests).chain(counts).collect()
}

/// A time or a rate; `None` when neither side has it.
fn means(
    name: String,
    unit: Unit,
    better: Better,
    (before, after): (&[Measurement], &[Measurement]),
    basis: Basis,
    of_run: impl Fn(&Measurement) -> Option<f64>,
    of_second: Option<OfSecond>,
) -> Option<Figure> {
    let sample = |runs: &[Measurement]| match (basis, of_second) {
        (Basis::Runs, _) => Sample::of_runs(runs, &of_run),
        (Basis::Seconds, Some(of_second)) => Sample::of_seconds(runs, of_second),
        (Basis::Seconds, None) => None,
    };
    let mean_of_runs = |runs: &[Measurement]| {
        let values: Vec<f64> = runs.iter().filter_map(&of_run).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / real(values.len()))
    };
    let (whole_before, whole_after) = (mean_of_runs(before), mean_of_runs(after));
    let evidence = match (sample(before), sample(after)) {
        // A rate of nothing on both sides is nothing that was measured.
        (Some(before), Some(after)) if before.mean().max(after.mean()) <= 0.0 => return None,
        (Some(before), Some(after)) => Evidence::Means(before, after),
        _ if whole_before.is_none() && whole_after.is_none() => return None,
        _ if whole_before.is_none() => Evidence::None("it was not measured before"),
        _ if whole_after.is_none() => Evidence::None("it was not measured after"),
        _ if basis == Basis::Runs => Evidence::None("too few runs have it"),
        _ if of_second.is_none() => Evidence::None("its noise takes several runs a side to see"),
        _ => Evidence::None("it takes 10 measured seconds of each run"),
    };
    let (before, after) = match &evidence {
        Evidence::Means(before, after) => (Some(before.mean()), Some(after.mean())),
        _ => (whole_before, whole_after),
    };
    Some(Figure {
        name,
        unit,
        better,
        before,
        after,
        evidence,
    })
}

fn share(counts: &[Count]) -> Option<f64> {
    let of: f64 = counts.iter().map(|count| count.of).sum();
    let events: f64 = counts.iter().map(|count| count.events).sum();
    (of > 0.0).then(|| events / of)
}
