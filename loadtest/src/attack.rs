//! One run at one load: Goose runs the users, the event loops drive their connections, and what both report
//! becomes a measurement.

mod coordinator;
mod users;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, bail};
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use time::format_description::well_known::Rfc3339;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use self::coordinator::{Measured, coordinates};
use crate::{
    clock::Clock,
    collector::{Collected, Collector},
    content::Run,
    cost::Sampler,
    device::{self, Meter, Rules, validity},
    door::Door,
    event_loop::EventLoop,
    measurement::{Device, Goose, Interval, Measurement, Pace},
    pace::Timetable,
    plan::{Plan, Watch},
    rest::Books,
    scenario,
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
    opened: AtomicU32,
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
    let users = tokio::spawn(users::of(&attack, kind)?.execute());
    let measured = coordinates(&attack, &users, meter, costs).await;
    let counted = users::counted(users.await.context("Goose's users")?)?;
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
    Ok(attack.measurement(collected, counted, measured, &watch.rules))
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
            opened: AtomicU32::new(0),
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

    /// A room is there.
    pub fn is_opened(&self) {
        self.opened.fetch_add(1, Ordering::Relaxed);
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
        counted: Goose,
        measured: Measured,
        rules: &Rules,
    ) -> Measurement {
        let (from, until) = self.speaks().unwrap_or_default();
        let spoken = until.saturating_sub(from);
        let mut device = Device {
            connections: collected.connections,
            busiest: collected.busiest,
            threads: u32::try_from(self.loops.len()).unwrap_or(u32::MAX),
            goose: counted,
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
            runs: vec![self.run.to_string()],
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
