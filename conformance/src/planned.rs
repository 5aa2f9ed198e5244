//! Plans on the command line: the file that `--plan` plays, and the folder where `--plans` keeps those that are
//! found.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail};
use tokio_util::sync::CancellationToken;

use crate::{
    plan::{self, Plan},
    report::CheckResult,
    run::Run,
    runner::Progress,
};

/// The plan in a file.
///
/// # Errors
/// When it cannot be read, is no plan, or has steps that make no sense where they are: what is played has to
/// be what stands there.
pub(crate) fn read(path: &Path) -> anyhow::Result<Plan> {
    let what = || format!("--plan {}", path.display());
    let text = fs::read_to_string(path).with_context(what)?;
    let written: Plan = serde_json::from_str(&text)
        .context("it is no plan")
        .with_context(what)?;
    let plan = written.clone().tidied();
    if plan.steps == written.steps {
        if plan.steps.is_empty() {
            bail!("{}: there are no steps in it", what());
        }
        return Ok(plan);
    }
    // The tidied steps are those written without some: the first that is not the same is one of them.
    let first = written
        .steps
        .iter()
        .zip(plan.steps.iter().map(Some).chain(std::iter::repeat(None)))
        .position(|(written, kept)| Some(written) != kept)
        .unwrap_or_default();
    let step = &written.steps[first];
    bail!(
        "{}: step {} makes no sense where it is: {step}",
        what(),
        first + 1
    )
}

/// The folder, made if there is none.
///
/// # Errors
/// When there can be none.
pub(crate) fn folder(path: &Path) -> anyhow::Result<PathBuf> {
    let what = || format!("--plans {}: no folder to keep plans in", path.display());
    fs::create_dir_all(path).with_context(what)?;
    // A plan is found late in a run; that it cannot be kept is better known before.
    tempfile::tempfile_in(path).with_context(what)?;
    Ok(path.to_owned())
}

/// Plays a plan as the only check of a run: nothing, when it is stopped.
pub(crate) async fn plays(
    run: &Arc<Run>,
    plan: Plan,
    tells: &(dyn Fn(Progress<'_>) + Sync),
    stop: &CancellationToken,
) -> Vec<CheckResult> {
    tokio::select! {
        result = plan::replay(run, plan) => {
            tells(Progress::Ended(&result));
            vec![result]
        }
        () = stop.cancelled() => Vec::new(),
    }
}
