//! One run at one load: prepare, load, judge, report.

use std::time::Duration;

use anyhow::Context;
use chat_fixtures::output::Outputs;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    Told,
    prepare::{self, Rooms},
    spares::spares_people,
    stdout::Silenced,
    telling::{exporter, tells},
    watch::watch,
};
use crate::{
    attack,
    cli::{self, Cli},
    clock::micros,
    figure,
    measurement::{Load, Pace},
    progress::Progress,
    report::{Report, redacted},
    verdict,
};

pub(super) async fn run(
    args: &cli::Run,
    told: Told,
    stop: &CancellationToken,
) -> anyhow::Result<u8> {
    spares_people(&args.setup.deployment, &args.telling.reports)?;
    let outputs = Outputs::open(&args.telling.reports, told.quiet, told.color)?;
    let (rooms, duration) = match &args.plan {
        Some(steps) => {
            let rooms = Some(steps.most());
            (cli::Rooms { rooms }, steps.duration())
        }
        None => (args.rooms, args.duration),
    };
    let exporter = exporter(&args.telling, &args.setup.deployment).await?;
    let mut progress = Progress::new(duration, told.quiet);
    let prepared = prepare::prepares(&args.setup, Rooms::Here(rooms), stop, |text| {
        progress.says(text);
    })
    .await?;
    let mut plan = prepared.plan;
    plan.duration = Some(duration);
    plan.load.pace = pace(&args.pace, &plan.load);
    plan.test_plan.clone_from(&args.plan);
    plan.goose_thresholds
        .clone_from(&args.telling.goose_thresholds);
    let watch = watch(&args.setup, plan.load.pace);
    let (intervals, told_of) = mpsc::channel(64);
    let telling = tells(told_of, progress, exporter, None);
    let silenced = Silenced::begins()?;
    let measured = attack::run(plan, watch, intervals, stop.clone()).await;
    drop(silenced);
    telling.await.context("the progress")?;
    let mut measurement = measured?;
    measurement.remarks.splice(0..0, prepared.remarks);
    // Whoever stops a run while it drains has measured all that was to be measured.
    let spoken = Duration::try_from_secs_f64(measurement.measured_s).unwrap_or_default();
    let stopped = (stop.is_cancelled() && spoken + A_MOMENT < duration).then(|| {
        let [spoken, of] = [spoken, duration].map(|length| figure::time(micros(length)));
        format!("after {spoken} of {of}")
    });
    if let Some(so_far) = &stopped {
        let remark = format!("the run was stopped before its time, {so_far}");
        measurement.remarks.push(remark);
    }
    let mut verdict = verdict::judge(&measurement, &Cli::all(&args.telling.thresholds));
    if let Some(so_far) = stopped {
        verdict = verdict.stopped(so_far);
    }
    let exit_code = verdict.exit_code;
    Report::of(measurement, verdict, redacted(std::env::args())).write_to(outputs)?;
    Ok(exit_code)
}

pub(super) fn pace(args: &cli::Pace, load: &Load) -> Pace {
    match (args.rate, args.poisson, args.in_flight) {
        (Some(per_second), _, _) => Pace::Fixed { per_second },
        (_, Some(per_second), _) => Pace::Poisson { per_second },
        (_, _, Some(per_room)) => Pace::InFlight { per_room },
        _ => load.pace,
    }
}

/// What a run may be short of its time for the sake of rounding.
const A_MOMENT: Duration = Duration::from_millis(1);
