//! The scenarios: what the users of a run do.

mod broadcast;
mod idle;
mod live;
mod mixed;
mod owned;
mod reconnect;
pub(crate) mod requests;
mod rest;
mod thread;

use std::sync::Arc;

use anyhow::anyhow;
use goose::goose::Scenario;

use crate::attack::Attack;

/// A scenario. Goose runs one user for each room, who owns it.
#[derive(Debug)]
pub struct Kind {
    /// Its name, as `--scenario` takes it.
    pub name: &'static str,
    /// What it is where the command line says nothing.
    pub defaults: Defaults,
    /// Whether it opens WebSockets.
    pub has_sockets: bool,
    /// The scenario for Goose.
    pub scenario: fn(&Arc<Attack>) -> Scenario,
}

/// A load, where the command line says nothing.
#[derive(Debug, Clone, Copy)]
pub struct Defaults {
    /// Rooms.
    pub rooms: u32,
    /// Participants of each.
    pub members: u32,
    /// How many of them speak; all without a number.
    pub senders: Option<u32>,
    /// Messages a second in all (by REST: journeys); none without a number.
    pub rate: Option<f64>,
}

impl Defaults {
    /// Rooms in which everybody speaks now and then.
    const TALK: Self = Self {
        rooms: 20,
        members: 10,
        senders: None,
        rate: Some(100.0),
    };
}

/// All of them.
pub const ALL: &[Kind] = &[
    live::LIVE,
    broadcast::BROADCAST,
    rest::REST,
    mixed::MIXED,
    reconnect::RECONNECT,
    idle::IDLE,
];

/// The scenario of this name.
///
/// # Errors
/// When there is none.
pub fn by_name(name: &str) -> anyhow::Result<&'static Kind> {
    ALL.iter().find(|kind| kind.name == name).ok_or_else(|| {
        let names: Vec<_> = ALL.iter().map(|kind| kind.name).collect();
        anyhow!("no scenario {name:?}; there are {}", names.join(", "))
    })
}
