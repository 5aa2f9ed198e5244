//! One of many, led by a Locust master: gathers its people, then has the runs that the master says.

mod attacks;
mod records;

use anyhow::bail;
use tokio_util::sync::CancellationToken;

use self::{attacks::Attacks, records::Records};
use super::{
    Told,
    prepare::{self, Rooms},
    run::pace,
    spares::spares_people,
    telling::exporter,
};
use crate::{
    cli,
    progress::Progress,
    worker::{self, Left, Timing},
};

pub(super) async fn run(
    args: &cli::Worker,
    told: Told,
    stop: &CancellationToken,
) -> anyhow::Result<u8> {
    spares_people(&args.setup.deployment, &args.telling.reports)?;
    let mut records = Records::opens(&args.telling, told)?;
    let exporter = exporter(&args.telling, &args.setup.deployment).await?;
    let mut progress = Progress::in_lines(told.quiet);
    // Before the master hears of this worker: what it leads is ready.
    let prepared = prepare::prepares(&args.setup, Rooms::Elsewhere, stop, |text| {
        progress.says(text)
    })
    .await?;
    let mut plan = prepared.plan;
    plan.load.pace = pace(&args.pace, &plan.load);
    plan.goose_thresholds
        .clone_from(&args.telling.goose_thresholds);
    let mut attacks = Attacks::of(args, plan, prepared.remarks, exporter, told.quiet);
    let timing = Timing::default();
    let left = worker::run(&args.leader, timing, &mut attacks, &mut records, stop).await?;
    match records.exit_code() {
        Some(exit_code) => Ok(exit_code),
        None => bail!("nothing was measured: {}", reason(left)),
    }
}

const fn reason(left: Left) -> &'static str {
    match left {
        Left::ToldToQuit => "the master ended before it had a run for this worker",
        Left::MasterGone => "the master was gone before it had a run for this worker",
        Left::Interrupted => "stopped before the master had a run for this worker",
        Left::NeverCame | Left::Failed => "there was no run",
    }
}
