//! The ledger's findings, on hand-made histories and on random ones with one thing wrong.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod good;
mod made;
mod random;

use chat_fixtures::ledger::{Key, Kind, Ledger, Sent};

pub(crate) fn key(sender: u32, seq: u32) -> Key {
    Key { sender, seq }
}

/// The kinds found, each once, in alphabetical order.
pub(crate) fn kinds(ledger: &Ledger) -> Vec<Kind> {
    let mut kinds: Vec<_> = ledger
        .findings(LIMIT)
        .iter()
        .map(|finding| finding.kind)
        .collect();
    kinds.sort_unstable_by_key(|kind| format!("{kind:?}"));
    kinds.dedup();
    kinds
}

pub(crate) fn sent(ledger: &mut Ledger, key: Key) -> &mut Sent {
    ledger.sent.iter_mut().find(|sent| sent.key == key).unwrap()
}

/// What is late, in µs.
pub(crate) const LIMIT: u64 = 5_000_000;
