//! The answer of a search: what is carried, how sure that is, what broke first, and the curve behind it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Broke, Knee, Limits, Observation, Outcome, knee, standing::Standing};
use crate::{
    cost::{Bottleneck, bottleneck},
    figure::number,
    measurement::{Load, ServerShare},
};

/// What a search has found. Loads are in messages a second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What kind of answer this is: only `found` is the deployment's capacity.
    pub answer: Answer,
    /// The highest load that held, if any did.
    pub capacity: Option<f64>,
    /// The lowest load that did not hold, whoever broke.
    pub missed: Option<f64>,
    /// How often the capacity held when it was asked for again.
    pub confirmed: Confirmed,
    /// What broke first; not there when nothing did, or the device.
    #[serde(default)]
    pub broke: Option<Broke>,
    /// The process of the server that could do no more at the load that did not hold, as far as they were watched.
    #[serde(default)]
    pub bottleneck: Option<Bottleneck>,
    /// Everything above in a sentence.
    pub sentence: String,
    /// Where the time of delivery leaves its floor.
    #[serde(default)]
    pub knee: Option<Knee>,
    /// Every probe, in the order of asking.
    pub curve: Vec<Point>,
    /// How long the search took, in seconds.
    pub took_s: f64,
    /// What was asked for beside the pace, where the caller has said it: its `processes` are the place of
    /// this finding on a scaling curve.
    #[serde(default)]
    pub load: Option<Load>,
    /// What a reader has to know to read the figures rightly.
    #[serde(default)]
    pub remarks: Vec<String>,
}

/// What kind of answer a search ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// The capacity, within the precision, and confirmed.
    Found,
    /// At least that much: above, the device itself was too slow.
    DeviceBrokeFirst,
    /// At least that much: it was the most that was to be tried.
    NothingBroke,
    /// Not even the lowest load held.
    NothingHeld,
    /// Only a range: there was no time for more.
    OutOfTime,
    /// Only a range: somebody broke the search off.
    Interrupted,
}

/// How often a load held when it was asked for again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// So often it held.
    pub met: usize,
    /// So often it was asked for.
    pub of: usize,
    /// So often it should have been.
    pub wanted: usize,
}

/// One probe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The load asked for.
    pub load: f64,
    /// Messages really sent, a second.
    pub achieved: f64,
    /// Deliveries, own echoes included, a second.
    pub deliveries: f64,
    /// Half of the deliveries to others took no longer, in microseconds.
    pub p50_us: Option<u64>,
    /// 99 of 100 took no longer.
    pub p99_us: Option<u64>,
    /// Deliveries that were owed and did not come.
    pub lost: u64,
    /// How busy the processes of the server were that are watched.
    #[serde(default)]
    pub servers: Vec<ServerShare>,
    /// Whether it held.
    #[serde(flatten)]
    pub outcome: Outcome,
}

impl Point {
    pub(super) fn new(load: f64, seen: &Observation) -> Self {
        Self {
            load,
            achieved: seen.achieved,
            deliveries: seen.deliveries,
            p50_us: seen.p50_us,
            p99_us: seen.p99_us,
            lost: seen.lost,
            servers: seen.servers.clone(),
            outcome: seen.outcome.clone(),
        }
    }
}

/// How things stand when nothing more is asked.
pub(super) struct Seen<'a> {
    pub(super) low: Option<&'a Standing>,
    pub(super) high: Option<&'a Standing>,
    pub(super) undecided: Option<&'a Standing>,
    pub(super) is_complete: bool,
    pub(super) is_broken_off: bool,
    pub(super) held_above: Vec<f64>,
    pub(super) spent: Duration,
}

impl Finding {
    pub(super) fn new(limits: &Limits, seen: &Seen<'_>, curve: Vec<Point>) -> Self {
        let answer = seen.answer();
        let failure = seen.high.and_then(Standing::last_failure);
        let broke = match failure {
            Some(Outcome::Missed { broke, .. }) => Some(*broke),
            _ => None,
        };
        let confirmed = Confirmed::of(seen.low, limits);
        let missed = seen.high.map(|high| high.load);
        Self {
            answer,
            capacity: seen.low.map(|low| low.load),
            missed,
            confirmed,
            broke,
            bottleneck: broke.and(seen.high).and_then(full),
            sentence: seen.sentence(answer, confirmed),
            knee: knee(&curve, missed),
            remarks: seen.remarks(answer),
            curve,
            took_s: seen.spent.as_secs_f64(),
            load: None,
        }
    }

    /// Whether the deployment's own capacity was found; anything else is a bound.
    #[must_use]
    pub fn is_capacity(&self) -> bool {
        self.answer == Answer::Found
    }
}

impl Confirmed {
    fn of(low: Option<&Standing>, limits: &Limits) -> Self {
        let wanted = limits.confirmations as usize;
        let again = low.map_or(&[][..], |low| low.probes.get(1..).unwrap_or_default());
        let met = again.iter().filter(|probe| probe.outcome == Outcome::Met);
        Self {
            met: met.count(),
            of: again.len(),
            wanted,
        }
    }
}

impl Seen<'_> {
    fn answer(&self) -> Answer {
        match (self.low, self.high) {
            _ if self.is_broken_off => Answer::Interrupted,
            _ if !self.is_complete => Answer::OutOfTime,
            (_, Some(high)) if high.is_limit_of_device() => Answer::DeviceBrokeFirst,
            (Some(_), Some(_)) => Answer::Found,
            (_, None) => Answer::NothingBroke,
            (None, Some(_)) => Answer::NothingHeld,
        }
    }

    fn sentence(&self, answer: Answer, confirmed: Confirmed) -> String {
        let held = self.low.map(|low| {
            let load = number(low.load);
            match confirmed.of {
                0 => format!("{load} messages a second (held once)"),
                of => format!(
                    "{load} messages a second (held again {} of {of} times)",
                    confirmed.met
                ),
            }
        });
        let broke = self.high.map(|high| {
            let load = number(high.load);
            match high.last_failure() {
                Some(Outcome::Missed { limit, broke }) => {
                    format!("at {load} {broke} broke first: {limit}")
                }
                Some(Outcome::Invalid { reason }) => {
                    format!("at {load} the device itself was too slow: {reason}")
                }
                _ => format!("{load} did not hold"),
            }
        });
        let undecided = self.undecided.map(|load| {
            let (met, of) = (load.met(), load.probes.len());
            let load = number(load.load);
            format!("{load} is undecided: it held {met} of {of} times")
        });
        let broke: Vec<_> = undecided.into_iter().chain(broke).collect();
        let broke = match broke.is_empty() {
            true => "nothing broke".to_owned(),
            false => broke.join(", and "),
        };
        match (answer, held) {
            (Answer::Found, Some(held)) => format!("Carries {held}; {broke}."),
            (Answer::DeviceBrokeFirst, Some(held)) => format!(
                "Carries at least {held}; {broke}. That is a limit of the device, not of the deployment."
            ),
            (Answer::DeviceBrokeFirst, None) => {
                format!("Says nothing about the deployment: {broke}.")
            }
            (Answer::NothingBroke, Some(held)) => {
                format!("Carries at least {held}, the most that was tried; nothing broke.")
            }
            (Answer::OutOfTime, Some(held)) => {
                format!("Time ran out. So far: at least {held}; {broke}.")
            }
            (Answer::OutOfTime, None) => {
                format!("Time ran out before any load held; {broke}.")
            }
            (Answer::Interrupted, Some(held)) => {
                format!("Broken off. So far: at least {held}; {broke}.")
            }
            (Answer::Interrupted, None) => {
                format!("Broken off before any load held; {broke}.")
            }
            (_, None) | (Answer::NothingHeld, _) => {
                format!("Does not carry even the lowest load; {broke}.")
            }
        }
    }

    fn remarks(&self, answer: Answer) -> Vec<String> {
        let mut remarks = Vec::new();
        if !self.held_above.is_empty() {
            let loads: Vec<_> = self.held_above.iter().map(|load| number(*load)).collect();
            remarks.push(format!(
                "Higher loads held now and then ({}), with lower ones failing: the deployment is not steady.",
                loads.join(", ")
            ));
        }
        if answer == Answer::OutOfTime {
            remarks.push(
                "The range is wider or less sure than asked for: give the search more time, \
                 shorter probes, or a start nearer to the answer."
                    .to_owned(),
            );
        }
        if answer == Answer::Interrupted {
            remarks.push(
                "The search was broken off, and the probe that was under way does not count: the range is wider or \
                 less sure than asked for."
                    .to_owned(),
            );
        }
        remarks
    }
}

/// The process that could do no more when a load failed last.
fn full(high: &Standing) -> Option<Bottleneck> {
    let is_missed = |probe: &&Observation| matches!(probe.outcome, Outcome::Missed { .. });
    bottleneck(&high.probes.iter().rev().find(is_missed)?.servers)
}
