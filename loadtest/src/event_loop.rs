//! The threads that drive connections: each with its own rooms, its own recorder and nothing shared, so that
//! nothing is locked on the way of a frame.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    io,
    rc::Rc,
    thread,
};

use anyhow::{Context as _, anyhow};
use futures_util::future::LocalBoxFuture;
use rustix::time::{ClockId, clock_gettime};
use tokio::{
    runtime,
    sync::{mpsc, oneshot},
    task::{LocalSet, spawn_local},
};

use crate::{
    clock::Clock, metric::Metric, pace::Alarm, recorder::Recorder, room::Room, speaker::Speaker,
    tally::Tally,
};

/// A thread that drives connections.
#[derive(Debug)]
pub struct EventLoop {
    jobs: mpsc::UnboundedSender<Job>,
    thread: Option<thread::JoinHandle<()>>,
}

/// What lives on such a thread.
#[derive(Debug)]
pub struct Here {
    /// The run's clock.
    pub clock: Clock,
    /// What was counted since the last report.
    pub recorder: RefCell<Recorder>,
    /// The rooms of this thread, by number.
    pub rooms: RefCell<BTreeMap<u32, Rc<Room>>>,
    /// Who makes the rooms' messages due.
    pub speaker: Speaker,
    /// Connections open now.
    pub connections: Cell<u64>,
    /// When the next connection may be opened, in µs since the run's beginning.
    pub next_connect: Cell<u64>,
    reports: mpsc::UnboundedSender<Part>,
}

/// What one thread reports every second.
#[derive(Debug)]
pub struct Part {
    /// Which thread.
    pub thread: usize,
    /// Which second since the run's beginning.
    pub second: u64,
    /// What came in it.
    pub tally: Tally,
    /// Connections open at its end.
    pub connections: u64,
    /// CPU time that the thread used in it, in µs.
    pub cpu: u64,
}

type Job = Box<dyn FnOnce(Rc<Here>) -> LocalBoxFuture<'static, ()> + Send>;

impl EventLoop {
    /// Starts the thread of this number. Its reports end when it is dropped and its jobs are done.
    ///
    /// # Errors
    /// When the system has no thread or no event queue to give.
    pub fn start(
        number: usize,
        clock: Clock,
        processes: usize,
        reports: mpsc::UnboundedSender<Part>,
    ) -> io::Result<Self> {
        let (jobs, mut queue) = mpsc::unbounded_channel::<Job>();
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let thread = thread::Builder::new()
            .name(format!("connections-{number}"))
            .spawn(move || {
                let here = Rc::new(Here {
                    clock,
                    recorder: RefCell::new(Recorder::of(processes)),
                    rooms: RefCell::default(),
                    speaker: Speaker::default(),
                    connections: Cell::new(0),
                    next_connect: Cell::new(0),
                    reports,
                });
                let local = LocalSet::new();
                local.block_on(&runtime, async move {
                    spawn_local(reports_every_second(Rc::clone(&here), number));
                    spawn_local(crate::speaker::speaks(Rc::clone(&here)));
                    while let Some(job) = queue.recv().await {
                        spawn_local(job(Rc::clone(&here)));
                    }
                });
            })?;
        Ok(Self {
            jobs,
            thread: Some(thread),
        })
    }

    /// Runs something on the thread, beside everything else there, and waits for what it says.
    ///
    /// # Errors
    /// When the thread has ended.
    pub async fn run<T, F, Fut>(&self, job: F) -> anyhow::Result<T>
    where
        T: Send + 'static,
        F: FnOnce(Rc<Here>) -> Fut + Send + 'static,
        Fut: Future<Output = T> + 'static,
    {
        let (done, result) = oneshot::channel();
        let job: Job = Box::new(move |here| {
            let work = job(here);
            Box::pin(async move {
                // Whoever asked may have gone away meanwhile.
                let _ = done.send(work.await);
            })
        });
        self.jobs
            .send(job)
            .map_err(|_| anyhow!("a thread of the device has ended"))?;
        result.await.context("a thread of the device has ended")
    }
}

impl Drop for EventLoop {
    fn drop(&mut self) {
        // Without a sender the thread's loop ends, and its connections with it.
        self.jobs = mpsc::unbounded_channel().0;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Ticks a hundred times a second to see how late this thread is served, and reports once a second.
async fn reports_every_second(here: Rc<Here>, thread: usize) {
    let Ok(alarm) = Alarm::new() else { return };
    let mut due = here.clock.now() / SECOND * SECOND;
    // The second that is being counted. One that begins while this thread is held up is counted with the one before.
    let mut second = due / SECOND;
    let mut cpu = thread_cpu();
    loop {
        due += TICK;
        let now = here.clock.now();
        if alarm.waits(due.saturating_sub(now)).await.is_err() {
            return;
        }
        let now = here.clock.now();
        let lag = now.saturating_sub(due);
        here.recorder.borrow_mut().record(Metric::TickLag, lag);
        // What was missed is one long lag, not many short ones.
        due += lag / TICK * TICK;
        if due / SECOND > second {
            let rooms: Vec<_> = here.rooms.borrow().values().cloned().collect();
            for room in rooms {
                room.expires(now);
            }
            let used = thread_cpu();
            let part = Part {
                thread,
                second,
                tally: here.recorder.borrow_mut().take(),
                connections: here.connections.get(),
                cpu: used.saturating_sub(cpu),
            };
            cpu = used;
            second = due / SECOND;
            if here.reports.send(part).is_err() {
                return;
            }
        }
    }
}

impl Here {
    /// Hands over what has been counted since the last second.
    pub fn reports_now(&self, thread: usize) {
        let part = Part {
            thread,
            second: self.clock.now() / SECOND,
            tally: self.recorder.borrow_mut().take(),
            connections: self.connections.get(),
            cpu: 0,
        };
        // Without a listener nobody wants to know.
        let _ = self.reports.send(part);
    }
}

/// CPU time of the calling thread, in µs.
fn thread_cpu() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    u64::try_from(time.tv_sec).unwrap_or_default() * SECOND
        + u64::try_from(time.tv_nsec).unwrap_or_default() / 1_000
}

const SECOND: u64 = 1_000_000;
const TICK: u64 = 10_000;
