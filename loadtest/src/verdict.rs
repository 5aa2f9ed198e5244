//! Whether a run kept to its limits and carried its load, and whether it was fit to tell.

mod conclusion;

use serde::{Deserialize, Serialize};

use crate::{
    figure,
    measurement::{Measurement, Rule},
    threshold::{
        Subject, Threshold,
        always::{self, Always},
    },
};

/// What is to be held of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Each limit: those that were asked for, in the order asked, then those that hold of every run.
    pub thresholds: Vec<Judged>,
    /// The limits that were asked for in Goose's own words, as Goose judged them.
    #[serde(default)]
    pub goose: Vec<Rule>,
    /// Why the run is no measurement of the server; empty when it is one.
    pub invalid: Vec<String>,
    /// How far the run came, as `after 4 s of 30 s`, where somebody stopped it before its time.
    #[serde(default)]
    pub stopped: Option<String>,
    /// 0 within the limits, 1 a limit missed, 2 stopped before anything was decided, 4 invalid.
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
    /// Of a limit that holds of every run ([`always`]), what it stands at: `190 of 200 connections could not be opened`.
    #[serde(default)]
    pub always: Option<String>,
}

/// Holds a run against its limits, and against those that hold of every run. What was never measured is within none.
#[must_use]
pub fn judge(measurement: &Measurement, thresholds: &[Threshold]) -> Verdict {
    let asked = thresholds
        .iter()
        .map(|threshold| Judged::of(threshold, measurement));
    let always = always::beside(thresholds, measurement);
    let always = always
        .iter()
        .map(|always| Judged::of_always(always, measurement));
    let mut invalid = measurement.device.invalid.clone();
    if nothing_ran(measurement) {
        invalid.push("nothing was connected, sent or asked".to_owned());
    }
    let verdict = Verdict {
        thresholds: asked.chain(always).collect(),
        goose: measurement.device.goose.rules.clone(),
        invalid,
        stopped: None,
        exit_code: WITHIN,
    };
    verdict.decided()
}

impl Verdict {
    /// The same of a run that somebody stopped when it had come so far (`after 4 s of 30 s`): the time it was not put to
    /// the test in might have broken any limit, so that none is kept.
    #[must_use]
    pub fn stopped(self, so_far: String) -> Self {
        let stopped = Some(so_far);
        Self { stopped, ..self }.decided()
    }

    fn decided(self) -> Self {
        Self {
            exit_code: self.follows(),
            ..self
        }
    }

    /// What the exit code follows from. What no late device can cause is the deployment's, whatever else there is; what
    /// it may have caused says nothing when it was late. A stopped run has missed what it has seen missed, not what it
    /// has not seen.
    fn follows(&self) -> u8 {
        let seen = |judged: &&Judged| judged.measured.is_some();
        if self
            .missed()
            .filter(seen)
            .any(|judged| !judged.may_be_lateness())
        {
            MISSED
        } else if self.stopped.is_some() {
            // What Goose judges are times and rates: a late device may be the cause of any.
            let mut goose = self.missed_of_goose();
            let was_seen = self.missed().any(|judged| seen(&judged))
                || goose.any(|rule| rule.observed.is_some());
            match self.is_valid() && was_seen {
                true => MISSED,
                false => STOPPED,
            }
        } else if !self.is_valid() {
            INVALID
        } else if self.missed().next().is_some() || self.missed_of_goose().next().is_some() {
            MISSED
        } else {
            WITHIN
        }
    }

    /// Whether the device was fit to measure the server.
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        self.invalid.is_empty()
    }

    /// Whether the run is valid and within all of its limits.
    #[must_use]
    pub const fn is_within(&self) -> bool {
        self.exit_code == WITHIN
    }

    /// Whether nothing can be said of the deployment: the device was not fit, and nothing else was decided.
    #[must_use]
    pub const fn is_invalid(&self) -> bool {
        self.exit_code == INVALID
    }

    /// The limits that are missed.
    pub fn missed(&self) -> impl Iterator<Item = &Judged> {
        self.thresholds.iter().filter(|judged| !judged.is_met)
    }

    fn missed_of_goose(&self) -> impl Iterator<Item = &Rule> {
        self.goose.iter().filter(|rule| !rule.is_met)
    }

    /// The exit code in a word: `within`, `missed`, `stopped` or `invalid`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self.exit_code {
            WITHIN => "within",
            MISSED => "missed",
            STOPPED => "stopped",
            _ => "invalid",
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
                || "not measured".to_owned(),
                |figure| told(&threshold.subject, figure, run),
            ),
            is_met: measured.is_some_and(|figure| threshold.allows(figure)),
            always: None,
        }
    }

    fn of_always(always: &Always, run: &Measurement) -> Self {
        let judged = Self::of(&always.threshold, run);
        let stands_at = match &always.threshold.subject {
            Subject::Ratio(counted) => format!(
                "{} of {} {}",
                figure::count(counted.count(run)),
                figure::count(counted.whole(run)),
                always.words
            ),
            _ => always.words.to_owned(),
        };
        Self {
            always: Some(stands_at),
            ..judged
        }
    }

    /// The limit and what was measured, as one reads it: `lost == 0: was 17`; of a limit that holds of every run what it
    /// stands at.
    #[must_use]
    pub fn sentence(&self) -> String {
        match (&self.always, self.measured) {
            (Some(stands_at), _) => stands_at.clone(),
            (None, Some(_)) => format!("{}: was {}", self.threshold, self.told),
            (None, None) => format!("{}: {}", self.threshold, self.told),
        }
    }

    fn may_be_lateness(&self) -> bool {
        match &self.threshold.subject {
            Subject::Times(..) => true,
            Subject::Count(counted) | Subject::Ratio(counted) | Subject::PerSecond(counted) => {
                counted.may_be_lateness()
            }
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
const STOPPED: u8 = 2;
const INVALID: u8 = 4;
