//! One of many workers, led by an unmodified Locust master.
//!
//! ```text
//! master ──orders──▶ link ─▶ session ─▶ driver ─▶ engine: loads the chat server
//!        ◀─reports──  ◀───────  gathered  ◀─seconds─┘
//! ```
//!
//! A user, in Locust's sense, is a member of a room with its connection. Each worker keeps its rooms to itself, so that
//! one clock measures each delivery. Locust's page shows the rows of [`stats`]; the exact figures travel beside them and
//! stand in each worker's own record.

mod conversation;
pub mod driver;
pub mod engine;
pub mod link;
pub mod protocol;
pub mod session;
pub mod stats;

use std::time::Duration;

use anyhow::bail;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use self::{conversation::Conversation, driver::drive};
pub use self::{
    engine::{Begun, Engine, Spawned},
    link::Master,
    session::{Left, Timing},
};
use crate::measurement::Measurement;

/// Whom a worker follows.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// The Locust master that leads this worker; its port is 5557 where none is given
    #[arg(long = "locust", value_name = "HOST:PORT", help_heading = MASTER)]
    pub master: Master,

    /// What this worker is called at the master and in its record [default: the host's name and a random number]
    #[arg(long, value_name = "NAME", default_value_t = own_name(), hide_default_value = true, help_heading = MASTER)]
    pub name: String,

    /// How long to wait for the master to answer at first: 30s, 5m
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = humantime::parse_duration, help_heading = MASTER)]
    pub locust_wait: Duration,
}

/// Where a worker tells what it does.
pub trait Output: Send {
    /// One line for whoever watches.
    fn says(&mut self, line: &str);

    /// A run is over: its record is to be written.
    ///
    /// # Errors
    /// When it cannot be written, which ends the worker.
    fn reports(&mut self, measurement: &Measurement) -> anyhow::Result<()>;
}

/// Follows a master until it says quit, is gone, or `stop` is cancelled. A run that is under way then is ended in
/// order, and its record written. A master may have several runs, one after another.
///
/// # Errors
/// When no master answered in time, the engine could not go on, or a record was not written.
pub async fn run(
    options: &Options,
    timing: Timing,
    engine: &mut impl Engine,
    output: &mut impl Output,
    stop: &CancellationToken,
) -> anyhow::Result<Left> {
    let (orders, ordered) = mpsc::channel(ORDERS);
    let (happens, events) = mpsc::channel(EVENTS);
    let conversation = Conversation::new(options, timing, orders, output)?;
    tokio::select! {
        left = conversation.goes_on(events, stop) => left,
        // It ends when the conversation has, which is the other branch.
        () = drive(engine, ordered, happens) => bail!("the engine takes no orders any more"),
    }
}

/// A name that no other worker has: a master tells its workers apart by it.
fn own_name() -> String {
    let host = rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned();
    // A ZeroMQ identity has 255 bytes at most.
    let host: String = host.chars().filter(char::is_ascii).take(64).collect();
    format!("{host}_{:016x}", rand::random::<u64>())
}

const MASTER: &str = "Whom to follow";
/// A master says a handful in a ramp, and they are taken as they come.
const ORDERS: usize = 64;
const EVENTS: usize = 64;
