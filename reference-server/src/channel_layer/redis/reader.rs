//! Empties the own queue.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{FromRedisValue, RedisError, Value};
use tokio::time::Instant;

use super::clock::{self, RedisClock};
use super::entry::{self, Entry};
use super::identity::{self, Identity};
use super::link::death;
use super::scripts;
use crate::channel_layer::courier::{Heard, Inbox, Server, Unreadable, WAIT};
use crate::timestamp::Timestamp;

/// Reads until Redis fails it, and then says why.
pub(super) struct Reader {
    pub(super) server: Arc<Server>,
    pub(super) identity: Identity,
    pub(super) connection: MultiplexedConnection,
    pub(super) clock: Arc<RedisClock>,
    pub(super) inbox: Inbox,
}

/// The bytes of an entry and its score: seconds since 1970.
type Popped = (Vec<u8>, f64);

impl Reader {
    pub(super) async fn run(mut self) -> String {
        match self.read().await {
            Ok(reason) => reason.to_owned(),
            Err(error) => error.to_string(),
        }
    }

    async fn read(&mut self) -> Result<&'static str, RedisError> {
        let mut last_beat: Option<Instant> = None;
        loop {
            let beat = last_beat.is_none_or(|last| last.elapsed() >= BEAT);
            let mut replies = self.pop(beat).await?.into_iter();
            if beat {
                let time = i64::from_redis_value(replies.next().unwrap_or(Value::Nil))?;
                if time == 0 {
                    return Ok("this process was given up: it did not read, or Redis was emptied");
                }
                let time = Timestamp::from_micros(time);
                self.clock.set(time);
                clock::compare(&self.server, time);
                last_beat = Some(Instant::now());
            }
            let first = Option::<(Vec<u8>, Vec<u8>, f64)>::from_redis_value(
                replies.next().unwrap_or(Value::Nil),
            )?;
            let rest = Vec::<Popped>::from_redis_value(replies.next().unwrap_or(Value::Nil))?;
            // An entry may come between the end of a vain wait and the drain.
            let moved = first.is_some() || !rest.is_empty();
            self.inbox.beat(moved);
            if moved {
                let first = first.map(|(_, stored, score)| (stored, score));
                self.hand_on(first.into_iter().chain(rest));
            }
        }
    }

    /// One round trip: waits for an entry, and takes the others that are there with it.
    async fn pop(&mut self, beat: bool) -> Result<Vec<Value>, RedisError> {
        let mut round = redis::pipe();
        if beat {
            let registry = identity::registry(&self.server.options.prefix);
            let mut beat = scripts::call(&scripts::BEAT, &[&registry]);
            beat.arg(&self.identity.process).arg(death(&self.server));
            round.add_command(beat);
        }
        round
            .cmd("BZPOPMIN")
            .arg(&self.identity.queue)
            .arg(WAIT.as_secs());
        let mut drain = scripts::call(&scripts::DRAIN, &[&self.identity.queue]);
        drain.arg(ENTRIES).arg(BYTES);
        round.add_command(drain);
        round.query_async(&mut self.connection).await
    }

    fn hand_on(&self, popped: impl Iterator<Item = Popped>) {
        let now = self.clock.now();
        let expiry = self.server.options.expiry;
        let oldest = now.plus_seconds(-i64::from(expiry)).as_micros() as f64 / 1e6;
        let mut heard = Heard::default();
        for (stored, score) in popped {
            match entry::read(&self.server, &self.identity, &stored, now) {
                Ok(Entry::Marker(ticket)) => self.inbox.own(&mut heard, ticket),
                Ok(Entry::Aside(aside)) => heard.aside(aside),
                Ok(Entry::Event { chats, .. }) if score < oldest => {
                    self.inbox.drop(&mut heard, Unreadable::Expired(chats));
                }
                Ok(Entry::Event { chats, message }) => heard.event(chats, message),
                Err(unreadable) => self.inbox.drop(&mut heard, unreadable),
            }
        }
        self.inbox.hand_on(heard);
    }
}

/// How often the process says that it reads.
const BEAT: Duration = Duration::from_secs(1);
/// What is taken at one go besides the first entry.
const ENTRIES: usize = 128;
const BYTES: usize = 4 << 20;
