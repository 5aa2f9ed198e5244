//! Hears what is published, and asks now and then whether Redis is still there.

use std::convert::Infallible;
use std::sync::Arc;

use futures_util::StreamExt as _;
use redis::aio::{PubSubSink, PubSubStream};
use redis::{Msg, RedisError, Value};

use super::echoes::Echoes;
use super::payload::{self, Private, What};
use crate::channel_layer::courier::{Heard, Inbox, Server, Unreadable, WAIT};

/// Reads until Redis fails it, and then says why.
pub(super) struct Reader {
    pub(super) server: Arc<Server>,
    pub(super) identity: String,
    /// The library reads from the connection as soon as there is something, and queues it here. It is no more than what
    /// one turn of the event loop brings, since nothing that is done with it waits.
    pub(super) messages: PubSubStream,
    pub(super) subscriptions: PubSubSink,
    pub(super) echoes: Arc<Echoes>,
    pub(super) inbox: Inbox,
}

impl Reader {
    pub(super) async fn run(self) -> String {
        let Self {
            server,
            identity,
            messages,
            subscriptions,
            echoes,
            inbox,
        } = self;
        let private = payload::private_channel(&server.options.prefix);
        let listener = Listener {
            server: &server,
            identity: &identity,
            private: &private,
            echoes: &echoes,
            inbox: &inbox,
        };
        tokio::select! {
            () = listener.listen(messages) => {
                "the connection for subscriptions was closed".to_owned()
            }
            Err(error) = beat(subscriptions, &inbox) => error.to_string(),
        }
    }
}

/// Redis says nothing of itself to those who only listen.
async fn beat(mut subscriptions: PubSubSink, inbox: &Inbox) -> Result<Infallible, RedisError> {
    loop {
        subscriptions.ping::<Value>().await?;
        inbox.beat(false);
        tokio::time::sleep(WAIT).await;
    }
}

struct Listener<'a> {
    server: &'a Server,
    identity: &'a str,
    private: &'a str,
    echoes: &'a Echoes,
    inbox: &'a Inbox,
}

impl Listener<'_> {
    /// Until the connection ends.
    async fn listen(&self, messages: PubSubStream) {
        let mut messages = messages.ready_chunks(AT_ONCE);
        while let Some(messages) = messages.next().await {
            self.inbox.beat(true);
            let mut heard = Heard::default();
            for message in &messages {
                if let Err(unreadable) = self.hear(&mut heard, message) {
                    self.inbox.drop(&mut heard, unreadable);
                }
            }
            self.inbox.hand_on(heard);
        }
    }

    fn hear(&self, heard: &mut Heard, message: &Msg) -> Result<(), Unreadable> {
        let (channel, payload) = (message.get_channel_name(), message.get_payload_bytes());
        if channel == self.private {
            return self.hear_private(heard, payload);
        }
        let chat = payload::chat_of(&self.server.options.prefix, channel);
        let chat = chat.ok_or(Unreadable::Unrouted)?;
        match self.echoes.heard(chat, payload) {
            Some(ticket) => self.inbox.own(heard, ticket),
            None => heard.event(vec![chat], payload::read(self.server, payload)?),
        }
        Ok(())
    }

    fn hear_private(&self, heard: &mut Heard, payload: &[u8]) -> Result<(), Unreadable> {
        let Private { from, what } = Private::read(self.server, payload)?;
        match what {
            What::Message { ticket, .. } if from == self.identity => {
                self.inbox.own(heard, ticket);
            }
            What::Message { chat, message, .. } => heard.event(vec![chat], message),
            // What this process told the others it knows.
            What::Aside(_) if from == self.identity => {}
            What::Aside(aside) => heard.aside(aside),
        }
        Ok(())
    }
}

/// What is delivered at one go.
const AT_ONCE: usize = 256;
