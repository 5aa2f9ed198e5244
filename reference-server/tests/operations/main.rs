//! What the person who runs the server sees: starts, settings, logs, health, metrics, ends.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod bad_databases;
mod bad_starts;
mod django_database;
mod health;
mod log;
mod metrics;
mod openmetrics;
mod refusal;
mod run;
mod secret_key;
mod settings;
mod shutdown;
