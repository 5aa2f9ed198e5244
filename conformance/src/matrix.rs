//! `chat-conformance faults`: every fault put in front of a sound deployment, to see that the right checks notice.

mod row;

use std::{
    collections::BTreeSet,
    io::{Write, stdout},
    net::{Ipv4Addr, SocketAddr},
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use chat_fixtures::saboteur::{self, Fault, Saboteur, World};
use clap::Args;
use futures_util::{StreamExt, stream};

use self::row::Row;
use crate::{
    check::{Check, Outcome},
    checks,
    faults::{Catalogue, Entry, Place, catalogue, fits},
    fleet::{Deployment, Recipe, STARTUP},
    report::CheckResult,
    run::Run,
    runner,
    target::Target,
};

/// Breaks a sound deployment in every known way, and asks whether the suite notices: each fault by the checks
/// that must notice it, and by no other.
#[derive(Debug, Clone, Args)]
pub struct Matrix {
    /// The processes of a running deployment, as http://host:port.
    #[arg(value_name = "URL")]
    urls: Vec<String>,
    /// Starts the deployment instead: a command line with {port}, {redis} and {database} in it.
    #[arg(long, value_name = "COMMAND", conflicts_with = "urls")]
    launch: Option<String>,
    /// How many processes to launch.
    #[arg(long, default_value_t = 2)]
    processes: usize,
    /// Only the faults this names; `*` stands for any text.
    #[arg(long, value_name = "FAULT")]
    only: Vec<String>,
    /// Also the faults that are much like others.
    #[arg(long)]
    all: bool,
    /// How many cases a generated check makes, more or less.
    #[arg(long, default_value_t = 10)]
    cases: u32,
    /// Where all randomness comes from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many faults at a time; as many as there are cores unless told.
    #[arg(long)]
    jobs: Option<usize>,
    /// Also says why each check turned red.
    #[arg(long)]
    why: bool,
}

/// Runs the matrix and prints it: exit code 1 when a fault goes unnoticed or is blamed on others.
///
/// # Errors
/// When the deployment does not start, or the proxies do not.
pub async fn run(args: Matrix) -> anyhow::Result<ExitCode> {
    let catalogue = catalogue();
    let checks: Vec<_> = checks::all().collect();
    let chosen = chosen(catalogue, &args)?;
    let mut problems = Vec::new();
    if args.only.is_empty() {
        problems = catalogue.problems(&checks);
    }

    let recipe = args.launch.as_ref().map(|line| Recipe {
        command: line.split_whitespace().map(str::to_owned).collect(),
        startup: STARTUP,
    });
    let deployment = match &recipe {
        Some(recipe) => Some(recipe.start(args.processes).await?),
        None => None,
    };
    let servers = deployment
        .as_ref()
        .map_or_else(|| args.urls.clone(), Deployment::urls);
    ensure!(
        !servers.is_empty(),
        "neither URLs nor --launch: there is nothing to break"
    );

    let bench = Bench {
        catalogue,
        servers,
        checks,
        seed: args.seed,
        cases: args.cases,
        sound: BTreeSet::new(),
    };
    let began = Instant::now();
    let bench = bench.calibrated(&chosen).await?;
    let jobs = args.jobs.unwrap_or_else(cores).max(1);
    let (quiet, others): (Vec<_>, Vec<_>) = chosen
        .into_iter()
        .partition(|fault| bench.needs_quiet(fault));
    let mut rows = bench.tries(others, jobs, args.why).await?;
    rows.extend(bench.tries(quiet, 1, args.why).await?);
    // What was only too slow beside others is not when it is tried by itself.
    for row in rows.iter_mut().filter(|row| !row.is_caught()) {
        tell("once more, by itself:")?;
        *row = bench.tries_one(row.fault, row.fault.patience() * 4).await?;
        tell(&row.printed(args.why))?;
    }

    let (caught, uncaught): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.is_caught());
    let mut out = stdout().lock();
    for row in &uncaught {
        writeln!(out, "\n{}", row.problem())?;
    }
    for problem in &problems {
        writeln!(out, "catalogue: {problem}")?;
    }
    let took = began.elapsed();
    writeln!(
        out,
        "{} of {} faults caught, in {took:.0?}",
        caught.len(),
        rows.len()
    )?;
    let all = uncaught.is_empty() && problems.is_empty();
    Ok(if all {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A sound deployment, and the checks that hold on it.
struct Bench {
    catalogue: &'static Catalogue,
    servers: Vec<String>,
    checks: Vec<&'static Check>,
    seed: u64,
    cases: u32,
    /// The checks that pass without a fault: only these can notice one.
    sound: BTreeSet<String>,
}

impl Bench {
    /// Asks without a fault first, through the proxy all the same.
    async fn calibrated(mut self, chosen: &[&Entry]) -> anyhow::Result<Self> {
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
    async fn tries(
        &self,
        faults: Vec<&'static Entry>,
        jobs: usize,
        why: bool,
    ) -> anyhow::Result<Vec<Row>> {
        let mut rows = stream::iter(faults)
            .map(|fault| self.tries_one(fault, fault.patience()))
            .buffer_unordered(jobs);
        let mut all = Vec::new();
        while let Some(row) = rows.next().await {
            let row = row?;
            tell(&row.printed(why))?;
            all.push(row);
        }
        Ok(all)
    }

    async fn tries_one(&self, entry: &'static Entry, patience: Duration) -> anyhow::Result<Row> {
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
    fn needs_quiet(&self, entry: &Entry) -> bool {
        let timed = |check: &&Check| self.catalogue.is_timed(check) && entry.needs(&check.id());
        self.checks.iter().copied().any(|check| timed(&check))
    }
}

/// The faults to try; those the proxy cannot play are somebody else's.
fn chosen(catalogue: &'static Catalogue, args: &Matrix) -> anyhow::Result<Vec<&'static Entry>> {
    let only = &args.only;
    for pattern in only {
        let known = catalogue
            .faults
            .iter()
            .any(|fault| fits(pattern, &fault.name));
        ensure!(known, "there is no fault {pattern}");
    }
    let chosen = catalogue.faults.iter().filter(|fault| {
        let wanted = if only.is_empty() {
            args.all || !fault.variant
        } else {
            only.iter().any(|pattern| fits(pattern, &fault.name))
        };
        fault.place == Place::Wire && wanted
    });
    Ok(chosen.collect())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

fn tell(text: &str) -> anyhow::Result<()> {
    Ok(writeln!(stdout(), "{text}")?)
}

/// How many checks at a time: most wait for the server, and under a fault for what does not come.
const AT_A_TIME: usize = 48;
