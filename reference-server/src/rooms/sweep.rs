//! What is looked after once a second: dead peers, ended sessions, changes by other processes.

use std::sync::Arc;
use std::time::Duration;

use super::{NOWHERE, Rooms};
use crate::socket::close_code::CloseCode;
use crate::socket::connection::Connection;
use crate::store::{Standing, Store};
use crate::timestamp::Timestamp;

/// How often the connections are gone through. A change that another process made must be seen
/// within a second (AUTH-9, WS-22), so the store is asked twice as often.
const SWEEP: Duration = Duration::from_millis(500);

/// Sweeps per second of a connection's clock.
const SWEEPS_PER_SECOND: u32 = 2;

impl Rooms {
    /// Looks after the connections for as long as the process runs.
    pub async fn sweep(self: Arc<Self>, store: Store) {
        let mut turns = tokio::time::interval(SWEEP);
        turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut sweeps = 0_u32;
        let mut due = false;
        loop {
            turns.tick().await;
            sweeps = sweeps.wrapping_add(1);
            match store.changed_by_others().await {
                Ok(changed) => due |= changed,
                Err(error) => tracing::warn!(%error, "could not ask the store for changes"),
            }
            // A review that failed stays due. An expired session may have been renewed since: it shows.
            let now = Timestamp::now();
            let connections = self.connections();
            due |= connections
                .iter()
                .any(|connection| connection.has_expired(now));
            if due {
                due = !review(&connections, &store).await;
            }
            if sweeps.is_multiple_of(SWEEPS_PER_SECOND) {
                // A second has passed: the silent are pinged, and given up where they stay so.
                for connection in &connections {
                    connection.tick();
                }
            }
        }
    }
}

/// Somebody else has written: does what the connections were admitted with still hold?
/// `false`: the store could not tell.
async fn review(connections: &[Arc<Connection>], store: &Store) -> bool {
    let admitted = |connection: &&Arc<Connection>| connection.admission.chat != NOWHERE;
    let connections: Vec<_> = connections.iter().filter(admitted).collect();
    if connections.is_empty() {
        return true;
    }
    let admissions = connections
        .iter()
        .map(|connection| connection.admission.clone())
        .collect();
    let standings = match store.standings(admissions).await {
        Ok(standings) => standings,
        Err(error) => {
            tracing::warn!(%error, "could not review the open connections");
            return false;
        }
    };
    for (connection, standing) in connections.iter().zip(standings) {
        match standing {
            Standing::Holds { user, expires } => connection.confirm(user, expires),
            Standing::SessionEnded => connection.close(CloseCode::SessionEnded),
            Standing::ChatDeleted => connection.close(CloseCode::ChatDeleted),
            Standing::NotAParticipant => connection.close(CloseCode::NotAParticipant),
        }
    }
    true
}
