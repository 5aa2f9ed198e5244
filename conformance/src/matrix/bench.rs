//! A sound deployment, asked again and again with another fault in front of it.

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use chat_fixtures::saboteur::{self, Fault, Saboteur, World};
use futures_util::{StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::{row::Row, tell};
use crate::{
    check::{Check, Outcome},
    faults::{Catalogue, Entry, fits},
    report::CheckResult,
    run::Run,
    runner,
    target::Target,
};

/// A sound deployment, and the checks that hold on it.
pub(super) struct Bench {
    pub(super) catalogue: &'static Catalogue,
    pub(super) servers: Vec<String>,
    pub(super) checks: Vec<&'static Check>,
    pub(super) seed: u64,
    pub(super) cases: u32,
    /// The checks that pass without a fault: only these can notice one.
    pub(super) sound: BTreeSet<String>,
    /// When cancelled, no further fault is begun.
    pub(super) stop: CancellationToken,
}

impl Bench {
    /// Asks without a fault first, through the proxy all the same.
    pub(super) async fn calibrated(mut self, chosen: &[&Entry]) -> anyhow::Result<Self> {
        let asked = self.checks.iter().copied().filter(|check| {
            let id = check.id();
            !self.catalogue.is_costly(check) || chosen.iter().any(|entry| entry.needs(&id))
        });
        let asked: Vec<_> = asked.collect();
        let results = self.asks(None, &asked, Duration::from_secs(15)).await?;
        let passed = results
            .iter()
            .filter(|result| result.outcome == Outcome::Pass);
        self.sound = passed.map(|result| result.check.clone()).collect();
        for result in &results {
            if matches!(result.outcome, Outcome::Violation | Outcome::Untestable) {
                let reason = result.reason.as_deref().unwrap_or_default();
                tell(&format!("not sound: {} {reason}", result.check))?;
            }
        }
        ensure!(!self.sound.is_empty(), "no check passes without a fault");
        Ok(self)
    }

    /// Tries the faults, some at a time; each row is printed when it is there.
    pub(super) async fn tries(
        &self,
        faults: Vec<&'static Entry>,
        jobs: usize,
        why: bool,
    ) -> anyhow::Result<Vec<Row>> {
        let rows = stream::iter(faults)
            .take_until(self.stop.cancelled())
            .map(|fault| self.tries_one(fault, fault.patience()))
            .buffer_unordered(jobs);
        let mut rows = pin!(rows);
        let mut all = Vec::new();
        while let Some(row) = rows.next().await {
            let row = row?;
            tell(&row.printed(why))?;
            all.push(row);
        }
        Ok(all)
    }

    pub(super) async fn tries_one(
        &self,
        entry: &'static Entry,
        patience: Duration,
    ) -> anyhow::Result<Row> {
        let began = Instant::now();
        let Some(fault) = saboteur::fault(&entry.name) else {
            bail!("{}: the proxy knows no such fault", entry.name);
        };
        let checks: Vec<_> = self
            .checks
            .iter()
            .copied()
            .filter(|check| self.sound.contains(&check.id()))
            .filter(|check| entry.needs(&check.id()) || !self.catalogue.is_costly(check))
            .collect();
        let results = self.asks(Some(fault), &checks, patience).await?;
        let said: Vec<_> = results
            .iter()
            .map(|result| {
                let reason = result.reason.as_deref().unwrap_or_default();
                (result.check.clone(), format!("{} {reason}", result.outcome))
            })
            .collect();
        let reds: Vec<_> = results
            .into_iter()
            .filter(|result| matches!(result.outcome, Outcome::Violation | Outcome::Broken))
            .map(|result| (result.check, result.reason.unwrap_or_default()))
            .collect();
        let ids: Vec<_> = reds.iter().map(|(id, _)| id.clone()).collect();
        let (unclear, missed) = entry
            .missed(&ids)
            .into_iter()
            .map(str::to_owned)
            .partition(|must| !self.sound.iter().any(|id| fits(must, id)));
        let missed: Vec<String> = missed;
        let missed = missed
            .into_iter()
            .map(|must| {
                let said = said.iter().find(|(id, _)| fits(&must, id));
                let said = said.map(|(_, said)| said.clone());
                (must, said.unwrap_or_default())
            })
            .collect();
        Ok(Row {
            fault: entry,
            missed,
            blamed: entry.blamed(&ids),
            unclear,
            reds,
            took: began.elapsed(),
        })
    }

    /// One run with a cast of its own, through proxies with this fault.
    async fn asks(
        &self,
        fault: Option<&'static Fault>,
        checks: &[&'static Check],
        patience: Duration,
    ) -> anyhow::Result<Vec<CheckResult>> {
        let world = World::new();
        let mut proxies = Vec::new();
        for server in &self.servers {
            let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            let proxy = Saboteur::start(listen, server, fault, &world).await;
            proxies.push(proxy.context("a proxy does not start")?);
        }
        let bases = proxies.iter().map(|proxy| proxy.url().to_owned()).collect();
        let mut target = Target::new(bases, self.servers.len(), None)?;
        target.patience = patience;
        target.impatience = patience;
        let run: Arc<Run> = Run::begin(target, self.seed, self.cases).await;
        let (timed, others): (Vec<_>, Vec<_>) = checks
            .iter()
            .partition(|check| self.catalogue.is_timed(check));
        let mut results = runner::run_together(&run, &others, AT_A_TIME).await;
        results.extend(runner::run(&run, &timed, 1, &|_| {}).await);
        run.tidies_up().await;
        Ok(results)
    }

    /// Whether it has to be tried by itself: a check that it must turn red measures time.
    pub(super) fn needs_quiet(&self, entry: &Entry) -> bool {
        let timed = |check: &&Check| self.catalogue.is_timed(check) && entry.needs(&check.id());
        self.checks.iter().copied().any(|check| timed(&check))
    }
}

/// How many checks at a time: most wait for the server, and under a fault for what does not come.
const AT_A_TIME: usize = 48;
