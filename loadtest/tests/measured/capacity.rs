//! The search for the capacity finds the knees of simulated servers, in the time it was given.

mod answers;
mod ending;
mod knees;
mod luck;
mod probes;

use std::{convert::Infallible, time::Duration};

use chat_loadtest::{
    capacity::{
        self, Answer, Asked, Broke, Finding, Limits, LimitsError, Observation, Outcome, Point,
        Purpose, Search, Step,
    },
    measurement::Measurement,
    metric::Metric,
    threshold::Thresholds,
    verdict::judge,
};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng, rngs::SmallRng};

use crate::example;

/// A server as queueing theory has it: 99 of 100 take base + ln(100) / (mu − load), as for an M/M/1 queue.
struct Server {
    mu: f64,
    /// Above that it loses messages.
    cliff: f64,
    /// Above that the device is too slow.
    device: f64,
    /// A time may be this share more or less.
    noise: f64,
    /// One probe in so many fails for no reason.
    hiccups: f64,
    random: SmallRng,
}

const BASE_S: f64 = 0.005;

const SLO_S: f64 = 0.250;

impl Server {
    fn with_knee(mu: f64) -> Self {
        Self {
            mu,
            cliff: f64::INFINITY,
            device: f64::INFINITY,
            noise: 0.0,
            hiccups: 0.0,
            random: SmallRng::seed_from_u64(7),
        }
    }

    /// The most it carries when every time is `factor` times as long.
    fn capacity(&self, factor: f64) -> f64 {
        self.mu - 100_f64.ln() / (SLO_S / factor - BASE_S)
    }

    fn probed(&mut self, load: f64) -> Observation {
        let served = load.min(self.mu * (1.0 - 1e-9));
        let noise = 1.0 + self.noise * self.random.random_range(-1.0..=1.0);
        let p99 = (BASE_S + 100_f64.ln() / (self.mu - served)) * noise;
        let lost = if load > self.cliff { 17 } else { 0 };
        let missed = |broke, limit: &str| Outcome::Missed {
            limit: limit.to_owned(),
            broke,
        };
        let outcome = if load > self.device {
            Outcome::Invalid {
                reason: "sent 12 ms late".to_owned(),
            }
        } else if self.random.random::<f64>() < self.hiccups {
            missed(Broke::Errors, "broken == 0: was 1")
        } else if lost > 0 {
            missed(Broke::Loss, "lost == 0: was 17")
        } else if load > self.mu || p99 > SLO_S {
            missed(Broke::Latency, "delivery p99 < 250ms")
        } else {
            Outcome::Met
        };
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a time"
        )]
        let micros = |s: f64| (s * 1e6) as u64;
        Observation {
            achieved: load,
            deliveries: (served * 10.0).round(),
            p50_us: Some(micros(p99 / 6.6)),
            p99_us: Some(micros(p99)),
            lost,
            servers: Vec::new(),
            outcome,
            took: PROBE,
        }
    }
}

const PROBE: Duration = Duration::from_secs(20);

fn unhurried() -> Limits {
    Limits {
        budget: PROBE * 100,
        ..Limits::default()
    }
}

/// The finding, with everything that was asked for it.
fn found(limits: Limits, server: &mut Server) -> (Finding, Vec<Asked>) {
    let most = limits.budget.as_secs() / limits.probe.as_secs();
    let mut search = Search::new(limits);
    let mut asked = Vec::new();
    loop {
        match search.next() {
            Step::Probe(next) => {
                assert!(
                    (asked.len() as u64) < most,
                    "more probes than there is time for"
                );
                asked.push(next);
                search.saw(next.load, server.probed(next.load));
            }
            Step::Done(finding) => return (*finding, asked),
        }
    }
}
