//! The catalogue of faults: what each breaks, which checks must notice, which may.

use std::{collections::BTreeMap, sync::LazyLock, time::Duration};

use chat_fixtures::{contract::Level, saboteur};
use serde::Deserialize;

use crate::check::{Check, Mark};

/// Every fault, and what is known of the checks that none turns red.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The faults, in the contract's order.
    #[serde(rename = "fault")]
    pub faults: Vec<Entry>,
    /// Checks that cost more than they tell of most faults: asked only of those they must notice. Flows and
    /// generated checks are so too: they use every part of the contract, and may notice anything.
    #[serde(default)]
    pub costly: Vec<String>,
    /// Costly checks that measure time: asked one by one, while no other fault is tried.
    #[serde(default)]
    pub timed: Vec<String>,
    /// Checks of `required` and `parity` clauses that no fault has to turn red, each with the reason.
    #[serde(default)]
    pub uncovered: BTreeMap<String, String>,
}

/// One fault, as the catalogue has it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// As `senders_do_not_hear_themselves`.
    pub name: String,
    /// What a server with this fault does, in one sentence.
    pub breaks: String,
    /// Who plays it.
    #[serde(rename = "where")]
    pub place: Place,
    /// The checks that turn red: an exact id this one, a pattern with `*` at least one of those it fits.
    pub must: Vec<String>,
    /// The checks that may turn red besides, because they use what is broken.
    #[serde(default)]
    pub may: Vec<String>,
    /// How long a frame that is due is waited for, in seconds, where a second would be too short.
    pub patience: Option<f64>,
    /// Whether it is much like another one, so that it is tried only when asked for.
    #[serde(default)]
    pub variant: bool,
}

/// Where a fault is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// By the proxy between client and server: [`saboteur`].
    Wire,
    /// Inside the Django app.
    Django,
    /// Around the server: in what joins its processes, or in its life.
    Outside,
}

/// The catalogue of this suite.
///
/// The file is part of the program, and a test proves that it is read; there is nobody to hand an error to.
pub fn catalogue() -> &'static Catalogue {
    static CATALOGUE: LazyLock<Catalogue> =
        LazyLock::new(|| toml::from_str(TEXT).unwrap_or_default());
    &CATALOGUE
}

impl Catalogue {
    /// What is wrong with it, held against the checks there are: a sentence each.
    pub fn problems(&self, checks: &[&Check]) -> Vec<String> {
        let mut problems = Vec::new();
        for entry in &self.faults {
            let name = &entry.name;
            if self
                .faults
                .iter()
                .filter(|other| other.name == *name)
                .count()
                > 1
            {
                problems.push(format!("{name}: there are two"));
            }
            if entry.place == Place::Wire && saboteur::fault(name).is_none() {
                problems.push(format!("{name}: the proxy knows no such fault"));
            }
            if entry.must.is_empty() {
                problems.push(format!("{name}: nothing must notice it"));
            }
            for pattern in entry.must.iter().chain(&entry.may) {
                if !checks.iter().any(|check| fits(pattern, &check.id())) {
                    problems.push(format!("{name}: there is no check {pattern}"));
                }
            }
        }
        for fault in saboteur::all() {
            if !self.faults.iter().any(|entry| entry.name == fault.name) {
                problems.push(format!("{}: is not in the catalogue", fault.name));
            }
        }
        for check in checks {
            let id = check.id();
            let excused = self.uncovered.contains_key(&id);
            if !excused && !self.covers(&id) && has_to_be_covered(check) {
                problems.push(format!("{id}: no fault has to turn it red"));
            } else if excused && self.covers(&id) {
                problems.push(format!("{id}: is covered, and listed as if it were not"));
            }
        }
        for pattern in self.costly.iter().chain(&self.timed) {
            if !checks.iter().any(|check| fits(pattern, &check.id())) {
                problems.push(format!("costly, timed: there is no check {pattern}"));
            }
        }
        for id in self.uncovered.keys() {
            if !checks.iter().any(|check| check.id() == *id) {
                problems.push(format!("{id}: there is no such check to be excused"));
            }
        }
        problems
    }

    /// Whether the check is asked only of the faults that it must notice.
    pub fn is_costly(&self, check: &Check) -> bool {
        let id = check.id();
        let plays_everything = check.is(Mark::Generated) || id.starts_with("FLOW-");
        plays_everything
            || check.is(Mark::Waits)
            || self.is_timed(check)
            || self.costly.iter().any(|pattern| fits(pattern, &id))
    }

    /// Whether the check measures time.
    pub fn is_timed(&self, check: &Check) -> bool {
        let id = check.id();
        self.timed.iter().any(|pattern| fits(pattern, &id))
    }

    /// Whether some fault names this check as one that must turn red.
    fn covers(&self, id: &str) -> bool {
        self.faults
            .iter()
            .filter(|entry| !entry.variant)
            .any(|entry| entry.must.iter().any(|must| must == id))
    }
}

impl Entry {
    /// What must be red and is not.
    pub fn missed(&self, reds: &[String]) -> Vec<&str> {
        let noticed = |must: &&String| !reds.iter().any(|red| fits(must, red));
        self.must
            .iter()
            .filter(noticed)
            .map(String::as_str)
            .collect()
    }

    /// What is red and has nothing to do with it.
    pub fn blamed(&self, reds: &[String]) -> Vec<String> {
        let strange = |red: &&String| {
            !self
                .must
                .iter()
                .chain(&self.may)
                .any(|known| fits(known, red))
        };
        reds.iter().filter(strange).cloned().collect()
    }

    /// Whether it says of this very check that it must turn red.
    pub fn needs(&self, id: &str) -> bool {
        self.must.iter().any(|pattern| fits(pattern, id))
    }

    /// How long a frame that is due is waited for.
    pub fn patience(&self) -> Duration {
        self.patience.map_or(PATIENCE, Duration::from_secs_f64)
    }
}

/// Whether the id is what the pattern says; `*` stands for any text.
pub fn fits(pattern: &str, id: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == id;
    };
    let Some(id) = id.strip_prefix(start) else {
        return false;
    };
    id.char_indices()
        .map(|(at, _)| at)
        .chain([id.len()])
        .any(|at| fits(rest, &id[at..]))
}

fn has_to_be_covered(check: &Check) -> bool {
    let level = check
        .clause()
        .map_or(Level::Required, |clause| clause.level);
    level != Level::Hardened
}

/// A frame that is due comes at once from a server that is otherwise sound.
const PATIENCE: Duration = Duration::from_millis(1000);
const TEXT: &str = include_str!("../faults.toml");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_what_it_says() {
        assert!(fits("WS-3/*", "WS-3/hears_own_message"));
        assert!(!fits("WS-3/*", "WS-30/hears_own_message"));
        assert!(fits("*/hears*message", "WS-3/hears_own_message"));
        assert!(fits("WS-3/hears", "WS-3/hears"));
        assert!(!fits("WS-3/hears", "WS-3/hears_own_message"));
    }

    #[test]
    fn what_must_be_red_is_missed_and_what_must_not_is_blamed() {
        let entry = Entry {
            name: "a".to_owned(),
            breaks: String::new(),
            place: Place::Wire,
            must: vec!["WS-3/*".to_owned(), "WS-4/a".to_owned()],
            may: vec!["HIST-*".to_owned()],
            patience: None,
            variant: false,
        };
        let reds = ["WS-3/b", "HIST-1/c", "REG-1/d"].map(str::to_owned);
        assert_eq!(entry.missed(&reds), ["WS-4/a"]);
        assert_eq!(entry.blamed(&reds), ["REG-1/d"]);
    }
}
