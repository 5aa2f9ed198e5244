//! What makes two sides less comparable than their figures look.

use super::{Basis, real};
use crate::measurement::{Measurement, Pace};

/// What a reader has to know before the figures.
pub(super) fn warnings(
    before: &[Measurement],
    after: &[Measurement],
    basis: Basis,
    is_forced: bool,
) -> Vec<String> {
    let mut warnings = Vec::new();
    for (what, of) in ASKED {
        let (was, is) = (values(before, of), values(after, of));
        if was != is || was.len() > 1 {
            warnings.push(format!(
                "The loads are different: {what} was {} before and is {} after.",
                was.join(" or "),
                is.join(" or ")
            ));
        }
    }
    let machine = |run: &Measurement| run.device.machine.clone();
    if values(before, machine) != values(after, machine) {
        warnings.push("The runs were measured from different machines.".to_owned());
    }
    let mean_s = |runs: &[Measurement]| {
        runs.iter().map(|run| run.measured_s).sum::<f64>() / real(runs.len())
    };
    let (was, is) = (mean_s(before), mean_s(after));
    if was.max(is) > was.min(is) * 1.1 {
        warnings.push(format!(
            "The runs are of different lengths: {was:.0} s before and {is:.0} s after."
        ));
    }
    for (side, runs) in [("before", before), ("after", after)] {
        let invalid = runs.iter().filter(|run| !run.is_valid()).count();
        if invalid > 0 {
            let how = if is_forced {
                "compared only because that was forced"
            } else {
                "its times say nothing about the server: only what has to be 0 is judged"
            };
            warnings.push(format!(
                "Of the runs {side} {invalid} of {} is invalid; {how}.",
                runs.len()
            ));
        }
    }
    match basis {
        Basis::Seconds => warnings.push(ONE_RUN.to_owned()),
        Basis::Runs if before.len().min(after.len()) < 3 => warnings.push(TWO_RUNS.to_owned()),
        Basis::Runs => {}
    }
    warnings
}

/// What is asked for on a side: one value, if its runs are alike.
fn values(runs: &[Measurement], of: impl Fn(&Measurement) -> String) -> Vec<String> {
    let mut values: Vec<_> = runs.iter().map(of).collect();
    values.sort();
    values.dedup();
    values
}

fn pace(pace: &Pace) -> String {
    match pace {
        Pace::Fixed { per_second } => format!("{per_second} messages a second"),
        Pace::Poisson { per_second } => format!("{per_second} messages a second at random"),
        Pace::InFlight { per_room } => format!("{per_room} messages under way in each room"),
        Pace::Silent => "silence".to_owned(),
    }
}

type Asked = (&'static str, fn(&Measurement) -> String);

const ASKED: [Asked; 7] = [
    ("the scenario", |run| run.load.scenario.clone()),
    ("the number of rooms", |run| run.load.rooms.to_string()),
    ("the number of members", |run| run.load.members.to_string()),
    ("the number of speakers", |run| run.load.senders.to_string()),
    ("the payload", |run| format!("{} bytes", run.load.payload)),
    ("the pace", |run| pace(&run.load.pace)),
    ("the number of processes", |run| {
        run.load.processes.to_string()
    }),
];

const ONE_RUN: &str = "With one run a side, only the noise within a run is known: times are the mean of those of its \
                       seconds, and what differs from run to run may look like a change. Three runs a side tell more.";

const TWO_RUNS: &str = "Two runs a side say little about their noise, so that only large changes are found. Three or \
                        more tell more.";
