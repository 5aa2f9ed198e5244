//! The flow of a run, from the command line to the exit code.

use std::{pin::pin, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use chat_fixtures::{
    launch,
    output::{Outputs, print, says},
    reach::Reach,
    userinfo,
};
use http::HeaderMap;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    accounts,
    check::{Check, Outcome},
    cli::{Cli, CommandLine},
    deviations::Deviations,
    farewell::{self, Left, notes_on, tidies_up},
    fleet::{Deployment, Recipe, STARTUP},
    listing, planned, probe,
    progress::Line,
    report::{CheckResult, Format, Report},
    reproduction::Way,
    run::Run,
    runner::{self, Progress},
    select::Selection,
    target::Target,
    verdict::{self, Rules},
    vigil::Vigil,
};

/// Does what the command line says: the exit code, 0, 1, 2 or 3.
///
/// When `stop` is cancelled it comes to an end with what there is; what it has made is removed all the same.
///
/// # Errors
/// When it could not run: the exit code is 2.
pub async fn run(cli: &Cli, stop: &CancellationToken) -> anyhow::Result<u8> {
    cli.sorts_out_urls()?;
    let selection = Selection::of(cli)?;
    if cli.list {
        return lists(cli, &selection);
    }
    let deviations = cli
        .deviations
        .as_deref()
        .map(Deviations::named)
        .transpose()?;
    let plan = cli.plan.as_deref().map(planned::read).transpose()?;
    let kept = cli.plans.as_deref().map(planned::folder).transpose()?;
    let outputs = Outputs::open(&cli.reports, cli.quiet, cli.color)?;
    let began = (OffsetDateTime::now_utc(), Instant::now());
    let seed = cli.seed.unwrap_or_else(|| rand::random::<u32>().into());

    if let (Some(warning), false) = (farewell::unjoined(cli), cli.quiet) {
        says(&warning);
    }
    let line = Line::new(selection.checks.len(), cli.quiet, cli.color);
    let prepared = tokio::select! {
        prepared = prepare(cli, seed, &line) => prepared?,
        () = stop.cancelled() => {
            line.ends();
            says("interrupted before the first check; accounts may stay behind, their names begin with ct-");
            return Ok(INCOMPLETE);
        }
    };
    let Prepared {
        run,
        mut deployment,
    } = prepared;

    line.says("");
    let vigil = Vigil::over(&run.target).await;
    let tells = |Progress::Ended(result): Progress<'_>| {
        vigil.ended(result);
        line.ended(result);
    };
    if let Some(folder) = kept {
        // Nobody else sets it.
        let _ = run.plans.set(folder);
    }
    let over = stop.child_token();
    let plays = async {
        match plan {
            Some(plan) => planned::plays(&run, plan, &tells, &over).await,
            None => runner::run_until(&run, &selection.checks, cli.jobs, &tells, &over).await,
        }
    };
    let mut plays = pin!(plays);
    let mut ran = tokio::select! {
        ran = &mut plays => ran,
        () = vigil.keeps(&over) => plays.await,
    };
    let mut headlines = Vec::new();
    let mut cut_short = stop.is_cancelled().then(|| "Interrupted".to_owned());
    let all_well = ran.iter().all(|result| result.outcome == Outcome::Pass);
    if let (None, false, Some(gone)) = (&cut_short, all_well, vigil.ends().await) {
        headlines.push(gone.told(deployment.as_mut()).await);
        let suspects = vigil.excuses(&gone, &mut ran);
        if !suspects.is_empty() {
            headlines.push(format!("Running when it went: {}", suspects.join(", ")));
        }
        cut_short = Some(gone.to_string());
    }
    headlines.extend(farewell::unanswered_handshakes(&ran, cli));
    line.says("tidying up");
    let left = match deployment {
        // It is gone with all that was in it.
        Some(deployment) => {
            deployment.stop().await;
            Left::Nothing
        }
        None => tidies_up(&run).await,
    };
    line.ends();

    let (mut results, checks) = with_those_left_out(ran, &selection);
    let rules = Rules {
        level: cli.level,
        required: &selection.required,
        deviations: deviations.as_ref(),
    };
    let mut notes = verdict::judge(&mut results, &checks, &rules);
    notes.extend(notes_on(&run, cli, left));
    for result in &mut results {
        if result.outcome != Outcome::Pass || result.fails {
            result.again = cli.again(&result.check, seed);
        }
    }
    let exit_code = match (Report::exit_code_of(&results), &cut_short) {
        (code, Some(_)) if stop.is_cancelled() => code.max(INCOMPLETE),
        (0 | 2, Some(_)) => INCOMPLETE,
        (code, _) => code,
    };
    let report = Report {
        tool: concat!("chat-conformance ", env!("CARGO_PKG_VERSION")).to_owned(),
        began: to_the_second(began.0).format(&Rfc3339).unwrap_or_default(),
        took: began.1.elapsed().as_millis(),
        targets: run
            .target
            .bases
            .iter()
            .map(|base| userinfo::hidden(base))
            .collect(),
        processes: run.target.processes,
        level: cli.level,
        seed,
        prefix: run.prefix.clone(),
        exit_code,
        headlines,
        cut_short,
        results,
        notes,
        way: Way::of(cli),
        plan: cli.plan.as_ref().map(|path| path.display().to_string()),
    };
    report.write_to(outputs)?;
    Ok(report.exit_code)
}

fn lists(cli: &Cli, selection: &Selection) -> anyhow::Result<u8> {
    let as_json = cli.reports.iter().any(|to| to.format == Format::Json);
    print(&match as_json {
        true => listing::as_json(selection),
        false => listing::as_text(selection),
    })?;
    Ok(0)
}

struct Prepared {
    run: Arc<Run>,
    deployment: Option<Deployment>,
}

/// Up to the first check: a deployment that is a chat server, and the people of the run on it.
async fn prepare(cli: &Cli, seed: u64, line: &Line) -> anyhow::Result<Prepared> {
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
    let mut target = Target::reached(bases, processes, recipe, reach(cli)?)?;
    target.test_page.clone_from(&cli.test_page);
    if let Some(path) = &cli.accounts {
        target.accounts = Some(accounts::read(path)?);
    }

    line.says("finding out whom it asks");
    let patience = cli.timeout.unwrap_or(PROBE);
    let found = probed(&target, patience, cli.wait).await?;
    line.says("registering people");
    let run = Run::begin(target, seed, cli.cases).await;
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

fn reach(cli: &Cli) -> anyhow::Result<Reach> {
    let mut authorities = Vec::new();
    if let Some(path) = &cli.cacert {
        let pem = std::fs::read(path)
            .with_context(|| format!("cannot read the certificates in {}", path.display()))?;
        authorities.push(pem);
    }
    let mut headers = HeaderMap::new();
    for (name, value) in &cli.headers {
        if ["cookie", "host", "content-length"].contains(&name.as_str()) {
            bail!("--header {name}: the suite has its own");
        }
        headers.append(name.clone(), value.clone());
    }
    Ok(Reach {
        authorities,
        insecure: cli.insecure,
        proxy: cli.proxy.clone(),
        headers,
        rate: cli.rate,
        timeout: cli.timeout,
        connect_timeout: cli.timeout,
    })
}

/// The results in the order of the tables, with a line for each check that was left out and why.
fn with_those_left_out(
    ran: Vec<CheckResult>,
    selection: &Selection,
) -> (Vec<CheckResult>, Vec<&'static Check>) {
    let left_out = selection
        .left_out
        .iter()
        .map(|(check, reason)| CheckResult {
            reason: Some(reason.clone()),
            ..CheckResult::of(check, Outcome::NotApplicable, Duration::ZERO)
        });
    let mut results: Vec<_> = ran.into_iter().chain(left_out).collect();
    let order: Vec<_> = crate::checks::all().map(Check::id).collect();
    results.sort_by_key(|result| order.iter().position(|id| *id == result.check));
    let left_out = selection.left_out.iter().map(|(check, _)| *check);
    let checks = selection.checks.iter().copied().chain(left_out).collect();
    (results, checks)
}

/// As precise as anybody wants to read it.
fn to_the_second(moment: OffsetDateTime) -> OffsetDateTime {
    moment.replace_nanosecond(0).unwrap_or(moment)
}

/// Ends whatever was started, for when there is no time to do it well.
pub fn abandon() {
    launch::kill_all();
}

const INCOMPLETE: u8 = 3;
const PROBE: Duration = Duration::from_secs(10);
const BETWEEN_PROBES: Duration = Duration::from_millis(500);
