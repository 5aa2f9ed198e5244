//! One connected period: two connections, one identity, the groups that were joined under it.

use std::collections::{BTreeSet, HashSet};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use redis::Value;
use redis::aio::MultiplexedConnection;

use super::clock::{self, RedisClock};
use super::identity::{self, Identity};
use super::reader::Reader;
use super::routes::Routes;
use super::{round, scripts};
use crate::channel_layer::courier::{Failure, Inbox, Link, Load, Reply, Server, in_time};
use crate::timestamp::Timestamp;

/// What a process has with Redis while it is attached.
pub(super) struct QueueLink {
    pub(super) server: Arc<Server>,
    pub(super) identity: Identity,
    /// For everything but the queue.
    pub(super) sender: MultiplexedConnection,
    /// For the queue alone: it waits inside Redis.
    reader: MultiplexedConnection,
    pub(super) clock: Arc<RedisClock>,
    pub(super) routes: Arc<Mutex<Routes>>,
}

impl Link for QueueLink {
    type Identity = Identity;

    async fn open(
        server: &Arc<Server>,
        former: Option<&Identity>,
        chats: &[i64],
    ) -> Result<Self, Failure> {
        let (mut sender, reader) = tokio::try_join!(server.connect(), server.connect())?;
        let prefix = &server.options.prefix;
        let identity = Identity::drawn(prefix);
        let former = former.map_or("", |former| former.process.as_str());

        let mut opening = redis::pipe();
        for load in scripts::load() {
            opening.add_command(load).ignore();
        }
        let registry = identity::registry(prefix);
        let mut enter = scripts::call(&scripts::ENTER, &[&registry]);
        enter
            .arg(prefix)
            .arg(&identity.process)
            .arg(former)
            .arg(death(server));
        opening.add_command(enter);
        let (time,): (i64,) = in_time(opening.query_async(&mut sender)).await?;
        let time = Timestamp::from_micros(time);
        clock::compare(server, time);

        for part in chats.chunks(CHATS_A_CALL) {
            let join = round::membership(server, &identity, former, part, &[]);
            in_time(join.query_async::<Value>(&mut sender)).await?;
        }
        Ok(Self {
            server: Arc::clone(server),
            identity,
            sender,
            reader,
            clock: Arc::new(RedisClock::new(time)),
            routes: Arc::default(),
        })
    }

    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn listen(&mut self, inbox: Inbox) -> Pin<Box<dyn Future<Output = String> + Send>> {
        let reader = Reader {
            server: Arc::clone(&self.server),
            identity: self.identity.clone(),
            connection: self.reader.clone(),
            clock: Arc::clone(&self.clock),
            inbox,
        };
        Box::pin(reader.run())
    }

    fn round(&mut self, load: &Load) -> Reply {
        round::start(self, load)
    }

    async fn depart(mut self, joined: &HashSet<i64>, unsent: BTreeSet<i64>) -> Result<(), Failure> {
        let farewell = round::farewell(&self, joined, unsent);
        in_time(farewell.query_async::<Vec<Value>>(&mut self.sender))
            .await
            .map(drop)
    }
}

/// Seconds after which a process that has not read counts as dead, and starts anew if it was not: soon
/// its queue loses entries by their expiry.
pub(super) fn death(server: &Server) -> u64 {
    let expiry = u64::from(server.options.expiry);
    (expiry * 5 / 6).max(SILENCE.as_secs() + 1)
}

/// How long Django keeps a membership that nobody renews. What is left of it when it is renewed is what
/// clocks may disagree by.
pub(super) const LEASE: Duration = Duration::from_secs(60);
/// A process that has not read for so long, and whose queue is full, is given up.
pub(super) const SILENCE: Duration = Duration::from_secs(3);
/// Chats in one call, so that no call keeps Redis busy for long.
const CHATS_A_CALL: usize = 500;
