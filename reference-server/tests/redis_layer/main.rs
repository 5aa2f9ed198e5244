//! The Redis layer against a real Redis: order and capacity, Django's side of the wire, outages.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![allow(
    unreachable_pub,
    missing_docs,
    reason = "nobody else reads a test's items"
)]

mod bench;
mod cable;
mod django;
mod fleet;
mod hand;
mod outages;
mod pubsub;
mod sealed;
