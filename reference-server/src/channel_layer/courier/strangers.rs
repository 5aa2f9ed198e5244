//! Processes on the same Redis whose form is not ours: named in the log once, and kept from.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::channel_layer::envelope::Misfit;

/// What is known of them; it outlives a period with Redis.
#[derive(Debug, Default)]
pub(in crate::channel_layer) struct Strangers(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    said: BTreeSet<&'static str>,
    last: Option<Instant>,
}

impl Strangers {
    /// Something arrived that does not fit.
    pub(super) fn meet(&self, misfit: Misfit) {
        if misfit.is_of_another_form() {
            self.lock().last = Some(Instant::now());
        }
        if self.is_news(misfit.name()) {
            tracing::error!(cause = misfit.name(), "{misfit}");
        }
    }

    /// Whether one of them has been heard of within the last minute. A Django process that cannot read what we write
    /// closes its sockets over it (INTEROP §4), so nothing is sent to any: who wrote an entry is not to be seen.
    pub(in crate::channel_layer) fn are_about(&self) -> bool {
        let last = self.lock().last;
        last.is_some_and(|last| last.elapsed() < CAUTION)
    }

    /// Whether this has not been said before. It counts as said from now on.
    pub(in crate::channel_layer) fn is_news(&self, what: &'static str) -> bool {
        self.lock().said.insert(what)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // It is whole whenever the lock is free: nothing in here stops half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As long as an entry may lie in a queue: what came of one process tells of all that are read by then.
const CAUTION: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_another_form_is_kept_from_and_damage_is_only_named() {
        let strangers = Strangers::default();
        strangers.meet(Misfit::Damaged);
        assert!(!strangers.are_about());
        strangers.meet(Misfit::OtherKeys);
        assert!(strangers.are_about());
        assert!(!strangers.is_news(Misfit::OtherKeys.name()));
        assert!(strangers.is_news(Misfit::Encrypted.name()));
    }
}
