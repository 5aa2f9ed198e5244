//! A room to be, and those who take part in it.

use std::sync::Arc;

use crate::{content::Run, door::Door, recorder::Place};

/// A room to be.
#[derive(Debug, Clone)]
pub struct RoomPlan {
    /// Its number, unique in the run.
    pub number: u32,
    /// The id of its chat.
    pub chat: u64,
    /// Of which run.
    pub run: Run,
    /// Its members, in the order of their numbers.
    pub members: Vec<Member>,
    /// How many of them speak, the first ones.
    pub senders: u32,
    /// Bytes of a content.
    pub payload: usize,
    /// How long a message may take before it is lost, in µs.
    pub patience: u64,
    /// Whether to remember what is said, for a comparison with the history.
    pub keeps: bool,
    /// The distance between two connections of this thread, in µs.
    pub connect_interval: u64,
}

/// Somebody who takes part.
#[derive(Debug, Clone)]
pub struct Member {
    /// The username.
    pub name: Arc<str>,
    /// The `Cookie` header of the session.
    pub cookies: Arc<str>,
    /// How to connect.
    pub door: Arc<Door>,
    /// Through which process that is, where it is known.
    pub through: Place,
}
