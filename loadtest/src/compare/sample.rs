//! Values that noise can be judged by: runs, or batches of the seconds of one.
//!
//! Seconds that follow each other are alike, so they are no independent sample. Means of long enough batches
//! nearly are (batch means: Law, "Simulation Modeling and Analysis", 5th edition 2015, section 9.5.3; Schmeiser,
//! "Batch size effects in the analysis of simulation output", Operations Research 30, 1982: 10 to 30 batches).
//! What likeness is left between neighbours widens the interval as it does for an autoregressive series.

use serde::{Deserialize, Serialize};

use super::real;
use crate::measurement::{Measurement, Second};

/// What the noise is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// How runs of the same differ.
    Runs,
    /// How the seconds of a run differ: a side has one run only.
    Seconds,
}

impl Basis {
    pub(super) fn of(before: &[Measurement], after: &[Measurement]) -> Self {
        if before.len() >= 2 && after.len() >= 2 {
            Self::Runs
        } else {
            Self::Seconds
        }
    }
}

/// Nearly independent values, at least two.
pub(super) struct Sample {
    values: Vec<f64>,
    /// By how much likeness between neighbours raises the variance of the mean.
    inflation: f64,
}

impl Sample {
    /// One value a run.
    pub(super) fn of_runs(
        runs: &[Measurement],
        of_run: impl Fn(&Measurement) -> Option<f64>,
    ) -> Option<Self> {
        let values: Vec<f64> = runs.iter().filter_map(of_run).collect();
        (values.len() >= 2).then_some(Self {
            values,
            inflation: 1.0,
        })
    }

    /// The means of batches of whole measured seconds, of each run by itself.
    pub(super) fn of_seconds(
        runs: &[Measurement],
        of_second: fn(&Second) -> Option<f64>,
    ) -> Option<Self> {
        let mut values = Vec::new();
        for run in runs {
            let measured = |second: &&Second| {
                let end = i32::try_from(second.at.saturating_add(1)).unwrap_or(i32::MAX);
                second.at >= 0 && f64::from(end) <= run.measured_s + 0.001
            };
            let seconds: Vec<f64> = run
                .seconds
                .iter()
                .filter(measured)
                .filter_map(of_second)
                .collect();
            if seconds.len() < FEWEST_SECONDS {
                return None;
            }
            let batches = (seconds.len() / SECONDS_OF_BATCH).clamp(FEWEST_BATCHES, MOST_BATCHES);
            // Every second counts: the batches' sizes differ by one at most.
            let edge = |n: usize| n * seconds.len() / batches;
            values.extend((0..batches).map(|n| mean(&seconds[edge(n)..edge(n + 1)])));
        }
        let alike = likeness(&values).clamp(0.0, MOST_LIKENESS);
        Some(Self {
            values,
            inflation: (1.0 + alike) / (1.0 - alike),
        })
    }

    pub(super) fn mean(&self) -> f64 {
        mean(&self.values)
    }

    /// The variance of the mean.
    pub(super) fn variance(&self) -> f64 {
        let mean = self.mean();
        let squares: f64 = self.values.iter().map(|value| (value - mean).powi(2)).sum();
        squares / real(self.values.len() - 1) / real(self.values.len()) * self.inflation
    }

    /// Degrees of freedom of that.
    pub(super) fn freedom(&self) -> f64 {
        real(self.values.len() - 1)
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / real(values.len())
}

/// The correlation of neighbours.
fn likeness(values: &[f64]) -> f64 {
    let mean = mean(values);
    let of_neighbours: f64 = values
        .windows(2)
        .map(|two| (two[0] - mean) * (two[1] - mean))
        .sum();
    let of_all: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    if of_all > 0.0 {
        of_neighbours / of_all
    } else {
        0.0
    }
}

const FEWEST_SECONDS: usize = 10;
const SECONDS_OF_BATCH: usize = 6;
const FEWEST_BATCHES: usize = 5;
const MOST_BATCHES: usize = 30;
const MOST_LIKENESS: f64 = 0.9;
