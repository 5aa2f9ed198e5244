//! One run at one load: Goose runs the users, the event loops drive their connections, and what both report
//! becomes a measurement.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, anyhow, bail};
use goose::{
    GooseAttack, GooseScheduler,
    client::GooseClientBuilder,
    config::{GooseConfiguration, GooseDefault, GooseDefaultType},
    metrics::GooseMetrics,
};
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    collector::{Collected, Collector},
    content::Run,
    door::Door,
    event_loop::EventLoop,
    measurement::{Device, Goose, Interval, Measurement, Pace},
    pace::Timetable,
    plan::Plan,
    rest::Books,
    scenario::{self, Kind},
};

/// What the users of a run share.
#[derive(Debug)]
pub struct Attack {
    /// What to do.
    pub plan: Plan,
    /// The run's clock.
    pub clock: Clock,
    /// Which run.
    pub run: Run,
    /// How to connect to each target.
    pub doors: Vec<Arc<Door>>,
    /// The threads that drive connections.
    pub loops: Vec<EventLoop>,
    /// What was requested by REST.
    pub books: Books,
    /// Told when the run ends early.
    pub stop: CancellationToken,
    phase: watch::Sender<Phase>,
    rooms: AtomicU32,
    ready: watch::Sender<u32>,
    complaint: Mutex<Option<String>>,
}

/// How far the run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Rooms are being opened.
    Opening,
    /// People speak, from and until these times (µs since the run's beginning).
    Speaking {
        /// When the first message may be due.
        from: u64,
        /// When the last message may be due.
        until: u64,
    },
}

/// Runs it. What comes in each second goes to `intervals` too; `stop` ends it early and in order.
///
/// # Errors
/// When nothing can be measured: no room could be opened, a thread or Goose could not start.
pub async fn run(
    plan: Plan,
    intervals: mpsc::Sender<Interval>,
    stop: CancellationToken,
) -> anyhow::Result<Measurement> {
    let kind = scenario::by_name(&plan.load.scenario)?;
    let memory_before = resident();
    let (parts, reports) = mpsc::unbounded_channel();
    let attack = Arc::new(Attack::prepares(plan, stop, &parts).await?);
    drop(parts);
    let collector = Collector::starts(Arc::clone(&attack), reports, intervals);
    let goose = tokio::spawn(goose_attack(&attack, kind)?.execute());
    let measured = speaks(&attack, &goose).await;
    let goose = goose.await.context("Goose's users")?;
    // Goose's Display leaves out what is wrong; its Debug says it.
    let goose = goose.map_err(|error| anyhow!("Goose: {error:?}"))?;
    for (number, event_loop) in attack.loops.iter().enumerate() {
        event_loop
            .run(move |here| async move { here.reports_now(number) })
            .await?;
    }
    let collected = collector.ends().await;
    let (began, measured) = measured?;
    if let (0, Some(complaint)) = (
        collected.tally.counts.connected + collected.tally.counts.requests,
        attack.complaint(),
    ) {
        bail!("{complaint}");
    }
    Ok(attack.measurement(collected, &goose, began, measured, memory_before))
}

impl Attack {
    async fn prepares(
        plan: Plan,
        stop: CancellationToken,
        parts: &mpsc::UnboundedSender<crate::event_loop::Part>,
    ) -> anyhow::Result<Self> {
        let clock = Clock::starts();
        let mut doors = Vec::new();
        for target in plan.targets.iter() {
            let secure = if target.is_secure {
                Some(plan.reach.client(&plan.bases())?.build()?)
            } else {
                None
            };
            let door = Door::of(Arc::clone(target), secure, clock, plan.timeout)
                .await
                .with_context(|| target.base.clone())?;
            doors.push(Arc::new(door));
        }
        let mut loops = Vec::new();
        for number in 0..plan.threads.get() {
            let event_loop = EventLoop::start(number, clock, plan.known_processes(), parts.clone())
                .context("a thread for connections")?;
            loops.push(event_loop);
        }
        Ok(Self {
            run: Run(SmallRng::from_rng(&mut rand::rng()).random()),
            clock,
            doors,
            loops,
            books: Books::default(),
            stop,
            phase: watch::Sender::new(Phase::Opening),
            rooms: AtomicU32::new(0),
            ready: watch::Sender::new(0),
            complaint: Mutex::new(None),
            plan,
        })
    }

    /// The number of the next user of Goose, which is the number of its room.
    pub fn next_room(&self) -> u32 {
        self.rooms.fetch_add(1, Ordering::Relaxed)
    }

    /// The thread that drives a room.
    #[must_use]
    pub fn event_loop(&self, room: u32) -> Option<&EventLoop> {
        self.loops.get(room as usize % self.loops.len().max(1))
    }

    /// A user is ready to speak, or will never be.
    pub fn is_ready(&self) {
        self.ready.send_modify(|ready| *ready += 1);
    }

    /// Remembers why something could not be done, for the case that nothing can.
    pub fn complains(&self, complaint: String) {
        let mut first = self
            .complaint
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(complaint);
    }

    /// Waits until people speak; says from and until when.
    pub async fn speaking(&self) -> (u64, u64) {
        let mut phase = self.phase.subscribe();
        loop {
            if let Phase::Speaking { from, until } = *phase.borrow_and_update() {
                return (from, until);
            }
            if phase.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// When people speak, if they do yet.
    #[must_use]
    pub fn speaks(&self) -> Option<(u64, u64)> {
        match *self.phase.borrow() {
            Phase::Opening => None,
            Phase::Speaking { from, until } => Some((from, until)),
        }
    }

    /// The timetable of a room's messages, from this time on; `None` where nothing is due by itself.
    #[must_use]
    pub fn timetable(&self, room: u32, from: u64) -> Option<Timetable> {
        let load = &self.plan.load;
        let rooms = f64::from(load.rooms.max(1));
        match load.pace {
            Pace::Fixed { per_second } if per_second > 0.0 => Some(Timetable::fixed(
                per_second / rooms,
                from,
                f64::from(room) / rooms,
            )),
            Pace::Poisson { per_second } if per_second > 0.0 => Some(Timetable::poisson(
                per_second / rooms,
                from,
                load.seed ^ u64::from(room),
            )),
            _ => None,
        }
    }

    /// Waits until the time for speaking is over, or the run is stopped.
    pub async fn is_over(&self) {
        let over = async {
            let (_, until) = self.speaking().await;
            tokio::time::sleep_until(self.clock.instant(until).into()).await;
        };
        tokio::select! {
            () = over => {}
            () = self.stop.cancelled() => {}
        }
    }

    fn complaint(&self) -> Option<String> {
        self.complaint
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn measurement(
        &self,
        collected: Collected,
        goose: &GooseMetrics,
        began: time::OffsetDateTime,
        measured: Measured,
        memory_before: u64,
    ) -> Measurement {
        let (from, until) = self.speaks().unwrap_or_default();
        let seconds =
            Duration::from_micros(measured.until.min(until).saturating_sub(from)).as_secs_f64();
        let device = Device {
            threads: u32::try_from(self.loops.len()).unwrap_or(u32::MAX),
            cpu_s: measured.cpu,
            busiest: collected.busiest,
            memory: resident(),
            memory_before,
            connections: collected.connections,
            machine: String::new(),
            invalid: Vec::new(),
            goose: counted_by(goose),
        };
        Measurement {
            load: self.plan.load.clone(),
            targets: self
                .plan
                .targets
                .iter()
                .map(|target| target.base.clone())
                .collect(),
            began: began
                .format(&time::format_description::well_known::Rfc3339)
                .unwrap_or_default(),
            measured_s: seconds,
            tally: collected.tally,
            seconds: collected.seconds,
            device,
            servers: Vec::new(),
            workers: Vec::new(),
            remarks: Vec::new(),
        }
    }
}

/// What the coordinator saw.
#[derive(Debug, Clone, Copy)]
struct Measured {
    /// CPU seconds of the whole process while people spoke.
    cpu: f64,
    /// When it was over, in µs since the run's beginning.
    until: u64,
}

/// Waits until all rooms are open, lets them speak, and waits until the time is over.
async fn speaks<T>(
    attack: &Attack,
    goose: &tokio::task::JoinHandle<T>,
) -> anyhow::Result<(time::OffsetDateTime, Measured)> {
    let users = attack.plan.load.rooms;
    let mut ready = attack.ready.subscribe();
    let mut watch = tokio::time::interval(Duration::from_millis(50));
    while *ready.borrow_and_update() < users && !attack.stop.is_cancelled() && !goose.is_finished()
    {
        tokio::select! {
            changed = ready.changed() => changed?,
            () = attack.stop.cancelled() => {}
            _ = watch.tick() => {}
        }
    }
    let from = attack.clock.now() + HEAD_START;
    let until = from + crate::clock::micros(attack.plan.duration);
    let began = time::OffsetDateTime::now_utc();
    let cpu = cpu_seconds();
    attack.phase.send_replace(Phase::Speaking { from, until });
    let end = tokio::time::Instant::from_std(attack.clock.instant(until));
    while tokio::time::Instant::now() < end && !attack.stop.is_cancelled() && !goose.is_finished() {
        tokio::select! {
            () = tokio::time::sleep_until(end) => {}
            () = attack.stop.cancelled() => {}
            _ = watch.tick() => {}
        }
    }
    Ok((
        began,
        Measured {
            cpu: cpu_seconds() - cpu,
            until: attack.clock.now(),
        },
    ))
}

/// Goose, set up for the run: quiet, without files of its own, one iteration of each user.
fn goose_attack(attack: &Arc<Attack>, kind: &Kind) -> anyhow::Result<GooseAttack> {
    let plan = &attack.plan;
    let users = plan.load.rooms as usize;
    let host = plan
        .targets
        .first()
        .map_or("", |target| target.base.as_str());
    let scenario = (kind.scenario)(attack);
    let client = GooseClientBuilder::new()
        .without_cookies()
        .timeout(plan.timeout)
        .user_agent(concat!("chat-loadtest/", env!("CARGO_PKG_VERSION")));
    let goose = GooseAttack::initialize_with_config(GooseConfiguration::default())?
        .set_scheduler(GooseScheduler::Serial)
        .register_scenario(scenario)
        .set_client_builder_without_cookies(client)?
        .set_default(GooseDefault::Host, host)?
        .set_default(GooseDefault::Users, users)?
        .set_default(GooseDefault::IncreaseRate, plan.ramp.to_string().as_str())?
        .set_default(GooseDefault::Iterations, 1)?
        .set_default(GooseDefault::NoPrintMetrics, true)?
        .set_default(GooseDefault::NoTelnet, true)?
        .set_default(GooseDefault::Quiet, 2)?;
    Ok(*goose)
}

fn counted_by(metrics: &GooseMetrics) -> Goose {
    Goose {
        users: metrics.total_users as u64,
        requests: metrics
            .requests
            .iter()
            .map(|(name, request)| {
                (
                    name.clone(),
                    (request.success_count + request.fail_count) as u64,
                )
            })
            .collect(),
    }
}

/// Resident memory of this process, in bytes; 0 where it cannot be told.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.unwrap_or_default() * 1024
}

/// CPU seconds of this process so far.
fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or_default(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
    .as_secs_f64()
}

/// Between the decision to speak and the first message: time enough for every thread to hear of it.
const HEAD_START: u64 = 20_000;
