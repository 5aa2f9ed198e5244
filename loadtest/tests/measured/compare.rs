//! Comparisons find what changed, and hardly ever what did not.

mod losses;
mod noise;
mod refused;

use chat_loadtest::{
    compare::{Basis, CompareError, Comparison, Options, Row, Verdict, compare},
    measurement::{Load, Measurement, Pace, Second, ServerCost},
    metric::Metric,
    tally::Tally,
};
use rand::{RngExt, SeedableRng, rngs::SmallRng};

use crate::example;

/// A run of a minute whose times vary by a tenth, each second like the one before it, and from run to run by a
/// fiftieth.
fn run(p99_us: f64, lost: u64, seed: u64) -> Measurement {
    let mut random = SmallRng::seed_from_u64(seed);
    let mut normal = move || (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
    let of_run = 1.0 + 0.02 * normal();
    let mut tally = Tally::of(1);
    let mut state = normal();
    let mut seconds = Vec::new();
    for at in 0..60 {
        state = LIKE_BEFORE * state + (1.0 - LIKE_BEFORE * LIKE_BEFORE).sqrt() * normal();
        let p99 = p99_us * of_run * (1.0 + 0.1 * state);
        for share in 1..=100 {
            tally.record(Metric::SameProcess, (p99 * f64::from(share) / 99.0) as u64);
        }
        let delivered = (1000.0 + 10.0 * normal()) as u64;
        tally.counts.delivered += delivered;
        seconds.push(Second {
            at,
            delivered,
            p50_us: Some((p99 / 2.0) as u64),
            p99_us: Some(p99 as u64),
            ..Second::default()
        });
    }
    tally.counts.lost = lost;
    let load = Load {
        seed,
        ..example::load()
    };
    Measurement {
        runs: vec![seed.to_string()],
        load,
        tally,
        seconds,
        ..example::run()
    }
}

const LIKE_BEFORE: f64 = 0.4;

/// What [`run`] drew for the whole of a run.
fn of_run(seed: u64) -> f64 {
    let mut random = SmallRng::seed_from_u64(seed);
    1.0 + 0.02 * ((0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0)
}

fn runs(p99_us: f64, lost: u64, seeds: std::ops::Range<u64>) -> Vec<Measurement> {
    seeds.map(|seed| run(p99_us, lost, seed)).collect()
}

fn compared(before: &[Measurement], after: &[Measurement]) -> Comparison {
    compare(before, after, &Options::default()).unwrap()
}

fn row<'a>(comparison: &'a Comparison, figure: &str) -> &'a Row {
    comparison
        .rows
        .iter()
        .find(|row| row.figure == figure)
        .unwrap()
}

#[test]
fn a_comparison_can_be_written_and_read() {
    let comparison = compared(&runs(50_000.0, 0, 0..1), &runs(60_000.0, 40, 1..2));
    let json = serde_json::to_string(&comparison).unwrap();
    let read: Comparison = serde_json::from_str(&json).unwrap();
    assert_eq!(read.to_string(), comparison.to_string());
}
