//! One connection of a crowd, and what it sent and heard.

use std::{collections::HashSet, fmt, time::Duration};

use chat_fixtures::{
    ledger::{Connection as Listener, Fate, Heard as Hearing, Key, Ledger, Sent, Way},
    people::{Connection, Person},
    socket::Heard,
};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::hall::{Hall, kept};

/// A connection, somebody's, in a room.
pub(super) struct Seat {
    connection: Option<Connection>,
    who: Person,
    number: u32,
    person: u32,
    pub(super) room: u32,
    opened: u64,
    /// Whether it only listens, and goes again.
    pub(super) is_guest: bool,
    seq: u32,
    prepared: Vec<Key>,
    keys: HashSet<Key>,
    ledger: Ledger,
}

impl Seat {
    pub(super) fn new(
        connection: Connection,
        who: Person,
        number: u32,
        room: u32,
        person: u32,
        opened: u64,
    ) -> Self {
        Self {
            connection: Some(connection),
            who,
            number,
            person,
            room,
            opened,
            is_guest: false,
            seq: 0,
            prepared: Vec::new(),
            keys: HashSet::new(),
            ledger: Ledger::default(),
        }
    }

    /// What it will say next.
    pub(super) fn prepares(&mut self, burst: u32) -> Vec<Key> {
        self.prepared = (1..=burst)
            .map(|n| Key {
                sender: self.number,
                seq: self.seq + n,
            })
            .collect();
        self.seq += burst;
        self.prepared.clone()
    }

    /// Says what it prepared, and listens until it has heard all that is due, or nothing for too long: whether
    /// it has. One of each room reads the history as soon as it has heard anything.
    pub(super) async fn speaks_and_listens(
        &mut self,
        hall: &Hall<'_>,
        due: Vec<Key>,
        patience: Duration,
    ) -> bool {
        let prepared = std::mem::take(&mut self.prepared);
        let at = hall.now();
        let said = prepared.iter().map(|key| Sent {
            key: *key,
            room: self.room,
            way: Way::Socket,
            fate: Fate::Taken,
            due: at,
            at,
        });
        self.ledger.sent.extend(said);
        let frames = prepared
            .iter()
            .map(|key| Message::text(json!({"content": key.to_string()}).to_string()));
        let sent = match &mut self.connection {
            Some(connection) => connection.socket.send_all(frames.collect()).await.is_ok(),
            None => false,
        };
        let mut reads = prepared
            .first()
            .is_some_and(|key| key.seq % 3 == self.number % 3);
        while sent && due.iter().any(|key| !self.keys.contains(key)) {
            if !self.hears(hall, patience).await {
                return false;
            }
            if std::mem::take(&mut reads) {
                // What is wrong with the reading itself is for others to find.
                let _ = hall.reads(&mut self.ledger, self.room, &self.who).await;
            }
        }
        sent
    }

    /// Hears a few frames, if there are any, and goes.
    pub(super) async fn hears_a_little(mut self, hall: &Hall<'_>) -> Self {
        for _ in 0..FEW {
            if !self.hears(hall, SOON).await {
                break;
            }
        }
        self.ends().await
    }

    /// Hears one frame: whether one came.
    async fn hears(&mut self, hall: &Hall<'_>, patience: Duration) -> bool {
        let Some(connection) = &mut self.connection else {
            return false;
        };
        let Heard::Text(text) = connection
            .socket
            .next_within(patience.min(connection.patience))
            .await
        else {
            return false;
        };
        let event: Value = serde_json::from_str(&text).unwrap_or_default();
        let kept = kept(&event["message"]);
        self.keys.insert(kept.key);
        self.ledger.heard.push(Hearing {
            connection: self.number,
            key: kept.key,
            digest: kept.digest,
            at: hall.now(),
        });
        true
    }

    /// Closes the connection, and waits for the server to say goodbye.
    pub(super) async fn ends(mut self) -> Self {
        if let Some(connection) = self.connection.take() {
            connection.socket.close().await;
        }
        self
    }

    pub(super) fn writes_into(self, ledger: &mut Ledger) {
        ledger.connections.push(Listener {
            number: self.number,
            person: self.person,
            room: self.room,
            opened: self.opened,
            stayed: !self.is_guest,
        });
        ledger.joins(self.ledger);
    }
}

impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "connection {}: {} in room {}, at {}",
            self.number,
            self.who.username,
            self.room,
            self.who.client.base()
        )?;
        if self.is_guest {
            write!(f, ", from {} µs on, for a while", self.opened)?;
        }
        Ok(())
    }
}

/// How many frames somebody hears who does not stay.
const FEW: usize = 10;
/// How long somebody waits who does not stay.
const SOON: Duration = Duration::from_millis(20);
