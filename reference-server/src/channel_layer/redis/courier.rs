//! The one task that everything goes through: attached to Redis, or waiting for it.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::attachment::{Attachment, Server};
use super::identity::Identity;
use super::pending::Ticket;
use super::{attached, detached};
use crate::channel_layer::memory::MemoryLayer;
use crate::channel_layer::{Delivery, Notice, Outgoing};
use crate::metrics::Metrics;

/// What the rest of the process asks for, in the order it asks: a chat that is left and joined again in the
/// next moment ends joined.
pub(super) enum Command {
    Join(i64, oneshot::Sender<()>),
    Leave(i64),
    Send(Vec<Outgoing>),
    Announce(Notice),
    Shutdown(oneshot::Sender<()>),
}

/// What outlives an attachment.
pub(super) struct Courier {
    pub(super) server: Arc<Server>,
    pub(super) delivery: Arc<dyn Delivery>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) commands: mpsc::UnboundedReceiver<Command>,
    /// The chats with connections here.
    pub(super) joined: HashSet<i64>,
    /// Where messages go that Redis does not take.
    pub(super) local: MemoryLayer,
    last_ticket: Ticket,
}

/// How a period with Redis ended.
pub(super) enum Ending {
    /// The process shuts down; somebody may be waiting for it.
    Stopped(Option<oneshot::Sender<()>>),
    /// Redis went away. Everything under way has been delivered to this process.
    Lost {
        reason: String,
        former: Identity,
        /// Chats of which messages may have reached the connections of this process alone.
        unshared: BTreeSet<i64>,
    },
}

/// How many commands are taken at one go.
pub(super) const COMMANDS: usize = 256;

impl Courier {
    pub(super) fn new(
        server: Server,
        delivery: Arc<dyn Delivery>,
        metrics: Arc<Metrics>,
        commands: mpsc::UnboundedReceiver<Command>,
    ) -> Self {
        let local = MemoryLayer::new(Arc::clone(&delivery));
        let server = Arc::new(server);
        Self {
            server,
            delivery,
            metrics,
            commands,
            joined: HashSet::new(),
            local,
            last_ticket: 0,
        }
    }

    /// Runs until shutdown.
    pub(super) async fn run(mut self, mut attachment: Attachment) {
        let address = self.server.address();
        let mut unshared = BTreeSet::new();
        let stopped = loop {
            self.metrics.redis_up.set(1);
            let (reason, former) = match attached::run(&mut self, attachment, unshared).await {
                Ending::Stopped(stopped) => break stopped,
                Ending::Lost {
                    reason,
                    former,
                    unshared: chats,
                } => {
                    unshared = chats;
                    (reason, former)
                }
            };
            self.metrics.redis_up.set(0);
            tracing::warn!(redis = %address, %reason, "Redis is gone: messages reach this process only");
            attachment = match detached::run(&mut self, &former, &mut unshared).await {
                Ok(attachment) => attachment,
                Err(stopped) => break stopped,
            };
            tracing::info!(redis = %address, "Redis is back: open connections read the history again");
            // They may have missed messages of other processes (PROC-6).
            self.delivery.resync(None);
        };
        self.metrics.redis_up.set(0);
        if let Some(stopped) = stopped {
            // Whoever asked may have stopped waiting.
            let _ = stopped.send(());
        }
    }

    pub(super) fn next_ticket(&mut self) -> Ticket {
        self.last_ticket += 1;
        self.last_ticket
    }
}
