//! The search itself, without time or network: it says what to ask next, and is told what was seen.

use std::time::Duration;

use super::{
    Finding, Limits, Observation, Point,
    finding::Seen,
    standing::{Holds, Standing},
};

/// A search under way: [`next`](Self::next) and [`saw`](Self::saw) in turn.
#[derive(Debug)]
pub struct Search {
    limits: Limits,
    /// Every load that was asked for, in ascending order.
    loads: Vec<Standing>,
    curve: Vec<Point>,
    spent: Duration,
    /// The longest that a probe takes, as far as is known.
    probe: Duration,
    /// A load has failed when it was to be confirmed: from there on downwards in small steps.
    steps_down: bool,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Put this load on the deployment.
    Probe(Asked),
    /// It is over.
    Done(Box<Finding>),
}

/// A load that is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asked {
    /// Messages a second.
    pub load: f64,
    /// What for.
    pub purpose: Purpose,
    /// How many probes there is time for, this one included.
    pub left: usize,
}

/// What a probe is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To find a load that breaks, or one that holds.
    Ramp,
    /// To narrow the range.
    Bisect,
    /// To go down a step, since the load above did not hold again.
    StepDown,
    /// To see whether what was seen once is seen again.
    Confirm,
}

impl Search {
    /// A search within these limits (see [`Limits::checked`]).
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            probe: limits.probe,
            limits,
            loads: Vec::new(),
            curve: Vec::new(),
            spent: Duration::ZERO,
            steps_down: false,
        }
    }

    /// What to ask next. Asked twice, it says the same.
    #[must_use]
    pub fn next(&self) -> Step {
        let left = self.left();
        match self.wanted(left) {
            Some((load, purpose)) if left > 0 => Step::Probe(Asked {
                load,
                purpose,
                left,
            }),
            _ => Step::Done(Box::new(self.finding(false))),
        }
    }

    /// What was seen at a load.
    pub fn saw(&mut self, load: f64, observation: Observation) {
        self.spent += observation.took;
        self.probe = self.probe.max(observation.took);
        self.curve.push(Point::new(load, &observation));
        let at = self.loads.partition_point(|known| known.load < load);
        if self.loads.get(at).is_none_or(|known| known.load > load) {
            let probes = Vec::new();
            self.loads.insert(at, Standing { load, probes });
        }
        let known = &mut self.loads[at];
        known.probes.push(observation);
        if known.has_held_once() && known.holds(&self.limits) == Holds::No {
            self.steps_down = true;
        }
    }

    /// What has been found so far, for a search that is broken off; `None` when no load has been tried yet.
    #[must_use]
    pub fn broken_off(&self) -> Option<Finding> {
        (!self.loads.is_empty()).then(|| self.finding(true))
    }

    /// How many probes there is still time for.
    fn left(&self) -> usize {
        let time = self.limits.budget.saturating_sub(self.spent).as_secs_f64();
        // A probe that ended a moment late must not cost the search another one.
        let probes = (time / self.probe.as_secs_f64().max(1e-9) + 0.01).floor();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a quotient of durations is not negative, and a cast saturates"
        )]
        let probes = probes as usize;
        probes
    }

    /// The highest load that holds below the lowest that does not, and that one.
    fn bracket(&self) -> (Option<&Standing>, Option<&Standing>) {
        let holds = |wanted| move |load: &&Standing| load.holds(&self.limits) == wanted;
        let high = self.loads.iter().find(holds(Holds::No));
        let below = |load: &&Standing| high.is_none_or(|high| load.load < high.load);
        let low = self
            .loads
            .iter()
            .rev()
            .filter(below)
            .find(holds(Holds::Yes));
        (low, high)
    }

    /// What to ask with so many probes left: the last are for confirming what has been found.
    fn wanted(&self, left: usize) -> Option<(f64, Purpose)> {
        let (low, _) = self.bracket();
        match low {
            Some(low) if left <= low.to_confirm(&self.limits) => self.confirms(low),
            _ => self.missing(),
        }
    }

    /// The lowest load below the one that does not hold whose probes contradict each other.
    fn undecided(&self) -> Option<&Standing> {
        let (_, high) = self.bracket();
        self.loads.iter().find(|load| {
            load.holds(&self.limits) == Holds::Unclear
                && high.is_none_or(|high| load.load < high.load)
        })
    }

    /// What is missing to a full answer.
    fn missing(&self) -> Option<(f64, Purpose)> {
        let (low, high) = self.bracket();
        if let Some(undecided) = self.undecided() {
            return Some((undecided.load, Purpose::Confirm));
        }
        match (low, high) {
            (None, None) => Some((self.limits.start, Purpose::Ramp)),
            (Some(low), None) if low.load >= self.limits.highest => self.confirms(low),
            (Some(low), None) => {
                let up = (low.load * RAMP).min(self.limits.highest);
                Some((up, Purpose::Ramp))
            }
            (None, Some(high)) if high.load <= self.limits.lowest => self.refutes(high),
            (None, Some(_)) if self.is_never_fit() => None,
            (None, Some(high)) => {
                let down = (high.load / RAMP).max(self.limits.lowest);
                Some((down, Purpose::Ramp))
            }
            (Some(low), Some(high)) => self
                .narrows(low.load, high.load)
                .or_else(|| self.refutes(high))
                .or_else(|| self.confirms(low)),
        }
    }

    /// Whether the device was too slow at every load so far, lower ones too: then the load is not what slows it,
    /// and asking for less only takes time.
    fn is_never_fit(&self) -> bool {
        self.loads.len() >= FEW && self.loads.iter().all(Standing::is_limit_of_device)
    }

    /// A load between the two, unless they are near enough. Halves the ratio, as the precision is one.
    fn narrows(&self, low: f64, high: f64) -> Option<(f64, Purpose)> {
        let near = 1.0 + self.limits.precision;
        if high <= low * near * (1.0 + ROUNDING) {
            return None;
        }
        let (middle, purpose) = if self.steps_down {
            (high / near, Purpose::StepDown)
        } else {
            ((low * high).sqrt(), Purpose::Bisect)
        };
        let middle = legible(middle);
        (low < middle && middle < high).then_some((middle, purpose))
    }

    fn confirms(&self, low: &Standing) -> Option<(f64, Purpose)> {
        (low.to_confirm(&self.limits) > 0).then_some((low.load, Purpose::Confirm))
    }

    fn refutes(&self, high: &Standing) -> Option<(f64, Purpose)> {
        (!high.is_refuted(&self.limits)).then_some((high.load, Purpose::Confirm))
    }

    fn finding(&self, is_broken_off: bool) -> Finding {
        let (low, high) = self.bracket();
        let above =
            |load: &&Standing| high.is_some_and(|high| load.load > high.load) && load.met() > 0;
        let seen = Seen {
            low,
            high,
            undecided: self.undecided(),
            is_complete: self.missing().is_none(),
            is_broken_off,
            held_above: self
                .loads
                .iter()
                .filter(above)
                .map(|load| load.load)
                .collect(),
            spent: self.spent,
        };
        Finding::new(&self.limits, &seen, self.curve.clone())
    }
}

/// Four significant digits: what is asked for should be readable, and the precision is far from that.
fn legible(load: f64) -> f64 {
    format!("{load:.3e}").parse().unwrap_or(load)
}

/// Each load of the ramp is so many times the one before.
const RAMP: f64 = 2.0;

/// So many loads at which the device was too slow tell that it is not the load.
const FEW: usize = 3;

/// What rounding to legible loads may add to the range.
const ROUNDING: f64 = 0.001;
