//! Reads what earlier runs have written: the JSON report of a run or of a search, or just what is in it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::Value;

use crate::{capacity::Finding, measurement::Measurement};

/// One run from a file: a JSON report (`{"tool": …, "measurement": {…}, …}`) or a bare measurement.
///
/// # Errors
/// When the file cannot be read or is something else; the error names the file and, where there is one, the line.
pub fn measurement(path: &Path) -> Result<Measurement, RecordError> {
    let measurement = from_text(&RUN, path, &read(path)?)?;
    checked(path, measurement)
}

/// One finding of a capacity search from a file: a JSON report (`{"tool": …, "finding": {…}, …}`) or a bare finding.
///
/// # Errors
/// As with [`measurement`].
pub fn finding(path: &Path) -> Result<Finding, RecordError> {
    from_text(&SEARCH, path, &read(path)?)
}

/// Why a file could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// It cannot be read.
    #[error("cannot read {}", .path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no JSON.
    #[error("{}:{}: this is no JSON: {source}", .path.display(), .source.line())]
    Json {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// It is JSON, and something else.
    #[error("{}: {found}; expected {expected}", .path.display())]
    Other {
        /// Which file.
        path: PathBuf,
        /// What it seems to be.
        found: &'static str,
        /// What was wanted.
        expected: &'static str,
    },
    /// It is what was expected, but not whole, or from another version.
    #[error("{}:{}: this is not {what} as this version writes it: {source}", .path.display(), .source.line())]
    Shape {
        /// Which file.
        path: PathBuf,
        /// What was expected.
        what: &'static str,
        /// Where and why.
        source: serde_json::Error,
    },
    /// A figure that no run can have.
    #[error("{}: {figure} is {value}, which no run can have", .path.display())]
    Figure {
        /// Which file.
        path: PathBuf,
        /// Which figure.
        figure: String,
        /// What it says.
        value: String,
    },
}

/// A kind of record.
struct Kind<T> {
    known_by: Keys,
    what: &'static str,
    /// Reads it from the report around it.
    reported: fn(&str) -> serde_json::Result<T>,
    /// Reads it bare.
    bare: fn(&str) -> serde_json::Result<T>,
}

/// The key of a record in its report, and a key that only itself has.
#[derive(Clone, Copy)]
struct Keys {
    in_report: &'static str,
    of_its_own: &'static str,
}

/// The report of a run; what else is in it is not read.
#[derive(Deserialize)]
struct RunReport {
    measurement: Measurement,
}

/// The report of a search; what else is in it is not read.
#[derive(Deserialize)]
struct SearchReport {
    finding: Finding,
}

fn read(path: &Path) -> Result<String, RecordError> {
    fs::read_to_string(path).map_err(|source| RecordError::Read {
        path: path.to_owned(),
        source,
    })
}

/// Parses twice: once for what it is, and once from the text, which alone gives errors a line.
fn from_text<T>(kind: &Kind<T>, path: &Path, text: &str) -> Result<T, RecordError> {
    let value: Value = serde_json::from_str(text).map_err(|source| RecordError::Json {
        path: path.to_owned(),
        source,
    })?;
    let has = |key| value.get(key).is_some();
    let is = |keys: Keys| has(keys.in_report) || has(keys.of_its_own);
    let parsed = if has(kind.known_by.in_report) {
        (kind.reported)(text)
    } else if has(kind.known_by.of_its_own) {
        (kind.bare)(text)
    } else {
        return Err(RecordError::Other {
            path: path.to_owned(),
            found: match () {
                () if is(RUN.known_by) => "this is the report of a run",
                () if is(SEARCH.known_by) => "this is the report of a capacity search",
                () => "this is no report of this tool",
            },
            expected: kind.what,
        });
    };
    parsed.map_err(|source| RecordError::Shape {
        path: path.to_owned(),
        what: kind.what,
        source,
    })
}

/// Figures are added up later, over any number of files: none may be so large that a sum could overflow.
fn checked(path: &Path, run: Measurement) -> Result<Measurement, RecordError> {
    let counts = run.tally.counts.by_name();
    let processes = run.tally.processes.iter();
    let failures = run
        .tally
        .requests
        .values()
        .flat_map(|r| r.failures.values());
    let counted = counts
        .into_iter()
        .chain(processes.flat_map(|process| [("sent", process.sent), ("lost", process.lost)]))
        .chain(failures.map(|failures| ("failures", *failures)));
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
    Ok(run)
}

const RUN: Kind<Measurement> = Kind {
    known_by: Keys {
        in_report: "measurement",
        of_its_own: "tally",
    },
    what: "the JSON report of a run",
    reported: |text| serde_json::from_str(text).map(|report: RunReport| report.measurement),
    bare: |text| serde_json::from_str(text),
};

const SEARCH: Kind<Finding> = Kind {
    known_by: Keys {
        in_report: "finding",
        of_its_own: "curve",
    },
    what: "the JSON report of a capacity search",
    reported: |text| serde_json::from_str(text).map(|report: SearchReport| report.finding),
    bare: |text| serde_json::from_str(text),
};

/// 2^53: what a JSON number holds exactly everywhere; two thousand of them still add up.
const MOST: u64 = 1 << 53;
