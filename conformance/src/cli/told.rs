//! What a run or a comparison tells, as a command line says it.

use chat_fixtures::output::Outputs;
use clap::{Args, ColorChoice};

use super::{TOLD, values::ReportTo};
use crate::report::Format;

/// Which reports, where to, how loud.
#[derive(Debug, Clone, Args)]
pub struct Told {
    /// Write a report: terminal, junit, json, html, tap or github; to stdout without a path; repeatable
    ///
    /// A file is replaced when all is over, all at once. The report for the terminal is written to stdout
    /// unless another one is.
    #[arg(long = "report", value_name = "FORMAT[=PATH]", help_heading = TOLD)]
    pub reports: Vec<ReportTo>,

    /// Say nothing but errors: no progress, no report that was not asked for
    #[arg(short, long, help_heading = TOLD)]
    pub quiet: bool,

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = TOLD)]
    pub color: ColorChoice,
}

impl Told {
    /// The places of the reports, which are known to be writable.
    ///
    /// # Errors
    /// A sentence, when one cannot be written, or two go to one place.
    pub fn outputs(&self) -> anyhow::Result<Outputs<Format>> {
        Outputs::open(&self.reports, self.quiet, self.color)
    }
}
