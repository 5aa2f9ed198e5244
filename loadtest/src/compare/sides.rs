//! The runs of two sides: which is which, and whether they may be compared at all.

use std::fmt;

use super::Options;
use crate::measurement::Measurement;

/// One of the runs that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// `before` or `after`.
    pub side: &'static str,
    /// Which of them, from 1.
    pub number: usize,
}

/// Why runs cannot be compared.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CompareError {
    /// A side without runs.
    #[error("nothing to compare: each side needs a run at least")]
    Nothing,
    /// Runs that nothing can be told from: that is not the same as no change.
    #[error(
        "nothing that has to be 0 got worse, and no time and no rate could be judged: take runs of 10 measured \
         seconds at least that deliver something, or several runs a side"
    )]
    TooLittle,
    /// Options that mean nothing.
    #[error("{0} is {1}: it has to be a share between 0 and 1, as 0.05 for 5 %")]
    Share(&'static str, f64),
    /// A run that is there twice.
    #[error("{0} and {1} are the same run: each counts once")]
    Twice(Place, Place),
    /// A run that is no measurement, without a loss that would speak for itself.
    #[error(
        "run {number} of those {side} is invalid ({reason}), so that its times say nothing about the server, and \
         nothing that has to be 0 got worse; --force compares them all the same"
    )]
    Invalid {
        /// `before` or `after`.
        side: &'static str,
        /// Which of them, from 1.
        number: usize,
        /// Why.
        reason: String,
    },
}

/// Whether these runs and options are fit to be compared, apart from what a late device has spoilt.
pub(super) fn check(
    before: &[Measurement],
    after: &[Measurement],
    options: &Options,
) -> Result<(), CompareError> {
    if before.is_empty() || after.is_empty() {
        return Err(CompareError::Nothing);
    }
    if !(options.confidence > 0.0 && options.confidence < 1.0) {
        return Err(CompareError::Share("the confidence", options.confidence));
    }
    if !(0.0..1.0).contains(&options.relevant) {
        return Err(CompareError::Share("the least change", options.relevant));
    }
    let all: Vec<_> = placed(before, after).collect();
    for (n, (place, run)) in all.iter().enumerate() {
        if let Some((twin, _)) = all[..n].iter().find(|(_, other)| other.is_same_run(run)) {
            return Err(CompareError::Twice(*twin, *place));
        }
    }
    Ok(())
}

/// The first run that is no measurement of the server.
pub(super) fn invalid(before: &[Measurement], after: &[Measurement]) -> Option<CompareError> {
    let (Place { side, number }, run) = placed(before, after).find(|(_, run)| !run.is_valid())?;
    Some(CompareError::Invalid {
        side,
        number,
        reason: run.device.invalid.join("; "),
    })
}

fn placed<'a>(
    before: &'a [Measurement],
    after: &'a [Measurement],
) -> impl Iterator<Item = (Place, &'a Measurement)> {
    let of = |side, runs: &'a [Measurement]| {
        (1..)
            .zip(runs)
            .map(move |(number, run)| (Place { side, number }, run))
    };
    of("before", before).chain(of("after", after))
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "run {} of those {}", self.number, self.side)
    }
}
