//! Processes of the server on one database, with or without a Redis of their own.

use chat_fixtures::launch::{Postgres, Program, Redis, Server};
use chat_fixtures::people::{People, Person};
use tempfile::TempDir;

use crate::line::Line;

/// Some processes, and where their people come from. Dropping it ends them.
pub(crate) struct Deployment {
    pub(crate) servers: Vec<Server>,
    pub(crate) redis: Option<Redis>,
    pub(crate) people: People,
    /// The database is in it, if it is a file.
    folder: Option<TempDir>,
}

impl Deployment {
    /// So many processes behind one Redis.
    pub(crate) async fn of(processes: usize) -> Self {
        let redis = Redis::start().await.unwrap();
        Self::on_file(processes, Some(redis)).await
    }

    /// So many processes that share nothing but the database.
    pub(crate) async fn without_redis(processes: usize) -> Self {
        Self::on_file(processes, None).await
    }

    /// So many processes behind one Redis, with a Postgres.
    pub(crate) async fn on_postgres(processes: usize) -> Self {
        let redis = Redis::start().await.unwrap();
        let postgres = Postgres::shared().await.unwrap();
        Self::on(processes, Some(redis), &postgres.database().await.unwrap()).await
    }

    /// So many processes that share nothing but a database of a Postgres.
    pub(crate) async fn on_postgres_alone(processes: usize) -> Self {
        let postgres = Postgres::shared().await.unwrap();
        Self::on(processes, None, &postgres.database().await.unwrap()).await
    }

    async fn on_file(processes: usize, redis: Option<Redis>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("chat.sqlite3").display().to_string();
        let mut deployment = Self::on(processes, redis, &database).await;
        deployment.folder = Some(folder);
        deployment
    }

    /// So many processes with the database of this name.
    pub(crate) async fn on(processes: usize, redis: Option<Redis>, database: &str) -> Self {
        let mut servers = Vec::new();
        for _ in 0..processes {
            let mut args = ["-p", "{port}", "--password-iterations", "1000"]
                .map(str::to_owned)
                .to_vec();
            args.extend(["--database", database].map(str::to_owned));
            args.extend(["--secret-key", "the key of the fleet"].map(str::to_owned));
            args.extend(["--admin", "127.0.0.1:0"].map(str::to_owned));
            if let Some(redis) = &redis {
                args.extend(["--redis".to_owned(), redis.url()]);
            }
            servers.push(program().args(args).start().await.unwrap());
        }
        let urls: Vec<&str> = servers.iter().map(Server::url).collect();
        let people = People::new(&urls).unwrap();
        Self {
            servers,
            redis,
            people,
            folder: None,
        }
    }

    /// The Redis of a deployment that has one.
    pub(crate) fn redis(&mut self) -> &mut Redis {
        self.redis.as_mut().expect("a deployment with Redis")
    }

    /// People with these names, registered and logged in.
    pub(crate) async fn people<const N: usize>(&self, names: [&str; N]) -> [Person; N] {
        let mut people = Vec::with_capacity(N);
        for name in names {
            people.push(self.people.person(name).await.unwrap());
        }
        people.try_into().expect("as many people as names")
    }

    /// What a process has counted of the series with this name and labels, e.g.
    /// `chat_drops_total{cause="slow_reader"}`.
    pub(crate) async fn counted(&self, process: usize, series: &str) -> f64 {
        let admin = admin_of(&self.servers[process]);
        let metrics = self.people.stranger().at(&admin).get("/metrics").await;
        let text = metrics.unwrap().text();
        text.lines()
            .filter_map(|line| line.rsplit_once(' '))
            .find(|(name, _)| *name == series)
            .map_or(0.0, |(_, value)| value.parse().unwrap())
    }
}

/// The binary under test.
pub(crate) fn program() -> Program {
    Program::new(env!("CARGO_BIN_EXE_chat-reference-server"))
}

/// One line for each person at each process, process by process.
pub(crate) async fn lines(
    people: &[&Person],
    processes: usize,
    chat: &chat_fixtures::people::Chat,
) -> Vec<Line> {
    let mut lines = Vec::new();
    for process in 0..processes {
        for person in people {
            lines.push(Line::open(&person.on_process(process), chat).await);
        }
    }
    lines
}

/// The operator's listener, which the log names.
pub(crate) fn admin_of(server: &Server) -> String {
    let log = server.stderr();
    let address = log
        .split("admin=")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next());
    format!(
        "http://{}",
        address.expect("the log names the operator's listener")
    )
}
