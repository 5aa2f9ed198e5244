//! What to do: one run at one load, in all its details.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use chat_fixtures::reach::Reach;

use crate::{
    account::Account, cost::Source, device::Rules, measurement::Load, target::Target,
    test_plan::TestPlan,
};

/// One run at one load.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The processes, or the one URL in front of them.
    pub targets: Arc<[Arc<Target>]>,
    /// Whether there is one URL in front of several processes, so that nobody knows which one answers.
    pub is_balanced: bool,
    /// What load.
    pub load: Load,
    /// How long to measure; until the run is stopped where nobody knows beforehand.
    pub duration: Option<Duration>,
    /// How many rooms are opened a second.
    pub ramp: f64,
    /// Instead of `ramp`: rooms open over time; `duration` is this plan's then.
    pub test_plan: Option<TestPlan>,
    /// How many connections are opened a second, in all.
    pub connect_rate: f64,
    /// How long a message may take before it is lost; the drain at the end takes no longer.
    pub patience: Duration,
    /// How long a handshake or a request may take.
    pub timeout: Duration,
    /// How many threads drive connections.
    pub threads: NonZeroUsize,
    /// Who takes part: as many as a room has members at least.
    pub accounts: Arc<[Account]>,
    /// The way to the targets: whom to trust.
    pub reach: Reach,
    /// Limits in Goose's own words, on what it counts.
    pub goose_thresholds: Vec<goose::threshold::Threshold>,
    /// How many rooms are compared with their history at the end.
    pub samples: u32,
}

impl Plan {
    /// The accounts of a room's members, in the order of their numbers. People take part in several rooms where
    /// there are fewer accounts than seats.
    pub fn members_of(&self, room: u32) -> impl Iterator<Item = &Account> {
        let members = self.load.members as usize;
        let first = room as usize * members;
        (first..first + members)
            .filter_map(|seat| self.accounts.get(seat % self.accounts.len().max(1)))
    }

    /// Through which target a member of a room connects: members of each room are spread over all of them.
    #[must_use]
    pub fn target_of(&self, room: u32, member: u32) -> usize {
        (room as usize + member as usize) % self.targets.len().max(1)
    }

    /// The base URLs of the targets.
    #[must_use]
    pub fn bases(&self) -> Vec<&str> {
        self.targets
            .iter()
            .map(|target| target.base.as_str())
            .collect()
    }

    /// Whether any target is reached over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.targets.iter().any(|target| target.is_secure)
    }

    /// How many processes can be told apart.
    #[must_use]
    pub fn known_processes(&self) -> usize {
        if self.is_balanced {
            0
        } else {
            self.targets.len()
        }
    }
}

/// What is watched beside a load, and what the device has to keep to.
#[derive(Debug, Clone)]
pub struct Watch {
    /// The server's processes.
    pub sources: Vec<Source>,
    /// The way to their metrics.
    pub reach: Reach,
    /// What makes a run a measurement of the server.
    pub rules: Rules,
}
