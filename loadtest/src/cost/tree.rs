//! A process of this machine and all it has started, as `/proc` shows them.

use std::collections::HashMap;

use procfs::{
    ProcError,
    process::{Process, Stat},
    ticks_per_second,
};

use super::{Reading, quota};

/// A process and its descendants.
#[derive(Debug)]
pub(super) struct Tree {
    /// Held open, so that a process which gets the same id later is not taken for this one.
    root: Process,
    pid: u32,
    name: String,
    threads: HashMap<Thread, Ticks>,
}

/// (process, thread, when it began): ids come again.
type Thread = (i32, i32, u64);

#[derive(Debug, Clone, Copy)]
struct Ticks {
    before: u64,
    now: u64,
}

/// What the processes of a tree add up to.
#[derive(Debug, Default)]
struct Sum {
    ticks: u64,
    memory: u64,
}

impl Tree {
    /// The tree of this process.
    ///
    /// # Errors
    /// Why it cannot be seen, in words.
    pub(super) fn of(pid: u32) -> Result<Self, String> {
        let seen = || {
            let root = Process::new(i32::try_from(pid).unwrap_or(i32::MAX))?;
            let stat = root.stat()?;
            Ok((root, stat))
        };
        let (root, stat) = seen().map_err(|error| told(pid, &error))?;
        Ok(Self {
            root,
            pid,
            name: format!("pid {pid} ({})", stat.comm),
            threads: HashMap::new(),
        })
    }

    /// As `pid 4711 (daphne)`.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// CPU time in user and kernel mode of all living processes, and of those children that have ended and been
    /// waited for; the sum of their resident memory, in which pages that they share count for each.
    pub(super) fn reads(&mut self) -> Result<Reading, String> {
        let mut sum = Sum::default();
        let stat = self.root.stat().map_err(|error| told(self.pid, &error))?;
        if matches!(stat.state, 'Z' | 'X') {
            return Err(ended(self.pid));
        }
        sum.adds(&stat);
        let mut open = children(&self.root, &mut self.threads);
        while let Some(pid) = open.pop() {
            // One that has ended since is in its parent's account.
            let Ok(process) = Process::new(pid) else {
                continue;
            };
            let Ok(stat) = process.stat() else { continue };
            sum.adds(&stat);
            open.extend(children(&process, &mut self.threads));
        }
        // Converted once: a sum of fractions would seem to move when only its order does.
        Ok(Reading {
            cpu: seconds(sum.ticks),
            memory: sum.memory,
        })
    }

    /// How many cores it may use, if that is limited.
    pub(super) fn quota(&self) -> Option<f64> {
        quota::of(&self.root)
    }

    /// From here on the threads' time counts.
    pub(super) fn starts_measuring(&mut self) {
        for ticks in self.threads.values_mut() {
            ticks.before = ticks.now;
        }
    }

    /// CPU seconds of the thread that has used most since then.
    pub(super) fn busiest_thread(&self) -> f64 {
        let ticks = self
            .threads
            .values()
            .map(|ticks| ticks.now.saturating_sub(ticks.before));
        seconds(ticks.max().unwrap_or_default())
    }
}

/// The processes that its threads have started; takes their time on the way.
fn children(process: &Process, threads: &mut HashMap<Thread, Ticks>) -> Vec<i32> {
    let mut children = Vec::new();
    let tasks = process.tasks().into_iter().flatten().flatten();
    for task in tasks {
        if let Ok(stat) = task.stat() {
            let now = stat.utime + stat.stime;
            // One that was not there before has used nothing before.
            let thread = (task.pid, task.tid, stat.starttime);
            threads
                .entry(thread)
                .or_insert(Ticks { before: 0, now })
                .now = now;
        }
        let started = task.children().unwrap_or_default();
        children.extend(
            started
                .into_iter()
                .filter_map(|pid| i32::try_from(pid).ok()),
        );
    }
    children
}

impl Sum {
    fn adds(&mut self, stat: &Stat) {
        let waited_for = u64::try_from(stat.cutime + stat.cstime).unwrap_or_default();
        self.ticks += stat.utime + stat.stime + waited_for;
        self.memory += stat.rss * procfs::page_size();
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "ticks of 10 ms are far below 2^53"
)]
fn seconds(ticks: u64) -> f64 {
    ticks as f64 / ticks_per_second() as f64
}

fn told(pid: u32, error: &ProcError) -> String {
    match error {
        ProcError::NotFound(_) => ended(pid),
        ProcError::Io(error, _) if error.raw_os_error() == Some(NO_SUCH_PROCESS) => ended(pid),
        ProcError::PermissionDenied(_) => {
            format!("process {pid} is somebody else's, and this system shows it to nobody else")
        }
        error => format!("process {pid} cannot be read: {error}"),
    }
}

fn ended(pid: u32) -> String {
    format!("there is no process {pid} on this machine any more, or none that may be seen")
}

/// `ESRCH`: what reading a file of an ended process gives.
const NO_SUCH_PROCESS: i32 = 3;
