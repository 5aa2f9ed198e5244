//! What comes of a worker's runs: a report of each, and the exit code of them all.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use chat_fixtures::output::{Outputs, says};

use crate::{
    cli::{self, Cli},
    flow::Told,
    measurement::Measurement,
    report::{Format, Report, ReportTo, redacted},
    verdict,
    worker::Output,
};

/// Judges and reports run after run.
pub(super) struct Records<'a> {
    args: &'a cli::Telling,
    told: Told,
    /// Opened before anything is done, so that a path that cannot be written is told then.
    first: Option<Outputs<Format>>,
    runs: u32,
    exit_code: Option<u8>,
}

impl<'a> Records<'a> {
    pub(super) fn opens(args: &'a cli::Telling, told: Told) -> anyhow::Result<Self> {
        Ok(Self {
            args,
            told,
            first: Some(Outputs::open(&args.reports, told.quiet, told.color)?),
            runs: 0,
            exit_code: None,
        })
    }

    /// The worst of all runs: invalid before a limit missed, that before all kept. `None` without a run.
    pub(super) const fn exit_code(&self) -> Option<u8> {
        self.exit_code
    }
}

impl Output for Records<'_> {
    fn says(&mut self, line: &str) {
        if !self.told.quiet {
            says(line);
        }
    }

    fn reports(&mut self, measurement: &Measurement) -> anyhow::Result<()> {
        self.runs += 1;
        let outputs = match self.first.take() {
            Some(outputs) => outputs,
            None => {
                let reports = self.args.reports.iter().map(|to| ReportTo {
                    path: to.path.as_deref().map(|path| numbered(path, self.runs)),
                    ..to.clone()
                });
                let reports: Vec<_> = reports.collect();
                Outputs::open(&reports, self.told.quiet, self.told.color)?
            }
        };
        let verdict = verdict::judge(measurement, &Cli::all(&self.args.thresholds));
        self.exit_code = self.exit_code.max(Some(verdict.exit_code));
        let command = redacted(std::env::args());
        Report::of(measurement.clone(), verdict, command).write_to(outputs)
    }
}

/// `run.json` becomes `run-2.json` for the second run: none takes the place of another. A pipe or a device has
/// room for all.
fn numbered(path: &Path, run: u32) -> PathBuf {
    if path.metadata().is_ok_and(|found| !found.is_file()) {
        return path.to_owned();
    }
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{run}"));
    if let Some(extension) = path.extension() {
        name.push(OsString::from("."));
        name.push(extension);
    }
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_run_has_a_file_of_its_own() {
        let numbered = |path: &str| numbered(Path::new(path), 2);
        assert_eq!(numbered("out/run.json"), Path::new("out/run-2.json"));
        assert_eq!(numbered("run"), Path::new("run-2"));
        assert_eq!(numbered("/dev/null"), Path::new("/dev/null"));
    }
}
