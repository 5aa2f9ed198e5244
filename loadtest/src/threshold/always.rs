//! The limits that hold of every run: the load that was asked for has to have been carried.
//!
//! A figure like `delivery p99` is about those who were heard. A server that refuses nine of ten connections serves
//! the tenth well, so without these limits the worst deployments would look the best.

use super::Threshold;
use crate::measurement::Measurement;

/// A limit that nobody has to ask for.
#[derive(Debug, Clone, PartialEq)]
pub struct Always {
    /// The limit, as it could be asked for.
    pub threshold: Threshold,
    /// What is said of those that are too many, after their number: `connections were not opened`.
    pub words: &'static str,
}

/// The limits of this kind that a run is held to beside those it was `asked` for: those on figures that there were any
/// of, and that nobody has named. Whoever names a figure has said how much of it is right.
#[must_use]
pub fn beside(asked: &[Threshold], run: &Measurement) -> Vec<Always> {
    let is_asked = |limit: &Threshold| {
        asked
            .iter()
            .any(|other| other.subject.figure() == limit.subject.figure())
    };
    all()
        .filter(|always| !is_asked(&always.threshold) && always.threshold.measured(run).is_some())
        .collect()
}

fn all() -> impl Iterator<Item = Always> {
    LIMITS.iter().filter_map(|(limit, words)| {
        Some(Always {
            threshold: limit.parse().ok()?,
            words,
        })
    })
}

/// One in a thousand each: as many as the 99.9th percentile, the rarest that reports tell of, leaves out. With fewer
/// of them it is the load that was asked for, with more it is another. None at all would fail an hour with a thousand
/// connections for one that a network dropped.
const LIMITS: [(&str, &str); 5] = [
    (
        "connect_failures ratio <= 0.1%",
        "connections could not be opened",
    ),
    ("broken ratio <= 0.1%", "connections were ended"),
    (
        "unsent ratio <= 0.1%",
        "messages that were due could not be sent",
    ),
    ("refused ratio <= 0.1%", "messages were refused"),
    (
        "failed_requests ratio <= 0.1%",
        "REST requests were not answered as they should be",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_them_can_be_read() {
        assert_eq!(all().count(), LIMITS.len());
    }
}
