//! A search for the most that keeps within the limits: one run after the other, at the loads that the search asks.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::bail;
use chat_fixtures::output::Outputs;
use tokio::{join, sync::mpsc};
use tokio_util::sync::CancellationToken;

use super::{
    Told,
    prepare::{self, Rooms},
    spares::spares_people,
    stdout::Silenced,
    watch::watch,
};
use crate::{
    attack,
    capacity::{Asked, Limits, LimitsError, Observation, search},
    cli,
    measurement::{Load, Pace},
    progress::Progress,
    report::{
        finding::{About, FindingReport},
        redacted,
    },
    verdict,
};

pub(super) async fn run(
    args: &cli::Capacity,
    told: Told,
    stop: &CancellationToken,
) -> anyhow::Result<u8> {
    spares_people(&args.setup.deployment, &args.reports)?;
    let limits = limits(args)?;
    let outputs = Outputs::open(&args.reports, told.quiet, told.color)?;
    let mut progress = Progress::of_search(args.budget, told.quiet);
    let prepared = prepare::prepares(&args.setup, Rooms::Here(args.rooms), stop, |text| {
        progress.says(text);
    })
    .await?;
    let mut about = About {
        command: redacted(std::env::args()),
        targets: prepared
            .plan
            .bases()
            .into_iter()
            .map(str::to_owned)
            .collect(),
        slo: args.slo.0.clone(),
        ..About::default()
    };
    let searching = Instant::now();
    let mut last: Option<Load> = None;
    // What could not be seen of the server; of many probes it is told once.
    let mut unseen = BTreeMap::new();
    let mut probes = 0;
    let silenced = Silenced::begins()?;
    let finding = search::<anyhow::Error>(limits, async |asked: Asked| {
        probes += 1;
        let probe = format!("probe {probes}, {asked}");
        let began = Instant::now();
        let mut plan = prepared.plan.clone();
        plan.duration = Some(args.probe);
        plan.load.pace = pace(args.poisson, asked.load);
        let watch = watch(&args.setup, plan.load.pace);
        let (intervals, mut seconds) = mpsc::channel(64);
        let tells = async {
            while let Some(interval) = seconds.recv().await {
                progress.tells_probe(&probe, &interval, searching.elapsed());
            }
        };
        let (measured, ()) = join!(attack::run(plan, watch, intervals, stop.clone()), tells);
        if stop.is_cancelled() {
            return Ok(None);
        }
        let measurement = measured?;
        let verdict = verdict::judge(&measurement, &args.slo.0);
        let observation = Observation::of(&measurement, &verdict, began.elapsed());
        let spent = searching.elapsed().as_secs();
        progress.keeps(&format!("{spent:>4} s: {probe} · {observation}"));
        if last.is_none() {
            about.began = measurement.began;
            about.machine = measurement.device.machine;
        }
        for server in measurement.servers {
            if let Some(remark) = server.remark {
                unseen.entry(server.name).or_insert(remark);
            }
        }
        last = Some(measurement.load);
        Ok(Some(observation))
    })
    .await;
    drop(silenced);
    progress.ends();
    let Some(mut finding) = finding? else {
        bail!("stopped before any load was tried: there is no answer");
    };
    finding.load = last;
    finding.remarks.splice(0..0, prepared.remarks);
    let unseen = unseen.iter();
    let unseen = unseen.map(|(server, remark)| format!("{server}: {remark}"));
    finding.remarks.extend(unseen);
    let report = FindingReport::of(finding, about);
    report.write_to(outputs)?;
    Ok(report.exit_code)
}

/// What the search has to keep to.
fn limits(args: &cli::Capacity) -> Result<Limits, LimitsError> {
    let limits = Limits {
        start: args.start,
        lowest: args.start.min(1.0),
        highest: args.max,
        precision: args.precision / 100.0,
        confirmations: args.confirm,
        budget: args.budget,
        // Opening the rooms, closing them, and what comes late take their time too.
        probe: args.probe + OVERHEAD,
    };
    limits.checked()
}

fn pace(is_poisson: bool, per_second: f64) -> Pace {
    if is_poisson {
        Pace::Poisson { per_second }
    } else {
        Pace::Fixed { per_second }
    }
}

const OVERHEAD: Duration = Duration::from_secs(5);
