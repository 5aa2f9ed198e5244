//! That the device is right: what it says of servers whose faults are known beforehand, to the message.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod agreement;
mod balanced;
mod carried;
mod faults;
mod goose_rules;
mod nothing_there;
mod outage;
#[path = "../people/mod.rs"]
mod people;
mod program;
mod reconnects;
mod rooms_over_time;
mod stage;
mod stalls;
mod starved;
mod stopped;
