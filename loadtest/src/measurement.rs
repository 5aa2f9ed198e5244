//! What one run at one load has shown: the record that reports, limits, searches and comparisons read.

mod goose;

use serde::{Deserialize, Serialize};

pub use self::goose::{Goose, Rule};
use crate::{metric::Metric, tally::Tally};

/// One run: what was asked for, what came of it, and what it cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// Which runs these are: one, or those that were merged, each as the names of its rooms and its messages say it.
    pub runs: Vec<String>,
    /// What was asked for.
    pub load: Load,
    /// The targets, in the order of their numbers.
    pub targets: Vec<String>,
    /// When measuring began, in RFC 3339.
    pub began: String,
    /// How long was measured, in seconds: without the ramp before and the drain after.
    pub measured_s: f64,
    /// Everything in that time.
    pub tally: Tally,
    /// The same, second by second.
    pub seconds: Vec<Second>,
    /// How the device itself did.
    pub device: Device,
    /// What it cost the server, process by process, where that could be seen.
    #[serde(default)]
    pub servers: Vec<ServerCost>,
    /// Who took part in measuring, where there was more than one: the merged machines.
    #[serde(default)]
    pub workers: Vec<Worker>,
    /// What a reader has to know to read the figures rightly (what could not be told apart, what was cut short).
    #[serde(default)]
    pub remarks: Vec<String>,
}

/// The load of a run, as it was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// The scenario's name.
    pub scenario: String,
    /// Rooms.
    pub rooms: u32,
    /// Participants of each, each with a connection.
    pub members: u32,
    /// How many of them speak.
    pub senders: u32,
    /// Bytes of a message's content.
    pub payload: u32,
    /// When messages are due.
    pub pace: Pace,
    /// The seed of everything at random.
    pub seed: u64,
    /// How many processes the deployment has.
    pub processes: u32,
    /// A name for this deployment, for comparisons and scaling.
    #[serde(default)]
    pub label: Option<String>,
}

/// When messages are due.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "model", rename_all = "kebab-case")]
pub enum Pace {
    /// The open model: so many a second in all, at even distances, whatever the server does.
    Fixed {
        /// Messages a second.
        per_second: f64,
    },
    /// The open model: so many a second in all, as independent people would (exponential distances).
    Poisson {
        /// Messages a second.
        per_second: f64,
    },
    /// The closed model: in each room so many messages under way, each said again when it was heard.
    InFlight {
        /// Messages under way in each room.
        per_room: u32,
    },
    /// Nobody says anything.
    Silent,
}

/// One second of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Second {
    /// Which one: 0 is the first measured; those before are the ramp's, negative.
    pub at: i64,
    /// Messages due in it.
    pub due: u64,
    /// Messages sent in it.
    pub sent: u64,
    /// Deliveries to others.
    pub delivered: u64,
    /// Found lost, repeated, out of order or leaked in it.
    pub wrong: u64,
    /// REST requests answered in it.
    pub requests: u64,
    /// Connections open at its end.
    pub connections: u64,
    /// Delivery times of those delivered in it, in microseconds.
    pub p50_us: Option<u64>,
    /// 99 of 100 are no longer.
    pub p99_us: Option<u64>,
    /// The longest.
    pub max_us: Option<u64>,
    /// How late the device sent, 99 of 100.
    pub lateness_p99_us: Option<u64>,
    /// How much of its busiest core the device used, 0 to 1.
    pub device_busy: f64,
    /// How many cores each process of the server used, in the order of [`Measurement::servers`]; as long as one
    /// cannot be seen, what it used when it was seen last.
    pub server_cpu: Vec<f64>,
}

/// What came in one second, told while a run goes on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Interval {
    /// Which run, as the record will say.
    pub run: String,
    /// The second in short, as the record keeps it.
    pub second: Second,
    /// All that was counted and timed in it.
    pub tally: Tally,
    /// When measuring began, once it has, in RFC 3339: as the record will say.
    pub began: Option<String>,
}

/// How the device itself did: whether it was fit to measure.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Device {
    /// Threads that drove connections.
    pub threads: u32,
    /// CPU seconds that the whole device used while measuring.
    pub cpu_s: f64,
    /// The share of its time that the busiest thread was on a core, 0 to 1.
    pub busiest: f64,
    /// Resident memory at its highest, in bytes.
    pub memory: u64,
    /// Resident memory before the first connection, in bytes.
    pub memory_before: u64,
    /// Connections open at most.
    pub connections: u64,
    /// The machine: model of the processor, cores, memory.
    pub machine: String,
    /// Why the run is no measurement of the server; empty when it is one.
    pub invalid: Vec<String>,
    /// What Goose counted, to hold against our own counts, and what it judged.
    pub goose: Goose,
}

/// What a run cost one process of the server.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerCost {
    /// Which: a process id, or the URL of its metrics.
    pub name: String,
    /// CPU seconds used while measuring.
    pub cpu_s: f64,
    /// Resident memory at its highest while measuring, in bytes.
    pub memory: u64,
    /// Resident memory before the first connection, in bytes.
    pub memory_before: u64,
    /// The share of the time that its busiest thread was on a core, 0 to 1; where threads cannot be seen (behind a
    /// URL), how many cores the whole process used.
    pub busiest: f64,
    /// How many cores its control group lets it use, where that is limited and can be seen.
    pub quota: Option<f64>,
    /// Why there is less than that, if there is.
    pub remark: Option<String>,
}

/// How busy one process of the server was, on the average.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServerShare {
    /// Which: a process id, or the URL of its metrics.
    pub name: String,
    /// How many cores it used.
    pub cores: f64,
    /// The share of the time that its busiest thread was on a core ([`ServerCost::busiest`]).
    pub busiest: f64,
    /// How many cores it might use, where that was limited ([`ServerCost::quota`]).
    #[serde(default)]
    pub quota: Option<f64>,
}

/// One device among several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Worker {
    /// Its name.
    pub name: String,
    /// Messages it sent.
    pub sent: u64,
    /// Deliveries it judged.
    pub delivered: u64,
    /// How it ended, when not in order (`lost half-way, last heard of at second 14`).
    #[serde(default)]
    pub ended: Option<String>,
}

impl Measurement {
    /// Deliveries to others and own echoes, a second.
    #[must_use]
    pub fn deliveries_per_second(&self) -> f64 {
        per(self.heard(), self.measured_s)
    }

    /// Messages sent, a second.
    #[must_use]
    pub fn sent_per_second(&self) -> f64 {
        per(self.tally.counts.sent, self.measured_s)
    }

    /// Deliveries judged for each second of CPU the device used.
    #[must_use]
    pub fn deliveries_per_device_cpu_second(&self) -> f64 {
        per(self.heard(), self.device.cpu_s)
    }

    /// Deliveries for each second of CPU that all server processes used; `None` where that was not seen.
    #[must_use]
    pub fn deliveries_per_server_cpu_second(&self) -> Option<f64> {
        let cpu: f64 = self.servers.iter().map(|server| server.cpu_s).sum();
        (cpu > 0.0).then(|| per(self.heard(), cpu))
    }

    /// How busy each process of the server was that could be seen.
    #[must_use]
    pub fn server_shares(&self) -> Vec<ServerShare> {
        let seen = self.servers.iter().filter(|server| server.memory > 0);
        seen.map(|server| ServerShare {
            name: server.name.clone(),
            cores: if self.measured_s > 0.0 {
                server.cpu_s / self.measured_s
            } else {
                0.0
            },
            busiest: server.busiest,
            quota: server.quota,
        })
        .collect()
    }

    /// Whether the device was fit to measure.
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        self.device.invalid.is_empty()
    }

    /// Whether both have a run in common, whoever wrote them and in whatever else they were merged into.
    #[must_use]
    pub fn is_same_run(&self, other: &Self) -> bool {
        self.runs.iter().any(|run| other.runs.contains(run))
    }

    /// Frames heard that were deliveries, the senders' own included.
    #[must_use]
    pub const fn heard(&self) -> u64 {
        self.tally.counts.delivered + self.tally.counts.own_echoes
    }

    /// A quantile of a metric by the name that limits use: a [`Metric`]'s, `delivery`, or a REST request's.
    #[must_use]
    pub fn quantile(&self, name: &str, quantile: f64) -> Option<u64> {
        if name == "delivery" {
            return self.tally.delivery().at(quantile);
        }
        match Metric::ALL.iter().find(|metric| metric.name() == name) {
            Some(metric) => self.tally.times(*metric)?.at(quantile),
            None => self.tally.requests.get(name)?.times.at(quantile),
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of events are far below 2^53"
)]
fn per(count: u64, seconds: f64) -> f64 {
    if seconds > 0.0 {
        count as f64 / seconds
    } else {
        0.0
    }
}
