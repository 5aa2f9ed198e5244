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

pub mod content;
pub mod histogram;
pub mod ledger;
pub mod measurement;
pub mod metric;
pub mod recorder;
pub mod tally;
pub mod worker;
