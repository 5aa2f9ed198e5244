//! A Redis of the test's own, and a room that writes down what it is told.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chat_reference_server::channel_layer::{
    self, Delivery, Event, Handle, Notice, Options, Outgoing, pubsub,
};
use chat_reference_server::metrics::{Cause, Metrics};
use chat_reference_server::store::{Message, User};
use chat_reference_server::timestamp::Timestamp;
use redis::aio::MultiplexedConnection;
use tokio::sync::watch;

/// A redis-server on a free port, without persistence; it ends with the test.
pub struct Redis {
    child: Child,
    pub port: u16,
    directory: tempfile::TempDir,
}

impl Redis {
    pub fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        // Somebody may take the port in between: then another one is tried.
        for _ in 0..20 {
            let port = TcpListener::bind("127.0.0.1:0")
                .unwrap()
                .local_addr()
                .unwrap()
                .port();
            if let Some(child) = launch(port, &directory) {
                return Self {
                    child,
                    port,
                    directory,
                };
            }
        }
        panic!("no redis-server could be started");
    }

    /// Kills it outright, as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again on its port, empty.
    pub fn restart(&mut self) {
        self.child = launch(self.port, &self.directory).expect("the port is still free");
    }

    /// Freezes it: connections stay open, nothing is answered.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// For the test's own commands.
    pub async fn connection(&self) -> MultiplexedConnection {
        let client = redis::Client::open(self.url()).unwrap();
        client.get_multiplexed_async_connection().await.unwrap()
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &pid])
                .status()
                .unwrap()
                .success()
        );
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn launch(port: u16, directory: &tempfile::TempDir) -> Option<Child> {
    let mut child = Command::new("redis-server")
        .args([
            "--port",
            &port.to_string(),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
        ])
        .arg(directory.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("redis-server is installed");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = lines
        .by_ref()
        .map_while(Result::ok)
        .any(|line| line.contains("Ready to accept connections"));
    if !ready {
        let _ = child.wait();
        return None;
    }
    std::thread::spawn(move || lines.for_each(drop));
    Some(child)
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
        let (recorder, metrics) = (Arc::default(), Arc::new(Metrics::new()));
        let delivery = Arc::<Recorder>::clone(&recorder);
        let layer = channel_layer::redis::connect(url, options, delivery, Arc::clone(&metrics));
        Self {
            layer: layer.await.unwrap(),
            metrics,
            recorder,
        }
    }

    /// One of the pub/sub layer.
    pub async fn subscribes(url: &str, options: Options) -> Self {
        let (recorder, metrics) = (Arc::default(), Arc::new(Metrics::new()));
        let delivery = Arc::<Recorder>::clone(&recorder);
        let layer = pubsub::connect(url, options, delivery, Arc::clone(&metrics));
        Self {
            layer: layer.await.unwrap(),
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
