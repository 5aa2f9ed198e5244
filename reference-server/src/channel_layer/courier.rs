//! What both Redis layers do alike: one task that everything goes through, attached to Redis or waiting for it.
//!
//! | room | what happens there |
//! |---|---|
//! | `server` | where Redis is, what was agreed with the fleet, how long a reply may take |
//! | `link` | what a layer does in its own way: connecting, one round of work, reading what arrives |
//! | `attached`, `round` | Redis answers: rounds of joins, notices and messages, one at a time |
//! | `watch` | whether it still does |
//! | `detached` | it does not: messages go to this process alone until it is found again |
//! | `outbox`, `pending`, `changes` | messages waiting to be sent, to be heard; memberships on their way |
//! | `inbox`, `aside` | how what was heard reaches the rooms; what our processes tell each other |
//! | `strangers` | processes whose form is not ours: named once, and kept from |
//!
//! Every process hears its own messages through Redis like everybody else's: so all processes agree on one order.

mod aside;
mod attached;
mod changes;
mod detached;
mod inbox;
mod link;
mod outbox;
mod pending;
mod round;
mod server;
mod strangers;
mod url;
mod watch;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

pub(super) use self::aside::Aside;
pub(super) use self::attached::RENEWAL;
pub(super) use self::inbox::{Heard, Inbox, Unreadable, message_of};
pub(super) use self::link::{Fate, Link, Load, Outcome, Reply};
pub(super) use self::outbox::Waiting;
pub(super) use self::pending::Ticket;
pub use self::server::{ConnectError, Options};
pub(super) use self::server::{Failure, Server, in_time};
pub use self::url::{RedisUrlError, check_url};
pub(super) use self::watch::WAIT;
use super::memory::MemoryLayer;
use super::{Delivery, Notice, Outgoing};
use crate::metrics::Metrics;

/// A layer between processes, as the rest of its own process holds it; clones share it.
#[derive(Debug, Clone)]
pub struct Handle {
    commands: mpsc::UnboundedSender<Command>,
}

impl Handle {
    /// Connects to the Redis at `url` and starts the layer's tasks on the present runtime.
    pub(super) async fn connect<L: Link>(
        url: &str,
        options: Options,
        delivery: Arc<dyn Delivery>,
        metrics: Arc<Metrics>,
    ) -> Result<Self, ConnectError> {
        let server = Arc::new(Server::at(url, options)?);
        let link =
            L::open(&server, None, &[])
                .await
                .map_err(|reason| ConnectError::Unreachable {
                    address: server.address(),
                    reason: reason.to_string(),
                })?;
        let (commands, received) = mpsc::unbounded_channel();
        let courier = Courier {
            server,
            local: MemoryLayer::new(Arc::clone(&delivery)),
            delivery,
            metrics,
            commands: received,
            joined: HashSet::new(),
            last_ticket: 0,
        };
        tokio::spawn(courier.run(link));
        Ok(Self { commands })
    }

    /// As [`super::ChannelLayer::join`]. It takes one round trip; half a second if Redis has just gone away.
    pub async fn join(&self, chat: i64) {
        let (joined, done) = oneshot::channel();
        self.tell(Command::Join(chat, joined));
        // The courier ends with the process; then nobody is there to hear either.
        let _ = done.await;
    }

    /// As [`super::ChannelLayer::leave`].
    pub fn leave(&self, chat: i64) {
        self.tell(Command::Leave(chat));
    }

    /// As [`super::ChannelLayer::group_send`].
    pub fn group_send(&self, batch: Vec<Outgoing>) {
        self.tell(Command::Send(batch));
    }

    /// As [`super::ChannelLayer::announce`]. While Redis is gone nobody is told.
    pub fn announce(&self, notice: Notice) {
        self.tell(Command::Announce(notice));
    }

    /// As [`super::ChannelLayer::shutdown`]: sends and delivers what is under way, for two seconds at most,
    /// and takes out of Redis what this process put there.
    pub async fn shutdown(&self) {
        let (stopped, done) = oneshot::channel();
        self.tell(Command::Shutdown(stopped));
        let _ = done.await;
    }

    fn tell(&self, command: Command) {
        // Refused only after `shutdown`: a late message is in the history, and nobody here hears it any more.
        let _ = self.commands.send(command);
    }
}

/// What the rest of the process asks for, in the order it asks: a chat that is left and joined again in the
/// next moment ends joined.
#[derive(Debug)]
enum Command {
    Join(i64, oneshot::Sender<()>),
    Leave(i64),
    Send(Vec<Outgoing>),
    Announce(Notice),
    Shutdown(oneshot::Sender<()>),
}

/// What outlives a period with Redis.
struct Courier {
    server: Arc<Server>,
    delivery: Arc<dyn Delivery>,
    metrics: Arc<Metrics>,
    commands: mpsc::UnboundedReceiver<Command>,
    /// The chats with connections here.
    joined: HashSet<i64>,
    /// Where messages go that Redis does not take.
    local: MemoryLayer,
    last_ticket: Ticket,
}

/// How a period with Redis ended.
enum Ending<I> {
    /// The process shuts down; somebody may be waiting for it.
    Stopped(Option<oneshot::Sender<()>>),
    /// Redis went away. Everything under way has been delivered to this process.
    Lost {
        reason: String,
        former: I,
        /// Chats of which messages may have reached the connections of this process alone.
        unshared: BTreeSet<i64>,
    },
}

impl Courier {
    /// Runs until shutdown.
    async fn run<L: Link>(mut self, mut link: L) {
        let address = self.server.address();
        let (mut members, mut unshared) = (HashSet::new(), BTreeSet::new());
        let stopped = loop {
            self.metrics.redis_up.set(1);
            let (reason, former) = match attached::run(&mut self, link, &members, unshared).await {
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
            (link, members) = match detached::run(&mut self, &former, &mut unshared).await {
                Ok(found) => found,
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

    fn next_ticket(&mut self) -> Ticket {
        self.last_ticket += 1;
        self.last_ticket
    }
}

/// How many commands are taken at one go.
const COMMANDS: usize = 256;
