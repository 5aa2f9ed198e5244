//! The program as people start it.

use std::{path::Path, process::Stdio, time::Duration};

use chat_loadtest::report::{Report, json};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    process::{Child, Command},
    time::timeout,
};

/// What came of it.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stderr: String,
}

/// Starts it; it ends with its owner.
pub(crate) fn starts(args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_chat-loadtest"))
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// Waits until it has ended.
pub(crate) async fn ends(program: Child) -> Ended {
    let output = timeout(PATIENCE, program.wait_with_output())
        .await
        .expect("it ends")
        .unwrap();
    Ended {
        code: output.status.code(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

pub(crate) fn signals(program: &Child, signal: Signal) {
    let pid = program.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    kill_process(pid.expect("it runs"), signal).unwrap();
}

/// The record that it wrote.
pub(crate) fn report(path: &Path) -> Report {
    json::read(&std::fs::read_to_string(path).unwrap()).unwrap()
}

const PATIENCE: Duration = Duration::from_secs(20);
