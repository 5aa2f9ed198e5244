//! How much a deployment carries: a search over loads that knows no network, only what each load has shown.
//!
//! ```text
//! ramp: double until something breaks ─ bisect: until the range is narrow ─ confirm: ask both ends again
//! ```
//!
//! Noise is met by asking again: a load holds when most of its probes held, and probes that contradict each
//! other are repeated. Time is kept by planning: the next probe is asked for only if it will end in time, and
//! the last ones are kept for confirming what has been found.

mod finding;
mod knee;
mod observation;
mod render;
mod search;
mod standing;

use std::time::Duration;

pub use finding::{Answer, Confirmed, Finding, Point};
pub use knee::{Knee, knee};
pub use observation::{Broke, Observation, Outcome};
pub use search::{Asked, Purpose, Search, Step};

/// What the search keeps to.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// The first load, in messages a second.
    pub start: f64,
    /// The least load that is tried when the first one is too much.
    pub lowest: f64,
    /// The most that is tried, even if nothing breaks.
    pub highest: f64,
    /// How narrow the range between what held and what did not has to be: 0.05 is 5 % of the load.
    pub precision: f64,
    /// How often a load that held is asked for again before it is the answer.
    pub confirmations: u32,
    /// The time for all probes together.
    pub budget: Duration,
    /// How long one probe takes, with its ramp and drain. A probe that took longer raises it.
    pub probe: Duration,
}

impl Limits {
    /// Those limits, if a search can keep to them.
    ///
    /// # Errors
    /// Which of them it cannot keep to, and what would do.
    pub fn checked(self) -> Result<Self, LimitsError> {
        let positive = |load: f64| load.is_finite() && load > 0.0;
        if !positive(self.start) || !positive(self.lowest) || !positive(self.highest) {
            return Err(LimitsError::Load);
        }
        if !(self.lowest <= self.start && self.start <= self.highest) {
            return Err(LimitsError::Order(self.start, self.lowest, self.highest));
        }
        if !(0.005..=0.5).contains(&self.precision) {
            return Err(LimitsError::Precision(self.precision));
        }
        if self.probe.is_zero() || self.probe > self.budget {
            return Err(LimitsError::Budget(self.budget, self.probe));
        }
        Ok(self)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            start: 50.0,
            lowest: 1.0,
            highest: 1_000_000.0,
            precision: 0.05,
            confirmations: 3,
            budget: Duration::from_mins(8),
            probe: Duration::from_secs(20),
        }
    }
}

/// Why a search cannot begin.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LimitsError {
    /// A load that is none.
    #[error("a load has to be a number of messages a second above 0")]
    Load,
    /// A beginning outside of what may be asked for.
    #[error(
        "a search cannot begin at {0}/s (--start): it asks for {1}/s at least and {2}/s at most (--max)"
    )]
    Order(f64, f64, f64),
    /// A precision that no search has.
    #[error(
        "a precision of {0} cannot be kept to: it has to be between 0.005 and 0.5 (0.05 is 5 %)"
    )]
    Precision(f64),
    /// Not one probe fits.
    #[error("{} s do not do for one probe, which takes {} s with the opening and closing of its rooms: give the search more time, or shorten the probes", .0.as_secs_f64(), .1.as_secs_f64())]
    Budget(Duration, Duration),
}

/// Runs the whole search: `probe` puts one load on the deployment and says what it saw, or nothing to break the
/// search off. `None` when that came before any load was tried.
///
/// # Errors
/// What `probe` could not do: a probe that could not run says nothing about the deployment.
pub async fn search<E>(
    limits: Limits,
    mut probe: impl AsyncFnMut(Asked) -> Result<Option<Observation>, E>,
) -> Result<Option<Finding>, E> {
    let mut search = Search::new(limits);
    loop {
        match search.next() {
            Step::Probe(asked) => match probe(asked).await? {
                Some(observation) => search.saw(asked.load, observation),
                None => return Ok(search.broken_off()),
            },
            Step::Done(finding) => return Ok(Some(*finding)),
        }
    }
}
