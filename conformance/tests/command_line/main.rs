//! The program as a user has it: options, exit codes, reports, Ctrl-C.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod accounts;
mod endings;
mod options;
#[path = "../servers/mod.rs"]
mod servers;
mod targets;
mod telling;

use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

/// A check that every server of these tests can be asked about.
pub(crate) const CHECK: &str = "WS-3/reaches_every_participant";

/// How a run ended.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) fn suite(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chat-conformance"));
    command.args(args).stdin(Stdio::null());
    command
}

pub(crate) async fn ends(args: &[&str]) -> Ended {
    let output = suite(args).output().await.unwrap();
    Ended {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The run ends so, and the sentence is on stderr.
pub(crate) async fn ends_with(code: i32, said: &str, args: &[&str]) -> Ended {
    let ended = ends(args).await;
    assert_eq!(
        ended.code, code,
        "{args:?}: {}{}",
        ended.stdout, ended.stderr
    );
    assert!(ended.stderr.contains(said), "{args:?}: {}", ended.stderr);
    ended
}

/// The one result of a run of [`CHECK`] alone.
pub(crate) async fn asks(code: i32, args: &[&str]) -> Value {
    let alone = ["--only", CHECK, "--report", "json"];
    let ended = ends_with(code, "", &[args, &alone].concat()).await;
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    report["results"][0].clone()
}
