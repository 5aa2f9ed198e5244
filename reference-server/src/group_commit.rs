//! From many sockets to one transaction: what was said gathers here while the group before is stored.
//!
//! One group is under way at a time. While it is, whatever arrives waits and becomes the next one, so
//! that groups grow with the load and a lone message waits for nobody. Once a group is committed its
//! messages go to the channel layer in the order of the history.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::channel_layer::{ChannelLayer, Outgoing, Permit};
use crate::metrics::Metrics;
use crate::rooms::error_frame;
use crate::socket::close_code::CloseCode;
use crate::socket::connection::Connection;
use crate::store::{NewMessage, Store};

/// Messages of one group; the next waits for it no longer than their transaction takes.
const GROUP: usize = 512;

/// Bytes of one group (one longer message makes a group of its own).
const GROUP_BYTES: usize = 1024 * 1024;

/// Bytes that may wait in all; past it no connection is read until they have been stored.
const WAITING_BYTES: usize = 64 * 1024 * 1024;

/// What a person said on a connection, not yet stored.
#[derive(Debug)]
pub struct Said {
    /// What is to be stored.
    pub message: NewMessage,
    /// Who hears of a failure.
    pub connection: Arc<Connection>,
    /// The sender's place in its window.
    pub permit: Permit,
}

impl Said {
    /// Bytes it holds while it waits.
    fn weight(&self) -> usize {
        self.message.content.len() + size_of::<Self>()
    }
}

/// The gathering place of one process.
pub struct GroupCommit {
    gathered: Mutex<Gathered>,
    arrived: Notify,
    settled: Notify,
    store: Store,
    layer: ChannelLayer,
    metrics: Arc<Metrics>,
}

#[derive(Default)]
struct Gathered {
    said: VecDeque<Said>,
    bytes: usize,
    under_way: bool,
    /// Connections that are not read because too much waits.
    held_back: Vec<Arc<Connection>>,
}

impl GroupCommit {
    /// Nothing gathered; [`GroupCommit::run`] must be spawned.
    pub fn new(store: Store, layer: ChannelLayer, metrics: Arc<Metrics>) -> Self {
        Self {
            gathered: Mutex::default(),
            arrived: Notify::new(),
            settled: Notify::new(),
            store,
            layer,
            metrics,
        }
    }

    /// Takes what was said; it is stored with the next group.
    pub fn say(&self, said: Said) {
        let mut gathered = self.gathered();
        gathered.bytes += said.weight();
        gathered.said.push_back(said);
        drop(gathered);
        self.metrics.queue_depth.inc();
        self.arrived.notify_one();
    }

    /// Whether `connection` must not be read because too much waits; it is woken when it may.
    pub fn holds_back(&self, connection: &Arc<Connection>) -> bool {
        let mut gathered = self.gathered();
        let full = gathered.bytes >= WAITING_BYTES;
        if full {
            gathered.held_back.push(Arc::clone(connection));
        }
        full
    }

    /// Stores and sends on, group by group, for as long as the process runs.
    pub async fn run(self: Arc<Self>) {
        loop {
            self.arrived.notified().await;
            // What this turn of the event loop brought belongs to one group.
            tokio::task::yield_now().await;
            while let Some(group) = self.next_group() {
                self.commit(group).await;
                tokio::task::yield_now().await;
            }
            self.settled.notify_waiters();
        }
    }

    /// Returns when everything said so far has been stored and sent on.
    pub async fn settle(&self) {
        loop {
            let settled = self.settled.notified();
            if self.is_idle() {
                return;
            }
            settled.await;
        }
    }

    fn is_idle(&self) -> bool {
        let gathered = self.gathered();
        gathered.said.is_empty() && !gathered.under_way
    }

    async fn commit(&self, group: Vec<Said>) {
        let mut messages = Vec::with_capacity(group.len());
        let mut speakers = Vec::with_capacity(group.len());
        for Said {
            message,
            connection,
            permit,
        } in group
        {
            messages.push(message);
            speakers.push((connection, permit));
        }
        let started = std::time::Instant::now();
        let outcome = self.store.append_group(messages).await;
        let count = i64::try_from(speakers.len()).unwrap_or_default();
        self.metrics.queue_depth.dec_by(count);
        let fates = match outcome {
            Ok(fates) => fates,
            Err(error) => {
                tracing::error!(%error, messages = speakers.len(), "messages could not be stored");
                let words = error_frame("The message could not be stored");
                for (connection, _) in speakers {
                    connection.send(&words);
                }
                return;
            }
        };
        self.metrics.stored(fates.len(), started.elapsed());
        let mut outgoing = Vec::with_capacity(fates.len());
        for (fate, (connection, permit)) in fates.into_iter().zip(speakers) {
            match fate {
                Ok(message) => outgoing.push(Outgoing {
                    message: Arc::new(message),
                    permit: Some(permit),
                }),
                // The chat, or the speaker's place in it, went while the frame was under way.
                Err(_) => connection.close(CloseCode::NotAParticipant),
            }
        }
        self.layer.group_send(outgoing);
    }

    fn next_group(&self) -> Option<Vec<Said>> {
        let mut gathered = self.gathered();
        let mut group = Vec::with_capacity(gathered.said.len().min(GROUP));
        let mut bytes = 0;
        while let Some(first) = gathered.said.front() {
            bytes += first.weight();
            if group.len() == GROUP || (bytes > GROUP_BYTES && !group.is_empty()) {
                break;
            }
            group.extend(gathered.said.pop_front());
        }
        gathered.bytes -= group.iter().map(Said::weight).sum::<usize>();
        gathered.under_way = !group.is_empty();
        let free = if gathered.bytes < WAITING_BYTES {
            std::mem::take(&mut gathered.held_back)
        } else {
            Vec::new()
        };
        drop(gathered);
        for connection in free {
            connection.wake();
        }
        (!group.is_empty()).then_some(group)
    }

    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
