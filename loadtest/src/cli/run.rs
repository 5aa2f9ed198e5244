//! What `run` and `worker` take: a load that is put on a deployment once.

use std::{net::SocketAddr, time::Duration};

use clap::Args;

use super::{LOAD, Pace, Rooms, Setup, TOLD, values};
use crate::{report::ReportTo, test_plan::TestPlan, threshold::Thresholds, worker};

/// One run at one load.
#[derive(Debug, Clone, Args)]
pub struct Run {
    /// Whom to load, with what, from which device.
    #[command(flatten)]
    pub setup: Setup,
    /// How many rooms.
    #[command(flatten)]
    pub rooms: Rooms,
    /// When messages are due.
    #[command(flatten)]
    pub pace: Pace,
    /// What is told of it.
    #[command(flatten)]
    pub telling: Telling,

    /// How long to measure: 60s, 5m
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = values::duration, help_heading = LOAD)]
    pub duration: Duration,

    /// Rooms open over time, as Goose's test plan: 5,10s;5,30s;20,10s grows to 5 rooms, holds them, grows to 20
    ///
    /// Each step is ROOMS,DURATION: the rooms at its end, and how long it takes to get there. Replaces
    /// --rooms, --ramp and --duration. The rate is that of the most rooms; fewer say less, each as much.
    #[arg(long, value_name = "PLAN", value_parser = values::plan, conflicts_with_all = ["rooms", "ramp", "duration"], help_heading = LOAD)]
    pub plan: Option<TestPlan>,
}

/// Take part in a run that a Locust master leads.
#[derive(Debug, Clone, Args)]
pub struct Worker {
    /// The master.
    #[command(flatten)]
    pub leader: worker::Options,
    /// Whom to load, with what, from which device.
    #[command(flatten)]
    pub setup: Setup,
    /// When messages are due.
    #[command(flatten)]
    pub pace: Pace,
    /// What is told of it.
    #[command(flatten)]
    pub telling: Telling,
}

/// What is told of a run, and what fails it.
#[derive(Debug, Clone, Args)]
pub struct Telling {
    /// A limit that fails the run: 'delivery p99 < 250ms', 'lost == 0'; repeatable
    ///
    /// A quantity, what of it, and a bound. Times: delivery (to all others), own-echo, same-process,
    /// other-process, fan-out (until the last one heard), service, connect, first-frame, catch-up, lateness,
    /// or a REST request as 'POST /api/chats/'; of them p50, p90, p95, p99, p99.9, max, mean. Counts: lost,
    /// repeated, out_of_order, leaked, altered, broken, failed_requests …; of them nothing, 'ratio' or
    /// 'per second'. What was not measured misses its limit.
    /// Some limits hold of every run (chat-loadtest --help); one on the same figure takes the place of that.
    #[arg(long = "threshold", value_name = "LIMIT", help_heading = TOLD)]
    pub thresholds: Vec<Thresholds>,

    /// A limit in Goose's own words on what it counts: 'p99<2s for POST /api/chats/'; repeatable
    ///
    /// pNN, avg, max, error-rate or rps; <, <=, > or >=; a value; and 'for REQUEST' where it is about one. Goose
    /// judges it from its own figures; of merged records each machine has judged its own.
    #[arg(long = "goose-threshold", value_name = "RULE", value_parser = values::goose_rule, help_heading = TOLD)]
    pub goose_thresholds: Vec<goose::threshold::Threshold>,

    /// Serve the running figures to Prometheus at this address: 127.0.0.1:9464
    #[arg(long, value_name = "ADDRESS", help_heading = TOLD)]
    pub metrics: Option<SocketAddr>,

    /// Write a report: terminal, html, json, junit, hdr or prometheus; to stdout without a path; repeatable
    ///
    /// json is the record that compare and merge read. hdr is an HdrHistogram log.
    #[arg(long = "report", value_name = "FORMAT[=PATH]", help_heading = TOLD)]
    pub reports: Vec<ReportTo>,
}
