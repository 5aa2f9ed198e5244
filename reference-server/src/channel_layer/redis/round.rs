//! One trip to Redis: memberships, what other processes are told, a batch of messages.

use std::future::Future;
use std::pin::Pin;

use redis::aio::MultiplexedConnection;
use redis::{Cmd, FromRedisValue, RedisError, Value};

use super::attachment::{SILENCE, Server, membership};
use super::changes::Changes;
use super::entry::{self, Aside};
use super::identity::Identity;
use super::outbox::Waiting;
use super::scripts;

/// The replies of a round's calls.
pub(super) type Reply = Result<Vec<Value>, RedisError>;

/// A round under way.
pub(super) struct Round {
    pub(super) reply: Pin<Box<dyn Future<Output = Reply> + Send>>,
    /// When it was started, in ticks.
    pub(super) since: u64,
    pub(super) changes: Changes,
    pub(super) asides: Vec<Aside>,
    pub(super) batch: Vec<Waiting>,
}

/// What came of a round.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Chats whose membership had gone: messages may have been missed.
    pub(super) lost_memberships: Vec<i64>,
    /// Entries that full Django queues refused.
    pub(super) dropped: i64,
    /// Processes that were given up.
    pub(super) given_up: i64,
    /// For every message of the batch, whether it was sent or held back.
    pub(super) sent: Vec<bool>,
}

impl Round {
    /// Starts a round at tick `since`; `None` if there is nothing to do.
    pub(super) fn start(
        server: &Server,
        identity: &Identity,
        connection: &MultiplexedConnection,
        changes: Changes,
        asides: Vec<Aside>,
        batch: Vec<Waiting>,
        since: u64,
    ) -> Option<Self> {
        let mut calls = redis::pipe();
        if !changes.is_empty() {
            let (joins, leaves) = (changes.chats_to_join(), changes.chats_to_leave());
            calls.add_command(membership(server, identity, "", &joins, &leaves));
        }
        for aside in &asides {
            calls
                .add_command(announcement(server, identity, aside))
                .ignore();
        }
        if !batch.is_empty() {
            calls.add_command(group_send(server, identity, &batch));
        }
        if calls.is_empty() {
            return None;
        }
        let mut connection = connection.clone();
        let reply = Box::pin(async move { calls.query_async(&mut connection).await });
        Some(Self {
            reply,
            since,
            changes,
            asides,
            batch,
        })
    }

    /// Reads the replies.
    ///
    /// # Errors
    ///
    /// Redis refused, or gave this process up: nothing more can be done under this identity.
    pub(super) fn read(&self, reply: Reply) -> Result<Outcome, String> {
        self.understand(reply)
            .map_err(|error| error.to_string())?
            .ok_or_else(|| {
                "this process was given up: it did not read, or Redis was emptied".to_owned()
            })
    }

    fn understand(&self, reply: Reply) -> Result<Option<Outcome>, RedisError> {
        let mut replies = reply?.into_iter();
        let mut outcome = Outcome::default();
        if !self.changes.is_empty() {
            let Some(new) =
                Option::<Vec<i64>>::from_redis_value(replies.next().unwrap_or(Value::Nil))?
            else {
                return Ok(None);
            };
            outcome.lost_memberships = new
                .into_iter()
                .filter(|chat| self.changes.was_member(*chat))
                .collect();
        }
        if !self.batch.is_empty() {
            let counts = Vec::<i64>::from_redis_value(replies.next().unwrap_or(Value::Nil))?;
            let [1, dropped, given_up, results @ ..] = counts.as_slice() else {
                return Ok(None);
            };
            (outcome.dropped, outcome.given_up) = (*dropped, *given_up);
            outcome.sent = results.iter().map(|result| *result == 1).collect();
        }
        Ok(Some(outcome))
    }
}

/// The call that tells the other processes of this server; its reply is how many there are.
pub(super) fn announcement(server: &Server, identity: &Identity, aside: &Aside) -> Cmd {
    let mut call = scripts::call(&scripts::ANNOUNCE, &[&server.registry]);
    call.arg(&server.options.prefix)
        .arg(&identity.process)
        .arg(server.options.expiry)
        .arg(entry::aside(aside));
    call
}

/// The call that sends a batch; for its reply see the script.
fn group_send(server: &Server, identity: &Identity, batch: &[Waiting]) -> Cmd {
    let options = &server.options;
    let mut call = scripts::call(&scripts::GROUP_SEND, &[&server.registry, &server.clock]);
    call.arg(&options.prefix)
        .arg(&identity.process)
        .arg(identity.tag())
        .arg(options.expiry)
        .arg(options.group_expiry)
        .arg(options.capacity)
        .arg(options.own_capacity)
        .arg(SILENCE.as_secs())
        .arg(server.form.name());
    for waiting in batch {
        call.arg(waiting.message.chat)
            .arg(&waiting.ticket.to_be_bytes())
            .arg(server.form.open_body(&waiting.message));
    }
    call
}
