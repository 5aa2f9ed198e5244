//! The REST half as a whole, asked through the router on a database of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod any_request;
mod people;
mod precedence;
