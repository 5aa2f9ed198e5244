//! What load: what people do, how many they are, and when messages are due.

use clap::Args;

use super::{LOAD, values};

/// What people do, and how many they are.
#[derive(Debug, Clone, Args)]
pub struct Shape {
    /// What people do: live, broadcast, rest, mixed, reconnect or idle
    ///
    /// In reconnect people drop on purpose and come back; in all others nobody does whose connection was ended.
    #[arg(long, value_name = "NAME", default_value = "live", value_parser = values::scenario, help_heading = LOAD)]
    pub scenario: String,

    /// How many people in each, every one with a connection [default: 10; broadcast: 200]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(values::AMOUNT), help_heading = LOAD)]
    pub members: Option<u32>,

    /// How many of them speak [default: all; broadcast: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(values::AMOUNT), help_heading = LOAD)]
    pub senders: Option<u32>,

    /// How long a message's content is, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 64, value_parser = clap::value_parser!(u32).range(values::PAYLOAD), help_heading = LOAD)]
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
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(values::AMOUNT), help_heading = LOAD)]
    pub rooms: Option<u32>,
}

/// When messages are due.
#[derive(Debug, Clone, Args)]
#[group(multiple = false)]
pub struct Pace {
    /// Messages a second in all, at even distances, whatever the server does (the open model)
    ///
    /// The default is 100/s; 10/s for broadcast, 20/s for rest, where each is a journey (list, send, read), and 1/s for
    /// idle.
    #[arg(long, value_name = "RATE", value_parser = values::rate, help_heading = LOAD)]
    pub rate: Option<f64>,

    /// The same at distances as of independent people: a Poisson process
    #[arg(long, value_name = "RATE", value_parser = values::rate, help_heading = LOAD)]
    pub poisson: Option<f64>,

    /// So many messages under way in each room, each followed by the next when it was heard (the closed model)
    ///
    /// Shows how fast a deployment can go. It says little about latency: a server that stalls is asked less.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(values::UNDER_WAY), help_heading = LOAD)]
    pub in_flight: Option<u32>,
}
