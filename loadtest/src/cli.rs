//! The command line: its doc comments are the help.

mod capacity;
mod load;
mod records;
mod run;
mod setup;
mod values;

use clap::{ColorChoice, Parser, Subcommand};

pub use self::{
    capacity::Capacity,
    load::{Pace, Rooms, Shape},
    records::{Compare, Merge, Scale},
    run::{Run, Telling, Worker},
    setup::{Deployment, Device, Setup},
};
use crate::threshold::{Threshold, Thresholds};

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
    ///
    /// Times and rates are held against their noise. With several runs a side that is how the runs differ; with one
    /// a side it is how its seconds do, and it takes 10 measured seconds to see it. What has to be 0 (lost, repeated,
    /// out of order, leaked, failed connections, …) needs none of that: it is judged however short the runs are, and
    /// in an invalid run too, whose device was late; what that may have spoilt (times, rates, what was not sent) is not.
    ///
    /// Exit codes: 0 nothing got worse; 1 something did; 2 it cannot be told, as no time and no rate could be judged
    /// and nothing that has to be 0 got worse.
    Compare(Compare),
    /// Merge the records of several machines into one, exactly
    ///
    /// The limits that any of the records was held to are judged on the whole, and so are those of --threshold. A
    /// bare record, as a Locust master writes it, has none.
    ///
    /// Exit codes: as those of run.
    Merge(Merge),
    /// How capacity grows with processes: fit the Universal Scalability Law
    ///
    /// Takes searches of the same question: scenario, rooms, members, speakers, payload, pace and limits. A run is
    /// none of them: it shows what was asked for, and not what can be carried.
    ///
    /// Exit codes: 0 there is a fit; 2 there is none.
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

const LOAD: &str = "What load";
const TOLD: &str = "What is told";

const EXIT_CODES: &str = "\
Exit codes: 0 within the limits, 1 a limit missed (or a regression), or the load not carried, 2 could not run, or stopped \
before its time, 4 the run is invalid: the device was late, so its figures say nothing about the server.";

const EXAMPLES: &str = "\
Exit codes:
  0  within the limits
  1  a limit missed (or a regression), or the load not carried
  2  could not run, or stopped before its time with nothing missed yet
  4  the run is invalid: the device was late, so its figures say nothing about the server

What no late device causes (connections refused or ended, messages lost) fails the run all the same: 1, not 4.

Limits that hold of every run: at most 1 in 1,000 of the connections refused (connect_failures ratio) or ended \
(broken ratio), of the messages that were due unsent (unsent ratio) or refused (refused ratio), of the REST requests \
failed (failed_requests ratio). A --threshold on the same figure takes the place of its limit.

Examples:
  Twenty rooms of ten people, 200 messages a second through two processes, with limits:
    chat-loadtest run http://a:8001 http://b:8002 --rooms 20 --members 10 --rate 200/s \\
      --duration 60s --threshold 'delivery p99 < 250ms' --threshold 'lost == 0' \\
      --report html=run.html --report json=run.json
  One room of a thousand, one of them speaking:
    chat-loadtest run http://a:8001 --scenario broadcast --members 1000 --rate 5/s
  Log in, list, create, send and read by REST:
    chat-loadtest run http://a:8001 --scenario rest --rate 50/s
  The guide's usage: accounts and history by REST, talk by WebSocket:
    chat-loadtest run http://a:8001 --scenario mixed
  Waves of people dropping and coming back:
    chat-loadtest run http://a:8001 --scenario reconnect --rooms 50
  Ten thousand connections held:
    chat-loadtest run http://a:8001 --scenario idle --rooms 1000 --members 10 \\
      --server-pid $(pidof chat-reference-server)
  The most that two processes carry, and how it grows with processes:
    chat-loadtest capacity http://a:8001 http://b:8002 --slo 'delivery p99 < 250ms, lost == 0' \\
      --report json=2.json
    chat-loadtest scale 1.json 2.json 4.json --load 5000/s
  Before and after a change:
    chat-loadtest compare before.json after.json
  One of many machines, led by a Locust master:
    chat-loadtest worker --locust 10.0.0.5:5557 http://a:8001 http://b:8002 \\
      --report json=w1.json
    chat-loadtest merge w1.json w2.json --report html=all.html";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn no_option_is_in_the_way_of_another() {
        super::Cli::command().debug_assert();
    }

    #[test]
    fn an_example_can_be_copied() {
        let commands = super::EXAMPLES.lines().filter(|line| line.starts_with(' '));
        let broken: Vec<_> = commands.filter(|line| line.len() > 100).collect();
        assert_eq!(broken, [""; 0], "wider than help is shown");
    }
}
