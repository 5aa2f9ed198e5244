//! The binary in a folder of its own: run to its end, or started with its log in a file.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chat_fixtures::client::Client;
use chat_fixtures::launch::{Program, Server};
use chat_fixtures::people::Person;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::{Instant, sleep, timeout};

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_chat-reference-server");

/// A folder that is gone with the test.
pub(crate) struct Folder(TempDir);

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// `None`: by a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A server in a folder, with its log and its operator's listener.
pub(crate) struct Running {
    pub(crate) server: Server,
    log: PathBuf,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Every file in it with the length and a hash of what it holds; a folder holds nothing.
    pub(crate) fn contents(&self) -> BTreeMap<PathBuf, (usize, u64)> {
        let mut contents = BTreeMap::new();
        let mut folders = vec![self.0.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path.clone());
                }
                let bytes = fs::read(&path).unwrap_or_default();
                let mut hasher = DefaultHasher::new();
                bytes.hash(&mut hasher);
                contents.insert(path, (bytes.len(), hasher.finish()));
            }
        }
        contents
    }

    /// Runs the binary here to its end; it has no business running for long.
    pub(crate) async fn run(&self, args: &[&str], env: &[(&str, &str)]) -> Ended {
        self.run_as(BINARY, args, env).await
    }

    /// The same through another command.
    pub(crate) async fn run_as(&self, command: &str, args: &[&str], env: &[(&str, &str)]) -> Ended {
        let running = Command::new(command)
            .args(args)
            .envs(env.iter().copied())
            .current_dir(self.0.path())
            .kill_on_drop(true)
            .output();
        let output = timeout(PATIENCE, running)
            .await
            .unwrap_or_else(|_| panic!("{args:?}: it runs and runs"))
            .unwrap();
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Starts the server on this folder's `chat.sqlite3`, with cheap passwords, an operator's listener and
    /// whatever else `args` ask for.
    pub(crate) async fn starts(&self, args: &[&str]) -> Running {
        self.starts_on(&self.path("chat.sqlite3").display().to_string(), args)
            .await
    }

    /// The same on another database.
    pub(crate) async fn starts_on(&self, database: &str, args: &[&str]) -> Running {
        static NUMBER: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let log = self.path(&format!("log.{number}"));
        // The launcher keeps the last lines of stderr; here every one counts.
        let server = Program::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 2> \"$LOG\"", BINARY])
            .args([
                "-p",
                "0",
                "--password-iterations",
                "1000",
                "--admin",
                "127.0.0.1:0",
            ])
            .args(["--database", database])
            .args(args.iter().copied())
            .env("LOG", &log.display().to_string())
            .start()
            .await
            .unwrap();
        Running { server, log }
    }
}

impl Running {
    pub(crate) fn url(&self) -> &str {
        self.server.url()
    }

    /// All it logged so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// The operator's listener, which the log names.
    pub(crate) async fn admin(&self) -> Client {
        let address = comes("the operator's listener in the log", async || {
            let log = self.log();
            let (_, rest) = log
                .split_once("admin=")
                .or_else(|| log.split_once("\"admin\":\""))?;
            let port = rest.strip_prefix("127.0.0.1:")?;
            let digits = port.find(|c: char| !c.is_ascii_digit())?;
            Some(format!("http://127.0.0.1:{}", &port[..digits]))
        });
        Client::new(&address.await).unwrap()
    }

    /// Asks it to end and waits until it has: how long that took. It ends as it should.
    pub(crate) async fn ends(&mut self) -> Duration {
        let asked = Instant::now();
        self.server.terminate().unwrap();
        let status = self.server.ended_within(Duration::from_secs(20)).await;
        assert_eq!(status.as_deref(), Some("exit status: 0"), "{}", self.log());
        asked.elapsed()
    }
}

/// Looks again and again until there is something; five seconds at most.
pub(crate) async fn comes<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "not within 5 s: {what}");
        sleep(Duration::from_millis(10)).await;
    }
}

/// The same person with the same session at another server.
pub(crate) fn at(person: &Person, url: &str) -> Person {
    let mut there = person.clone();
    there.client = person.client.at(url);
    there
}

/// A SQLite database made by these statements.
pub(crate) fn make_database(path: &Path, sql: &str) {
    let database = rusqlite::Connection::open(path).unwrap();
    database.execute_batch(sql).unwrap();
}

const PATIENCE: Duration = Duration::from_secs(20);
