//! One thread's counts and times of the current interval, quick enough for every delivery.

use crate::{
    histogram::Times,
    metric::Metric,
    tally::{Counts, Process, Tally},
};

/// Counts and times since the last [`Recorder::take`]. One per thread, not per connection: a histogram is 180 KiB.
#[derive(Debug)]
pub struct Recorder {
    /// What happened to messages and connections.
    pub counts: Counts,
    times: [Option<Box<Times>>; Metric::ALL.len()],
    processes: Vec<Process>,
}

/// The process a connection goes through, by its place among the targets; `None` behind a balancer.
pub type Place = Option<u16>;

impl Recorder {
    /// One for a deployment of so many known processes.
    #[must_use]
    pub fn of(processes: usize) -> Self {
        Self {
            counts: Counts::default(),
            times: [const { None }; Metric::ALL.len()],
            processes: Tally::of(processes).processes,
        }
    }

    /// Records a time of this kind, in microseconds.
    pub fn record(&mut self, metric: Metric, micros: u64) {
        // The places of the array are those of the enumeration.
        if let Some(times) = self.times.get_mut(metric as usize) {
            times.get_or_insert_default().record(micros);
        }
    }

    /// What came through a process, if it is known.
    pub fn process(&mut self, place: Place) -> Option<&mut Process> {
        self.processes.get_mut(usize::from(place?))
    }

    /// Hands over what there is and begins anew.
    pub fn take(&mut self) -> Tally {
        let fresh = Self::of(self.processes.len());
        let Self {
            counts,
            times,
            processes,
        } = std::mem::replace(self, fresh);
        Tally {
            counts,
            times: Metric::ALL
                .into_iter()
                .zip(times)
                .filter_map(|(metric, times)| Some((metric, *times?)))
                .collect(),
            requests: std::collections::BTreeMap::new(),
            processes,
        }
    }
}
