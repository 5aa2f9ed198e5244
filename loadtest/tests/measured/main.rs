//! What is made of what was measured, without a server: searched, judged, told, compared, merged, put on a curve.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod capacity;
mod compare;
mod example;
mod finding;
mod harm;
mod merge;
mod program;
mod reports;
mod scale;
mod schema;
