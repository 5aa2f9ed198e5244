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
use time::format_description::well_known::Rfc3339;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    clock::{Clock, micros},
    collector::{Collected, Collector},
    content::Run,
    cost::Sampler,
    device::{self, Meter, Rules, validity},
    door::Door,
    event_loop::EventLoop,
    measurement::{Device, Goose, Interval, Measurement, Pace, ServerCost},
    pace::Timetable,
    plan::{Plan, Watch},
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
    watch: Watch,
    intervals: mpsc::Sender<Interval>,
    stop: CancellationToken,
) -> anyhow::Result<Measurement> {
    let kind = scenario::by_name(&plan.load.scenario)?;
    let meter = Meter::begins();
    let costs = Sampler::begin(&watch.sources, &watch.reach).await;
    let (parts, reports) = mpsc::unbounded_channel();
    let attack = Arc::new(Attack::prepares(plan, stop, &parts).await?);
    drop(parts);
    let collector = Collector::starts(Arc::clone(&attack), reports, intervals);
    let goose = tokio::spawn(goose_attack(&attack, kind)?.execute());
    let measured = coordinates(&attack, &goose, meter, costs).await;
    let goose = goose.await.context("Goose's users")?;
    // Goose's Display leaves out what is wrong; its Debug says it.
    let goose = goose.map_err(|error| anyhow!("Goose: {error:?}"))?;
    for (number, event_loop) in attack.loops.iter().enumerate() {
        event_loop
            .run(move |here| async move { here.reports_now(number) })
            .await?;
    }
    let collected = collector.ends().await;
    let counts = &collected.tally.counts;
    if let (0, Some(complaint)) = (counts.connected + counts.sent, attack.complaint())
        && counts.requests == counts.failed_requests
    {
        bail!("{complaint}");
    }
    Ok(attack.measurement(collected, &goose, measured, &watch.rules))
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

    /// When measuring began, if it has, in RFC 3339.
    #[must_use]
    pub fn began(&self) -> Option<String> {
        let (from, _) = self.speaks()?;
        self.clock.wall(from).format(&Rfc3339).ok()
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
                f64::from(room % load.rooms.max(1)) / rooms,
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
        measured: Measured,
        rules: &Rules,
    ) -> Measurement {
        let (from, until) = self.speaks().unwrap_or_default();
        let spoken = until.saturating_sub(from);
        let mut device = Device {
            connections: collected.connections,
            busiest: collected.busiest,
            threads: u32::try_from(self.loops.len()).unwrap_or(u32::MAX),
            goose: counted_by(goose),
            ..measured.device
        };
        device.invalid = validity(&collected.tally, &device, rules);
        let mut remarks = device::remarks(&device, self.plan.load.pace);
        remarks.extend(
            self.complaint()
                .map(|complaint| format!("the first complaint: {complaint}")),
        );
        let mut seconds = collected.seconds;
        for (second, cores) in measured.cores {
            if let Some(found) = seconds.iter_mut().find(|found| found.at == second) {
                found.server_cpu = cores;
            }
        }
        Measurement {
            load: self.plan.load.clone(),
            targets: self.plan.bases().into_iter().map(str::to_owned).collect(),
            began: self.began().unwrap_or_default(),
            measured_s: Duration::from_micros(spoken).as_secs_f64(),
            tally: collected.tally,
            seconds,
            device,
            servers: measured.servers,
            workers: Vec::new(),
            remarks,
        }
    }
}

/// What the coordinator saw.
#[derive(Debug)]
struct Measured {
    device: Device,
    servers: Vec<ServerCost>,
    /// The cores that each process of the server used, by second.
    cores: Vec<(i64, Vec<f64>)>,
}

/// Waits until all rooms are open, lets them speak, and waits until the time is over; meanwhile it looks at what
/// that costs.
async fn coordinates<T>(
    attack: &Attack,
    goose: &tokio::task::JoinHandle<T>,
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
    let until = from + micros(plan.duration.unwrap_or(FOREVER));
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
    // The users of a test plan would go on; others end by themselves. An attack that is about to begin forgets
    // that it was told.
    while plan.test_plan.is_some() && attack.stop.is_cancelled() && !goose.is_finished() {
        goose::trigger_killswitch("the run was stopped");
        watch.tick().await;
    }
    measured
}

/// Goose, set up for the run: quiet, without files of its own, one iteration of each user.
fn goose_attack(attack: &Arc<Attack>, kind: &Kind) -> anyhow::Result<GooseAttack> {
    let plan = &attack.plan;
    let host = plan
        .targets
        .first()
        .map_or("", |target| target.base.as_str());
    let scenario = (kind.scenario)(attack);
    let client = GooseClientBuilder::new()
        .without_cookies()
        .timeout(plan.timeout)
        .user_agent(concat!("chat-loadtest/", env!("CARGO_PKG_VERSION")));
    let mut configuration = GooseConfiguration::default();
    configuration.accept_invalid_certs = plan.reach.insecure;
    let goose = GooseAttack::initialize_with_config(configuration)?
        .set_scheduler(GooseScheduler::Serial)
        .register_scenario(scenario)
        .set_client_builder_without_cookies(client)?
        .set_default(GooseDefault::Host, host)?
        .set_default(GooseDefault::NoPrintMetrics, true)?
        .set_default(GooseDefault::NoTelnet, true)?
        .set_default(GooseDefault::Quiet, 2)?;
    let goose = plan
        .goose_thresholds
        .iter()
        .try_fold(goose, |goose, rule| {
            goose.set_default(GooseDefault::Threshold, rule.as_str())
        })?;
    let goose = match &plan.test_plan {
        Some(steps) => goose.set_default(GooseDefault::TestPlan, steps.to_string().as_str())?,
        None => goose
            .set_default(GooseDefault::Users, plan.load.rooms as usize)?
            .set_default(GooseDefault::IncreaseRate, plan.ramp.to_string().as_str())?
            .set_default(GooseDefault::Iterations, 1)?,
    };
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

/// Between the decision to speak and the first message: time enough for every thread to hear of it.
const HEAD_START: u64 = 20_000;
const WATCH: Duration = Duration::from_millis(20);
const SECOND: u64 = 1_000_000;
/// Of a run that ends when it is told to: ten years, which every clock can add to its own time.
const FOREVER: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
