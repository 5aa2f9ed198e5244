//! Carries out what the session asks for: between the link, the engine and whoever watches.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    Options, Output, Spawned,
    driver::Event,
    link::{Heard, Link},
    protocol::{FromMaster, ToMaster},
    session::{Action, Left, Order, Session, Timing},
    stats::Gathered,
};
use crate::measurement::{Measurement, Worker};

/// One worker's conversation with its master, and all that it takes.
pub(super) struct Conversation<'a, O> {
    options: &'a Options,
    link: Link,
    session: Session,
    gathered: Gathered,
    orders: mpsc::Sender<Order>,
    output: &'a mut O,
    cpu: f64,
    record: Option<Measurement>,
    failed: Option<anyhow::Error>,
    why_not_connected: Option<String>,
}

impl<'a, O: Output> Conversation<'a, O> {
    /// One that is about to begin.
    ///
    /// # Errors
    /// When the worker's name is none that a master takes.
    pub(super) fn new(
        options: &'a Options,
        timing: Timing,
        orders: mpsc::Sender<Order>,
        output: &'a mut O,
    ) -> anyhow::Result<Self> {
        let link = Link::new(options.master.clone(), &options.name).with_context(|| {
            format!(
                "the name {:?} is none that a Locust master takes",
                options.name
            )
        })?;
        let now = Instant::now();
        Ok(Self {
            options,
            link,
            session: Session::new(timing, now, now + options.locust_wait),
            gathered: Gathered::default(),
            orders,
            output,
            cpu: 0.0,
            record: None,
            failed: None,
            why_not_connected: None,
        })
    }

    /// Goes on until the worker leaves.
    ///
    /// # Errors
    /// When no master answered in time, the engine could not go on, or a record was not written.
    pub(super) async fn goes_on(
        mut self,
        mut events: mpsc::Receiver<Event>,
        stop: &CancellationToken,
    ) -> anyhow::Result<Left> {
        let mut is_interrupted = false;
        loop {
            let actions = tokio::select! {
                heard = self.link.next() => self.hears(heard),
                Some(event) = events.recv() => self.happens(event),
                () = sleep_until(self.session.next()) => self.session.ticks(Instant::now()),
                () = stop.cancelled(), if !is_interrupted => {
                    is_interrupted = true;
                    self.session.interrupted()
                }
            };
            for action in actions {
                if let Some(left) = self.does(action).await {
                    return self.leaves(left).await;
                }
            }
        }
    }

    fn hears(&mut self, heard: Heard) -> Vec<Action> {
        match heard {
            Heard::Connected => self.session.connected(Instant::now()),
            Heard::Message(bytes) => match FromMaster::decode(&bytes) {
                Ok(message) => self.session.hears(message, Instant::now()),
                Err(garbled) => vec![Action::Say(format!("{garbled}; ignored"))],
            },
            Heard::Lost(reason) => {
                let mut actions = self.session.disconnected();
                // Once, not with every attempt.
                if self.why_not_connected.as_ref() != Some(&reason) {
                    let master = &self.options.master;
                    actions.insert(
                        0,
                        Action::Say(format!("no connection to the master at {master}: {reason}")),
                    );
                }
                self.why_not_connected = Some(reason);
                actions
            }
        }
    }

    fn happens(&mut self, event: Event) -> Vec<Action> {
        match event {
            Event::Interval(interval) => {
                self.cpu = interval.second.device_busy * 100.0;
                self.gathered.adds(*interval, epoch());
                Vec::new()
            }
            Event::Spawned(Ok(Spawned::Taken(begun))) => {
                self.gathered.begins(begun);
                Vec::new()
            }
            Event::Spawned(Ok(Spawned::Kept)) => self.session.kept(),
            Event::Spawned(Err(error)) | Event::Stopped(Err(error)) => self.fails(error),
            Event::EndedByItself => self.session.ended_by_itself(),
            Event::Stopped(Ok(measurement)) => self.records(*measurement),
        }
    }

    fn records(&mut self, mut measurement: Measurement) -> Vec<Action> {
        let ended = match self.session.is_leaving() {
            Some(Left::MasterGone) => Some("the master was gone".to_owned()),
            Some(Left::Interrupted) => Some("interrupted".to_owned()),
            _ => None,
        };
        if let Some(ended) = &ended {
            let remark = format!(
                "The run of the worker {} was ended before its time: {ended}.",
                self.options.name
            );
            measurement.remarks.push(remark);
        }
        for lost in self.session.takes_lost() {
            measurement.remarks.push(format!(
                "The worker {lost} was lost half-way, and the others went on: what it had told until then is in the \
                 record that the master keeps of it."
            ));
        }
        if measurement.workers.is_empty() {
            measurement.workers.push(Worker {
                name: self.options.name.clone(),
                sent: measurement.tally.counts.sent,
                delivered: measurement.tally.counts.delivered,
                ended,
            });
        }
        let reported = self.output.reports(&measurement);
        self.record = Some(measurement);
        match reported {
            Ok(()) => self.session.stopped(Instant::now()),
            Err(error) => self.fails(error),
        }
    }

    fn fails(&mut self, error: anyhow::Error) -> Vec<Action> {
        let actions = self.session.failed(&format!("{error:#}"), Instant::now());
        self.failed.get_or_insert(error);
        actions
    }

    async fn does(&mut self, action: Action) -> Option<Left> {
        match action {
            Action::Send(message) => self.says(&message).await,
            Action::Heartbeat => {
                let heartbeat = ToMaster::Heartbeat {
                    state: self.session.state(),
                    cpu: self.cpu,
                    memory: resident_memory(),
                };
                self.says(&heartbeat).await;
            }
            Action::Report if self.link.is_connected() => {
                let report = self.gathered.takes(self.session.users(), epoch());
                self.says(&ToMaster::Stats(Box::new(report))).await;
            }
            // It goes on gathering until there is a connection again.
            Action::Report => {}
            Action::LastReport => {
                self.cpu = 0.0;
                let failed = self.failed.as_ref().map(|error| format!("{error:#}"));
                let report = self.gathered.ends(self.record.take(), failed, epoch());
                self.says(&ToMaster::Stats(Box::new(report))).await;
            }
            Action::Order(order) => {
                if self.orders.try_send(order).is_err() {
                    self.failed = Some(anyhow::anyhow!(
                        "the engine does not keep up with the orders of the master"
                    ));
                    return Some(Left::Failed);
                }
            }
            Action::Reconnect => self.link.reconnect(),
            Action::Say(line) => self.output.says(&line),
            Action::Leave(left) => return Some(left),
        }
        None
    }

    async fn says(&mut self, message: &ToMaster) {
        let sent = match message.encode(&self.options.name) {
            Ok(bytes) => self.link.send(bytes).await,
            Err(error) => Err(error.to_string()),
        };
        if let Err(reason) = sent {
            let what = match message {
                ToMaster::Stats(report) if report.chat_loadtest.is_final => "the record of the run",
                ToMaster::Stats(_) => "some figures",
                // Heartbeats and the like are missed by the master, and that is how it notices.
                _ => return,
            };
            let line = format!(
                "the master lacks {what}: {reason}; this worker's own record has all of it"
            );
            self.output.says(&line);
        }
    }

    async fn leaves(self, left: Left) -> anyhow::Result<Left> {
        let master = &self.options.master;
        self.link.close().await;
        match left {
            Left::NeverCame => {
                let why = match self.why_not_connected {
                    Some(why) => why,
                    None => master.why_silent().await,
                };
                let patience = humantime::format_duration(self.options.locust_wait);
                bail!(
                    "no Locust master answered at {master} within {patience} ({why}); \
                     start one with locust --master, its --master-bind-port is the port to give here"
                )
            }
            Left::Failed => Err(self
                .failed
                .unwrap_or_else(|| anyhow::anyhow!("the engine failed"))),
            Left::MasterGone => {
                self.output.says(&format!(
                    "the master at {master} was not heard of any more: the run was ended"
                ));
                Ok(left)
            }
            Left::ToldToQuit | Left::Interrupted => Ok(left),
        }
    }
}

/// Resident memory in bytes, for Locust's page; 0 where the system does not tell (proc_pid_statm(5)).
fn resident_memory() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|statm| statm.split(' ').nth(1)?.parse::<u64>().ok());
    pages.unwrap_or_default() * u64::try_from(rustix::param::page_size()).unwrap_or_default()
}

/// Seconds since 1970, as Locust counts.
fn epoch() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}
