//! Every channel layer that a fleet may use, with a real Daphne of the original: the same layer on both sides, and
//! surroundings in which they do not fit.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod alike;
mod fleet;
mod strangers;
