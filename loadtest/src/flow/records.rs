//! What is done with the records of runs that are over: compare, merge, fit.

use std::path::{Path, PathBuf};

use anyhow::Context;
use chat_fixtures::{
    colour,
    output::{Outputs, print},
};

use super::Told;
use crate::{
    cli::{self, Cli},
    compare::{self, Options},
    measurement::Measurement,
    merge,
    record::{self, RecordError},
    report::{Report, redacted},
    scale::{self, Points},
    threshold::Threshold,
    verdict,
};

pub(super) fn compare(args: &cli::Compare, told: Told) -> anyhow::Result<u8> {
    let (before, after) = match args.records.as_slice() {
        [before, after] => (std::slice::from_ref(before), std::slice::from_ref(after)),
        _ => (args.before.as_slice(), args.after.as_slice()),
    };
    let options = Options {
        relevant: args.relevant / 100.0,
        force: args.force,
        ..Options::default()
    };
    let comparison = compare::compare(&measurements(before)?, &measurements(after)?, &options)?;
    if let Some(path) = &args.json {
        let text = serde_json::to_string_pretty(&comparison)?;
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    if !told.quiet {
        let text = match colour::is_wanted(told.color, &std::io::stdout()) {
            true => format!("{comparison:#}"),
            false => comparison.to_string(),
        };
        print(&text)?;
    }
    Ok(comparison.exit_code())
}

pub(super) fn merge(args: &cli::Merge, told: Told) -> anyhow::Result<u8> {
    let outputs = Outputs::open(&args.reports, told.quiet, told.color)?;
    let (mut parts, mut limits) = (Vec::new(), Vec::new());
    for path in &args.records {
        let run = record::run(path)?;
        parts.push((name(path), run.measurement));
        limits.extend(run.limits);
    }
    limits.extend(Cli::all(&args.thresholds));
    let merged = merge::merge(parts)?;
    let verdict = verdict::judge(&merged, &each_once(limits));
    let exit_code = verdict.exit_code;
    Report::of(merged, verdict, redacted(std::env::args())).write_to(outputs)?;
    Ok(exit_code)
}

pub(super) fn scale(args: &cli::Scale) -> anyhow::Result<u8> {
    let searches: Result<Vec<_>, RecordError> = args
        .records
        .iter()
        .map(|path| Ok((name(path), record::search(path)?)))
        .collect();
    let fit = scale::fit(Points::of(&searches?)?)?;
    let mut text = fit.to_string();
    for load in &args.load {
        text.push('\n');
        text.push_str(&fit.processes_for(*load).to_string());
    }
    print(&text)?;
    Ok(0)
}

/// What one part has to keep to, the whole has to: the limits of all, each judged once.
fn each_once(limits: Vec<Threshold>) -> Vec<Threshold> {
    let mut all = Vec::new();
    for limit in limits {
        if !all.contains(&limit) {
            all.push(limit);
        }
    }
    all
}

fn measurements(paths: &[PathBuf]) -> anyhow::Result<Vec<Measurement>> {
    paths
        .iter()
        .map(|path| Ok(record::measurement(path)?))
        .collect()
}

fn name(path: &Path) -> String {
    path.display().to_string()
}
