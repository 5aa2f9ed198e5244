//! Several real processes on one database and one Redis, from the outside.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod database_outages;
mod deaths;
mod deployment;
mod endings;
mod flows;
mod full_queues;
mod hearing;
mod load;
mod order;
mod outages;
