//! Rooms open over time, in the words of Goose's test plans.

use std::{fmt, str::FromStr, time::Duration};

use thiserror::Error;

/// Steps of rooms: `5,10s;5,30s;20,10s` grows to 5 rooms within 10 s, holds them for 30 s, and grows to 20 in 10 s
/// (<https://book.goose.rs/getting-started/runtime-options.html>, `--test-plan`). When the last step is over, the
/// rooms close; Goose by itself would hold them for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestPlan(Vec<Step>);

/// So many rooms at the end of so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    rooms: u32,
    within: Duration,
}

/// Why a text is no plan.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoTestPlan {
    /// A step that is none.
    #[error("{0:?} is no step: it takes ROOMS,DURATION with whole seconds, as in 5,10s;5,1m;0,10s")]
    Step(String),
    /// Not one room.
    #[error("{0:?} opens no room")]
    Empty(String),
}

impl TestPlan {
    /// The most rooms that are open at a time.
    #[must_use]
    pub fn most(&self) -> u32 {
        self.0.iter().map(|step| step.rooms).max().unwrap_or(0)
    }

    /// How long it takes from the first room to the end of the last step.
    #[must_use]
    pub fn duration(&self) -> Duration {
        let lengths = self.0.iter().map(|step| step.within);
        lengths.fold(Duration::ZERO, Duration::saturating_add)
    }
}

impl FromStr for TestPlan {
    type Err = NoTestPlan;

    fn from_str(text: &str) -> Result<Self, NoTestPlan> {
        let mut steps: Vec<Step> = text.split(';').map(str::parse).collect::<Result<_, _>>()?;
        if steps.iter().all(|step| step.rooms == 0) {
            return Err(NoTestPlan::Empty(text.to_owned()));
        }
        if steps.last().is_some_and(|last| last.rooms > 0) {
            steps.push(Step {
                rooms: 0,
                within: Duration::ZERO,
            });
        }
        Ok(Self(steps))
    }
}

impl FromStr for Step {
    type Err = NoTestPlan;

    fn from_str(text: &str) -> Result<Self, NoTestPlan> {
        let step = || {
            let (rooms, within) = text.split_once(',')?;
            let within = within.trim();
            let within = match within.parse() {
                Ok(seconds) => Duration::from_secs(seconds),
                Err(_) => humantime::parse_duration(within).ok()?,
            };
            let rooms = rooms.trim().parse().ok()?;
            (within.subsec_nanos() == 0).then_some(Self { rooms, within })
        };
        step().ok_or_else(|| NoTestPlan::Step(text.to_owned()))
    }
}

/// As Goose reads it.
impl fmt::Display for TestPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, Step { rooms, within }) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(";")?;
            }
            write!(f, "{rooms},{}", within.as_secs())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_plan_says_how_many_rooms_how_long_and_closes_them() {
        let plan: TestPlan = "5,10s; 5,1m;20,10".parse().expect("a plan");
        assert_eq!(plan.most(), 20);
        assert_eq!(plan.duration(), Duration::from_secs(80));
        assert_eq!(plan.to_string(), "5,10;5,60;20,10;0,0");
        let plan: TestPlan = "2,1s;0,1s".parse().expect("a plan");
        assert_eq!(plan.to_string(), "2,1;0,1");
    }

    #[test]
    fn what_is_no_plan_is_told_what_would_be_one() {
        for text in [
            "", "5", "5,", "5,1.5s", "5,100ms", "-1,1s", "10s:5", "5,10s;",
        ] {
            let error = text.parse::<TestPlan>().expect_err(text).to_string();
            assert!(error.contains("ROOMS,DURATION"), "{error}");
        }
        assert_eq!(
            "0,5s".parse::<TestPlan>(),
            Err(NoTestPlan::Empty("0,5s".to_owned()))
        );
    }
}
