//! The command line: errors, signals and the exit code. The flow of a run is in the library.

use std::process::ExitCode;

use chat_conformance::{
    chaos,
    cli::{Cli, Command, Diff},
    diff, flow,
    matrix::{self, Matrix},
};
use chat_fixtures::{output::says, userinfo};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> ExitCode {
    let mut cli = Cli::of_this_program();
    let ended = match cli.command.take() {
        Some(Command::Chaos(args)) => chaos::run(args).await,
        Some(Command::Diff(args)) => comparison(&args).await,
        Some(Command::Faults(args)) => faults(&args).await,
        None => conformance(&cli).await,
    };
    ended.unwrap_or_else(|error| {
        says(&format!(
            "chat-conformance: {}",
            userinfo::hidden(&format!("{error:#}"))
        ));
        ExitCode::from(COULD_NOT_RUN)
    })
}

async fn conformance(cli: &Cli) -> anyhow::Result<ExitCode> {
    let stop = stops_when_told()?;
    Box::pin(flow::run(cli, &stop)).await.map(ExitCode::from)
}

async fn comparison(args: &Diff) -> anyhow::Result<ExitCode> {
    let stop = stops_when_told()?;
    Box::pin(diff::run(args, &stop)).await.map(ExitCode::from)
}

async fn faults(args: &Matrix) -> anyhow::Result<ExitCode> {
    let stop = stops_when_told()?;
    Box::pin(matrix::run(args, &stop)).await.map(ExitCode::from)
}

/// The first Ctrl-C (or SIGTERM) cancels this, for the run to end in order; the second one ends it at once.
fn stops_when_told() -> std::io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let told = stop.clone();
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
            if told.is_cancelled() {
                flow::abandon();
                std::process::exit(i32::from(INCOMPLETE));
            }
            says("stopping: chats are being removed; once more ends it at once");
            told.cancel();
        }
    });
    Ok(stop)
}

const COULD_NOT_RUN: u8 = 2;
const INCOMPLETE: u8 = 3;
