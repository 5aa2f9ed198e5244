//! One row and one error as Locust's master reads them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rows::Row;

/// A row: `StatsEntry` of `locust/stats.py`. Times in milliseconds, moments in seconds since 1970.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The kind of request.
    pub name: String,
    /// Its method.
    pub method: String,
    /// When the last one was; nothing without any.
    pub last_request_timestamp: Option<f64>,
    /// Since when this counts.
    pub start_time: f64,
    /// How many, failed ones included.
    pub num_requests: u64,
    /// How many of them have no time.
    pub num_none_requests: u64,
    /// How many times something went wrong.
    pub num_failures: u64,
    /// The sum of all times.
    pub total_response_time: f64,
    /// The longest.
    pub max_response_time: f64,
    /// The shortest; nothing without any.
    pub min_response_time: Option<f64>,
    /// Bytes of all answers: not counted here.
    pub total_content_length: u64,
    /// Time, rounded to two digits → how many.
    pub response_times: BTreeMap<u64, u64>,
    /// Second since 1970 → how many.
    pub num_reqs_per_sec: BTreeMap<u64, u64>,
    /// Second since 1970 → how many failures.
    pub num_fail_per_sec: BTreeMap<u64, u64>,
}

/// An error: `StatsError` of `locust/stats.py`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// Of which kind of request.
    pub name: String,
    /// Its method.
    pub method: String,
    /// What went wrong.
    pub error: String,
    /// How often.
    pub occurrences: u64,
    /// When first.
    pub first_seen: Option<f64>,
    /// When last.
    pub last_seen: Option<f64>,
}

impl Entry {
    /// An empty row that counts since `epoch`.
    #[must_use]
    pub fn of(method: &str, name: &str, epoch: f64) -> Self {
        Self {
            name: name.to_owned(),
            method: method.to_owned(),
            last_request_timestamp: None,
            start_time: epoch,
            num_requests: 0,
            num_none_requests: 0,
            num_failures: 0,
            total_response_time: 0.0,
            max_response_time: 0.0,
            min_response_time: None,
            total_content_length: 0,
            response_times: BTreeMap::new(),
            num_reqs_per_sec: BTreeMap::new(),
            num_fail_per_sec: BTreeMap::new(),
        }
    }

    /// Adds what came in the second that ended at `epoch`.
    pub(super) fn adds(&mut self, row: &Row<'_>, epoch: f64) {
        let timed = row.times.map_or(0, crate::histogram::Times::count);
        if let Some(times) = row.times.filter(|_| timed > 0) {
            let (shortest, longest) = (times.min().map_or(0.0, ms), times.max().map_or(0.0, ms));
            self.min_response_time = Some(
                self.min_response_time
                    .map_or(shortest, |min| min.min(shortest)),
            );
            self.max_response_time = self.max_response_time.max(longest);
            for step in times.as_hdr().iter_recorded() {
                let (time, count) = (ms(step.value_iterated_to()), step.count_at_value());
                self.total_response_time += time * float(count);
                *self.response_times.entry(bucket(time)).or_default() += count;
            }
        }
        let requests = timed + row.untimed;
        if requests > 0 {
            self.num_requests += requests;
            self.num_none_requests += row.untimed;
            self.last_request_timestamp = Some(epoch);
            *self.num_reqs_per_sec.entry(second(epoch)).or_default() += requests;
        }
        let failures: u64 = row.errors.iter().map(|(_, count)| count).sum();
        if failures > 0 {
            self.num_failures += failures;
            *self.num_fail_per_sec.entry(second(epoch)).or_default() += failures;
        }
    }
}

impl Failure {
    /// One that has not occurred yet.
    #[must_use]
    pub fn of(method: &str, name: &str, error: &str, epoch: f64) -> Self {
        Self {
            name: name.to_owned(),
            method: method.to_owned(),
            error: error.to_owned(),
            occurrences: 0,
            first_seen: Some(epoch),
            last_seen: None,
        }
    }

    /// It occurred so many times in the second that ended at `epoch`.
    pub fn occurred(&mut self, times: u64, epoch: f64) {
        self.occurrences += times;
        self.last_seen = Some(epoch);
    }
}

/// Locust's `bucket_response_time`: whole milliseconds below 100, two digits above, halves to the even neighbour.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times are positive and at most an hour"
)]
pub(super) fn bucket(ms: f64) -> u64 {
    let unit = match ms {
        ms if ms < 100.0 => 1.0,
        ms if ms < 1_000.0 => 10.0,
        ms if ms < 10_000.0 => 100.0,
        _ => 1_000.0,
    };
    ((ms / unit).round_ties_even() * unit) as u64
}

fn ms(micros: u64) -> f64 {
    float(micros) / 1_000.0
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts and times are far below 2^53"
)]
fn float(count: u64) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a moment after 1970, in whole seconds"
)]
fn second(epoch: f64) -> u64 {
    epoch as u64
}
