//! Stdout is kept for reports: what a library prints there while a run goes on is dropped.

use std::{
    fs::OpenOptions,
    io::{self, Write},
    os::fd::OwnedFd,
};

use anyhow::Context;
use rustix::{io::dup, stdio::dup2_stdout};

/// While this lives, nothing reaches stdout. Goose 0.19 says there how many users it has launched, whatever its
/// options; in a pipe that would stand before the report.
pub(super) struct Silenced(OwnedFd);

impl Silenced {
    pub(super) fn begins() -> anyhow::Result<Self> {
        let silences = || -> io::Result<OwnedFd> {
            io::stdout().flush()?;
            let nowhere = OpenOptions::new().write(true).open("/dev/null")?;
            let stdout = dup(io::stdout())?;
            dup2_stdout(nowhere)?;
            Ok(stdout)
        };
        silences()
            .map(Self)
            .context("cannot keep stdout for the report")
    }
}

impl Drop for Silenced {
    fn drop(&mut self) {
        let _ = io::stdout().flush();
        // It was open before, so it can be again.
        let _ = dup2_stdout(&self.0);
    }
}
