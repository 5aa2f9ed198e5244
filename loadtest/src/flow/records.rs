//! What is done with the records of runs that are over: compare, merge, fit.

use std::path::{Path, PathBuf};

use anyhow::Context;
use chat_fixtures::output::{Outputs, print};

use super::Told;
use crate::{
    cli::{self, Cli},
    compare::{self, Options},
    measurement::Measurement,
    merge, record,
    report::{Report, redacted},
    scale::{self, Points},
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
        print(&comparison.to_string())?;
    }
    Ok(comparison.exit_code())
}

pub(super) fn merge(args: &cli::Merge, told: Told) -> anyhow::Result<u8> {
    let outputs = Outputs::open(&args.reports, told.quiet, told.color)?;
    let mut parts = Vec::new();
    for path in &args.records {
        parts.push((name(path), record::measurement(path)?));
    }
    let merged = merge::merge(parts)?;
    let verdict = verdict::judge(&merged, &Cli::all(&args.thresholds));
    let exit_code = verdict.exit_code;
    Report::of(merged, verdict, redacted(std::env::args())).write_to(outputs)?;
    Ok(exit_code)
}

pub(super) fn scale(args: &cli::Scale) -> anyhow::Result<u8> {
    let mut points = Points::default();
    for path in &args.records {
        // A search says the capacity; a run says what it carried.
        match record::finding(path) {
            Ok(finding) => points.add_finding(&name(path), &finding, None),
            Err(no_finding) => match record::measurement(path) {
                Ok(run) => points.add_run(&name(path), &run),
                Err(_) => return Err(no_finding.into()),
            },
        }
    }
    let fit = scale::fit(points)?;
    let mut text = fit.to_string();
    for load in &args.load {
        text.push('\n');
        text.push_str(&fit.processes_for(*load).to_string());
    }
    print(&text)?;
    Ok(0)
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
