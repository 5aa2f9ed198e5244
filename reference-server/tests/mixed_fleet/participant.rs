//! A client whose processes come and go, and what it has to do so that its person misses nothing.
//!
//! When its connection ends it connects to another process, and *then* reads the history: whatever was stored
//! until then is in it, whatever is stored afterwards comes on the connection. It knows messages by their ids, and
//! shows those that it has not shown before. The highest id is not enough to ask by: messages of several senders
//! may come in another order than that of their ids.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use chat_fixtures::client::ClientError;
use chat_fixtures::people::{Chat, Connection, Person};
use chat_fixtures::socket::Heard;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, timeout};

/// A person in a chat, for as long as this lives.
pub(crate) struct Participant {
    pub(crate) person: Person,
    pub(crate) chat: Chat,
    tell: mpsc::UnboundedSender<Command>,
    record: watch::Sender<Record>,
}

/// What came of it so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    /// The process it is connected to, once it is.
    pub(crate) process: Option<usize>,
    /// The messages in the order in which they were first seen, live or in the history.
    pub(crate) seen: Vec<Value>,
    /// The ids of all of these.
    pub(crate) ids: HashSet<u64>,
    /// The ids of those that were heard live.
    pub(crate) live: HashSet<u64>,
    /// What was said and has not been heard live yet; it may not have gone out.
    pub(crate) under_way: BTreeSet<String>,
    /// All that has gone out, with the number of its connection.
    pub(crate) said_on: BTreeMap<String, usize>,
    /// What was under way when its connection ended; it may be in the history or not.
    pub(crate) in_doubt: BTreeSet<String>,
    /// How often a connection brought a message that it had brought before.
    pub(crate) repeated: usize,
    /// How often a process took the person for a stranger.
    pub(crate) logged_out: usize,
    /// How long it took, each time, from the end of a connection to having caught up on the next one.
    pub(crate) gaps: Vec<Duration>,
}

enum Command {
    Says(String),
    Moves(usize),
    CatchesUp,
}

impl Participant {
    /// Connects to this one of so many processes.
    pub(crate) fn enters(person: &Person, chat: &Chat, process: usize, processes: usize) -> Self {
        let (tell, told) = mpsc::unbounded_channel();
        let record = watch::Sender::new(Record::default());
        let client = Client {
            person: person.clone(),
            chat: chat.clone(),
            process,
            processes,
            opened: 0,
            record: record.clone(),
        };
        tokio::spawn(client.runs(told));
        Self {
            person: person.clone(),
            chat: chat.clone(),
            tell,
            record,
        }
    }

    /// Says this; while there is no connection, as soon as there is one.
    pub(crate) fn says(&self, content: &str) {
        // It counts from here on, not from when the client comes to it: who waits until nothing is under way is not to
        // overtake it.
        self.record.send_modify(|record| {
            record.under_way.insert(content.to_owned());
        });
        self.is_told(Command::Says(content.to_owned()));
    }

    /// Opens the chat at this process and goes on there. The former window stays open until its process goes.
    pub(crate) fn moves(&self, process: usize) {
        self.is_told(Command::Moves(process));
    }

    /// Reads the history once more.
    pub(crate) fn catches_up(&self) {
        self.is_told(Command::CatchesUp);
    }

    pub(crate) fn record(&self) -> Record {
        self.record.borrow().clone()
    }

    /// Waits until its record is like that.
    pub(crate) async fn comes_to(&self, what: &str, enough: impl Fn(&Record) -> bool) {
        let mut record = self.record.subscribe();
        let waiting = timeout(PATIENCE, record.wait_for(|record| enough(record)));
        // What was waited for is a read lock and goes at once: the client may be waiting to write, and whoever reads a
        // second time waits behind it.
        let is_there = waiting.await.is_ok_and(|found| found.is_ok());
        let record = self.record.borrow();
        assert!(
            is_there,
            "{} has not come to this within {PATIENCE:?}: {what}; at {:?}, it saw {} messages, under way {:?}",
            self.person.username,
            record.process,
            record.seen.len(),
            record.under_way,
        );
    }

    fn is_told(&self, command: Command) {
        assert!(self.tell.send(command).is_ok(), "the client has ended");
    }
}

/// The client itself.
struct Client {
    person: Person,
    chat: Chat,
    /// Where it is connected.
    process: usize,
    processes: usize,
    /// How many connections it has had.
    opened: usize,
    record: watch::Sender<Record>,
}

/// An open connection, and what it has brought.
struct Window {
    number: usize,
    connection: Connection,
    heard: HashSet<u64>,
}

impl Client {
    async fn runs(mut self, mut told: mpsc::UnboundedReceiver<Command>) {
        let mut window = self.opens_at(self.process).await;
        // Closing it would be no better: a connection to a living Daphne that ends may take with it what others
        // are about to be given (channels_redis #366).
        let mut former: Option<Window> = None;
        loop {
            tokio::select! {
                command = told.recv() => match command {
                    Some(Command::Says(content)) => self.says(&mut window, content).await,
                    Some(Command::Moves(process)) if process != self.process => {
                        let next = self.opens_at(process).await;
                        former = Some(std::mem::replace(&mut window, next));
                    }
                    Some(Command::Moves(_)) => {}
                    Some(Command::CatchesUp) => drop(self.reads().await),
                    None => break,
                },
                heard = window.next() => match heard {
                    Heard::Text(text) => self.hears(&mut window, &text),
                    Heard::Nothing => {}
                    _ => window = self.reconnects(window.number).await,
                },
                heard = next_of(&mut former) => match (heard, &mut former) {
                    (Heard::Text(text), Some(former)) => self.hears(former, &text),
                    (Heard::Nothing, _) | (_, None) => {}
                    (_, Some(ended)) => {
                        self.doubts(ended.number);
                        former = None;
                    }
                },
            }
        }
    }

    async fn says(&self, window: &mut Window, content: String) {
        let frame = json!({"content": content}).to_string();
        self.record.send_modify(|record| {
            record.said_on.insert(content, window.number);
        });
        // What a broken connection does not take is in doubt as soon as its end is heard.
        drop(window.connection.socket.send_text(frame).await);
    }

    fn hears(&self, window: &mut Window, text: &str) {
        let event: Value = serde_json::from_str(text).unwrap();
        assert_eq!(event["type"], "message", "{event}");
        let message = &event["message"];
        let is_new = window.heard.insert(id_of(message));
        self.record.send_modify(|record| {
            record.repeated += usize::from(!is_new);
            record.live.insert(id_of(message));
            record.under_way.remove(content_of(message));
            record.sees(message);
        });
    }

    /// What was said on a connection that has ended, and not heard, may have been stored or not.
    fn doubts(&self, ended: usize) {
        self.record.send_modify(|record| {
            let Record {
                under_way,
                said_on,
                in_doubt,
                ..
            } = record;
            in_doubt
                .extend(under_way.extract_if(.., |content| said_on.get(content) == Some(&ended)));
        });
    }

    /// The connection has ended: another process, and what was missed.
    async fn reconnects(&mut self, ended: usize) -> Window {
        let since = Instant::now();
        self.doubts(ended);
        let window = self.opens_at(self.process + 1).await;
        self.record
            .send_modify(|record| record.gaps.push(since.elapsed()));
        window
    }

    /// Connects to this process, or to the next one that answers, and catches up.
    async fn opens_at(&mut self, process: usize) -> Window {
        self.process = process % self.processes;
        loop {
            match self.opens().await {
                Ok(window) => return window,
                Err(ClientError::Unexpected { status: 403, .. }) => {
                    self.record.send_modify(|record| record.logged_out += 1);
                }
                // It is just going, or not there yet.
                Err(_) => {}
            }
            sleep(BETWEEN_ATTEMPTS).await;
            self.process = (self.process + 1) % self.processes;
        }
    }

    /// First the connection, then the history: nothing can fall between them.
    async fn opens(&mut self) -> Result<Window, ClientError> {
        let person = self.person.on_process(self.process);
        let connection = person.connects(&self.chat).await?;
        self.reads().await?;
        self.opened += 1;
        self.record
            .send_modify(|record| record.process = Some(self.process));
        Ok(Window {
            number: self.opened,
            connection,
            heard: HashSet::new(),
        })
    }

    async fn reads(&self) -> Result<(), ClientError> {
        let person = self.person.on_process(self.process);
        let history = person.reads(&self.chat).await?;
        self.record
            .send_modify(|record| history.iter().for_each(|message| record.sees(message)));
        Ok(())
    }
}

impl Window {
    async fn next(&mut self) -> Heard {
        self.connection.socket.next_within(QUIET).await
    }
}

async fn next_of(window: &mut Option<Window>) -> Heard {
    match window {
        Some(window) => window.next().await,
        None => std::future::pending().await,
    }
}

impl Record {
    fn sees(&mut self, message: &Value) {
        if self.ids.insert(id_of(message)) {
            self.seen.push(message.clone());
        }
    }
}

pub(crate) fn id_of(message: &Value) -> u64 {
    message["id"].as_u64().unwrap()
}

pub(crate) fn content_of(message: &Value) -> &str {
    message["content"].as_str().unwrap()
}

const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(20);
const QUIET: Duration = Duration::from_secs(3600);
/// A Daphne on a busy machine is slow; what comes late has come all the same.
const PATIENCE: Duration = Duration::from_secs(60);
