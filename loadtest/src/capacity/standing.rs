//! How a load stands after all of its probes: whether it holds, and how sure that is.

use super::{Limits, Observation, Outcome};

/// The probes of one load.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Standing {
    pub(super) load: f64,
    pub(super) probes: Vec<Observation>,
}

/// What most of a load's probes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Yes,
    No,
    /// As many say this as that, and more may be asked.
    Unclear,
}

impl Standing {
    pub(super) fn met(&self) -> usize {
        let is_met = |probe: &&Observation| probe.outcome == Outcome::Met;
        self.probes.iter().filter(is_met).count()
    }

    pub(super) fn failed(&self) -> usize {
        self.probes.len() - self.met()
    }

    pub(super) fn has_held_once(&self) -> bool {
        self.probes
            .first()
            .is_some_and(|probe| probe.outcome == Outcome::Met)
    }

    /// What it broke on: the last probe that did not hold.
    pub(super) fn last_failure(&self) -> Option<&Outcome> {
        let mut outcomes = self.probes.iter().rev().map(|probe| &probe.outcome);
        outcomes.find(|outcome| match self.is_limit_of_device() {
            true => matches!(outcome, Outcome::Invalid { .. }),
            false => matches!(outcome, Outcome::Missed { .. }),
        })
    }

    /// Whether most of what failed here was the device's own fault.
    pub(super) fn is_limit_of_device(&self) -> bool {
        let is_invalid = |probe: &&Observation| matches!(probe.outcome, Outcome::Invalid { .. });
        let invalid = self.probes.iter().filter(is_invalid).count();
        invalid > self.failed() - invalid
    }

    /// A draw that all repeats have left is a no where the first probe held: most of its repeats did not. Where the
    /// first probe failed and the next one held, nobody knows until it has been asked once more.
    pub(super) fn holds(&self, limits: &Limits) -> Holds {
        let (met, failed) = (self.met(), self.failed());
        let is_asked_out = self.probes.len() > limits.confirmations as usize;
        if met > failed {
            Holds::Yes
        } else if failed > met || (is_asked_out && self.has_held_once()) {
            Holds::No
        } else {
            Holds::Unclear
        }
    }

    /// How many probes are missing until a load that holds has been confirmed.
    pub(super) fn to_confirm(&self, limits: &Limits) -> usize {
        (limits.confirmations as usize + 1).saturating_sub(self.probes.len())
    }

    /// Whether a load that does not hold has been asked for twice, so that it was not a hiccup.
    pub(super) fn is_refuted(&self, limits: &Limits) -> bool {
        self.failed() >= 2 || self.probes.len() > limits.confirmations as usize
    }
}
