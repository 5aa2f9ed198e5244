//! Processes of the server on one database, with or without a Redis of their own.

use chat_fixtures::launch::{Postgres, Program, Redis};
use chat_fixtures::stage::Deployment;

/// So many processes behind one Redis.
pub(crate) async fn of(processes: usize) -> Deployment {
    let redis = Redis::start().await.unwrap();
    Deployment::start(with_redis(processes), Some(redis)).await
}

/// So many processes that share nothing but the database.
pub(crate) async fn without_redis(processes: usize) -> Deployment {
    Deployment::start(vec![program(); processes], None).await
}

/// So many processes behind one Redis, with a Postgres.
pub(crate) async fn on_postgres(processes: usize) -> Deployment {
    let postgres = Postgres::shared().await.unwrap();
    on(processes, &postgres.database().await.unwrap()).await
}

/// So many processes that share nothing but a database of a Postgres.
pub(crate) async fn on_postgres_alone(processes: usize) -> Deployment {
    let postgres = Postgres::shared().await.unwrap();
    let database = postgres.database().await.unwrap();
    Deployment::start_on(&database, vec![program(); processes], None).await
}

/// So many processes behind one Redis, with this database.
pub(crate) async fn on(processes: usize, database: &str) -> Deployment {
    let redis = Redis::start().await.unwrap();
    Deployment::start_on(database, with_redis(processes), Some(redis)).await
}

fn with_redis(processes: usize) -> Vec<Program> {
    vec![program().args(["--redis", "{redis}"]); processes]
}

fn program() -> Program {
    Program::new(env!("CARGO_BIN_EXE_chat-reference-server"))
        .args(["-p", "{port}", "--database", "{database}"])
        .args(["--secret-key", "the key of the fleet"])
        .args(["--admin", "127.0.0.1:0", "--password-iterations", "1000"])
}
