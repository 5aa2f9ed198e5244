//! The reference server.

use std::path::PathBuf;

use chat_fixtures::launch::{Program, Server, built_beside_tests};
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
    built_beside_tests("chat-reference-server").unwrap()
}
