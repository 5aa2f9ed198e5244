//! The command line: its doc comments are the help.

pub mod values;

use std::{net::SocketAddr, num::NonZeroUsize, path::PathBuf, time::Duration};

use chat_fixtures::arguments::{base_url, header, positive_duration};
use clap::{Args, ColorChoice, Parser, Subcommand};
use http::{HeaderName, HeaderValue};

use crate::{
    report::ReportTo,
    test_plan::TestPlan,
    threshold::{Threshold, Thresholds},
    worker,
};

/// Loads a chat deployment over HTTP and WebSocket, and judges every delivery.
///
/// People in rooms talk at a given rate, connected through all processes of the deployment. Every message carries
/// when it was due, and every connection's frames are judged: when each participant heard it, through which
/// process, and what was lost, repeated, out of order, altered or leaked.
#[derive(Debug, Clone, Parser)]
#[command(name = "chat-loadtest", version, max_term_width = 100, after_help = EXIT_CODES, after_long_help = EXAMPLES)]
#[command(
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// Say nothing but errors: no progress, no report that was not asked for
    #[arg(short, long, global = true)]
    pub quiet: bool,

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub color: ColorChoice,
}

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// One run at one load
    Run(Box<Run>),
    /// Search for the most that keeps within the limits
    Capacity(Box<Capacity>),
    /// Say what changed between runs, beyond their noise
    Compare(Compare),
    /// Merge the records of several machines into one, exactly
    Merge(Merge),
    /// How capacity grows with processes: fit the Universal Scalability Law
    Scale(Scale),
    /// Take part in a run that a Locust master leads
    ///
    /// The master says when a run begins and ends, and how many users each worker has. A user is a member of a room with
    /// its connection: with 100 users and --members 10 a worker opens ten rooms. Users too few for another room are left
    /// out, and the report says how many. Each worker has rooms and people of its own: on one machine each takes
    /// an --accounts file of its own, or none.
    ///
    /// --rate, --poisson and the ramps are each worker's own, whatever the number of its users: two workers with
    /// --rate 100/s say 200 messages a second.
    ///
    /// The reports are written at the end of each run; those of the second go to run-2.json where the first's are in
    /// run.json. The exit code is that of the worst run; 2 when there was none.
    Worker(Box<Worker>),
}

/// One run at one load.
#[derive(Debug, Clone, Args)]
pub struct Run {
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened, the documentation is the group's")]
    pub deployment: Deployment,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened, the documentation is the group's")]
    pub shape: Shape,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened, the documentation is the group's")]
    pub rooms: Rooms,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened, the documentation is the group's")]
    pub pace: Pace,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened, the documentation is the group's")]
    pub device: Device,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened, the documentation is the group's")]
    pub telling: Telling,

    /// How long to measure: 60s, 5m
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = positive_duration, help_heading = LOAD)]
    pub duration: Duration,

    /// Rooms open over time, as Goose's test plan: 5,10s;5,30s;20,10s grows to 5 rooms, holds them, grows to 20
    ///
    /// Each step is ROOMS,DURATION: the rooms at its end, and how long it takes to get there. Replaces
    /// --rooms, --ramp and --duration. The rate is that of the most rooms; fewer say less, each as much.
    #[arg(long, value_name = "PLAN", conflicts_with_all = ["rooms", "ramp", "duration"], help_heading = LOAD)]
    pub plan: Option<TestPlan>,
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
    #[arg(long = "threshold", value_name = "LIMIT", help_heading = TOLD)]
    pub thresholds: Vec<Thresholds>,

    /// A limit in Goose's own words for its requests: 'p99<2s for POST /api/chats/'; repeatable
    #[arg(long, value_name = "RULE", help_heading = TOLD)]
    pub goose_threshold: Vec<String>,

    /// Serve the running figures to Prometheus at this address: 127.0.0.1:9464
    #[arg(long, value_name = "ADDRESS", help_heading = TOLD)]
    pub metrics: Option<SocketAddr>,

    /// Write a report: terminal, html, json, junit, hdr or prometheus; to stdout without a path; repeatable
    ///
    /// json is the record that compare, merge and scale read. hdr is an HdrHistogram log.
    #[arg(long = "report", value_name = "FORMAT[=PATH]", help_heading = TOLD)]
    pub reports: Vec<ReportTo>,
}

/// Search for the most that keeps within the limits.
#[derive(Debug, Clone, Args)]
#[command(after_help = CAPACITY_EXIT_CODES)]
pub struct Capacity {
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened, the documentation is the group's")]
    pub deployment: Deployment,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened, the documentation is the group's")]
    pub shape: Shape,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened, the documentation is the group's")]
    pub rooms: Rooms,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened, the documentation is the group's")]
    pub device: Device,

    /// The limits to keep
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
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = positive_duration, help_heading = SEARCH)]
    pub probe: Duration,

    /// How often the answer is confirmed
    #[arg(long, value_name = "N", default_value_t = 3, help_heading = SEARCH)]
    pub confirm: u32,

    /// How long the search may take in all; then the range it has is the answer
    #[arg(long, value_name = "DURATION", default_value = "9m", value_parser = positive_duration, help_heading = SEARCH)]
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

/// Whom to load.
#[derive(Debug, Clone, Args)]
pub struct Deployment {
    /// Base URLs of the deployment, one a process (or its balancer's)
    #[arg(value_name = "URL", required = true, value_parser = base_url)]
    pub urls: Vec<String>,

    /// One URL stands for this many processes behind a balancer
    #[arg(long, value_name = "N", help_heading = WHOM)]
    pub behind_balancer: Option<u32>,

    /// A name for this deployment in reports and comparisons
    #[arg(long, value_name = "NAME", help_heading = WHOM)]
    pub label: Option<String>,

    /// Send this header with every request and handshake; repeatable
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", value_parser = header, help_heading = WHOM)]
    pub headers: Vec<(HeaderName, HeaderValue)>,

    /// Trust these certificate authorities (PEM) and no others
    #[arg(long, value_name = "FILE", help_heading = WHOM)]
    pub cacert: Option<PathBuf>,

    /// Trust any certificate
    #[arg(long, conflicts_with = "cacert", help_heading = WHOM)]
    pub insecure: bool,

    /// Keep trying until the deployment answers, at most this long: 30s, 2m
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration, help_heading = WHOM)]
    pub wait: Option<Duration>,

    /// Show what this process of the server costs beside the load; repeatable
    #[arg(long, value_name = "PID", help_heading = WHOM)]
    pub server_pid: Vec<u32>,

    /// The same from its Prometheus metrics; repeatable
    #[arg(long, value_name = "URL", help_heading = WHOM)]
    pub server_metrics: Vec<String>,

    /// The people who take part, kept in this file with their sessions for the next run
    ///
    /// Missing people are registered. Where registration is closed: a file of lines username:password.
    #[arg(long, value_name = "FILE", help_heading = WHOM)]
    pub accounts: Option<PathBuf>,

    /// How many people take part [default: as many as a room has members, 100 at least if there are as many seats]
    #[arg(long, value_name = "N", help_heading = WHOM)]
    pub people: Option<u32>,
}

/// What people do, and how many they are.
#[derive(Debug, Clone, Args)]
pub struct Shape {
    /// What people do: live, broadcast, rest, mixed, reconnect or idle
    #[arg(long, value_name = "NAME", default_value = "live", value_parser = values::scenario, help_heading = LOAD)]
    pub scenario: String,

    /// How many people in each, every one with a connection [default: 10; broadcast: 200]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = LOAD)]
    pub members: Option<u32>,

    /// How many of them speak [default: all; broadcast: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = LOAD)]
    pub senders: Option<u32>,

    /// How long a message's content is, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 64, value_parser = clap::value_parser!(u32).range(64..), help_heading = LOAD)]
    pub payload: u32,

    /// How many rooms are opened a second
    #[arg(long, value_name = "RATE", default_value = "50/s", value_parser = values::rate, help_heading = LOAD)]
    pub ramp: f64,

    /// How many connections are opened a second
    #[arg(long, value_name = "RATE", default_value = "500/s", value_parser = values::rate, help_heading = LOAD)]
    pub connect_rate: f64,

    /// Where all randomness comes from
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = LOAD)]
    pub seed: u64,
}

/// How many rooms there are, where this command line says so.
#[derive(Debug, Clone, Copy, Args)]
pub struct Rooms {
    /// How many rooms (chats) [default: 20; broadcast: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = LOAD)]
    pub rooms: Option<u32>,
}

/// When messages are due.
#[derive(Debug, Clone, Args)]
#[group(multiple = false)]
pub struct Pace {
    /// Messages a second in all, at even distances, whatever the server does (the open model) [default: 100/s]
    #[arg(long, value_name = "RATE", value_parser = values::rate, help_heading = LOAD)]
    pub rate: Option<f64>,

    /// The same at distances as of independent people: a Poisson process
    #[arg(long, value_name = "RATE", value_parser = values::rate, help_heading = LOAD)]
    pub poisson: Option<f64>,

    /// So many messages under way in each room, each followed by the next when it was heard (the closed model)
    ///
    /// Shows how fast a deployment can go. It says little about latency: a server that stalls is asked less.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = LOAD)]
    pub in_flight: Option<u32>,
}

/// The device itself.
#[derive(Debug, Clone, Args)]
pub struct Device {
    /// How many threads drive connections [default: half of the cores]
    #[arg(long, value_name = "N", help_heading = DEVICE)]
    pub threads: Option<NonZeroUsize>,

    /// How long a message may take before it is lost
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = positive_duration, help_heading = DEVICE)]
    pub patience: Duration,

    /// How long a request or a handshake may take
    #[arg(long, value_name = "DURATION", default_value = "15s", value_parser = positive_duration, help_heading = DEVICE)]
    pub timeout: Duration,

    /// How many rooms are compared with their history at the end
    #[arg(long, value_name = "N", default_value_t = 3, help_heading = DEVICE)]
    pub samples: u32,

    /// How late the device itself may be, 99 times of 100, before the run is invalid
    #[arg(long, value_name = "DURATION", default_value = "10ms", value_parser = positive_duration, help_heading = DEVICE)]
    pub max_lateness: Duration,
}

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
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0)]
    pub relevant: f64,

    /// Compare invalid runs and different loads too
    #[arg(long)]
    pub force: bool,

    /// Write the comparison as JSON to this file
    #[arg(long, value_name = "PATH")]
    pub json: Option<PathBuf>,
}

/// Merge the records of several machines into one, exactly.
#[derive(Debug, Clone, Args)]
pub struct Merge {
    /// The records to merge
    #[arg(value_name = "RECORD", num_args = 2.., required = true)]
    pub records: Vec<PathBuf>,

    /// A limit that fails the run, as for run; repeatable
    #[arg(long = "threshold", value_name = "LIMIT")]
    pub thresholds: Vec<Thresholds>,

    /// Write a report: terminal, html, json, junit, hdr or prometheus; to stdout without a path; repeatable
    #[arg(long = "report", value_name = "FORMAT[=PATH]")]
    pub reports: Vec<ReportTo>,
}

/// How capacity grows with processes.
#[derive(Debug, Clone, Args)]
pub struct Scale {
    /// Records of capacity searches, of different numbers of processes
    #[arg(value_name = "RECORD", num_args = 1.., required = true)]
    pub records: Vec<PathBuf>,

    /// Say how many processes this load needs; repeatable
    #[arg(long, value_name = "RATE", value_parser = values::rate)]
    pub load: Vec<f64>,
}

/// Take part in a run that a Locust master leads.
#[derive(Debug, Clone, Args)]
pub struct Worker {
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened, the documentation is the group's")]
    pub leader: worker::Options,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened, the documentation is the group's")]
    pub deployment: Deployment,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened, the documentation is the group's")]
    pub shape: Shape,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened, the documentation is the group's")]
    pub pace: Pace,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened, the documentation is the group's")]
    pub device: Device,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened, the documentation is the group's")]
    pub telling: Telling,
}

impl Cli {
    /// The limits of all occurrences of an option.
    #[must_use]
    pub fn all(limits: &[Thresholds]) -> Vec<Threshold> {
        limits
            .iter()
            .flat_map(|limits| limits.0.iter().cloned())
            .collect()
    }
}

const WHOM: &str = "Whom to load";
const LOAD: &str = "What load";
const SEARCH: &str = "The search";
const DEVICE: &str = "The device";
const TOLD: &str = "What is told";

const EXIT_CODES: &str = "\
Exit codes: 0 within the limits, 1 a limit missed (or a regression), 2 could not run, 4 the run is invalid: \
the device was late, so its figures say nothing about the server.";

const CAPACITY_EXIT_CODES: &str = "\
Exit codes: 0 a capacity was found (also when nothing broke, or time ran out with a load that held: then it is \
\"at least\"), 1 no load held, 2 could not run, 4 the device broke first: what it says is \"at least\", and the \
deployment may carry more.";

const EXAMPLES: &str = "\
Exit codes: 0 within the limits, 1 a limit missed (or a regression), 2 could not run, 4 the run is invalid:
the device was late, so its figures say nothing about the server.

Examples:
  Twenty rooms of ten people, 200 messages a second through two processes, with limits:
    chat-loadtest run http://a:8001 http://b:8002 --rooms 20 --members 10 --rate 200/s --duration 60s \\
      --threshold 'delivery p99 < 250ms' --threshold 'lost == 0' --report html=run.html --report json=run.json
  One room of a thousand, one of them speaking:
    chat-loadtest run http://a:8001 --scenario broadcast --members 1000 --rate 5/s
  Log in, list, create, send and read by REST:
    chat-loadtest run http://a:8001 --scenario rest --rate 50/s
  The guide's usage: accounts and history by REST, talk by WebSocket:
    chat-loadtest run http://a:8001 --scenario mixed
  Waves of people dropping and coming back:
    chat-loadtest run http://a:8001 --scenario reconnect --rooms 50
  Ten thousand connections held:
    chat-loadtest run http://a:8001 --scenario idle --rooms 1000 --members 10 --server-pid $(pidof chat-reference-server)
  The most that two processes carry, and how it grows with processes:
    chat-loadtest capacity http://a:8001 http://b:8002 --slo 'delivery p99 < 250ms, lost == 0' --report json=2.json
    chat-loadtest scale 1.json 2.json 4.json --load 5000/s
  Before and after a change:
    chat-loadtest compare before.json after.json
  One of many machines, led by a Locust master:
    chat-loadtest worker --locust 10.0.0.5:5557 http://a:8001 http://b:8002 --report json=w1.json
    chat-loadtest merge w1.json w2.json --report html=all.html";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn no_option_is_in_the_way_of_another() {
        super::Cli::command().debug_assert();
    }
}
