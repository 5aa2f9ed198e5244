//! A probe in words: what is asked and why, what was seen.

use std::fmt;

use super::{Asked, Observation, Outcome, Purpose};
use crate::figure::{count, rate, time};

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.purpose {
            Purpose::Ramp => "trying",
            Purpose::Bisect => "narrowing down",
            Purpose::StepDown => "a step down",
            Purpose::Confirm => "asking again",
        };
        write!(f, "{what}: {}", rate(self.load))
    }
}

impl fmt::Display for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} sent", rate(self.achieved))?;
        if let Some(p99) = self.p99_us {
            write!(f, " · delivery p99 {}", time(p99))?;
        }
        write!(f, " · {} lost · ", count(self.lost))?;
        match &self.outcome {
            Outcome::Met => f.write_str("held"),
            Outcome::Missed { limit, .. } => write!(f, "missed: {limit}"),
            Outcome::Invalid { reason } => write!(f, "the device was too slow: {reason}"),
        }
    }
}
