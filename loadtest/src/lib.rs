//! Loads a chat deployment over HTTP and WebSocket, and judges every delivery.
//!
//! ```text
//! targets → accounts and rooms → goose users → event loops: connections, ledger, times
//!                                                   │ a tally a second
//!                                                   ▼
//!                                   measurement → verdict → reports → exit code
//! ```
//!
//! `metric`, `histogram`, `tally`, `measurement` are what is measured; everything else writes or reads them.

pub mod account;
pub mod accounts;
pub mod attack;
pub mod capacity;
pub mod cli;
pub mod clock;
pub mod collector;
pub mod compare;
mod connection;
pub mod content;
pub mod cost;
pub mod device;
pub mod difference;
pub mod door;
pub mod event_loop;
pub mod figure;
pub mod flow;
pub mod histogram;
pub mod ledger;
pub mod limits;
pub mod measurement;
pub mod merge;
pub mod metric;
pub mod metrics;
pub mod pace;
pub mod plan;
pub mod progress;
pub mod record;
pub mod recorder;
pub mod report;
pub mod rest;
pub mod room;
pub mod scale;
pub mod scenario;
pub mod speaker;
pub mod tally;
pub mod target;
pub mod test_plan;
pub mod threshold;
pub mod verdict;
pub mod wire;
pub mod worker;
