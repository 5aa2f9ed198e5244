//! A run to begin with, of which each test changes what it is about.

use chat_loadtest::{
    measurement::{Device, Load, Measurement, Pace},
    tally::Tally,
};

/// A hundred messages a second in twenty rooms of ten, spread over two processes.
pub(crate) fn load() -> Load {
    Load {
        scenario: "live".to_owned(),
        rooms: 20,
        members: 10,
        senders: 10,
        payload: 64,
        pace: Pace::Fixed { per_second: 100.0 },
        seed: 42,
        processes: 2,
        label: None,
    }
}

/// A minute under that load in which nothing came.
pub(crate) fn run() -> Measurement {
    Measurement {
        runs: vec!["0c4f91ab".to_owned()],
        load: load(),
        targets: vec!["http://a".to_owned(), "http://b".to_owned()],
        began: "2026-01-01T00:00:00Z".to_owned(),
        measured_s: 60.0,
        tally: Tally::of(2),
        seconds: Vec::new(),
        device: Device::default(),
        servers: Vec::new(),
        workers: Vec::new(),
        remarks: Vec::new(),
    }
}
