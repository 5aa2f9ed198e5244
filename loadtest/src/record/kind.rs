//! The kinds of record, what each is known by, and how it is taken from its text.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::{RecordError, Run, Search};
use crate::{capacity::Finding, measurement::Measurement, threshold::Threshold};

/// A kind of record.
pub(super) struct Kind<T> {
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

impl<T> Kind<T> {
    /// Parses twice: once for what it is, and once from the text, which alone gives errors a line.
    pub(super) fn read(&self, path: &Path, text: &str) -> Result<T, RecordError> {
        let value: Value = serde_json::from_str(text).map_err(|source| RecordError::Json {
            path: path.to_owned(),
            source,
        })?;
        let has = |key| value.get(key).is_some();
        let is = |keys: Keys| has(keys.in_report) || has(keys.of_its_own);
        if !is(self.known_by) {
            return Err(RecordError::Other {
                path: path.to_owned(),
                found: match () {
                    () if is(RUN.known_by) => "this is the report of a run",
                    () if is(SEARCH.known_by) => "this is the report of a capacity search",
                    () => "this is no report of this tool",
                },
                expected: self.what,
            });
        }
        // A bare record has none.
        if let Some(version) = value.get("version").filter(|version| **version != VERSION) {
            return Err(RecordError::Version {
                path: path.to_owned(),
                version: version.to_string(),
                known: VERSION,
            });
        }
        let parsed = if has(self.known_by.in_report) {
            (self.reported)(text)
        } else {
            (self.bare)(text)
        };
        parsed.map_err(|source| RecordError::Shape {
            path: path.to_owned(),
            what: self.what,
            source,
        })
    }
}

/// The report of a run; what else is in it is not read.
#[derive(Deserialize)]
struct RunReport {
    measurement: Measurement,
    #[serde(default)]
    verdict: Verdict,
}

#[derive(Default, Deserialize)]
struct Verdict {
    #[serde(default)]
    thresholds: Vec<Judged>,
}

#[derive(Deserialize)]
struct Judged {
    threshold: Threshold,
}

/// The report of a search; what else is in it is not read.
#[derive(Deserialize)]
struct SearchReport {
    finding: Finding,
    #[serde(default)]
    slo: Vec<Threshold>,
}

pub(super) const RUN: Kind<Run> = Kind {
    known_by: Keys {
        in_report: "measurement",
        of_its_own: "tally",
    },
    what: "the JSON report of a run",
    reported: |text| {
        let report: RunReport = serde_json::from_str(text)?;
        let judged = report.verdict.thresholds.into_iter();
        Ok(Run {
            measurement: report.measurement,
            limits: judged.map(|judged| judged.threshold).collect(),
        })
    },
    bare: |text| {
        Ok(Run {
            measurement: serde_json::from_str(text)?,
            limits: Vec::new(),
        })
    },
};

pub(super) const SEARCH: Kind<Search> = Kind {
    known_by: Keys {
        in_report: "finding",
        of_its_own: "curve",
    },
    what: "the JSON report of a capacity search",
    reported: |text| {
        let report: SearchReport = serde_json::from_str(text)?;
        Ok(Search {
            finding: report.finding,
            slo: report.slo,
        })
    },
    bare: |text| {
        Ok(Search {
            finding: serde_json::from_str(text)?,
            slo: Vec::new(),
        })
    },
};

/// Of both reports, as `report::json` and `report::finding::json` write them.
const VERSION: u32 = 1;
