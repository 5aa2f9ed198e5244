//! A server of its own for each story, and people to talk to it.

use std::time::Duration;

use chat_fixtures::launch::{Program, Server};
use chat_fixtures::people::{Chat, People, Person};
use chat_fixtures::socket::{Heard, Socket};
use serde_json::Value;
use tempfile::TempDir;

/// How long anything may take on a busy machine: a deadline for what is broken, never a pause.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Stage {
    pub(crate) server: Server,
    pub(crate) people: People,
    // Fields are dropped in this order: the server first, then what it writes to.
    directory: TempDir,
}

impl Stage {
    pub(crate) async fn open() -> Self {
        Self::with(&[]).await
    }

    /// With more arguments for the server.
    pub(crate) async fn with(arguments: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = database_in(&directory).display().to_string();
        let server = Program::new(env!("CARGO_BIN_EXE_chat-reference-server"))
            .args(["-p", "0", "--database", &database])
            .args(["--password-iterations", "1000"])
            .args(arguments.iter().copied())
            .start()
            .await
            .unwrap();
        Self {
            people: People::new(&[server.url()]).unwrap(),
            server,
            directory,
        }
    }

    /// Alice, Bob and a chat of theirs.
    pub(crate) async fn two_in_a_chat(&self) -> (Person, Person, Chat) {
        let alice = self.people.person("alice").await.unwrap();
        let bob = self.people.person("bob").await.unwrap();
        let chat = alice.creates_chat_with(&[&bob]).await.unwrap();
        (alice, bob, chat)
    }

    /// The database as somebody else opens it who shares it, such as Django.
    pub(crate) fn somebody_else(&self) -> rusqlite::Connection {
        let database = rusqlite::Connection::open(database_in(&self.directory)).unwrap();
        database.busy_timeout(PATIENCE).unwrap();
        database
    }

    /// The most memory the server has held so far, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = format!("/proc/{}/status", self.server.pid().unwrap());
        let status = std::fs::read_to_string(status).unwrap();
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.strip_suffix("kB"));
        peak.unwrap().trim().parse::<u64>().unwrap() * 1024
    }
}

/// What a message event says.
pub(crate) fn content(event: &Value) -> &str {
    assert_eq!(event["type"], "message", "{event}");
    event["message"]["content"].as_str().unwrap()
}

/// What the history says, oldest first.
pub(crate) async fn history(person: &Person, chat: &Chat) -> Vec<String> {
    let messages = person.reads(chat).await.unwrap();
    let contents = messages.iter().map(|message| &message["content"]);
    contents
        .map(|content| content.as_str().unwrap().to_owned())
        .collect()
}

/// The next event, however long a busy machine takes for it.
pub(crate) async fn event(socket: &mut Socket) -> Value {
    match socket.next_within(PATIENCE).await {
        Heard::Text(text) => serde_json::from_str(&text).unwrap(),
        other => panic!("an event was due: {other}"),
    }
}

/// The code of the close frame that comes next.
pub(crate) async fn close_code(socket: &mut Socket) -> u16 {
    match socket.next_within(PATIENCE).await {
        Heard::Closed(code, _) => code,
        other => panic!("the end was due: {other}"),
    }
}

/// An id as SQLite takes it.
pub(crate) fn row(id: u64) -> i64 {
    id.try_into().unwrap()
}

fn database_in(directory: &TempDir) -> std::path::PathBuf {
    directory.path().join("chat.sqlite3")
}
