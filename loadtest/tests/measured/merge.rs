//! Merged runs are what one machine would have measured.

mod files;
mod refused;
mod whole;

use std::{fs, path::Path};

use chat_loadtest::{
    measurement::{Device, Measurement, Pace, Second, ServerCost},
    merge::{MergeError, merge},
    metric::Metric,
    record::{self, RecordError},
    tally::Tally,
};
use proptest::prelude::*;

use crate::example;

/// What one machine measured: these times, a message each.
fn part(times: &[u64]) -> Measurement {
    let mut tally = Tally::of(2);
    for (n, time) in times.iter().enumerate() {
        tally.record(Metric::SameProcess, *time);
        tally.record(Metric::FanOut, time.saturating_mul(2));
        tally.processes[n % 2].sent += 1;
        tally.processes[n % 2].heard.record(*time);
        let request = tally.requests.entry("GET /".to_owned()).or_default();
        request.times.record(*time);
        *request.failures.entry(500).or_default() += 1;
    }
    let heard = times.len() as u64;
    let counts = &mut tally.counts;
    (counts.sent, counts.delivered) = (heard, heard);
    (counts.requests, counts.failed_requests) = (heard, heard);
    Measurement {
        runs: vec![format!("{times:?}")],
        tally,
        ..example::run()
    }
}

fn named<const N: usize>(parts: [Measurement; N]) -> Vec<(String, Measurement)> {
    let names = (1..).map(|n| format!("w{n}.json"));
    names.zip(parts).collect()
}

/// Two parts that differ.
fn two() -> [Measurement; 2] {
    [part(&[1000, 2000]), part(&[3000])]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// Percentiles are those of the pooled samples, to the bucket, and so are counts, in whatever order.
    #[test]
    fn merged_is_pooled(samples in prop::collection::vec(prop::collection::vec(1_u64..10_000_000_000, 1..60), 1..6)) {
        let mut parts: Vec<_> = samples.iter().enumerate().map(|(n, times)| {
            let mut part = part(times);
            // Two machines may measure the same, but not be the same.
            part.runs = vec![n.to_string()];
            part.remarks.push(format!("This is machine {n}."));
            part.device.invalid.push(format!("{n} ms late"));
            if n % 2 == 1 {
                part.targets.reverse();
                part.tally.processes.reverse();
            }
            (format!("w{n}.json"), part)
        }).collect();
        let mut pooled = part(&[]).tally;
        for times in &samples {
            pooled.absorb(&part(times).tally);
        }
        let of_all: Vec<u64> = samples.concat();
        let mut at_once = part(&[]).tally;
        for time in &of_all {
            at_once.record(Metric::SameProcess, *time);
        }

        let whole = merge(parts.clone()).unwrap();
        prop_assert_eq!(&whole.tally, &pooled);
        prop_assert_eq!(whole.tally.times(Metric::SameProcess), at_once.times(Metric::SameProcess));
        prop_assert_eq!(whole.tally.counts.sent, of_all.len() as u64);
        for quantile in [0.0, 0.5, 0.9, 0.99, 0.999, 1.0] {
            prop_assert_eq!(whole.quantile("delivery", quantile), at_once.delivery().at(quantile));
        }

        parts.reverse();
        prop_assert_eq!(merge(parts).unwrap(), whole);
    }
}
