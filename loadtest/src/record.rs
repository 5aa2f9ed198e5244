//! Reads what earlier runs have written: the JSON report of a run or of a search, or just what is in it.

mod error;
mod kind;
mod soundness;

use std::{fs, path::Path};

pub use self::error::RecordError;
use self::kind::{Kind, RUN, SEARCH};
use crate::{capacity::Finding, measurement::Measurement, threshold::Threshold};

/// One run, and the limits it was held to; a bare measurement has none.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// What it has shown.
    pub measurement: Measurement,
    /// Its limits, in the order asked.
    pub limits: Vec<Threshold>,
}

/// One search for the capacity, and the limits that had to be kept; a bare finding does not say them.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// What it has found.
    pub finding: Finding,
    /// The limits, in the order asked.
    pub slo: Vec<Threshold>,
}

/// One run from a file: a JSON report (`{"tool": …, "measurement": {…}, …}`) or a bare measurement.
///
/// # Errors
/// When the file cannot be read, is something else, or contradicts itself; the error names the file and, where there
/// is one, the line.
pub fn run(path: &Path) -> Result<Run, RecordError> {
    let run = read(&RUN, path)?;
    soundness::check(path, &run.measurement)?;
    Ok(run)
}

/// What one run has shown.
///
/// # Errors
/// As with [`run`].
pub fn measurement(path: &Path) -> Result<Measurement, RecordError> {
    Ok(run(path)?.measurement)
}

/// One capacity search from a file: a JSON report (`{"tool": …, "finding": {…}, …}`) or a bare finding.
///
/// # Errors
/// As with [`run`].
pub fn search(path: &Path) -> Result<Search, RecordError> {
    read(&SEARCH, path)
}

/// What one capacity search has found.
///
/// # Errors
/// As with [`run`].
pub fn finding(path: &Path) -> Result<Finding, RecordError> {
    Ok(search(path)?.finding)
}

fn read<T>(kind: &Kind<T>, path: &Path) -> Result<T, RecordError> {
    let text = fs::read_to_string(path).map_err(|source| RecordError::Read {
        path: path.to_owned(),
        source,
    })?;
    kind.read(path, &text)
}
