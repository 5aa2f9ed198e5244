//! Which rows and errors of Locust's page a tally becomes: one table.

use crate::{
    histogram::Times,
    metric::Metric,
    tally::{Counts, Requests, Tally},
};

/// One row: a kind of request as Locust sees it.
#[derive(Debug)]
pub(super) struct Row<'a> {
    /// What Locust shows as the method.
    pub method: &'a str,
    /// What Locust shows as the name.
    pub name: &'a str,
    /// The times of those that have one.
    pub times: Option<&'a Times>,
    /// Those that took place and have no time.
    pub untimed: u64,
    /// What went wrong with how many.
    pub errors: Vec<(String, u64)>,
}

/// All rows of a tally that are not empty.
pub(super) fn rows(tally: &Tally) -> impl Iterator<Item = Row<'_>> {
    let messages = KINDS.iter().map(|kind| kind.row(tally));
    let requests = tally
        .requests
        .iter()
        .map(|(name, requests)| request(name, requests));
    messages.chain(requests).filter(|row| !row.is_empty())
}

impl Row<'_> {
    fn is_empty(&self) -> bool {
        self.times.is_none_or(|times| times.count() == 0)
            && self.untimed == 0
            && self.errors.is_empty()
    }
}

struct Kind {
    method: &'static str,
    name: &'static str,
    times: Option<Metric>,
    untimed: Count,
    errors: &'static [(&'static str, Count)],
}

/// One of the counts, or a sum of some.
type Count = fn(&Counts) -> u64;

impl Kind {
    fn row<'a>(&self, tally: &'a Tally) -> Row<'a> {
        Row {
            method: self.method,
            name: self.name,
            times: self.times.and_then(|metric| tally.times(metric)),
            untimed: (self.untimed)(&tally.counts),
            errors: self
                .errors
                .iter()
                .map(|(error, count)| ((*error).to_owned(), count(&tally.counts)))
                .filter(|(_, count)| *count > 0)
                .collect(),
        }
    }

    const fn delivery(name: &'static str, metric: Metric) -> Self {
        Self {
            method: "DELIVERY",
            name,
            times: Some(metric),
            untimed: |_| 0,
            errors: &[],
        }
    }
}

fn request<'a>(name: &'a str, requests: &'a Requests) -> Row<'a> {
    // Names are those of Goose: `POST /api/login/`.
    let (method, name) = name.split_once(' ').unwrap_or(("REST", name));
    Row {
        method,
        name,
        times: Some(&requests.times),
        untimed: requests
            .failures
            .get(&NO_ANSWER)
            .copied()
            .unwrap_or_default(),
        errors: requests
            .failures
            .iter()
            .map(|(status, count)| match *status {
                NO_ANSWER => ("no answer".to_owned(), *count),
                status => (format!("status {status}"), *count),
            })
            .collect(),
    }
}

/// How the tally counts a request that was never answered.
const NO_ANSWER: u16 = 0;

/// A message that is lost, or wrong in another way, has no time and no process of its own: those rows stand beside
/// the deliveries, without requests, so that Locust's totals count each delivery once.
const KINDS: &[Kind] = &[
    Kind {
        method: "WEBSOCKET",
        name: "connect",
        times: Some(Metric::Connect),
        untimed: |counts| counts.connect_failures,
        errors: &[
            ("handshake failed", |counts| counts.connect_failures),
            ("connection broken", |counts| counts.broken),
        ],
    },
    Kind {
        method: "WEBSOCKET",
        name: "message",
        times: Some(Metric::OwnEcho),
        untimed: |_| 0,
        errors: &[
            ("could not be sent", |counts| counts.unsent),
            ("refused", |counts| counts.refused),
        ],
    },
    Kind::delivery("same-process", Metric::SameProcess),
    Kind::delivery("other-process", Metric::OtherProcess),
    Kind::delivery("unknown-process", Metric::UnknownProcess),
    Kind {
        method: "DELIVERY",
        name: "any-process",
        times: None,
        untimed: |_| 0,
        errors: &[
            ("lost", |counts| counts.lost),
            ("repeated", |counts| counts.repeated),
            ("out of order", |counts| counts.out_of_order),
            ("leaked", |counts| counts.leaked),
            ("altered", |counts| counts.altered),
            ("missing in the history", |counts| counts.missing_in_history),
        ],
    },
];
