//! The reference server, which `cargo test` for the whole workspace has built beside the tests.

use std::path::PathBuf;

use chat_fixtures::launch::{Program, Server};
use tempfile::TempDir;

/// One with a database of its own in that folder.
pub(crate) async fn reference_server(folder: &TempDir) -> Server {
    let database = folder.path().join("chat.sqlite3").display().to_string();
    Program::new(reference_binary())
        .args(["-p", "{port}", "--database", &database])
        .args(["--password-iterations", "1000"])
        .start()
        .await
        .unwrap()
}

/// Its program.
pub(crate) fn reference_binary() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let binary = tests
        .ancestors()
        .nth(2)
        .unwrap()
        .join("chat-reference-server");
    assert!(
        binary.exists(),
        "{} is missing: cargo build -p chat-reference-server",
        binary.display()
    );
    binary
}
