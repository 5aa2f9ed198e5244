//! `chat-conformance faults`: every fault put in front of a sound deployment, to see that the right checks notice.

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

use crate::{
    check::{Check, Mark, Outcome},
    checks,
    faults::{Catalogue, Entry, Place, catalogue, fits, may_notice_anything},
    fleet::{Deployment, Recipe},
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
    /// How many cases a generated check makes, more or less.
    #[arg(long, default_value_t = 20)]
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

/// What came of one fault.
#[derive(Debug)]
struct Row {
    fault: &'static Entry,
    /// The checks that turned red, and why.
    reds: Vec<(String, String)>,
    verdict: Verdict,
    took: Duration,
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// By all that must, and by nobody who must not.
    Caught,
    /// These should have noticed.
    Missed(Vec<String>),
    /// These have nothing to do with it.
    Blamed(Vec<String>),
    /// The deployment is not sound enough to tell: these are red without the fault too.
    Unclear(Vec<String>),
}

/// Runs the matrix and prints it: exit code 1 when a fault goes unnoticed or is blamed on others.
///
/// # Errors
/// When the deployment does not start, or the proxies do not.
pub async fn run(args: Matrix) -> anyhow::Result<ExitCode> {
    let catalogue = catalogue();
    let checks: Vec<_> = checks::all().collect();
    let chosen = chosen(catalogue, &args.only)?;
    let mut problems = Vec::new();
    if args.only.is_empty() {
        problems = catalogue.problems(&checks);
    }

    let recipe = args.launch.as_ref().map(|line| Recipe {
        command: line.split_whitespace().map(str::to_owned).collect(),
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
        servers,
        checks,
        seed: args.seed,
        cases: args.cases,
        sound: BTreeSet::new(),
    };
    let began = Instant::now();
    let bench = bench.calibrated().await?;
    let jobs = args.jobs.unwrap_or_else(cores).max(1);
    let (quiet, others): (Vec<_>, Vec<_>) = chosen
        .into_iter()
        .partition(|fault| bench.needs_quiet(fault));
    let mut rows = bench.tries(others, jobs, args.why).await?;
    rows.extend(bench.tries(quiet, 1, args.why).await?);

    let caught = rows
        .iter()
        .filter(|row| row.verdict == Verdict::Caught)
        .count();
    let mut out = stdout().lock();
    for problem in &problems {
        writeln!(out, "catalogue: {problem}")?;
    }
    writeln!(
        out,
        "{caught} of {} faults caught, in {:.0?}",
        rows.len(),
        began.elapsed()
    )?;
    let all = caught == rows.len() && problems.is_empty();
    Ok(if all {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A sound deployment, and the checks that hold on it.
struct Bench {
    servers: Vec<String>,
    checks: Vec<&'static Check>,
    seed: u64,
    cases: u32,
    /// The checks that pass without a fault: only these can notice one.
    sound: BTreeSet<String>,
}

impl Bench {
    /// Asks without a fault first, through the proxy all the same.
    async fn calibrated(mut self) -> anyhow::Result<Self> {
        let checks: Vec<_> = self.checks.clone();
        let results = self.asks(None, &checks, Duration::from_secs(15)).await?;
        let passed = results
            .iter()
            .filter(|result| result.outcome == Outcome::Pass);
        self.sound = passed.map(|result| result.check.clone()).collect();
        for result in &results {
            if result.outcome == Outcome::Violation {
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
            .map(|fault| self.tries_one(fault))
            .buffer_unordered(jobs);
        let mut all = Vec::new();
        while let Some(row) = rows.next().await {
            let row = row?;
            tell(&row.printed(why))?;
            all.push(row);
        }
        Ok(all)
    }

    async fn tries_one(&self, entry: &'static Entry) -> anyhow::Result<Row> {
        let began = Instant::now();
        let Some(fault) = saboteur::fault(&entry.name) else {
            bail!("{}: the proxy knows no such fault", entry.name);
        };
        let checks: Vec<_> = self
            .checks
            .iter()
            .copied()
            .filter(|check| self.sound.contains(&check.id()))
            .filter(|check| entry.needs(&check.id()) || !waits(check))
            .collect();
        let results = self.asks(Some(fault), &checks, entry.patience()).await?;
        let free: BTreeSet<_> = checks
            .iter()
            .filter(|check| may_notice_anything(check) && !entry.needs(&check.id()))
            .map(|check| check.id())
            .collect();
        let reds: Vec<_> = results
            .iter()
            .filter(|result| matches!(result.outcome, Outcome::Violation | Outcome::Broken))
            .map(|result| {
                (
                    result.check.clone(),
                    result.reason.clone().unwrap_or_default(),
                )
            })
            .collect();
        let ids: Vec<_> = reds
            .iter()
            .map(|(id, _)| id.clone())
            .filter(|id| !free.contains(id))
            .collect();
        Ok(Row {
            fault: entry,
            verdict: self.verdict(entry, &ids),
            reds,
            took: began.elapsed(),
        })
    }

    fn verdict(&self, entry: &Entry, reds: &[String]) -> Verdict {
        let (unclear, missed): (Vec<_>, Vec<_>) = entry
            .missed(reds)
            .into_iter()
            .map(str::to_owned)
            .partition(|must| !self.sound.iter().any(|id| fits(must, id)));
        let blamed = entry.blamed(reds);
        if !missed.is_empty() {
            Verdict::Missed(missed)
        } else if !blamed.is_empty() {
            Verdict::Blamed(blamed)
        } else if !unclear.is_empty() {
            Verdict::Unclear(unclear)
        } else {
            Verdict::Caught
        }
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
        let run: Arc<Run> = Run::begin(target, self.seed, self.cases).await;
        let results = runner::run(&run, checks, AT_A_TIME, &|_| {}).await;
        run.tidies_up().await;
        Ok(results)
    }

    /// Whether it has to be tried by itself: a check that it must turn red measures time.
    fn needs_quiet(&self, entry: &Entry) -> bool {
        let alone = |check: &&Check| check.is(Mark::Alone) && entry.needs(&check.id());
        self.checks.iter().copied().any(|check| alone(&check))
    }
}

/// The faults to try; those the proxy cannot play are somebody else's.
fn chosen(catalogue: &'static Catalogue, only: &[String]) -> anyhow::Result<Vec<&'static Entry>> {
    for pattern in only {
        let known = catalogue
            .faults
            .iter()
            .any(|fault| fits(pattern, &fault.name));
        ensure!(known, "there is no fault {pattern}");
    }
    let chosen = catalogue.faults.iter().filter(|fault| {
        fault.place == Place::Wire
            && (only.is_empty() || only.iter().any(|pattern| fits(pattern, &fault.name)))
    });
    Ok(chosen.collect())
}

/// Checks that would hold up the matrix, and mean little beside others: tried when a fault needs them.
fn waits(check: &Check) -> bool {
    check.is(Mark::Waits) || check.is(Mark::Alone)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

fn tell(text: &str) -> anyhow::Result<()> {
    Ok(writeln!(stdout(), "{text}")?)
}

impl Row {
    fn printed(&self, why: bool) -> String {
        let verdict = match &self.verdict {
            Verdict::Caught => "caught".to_owned(),
            Verdict::Missed(musts) => format!("MISSED by {}", musts.join(", ")),
            Verdict::Blamed(others) => format!("BLAMED on {}", others.join(", ")),
            Verdict::Unclear(musts) => {
                format!("unclear: not sound without it: {}", musts.join(", "))
            }
        };
        let reds: Vec<_> = self.reds.iter().map(|(id, _)| id.as_str()).collect();
        let mut text = format!(
            "{} ({:.1?}): {}\n    {verdict}\n    red: {}",
            self.fault.name,
            self.took,
            self.fault.breaks,
            reds.join(", ")
        );
        if why {
            for (id, reason) in &self.reds {
                let reason: String = reason.chars().take(300).collect();
                text.push_str(&format!("\n      {id}: {reason}"));
            }
        }
        text
    }
}

/// How many checks at a time: most wait for the server, and under a fault for what does not come.
const AT_A_TIME: usize = 16;
