//! What a worker loads with: the other end of the master's orders.

use std::future::Future;

use tokio::sync::mpsc;

use crate::measurement::{Interval, Load, Measurement};

/// A run that has begun: what its record will say of it, so that a record can be written of a worker
/// that was lost.
#[derive(Debug, Clone, PartialEq)]
pub struct Begun {
    /// What it loads with.
    pub load: Load,
    /// Whom it loads.
    pub targets: Vec<String>,
    /// When it was ordered, in RFC 3339; its seconds say when measuring began.
    pub began: String,
}

/// What becomes of an order to have so many users.
#[derive(Debug, Clone, PartialEq)]
pub enum Spawned {
    /// They are coming.
    Taken(Begun),
    /// A run goes on with the users it has: it is of a kind that does not change.
    Kept,
}

/// What loads the chat server by order of the master. A user is a member of a room, with a connection.
pub trait Engine: Send {
    /// Has `users` users from now on, an absolute number above 0, against `host` where the master names a target.
    /// Returns as soon as the run has begun; its seconds go to `intervals` from then on, until
    /// [`stops`](Self::stops) returns or the run ends by itself. A sender that is dropped says that it did.
    ///
    /// # Errors
    /// When it cannot begin: the run is over then, for the whole worker.
    fn spawns(
        &mut self,
        users: u64,
        host: Option<String>,
        intervals: mpsc::Sender<Interval>,
    ) -> impl Future<Output = anyhow::Result<Spawned>> + Send;

    /// Ends the run in order, drain included, or waits for the end of one that ends by itself, and gives its record.
    ///
    /// # Errors
    /// When there is none.
    fn stops(&mut self) -> impl Future<Output = anyhow::Result<Measurement>> + Send;
}
