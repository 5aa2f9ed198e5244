//! Whether runs are the parts of one.

use std::mem::discriminant;

use super::MergeError;
use crate::{
    difference::{Difference, same},
    measurement::{Measurement, Pace},
};

/// Whether all of these were asked for the same, of the same targets, and each is there once.
pub(super) fn check(parts: &[(String, Measurement)]) -> Result<(), MergeError> {
    let Some((first, rest)) = parts.split_first() else {
        return Err(MergeError::Nothing);
    };
    for (n, (name, part)) in parts.iter().enumerate() {
        // Under another name, or already within a merged one.
        let mut earlier = parts.iter().take(n);
        if let Some((twin, _)) = earlier.find(|(_, run)| run.is_same_run(part)) {
            return Err(MergeError::Twice(twin.clone(), name.clone()));
        }
    }
    rest.iter().try_for_each(|(name, part)| {
        fits(&first.1, part).map_err(|difference| MergeError::Different {
            a: first.0.clone(),
            b: name.clone(),
            difference,
        })
    })
}

fn fits(first: &Measurement, part: &Measurement) -> Result<(), Difference> {
    let (a, b) = (&first.load, &part.load);
    same("the scenario", &a.scenario, &b.scenario)?;
    same("the seed", &a.seed, &b.seed)?;
    same("the members of a room", &a.members, &b.members)?;
    same("the speakers of a room", &a.senders, &b.senders)?;
    same("the payload", &a.payload, &b.payload)?;
    same("the number of processes", &a.processes, &b.processes)?;
    same("the label", &a.label, &b.label)?;
    if discriminant(&a.pace) != discriminant(&b.pace) || matches!(a.pace, Pace::InFlight { .. }) {
        same("the pace", &a.pace, &b.pace)?;
    }
    same("the set of targets", &sorted(first), &sorted(part))
}

fn sorted(run: &Measurement) -> Vec<&String> {
    let mut targets: Vec<_> = run.targets.iter().collect();
    targets.sort();
    targets
}
