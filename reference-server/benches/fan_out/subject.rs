//! The server under load, with people and chats put straight into its database.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chat_fixtures::launch::Postgres;
use chat_reference_server::session::{login_data, new_key};
use chat_reference_server::store::{Location, NewUser, Store, StoredSession};
use chat_reference_server::timestamp::Timestamp;

const SECRET: &str = "the-secret-key-of-a-benchmark";

/// Where the messages are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeping {
    Sqlite,
    /// With its own settings, beside the server: everything that is committed outlives a power cut.
    Postgres,
}

/// A running server process; killed on drop.
pub(crate) struct Subject {
    process: Child,
    pub(crate) address: SocketAddr,
    pub(crate) store: Store,
    database: OsString,
    /// A SQLite file is in it.
    folder: Arc<tempfile::TempDir>,
    keeping: Keeping,
    /// One person's session and id: the load is about messages, not about accounts.
    pub(crate) session: String,
    pub(crate) user: i64,
}

/// A Redis of its own; killed on drop.
pub(crate) struct Redis {
    process: Child,
    url: String,
}

impl Subject {
    /// On a new database.
    pub(crate) async fn start(
        keeping: Keeping,
        pinned: bool,
        redis: Option<&Redis>,
    ) -> anyhow::Result<Self> {
        let folder = Arc::new(tempfile::tempdir()?);
        let database: OsString = match keeping {
            Keeping::Sqlite => folder.path().join("chat.sqlite3").into(),
            Keeping::Postgres => postgres().await?.database().await?.into(),
        };
        let store = Store::open(&Location::try_from(database.clone())?).await?;
        let user = NewUser {
            username: "device".to_owned(),
            email: String::new(),
            user_type: "student".to_owned(),
            password: "!".to_owned(),
        };
        let user = store
            .create_user(user)
            .await?
            .context("the name is free")?
            .id;
        let session = new_key();
        let now = Timestamp::now();
        let data = login_data(user, "!", SECRET).encode(now, SECRET);
        let stored = StoredSession {
            data,
            expires: now.plus_seconds(3600),
        };
        store.insert_session(&session, stored, None).await?;
        let (process, address) = spawn(&database, pinned, redis)?;
        Ok(Self {
            process,
            address,
            store,
            database,
            folder,
            keeping,
            session,
            user,
        })
    }

    /// Another process on the database of `first`.
    pub(crate) async fn beside(first: &Self, redis: &Redis) -> anyhow::Result<Self> {
        let (process, address) = spawn(&first.database, false, Some(redis))?;
        Ok(Self {
            process,
            address,
            store: first.store.clone(),
            database: first.database.clone(),
            folder: Arc::clone(&first.folder),
            keeping: first.keeping,
            session: first.session.clone(),
            user: first.user,
        })
    }

    /// A new chat of the one person.
    pub(crate) async fn chat(&self) -> anyhow::Result<i64> {
        let made = self
            .store
            .create_chat("room".to_owned(), self.user, vec![])
            .await?;
        Ok(made.ok().context("the creator exists")?.id)
    }

    /// CPU time used so far, by all threads, in user and kernel mode.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        cpu_of(self.process.id())
    }

    /// The same of the Postgres that it uses.
    pub(crate) async fn postgres_cpu(&self) -> anyhow::Result<Duration> {
        match self.keeping {
            Keeping::Sqlite => Ok(Duration::ZERO),
            Keeping::Postgres => {
                let pids = postgres().await?.pids()?;
                // Helpers of Postgres come and go.
                let used = pids
                    .into_iter()
                    .filter_map(|pid| cpu_of(pid.cast_unsigned()).ok());
                Ok(used.sum())
            }
        }
    }

    pub(crate) fn resident_kib(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .context("VmRSS is there")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Redis {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port();
        let process = Command::new("redis-server")
            .args([
                "--port",
                &port.to_string(),
                "--save",
                "",
                "--appendonly",
                "no",
                "--bind",
                "127.0.0.1",
            ])
            .stdout(Stdio::null())
            .spawn()
            .context("redis-server starts")?;
        while tokio::net::TcpStream::connect(("127.0.0.1", port))
            .await
            .is_err()
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Self {
            process,
            url: format!("redis://127.0.0.1:{port}"),
        })
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// One for all measurements, a new database for each.
async fn postgres() -> anyhow::Result<&'static Postgres> {
    static POSTGRES: tokio::sync::OnceCell<Postgres> = tokio::sync::OnceCell::const_new();
    Ok(POSTGRES.get_or_try_init(Postgres::start_durable).await?)
}

fn spawn(
    database: &OsString,
    pinned: bool,
    redis: Option<&Redis>,
) -> anyhow::Result<(Child, SocketAddr)> {
    let program = env!("CARGO_BIN_EXE_chat-reference-server");
    let mut command = if pinned {
        let mut command = Command::new("taskset");
        command.args(["-c", "0", program]);
        command
    } else {
        Command::new(program)
    };
    command
        .args([
            "-p",
            "0",
            "--log",
            "warn",
            "--secret-key",
            SECRET,
            "--database",
        ])
        .arg(database);
    if let Some(redis) = redis {
        command.args(["--redis", &redis.url]);
    }
    pin_device(pinned)?;
    let mut process = command
        .stdout(Stdio::piped())
        .spawn()
        .context("the server starts")?;
    let mut line = String::new();
    BufReader::new(process.stdout.take().context("stdout is piped")?).read_line(&mut line)?;
    let address = line
        .trim()
        .strip_prefix("listening on http://")
        .context("the server listens")?
        .parse()?;
    Ok((process, address))
}

fn cpu_of(process: u32) -> anyhow::Result<Duration> {
    let mut nanos = 0;
    for task in std::fs::read_dir(format!("/proc/{process}/task"))? {
        let schedstat = std::fs::read_to_string(task?.path().join("schedstat"))?;
        nanos += schedstat
            .split(' ')
            .next()
            .context("schedstat has fields")?
            .parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanos))
}

/// The device keeps off the server's core, or has all.
fn pin_device(pinned: bool) -> anyhow::Result<()> {
    let mut cpus = rustix::thread::CpuSet::new();
    for cpu in usize::from(pinned)..std::thread::available_parallelism()?.get().max(2) {
        cpus.set(cpu);
    }
    rustix::thread::sched_setaffinity(None, &cpus)?;
    Ok(())
}
