//! Runs the checks: side by side, those that need quiet one by one, each within its time; a check that
//! panics is the suite's fault, not the server's.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream};
use tokio::{
    task::{JoinError, JoinHandle},
    time::error::Elapsed,
};
use tokio_util::sync::CancellationToken;

use crate::{
    check::{Check, Failure, Mark, Outcome, Verdict},
    context::Context,
    report::CheckResult,
    run::Run,
    transcript::Transcript,
};

/// Something a progress display may want to know.
#[derive(Debug)]
pub enum Progress<'a> {
    /// A check is over.
    Ended(&'a CheckResult),
}

/// Runs the checks, `jobs` at a time: their results, in the order given.
pub async fn run(
    run: &Arc<Run>,
    checks: &[&'static Check],
    jobs: usize,
    tells: &(dyn Fn(Progress<'_>) + Sync),
) -> Vec<CheckResult> {
    run_until(run, checks, jobs, tells, &CancellationToken::new()).await
}

/// Runs the checks all side by side, those too that would rather be alone: for a deployment that is known to
/// be sound but for one promise, which does not mind.
pub async fn run_together(
    run: &Arc<Run>,
    checks: &[&'static Check],
    jobs: usize,
) -> Vec<CheckResult> {
    let stop = CancellationToken::new();
    stream::iter(checks.iter().copied())
        .map(|check| run_one(run, check, &stop))
        .buffered(jobs.max(1))
        .collect()
        .await
}

/// The same as [`run`] until `stop` is cancelled: what has not ended by then is untestable.
pub async fn run_until(
    run: &Arc<Run>,
    checks: &[&'static Check],
    jobs: usize,
    tells: &(dyn Fn(Progress<'_>) + Sync),
    stop: &CancellationToken,
) -> Vec<CheckResult> {
    let one = |n: usize, check: &'static Check| async move {
        let result = run_one(run, check, stop).await;
        tells(Progress::Ended(&result));
        (n, result)
    };
    let of = |wanted: fn(&Check) -> bool| {
        let chosen: Vec<_> = checks
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, check)| wanted(check))
            .collect();
        stream::iter(chosen).map(|(n, check)| one(n, check))
    };

    let waiting = of(|check| check.is(Mark::Waits))
        .buffer_unordered(WAITING)
        .collect::<Vec<_>>();
    let others = async {
        let mut results = of(|check| check.marks.iter().all(|mark| *mark == Mark::Generated))
            .buffer_unordered(jobs.max(1))
            .collect::<Vec<_>>()
            .await;
        results.extend(
            of(|check| check.is(Mark::Alone) && !check.is(Mark::Waits))
                .buffered(1)
                .collect::<Vec<_>>()
                .await,
        );
        results
    };
    let (mut results, others) = tokio::join!(waiting, others);
    results.extend(others);
    results.sort_unstable_by_key(|(n, _)| *n);
    results.into_iter().map(|(_, result)| result).collect()
}

async fn run_one(run: &Arc<Run>, check: &'static Check, stop: &CancellationToken) -> CheckResult {
    if stop.is_cancelled() {
        return CheckResult {
            reason: Some(INTERRUPTED.to_owned()),
            ..CheckResult::of(check, Outcome::Untestable, Duration::ZERO)
        };
    }
    let transcript = Transcript::of_run(run);
    let cx = Context::new(run.clone(), check, transcript.clone());
    // At a pace, most of the time is spent waiting for one's turn.
    let longest = match run.target.reach().rate {
        Some(_) => LONGEST * 20,
        None => LONGEST,
    };
    let began = Instant::now();
    let mut task = tokio::spawn(async move { (check.run)(&cx).await });
    let ended = tokio::select! {
        ended = tokio::time::timeout(longest, &mut task) => Some(ended),
        () = stop.cancelled() => None,
    };
    let verdict = match ended {
        None => {
            task.abort();
            // What it holds (servers of its own) is dropped when the task is.
            let _ = task.await;
            Err(Failure::Untestable(INTERRUPTED.to_owned()))
        }
        Some(ended) => judged(ended, &task, longest),
    };
    let took = began.elapsed();
    if verdict.is_err() && took >= run.patience() {
        run.is_disappointed();
    }
    let result = told(check, verdict, took, &transcript);
    run.tidies_up_after(transcript.number).await;
    result
}

/// A check's result: its verdict, and what explains it.
pub(crate) fn told(
    check: &'static Check,
    verdict: Verdict,
    took: Duration,
    transcript: &Transcript,
) -> CheckResult {
    let (outcome, reason, mismatch) = match verdict {
        Ok(()) => return CheckResult::of(check, Outcome::Pass, took),
        Err(Failure::NotApplicable(needs)) => {
            return CheckResult {
                reason: Some(needs),
                ..CheckResult::of(check, Outcome::NotApplicable, took)
            };
        }
        Err(Failure::Violation(mismatch)) => {
            (Outcome::Violation, mismatch.to_string(), Some(mismatch))
        }
        Err(Failure::Untestable(missing)) => (Outcome::Untestable, missing, None),
        Err(Failure::Broken(fault)) => (Outcome::Broken, fault, None),
    };
    let mut result = CheckResult {
        reason: Some(reason),
        mismatch,
        ..CheckResult::of(check, outcome, took)
    };
    transcript.explains(&mut result);
    result
}

fn judged(
    ended: Result<Result<Verdict, JoinError>, Elapsed>,
    task: &JoinHandle<Verdict>,
    longest: Duration,
) -> Verdict {
    match ended {
        Ok(Ok(verdict)) => verdict,
        Ok(Err(panic)) => Err(Failure::Broken(panic.to_string())),
        Err(_) => {
            task.abort();
            Err(Failure::Untestable(format!(
                "it did not end within {longest:?}"
            )))
        }
    }
}

/// Why a check has no result when the run was stopped.
pub(crate) const INTERRUPTED: &str = "interrupted";
/// How long one check may take; the longest waits for a minute by the contract.
const LONGEST: Duration = Duration::from_secs(150);
/// How many waiting checks run at a time, beside the others.
const WAITING: usize = 16;
