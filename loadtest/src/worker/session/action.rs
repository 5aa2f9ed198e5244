//! What a conversation with a master asks of those who take part in it.

use crate::worker::protocol::ToMaster;

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Say this to the master.
    Send(ToMaster),
    /// Say that this worker is alive.
    Heartbeat,
    /// Report what was measured since the last report.
    Report,
    /// Report the rest, and the record of the run where there is one.
    LastReport,
    /// Have the engine do this.
    Order(Order),
    /// Connect anew.
    Reconnect,
    /// Tell whoever watches.
    Say(String),
    /// The conversation is over.
    Leave(Left),
}

/// What the engine is to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// Have this many users.
    Spawn {
        /// An absolute number, above 0.
        users: u64,
        /// The target, where the master names one.
        host: Option<String>,
    },
    /// End the run.
    Stop,
}

/// Why a conversation is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// No master ever answered.
    NeverCame,
    /// The master said so.
    ToldToQuit,
    /// The master was not heard of for too long.
    MasterGone,
    /// Whoever started this worker said so.
    Interrupted,
    /// The engine could not go on.
    Failed,
}
