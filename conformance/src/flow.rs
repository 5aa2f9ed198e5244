//! The flow of a run, from the command line to the exit code.

mod prepare;

use std::{pin::pin, time::Duration};

use chat_fixtures::{
    launch,
    output::{print, says},
    userinfo,
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::prepare::{Prepared, prepare};
use crate::{
    check::{Check, Outcome},
    cli::Cli,
    deviations::Deviations,
    farewell::{self, Left, notes_on, tidies_up},
    listing, planned,
    progress::Line,
    report::{CheckResult, Format, Report},
    reproduction::Way,
    runner::{self, Progress},
    select::Selection,
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
    let outputs = cli.told.outputs()?;
    let began = (OffsetDateTime::now_utc(), Instant::now());
    let seed = cli.chance.seed();

    if let (Some(warning), false) = (farewell::unjoined(cli), cli.told.quiet) {
        says(&warning);
    }
    let line = Line::new(selection.checks.len(), cli.told.quiet, cli.told.color);
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
        way: Way::of(&cli.access),
        plan: cli.plan.as_ref().map(|path| path.display().to_string()),
    };
    report.write_to(outputs)?;
    Ok(report.exit_code)
}

fn lists(cli: &Cli, selection: &Selection) -> anyhow::Result<u8> {
    let as_json = cli.told.reports.iter().any(|to| to.format == Format::Json);
    print(&match as_json {
        true => listing::as_json(selection),
        false => listing::as_text(selection),
    })?;
    Ok(0)
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
