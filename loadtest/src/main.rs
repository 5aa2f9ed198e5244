//! The command line: errors, signals and the exit code. The flows are in the library.

use std::process::ExitCode;

use chat_fixtures::output::says;
use chat_loadtest::{cli::Cli, flow};
use clap::Parser;
use tokio_util::sync::CancellationToken;

// Goose and the REST requests need one thread; connections have threads of their own.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let stop = CancellationToken::new();
    let ended = match stops_when_told(stop.clone()) {
        Ok(()) => Box::pin(flow::run(cli, &stop)).await,
        Err(error) => Err(error.into()),
    };
    ended.map_or_else(
        |error| {
            says(&format!("chat-loadtest: {error:#}"));
            ExitCode::from(COULD_NOT_RUN)
        },
        ExitCode::from,
    )
}

/// The first Ctrl-C (or SIGTERM) ends the run in order, the second one at once. It is set up before Goose, which
/// would otherwise end the program with a code that means something else here.
fn stops_when_told(stop: CancellationToken) -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(move || {
        if stop.is_cancelled() {
            says("ended at once: no report, and the chats that were made stay on the server");
            std::process::exit(i32::from(COULD_NOT_RUN));
        }
        says(
            "stopping: what is under way is waited for, and the chats are deleted; once more ends it at once, and they \
             stay",
        );
        stop.cancel();
    })
}

const COULD_NOT_RUN: u8 = 2;
