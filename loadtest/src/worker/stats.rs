//! A tally in Locust's terms: rows of requests and errors for its page, and beside them the tally itself, exactly.
//!
//! The rows have the form of `StatsEntry.serialize` and `StatsError.serialize` of Locust 2.47 (`locust/stats.py`):
//! times in milliseconds, two digits of them in the distribution.

mod entry;
mod rows;

use std::collections::BTreeMap;

use serde::Serialize;

pub use self::entry::{Entry, Failure};
use super::{engine::Begun, protocol::Users};
use crate::{
    measurement::{Interval, Load, Measurement, Second},
    tally::Tally,
};

/// The data of a `stats` message: what came since the last one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// A row for each kind of request.
    pub stats: Vec<Entry>,
    /// All rows in one.
    pub stats_total: Entry,
    /// What went wrong, by a key that is the same for the same thing.
    pub errors: BTreeMap<String, Failure>,
    /// Users of each class.
    pub user_classes_count: Users,
    /// Users of all classes.
    pub user_count: u64,
    /// The same, exactly; Locust hands it to whoever listens and does not look at it.
    pub chat_loadtest: Exact,
}

/// What our own listener on Locust's side gets. As JSON it is what the record of a run has under the same names.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Exact {
    /// Which run, once a second of it has come.
    pub runs: Vec<String>,
    /// What the run loads with.
    pub load: Option<Load>,
    /// Whom it loads.
    pub targets: Vec<String>,
    /// When measuring began; before it has, when the run was ordered.
    pub began: Option<String>,
    /// Measured in the whole run so far, the histograms in HdrHistogram's V2 format, base64. Not since the last
    /// report: so the master need not add up thousands of histograms a second, and a report that is lost with a
    /// connection is made good by the next.
    pub tally: Tally,
    /// The seconds since the last report, those of the ramp included, which are negative.
    pub seconds: Vec<Second>,
    /// The record of the whole run, once, at its end.
    pub measurement: Option<Box<Measurement>>,
    /// Whether the run is over, with a record or without.
    pub is_final: bool,
    /// Why the worker could not go on, if it could not.
    pub failed: Option<String>,
}

/// What came since the last report, until it is sent, and the tally of the run.
#[derive(Debug, Default)]
pub struct Gathered {
    runs: Vec<String>,
    begun: Option<Begun>,
    rows: BTreeMap<(String, String), Entry>,
    total: Option<Entry>,
    errors: BTreeMap<String, Failure>,
    tally: Tally,
    seconds: Vec<Second>,
}

impl Gathered {
    /// A run has begun, or goes on with another load. Its first seconds may have come before.
    pub fn begins(&mut self, begun: Begun) {
        self.begun = Some(begun);
    }

    /// Adds a second that ended at `epoch`, in seconds since 1970. Those of the ramp count, as in the record of the
    /// run: the connections are opened in them.
    pub fn adds(&mut self, interval: Interval, epoch: f64) {
        let Interval {
            run,
            second,
            tally,
            began,
        } = interval;
        self.runs = vec![run];
        if let (Some(begun), Some(began)) = (&mut self.begun, began) {
            begun.began = began;
        }
        let total = self
            .total
            .get_or_insert_with(|| Entry::of("", "Aggregated", epoch));
        for row in rows::rows(&tally) {
            self.rows
                .entry((row.method.to_owned(), row.name.to_owned()))
                .or_insert_with(|| Entry::of(row.method, row.name, epoch))
                .adds(&row, epoch);
            total.adds(&row, epoch);
            for (error, occurrences) in row.errors {
                self.errors
                    .entry(format!("{} {}: {error}", row.method, row.name))
                    .or_insert_with(|| Failure::of(row.method, row.name, &error, epoch))
                    .occurred(occurrences, epoch);
            }
        }
        self.tally.absorb(&tally);
        self.seconds.push(second);
    }

    /// What is to be reported at `epoch` of a worker with these users; begins anew.
    pub fn takes(&mut self, users: &Users, epoch: f64) -> Report {
        let fresh = Self {
            runs: self.runs.clone(),
            begun: self.begun.clone(),
            tally: std::mem::take(&mut self.tally),
            ..Self::default()
        };
        let gathered = std::mem::replace(self, fresh);
        let (load, targets, began) = match gathered.begun {
            Some(begun) => (Some(begun.load), begun.targets, Some(begun.began)),
            None => (None, Vec::new(), None),
        };
        Report {
            stats: gathered.rows.into_values().collect(),
            stats_total: gathered
                .total
                .unwrap_or_else(|| Entry::of("", "Aggregated", epoch)),
            errors: gathered.errors,
            user_classes_count: users.clone(),
            user_count: users.values().sum(),
            chat_loadtest: Exact {
                runs: gathered.runs,
                load,
                targets,
                began,
                tally: self.tally.clone(),
                seconds: gathered.seconds,
                measurement: None,
                is_final: false,
                failed: None,
            },
        }
    }

    /// The last report of a run, with its record where there is one, and the reason where it failed.
    pub fn ends(
        &mut self,
        measurement: Option<Measurement>,
        failed: Option<String>,
        epoch: f64,
    ) -> Report {
        // Without users: the run of this worker is over.
        let mut report = self.takes(&Users::new(), epoch);
        report.chat_loadtest.measurement = measurement.map(Box::new);
        report.chat_loadtest.is_final = true;
        report.chat_loadtest.failed = failed;
        *self = Self::default();
        report
    }
}

#[cfg(test)]
mod tests;
