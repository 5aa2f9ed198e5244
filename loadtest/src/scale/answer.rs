//! What a fit answers: how many processes a load needs, and where more of them stop helping.

use serde::{Deserialize, Serialize};

use super::{Fit, Model};

/// How many processes a load needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Processes {
    /// The load, in messages a second.
    pub load: f64,
    /// The fewest that carry it; `None` when no number does.
    pub processes: Option<u32>,
    /// What they carry, in messages a second.
    pub carry: Option<f64>,
    /// Whether this is beyond twice the largest number that was measured: a guess more than an answer.
    pub is_extrapolated: bool,
    /// Whether it may take more, as nothing is known of how the deployment scales beyond the measured sizes.
    pub is_lower_bound: bool,
}

/// Where more processes stop helping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Most {
    /// The number that carries the most; `None` when more always help, if ever less.
    pub processes: Option<u32>,
    /// What they carry; without a number, what is never reached. `None` when there is no such bound.
    pub carry: Option<f64>,
    /// Whether this is beyond twice the largest number that was measured.
    pub is_extrapolated: bool,
}

impl Fit {
    /// What so many processes carry, in messages a second.
    #[must_use]
    pub fn capacity_of(&self, processes: u32) -> f64 {
        let n = f64::from(processes);
        match &self.model {
            Model::Line { one, each } => each.mul_add(n - 1.0, *one),
            Model::Law { law, .. } => law.at(n),
        }
    }

    /// How many processes this load needs.
    #[must_use]
    pub fn processes_for(&self, load: f64) -> Processes {
        let exact = match &self.model {
            _ if !load.is_finite() => None,
            Model::Line { one, .. } if *one >= load => Some(1.0),
            Model::Line { one, each } => (*each > 0.0).then(|| 1.0 + (load - one) / each),
            Model::Law { law, .. } => law.processes_for(load),
        };
        let processes = exact.and_then(whole).filter(|n| {
            // Between the roots, rounding up may step over the peak.
            self.capacity_of(*n) >= load * (1.0 - ROUNDING)
        });
        Processes {
            load,
            processes,
            carry: processes.map(|n| self.capacity_of(n)),
            is_extrapolated: processes.is_none_or(|n| self.is_far(n)),
            is_lower_bound: matches!(self.model, Model::Line { .. })
                && processes.is_none_or(|n| n > self.largest()),
        }
    }

    /// Where more processes stop helping; `None` when the points say nothing about it.
    #[must_use]
    pub fn most(&self) -> Option<Most> {
        let Model::Law { law, .. } = &self.model else {
            return None;
        };
        let Some(peak) = law.peak() else {
            return Some(Most {
                processes: None,
                carry: law.ceiling(),
                is_extrapolated: true,
            });
        };
        // The best whole number is one of the two beside the peak.
        let below = whole(peak.floor())?;
        let best = if law.at(f64::from(below) + 1.0) > law.at(f64::from(below)) {
            below.saturating_add(1)
        } else {
            below
        };
        Some(Most {
            processes: Some(best),
            carry: Some(law.at(f64::from(best))),
            is_extrapolated: self.is_far(best),
        })
    }

    fn largest(&self) -> u32 {
        self.points
            .iter()
            .map(|point| point.processes)
            .max()
            .unwrap_or(0)
    }

    fn is_far(&self, processes: u32) -> bool {
        processes > self.largest().saturating_mul(2)
    }
}

/// The whole number of processes that is not less; 4.000000001 are four.
fn whole(processes: f64) -> Option<u32> {
    let least = (processes * (1.0 - ROUNDING)).ceil().max(1.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at least 1 and at most u32::MAX"
    )]
    let whole = (least <= f64::from(u32::MAX)).then_some(least as u32);
    whole
}

const ROUNDING: f64 = 1e-9;
