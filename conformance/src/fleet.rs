//! Deployments that the suite starts itself, and so may stop, freeze and kill.

use std::{sync::Arc, time::Duration};

use chat_fixtures::launch::{LaunchError, Postgres, Program, Redis, Server};
use futures_util::future::join_all;
use tempfile::TempDir;
use tokio::sync::Semaphore;

use crate::{check::Failure, context::Context, run::Run};

/// How to start one process: a command line with `{port}`, `{redis}`, and `{database}` or `{postgres}` in it.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// The words of the command line.
    pub command: Vec<String>,
    /// How long a process may take to be ready.
    pub startup: Duration,
}

/// Running processes and what they share. Dropping it ends them.
#[derive(Debug)]
pub struct Deployment {
    /// The processes.
    pub servers: Vec<Server>,
    /// What joins them, if the command names it.
    pub redis: Option<Redis>,
    /// Where their database lies; removed when it is dropped.
    pub folder: TempDir,
}

/// A deployment started by the suite, as it stands behind a [`Run`].
#[derive(Debug)]
pub struct Launched {
    /// Its processes, its Redis, its database.
    pub deployment: Deployment,
    /// The run on it, with people of its own.
    pub run: Arc<Run>,
}

/// A deployment that one check may break.
#[derive(Debug)]
pub struct Fleet {
    /// The check's view of it: people, chats and connections there.
    pub cx: Context,
    /// Its processes, in the order of the context's URLs.
    pub servers: Vec<Server>,
    /// What joins them, if the command names it.
    pub redis: Option<Redis>,
    _folder: TempDir,
}

impl Recipe {
    /// Whether the processes are to be joined by the Redis that the suite starts.
    pub fn names_redis(&self) -> bool {
        self.names("{redis}")
    }

    fn names(&self, placeholder: &str) -> bool {
        self.command.iter().any(|word| word.contains(placeholder))
    }

    /// Starts `n` processes on one new database, and on one Redis if the command names it. All databases of a
    /// Postgres are of one server, which runs until the suite ends.
    ///
    /// # Errors
    /// [`LaunchError`] with what the first one that did not start has written.
    pub async fn start(&self, n: usize) -> Result<Deployment, LaunchError> {
        let folder = tempfile::tempdir().map_err(|reason| LaunchError::Spawn {
            program: "a folder for the database".to_owned(),
            reason,
        })?;
        let redis = match self.names_redis() {
            true => Some(Redis::start().await?),
            false => None,
        };
        let redis_url = redis.as_ref().map(Redis::url).unwrap_or_default();
        let postgres_url = match self.names("{postgres}") {
            true => Postgres::shared().await?.database().await?,
            false => String::new(),
        };
        let program = || self.program(&redis_url, &postgres_url, &folder).start();
        // The first one alone: it may have to make the database's tables.
        let mut servers = vec![program().await?];
        let others = (1..n).map(|_| program());
        for server in join_all(others).await {
            servers.push(server?);
        }
        Ok(Deployment {
            servers,
            redis,
            folder,
        })
    }

    fn program(&self, redis: &str, postgres: &str, folder: &TempDir) -> Program {
        let database = folder.path().join("chat.sqlite3");
        let mut words = self.command.iter().map(|word| {
            word.replace("{redis}", redis)
                .replace("{postgres}", postgres)
                .replace("{database}", &database.display().to_string())
        });
        Program::new(words.next().unwrap_or_default())
            .args(words)
            .ready_either_way("/api/me/")
            .within(self.startup)
    }
}

impl Deployment {
    /// The base URLs of its processes.
    pub fn urls(&self) -> Vec<String> {
        let url = |server: &Server| server.url().to_owned();
        self.servers.iter().map(url).collect()
    }

    /// Ends all of it, the processes side by side.
    pub async fn stop(self) {
        join_all(self.servers.into_iter().map(Server::stop)).await;
    }
}

impl Launched {
    /// Another deployment like the target of `like`, with a run of its own on it.
    pub(crate) async fn start(like: &Run, n: usize) -> Result<Self, Failure> {
        let Some(recipe) = &like.target.recipe else {
            return Err(Failure::NotApplicable(
                "needs a deployment that it may break: --launch".to_owned(),
            ));
        };
        let untestable = |error: &dyn std::fmt::Display| Failure::Untestable(error.to_string());
        if n > 1 && !recipe.names_redis() {
            return Err(Failure::NotApplicable(
                "needs processes on a Redis that it may stop: the command of --launch names no {redis}"
                    .to_owned(),
            ));
        }
        // Held until the people are registered: starting is work, and a slow start is nobody's fault.
        let _turn = STARTING.acquire().await;
        let deployment = recipe.start(n).await.map_err(|error| untestable(&error))?;
        let target = like
            .target
            .beside(deployment.urls())
            .map_err(|error| untestable(&error))?;
        let run = Box::pin(Run::begin_with(target, like.seed, like.cases, CAST)).await;
        Ok(Self { deployment, run })
    }
}

impl Fleet {
    /// The Redis that joins the processes.
    ///
    /// # Errors
    /// [`Failure::Broken`] where a single process was asked for, which needs none.
    pub(crate) fn redis(&mut self) -> Result<&mut Redis, Failure> {
        let none = || Failure::Broken("a deployment without Redis".to_owned());
        self.redis.as_mut().ok_or_else(none)
    }

    pub(crate) fn new(launched: Launched, cx: Context) -> Self {
        let Deployment {
            servers,
            redis,
            folder,
        } = launched.deployment;
        Self {
            cx,
            servers,
            redis,
            _folder: folder,
        }
    }
}

/// The bytes that a server's processes hold for themselves, all of its process group; `None` where the system does
/// not tell.
pub(crate) fn memory_of(server: &Server) -> Option<u64> {
    let group = server.pid()?.to_string();
    let processes = std::fs::read_dir("/proc").ok()?.flatten();
    let held: Vec<u64> = processes
        .filter_map(|process| {
            let stat = std::fs::read_to_string(process.path().join("stat")).ok()?;
            // Behind the command's name, which may hold anything: state, parent, group.
            let (_, fields) = stat.rsplit_once(')')?;
            (fields.split_whitespace().nth(2) == Some(&group)).then_some(())?;
            let status = std::fs::read_to_string(process.path().join("status")).ok()?;
            let line = status.lines().find(|line| line.starts_with("RssAnon:"))?;
            let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
            Some(kibibytes * 1024)
        })
        .collect();
    (!held.is_empty()).then(|| held.iter().sum())
}

/// How long a process may take to be ready on a machine that is busy with the suite itself.
pub(crate) const STARTUP: Duration = Duration::from_secs(60);
/// How many deployments are started at a time; once they run, they run beside each other.
static STARTING: Semaphore = Semaphore::const_new(2);
/// How many people a deployment of one check has.
const CAST: usize = 2;
