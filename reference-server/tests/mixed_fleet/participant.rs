//! A client whose processes come and go, and what it has to do so that its person misses nothing.
//!
//! When its connection ends it connects to another process, and *then* reads the history: whatever was stored
//! until then is in it, whatever is stored afterwards comes on the connection. It knows messages by their ids, and
//! shows those that it has not shown before. The highest id is not enough to ask by: messages of several senders
//! may come in another order than that of their ids.

use std::collections::{BTreeSet, HashSet};
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
    record: watch::Receiver<Record>,
}

/// What came of it so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    /// The messages in the order in which they were first seen, live or in the history.
    pub(crate) seen: Vec<Value>,
    /// The ids of all of these.
    pub(crate) ids: HashSet<u64>,
    /// The ids of those that were heard live.
    pub(crate) live: HashSet<u64>,
    /// What was said and has not been seen yet.
    pub(crate) under_way: BTreeSet<String>,
    /// What had not been seen when the connection that it was said on ended; it may be in the history or not.
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
        let (written, record) = watch::channel(Record::default());
        let client = Client {
            person: person.clone(),
            chat: chat.clone(),
            process,
            processes,
            heard_here: HashSet::new(),
            record: written,
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
        self.is_told(Command::Says(content.to_owned()));
    }

    /// Goes over to this process: connects there first.
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
        let mut record = self.record.clone();
        let waiting = timeout(PATIENCE, record.wait_for(|record| enough(record))).await;
        let is_there = matches!(waiting, Ok(Ok(_)));
        let record = self.record.borrow();
        assert!(
            is_there,
            "{} has not come to this within {PATIENCE:?}: {what}; it saw {} messages, under way {:?}",
            self.person.username,
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
    /// The ids of what the present connection has brought.
    heard_here: HashSet<u64>,
    record: watch::Sender<Record>,
}

impl Client {
    async fn runs(mut self, mut told: mpsc::UnboundedReceiver<Command>) {
        let mut connection = self.returns_to(self.process).await;
        loop {
            tokio::select! {
                command = told.recv() => match command {
                    Some(Command::Says(content)) => self.says(&mut connection, content).await,
                    Some(Command::Moves(process)) if process != self.process => {
                        let left = connection;
                        connection = self.returns_to(process).await;
                        left.socket.close().await;
                    }
                    Some(Command::Moves(_)) => {}
                    Some(Command::CatchesUp) => drop(self.reads().await),
                    None => break,
                },
                heard = connection.socket.next_within(QUIET) => match heard {
                    Heard::Text(text) => self.hears(&text),
                    Heard::Nothing => {}
                    _ => connection = self.reconnects().await,
                },
            }
        }
    }

    async fn says(&self, connection: &mut Connection, content: String) {
        let frame = json!({"content": content}).to_string();
        self.record.send_modify(|record| {
            record.under_way.insert(content);
        });
        // What a broken connection does not take is in doubt as soon as its end is heard.
        drop(connection.socket.send_text(frame).await);
    }

    fn hears(&mut self, text: &str) {
        let event: Value = serde_json::from_str(text).unwrap();
        assert_eq!(event["type"], "message", "{event}");
        let message = &event["message"];
        let is_new = self.heard_here.insert(id_of(message));
        self.record.send_modify(|record| {
            record.repeated += usize::from(!is_new);
            record.live.insert(id_of(message));
            record.sees(message);
        });
    }

    /// The connection has ended: another process, and what was missed.
    async fn reconnects(&mut self) -> Connection {
        let ended = Instant::now();
        self.record.send_modify(|record| {
            let in_doubt = std::mem::take(&mut record.under_way);
            record.in_doubt.extend(in_doubt);
        });
        let connection = self.returns_to(self.process + 1).await;
        self.record
            .send_modify(|record| record.gaps.push(ended.elapsed()));
        connection
    }

    /// Connects to this process, or to the next one that answers, and catches up.
    async fn returns_to(&mut self, process: usize) -> Connection {
        self.process = process % self.processes;
        loop {
            match self.enters().await {
                Ok(connection) => return connection,
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
    async fn enters(&mut self) -> Result<Connection, ClientError> {
        let person = self.person.on_process(self.process);
        let connection = person.connects(&self.chat).await?;
        self.reads().await?;
        self.heard_here.clear();
        Ok(connection)
    }

    async fn reads(&self) -> Result<(), ClientError> {
        let person = self.person.on_process(self.process);
        let history = person.reads(&self.chat).await?;
        self.record
            .send_modify(|record| history.iter().for_each(|message| record.sees(message)));
        Ok(())
    }
}

impl Record {
    fn sees(&mut self, message: &Value) {
        if self.ids.insert(id_of(message)) {
            self.under_way.remove(content_of(message));
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
const PATIENCE: Duration = Duration::from_secs(20);
