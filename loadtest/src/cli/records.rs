//! What is made of earlier records: `compare`, `merge` and `scale`.

use std::path::PathBuf;

use clap::Args;

use super::values;
use crate::{report::ReportTo, threshold::Thresholds};

/// Say what changed between runs, beyond their noise.
#[derive(Debug, Clone, Args)]
pub struct Compare {
    /// The record before, and the one after
    #[arg(
        value_name = "RECORD",
        num_args = 2,
        required_unless_present = "before"
    )]
    pub records: Vec<PathBuf>,

    /// Several records before
    #[arg(long, value_name = "RECORD", num_args = 1.., requires = "after", conflicts_with = "records")]
    pub before: Vec<PathBuf>,

    /// Several records after
    #[arg(long, value_name = "RECORD", num_args = 1.., requires = "before")]
    pub after: Vec<PathBuf>,

    /// The least difference that matters, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0, value_parser = values::percent)]
    pub relevant: f64,

    /// Judge times and rates of invalid runs too
    #[arg(long)]
    pub force: bool,

    /// Write the comparison as JSON to this file
    #[arg(long, value_name = "PATH")]
    pub json: Option<PathBuf>,
}

/// Merge the records of several machines into one, exactly.
#[derive(Debug, Clone, Args)]
pub struct Merge {
    /// The records to merge; one will do, where no other is left
    #[arg(value_name = "RECORD", num_args = 1.., required = true)]
    pub records: Vec<PathBuf>,

    /// A limit that fails the run, as for run, beside those that the records were held to; repeatable
    #[arg(long = "threshold", value_name = "LIMIT")]
    pub thresholds: Vec<Thresholds>,

    /// Write a report: terminal, html, json, junit, hdr or prometheus; to stdout without a path; repeatable
    #[arg(long = "report", value_name = "FORMAT[=PATH]")]
    pub reports: Vec<ReportTo>,
}

/// How capacity grows with processes.
#[derive(Debug, Clone, Args)]
pub struct Scale {
    /// JSON reports of capacity searches that differ in the number of processes alone
    #[arg(value_name = "RECORD", num_args = 1.., required = true)]
    pub records: Vec<PathBuf>,

    /// Say how many processes this load needs; repeatable
    #[arg(long, value_name = "RATE", value_parser = values::rate)]
    pub load: Vec<f64>,
}
