//! The flows of the program, one for each command.

mod capacity;
mod prepare;
mod records;
mod run;
mod spares;
mod stdout;
mod telling;
mod watch;
mod worker;

use crate::cli::{Cli, Command};
use tokio_util::sync::CancellationToken;

/// Does what the command line says; the exit code.
///
/// # Errors
/// When it could not: exit code 2.
pub async fn run(cli: Cli, stop: &CancellationToken) -> anyhow::Result<u8> {
    let told = Told {
        quiet: cli.quiet,
        color: cli.color,
    };
    match cli.command {
        Command::Run(args) => run::run(&args, told, stop).await,
        Command::Capacity(args) => capacity::run(&args, told, stop).await,
        Command::Compare(args) => records::compare(&args, told),
        Command::Merge(args) => records::merge(&args, told),
        Command::Scale(args) => records::scale(&args),
        Command::Worker(args) => worker::run(&args, told, stop).await,
    }
}

/// How people are told.
#[derive(Debug, Clone, Copy)]
struct Told {
    quiet: bool,
    color: clap::ColorChoice,
}
