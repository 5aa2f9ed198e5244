//! Processes as far as the layer sees them, with a room that writes down what it is told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chat_fixtures::launch::Redis;
use chat_reference_server::channel_layer::envelope::Keys;
use chat_reference_server::channel_layer::{
    self, ConnectError, Delivery, Event, Handle, Notice, Options, Outgoing, pubsub,
};
use chat_reference_server::metrics::{Cause, Metrics};
use chat_reference_server::store::{Message, User};
use chat_reference_server::timestamp::Timestamp;
use tokio::sync::watch;

/// The layers that a deployment may use.
#[derive(Debug, Clone, Copy)]
pub enum Layer {
    Queues,
    EncryptedQueues,
    PubSub,
    EncryptedPubSub,
}

impl Layer {
    /// Two processes on one Redis.
    pub async fn two(self, redis: &Redis) -> (Process, Process) {
        self.two_by(&redis.url(), &redis.url()).await
    }

    /// The same, each with its own way to Redis. Where they encrypt, they are in the middle of a change of keys.
    pub async fn two_by(self, first: &str, second: &str) -> (Process, Process) {
        (
            self.process(first, &["new", "old"]).await,
            self.process(second, &["old", "new"]).await,
        )
    }

    async fn process(self, url: &str, secrets: &[&str]) -> Process {
        match self {
            Self::Queues => Process::start_with(url, Options::default()).await,
            Self::EncryptedQueues => Process::start_with(url, with_keys(secrets)).await,
            Self::PubSub => Process::subscribes(url, Options::default()).await,
            Self::EncryptedPubSub => Process::subscribes(url, with_keys(secrets)).await,
        }
    }
}

/// The first encrypts, each decrypts.
pub fn with_keys(secrets: &[&str]) -> Options {
    Options {
        keys: Keys::new(secrets),
        ..Options::default()
    }
}

/// What a process was told.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    Message { chat: i64, id: i64 },
    Resync(Option<i64>),
    Notice(Notice),
}

/// Keeps what it is told, in order.
#[derive(Default)]
pub struct Recorder {
    told: Mutex<Vec<Told>>,
    foreign: Mutex<Vec<serde_json::Value>>,
    changed: watch::Sender<()>,
}

impl Delivery for Recorder {
    fn deliver(&self, chat: i64, events: &[Event]) {
        for event in events {
            let id = match event {
                Event::Own(message) => message.id,
                Event::Foreign(message) => {
                    self.foreign.lock().unwrap().push((**message).clone());
                    message["id"].as_i64().unwrap_or(-1)
                }
            };
            self.write_down(Told::Message { chat, id });
        }
    }

    fn resync(&self, chat: Option<i64>) {
        self.write_down(Told::Resync(chat));
    }

    fn notice(&self, notice: &Notice) {
        self.write_down(Told::Notice(notice.clone()));
    }
}

impl Recorder {
    fn write_down(&self, told: Told) {
        self.told.lock().unwrap().push(told);
        self.changed.send_replace(());
    }
}

/// One process as far as the layer sees it.
pub struct Process {
    pub layer: Handle,
    pub metrics: Arc<Metrics>,
    recorder: Arc<Recorder>,
}

impl Process {
    pub async fn start(redis: &Redis) -> Self {
        Self::start_with(&redis.url(), Options::default()).await
    }

    pub async fn start_with(url: &str, options: Options) -> Self {
        Self::over(|delivery, metrics| {
            channel_layer::redis::connect(url, options, delivery, metrics)
        })
        .await
    }

    /// One of the pub/sub layer.
    pub async fn subscribes(url: &str, options: Options) -> Self {
        Self::over(|delivery, metrics| pubsub::connect(url, options, delivery, metrics)).await
    }

    async fn over<C: Future<Output = Result<Handle, ConnectError>>>(
        connects: impl FnOnce(Arc<Recorder>, Arc<Metrics>) -> C,
    ) -> Self {
        let (recorder, metrics) = (Arc::default(), Arc::new(Metrics::new()));
        let layer = connects(Arc::clone(&recorder), Arc::clone(&metrics)).await;
        Self {
            layer: layer.unwrap(),
            metrics,
            recorder,
        }
    }

    /// Sends messages with these ids.
    pub fn says(&self, chat: i64, ids: impl IntoIterator<Item = i64>) {
        self.layer.group_send(
            ids.into_iter()
                .map(|id| outgoing(message(chat, id)))
                .collect(),
        );
    }

    /// The ids heard in a chat so far.
    pub fn heard(&self, chat: i64) -> Vec<i64> {
        let told = self.recorder.told.lock().unwrap();
        told.iter()
            .filter_map(|told| match told {
                Told::Message { chat: heard, id } if *heard == chat => Some(*id),
                _ => None,
            })
            .collect()
    }

    /// The messages of other processes heard so far.
    pub fn foreign(&self) -> Vec<serde_json::Value> {
        self.recorder.foreign.lock().unwrap().clone()
    }

    pub fn told(&self) -> Vec<Told> {
        self.recorder.told.lock().unwrap().clone()
    }

    /// Waits until `id` was heard in `chat`.
    pub async fn hears(&self, chat: i64, id: i64) {
        self.is_told(Told::Message { chat, id }).await;
    }

    pub async fn is_told(&self, what: Told) {
        self.comes_to(&format!("{what:?}"), |told| told.contains(&what))
            .await;
    }

    /// Waits until what was told satisfies `enough`, for five seconds at most: what the contract allows.
    pub async fn comes_to(&self, what: &str, enough: impl Fn(&[Told]) -> bool) {
        let mut changed = self.recorder.changed.subscribe();
        let waiting = async {
            while !enough(&self.recorder.told.lock().unwrap()) {
                changed.changed().await.unwrap();
            }
        };
        if tokio::time::timeout(Duration::from_secs(5), waiting)
            .await
            .is_err()
        {
            let told = self.told();
            panic!(
                "not within 5 s: {what}; the last told: {:?}",
                &told[told.len().saturating_sub(20)..]
            );
        }
    }

    /// Waits until Redis' answers to all that was asked so far have been taken in: they come in order.
    pub async fn settles(&self) {
        self.layer.join(i64::MAX).await;
    }

    /// How many things were dropped for `cause`.
    pub fn dropped(&self, cause: &str) -> u64 {
        self.metrics
            .drops
            .get_or_create(&Cause {
                cause: cause.to_owned(),
            })
            .get()
    }
}

pub fn message(chat: i64, id: i64) -> Message {
    let sender = Arc::new(User {
        id: 3,
        username: "ana".to_owned(),
        email: "ana@example.com".to_owned(),
        user_type: "student".to_owned(),
    });
    let timestamp = Timestamp::from_micros(1_760_428_800_123_456);
    Message {
        id,
        chat,
        sender,
        content: "hola ñ 🎉".to_owned(),
        timestamp,
    }
}

pub fn outgoing(message: Message) -> Outgoing {
    Outgoing {
        message: Arc::new(message),
        permit: None,
    }
}
