//! Who is connected to which chat, and how one message reaches them all.
//!
//! A message is serialised once; the messages of one moment become one buffer per room, which every
//! connection of the room writes from, many frames in one system call.

mod frames;
mod sweep;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use sha2::{Digest, Sha256};
use tokio::sync::{Notify, OnceCell};

pub(crate) use self::frames::{error_frame, frame};
use crate::channel_layer::{ChannelLayer, Delivery, Event, Notice};
use crate::metrics::Metrics;
use crate::signing::base64url;
use crate::socket::close_code::CloseCode;
use crate::socket::connection::{Connection, Sent};
use crate::store::{Admission, User};

/// The rooms of one process.
#[derive(Debug)]
pub struct Rooms {
    rooms: Mutex<HashMap<i64, Arc<Room>>>,
    layer: OnceLock<ChannelLayer>,
    metrics: Arc<Metrics>,
    limits: Limits,
    open: AtomicUsize,
    left: Notify,
    /// The server goes away: who enters now leaves with the others.
    going: AtomicBool,
}

/// The room of connections that belong to no chat, which have no such id: it joins no group, and what its
/// members were admitted with is not looked after.
pub(crate) const NOWHERE: i64 = 0;

/// How many connections there may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// In the whole process.
    pub connections: usize,
    /// Of one user.
    pub per_user: usize,
    /// Bytes that may wait for one connection that does not read (WS-21).
    pub queue: usize,
}

/// Why nobody more is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// The process holds as many connections as it may.
    Process,
    /// The user does.
    User,
}

/// The connections of one chat in this process.
#[derive(Debug, Default)]
struct Room {
    members: Mutex<Vec<Arc<Connection>>>,
    joined: OnceCell<()>,
}

/// A connection's place in its room; dropping it leaves the room.
#[derive(Debug)]
pub struct Membership {
    /// The connection that has the place.
    pub connection: Arc<Connection>,
    rooms: Arc<Rooms>,
}

impl Rooms {
    /// No rooms yet. [`Rooms::attach`] must follow before anyone enters.
    pub fn new(limits: Limits, metrics: Arc<Metrics>) -> Self {
        Self {
            rooms: Mutex::default(),
            layer: OnceLock::new(),
            metrics,
            limits,
            open: AtomicUsize::new(0),
            left: Notify::new(),
            going: AtomicBool::new(false),
        }
    }

    /// Names the layer whose groups the rooms join; rooms and layer know each other.
    pub fn attach(&self, layer: ChannelLayer) {
        drop(self.layer.set(layer));
    }

    /// Gives a connection its place. From the return on it hears every message of the chat, though
    /// its frames wait until the handshake is over (WS-1: nothing is missed between 101 and the first read).
    pub async fn enter(
        self: &Arc<Self>,
        admission: Admission,
        user: Arc<User>,
    ) -> Result<Membership, Full> {
        let chat = admission.chat;
        if self.limits.per_user < self.limits.connections
            && self.connections_of(user.id) >= self.limits.per_user
        {
            return Err(Full::User);
        }
        if self.open.fetch_add(1, Ordering::Relaxed) >= self.limits.connections {
            self.open.fetch_sub(1, Ordering::Relaxed);
            return Err(Full::Process);
        }
        let connection = Arc::new(Connection::new(admission, user, self.limits.queue));
        let room = {
            let mut rooms = self.rooms();
            let room = Arc::clone(rooms.entry(chat).or_default());
            room.members().push(Arc::clone(&connection));
            room
        };
        if self.going.load(Ordering::Relaxed) {
            connection.stop_listening();
            connection.close(CloseCode::GoingAway);
        }
        self.metrics.connections.inc();
        let membership = Membership {
            connection,
            rooms: Arc::clone(self),
        };
        if let (Some(layer), true) = (self.layer.get(), chat != NOWHERE) {
            room.joined.get_or_init(|| layer.join(chat)).await;
        }
        Ok(membership)
    }

    /// Closes the connections that were opened with this session (AUTH-9).
    pub fn session_ended(&self, key: &str) {
        self.close_where(CloseCode::SessionEnded, |connection| {
            *connection.admission.session == *key
        });
    }

    /// Closes the connections of this chat (WS-22).
    pub fn chat_deleted(&self, chat: i64) {
        self.close_room(chat, CloseCode::ChatDeleted);
    }

    /// Takes nothing more from any connection; what was said before is still heard.
    pub fn stop_listening(&self) {
        self.going.store(true, Ordering::Relaxed);
        for connection in self.connections() {
            connection.stop_listening();
        }
    }

    /// Closes every connection, those to come too, as the server goes away (1001).
    pub fn close_all(&self) {
        self.close_where(CloseCode::GoingAway, |_| true);
    }

    /// Returns when no connection is left.
    pub async fn emptied(&self) {
        loop {
            let left = self.left.notified();
            if self.open.load(Ordering::Relaxed) == 0 {
                return;
            }
            left.await;
        }
    }

    fn leave(&self, connection: &Arc<Connection>) {
        let chat = connection.admission.chat;
        let mut rooms = self.rooms();
        if let Some(room) = rooms.get(&chat) {
            let mut members = room.members();
            if let Some(place) = members
                .iter()
                .position(|member| Arc::ptr_eq(member, connection))
            {
                members.swap_remove(place);
            }
            let empty = members.is_empty();
            drop(members);
            if empty {
                rooms.remove(&chat);
                // Told within the lock, so that a later join of the same chat comes after.
                if let (Some(layer), true) = (self.layer.get(), chat != NOWHERE) {
                    layer.leave(chat);
                }
            }
        }
        drop(rooms);
        self.open.fetch_sub(1, Ordering::Relaxed);
        self.left.notify_waiters();
        self.metrics.connections.dec();
    }

    fn close_room(&self, chat: i64, code: CloseCode) {
        let room = self.rooms().get(&chat).map(Arc::clone);
        if let Some(room) = room {
            for member in room.members().iter() {
                member.close(code);
            }
        }
    }

    fn close_where(&self, code: CloseCode, is_meant: impl Fn(&Connection) -> bool) {
        for connection in self.connections() {
            if is_meant(&connection) {
                connection.close(code);
            }
        }
    }

    /// All connections as they are now.
    fn connections(&self) -> Vec<Arc<Connection>> {
        let rooms = self.rooms();
        let mut all = Vec::with_capacity(self.open.load(Ordering::Relaxed));
        for room in rooms.values() {
            all.extend(room.members().iter().map(Arc::clone));
        }
        all
    }

    fn connections_of(&self, user: i64) -> usize {
        self.rooms()
            .values()
            .map(|room| {
                room.members()
                    .iter()
                    .filter(|member| member.admission.user == user)
                    .count()
            })
            .sum()
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<i64, Arc<Room>>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Delivery for Rooms {
    fn deliver(&self, chat: i64, events: &[Event]) {
        let Some(room) = self.rooms().get(&chat).map(Arc::clone) else {
            return;
        };
        let frames = frames::of_events(events);
        let mut heard = 0;
        for member in room.members().iter() {
            match member.send(&frames) {
                Sent::Taken => heard += events.len(),
                Sent::Overflowed => self.metrics.dropped("slow_reader"),
                Sent::Gone => {}
            }
        }
        let heard = u64::try_from(heard).unwrap_or(u64::MAX);
        self.metrics.deliveries.inc_by(heard);
    }

    fn resync(&self, chat: Option<i64>) {
        match chat {
            Some(chat) => self.close_room(chat, CloseCode::Resync),
            None => self.close_where(CloseCode::Resync, |_| true),
        }
    }

    fn notice(&self, notice: &Notice) {
        match notice {
            Notice::SessionEnded { session } => self
                .close_where(CloseCode::SessionEnded, |connection| {
                    connection.session_digest == *session
                }),
            Notice::ChatDeleted { chat } => self.chat_deleted(*chat),
        }
    }
}

/// How a session is named to other processes: its key is a secret.
pub fn session_digest(key: &str) -> String {
    base64url(&Sha256::digest(key.as_bytes()))
}

impl Room {
    fn members(&self) -> MutexGuard<'_, Vec<Arc<Connection>>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.rooms.leave(&self.connection);
    }
}
