//! A connection that is read all the time, and what came out of it.

use std::collections::HashSet;
use std::time::Duration;

use chat_fixtures::people::{Chat, Connection, LIVE_FRAME, Person};
use chat_fixtures::socket::Heard;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout};

/// A person's open connection. It hears by itself from the moment it is open.
pub(crate) struct Line {
    say: mpsc::UnboundedSender<Vec<String>>,
    record: watch::Receiver<Record>,
}

/// What a connection heard so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    /// The messages, as they came.
    pub(crate) messages: Vec<Message>,
    /// The words of the errors.
    pub(crate) errors: Vec<String>,
    /// The code it was closed with.
    pub(crate) closed: Option<u16>,
}

/// A message and the moment it was heard.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) body: Value,
    pub(crate) at: Instant,
}

impl Message {
    pub(crate) fn id(&self) -> u64 {
        self.body["id"].as_u64().unwrap()
    }

    pub(crate) fn content(&self) -> &str {
        self.body["content"].as_str().unwrap()
    }
}

impl Line {
    /// Connects `person` to `chat` at the process it is at.
    pub(crate) async fn open(person: &Person, chat: &Chat) -> Self {
        Self::over(person.connects(chat).await.unwrap())
    }

    fn over(mut connection: Connection) -> Self {
        let (say, mut said) = mpsc::unbounded_channel::<Vec<String>>();
        let (written, record) = watch::channel(Record::default());
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    biased;
                    frames = said.recv() => {
                        let Some(frames) = frames else { break };
                        let frames = frames.into_iter().map(Into::into).collect();
                        // A broken connection is heard of below.
                        drop(connection.socket.send_all(frames).await);
                    }
                    heard = connection.socket.next_within(QUIET) => {
                        written.send_modify(|record| record.write_down(heard));
                        if written.borrow().closed.is_some() {
                            break;
                        }
                    }
                }
            }
        });
        Self { say, record }
    }

    /// Says each of these, in one go.
    pub(crate) fn says_all(&self, contents: impl IntoIterator<Item = impl AsRef<str>>) {
        let frames = contents
            .into_iter()
            .map(|content| json!({"content": content.as_ref()}).to_string());
        // Refused when it is closed, which the story asks for where it matters.
        drop(self.say.send(frames.collect()));
    }

    /// Says this.
    pub(crate) fn says(&self, content: &str) {
        self.says_all([content]);
    }

    /// Sends any text.
    pub(crate) fn sends(&self, frame: &str) {
        drop(self.say.send(vec![frame.to_owned()]));
    }

    /// Waits for the message with this content, for as long as a live frame may take.
    pub(crate) async fn hears(&self, content: &str) -> Message {
        let find = |record: &Record| {
            let mut messages = record.messages.iter().rev();
            messages
                .find(|message| message.content() == content)
                .cloned()
        };
        self.comes_to(content, LIVE_FRAME, |record| find(record).is_some())
            .await;
        find(&self.record.borrow()).unwrap()
    }

    /// Says this and hears it: how long that took.
    pub(crate) async fn is_echoed(&self, content: &str) -> Duration {
        let said = Instant::now();
        self.says(content);
        self.hears(content).await.at - said
    }

    /// Waits until so many messages have been heard in all, a while under load.
    pub(crate) async fn hears_as_many_as(&self, count: usize) {
        self.comes_to(&format!("{count} messages"), LOAD, |record| {
            record.messages.len() >= count
        })
        .await;
    }

    /// Waits until the server closes it: the code.
    pub(crate) async fn is_closed(&self) -> u16 {
        self.comes_to("a close", LIVE_FRAME, |record| record.closed.is_some())
            .await;
        self.record.borrow().closed.unwrap()
    }

    /// Waits until it has heard `last` or has been closed.
    pub(crate) async fn hears_or_ends(&self, last: &str) {
        self.comes_to(last, LOAD, |record| {
            record.closed.is_some()
                || record
                    .messages
                    .iter()
                    .rev()
                    .any(|message| message.content() == last)
        })
        .await;
    }

    /// Waits for the message with this content, or for a close: its code.
    pub(crate) async fn hears_or_is_closed(&self, content: &str) -> Option<u16> {
        self.comes_to(content, LIVE_FRAME, |record| {
            record.closed.is_some()
                || record
                    .messages
                    .iter()
                    .any(|message| message.content() == content)
        })
        .await;
        self.record.borrow().closed
    }

    /// The error words heard, once there are so many.
    pub(crate) async fn errors(&self, count: usize) -> Vec<String> {
        self.comes_to(&format!("{count} errors"), LIVE_FRAME, |record| {
            record.errors.len() >= count
        })
        .await;
        self.record.borrow().errors.clone()
    }

    /// Waits for an error, for as long as a server may wait for its store: its words.
    pub(crate) async fn is_told(&self) -> String {
        self.comes_to("an error", LOAD, |record| !record.errors.is_empty())
            .await;
        self.record.borrow().errors[0].clone()
    }

    /// What was heard so far.
    pub(crate) fn record(&self) -> Record {
        self.record.borrow().clone()
    }

    /// The contents heard so far; none may have come twice.
    pub(crate) fn heard(&self) -> Vec<String> {
        let record = self.record.borrow();
        let mut ids = HashSet::new();
        for message in &record.messages {
            assert!(ids.insert(message.id()), "heard twice: {}", message.body);
        }
        let contents = record
            .messages
            .iter()
            .map(|message| message.content().to_owned());
        contents.collect()
    }

    async fn comes_to(&self, what: &str, patience: Duration, enough: impl Fn(&Record) -> bool) {
        let mut record = self.record.clone();
        let waiting = timeout(patience, record.wait_for(|record| enough(record)));
        if !matches!(waiting.await, Ok(Ok(_))) {
            let record = self.record.borrow();
            panic!(
                "not within {patience:?}: {what}; heard {} messages, the last {:?}; errors {:?}; closed {:?}",
                record.messages.len(),
                record
                    .messages
                    .last()
                    .map(|message| message.body.to_string()),
                record.errors,
                record.closed,
            );
        }
    }
}

impl Record {
    fn write_down(&mut self, heard: Heard) {
        match heard {
            Heard::Text(text) => {
                let event: Value = serde_json::from_str(&text).unwrap();
                let body = event["message"].clone();
                match event["type"].as_str() {
                    Some("message") => self.messages.push(Message {
                        body,
                        at: Instant::now(),
                    }),
                    _ => self.errors.push(body.as_str().unwrap().to_owned()),
                }
            }
            Heard::Closed(code, _) => self.closed = Some(code),
            Heard::Nothing => {}
            other => panic!("a chat never sends {other}"),
        }
    }
}

const QUIET: Duration = Duration::from_secs(3600);
/// What a few thousand messages may take on a busy machine.
const LOAD: Duration = Duration::from_secs(60);
