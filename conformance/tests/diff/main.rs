//! `chat-conformance diff` as a user has it: what is wrong with a command line, and with servers that are none; the way
//! to both; the script of a difference.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod access;
mod scripts;
#[path = "../servers/mod.rs"]
mod servers;

use std::process::{Output, Stdio};

use tokio::process::Command;

/// What came of it.
pub(crate) async fn compares(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_chat-conformance"))
        .arg("diff")
        .args(args)
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap()
}

/// It could not run, and says why in a sentence on stderr.
pub(crate) async fn cannot_run(said: &str, args: &[&str]) {
    let output = compares(args).await;
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
    assert!(stderr.contains(said), "{args:?}: {stderr}");
    assert!(output.stdout.is_empty());
}

/// A port that nobody listens on.
const NOBODY: &str = "http://127.0.0.1:1";
const NOBODY_ELSE: &str = "http://127.0.0.1:2";

#[tokio::test]
async fn two_servers_are_needed() {
    cannot_run("two servers are compared", &[NOBODY]).await;
    cannot_run("given twice", &[NOBODY, NOBODY]).await;
    let launched = [NOBODY, NOBODY_ELSE, "--launch-candidate", "true"];
    cannot_run("two servers are compared", &launched).await;
}

#[tokio::test]
async fn a_server_that_is_none_is_named() {
    cannot_run("the original", &[NOBODY, NOBODY_ELSE]).await;
    cannot_run("the original", &["--launch-original", "false", NOBODY]).await;
}

#[tokio::test]
async fn questions_and_lists_have_to_be_there() {
    let only = [NOBODY, NOBODY_ELSE, "--only", "recorded/nothing like it"];
    cannot_run("there is no such question", &only).await;
    let misspelt = [NOBODY, NOBODY_ELSE, "--only", "WS-14", "--only", "WS_3"];
    cannot_run("perhaps WS-3", &misspelt).await;
    let allow = [NOBODY, NOBODY_ELSE, "--allow", "no-such-file.toml"];
    cannot_run("neither built in (hardened) nor a file", &allow).await;
}

/// A list whose row lacks something: the file, the line, the row and what it lacks.
#[tokio::test]
async fn a_row_of_a_list_needs_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml").display().to_string();
    std::fs::write(&path, "\n[[difference]]\ndifference = 'GET *'\n").unwrap();
    let said = format!("--allow {path}: line 2: \"GET *\" needs a reason: why it is allowed");
    cannot_run(&said, &[NOBODY, NOBODY_ELSE, "--allow", &path]).await;
}
