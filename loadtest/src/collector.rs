//! Puts together what all threads report, second by second, and adds it up.

use std::{collections::BTreeMap, sync::Arc};

use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    attack::Attack,
    event_loop::Part,
    measurement::{Interval, Second},
    metric::Metric,
    tally::Tally,
};

/// Collects what the threads of a run report.
#[derive(Debug)]
pub struct Collector {
    collecting: JoinHandle<Collected>,
    /// Dropped without [`ends`](Self::ends), as when the run fails, it ends the collecting too: whoever is told of each
    /// second waits until there are no more.
    done: DropGuard,
}

/// Everything that was reported.
#[derive(Debug, Default)]
pub struct Collected {
    /// The sum.
    pub tally: Tally,
    /// Second by second.
    pub seconds: Vec<Second>,
    /// The share of its time that the busiest thread was on a core while people spoke, 0 to 1.
    pub busiest: f64,
    /// Connections open at most.
    pub connections: u64,
}

#[derive(Debug, Default)]
struct Gathering {
    threads: usize,
    second: u64,
    tally: Tally,
    connections: u64,
    busiest: u64,
}

impl Collector {
    /// Begins. Each second goes to `intervals` as soon as all threads have reported it.
    #[must_use]
    pub fn starts(
        attack: Arc<Attack>,
        reports: mpsc::UnboundedReceiver<Part>,
        intervals: mpsc::Sender<Interval>,
    ) -> Self {
        let done = CancellationToken::new();
        Self {
            collecting: tokio::spawn(collects(attack, reports, intervals, done.clone())),
            done: done.drop_guard(),
        }
    }

    /// Takes what has been reported by now, and what came of it all.
    pub async fn ends(self) -> Collected {
        drop(self.done);
        self.collecting.await.unwrap_or_default()
    }
}

async fn collects(
    attack: Arc<Attack>,
    mut reports: mpsc::UnboundedReceiver<Part>,
    intervals: mpsc::Sender<Interval>,
    done: CancellationToken,
) -> Collected {
    let threads = attack.loops.len();
    let mut collected = Collected {
        tally: Tally::of(attack.plan.known_processes()),
        ..Collected::default()
    };
    let mut open: BTreeMap<u64, Gathering> = BTreeMap::new();
    let mut busy: BTreeMap<usize, u64> = BTreeMap::new();
    loop {
        let part = tokio::select! {
            biased;
            part = reports.recv() => part,
            () = done.cancelled() => None,
        };
        let Some(part) = part else { break };
        let is_spoken = attack.speaks().is_some_and(|(from, until)| {
            let begin = part.second * SECOND;
            begin >= from && begin + SECOND <= until
        });
        if is_spoken {
            *busy.entry(part.thread).or_default() += part.cpu;
        }
        let gathering = open.entry(part.second).or_default();
        gathering.second = part.second;
        gathering.threads += 1;
        gathering.tally.absorb(&part.tally);
        gathering.connections += part.connections;
        gathering.busiest = gathering.busiest.max(part.cpu);
        if gathering.threads >= threads
            && let Some(gathering) = open.remove(&part.second)
        {
            collected.closes(&attack, gathering, &intervals);
        }
    }
    for gathering in open.into_values() {
        collected.closes(&attack, gathering, &intervals);
    }
    collected.tally.absorb(&attack.books.take());
    if let Some(times) = attack.speaks() {
        for second in &mut collected.seconds {
            second.at -= first_measured(times);
        }
    }
    let spoken = attack.speaks().map_or(0, |(from, until)| {
        (until / SECOND).saturating_sub(from.div_ceil(SECOND))
    });
    if spoken > 0 {
        collected.busiest = busy
            .values()
            .map(|cpu| ratio(*cpu, spoken * SECOND))
            .fold(0.0, f64::max);
    }
    collected
}

impl Collected {
    fn closes(
        &mut self,
        attack: &Attack,
        gathering: Gathering,
        intervals: &mpsc::Sender<Interval>,
    ) {
        let mut tally = gathering.tally;
        tally.absorb(&attack.books.take());
        let delivery = tally.delivery();
        let counts = &tally.counts;
        let at = signed(gathering.second);
        // As long as nobody knows when measuring begins, it may begin in the next second.
        let first = attack.speaks().map_or(at + 1, first_measured);
        let mut second = Second {
            at,
            due: counts.due,
            sent: counts.sent,
            delivered: counts.delivered,
            wrong: counts.lost
                + counts.repeated
                + counts.out_of_order
                + counts.leaked
                + counts.altered,
            requests: counts.requests,
            connections: gathering.connections,
            p50_us: delivery.at(0.5),
            p99_us: delivery.at(0.99),
            max_us: delivery.max(),
            lateness_p99_us: tally
                .times(Metric::Lateness)
                .and_then(|times| times.at(0.99)),
            device_busy: ratio(gathering.busiest, SECOND),
            server_cpu: Vec::new(),
        };
        self.connections = self.connections.max(gathering.connections);
        self.tally.absorb(&tally);
        self.seconds.push(second.clone());
        second.at -= first;
        let began = attack.began();
        // Whoever watches may be slower than the run; it misses a second then, the sum does not.
        let _ = intervals.try_send(Interval {
            run: attack.run.to_string(),
            second,
            tally,
            began,
        });
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds of a run are far below 2^53"
)]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// The second of the run that is the first measured.
fn first_measured((from, _): (u64, u64)) -> i64 {
    signed(from / SECOND)
}

fn signed(second: u64) -> i64 {
    i64::try_from(second).unwrap_or(i64::MAX)
}

const SECOND: u64 = 1_000_000;
