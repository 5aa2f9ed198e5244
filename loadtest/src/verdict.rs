//! Whether a run kept to its limits, and whether it was fit to tell.

use serde::{Deserialize, Serialize};

use crate::{
    figure,
    measurement::Measurement,
    threshold::{Subject, Threshold},
};

/// What is to be held of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Each limit, in the order asked.
    pub thresholds: Vec<Judged>,
    /// Why the run is no measurement of the server; empty when it is one.
    pub invalid: Vec<String>,
    /// 0 within the limits, 1 a limit missed, 4 invalid.
    pub exit_code: u8,
}

/// One limit, and how the run stands to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// What was asked.
    pub threshold: Threshold,
    /// What was measured, in microseconds, as a count, as a part of 1, or as a count a second; `None` when
    /// nothing was.
    pub measured: Option<f64>,
    /// The same in words.
    pub told: String,
    /// Whether it is within the limit.
    pub is_met: bool,
}

/// Holds a run against its limits. What was never measured is within none of them.
#[must_use]
pub fn judge(measurement: &Measurement, thresholds: &[Threshold]) -> Verdict {
    let thresholds: Vec<_> = thresholds
        .iter()
        .map(|threshold| Judged::of(threshold, measurement))
        .collect();
    let mut invalid = measurement.device.invalid.clone();
    if nothing_ran(measurement) {
        invalid.push("nothing was connected, sent or asked".to_owned());
    }
    let exit_code = if !invalid.is_empty() {
        INVALID
    } else if thresholds.iter().any(|judged| !judged.is_met) {
        MISSED
    } else {
        WITHIN
    };
    Verdict {
        thresholds,
        invalid,
        exit_code,
    }
}

impl Verdict {
    /// Whether the run is a measurement of the server at all.
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        self.invalid.is_empty()
    }

    /// Whether the run is valid and within all of its limits.
    #[must_use]
    pub const fn is_within(&self) -> bool {
        self.exit_code == WITHIN
    }

    /// The limits that are missed.
    pub fn missed(&self) -> impl Iterator<Item = &Judged> {
        self.thresholds.iter().filter(|judged| !judged.is_met)
    }

    /// The exit code in a word: `within`, `missed` or `invalid`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self.exit_code {
            WITHIN => "within",
            MISSED => "missed",
            _ => "invalid",
        }
    }

    /// The verdict in a sentence or two, for people.
    #[must_use]
    pub fn conclusion(&self) -> String {
        let (missed, all) = (self.missed().count(), self.thresholds.len());
        let limits = match (missed, all) {
            (_, 0) => "no limits were set",
            (0, 1) => "the limit is kept",
            (0, _) => &format!("all {all} limits are kept"),
            (1, 1) => "the limit is missed",
            _ => &format!(
                "{missed} of {all} limits {}",
                if missed == 1 {
                    "is missed"
                } else {
                    "are missed"
                }
            ),
        };
        match self.exit_code {
            WITHIN if all == 0 => format!("Measured: {limits}."),
            WITHIN => format!("Passed: {limits}."),
            MISSED => format!("Failed: {limits}."),
            _ => format!(
                "Invalid: {}. So these are no figures of the server; as they are, {limits}.",
                self.invalid.join("; ")
            ),
        }
    }
}

impl Judged {
    fn of(threshold: &Threshold, run: &Measurement) -> Self {
        let measured = threshold.measured(run);
        Self {
            threshold: threshold.clone(),
            measured,
            told: measured.map_or_else(
                || "nothing was measured".to_owned(),
                |figure| told(&threshold.subject, figure, run),
            ),
            is_met: measured.is_some_and(|figure| threshold.allows(figure)),
        }
    }
}

fn told(subject: &Subject, measured: f64, run: &Measurement) -> String {
    match subject {
        Subject::Times(..) => figure::fine_time(measured),
        Subject::Count(counted) => figure::count(counted.count(run)),
        Subject::Ratio(counted) => format!(
            "{}: {} of {}",
            figure::share(measured),
            figure::count(counted.count(run)),
            figure::count(counted.whole(run))
        ),
        Subject::PerSecond(_) => figure::rate(measured),
    }
}

fn nothing_ran(run: &Measurement) -> bool {
    let counts = run.tally.counts.by_name();
    run.device.connections == 0 && counts.iter().all(|(_, count)| *count == 0)
}

const WITHIN: u8 = 0;
const MISSED: u8 = 1;
const INVALID: u8 = 4;
