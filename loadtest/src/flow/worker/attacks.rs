//! The runs of a worker: each an attack that speaks until the master says stop.

use std::sync::Arc;

use anyhow::Context;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{
    attack, cli,
    flow::{prepare, telling::tells, watch::watch},
    measurement::{Interval, Measurement},
    metrics::Exporter,
    plan::Plan,
    progress::Progress,
    worker::{Begun, Engine, Spawned},
};

/// What loads the deployment by order of the master.
pub(super) struct Attacks<'a> {
    args: &'a cli::Worker,
    /// Of every run, but for its rooms.
    plan: Plan,
    remarks: Vec<String>,
    exporter: Option<Arc<Exporter>>,
    quiet: bool,
    running: Option<Running>,
}

/// The run that goes on.
struct Running {
    attack: JoinHandle<anyhow::Result<Measurement>>,
    telling: JoinHandle<()>,
    remarks: Vec<String>,
    stop: CancellationToken,
}

impl<'a> Attacks<'a> {
    pub(super) const fn of(
        args: &'a cli::Worker,
        plan: Plan,
        remarks: Vec<String>,
        exporter: Option<Arc<Exporter>>,
        quiet: bool,
    ) -> Self {
        Self {
            args,
            plan,
            remarks,
            exporter,
            quiet,
            running: None,
        }
    }
}

impl Engine for Attacks<'_> {
    async fn spawns(
        &mut self,
        users: u64,
        host: Option<String>,
        intervals: mpsc::Sender<Interval>,
    ) -> anyhow::Result<Spawned> {
        // A room that comes or goes would change the load in the middle of what is measured.
        if self.running.is_some() {
            return Ok(Spawned::Kept);
        }
        let mut plan = self.plan.clone();
        let (rooms, rounded) = rooms(users, plan.load.members)?;
        plan.load.rooms = rooms;
        let mut remarks = self.remarks.clone();
        remarks.extend(rounded);
        remarks.extend(host.and_then(|host| elsewhere(&host, &plan)));
        remarks.extend(prepare::fits(&plan.load, &plan.targets)?);
        let watch = watch(&self.args.setup, plan.load.pace);
        let begun = Begun {
            load: plan.load.clone(),
            targets: plan.bases().into_iter().map(str::to_owned).collect(),
            began: OffsetDateTime::now_utc().format(&Rfc3339)?,
        };
        let (seconds, told_of) = mpsc::channel(64);
        let progress = Progress::in_lines(self.quiet);
        let stop = CancellationToken::new();
        self.running = Some(Running {
            telling: tells(told_of, progress, self.exporter.clone(), Some(intervals)),
            attack: tokio::spawn(attack::run(plan, watch, seconds, stop.clone())),
            remarks,
            stop,
        });
        Ok(Spawned::Taken(begun))
    }

    async fn stops(&mut self) -> anyhow::Result<Measurement> {
        let running = self.running.take().context("there is no run to end")?;
        running.stop.cancel();
        let measured = running.attack.await.context("the run")?;
        running.telling.await.context("the progress")?;
        let mut measurement = measured?;
        measurement.remarks.splice(0..0, running.remarks);
        Ok(measurement)
    }
}

/// How many rooms so many users are, one at least; and what to say where they are not exactly so many.
fn rooms(users: u64, members: u32) -> anyhow::Result<(u32, Option<String>)> {
    let rooms = u32::try_from((users / u64::from(members)).max(1))
        .with_context(|| format!("{users} users are more than a run can have"))?;
    let seats = u64::from(rooms) * u64::from(members);
    let rounded = (seats != users).then(|| {
        format!("the master gave this worker {users} users: {seats} took part, in whole rooms of {members}")
    });
    Ok((rooms, rounded))
}

fn elsewhere(host: &str, plan: &Plan) -> Option<String> {
    let host = host.trim_end_matches('/');
    let is_known = host.is_empty() || plan.bases().contains(&host);
    (!is_known).then(|| {
        format!("the master named {host} as the host; this worker loads what its command line says")
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn users_are_whole_rooms_and_one_at_least() {
        assert_eq!(rooms(20, 10).unwrap(), (2, None));
        let (few, told) = rooms(3, 10).unwrap();
        assert_eq!(few, 1);
        assert_eq!(
            told.unwrap(),
            "the master gave this worker 3 users: 10 took part, in whole rooms of 10"
        );
        let (some, told) = rooms(29, 10).unwrap();
        assert_eq!(some, 2);
        assert_eq!(
            told.unwrap(),
            "the master gave this worker 29 users: 20 took part, in whole rooms of 10"
        );
        assert!(rooms(u64::MAX, 1).is_err());
    }
}
