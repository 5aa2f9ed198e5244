//! Empties the own queue, and hands what it holds to the rooms.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{FromRedisValue, RedisError, Value};
use tokio::time::Instant;

use super::attachment::{DEATH, Server};
use super::entry::{Aside, Entry};
use super::identity::Identity;
use super::pending::Pending;
use super::scripts;
use super::watch::Pulse;
use crate::channel_layer::{Delivery, Event, memory};
use crate::metrics::Metrics;

/// Reads until Redis fails it, and then says why.
pub(super) struct Reader {
    pub(super) server: Arc<Server>,
    pub(super) identity: Identity,
    pub(super) connection: MultiplexedConnection,
    pub(super) delivery: Arc<dyn Delivery>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) pending: Arc<Pending>,
    pub(super) pulse: Arc<Pulse>,
}

/// How long a pop waits inside Redis, and how often the process says that it reads.
pub(super) const WAIT: Duration = Duration::from_secs(1);
const BEAT: Duration = Duration::from_secs(1);
/// What is taken at one go besides the first entry.
const ENTRIES: usize = 128;
const BYTES: usize = 4 << 20;

/// The bytes of an entry and its score: microsecond seconds since 1970.
type Popped = (Vec<u8>, f64);

impl Reader {
    pub(super) async fn run(mut self) -> String {
        match self.read().await {
            Ok(reason) => reason.to_owned(),
            Err(error) => error.to_string(),
        }
    }

    async fn read(&mut self) -> Result<&'static str, RedisError> {
        // Redis' time, and when it was that.
        let mut redis_time: (u64, Instant) = (0, Instant::now());
        loop {
            let beat = redis_time.0 == 0 || redis_time.1.elapsed() >= BEAT;
            let mut replies = self.pop(beat).await?.into_iter();
            if beat {
                let time = u64::from_redis_value(replies.next().unwrap_or(Value::Nil))?;
                if time == 0 {
                    return Ok("this process was given up: it did not read, or Redis was emptied");
                }
                redis_time = (time, Instant::now());
            }
            let first = Option::<(Vec<u8>, Vec<u8>, f64)>::from_redis_value(
                replies.next().unwrap_or(Value::Nil),
            )?;
            let rest = Vec::<Popped>::from_redis_value(replies.next().unwrap_or(Value::Nil))?;
            // An entry may come between the end of a vain wait and the drain.
            let moved = first.is_some() || !rest.is_empty();
            self.pulse.beat(moved);
            if moved {
                let now = Duration::from_micros(redis_time.0) + redis_time.1.elapsed();
                let oldest = now.as_secs_f64() - f64::from(self.server.options.expiry);
                let first = first.map(|(_, stored, score)| (stored, score));
                self.hand_on(first.into_iter().chain(rest), oldest);
            }
        }
    }

    /// One round trip: waits for an entry, and takes the others that are there with it.
    async fn pop(&mut self, beat: bool) -> Result<Vec<Value>, RedisError> {
        let mut round = redis::pipe();
        if beat {
            let mut beat = scripts::call(&scripts::BEAT, &[&self.server.registry]);
            beat.arg(&self.identity.process).arg(DEATH.as_secs());
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

    fn hand_on(&self, popped: impl Iterator<Item = Popped>, oldest: f64) {
        let (mut events, mut asides, mut missed) = (Vec::new(), Vec::new(), Vec::new());
        // Their permits end when they have been delivered.
        let mut own = Vec::new();
        for (stored, score) in popped {
            match self.server.form.read(&stored, &self.identity) {
                Ok(Entry::Marker(ticket)) => {
                    if let Some(outgoing) = self.pending.take(ticket) {
                        events.push((
                            outgoing.message.chat,
                            Event::Own(Arc::clone(&outgoing.message)),
                        ));
                        own.push(outgoing);
                    }
                }
                Ok(Entry::Aside(aside)) => asides.push(aside),
                Ok(Entry::Event { chats, .. }) if score < oldest => {
                    self.metrics.dropped("expired");
                    missed.extend(chats);
                }
                Ok(Entry::Event { chats, message }) => {
                    let message = Arc::new(message);
                    events.extend(
                        chats
                            .into_iter()
                            .map(|chat| (chat, Event::Foreign(Arc::clone(&message)))),
                    );
                }
                Err(unreadable) => self.metrics.dropped(unreadable.0),
            }
        }
        for (chat, events) in memory::by_chat(events.into_iter()) {
            self.delivery.deliver(chat, &events);
        }
        for aside in asides {
            match aside {
                Aside::Notice(notice) => self.delivery.notice(&notice),
                Aside::Missed(chats) => missed.extend(chats),
            }
        }
        missed.sort_unstable();
        missed.dedup();
        for chat in missed {
            self.delivery.resync(Some(chat));
        }
    }
}
