//! A Daphne and processes of ours on one database and one Redis, each told what it is told by its environment.

use std::path::Path;
use std::time::Duration;

use chat_fixtures::launch::{Program, Redis, Server};
use chat_fixtures::people::{Chat, Connection, People, Person};
use serde_json::Value;
use tokio::time::{Instant, sleep};

/// Variables of a process.
pub(crate) type Env<'a> = &'a [(&'a str, &'a str)];

/// Running processes. Dropping it ends them.
pub(crate) struct Fleet {
    pub(crate) ours: Vec<Server>,
    pub(crate) redis: Redis,
    pub(crate) people: People,
    _daphne: Server,
    _folder: tempfile::TempDir,
}

/// The place of Daphne among the processes of [`People`]; ours follow.
pub(crate) const DAPHNE: usize = 0;
pub(crate) const OURS: usize = 1;

impl Fleet {
    /// One Daphne that is told `there`, and so many of ours that are told `here`.
    pub(crate) async fn of(processes: usize, here: Env<'_>, there: Env<'_>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("chat.sqlite3").display().to_string();
        let redis = Redis::start().await.unwrap();
        let serve = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/django/serve");
        let told = |program: Program, env: Env<'_>| {
            let args = [
                "-p",
                "{port}",
                "--database",
                &database,
                "--redis",
                &redis.url(),
            ];
            let program = program
                .args(args)
                .env("CHAT_SECRET_KEY", "the fleet's own key")
                .env("CHAT_PASSWORD_ITERATIONS", "1000");
            env.iter()
                .fold(program, |program, (name, value)| program.env(name, value))
        };
        // Its first start installs what it needs.
        let daphne = told(Program::new(serve), there)
            .ready_when_answering("/api/me/")
            .within(Duration::from_secs(300))
            .start()
            .await
            .unwrap();
        let mut ours = Vec::new();
        for _ in 0..processes {
            let binary = Program::new(env!("CARGO_BIN_EXE_chat-reference-server"));
            ours.push(told(binary, here).start().await.unwrap());
        }
        let urls = std::iter::once(&daphne).chain(&ours).map(Server::url);
        let people = People::new(&urls.collect::<Vec<_>>()).unwrap();
        Self {
            _daphne: daphne,
            ours,
            redis,
            people,
            _folder: folder,
        }
    }

    /// Two people in one chat.
    pub(crate) async fn chat(&self) -> (Person, Person, Chat) {
        let alice = self.people.person("alice").await.unwrap();
        let bob = self.people.person("bob").await.unwrap();
        let chat = alice.creates_chat_with(&[&bob]).await.unwrap();
        (alice, bob, chat)
    }

    /// Waits until the first of ours has logged `words`.
    pub(crate) async fn ours_says(&self, words: &str) {
        let deadline = Instant::now() + Duration::from_secs(5);
        while !self.ours[0].stderr().contains(words) {
            let log = self.ours[0].stderr();
            assert!(Instant::now() < deadline, "not in the log: {words}\n{log}");
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// How often the first of ours has logged `words`.
    pub(crate) fn times_said(&self, words: &str) -> usize {
        self.ours[0].stderr().matches(words).count()
    }
}

/// Sends without waiting for the echo.
pub(crate) async fn say(speaker: &mut Connection, content: &str) {
    let frame = serde_json::json!({ "content": content }).to_string();
    speaker.socket.send_text(frame).await.unwrap();
}

/// The content of the next frame, which must be a message.
pub(crate) async fn next(listener: &mut Connection) -> String {
    content_of(&listener.hears().await.unwrap())
}

pub(crate) fn content_of(event: &Value) -> String {
    event["message"]["content"]
        .as_str()
        .unwrap_or_else(|| panic!("no message: {event}"))
        .to_owned()
}
