//! Limits that a run has to keep to: `delivery p99 < 250ms`, `lost == 0`, `lost ratio < 0.01%`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize, Serializer, de};

use crate::{figure::as_f64, measurement::Measurement};

pub mod always;
pub mod counted;
mod parse;
mod subject;

pub use parse::ThresholdError;
pub use subject::{Statistic, Subject, Timed};

/// One limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// What of a run is held against the limit.
    pub subject: Subject,
    /// How it has to stand to the limit.
    pub comparison: Comparison,
    /// The limit, in the subject's own measure: microseconds, a count, a part of 1, or a count a second.
    pub limit: f64,
    /// The limit as it was written: 0.07 % is not exactly 0.0007, so it is not reckoned back.
    written: f64,
    unit: Unit,
}

/// Several limits in one argument, separated by commas: `delivery p99 < 250ms, lost == 0`.
#[derive(Debug, Clone, PartialEq)]
pub struct Thresholds(pub Vec<Threshold>);

/// How a figure stands to its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Below it.
    Less,
    /// Not above it.
    AtMost,
    /// Above it.
    More,
    /// Not below it.
    AtLeast,
    /// The same.
    Equal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    None,
    Micros,
    Millis,
    Seconds,
    Percent,
}

impl Threshold {
    /// What a run has shown of the subject, in the measure of [`limit`](Self::limit); `None` when nothing was
    /// measured, which is not the same as 0.
    #[must_use]
    pub fn measured(&self, run: &Measurement) -> Option<f64> {
        match &self.subject {
            Subject::Times(timed, statistic) => statistic.of(&timed.times(run)?),
            Subject::Count(counted) => counted.was_tested(run).then(|| as_f64(counted.count(run))),
            Subject::Ratio(counted) => {
                let part = || as_f64(counted.count(run)) / as_f64(counted.whole(run));
                counted.was_tested(run).then(part)
            }
            Subject::PerSecond(counted) => (counted.was_tested(run) && run.measured_s > 0.0)
                .then(|| as_f64(counted.count(run)) / run.measured_s),
        }
    }

    /// Whether a figure is within the limit.
    #[must_use]
    #[expect(
        clippy::float_cmp,
        reason = "== is what was asked for, and counts are exact"
    )]
    pub fn allows(&self, measured: f64) -> bool {
        match self.comparison {
            Comparison::Less => measured < self.limit,
            Comparison::AtMost => measured <= self.limit,
            Comparison::More => measured > self.limit,
            Comparison::AtLeast => measured >= self.limit,
            Comparison::Equal => measured == self.limit,
        }
    }
}

impl Comparison {
    /// All of them; one that begins as another does stands before it.
    pub const ALL: [Self; 5] = [
        Self::AtMost,
        Self::AtLeast,
        Self::Equal,
        Self::Less,
        Self::More,
    ];

    /// The sign.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
            Self::Equal => "==",
        }
    }
}

impl Unit {
    const TIMES: [Self; 3] = [Self::Micros, Self::Millis, Self::Seconds];

    const fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Micros => "us",
            Self::Millis => "ms",
            Self::Seconds => "s",
            Self::Percent => "%",
        }
    }

    /// How many of the subject's own measure one of these is.
    const fn size(self) -> f64 {
        match self {
            Self::None | Self::Micros => 1.0,
            Self::Millis => 1_000.0,
            Self::Seconds => 1_000_000.0,
            Self::Percent => 0.01,
        }
    }
}

impl FromStr for Threshold {
    type Err = ThresholdError;

    fn from_str(text: &str) -> Result<Self, ThresholdError> {
        parse::one(text)
    }
}

impl FromStr for Thresholds {
    type Err = ThresholdError;

    fn from_str(text: &str) -> Result<Self, ThresholdError> {
        text.split(',')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, unit) = (self.comparison.sign(), self.unit.name());
        write!(f, "{} {sign} {}{unit}", self.subject, self.written)
    }
}

impl fmt::Display for Thresholds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, threshold) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(", ")?;
            }
            threshold.fmt(f)?;
        }
        Ok(())
    }
}

impl Serialize for Threshold {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}
