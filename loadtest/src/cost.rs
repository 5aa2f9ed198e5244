//! What a load costs the server: CPU and memory of its processes, seen from outside while it goes on.
//!
//! A process of this machine is read from `/proc` (proc(5)), with all the processes it has started; one elsewhere
//! tells its own figures in Prometheus' text format, under the names that Prometheus' client libraries agree on
//! (<https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics>).

mod bottleneck;
mod exporter;
mod exposition;
mod quota;
mod tree;

use std::time::Instant;

use chat_fixtures::reach::Reach;
use futures_util::future::join_all;
use url::Url;

pub use self::bottleneck::{Bottleneck, bottleneck};
use self::{exporter::Exporter, tree::Tree};
use crate::measurement::ServerCost;

/// Where the figures of one process of the server come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A process of this machine, with all it has started.
    Pid(u32),
    /// The URL of its metrics.
    Metrics(Url),
}

/// Looks at the server's processes once a second.
#[derive(Debug)]
pub struct Sampler(Vec<Watched>);

#[derive(Debug)]
struct Watched {
    view: Option<View>,
    /// It can be seen no more, or never could.
    is_over: bool,
    last: Option<Reading>,
    read_at: Instant,
    /// When measuring began: the CPU from here on counts.
    since: Instant,
    /// Of the last two readings.
    cores: f64,
    cost: ServerCost,
}

#[derive(Debug)]
enum View {
    Tree(Tree),
    Exporter(Exporter),
}

/// What one look has shown.
#[derive(Debug, Default, Clone)]
struct Reading {
    /// CPU seconds since the process began.
    cpu: f64,
    /// Resident memory, in bytes.
    memory: u64,
}

impl Sampler {
    /// Looks for the first time, before the first connection is opened. What cannot be seen gets a remark in its
    /// cost ([`complaint`](Self::complaint)): a run that has begun does not fail for it. To a metrics URL `reach` lends its trust, and neither headers nor proxy.
    pub async fn begin(sources: &[Source], reach: &Reach) -> Self {
        let mut watched: Vec<_> = sources
            .iter()
            .map(|source| Watched::of(source, reach))
            .collect();
        join_all(watched.iter_mut().map(Watched::looks)).await;
        for one in &mut watched {
            one.cost.memory_before = one.last.as_ref().map_or(0, |reading| reading.memory);
        }
        Self(watched)
    }

    /// The first of them that cannot be seen, and why.
    #[must_use]
    pub fn complaint(&self) -> Option<String> {
        self.0.iter().find_map(|one| {
            let remark = one.cost.remark.as_ref()?;
            Some(format!("{}: {remark}", one.cost.name))
        })
    }

    /// Measuring begins: what was used before does not count.
    pub async fn starts_measuring(&mut self) {
        join_all(self.0.iter_mut().map(Watched::looks)).await;
        for one in &mut self.0 {
            one.starts_measuring();
        }
    }

    /// Looks again: how many cores each has used since the last time, in the order of the sources. One that cannot
    /// be seen just now is said to use what it used when it was seen last, one that has ended nothing.
    pub async fn sample(&mut self) -> Vec<f64> {
        join_all(self.0.iter_mut().map(Watched::looks)).await;
        self.0.iter().map(|one| one.cores).collect()
    }

    /// Looks for the last time, at the end of measuring: what it has cost.
    pub async fn end(mut self) -> Vec<ServerCost> {
        join_all(self.0.iter_mut().map(Watched::looks)).await;
        self.0.into_iter().map(Watched::ends).collect()
    }
}

impl Watched {
    fn of(source: &Source, reach: &Reach) -> Self {
        let (name, view) = match source {
            Source::Pid(pid) => match Tree::of(*pid) {
                Ok(tree) => (tree.name().to_owned(), Ok(View::Tree(tree))),
                Err(reason) => (format!("pid {pid}"), Err(reason)),
            },
            Source::Metrics(url) => {
                let view = Exporter::of(url, reach).map(View::Exporter);
                (exporter::shown(url), view)
            }
        };
        let (view, remark) = match view {
            Ok(view) => (Some(view), None),
            Err(reason) => (None, Some(reason)),
        };
        let now = Instant::now();
        Self {
            cost: ServerCost {
                name,
                remark,
                ..ServerCost::default()
            },
            is_over: view.is_none(),
            view,
            last: None,
            read_at: now,
            since: now,
            cores: 0.0,
        }
    }

    async fn looks(&mut self) {
        if self.is_over {
            return;
        }
        let looked = match &mut self.view {
            Some(View::Tree(tree)) => tree.reads(),
            Some(View::Exporter(exporter)) => exporter.reads().await,
            None => return,
        };
        match looked {
            Ok(reading) => self.takes(reading, Instant::now()),
            Err(reason) => self.misses(reason),
        }
    }

    fn takes(&mut self, reading: Reading, at: Instant) {
        if let Some(last) = &self.last {
            // Less than before: it was restarted, or one of its children ended unseen. What came after is lost in
            // that second, not the count of all others.
            let used = (reading.cpu - last.cpu).max(0.0);
            let elapsed = at.duration_since(self.read_at).as_secs_f64();
            self.cost.cpu_s += used;
            self.cores = if elapsed > 0.0 {
                used / elapsed
            } else {
                self.cores
            };
        }
        self.cost.memory = self.cost.memory.max(reading.memory);
        self.last = Some(reading);
        self.read_at = at;
    }

    fn misses(&mut self, reason: String) {
        // The first reason tells most: what follows is often its consequence.
        self.cost.remark.get_or_insert_with(|| {
            let seconds = self.since.elapsed().as_secs();
            match self.last {
                Some(_) => format!(
                    "{reason}, {seconds} s into the run: what it used after that is not counted"
                ),
                None => reason,
            }
        });
        // A process that has ended stays so; an exporter may have been too busy to answer once.
        if let Some(View::Tree(_)) = self.view {
            self.is_over = true;
            self.cores = 0.0;
        }
    }

    fn starts_measuring(&mut self) {
        self.since = Instant::now();
        self.cost.cpu_s = 0.0;
        self.cost.memory = self.last.as_ref().map_or(0, |reading| reading.memory);
        if let Some(View::Tree(tree)) = &mut self.view {
            self.cost.quota = tree.quota();
            tree.starts_measuring();
        }
    }

    fn ends(mut self) -> ServerCost {
        let measured = self
            .read_at
            .saturating_duration_since(self.since)
            .as_secs_f64();
        let used = match &self.view {
            Some(View::Tree(tree)) => tree.busiest_thread(),
            _ => self.cost.cpu_s,
        };
        if measured > 0.0 {
            self.cost.busiest = used / measured;
        }
        self.cost
    }
}
