//! One trip to Redis: memberships, what other processes are told, a batch of messages.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redis::{Cmd, FromRedisValue, Pipeline, RedisError, Value};

use super::identity::{self, Identity};
use super::link::{LEASE, QueueLink, SILENCE};
use super::routes::Routes;
use super::{entry, scripts};
use crate::channel_layer::courier::{Aside, Fate, Load, Outcome, Reply, Server, Waiting};
use crate::channel_layer::envelope::Codec;
use crate::channel_layer::names;

/// Starts a round.
pub(super) fn start(link: &mut QueueLink, load: &Load) -> Reply {
    let server = &link.server;
    let (joins, leaves) = (load.changes.chats_to_join(), load.changes.chats_to_leave());
    let mut calls = redis::pipe();
    if !load.changes.is_empty() {
        calls.add_command(membership(server, &link.identity, "", &joins, &leaves));
    }
    // Nobody of this layer subscribes to a group.
    if !joins.is_empty() {
        let mut subscribers = redis::cmd("PUBSUB");
        subscribers.arg("NUMSUB");
        for chat in &joins {
            let group = names::group_of_chat(*chat);
            subscribers.arg(names::pubsub_group(&server.options.prefix, &group));
        }
        calls.add_command(subscribers);
    }
    for aside in &load.asides {
        calls.add_command(announcement(link, aside)).ignore();
    }
    let withheld = server.strangers.are_about();
    if !load.batch.is_empty() {
        calls.add_command(group_send(link, &load.batch, withheld));
    }
    let mut connection = link.sender.clone();
    let reader = Reading {
        changed: !load.changes.is_empty(),
        joined: !joins.is_empty(),
        chats: load.batch.iter().map(|one| one.message.chat).collect(),
        dropped: if withheld {
            "kept_from_django"
        } else {
            "django_queue_full"
        },
        server: Arc::clone(server),
        routes: Arc::clone(&link.routes),
    };
    Box::pin(async move {
        let replies: Result<Vec<Value>, RedisError> = calls.query_async(&mut connection).await;
        reader
            .read(replies.map_err(|error| error.to_string())?)
            .map_err(|error| error.to_string())?
            .ok_or_else(|| {
                "this process was given up: it did not read, or Redis was emptied".to_owned()
            })
    })
}

/// What must be known to understand the replies of a round.
struct Reading {
    changed: bool,
    joined: bool,
    /// Of the messages of the batch.
    chats: Vec<i64>,
    /// Why the script drops entries of Django's.
    dropped: &'static str,
    server: Arc<Server>,
    routes: Arc<Mutex<Routes>>,
}

impl Reading {
    /// `None`: Redis has given this process up.
    fn read(self, replies: Vec<Value>) -> Result<Option<Outcome>, redis::ParsingError> {
        let mut replies = replies.into_iter();
        let mut next = || replies.next().unwrap_or(Value::Nil);
        let mut outcome = Outcome::default();
        if self.changed {
            match Option::from_redis_value(next())? {
                Some(new) => outcome.new = new,
                None => return Ok(None),
            }
        }
        if self.joined {
            let subscribers = Vec::<(Vec<u8>, u64)>::from_redis_value(next())?;
            let others = subscribers.iter().any(|(_, subscribers)| *subscribers > 0);
            if others && self.server.strangers.is_news("pub/sub beside us") {
                tracing::error!(
                    "another process on this Redis uses channels_redis.pubsub for the same chats: it and this server \
                     do not hear each other; --redis-layer must be the one that all processes use"
                );
            }
        }
        if !self.chats.is_empty() {
            let results = Vec::<Value>::from_redis_value(next())?;
            let [
                Value::Int(1),
                Value::Int(dropped),
                Value::Int(given_up),
                fates @ ..,
            ] = results.as_slice()
            else {
                return Ok(None);
            };
            outcome.dropped = vec![(self.dropped, *dropped), ("process_given_up", *given_up)];
            for (chat, fate) in self.chats.iter().zip(fates) {
                outcome.fates.push(match fate {
                    Value::Int(1) => Fate::Sent,
                    Value::Int(2) => Fate::Outdated,
                    Value::Array(_) => {
                        let members = Vec::from_redis_value_ref(fate)?;
                        lock(&self.routes).learn(*chat, members);
                        Fate::Outdated
                    }
                    _ => Fate::Held,
                });
            }
        }
        Ok(Some(outcome))
    }
}

/// The last round: what others have missed, and the end of every membership.
pub(super) fn farewell(link: &QueueLink, joined: &HashSet<i64>, unsent: BTreeSet<i64>) -> Pipeline {
    let prefix = &link.server.options.prefix;
    let mut calls = redis::pipe();
    if !unsent.is_empty() {
        let missed = Aside::Missed(unsent.into_iter().collect());
        calls.add_command(announcement(link, &missed));
    }
    let (registry, clock) = (identity::registry(prefix), identity::clock(prefix));
    let mut depart = scripts::call(&scripts::DEPART, &[&registry, &clock]);
    depart.arg(prefix).arg(&link.identity.process);
    for chat in joined {
        depart.arg(*chat);
    }
    calls.add_command(depart);
    calls
}

/// The call that joins or renews `joins` and leaves `leaves`. Its reply is the list of chats the process was no
/// member of, or nil if the process counts as dead.
pub(super) fn membership(
    server: &Server,
    identity: &Identity,
    former: &str,
    joins: &[i64],
    leaves: &[i64],
) -> Cmd {
    let options = &server.options;
    let registry = identity::registry(&options.prefix);
    let mut call = scripts::call(&scripts::MEMBERSHIP, &[&registry]);
    call.arg(&options.prefix)
        .arg(&identity.process)
        .arg(former)
        .arg(LEASE.as_secs())
        .arg(options.group_expiry)
        .arg(joins.len());
    // An empty slice would be no argument at all, which is what is wanted here.
    call.arg(joins).arg(leaves);
    call
}

/// The call that tells the other processes of this server; its reply is how many there are.
fn announcement(link: &QueueLink, aside: &Aside) -> Cmd {
    let options = &link.server.options;
    let registry = identity::registry(&options.prefix);
    let mut call = scripts::call(&scripts::ANNOUNCE, &[&registry]);
    call.arg(&options.prefix)
        .arg(&link.identity.process)
        .arg(options.expiry)
        .arg(entry::aside(&link.server.envelope, aside, link.clock.now()));
    call
}

/// The call that sends a batch; for its reply see the script. If `withheld`, Django's queues get nothing: as if they
/// had no room.
fn group_send(link: &QueueLink, batch: &[Waiting], withheld: bool) -> Cmd {
    let (options, envelope) = (&link.server.options, &link.server.envelope);
    let (registry, clock) = (
        identity::registry(&options.prefix),
        identity::clock(&options.prefix),
    );
    let mut call = scripts::call(&scripts::GROUP_SEND, &[&registry, &clock]);
    call.arg(&options.prefix)
        .arg(&link.identity.process)
        .arg(link.identity.tag())
        .arg(options.expiry)
        .arg(options.group_expiry)
        .arg(if withheld { 0 } else { options.capacity })
        .arg(options.own_capacity)
        .arg(SILENCE.as_secs())
        .arg(match (envelope.is_sealed(), envelope.codec()) {
            (true, _) => "sealed",
            (false, Codec::Msgpack) => "msgpack",
            (false, Codec::Json) => "json",
        });
    let mut routes = lock(&link.routes);
    for waiting in batch {
        let message = &waiting.message;
        call.arg(message.chat).arg(&waiting.ticket.to_be_bytes());
        if envelope.is_sealed() {
            let route = routes.of(message.chat);
            call.arg(&route.hash).arg(route.queues.len());
            for (queue, members) in &route.queues {
                let body = entry::sealed_body(envelope, message, members, link.clock.now());
                call.arg(queue).arg(body);
            }
        } else {
            call.arg(entry::open_body(envelope, message));
        }
    }
    call
}

fn lock(routes: &Mutex<Routes>) -> MutexGuard<'_, Routes> {
    // They are whole whenever the lock is free: nothing in there stops half-way.
    routes.lock().unwrap_or_else(PoisonError::into_inner)
}
