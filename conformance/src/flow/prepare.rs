//! The beginning of a run: whom it asks, and who plays.

use std::{sync::Arc, time::Duration};

use anyhow::bail;
use tokio::time::{Instant, sleep};

use crate::{
    accounts,
    cli::{Cli, CommandLine},
    farewell::tidies_up,
    fleet::{Deployment, Recipe, STARTUP},
    probe,
    progress::Line,
    run::Run,
    target::Target,
};

/// A run before its first check.
pub(super) struct Prepared {
    pub(super) run: Arc<Run>,
    /// What was started for it.
    pub(super) deployment: Option<Deployment>,
}

/// Up to the first check: a deployment that is a chat server, and the people of the run on it.
pub(super) async fn prepare(cli: &Cli, seed: u64, line: &Line) -> anyhow::Result<Prepared> {
    let recipe = cli
        .launch
        .as_ref()
        .map(|command| recipe(command, &cli.python, cli.wait));
    let mut deployment = None;
    let mut bases = cli.urls.clone();
    if let (Some(recipe), true) = (&recipe, bases.is_empty()) {
        line.says("starting the server");
        let first = Recipe {
            startup: cli.wait.unwrap_or(STARTUP),
            ..recipe.clone()
        };
        let started = Box::pin(first.start(cli.processes)).await?;
        bases = started.urls();
        deployment = Some(started);
    }
    let processes = cli.behind_balancer.unwrap_or(1);
    let mut target = Target::reached(bases, processes, recipe, cli.access.reach()?)?;
    target.test_page.clone_from(&cli.test_page);
    if let Some(path) = &cli.accounts {
        target.accounts = Some(accounts::read(path)?);
    }

    line.says("finding out whom it asks");
    let patience = cli.access.patience();
    let found = probed(&target, patience, cli.wait).await?;
    line.says("registering people");
    let run = Run::begin(target, seed, cli.chance.cases).await;
    if let Some(path) = &cli.accounts {
        let told = run.cast.strangers().into_iter().map(|stranger| {
            format!(
                "account {} (line {} of {}): cannot log in: {}",
                stranger.username,
                stranger.line,
                path.display(),
                stranger.status
            )
        });
        let told: Vec<_> = told.collect();
        if !told.is_empty() {
            bail!("{}", told.join("\n"));
        }
    }
    probe::is_one_deployment(&run).await?;
    if found.hangs_in_handshake
        && let Err(no_chat) = probe::answers_a_participant(&run, patience / 2).await
    {
        tidies_up(&run).await;
        return Err(no_chat.into());
    }
    Ok(Prepared { run, deployment })
}

async fn probed(
    target: &Target,
    patience: Duration,
    wait: Option<Duration>,
) -> Result<probe::Found, probe::NoChat> {
    let until = Instant::now() + wait.unwrap_or_default();
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match probe::probe(target, patience).await {
            Err(_) if !left.is_zero() => sleep(left.min(BETWEEN_PROBES)).await,
            probed => return probed,
        }
    }
}

fn recipe(command: &CommandLine, python: &str, wait: Option<Duration>) -> Recipe {
    let filled = |word: &String| word.replace("{python}", python);
    Recipe {
        command: command.words.iter().map(filled).collect(),
        startup: wait.unwrap_or_default().max(STARTUP),
    }
}

const BETWEEN_PROBES: Duration = Duration::from_millis(500);
