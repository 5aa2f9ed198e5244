//! A round under way: one trip to Redis, and what it carries.

use super::link::{Link, Load, Outcome, Reply};

/// One at a time.
pub(super) struct Round {
    load: Load,
    since: u64,
    reply: Reply,
}

impl Round {
    /// Starts it at tick `since`.
    pub(super) fn start(link: &mut impl Link, load: Load, since: u64) -> Self {
        Self {
            reply: link.round(&load),
            since,
            load,
        }
    }

    /// When it was started, in ticks.
    pub(super) fn since(&self) -> u64 {
        self.since
    }

    /// What it carries, if it is not waited for.
    pub(super) fn into_load(self) -> Load {
        self.load
    }

    /// What the round under way carried, when it was started, and what came of it; never, if there is none.
    /// Nobody has to stay until then: what has come so far is kept.
    pub(super) async fn end_of(
        under_way: &mut Option<Self>,
    ) -> (Load, u64, Result<Outcome, String>) {
        if let Some(round) = under_way {
            let outcome = (&mut round.reply).await;
            if let Some(Self { load, since, .. }) = under_way.take() {
                return (load, since, outcome);
            }
        }
        std::future::pending().await
    }
}
