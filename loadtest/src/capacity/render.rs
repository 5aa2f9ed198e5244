//! A finding as text: the answer first, then every load that was asked for.

use std::fmt;

use super::{Asked, Finding, Observation, Outcome, Point, Purpose, finding::amount};

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.purpose {
            Purpose::Ramp => "trying",
            Purpose::Bisect => "narrowing down",
            Purpose::StepDown => "a step down",
            Purpose::Confirm => "confirming",
        };
        write!(f, "{what}: {:.0} messages a second", self.load)
    }
}

impl fmt::Display for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            Outcome::Met => f.write_str("held"),
            Outcome::Missed { limit, .. } => write!(f, "missed: {limit}"),
            Outcome::Invalid { reason } => write!(f, "the device was too slow: {reason}"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.sentence)?;
        if let Some(knee) = &self.knee {
            writeln!(
                f,
                "Above {} messages a second deliveries take longer: p99 {} ms there, {} ms at rest.",
                amount(knee.load),
                millis(knee.p99_us),
                millis(knee.floor_us)
            )?;
        }
        for remark in &self.remarks {
            writeln!(f, "{remark}")?;
        }
        writeln!(f)?;
        writeln!(
            f,
            "{:>10}  {:>10}  {:>12}  {:>9}  {:>9}  {:>6}  outcome",
            "load/s", "sent/s", "deliveries/s", "p50 ms", "p99 ms", "lost"
        )?;
        let mut by_load: Vec<&Point> = self.curve.iter().collect();
        by_load.sort_by(|a, b| a.load.total_cmp(&b.load));
        for point in by_load {
            let time = |us: Option<u64>| us.map_or_else(|| "-".to_owned(), millis);
            write!(
                f,
                "{:>10}  {:>10}  {:>12.0}  {:>9}  {:>9}  {:>6}  {}",
                amount(point.load),
                amount(point.achieved),
                point.deliveries,
                time(point.p50_us),
                time(point.p99_us),
                point.lost,
                point.outcome.word()
            )?;
            match &point.outcome {
                Outcome::Met => writeln!(f)?,
                Outcome::Missed { limit: why, .. } | Outcome::Invalid { reason: why } => {
                    writeln!(f, ": {why}")?;
                }
            }
        }
        write!(f, "\n{} probes in {:.0} s", self.curve.len(), self.took_s)
    }
}

/// Milliseconds with a digit that matters.
fn millis(us: u64) -> String {
    format!("{}.{}", us / 1000, us % 1000 / 100)
}
