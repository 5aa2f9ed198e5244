//! One run out of many: what several machines measured at the same time, put together without loss.
//!
//! Histograms and counts add up exactly, so that every percentile of the whole is that of the pooled samples.
//! Percentiles of single seconds do not: theirs is the highest of any machine, and a remark says so.

mod device;
mod fitting;
mod seconds;

use std::collections::BTreeSet;

use crate::{
    difference::Difference,
    measurement::{Measurement, Pace, Worker},
    tally::Tally,
};

/// Puts together what several machines measured: a name (its file's) and a run of each.
///
/// # Errors
/// When they are not the parts of one run.
pub fn merge(mut parts: Vec<(String, Measurement)>) -> Result<Measurement, MergeError> {
    // By name, so that the order of the arguments changes nothing.
    parts.sort_by(|a, b| a.0.cmp(&b.0));
    fitting::check(&parts)?;
    let times = seconds::aligned(&parts)?;
    let Some((_, first)) = parts.first() else {
        return Err(MergeError::Nothing);
    };

    let mut whole = Measurement {
        runs: parts
            .iter()
            .flat_map(|(_, part)| part.runs.clone())
            .collect(),
        load: first.load.clone(),
        targets: first.targets.clone(),
        began: times.began,
        measured_s: times.measured_s,
        tally: Tally::of(first.targets.len()),
        seconds: times.seconds,
        device: device::together(&parts),
        servers: device::servers(&parts),
        workers: Vec::new(),
        remarks: times.remarks,
    };
    whole.load.rooms = 0;
    whole.load.pace = pace(&parts);
    for (name, part) in &parts {
        whole.load.rooms = whole.load.rooms.saturating_add(part.load.rooms);
        whole.tally.absorb(&by_targets(part, &whole.targets));
        if part.workers.is_empty() {
            whole.workers.push(Worker {
                name: name.clone(),
                sent: part.tally.counts.sent,
                delivered: part.tally.counts.delivered,
                ended: None,
            });
        }
        whole.workers.extend(part.workers.iter().cloned());
    }
    whole.workers.sort_by(|a, b| a.name.cmp(&b.name));
    whole.remarks.extend(remarks(&parts));
    Ok(whole)
}

/// Why runs are not the parts of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// There are none.
    #[error("nothing to merge: name the JSON reports of the workers")]
    Nothing,
    /// One is there twice.
    #[error("{0} and {1} are the same run: each counts once")]
    Twice(String, String),
    /// They were asked for different things.
    #[error("{a} and {b} are not parts of one run: {difference}")]
    Different {
        /// The first.
        a: String,
        /// The one that does not fit it.
        b: String,
        /// In what.
        difference: Difference,
    },
    /// Its beginning is no time.
    #[error(
        "{name}: `{began}` is no time of RFC 3339, so its seconds cannot be put beside the others'"
    )]
    Began {
        /// Which.
        name: String,
        /// What it says.
        began: String,
    },
    /// They do not overlap.
    #[error("{0} and {1} measured at different times: they are no parts of one run")]
    Apart(String, String),
}

/// What a part counted, with its processes in the order of `targets`.
fn by_targets(part: &Measurement, targets: &[String]) -> Tally {
    let mut tally = part.tally.clone();
    if part.targets == targets {
        return tally;
    }
    let known = part.targets.len();
    // Behind a balancer there may be more processes than targets; those keep their places.
    let mut ordered: Vec<_> = targets
        .iter()
        .map(|target| {
            let place = part.targets.iter().position(|other| other == target);
            let process = place.and_then(|place| part.tally.processes.get(place));
            process.cloned().unwrap_or_default()
        })
        .collect();
    ordered.extend(part.tally.processes.iter().skip(known).cloned());
    tally.processes = ordered;
    tally
}

fn pace(parts: &[(String, Measurement)]) -> Pace {
    let mut sum = 0.0;
    let mut pace = Pace::Silent;
    for (_, part) in parts {
        pace = part.load.pace;
        if let Pace::Fixed { per_second } | Pace::Poisson { per_second } = pace {
            sum += per_second;
        }
    }
    match pace {
        Pace::Fixed { .. } => Pace::Fixed { per_second: sum },
        Pace::Poisson { .. } => Pace::Poisson { per_second: sum },
        same @ (Pace::InFlight { .. } | Pace::Silent) => same,
    }
}

/// What the parts had to say: once where all say it, with a name where only some do.
fn remarks(parts: &[(String, Measurement)]) -> Vec<String> {
    let mut told = BTreeSet::new();
    let mut remarks = Vec::new();
    for (name, part) in parts {
        for remark in &part.remarks {
            let by_all = parts.iter().all(|(_, part)| part.remarks.contains(remark));
            let remark = if by_all {
                remark.clone()
            } else {
                format!("{name}: {remark}")
            };
            if told.insert(remark.clone()) {
                remarks.push(remark);
            }
        }
    }
    remarks
}
