//! What `capacity` takes: the limits to keep, and how far to search.

use std::time::Duration;

use clap::Args;

use super::{LOAD, Rooms, Setup, TOLD, values};
use crate::{report::ReportTo, threshold::Thresholds};

/// Search for the most that keeps within the limits.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Capacity {
    /// Whom to load, with what, from which device.
    #[command(flatten)]
    pub setup: Setup,
    /// How many rooms.
    #[command(flatten)]
    pub rooms: Rooms,

    /// The limits to keep, beside those that hold of every run (chat-loadtest --help)
    #[arg(long, value_name = "LIMITS", default_value = "delivery p99 < 250ms, lost == 0", help_heading = SEARCH)]
    pub slo: Thresholds,

    /// Where to begin, in messages a second
    #[arg(long, value_name = "RATE", default_value = "50/s", value_parser = values::rate, help_heading = SEARCH)]
    pub start: f64,

    /// Where to stop, in messages a second
    #[arg(long, value_name = "RATE", default_value = "1000000/s", value_parser = values::rate, help_heading = SEARCH)]
    pub max: f64,

    /// How narrow the range has to be, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0, help_heading = SEARCH)]
    pub precision: f64,

    /// How long each load is tried
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = values::duration, help_heading = SEARCH)]
    pub probe: Duration,

    /// How often the answer is confirmed
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(..=100), help_heading = SEARCH)]
    pub confirm: u32,

    /// How long the search may take in all; then the range it has is the answer
    #[arg(long, value_name = "DURATION", default_value = "9m", value_parser = values::duration, help_heading = SEARCH)]
    pub budget: Duration,

    /// At distances as of independent people (a Poisson process) instead of even ones
    #[arg(long, help_heading = LOAD)]
    pub poisson: bool,

    /// Write a report: terminal, html, json or junit; to stdout without a path; repeatable
    ///
    /// json is the record that scale reads.
    #[arg(long = "report", value_name = "FORMAT[=PATH]", value_parser = values::search_report, help_heading = TOLD)]
    pub reports: Vec<ReportTo>,
}

const SEARCH: &str = "The search";

const EXIT_CODES: &str = "\
Exit codes: 0 a capacity was found (also when nothing broke, or when time ran out with a load that held: then it is \
\"at least\"), 1 no load held, 2 could not run, or stopped (Ctrl-C) before the answer, with what held by then in the \
report, 4 the device broke first: what it says is \"at least\", and the deployment may carry more.";
