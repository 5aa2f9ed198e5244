//! A search for the most that keeps within the limits: one run after the other, at the loads that the search asks.

use std::time::{Duration, Instant};

use anyhow::bail;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    Told,
    prepare::{self, Rooms},
    run::watch,
};
use crate::{
    attack,
    capacity::{Asked, Limits, Missed, Observation, search},
    cli,
    measurement::{Measurement, Pace},
    progress::Progress,
    report::{finding::FindingReport, output::Outputs, redacted},
    threshold::Threshold,
    verdict,
};

pub(super) async fn run(
    args: &cli::Capacity,
    told: Told,
    stop: &CancellationToken,
) -> anyhow::Result<u8> {
    let outputs = Outputs::open(&args.reports, told.quiet, told.color)?;
    let mut progress = Progress::new(args.budget, told.quiet);
    let prepared = prepare::prepares(
        &args.deployment,
        &args.shape,
        Rooms::Here(args.rooms),
        &args.device,
        stop,
        |text| {
            progress.counts(text);
        },
    )
    .await?;
    let limits = Limits {
        start: args.start,
        lowest: args.start.min(1.0),
        highest: args.max,
        precision: args.precision / 100.0,
        confirmations: args.confirm,
        budget: args.budget,
        // Opening the rooms, closing them, and what comes late take their time too.
        probe: args.probe + OVERHEAD,
    }
    .checked()?;
    let mut last = None;
    let finding = search(limits, async |asked: Asked| {
        progress.says(&asked.to_string());
        let began = Instant::now();
        let mut plan = prepared.plan.clone();
        plan.duration = Some(args.probe);
        plan.load.pace = pace(args.poisson, asked.load);
        let watch = watch(&args.deployment, &args.device, plan.load.pace)?;
        // The progress of a search is one line a probe.
        let (intervals, _) = mpsc::channel(1);
        let measurement = attack::run(plan, watch, intervals, stop.clone()).await?;
        if stop.is_cancelled() {
            bail!("stopped: a search that is broken off has no answer");
        }
        let missed = missed(&measurement, &args.slo.0);
        let observation = Observation::of(&measurement, &missed, began.elapsed());
        progress.says(&format!("{asked}: {observation}"));
        last = Some(measurement);
        Ok(observation)
    })
    .await?;
    progress.ends();
    let mut finding = match last {
        Some(last) => finding.about(last.load),
        None => finding,
    };
    finding.remarks.splice(0..0, prepared.remarks);
    let is_capacity = finding.capacity.is_some();
    let slo = args.slo.0.iter().map(ToString::to_string).collect();
    let report = FindingReport::of(finding, slo, redacted(std::env::args()));
    outputs.write_each(|format, _| report.render(format))?;
    Ok(if is_capacity { WITHIN } else { MISSED })
}

fn pace(is_poisson: bool, per_second: f64) -> Pace {
    if is_poisson {
        Pace::Poisson { per_second }
    } else {
        Pace::Fixed { per_second }
    }
}

fn missed(measurement: &Measurement, slo: &[Threshold]) -> Vec<Missed> {
    verdict::judge(measurement, slo)
        .missed()
        .map(|judged| Missed {
            figure: judged.threshold.subject.figure(),
            limit: format!("{}: {}", judged.threshold, judged.told),
        })
        .collect()
}

const WITHIN: u8 = 0;
const MISSED: u8 = 1;
const OVERHEAD: Duration = Duration::from_secs(5);
