//! The order of a run: rooms open, people speak, time is over; meanwhile it is seen what that costs.

use std::{sync::atomic::Ordering, time::Duration};

use tokio::task::JoinHandle;

use super::{Attack, Phase};
use crate::{
    clock::micros,
    cost::Sampler,
    device::Meter,
    measurement::{Device, ServerCost},
};

/// What the coordinator saw.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) device: Device,
    pub(super) servers: Vec<ServerCost>,
    /// The cores that each process of the server used, by second.
    pub(super) cores: Vec<(i64, Vec<f64>)>,
}

/// Waits until all rooms are open, lets them speak, and waits until the time is over; meanwhile it looks at what
/// that costs.
pub(super) async fn coordinates<T>(
    attack: &Attack,
    goose: &JoinHandle<T>,
    mut meter: Meter,
    mut costs: Sampler,
) -> Measured {
    let plan = &attack.plan;
    let mut ready = attack.ready.subscribe();
    let mut watch = tokio::time::interval(WATCH);
    let is_going_on = || !attack.stop.is_cancelled() && !goose.is_finished();
    while plan.test_plan.is_none() && *ready.borrow_and_update() < plan.load.rooms && is_going_on()
    {
        watch.tick().await;
    }
    let from = attack.clock.now() + HEAD_START;
    // Without a single room nothing is worth waiting for: why there is none has been complained of.
    let is_vain = plan.test_plan.is_none() && attack.opened.load(Ordering::Relaxed) == 0;
    let duration = plan.duration.unwrap_or(FOREVER);
    let until = from + if is_vain { 0 } else { micros(duration) };
    meter.starts_measuring();
    costs.starts_measuring().await;
    attack.phase.send_replace(Phase::Speaking { from, until });
    let mut cores = Vec::new();
    let mut next = from + SECOND;
    while attack.clock.now() < until && is_going_on() {
        watch.tick().await;
        if attack.clock.now() >= next {
            let second = i64::try_from((next - from) / SECOND).unwrap_or_default() - 1;
            cores.push((second, costs.sample().await));
            next += SECOND;
        }
    }
    // A run that was stopped spoke no longer than that.
    let until = attack.clock.now().min(until);
    attack.phase.send_replace(Phase::Speaking { from, until });
    let measured = Measured {
        device: meter.ends(&[], 0),
        servers: costs.end().await,
        cores,
    };
    // The users of a test plan would go on, and so would Goose with launching those that are missing; all others end
    // by themselves. An attack that is about to begin forgets that it was told.
    let goes_on = plan.test_plan.is_some() || *ready.borrow() < plan.load.rooms;
    while goes_on && attack.stop.is_cancelled() && !goose.is_finished() {
        goose::trigger_killswitch("the run was stopped");
        watch.tick().await;
    }
    measured
}

/// Between the decision to speak and the first message: time enough for every thread to hear of it.
const HEAD_START: u64 = 20_000;
const WATCH: Duration = Duration::from_millis(20);
const SECOND: u64 = 1_000_000;
/// Of a run that ends when it is told to: ten years, which every clock can add to its own time.
const FOREVER: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
