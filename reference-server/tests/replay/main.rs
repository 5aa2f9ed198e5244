//! The original's answers: every recorded question asked of one process, and of two on one Redis, with SQLite and
//! with Postgres.
//!
//! `observed.jsonl` is what the running original answered, `extended.jsonl` what the real Django stack did
//! to further questions of the same kind. Where a hardened clause asks for another answer, that answer is
//! checked to the word (`hardened.toml`). Between them they hold REG-1 to REG-7, AUTH-1 to AUTH-8, AUTH-10,
//! CSRF-1 to CSRF-3, CHAT-1 to CHAT-8, SEND-1 to SEND-8, HIST-1 to HIST-4, HTTP-1 to HTTP-4, WS-1 to WS-7,
//! WS-11, WS-14 to WS-18, WS-20, PROC-1 and PROC-2, and FLOW-1 to FLOW-4 in their parts.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and shows its counts"
)]

use chat_fixtures::launch::{Postgres, Program, Redis, Server};
use chat_fixtures::replay::{Allowed, Recording, replay};

#[tokio::test]
async fn the_original_is_answered_alike_by_one_process() {
    let deployment = Deployment::of_one_process().await;
    deployment
        .answers_like(&Recording::observed().unwrap())
        .await;
}

#[tokio::test]
async fn the_original_is_answered_alike_by_two_processes() {
    let deployment = Deployment::of_two_processes().await;
    deployment
        .answers_like(&Recording::observed().unwrap())
        .await;
}

#[tokio::test]
async fn the_original_is_answered_alike_on_further_questions_by_one_process() {
    let deployment = Deployment::of_one_process().await;
    deployment
        .answers_like(&Recording::extended().unwrap())
        .await;
}

#[tokio::test]
async fn the_original_is_answered_alike_on_further_questions_by_two_processes() {
    let deployment = Deployment::of_two_processes().await;
    deployment
        .answers_like(&Recording::extended().unwrap())
        .await;
}

#[tokio::test]
async fn the_original_is_answered_alike_by_two_processes_on_postgres() {
    let deployment = Deployment::on_postgres().await;
    deployment
        .answers_like(&Recording::observed().unwrap())
        .await;
}

#[tokio::test]
async fn the_original_is_answered_alike_on_further_questions_by_two_processes_on_postgres() {
    let deployment = Deployment::on_postgres().await;
    deployment
        .answers_like(&Recording::extended().unwrap())
        .await;
}

/// Processes of the server on one new database.
struct Deployment {
    servers: Vec<Server>,
    _redis: Option<Redis>,
    _folder: tempfile::TempDir,
}

impl Deployment {
    async fn of_one_process() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = program(&file_in(&folder)).start().await.unwrap();
        Self {
            servers: vec![server],
            _redis: None,
            _folder: folder,
        }
    }

    async fn of_two_processes() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::of_two(&file_in(&folder), folder).await
    }

    async fn on_postgres() -> Self {
        let postgres = Postgres::shared().await.unwrap();
        let database = postgres.database().await.unwrap();
        Self::of_two(&database, tempfile::tempdir().unwrap()).await
    }

    async fn of_two(database: &str, folder: tempfile::TempDir) -> Self {
        let redis = Redis::start().await.unwrap();
        let mut servers = Vec::new();
        for _ in 0..2 {
            servers.push(
                program(database)
                    .args(["--redis", &redis.url()])
                    .start()
                    .await
                    .unwrap(),
            );
        }
        Self {
            servers,
            _redis: Some(redis),
            _folder: folder,
        }
    }

    async fn answers_like(&self, recording: &Recording) {
        let bases: Vec<&str> = self.servers.iter().map(Server::url).collect();
        let replayed = replay(recording, &Allowed::hardened().unwrap(), &bases)
            .await
            .unwrap();
        assert!(replayed.is_fine(), "{replayed}");
        let (equal, all) = (replayed.equal(), replayed.played.len());
        println!(
            "{} processes: {equal} of {all} answers equal, the rest as hardened clauses ask",
            bases.len()
        );
        assert!(equal * 10 > all * 8, "most of it is not hardened");
    }
}

fn file_in(folder: &tempfile::TempDir) -> String {
    folder.path().join("chat.sqlite3").display().to_string()
}

fn program(database: &str) -> Program {
    Program::new(env!("CARGO_BIN_EXE_chat-reference-server")).args([
        "-p",
        "0",
        "--password-iterations",
        "1000",
        "--log",
        "warn",
        "--secret-key",
        "the key of these processes",
        "--database",
        database,
        // Those of the original's CSRF_TRUSTED_ORIGINS.
        "--trusted-origin",
        "http://localhost:8000",
        "--trusted-origin",
        "http://127.0.0.1:8000",
    ])
}
