//! What was counted and timed: by one thread, in one second, or by all of them in a whole run. Tallies add up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{histogram::Times, metric::Metric};

/// Counts and times that add up without loss: of threads, of seconds, of machines.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    /// What happened to messages and connections.
    pub counts: Counts,
    /// The times, by kind; a kind without any is not there.
    pub times: BTreeMap<Metric, Times>,
    /// The REST requests, by name (`POST /api/login/`).
    pub requests: BTreeMap<String, Requests>,
    /// What came through each process, by its place among the targets.
    pub processes: Vec<Process>,
}

/// What happened to messages and connections. Every message that is owed to a connection ends in exactly one of
/// `own_echoes`, `delivered` and `lost`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Messages that were due by the timetable.
    pub due: u64,
    /// Messages sent.
    pub sent: u64,
    /// Messages that were due and could not be sent: the sender was not connected, its socket took nothing, or there
    /// was no room. By REST: not accepted.
    pub unsent: u64,
    /// Messages the server refused with an error frame.
    pub refused: u64,
    /// Deliveries to the sender's own connection.
    pub own_echoes: u64,
    /// Deliveries to other participants, each connection once.
    pub delivered: u64,
    /// Owed to a connection that was open all along, and not heard by the end of the drain.
    pub lost: u64,
    /// Heard after it had been given up as lost.
    pub too_late: u64,
    /// Heard again by a connection that had heard them.
    pub repeated: u64,
    /// Heard after a later message of the same sender.
    pub out_of_order: u64,
    /// Heard in a room they were not sent to.
    pub leaked: u64,
    /// Heard with another content or another sender than sent.
    pub altered: u64,
    /// Frames that are no messages of this run: other people's, or not understood.
    pub foreign: u64,
    /// Missed while not connected, and found in the history afterwards.
    pub caught_up: u64,
    /// Compared with the REST history at the end of the run.
    pub in_history: u64,
    /// Heard live or accepted, and missing in the history, or different there.
    pub missing_in_history: u64,
    /// Connections opened.
    pub connected: u64,
    /// Connections that were due and not opened: the handshake refused, failed or too late, or the room never there.
    pub connect_failures: u64,
    /// Connections that the server or the network ended.
    pub broken: u64,
    /// REST requests.
    pub requests: u64,
    /// REST requests without the expected answer.
    pub failed_requests: u64,
}

/// One kind of REST request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Requests {
    /// From the intended time to the end of the answer's body.
    pub times: Times,
    /// Those without the expected status: status → how many; 0 stands for no answer.
    pub failures: BTreeMap<u16, u64>,
}

/// What came through one process.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Process {
    /// Messages sent through it.
    pub sent: u64,
    /// Deliveries to others heard through it, in microseconds.
    pub heard: Times,
    /// Messages owed to its connections and not heard.
    pub lost: u64,
}

impl Tally {
    /// One for this many processes.
    #[must_use]
    pub fn of(processes: usize) -> Self {
        Self {
            processes: vec![Process::default(); processes],
            ..Self::default()
        }
    }

    /// Records a time of this kind, in microseconds.
    pub fn record(&mut self, metric: Metric, micros: u64) {
        self.times.entry(metric).or_default().record(micros);
    }

    /// The times of one kind.
    #[must_use]
    pub fn times(&self, metric: Metric) -> Option<&Times> {
        self.times.get(&metric)
    }

    /// Deliveries to other participants, whatever process they came through.
    #[must_use]
    pub fn delivery(&self) -> Times {
        let mut all = Times::new();
        for times in Metric::DELIVERY
            .iter()
            .filter_map(|metric| self.times.get(metric))
        {
            all.absorb(times);
        }
        all
    }

    /// Adds what another has counted and timed.
    pub fn absorb(&mut self, other: &Self) {
        self.counts.absorb(&other.counts);
        for (metric, times) in &other.times {
            self.times.entry(*metric).or_default().absorb(times);
        }
        for (name, requests) in &other.requests {
            let mine = self.requests.entry(name.clone()).or_default();
            mine.times.absorb(&requests.times);
            for (status, count) in &requests.failures {
                *mine.failures.entry(*status).or_default() += count;
            }
        }
        if self.processes.len() < other.processes.len() {
            self.processes
                .resize_with(other.processes.len(), Process::default);
        }
        for (mine, process) in self.processes.iter_mut().zip(&other.processes) {
            mine.sent += process.sent;
            mine.heard.absorb(&process.heard);
            mine.lost += process.lost;
        }
    }
}

macro_rules! counts {
    ($($name:ident),+ $(,)?) => {
        impl Counts {
            /// Adds another's.
            pub const fn absorb(&mut self, other: &Self) {
                $(self.$name += other.$name;)+
            }

            /// All of them by name, in the order of the reports.
            #[must_use]
            pub const fn by_name(&self) -> [(&'static str, u64); [$(stringify!($name)),+].len()] {
                [$((stringify!($name), self.$name)),+]
            }
        }
    };
}

counts! {
    due, sent, unsent, refused, own_echoes, delivered, lost, too_late, repeated, out_of_order, leaked, altered, foreign,
    caught_up, in_history, missing_in_history, connected, connect_failures, broken, requests, failed_requests,
}
