//! What a Locust master and its workers say to each other: `[type, data, node_id]` in msgpack, nothing but the words.
//!
//! Written against Locust 2.47, `locust/rpc/protocol.py` and `locust/runners.py`; the tests read what a real
//! master and a real worker said (`loadtest/locust/record.py` records it).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, de::IgnoredAny};
use thiserror::Error;

use super::stats::Report;

/// User class → how many users of it.
pub type Users = BTreeMap<String, u64>;

/// What a master says to a worker.
#[derive(Debug, Clone, PartialEq)]
pub enum FromMaster {
    /// You are known, as the worker of this index.
    Ack {
        /// Counted from 0; masters before 2.10.2 give none.
        index: Option<u64>,
    },
    /// Have these users from now on.
    Spawn(Spawn),
    /// The ramp is over: every worker has been told its last number of users.
    SpawningComplete,
    /// A heartbeat has been heard.
    Heartbeat,
    /// End the run and be ready for another.
    Stop,
    /// End the run and go.
    Quit,
    /// Connect anew: what came was garbled.
    Reconnect,
    /// Settings of a user class, which have no meaning here.
    UpdateUserClass,
    /// End the run and send its record: said by our own listener on Locust's side, before `Stop` or `Quit`.
    Finish {
        /// The workers that are gone without having said that their run was over.
        lost: Vec<String>,
    },
    /// Anything else.
    Unknown(String),
}

/// How many users a worker shall have: absolute numbers, not more or fewer than before.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Spawn {
    /// When it was said, in seconds since 1970 on the master's clock: an older one than the last is void.
    pub timestamp: f64,
    /// Users of each class.
    #[serde(rename = "user_classes_count")]
    pub users: Users,
    /// The target, where the master was given one.
    #[serde(default)]
    pub host: Option<String>,
}

/// What a worker says to a master.
#[derive(Debug, Clone, PartialEq)]
pub enum ToMaster {
    /// Here I am; with −1 for a version, which a master does not compare with its own.
    ClientReady,
    /// I have heard the number of users.
    Spawning,
    /// I have as many users as I was told.
    SpawningComplete(Users),
    /// I am alive.
    Heartbeat {
        /// What I am doing.
        state: State,
        /// How much of its busiest core the device uses, 0 to 100.
        cpu: f64,
        /// Resident memory, in bytes.
        memory: u64,
    },
    /// What was measured since the last report.
    Stats(Box<Report>),
    /// The run has ended.
    ClientStopped,
    /// I go.
    Quit,
    /// Something went wrong that ends the run.
    Exception(String),
}

/// The states of a worker that a master knows, as `locust/runners.py` writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Without users.
    Ready,
    /// Getting them.
    Spawning,
    /// Having them.
    Running,
}

/// What was received is no message.
#[derive(Debug, Error)]
#[error("no message of a Locust master: {0}")]
pub struct Garbled(#[from] rmp_serde::decode::Error);

impl FromMaster {
    /// Reads a message; one of a type not known here is no error.
    ///
    /// # Errors
    /// [`Garbled`] when it is no message, or lacks what one of its type has.
    pub fn decode(bytes: &[u8]) -> Result<Self, Garbled> {
        let (kind, _, _): (String, IgnoredAny, IgnoredAny) = rmp_serde::from_slice(bytes)?;
        Ok(match kind.as_str() {
            "ack" => {
                let (_, ack, _): (IgnoredAny, Option<Ack>, IgnoredAny) =
                    rmp_serde::from_slice(bytes)?;
                Self::Ack {
                    index: ack.and_then(|ack| ack.index),
                }
            }
            "spawn" => {
                let (_, spawn, _): (IgnoredAny, Spawn, IgnoredAny) = rmp_serde::from_slice(bytes)?;
                Self::Spawn(spawn)
            }
            "spawning_complete" => Self::SpawningComplete,
            "heartbeat" => Self::Heartbeat,
            "stop" => Self::Stop,
            "quit" => Self::Quit,
            "reconnect" => Self::Reconnect,
            "update_user_class" => Self::UpdateUserClass,
            FINISH => {
                let (_, finish, _): (IgnoredAny, Option<Finish>, IgnoredAny) =
                    rmp_serde::from_slice(bytes)?;
                Self::Finish {
                    lost: finish.unwrap_or_default().lost,
                }
            }
            _ => Self::Unknown(kind),
        })
    }
}

impl ToMaster {
    /// Writes a message of the worker of this name.
    ///
    /// # Errors
    /// When a histogram cannot be written, which ours do not cause.
    pub fn encode(&self, node: &str) -> Result<Vec<u8>, rmp_serde::encode::Error> {
        let none: Option<()> = None;
        match self {
            Self::ClientReady => message("client_ready", &ANY_VERSION, node),
            Self::Spawning => message("spawning", &none, node),
            Self::SpawningComplete(users) => {
                let user_count = users.values().sum();
                message(
                    "spawning_complete",
                    &SpawningComplete { users, user_count },
                    node,
                )
            }
            Self::Heartbeat { state, cpu, memory } => {
                let heartbeat = Heartbeat {
                    state: *state,
                    current_cpu_usage: *cpu,
                    current_memory_usage: *memory,
                };
                message("heartbeat", &heartbeat, node)
            }
            Self::Stats(report) => message("stats", report, node),
            Self::ClientStopped => message("client_stopped", &none, node),
            Self::Quit => message("quit", &none, node),
            Self::Exception(msg) => message("exception", &Exception { msg, traceback: "" }, node),
        }
    }
}

fn message(
    kind: &str,
    data: &impl Serialize,
    node: &str,
) -> Result<Vec<u8>, rmp_serde::encode::Error> {
    rmp_serde::to_vec_named(&(kind, data, node))
}

#[derive(Deserialize)]
struct Ack {
    index: Option<u64>,
}

#[derive(Default, Deserialize)]
struct Finish {
    #[serde(default)]
    lost: Vec<String>,
}

#[derive(Serialize)]
struct SpawningComplete<'a> {
    #[serde(rename = "user_classes_count")]
    users: &'a Users,
    user_count: u64,
}

#[derive(Serialize)]
struct Heartbeat {
    state: State,
    current_cpu_usage: f64,
    current_memory_usage: u64,
}

#[derive(Serialize)]
struct Exception<'a> {
    msg: &'a str,
    traceback: &'a str,
}

/// `MasterRunner.handle_message`: a version that is neither its own nor −1 is warned about.
const ANY_VERSION: i8 = -1;
const FINISH: &str = "chat_loadtest_finish";

#[cfg(test)]
mod tests;
