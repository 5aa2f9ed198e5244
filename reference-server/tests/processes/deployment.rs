//! Processes of the server on one database, with or without a Redis of their own.

use chat_fixtures::launch::{Program, Redis};
use chat_fixtures::stage::Deployment;

/// So many processes behind one Redis.
pub(crate) async fn of(processes: usize) -> Deployment {
    let program = program().args(["--redis", "{redis}"]);
    let redis = Redis::start().await.unwrap();
    Deployment::start(vec![program; processes], Some(redis)).await
}

/// So many processes that share nothing but the database.
pub(crate) async fn without_redis(processes: usize) -> Deployment {
    Deployment::start(vec![program(); processes], None).await
}

fn program() -> Program {
    Program::new(env!("CARGO_BIN_EXE_chat-reference-server"))
        .args(["-p", "{port}", "--database", "{database}"])
        .args(["--admin", "127.0.0.1:0", "--password-iterations", "1000"])
}
