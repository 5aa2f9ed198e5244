//! Starts the server; errors are one sentence on stderr and exit code 1 (2 for the command line).

use std::io::Write;
use std::process::ExitCode;

use chat_reference_server::config::Config;
use chat_reference_server::server::Server;
use tokio::signal::unix::{SignalKind, signal};
use tracing::Level;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

fn main() -> ExitCode {
    let config = Config::from_command_line();
    if let Err(error) = config.validate() {
        eprintln!("error: {error}");
        return ExitCode::from(2);
    }
    if config.check {
        return ExitCode::SUCCESS;
    }
    match run(&config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// One thread runs every connection, as in the processes of the original: more cores are for more
/// processes. Hashing, reading and writing the store have threads of their own.
fn run(config: &Config) -> anyhow::Result<()> {
    log(config)?;
    raise_file_limit();
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            // Before anybody can know that there is someone to ask to end.
            let (mut terminate, mut interrupt, mut hangup) = (
                signal(SignalKind::terminate())?,
                signal(SignalKind::interrupt())?,
                signal(SignalKind::hangup())?,
            );
            if config.has_weak_secret() {
                tracing::warn!("the secret key is short: anybody who guesses it can be anybody");
            }
            let server = Server::bind(config).await?;
            let mut stdout = std::io::stdout();
            writeln!(stdout, "listening on http://{}", server.address()?)?;
            stdout.flush()?;
            if let Some(admin) = server.admin_address()? {
                tracing::info!(%admin, "the operator's listener is ready");
            }
            if config.redis.is_none() {
                tracing::info!(
                    "in-memory channel layer: messages reach the connections of this process only"
                );
            }
            server
                .run(async move {
                    tokio::select! {
                        _ = terminate.recv() => {}
                        _ = interrupt.recv() => {}
                        _ = hangup.recv() => {}
                    }
                })
                .await;
            Ok(())
        })
}

fn log(config: &Config) -> anyhow::Result<()> {
    // Whatever the filter says.
    let kept = filter_fn(|of| {
        let talks = TALKATIVE.iter().any(|name| of.target().starts_with(name));
        *of.level() <= Level::INFO || !talks
    });
    let log = tracing_subscriber::registry()
        .with(config.log_filter()?)
        .with(kept);
    let lines = layer().with_writer(std::io::stderr);
    if config.log_json {
        log.with(lines.json()).init();
    } else {
        let ansi = std::io::IsTerminal::is_terminal(&std::io::stderr());
        log.with(lines.with_ansi(ansi)).init();
    }
    Ok(())
}

/// The libraries that write down, in all that is less than `info`, what people say and the keys of their sessions.
const TALKATIVE: [&str; 2] = ["tungstenite", "tokio_postgres"];

/// As many connections as the system allows, not as many as shells allow by default.
fn raise_file_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "cannot raise the limit of open files");
    }
}
