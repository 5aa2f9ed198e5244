//! One connected period: a connection that publishes, one that is subscribed to the channels of the chats.

use std::collections::{BTreeSet, HashSet};
use std::pin::Pin;
use std::sync::Arc;

use redis::aio::{MultiplexedConnection, PubSubSink, PubSubStream};
use redis::{RedisError, Value};

use super::echoes::Echoes;
use super::payload::{self, Private, What};
use super::reader::Reader;
use crate::channel_layer::courier::{
    Aside, Failure, Fate, Inbox, Link, Load, Outcome, Reply, Server, in_time,
};
use crate::channel_layer::names;

/// What a process has with Redis while it is attached.
pub(super) struct ChannelLink {
    server: Arc<Server>,
    /// By which this process knows its own words on the private channel.
    identity: String,
    sender: MultiplexedConnection,
    subscriptions: PubSubSink,
    /// Until it is listened to.
    messages: Option<PubSubStream>,
    /// The chats whose channels are subscribed to, or will be once the round under way is done.
    subscribed: HashSet<i64>,
    echoes: Arc<Echoes>,
}

impl Link for ChannelLink {
    type Identity = String;

    async fn open(
        server: &Arc<Server>,
        _former: Option<&String>,
        chats: &[i64],
    ) -> Result<Self, Failure> {
        let (sender, subscriber) = tokio::try_join!(server.connect(), server.subscriber())?;
        let (mut subscriptions, messages) = subscriber.split();
        let prefix = &server.options.prefix;
        in_time(subscriptions.subscribe(payload::private_channel(prefix))).await?;
        for part in chats.chunks(CHANNELS_A_CALL) {
            in_time(subscriptions.subscribe(channels_of(prefix, part))).await?;
        }
        Ok(Self {
            server: Arc::clone(server),
            identity: format!("{:032x}", rand::random::<u128>()),
            sender,
            subscriptions,
            messages: Some(messages),
            subscribed: chats.iter().copied().collect(),
            echoes: Arc::default(),
        })
    }

    fn identity(&self) -> &String {
        &self.identity
    }

    fn listen(&mut self, inbox: Inbox) -> Pin<Box<dyn Future<Output = String> + Send>> {
        let Some(messages) = self.messages.take() else {
            return Box::pin(std::future::pending());
        };
        let reader = Reader {
            server: Arc::clone(&self.server),
            identity: self.identity.clone(),
            messages,
            subscriptions: self.subscriptions.clone(),
            echoes: Arc::clone(&self.echoes),
            inbox,
        };
        Box::pin(reader.run())
    }

    /// What this process hears of itself late, others do too: it does not fill their output buffers.
    fn has_room(&self) -> bool {
        self.echoes.bytes() < UNHEARD
    }

    fn round(&mut self, load: &Load) -> Reply {
        let prefix = self.server.options.prefix.as_str();
        let asked = load.changes.chats_to_join();
        let mut calls = redis::pipe();
        // Nobody of this layer has a group's key.
        if !asked.is_empty() {
            let groups = asked.iter().map(|chat| names::group_of_chat(*chat));
            let keys: Vec<String> = groups.map(|name| names::group_key(prefix, &name)).collect();
            calls.cmd("EXISTS").arg(keys);
        }
        let looked = !asked.is_empty();
        let mut joins = asked;
        joins.retain(|chat| self.subscribed.insert(*chat));
        let mut leaves = load.changes.chats_to_leave();
        leaves.retain(|chat| self.subscribed.remove(chat));
        for aside in &load.asides {
            self.say(&mut calls, What::Aside(aside.clone()));
        }
        let (fates, kept_from_django) = self.publish(&mut calls, load);

        let (to_join, to_leave) = (channels_of(prefix, &joins), channels_of(prefix, &leaves));
        let (mut subscriptions, mut sender) = (self.subscriptions.clone(), self.sender.clone());
        let server = Arc::clone(&self.server);
        Box::pin(async move {
            let done = async {
                if !to_join.is_empty() {
                    subscriptions.subscribe(to_join).await?;
                }
                if !to_leave.is_empty() {
                    subscriptions.unsubscribe(to_leave).await?;
                }
                // What is published now is heard by whoever has just joined.
                match calls.is_empty() {
                    true => Ok(Vec::new()),
                    false => calls.query_async::<Vec<Value>>(&mut sender).await,
                }
            };
            let replies = done.await.map_err(|error: RedisError| error.to_string())?;
            if looked && matches!(replies.first(), Some(Value::Int(1..))) {
                tell_of_queues(&server);
            }
            Ok(Outcome {
                new: joins,
                fates,
                dropped: vec![("kept_from_django", kept_from_django)],
            })
        })
    }

    async fn depart(
        mut self,
        _joined: &HashSet<i64>,
        unsent: BTreeSet<i64>,
    ) -> Result<(), Failure> {
        if unsent.is_empty() {
            return Ok(());
        }
        let mut calls = redis::pipe();
        let missed = Aside::Missed(unsent.into_iter().collect());
        self.say(&mut calls, What::Aside(missed));
        in_time(calls.query_async::<Value>(&mut self.sender))
            .await
            .map(drop)
    }
}

impl ChannelLink {
    /// Adds the messages of a batch to `calls`: what becomes of each, and how many are kept from Django's sockets, all
    /// of which would close over what one of them cannot read.
    fn publish(&self, calls: &mut redis::Pipeline, load: &Load) -> (Vec<Fate>, i64) {
        let prefix = &self.server.options.prefix;
        let strangers = self.server.strangers.are_about();
        let mut fates = Vec::with_capacity(load.batch.len());
        let mut kept_from_django = 0;
        for waiting in &load.batch {
            let message = &waiting.message;
            if strangers {
                kept_from_django += 1;
                self.say(calls, What::message(waiting.ticket, message));
                fates.push(Fate::Sent);
                continue;
            }
            let payload = payload::published(&self.server.envelope, message);
            let channel = payload::channel_of(prefix, message.chat);
            calls.publish(channel, payload.as_slice()).ignore();
            fates.push(if self.subscribed.contains(&message.chat) {
                self.echoes.expect(message.chat, waiting.ticket, payload);
                Fate::Sent
            } else {
                Fate::Unheard
            });
        }
        (fates, kept_from_django)
    }

    /// Adds a word to the other processes of this server to `calls`.
    fn say(&self, calls: &mut redis::Pipeline, what: What) {
        let from = self.identity.clone();
        let payload = Private { from, what }.write(&self.server.envelope);
        let channel = payload::private_channel(&self.server.options.prefix);
        calls.publish(channel, payload).ignore();
    }
}

fn channels_of(prefix: &str, chats: &[i64]) -> Vec<String> {
    let channels = chats.iter().map(|chat| payload::channel_of(prefix, *chat));
    channels.collect()
}

fn tell_of_queues(server: &Server) {
    if server.strangers.is_news("queues beside us") {
        tracing::error!(
            "another process on this Redis uses channels_redis.core for the same chats, or did so within a day: it and \
             this server do not hear each other; --redis-layer must be the one that all processes use"
        );
    }
}

/// Channels in one call, so that no call keeps Redis busy for long.
const CHANNELS_A_CALL: usize = 500;
/// What may be published and not heard yet, in bytes: Redis closes the connection of a subscriber for whom 32 MiB
/// wait, and several processes share that.
const UNHEARD: usize = 4 << 20;
