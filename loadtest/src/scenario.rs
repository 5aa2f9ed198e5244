//! The scenarios: what the users of a run do.

mod live;

use std::sync::Arc;

use anyhow::anyhow;
use goose::goose::Scenario;

use crate::{attack::Attack, measurement::Load};

/// A scenario.
#[derive(Debug)]
pub struct Kind {
    /// Its name, as `--scenario` takes it.
    pub name: &'static str,
    /// What happens in it.
    pub about: &'static str,
    /// How many users Goose runs for a load.
    pub users: fn(&Load) -> u32,
    /// The scenario for Goose.
    pub scenario: fn(&Arc<Attack>) -> Result<Scenario, goose::GooseError>,
}

/// All of them.
pub const ALL: &[Kind] = &[live::LIVE];

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
