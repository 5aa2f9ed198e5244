//! `chat-conformance faults`: every fault put in front of a sound deployment, to see that the right checks notice.

mod bench;
mod row;

use std::{
    collections::BTreeSet,
    io::{Write, stdout},
    time::Instant,
};

use anyhow::ensure;
use clap::{ArgGroup, Args};
use tokio_util::sync::CancellationToken;

use self::bench::Bench;
use crate::{
    checks,
    cli::{CommandLine, values},
    faults::{Catalogue, Entry, Place, catalogue, fits},
    fleet::{Deployment, Recipe, STARTUP},
    probe::probe,
    target::Target,
};

/// Breaks a sound deployment in every known way, and asks whether the suite notices: each fault by the checks
/// that must notice it, and by no other.
#[derive(Debug, Clone, Args)]
#[command(group(ArgGroup::new("whom").required(true)))]
pub struct Matrix {
    /// The processes of a running deployment, as http://host:port.
    #[arg(value_name = "URL", value_parser = values::base_url, group = "whom")]
    urls: Vec<String>,
    /// Starts the deployment instead: a command line with {port}, {redis} and {database} in it.
    #[arg(long, value_name = "COMMAND", value_parser = values::command_line, group = "whom")]
    launch: Option<CommandLine>,
    /// How many processes to launch.
    #[arg(long, default_value_t = 2, value_parser = values::at_least_one)]
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
    #[arg(long, value_parser = values::at_least_one)]
    jobs: Option<usize>,
    /// Also says why each check turned red.
    #[arg(long)]
    why: bool,
}

/// Runs the matrix and prints it. Exit code 0 when every fault is caught, 1 when one goes unnoticed or is blamed on
/// others, 3 when `stop` was cancelled before all were tried: those under way are tried to their end, and tidy up.
///
/// # Errors
/// When the deployment does not start, or the proxies do not.
pub async fn run(args: &Matrix, stop: &CancellationToken) -> anyhow::Result<u8> {
    let catalogue = catalogue();
    let checks: Vec<_> = checks::all().collect();
    let chosen = chosen(catalogue, args)?;
    let mut problems = Vec::new();
    if args.only.is_empty() {
        problems = catalogue.problems(&checks);
    }

    let recipe = args.launch.as_ref().map(|line| Recipe {
        command: line.words.clone(),
        startup: STARTUP,
    });
    let deployment = match &recipe {
        Some(recipe) => Some(recipe.start(args.processes).await?),
        None => None,
    };
    let servers = deployment
        .as_ref()
        .map_or_else(|| args.urls.clone(), Deployment::urls);
    // Through a proxy, whatever is wrong with a server looks like a broken promise.
    let target = Target::new(servers.clone(), servers.len(), None)?;
    probe(&target, target.patience).await?;

    let bench = Bench {
        catalogue,
        servers,
        checks,
        seed: args.seed,
        cases: args.cases,
        sound: BTreeSet::new(),
        stop: stop.clone(),
    };
    let began = Instant::now();
    let all = chosen.len();
    let bench = bench.calibrated(&chosen).await?;
    let jobs = args.jobs.unwrap_or_else(cores);
    let (quiet, others): (Vec<_>, Vec<_>) = chosen
        .into_iter()
        .partition(|fault| bench.needs_quiet(fault));
    let mut rows = bench.tries(others, jobs, args.why).await?;
    rows.extend(bench.tries(quiet, 1, args.why).await?);
    // What was only too slow beside others is not when it is tried by itself.
    for row in rows.iter_mut().filter(|row| !row.is_caught()) {
        if stop.is_cancelled() {
            break;
        }
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
    if rows.len() < all {
        writeln!(out, "interrupted: {} were not tried", all - rows.len())?;
    }
    Ok(if !uncaught.is_empty() || !problems.is_empty() {
        NOTICED_WRONGLY
    } else if rows.len() < all {
        INCOMPLETE
    } else {
        CAUGHT
    })
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

const CAUGHT: u8 = 0;
const NOTICED_WRONGLY: u8 = 1;
const INCOMPLETE: u8 = 3;
